/**
 * The lab brings up real components for tests: qemu, libvirtd, Icinga, FUSE. What a test needs and the machine lacks is
 * told by name: as the name of a skipped test, and with CI=true as a failure, because there the lab is installed first
 * (tools/lab-install.mjs).
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, onTestFinished } from 'vitest';

/** A program by name, a device or other path (`/dev/fuse`), or `root`. */
export type Need = string;

/** The search path of the lab: daemons and mount tools are not on the PATH of every user. */
export const LAB_PATH = [
  ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
].join(delimiter);

// No package brings virtualisation to a machine without it, so its lack is no fault of the lab even in CI.
const HARDWARE: readonly Need[] = ['/dev/kvm'];

/**
 * A `describe` whose tests need real components. Where something is missing its tests are skipped, with the reason in
 * the name; with CI=true one test fails with the reason in their place.
 */
export function lab(needs: readonly Need[], name: string, body: () => void): void {
  const missing = missingOf(needs);
  if (missing.length === 0) {
    describe(name, body);
    return;
  }
  const reason = whyNot(missing);
  const excused = missing.every((need) => HARDWARE.includes(need));
  if (process.env['CI'] === 'true' && !excused) {
    describe(name, () => {
      it('has all that it needs', () => {
        throw new Error(reason);
      });
      describe.skip(`the tests that need it`, body);
    });
    return;
  }
  describe.skip(`${name} (skipped: ${reason})`, body);
}

/** Those of `needs` that this machine does not have. */
export function missingOf(needs: readonly Need[]): readonly Need[] {
  return needs.filter((need) => {
    if (need === 'root') return process.getuid?.() !== 0;
    return need.startsWith('/') ? !existsSync(need) : findProgram(need) === null;
  });
}

/** One line: what is missing, and which package would bring it. */
export function whyNot(missing: readonly Need[]): string {
  const packages = packagesOf();
  const parts = missing.map((need) => {
    const from = packages.get(need);
    return from === undefined ? need : `${need} of the package ${from}`;
  });
  const installable = missing.some((need) => packages.has(need));
  return `needs ${parts.join(', ')}${installable ? ', LAB=install installs it' : ''}`;
}

/** The full path of a program on LAB_PATH, or null where there is none. */
export function findProgram(name: string): string | null {
  const candidates = name.includes('/')
    ? [name]
    : LAB_PATH.split(delimiter).map((folder) => join(folder, name));
  return candidates.find(isExecutable) ?? null;
}

/** A new directory that other users can read and that is removed after the test file, whatever owner its files have by then. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'lab-'));
  chmodSync(path, 0o755);
  atFileEnd(() => {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  });
  return path;
}

/**
 * The first answer of `ask` that is something (not undefined, null or false). Asked again every `everyMs`; after
 * `seconds` an error that says `what` was waited for. What `ask` throws ends the waiting.
 */
export async function until<T>(
  ask: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  { seconds, what, everyMs = 25 }: { seconds: number; what: string | (() => string); everyMs?: number },
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) {
      throw new Error(`waited ${seconds} s in vain: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(everyMs);
  }
}

/** What the promise gives, or undefined where that takes longer than `seconds`. */
export async function atMost<T>(seconds: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

type Undo = () => void | Promise<void>;
const undone: Undo[] = [];

/** Undo when the running test has finished, passed or not; outside of a test, after the file. */
export function atEnd(undo: Undo): void {
  try {
    onTestFinished(undo);
  } catch {
    // vitest throws outside of a test: the component was started in beforeAll and lives as long as the file.
    atFileEnd(undo);
  }
}

/** Undo after all tests of the file, the latest first. */
export function atFileEnd(undo: Undo): void {
  undone.push(undo);
}

/** All that is to be undone at the end of the test file; test/setup.ts has it run after the file's own hooks. */
export async function undoAll(): Promise<void> {
  const errors: unknown[] = [];
  for (let undo = undone.pop(); undo !== undefined; undo = undone.pop()) {
    try {
      await undo();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the lab was not cleaned up');
}

/** Which package brings a program, from packages.txt: `PACKAGE # PROGRAM...: what for`. */
function packagesOf(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('packages.txt', import.meta.url), 'utf8');
  const result = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, programs] = /^(\S+)\s+#([^:]*):/.exec(line) ?? [];
    if (name === undefined || programs === undefined || name === '#') continue;
    for (const program of programs.trim().split(/\s+/)) result.set(program, name);
  }
  return result;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
