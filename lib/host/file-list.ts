import { lstatSync } from 'node:fs';

import { found, type Failure, type Reading } from '../reading.ts';
import type { FoundFile, FoundFiles, Stat } from './ask.ts';
import { failureOfError } from './errno.ts';
import { typeOfMode } from './files.ts';

/** What is at a name, links not followed; `nothing`: nothing at all, or nothing that a list of files has room for. */
export type Look = FoundFile | 'link' | 'nothing' | Failure;

export function lookOf(path: string, stat: Reading<Stat>): Look {
  if (!stat.ok) return stat;
  const { type, sizeBytes, allocatedBytes, device, inode } = stat.value;
  if (type !== 'file') return type === 'link' ? 'link' : 'nothing';
  return { path, sizeBytes, allocatedBytes, device, inode };
}

const QUIET = { throwIfNoEntry: false } as const;

/** The same of this machine's own file, past `readStat`: where there are ten thousand, each object less shows. */
export function lookAt(path: string): Look {
  try {
    const stats = lstatSync(path, QUIET);
    if (stats === undefined) return 'nothing';
    const type = typeOfMode(stats.mode);
    if (type !== 'file') return type === 'link' ? 'link' : 'nothing';
    const { size, blocks, dev, ino } = stats;
    return { path, sizeBytes: size, allocatedBytes: blocks * 512, device: dev, inode: ino };
  } catch (error) {
    return failureOfError(path, error);
  }
}

/** Sorts what matches a glob as it is looked at, so that no more than needed of each is alive at a time. */
export class FileList {
  readonly found: FoundFile[] = [];
  readonly links: string[] = [];
  readonly unlisted: Failure[] = [];

  add(path: string, look: Look): void {
    if (look === 'nothing') return;
    if (look === 'link') this.links.push(path);
    else if ('inode' in look) this.found.push(look);
    // It is the directory that is closed, not the file.
    else if (look.why === 'denied') this.unlisted.push({ ...look, path: path.replace(/\/[^/]*$/, '') });
    // Nothing, or a link to itself where a directory could be: no match.
    else if (look.why !== 'absent' && look.why !== 'wrongType') this.unlisted.push(look);
  }
}

/** @param unlisted directories; one that several globs lead to counts once */
export function filesOf(lists: readonly FileList[], unlisted: readonly Failure[]): Reading<FoundFiles> {
  const all = [...unlisted, ...lists.flatMap((list) => list.unlisted)];
  return found({
    found: lists.flatMap((list) => list.found),
    links: lists.flatMap((list) => list.links),
    unlisted: [...new Map(all.map((failure) => [failure.path, failure])).values()],
  });
}
