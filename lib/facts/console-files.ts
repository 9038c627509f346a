/** The questions for files that may be console logs, and what comes of them: each file once, in a fixed order. */
import { each, list, stat, type Ask, type Matches, type Stat } from '../host/ask.ts';
import { found, type Failure, type Reading } from '../reading.ts';
import type { Batch } from './batch.ts';
import { logOf } from './rotated.ts';

export interface LogFile {
  readonly path: string;
  readonly stat: Stat;
  /** The name of the instance's folder; null: it is in no directory of instances. */
  readonly instance: string | null;
}

/** Files as they come in: regular ones, links, and what could not be looked at. There can be ten thousand. */
export class LogFiles {
  readonly #inodes = new Map<number, Set<number>>();
  readonly all: LogFile[] = [];
  readonly links: string[] = [];
  readonly unseen: Failure[] = [];

  /** A directory, device or socket is no log. A second name of a file that is known already says nothing new. */
  add(path: string, reading: Reading<Stat>, instance: string | null): void {
    if (!reading.ok) {
      // Never made yet, or rotated away since it was listed.
      if (reading.why !== 'absent' && reading.why !== 'vanished') this.unseen.push(reading);
      return;
    }
    const { type, device, inode } = reading.value;
    if (type === 'link' && !this.links.includes(path)) this.links.push(path);
    if (type !== 'file') return;
    let inodes = this.#inodes.get(device);
    if (inodes === undefined) this.#inodes.set(device, (inodes = new Set()));
    if (inodes.size === inodes.add(inode).size) return;
    this.all.push({ path, stat: reading.value, instance });
  }
}

type Seen = Reading<Matches<{ readonly stat: Ask<Reading<Stat>> }>>;

/** All that match a glob. */
export function askGlob(batch: Batch, files: LogFiles, glob: string): () => void {
  const answer = batch.add(each(glob, { stat: stat('') }));
  return () => addMatches(files, answer(), () => null);
}

/** The logs of all instances below a directory: `console.log`, or a rotated one of the same name. */
export function askInstances(batch: Batch, files: LogFiles, root: string, suffix = ''): () => number {
  const answer = batch.add(each(`${root}/*/console.log${suffix}`, { stat: stat('') }));
  const instanceOf = (path: string): string => path.slice(root.length + 1, path.lastIndexOf('/'));
  return () => {
    const seen = answer();
    addMatches(files, seen, instanceOf);
    return seen.ok ? seen.value.found.length : 0;
  };
}

function addMatches(files: LogFiles, seen: Seen, instanceOf: (path: string) => string | null): void {
  if (!seen.ok) {
    files.unseen.push(seen);
    return;
  }
  files.unseen.push(...seen.value.unlisted);
  for (const { path, stat: reading } of seen.value.found) files.add(path, reading, instanceOf(path));
}

/** One file that a guest names, and the names beside it: its rotated ones may be there. */
export function askNamed(batch: Batch, files: LogFiles, paths: readonly string[]): () => readonly string[] {
  const looks = paths.map((path) => ({ path, answer: batch.add(stat(path)) }));
  const folders = [...new Set(paths.map((path) => folderOf(path)))];
  const lists = folders.map((folder) => ({ folder, answer: batch.add(list(folder)) }));
  return () => {
    for (const { path, answer } of looks) files.add(path, answer(), null);
    return lists.flatMap(({ folder, answer }) => {
      const names = answer();
      if (!names.ok && names.why !== 'absent') files.unseen.push(names);
      const wanted = new Set(paths);
      return (names.ok ? names : found([])).value
        .map((name) => `${folder === '/' ? '' : folder}/${name}`)
        .filter((path) => !wanted.has(path) && wanted.has(logOf(path)));
    });
  };
}

/** Files by their paths. */
export function askFiles(batch: Batch, files: LogFiles, paths: readonly string[]): () => void {
  const looks = paths.map((path) => ({ path, answer: batch.add(stat(path)) }));
  return () => {
    for (const { path, answer } of looks) files.add(path, answer(), null);
  };
}

/** The directory that a path is in. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}
