/**
 * What a check remembers from one run to the next: one small JSON file per check, host and choice of things, below
 * --state-dir. Losing it is no fault (the next run is a first run again); not being able to keep it is said.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import type { Memory } from '../plugin.ts';
import { failed, type Failure } from '../reading.ts';

/** Far more than any check remembers. */
const MAX_BYTES = 4 * 1024 * 1024;

export class MemoryFile {
  readonly path: string;

  /**
   * @param choice what the run was restricted to: two services with different choices must not share a memory
   */
  constructor(directory: string, plugin: string, nodeName: string, choice: unknown) {
    const hash = createHash('sha256').update(JSON.stringify(choice)).digest('hex').slice(0, 8);
    const node = nodeName.replace(/[^A-Za-z0-9.-]/g, '_').slice(0, 100);
    this.path = join(directory, `${plugin}@${node}-${hash}.json`);
  }

  /** Null: there is none, or it is not one that we wrote. */
  read(): Memory | null {
    try {
      // A directory that others may write to must not make us read something else.
      const fd = openSync(this.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        // Looked at before it is read: a file of gigabytes would take as much memory.
        const stat = fstatSync(fd);
        if (!stat.isFile() || stat.size > MAX_BYTES) return null;
        return memoryOf(JSON.parse(readFileSync(fd, 'utf8')));
      } finally {
        closeSync(fd);
      }
    } catch {
      return null;
    }
  }

  /** All of it or nothing: written beside and moved into place, so that runs at the same time do not disturb each other. */
  write(memory: Memory): Failure | null {
    const fresh = `${this.path}.${process.pid}`;
    try {
      makeDirectory(dirname(this.path));
      discard(fresh);
      writeFileSync(fresh, JSON.stringify(memory), { mode: 0o600, flag: 'wx' });
      renameSync(fresh, this.path);
      return null;
    } catch (error) {
      discard(fresh);
      const detail = error instanceof Error && 'code' in error ? String(error.code) : '';
      return failed(detail === 'EACCES' || detail === 'EROFS' ? 'denied' : 'failed', this.path, detail);
    }
  }
}

function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}

/** Only the last folder of the path: told to make all of them, node 20 never returns where the kernel refuses (/proc). */
function makeDirectory(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
}

function memoryOf(json: unknown): Memory | null {
  if (typeof json !== 'object' || json === null) return null;
  const { epochSeconds, bootId, value } = json as Readonly<Record<string, unknown>>;
  return typeof epochSeconds === 'number' && typeof bootId === 'string'
    ? { epochSeconds, bootId, value }
    : null;
}
