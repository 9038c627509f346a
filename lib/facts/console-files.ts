/** The questions for files that may be console logs, and what comes of them: each file once, in a fixed order. */
import { files as filesOf, list, stat, type FoundFile, type FoundFiles, type Stat } from '../host/ask.ts';
import { found, type Failure, type Reading } from '../reading.ts';
import type { Batch } from './batch.ts';
import { logOf } from './rotated.ts';

/** Files as they come in: regular ones, links, and what could not be looked at. There can be ten thousand. */
export class LogFiles {
  readonly #inodes = new Map<number, Set<number>>();
  /** A file on each device, by its number. */
  readonly byDevice = new Map<number, string>();
  readonly all: FoundFile[] = [];
  readonly links: string[] = [];
  readonly unseen: Failure[] = [];

  addAll(reading: Reading<FoundFiles>): void {
    if (!reading.ok) {
      this.unseen.push(reading);
      return;
    }
    this.unseen.push(...reading.value.unlisted);
    for (const path of reading.value.links) this.#addLink(path);
    for (const file of reading.value.found) this.#addFile(file);
  }

  /** A directory, device or socket is no log. */
  add(path: string, reading: Reading<Stat>): void {
    // Never made yet, or rotated away since it was listed.
    if (!reading.ok && (reading.why === 'absent' || reading.why === 'vanished')) return;
    if (!reading.ok) this.unseen.push(reading);
    else if (reading.value.type === 'link') this.#addLink(path);
    else if (reading.value.type === 'file') {
      const { sizeBytes, allocatedBytes, device, inode } = reading.value;
      this.#addFile({ path, sizeBytes, allocatedBytes, device, inode });
    }
  }

  #addLink(path: string): void {
    if (!this.links.includes(path)) this.links.push(path);
  }

  /** A second name of a file that is known already says nothing new. */
  #addFile(file: FoundFile): void {
    let inodes = this.#inodes.get(file.device);
    if (inodes === undefined) {
      this.#inodes.set(file.device, (inodes = new Set()));
      this.byDevice.set(file.device, file.path);
    }
    if (inodes.size < inodes.add(file.inode).size) this.all.push(file);
  }
}

/** All that match one of the globs; the regular files among them. */
export function askGlobs(
  batch: Batch,
  files: LogFiles,
  ...globs: readonly string[]
): () => readonly FoundFile[] {
  const answer = batch.add(filesOf(...globs));
  return () => {
    const seen = answer();
    files.addAll(seen);
    return seen.ok ? seen.value.found : [];
  };
}

/** One file that a guest names, and the names beside it: its rotated ones may be there. */
export function askNamed(batch: Batch, files: LogFiles, paths: readonly string[]): () => readonly string[] {
  const looks = paths.map((path) => ({ path, answer: batch.add(stat(path)) }));
  const folders = [...new Set(paths.map((path) => folderOf(path)))];
  const lists = folders.map((folder) => ({ folder, answer: batch.add(list(folder)) }));
  return () => {
    for (const { path, answer } of looks) files.add(path, answer());
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
    for (const { path, answer } of looks) files.add(path, answer());
  };
}

/** The directory that a path is in. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}
