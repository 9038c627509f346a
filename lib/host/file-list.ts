import { found, type Failure, type Reading } from '../reading.ts';
import type { FoundFile, FoundFiles, Stat } from './ask.ts';

/** Sorts what matches as it is looked at, so that no more than needed of each is alive at a time. */
export class FileList {
  readonly found: FoundFile[] = [];
  readonly #links: string[] = [];
  readonly #unlisted: Failure[] = [];

  add(path: string, reading: Reading<Stat>): void {
    if (!reading.ok) {
      // Nothing, or a link to itself where a directory could be: no match. It is the directory that is closed, not the file.
      if (reading.why === 'denied') this.#unlisted.push({ ...reading, path: path.replace(/\/[^/]*$/, '') });
      else if (reading.why !== 'absent' && reading.why !== 'wrongType') this.#unlisted.push(reading);
      return;
    }
    const { type, sizeBytes, allocatedBytes, device, inode } = reading.value;
    if (type === 'link') this.#links.push(path);
    if (type === 'file') this.found.push({ path, sizeBytes, allocatedBytes, device, inode });
  }

  /** @param unlisted directories; one that several globs lead to counts once */
  with(unlisted: readonly Failure[]): Reading<FoundFiles> {
    const once = new Map([...unlisted, ...this.#unlisted].map((failure) => [failure.path, failure]));
    return found({ found: this.found, links: this.#links, unlisted: [...once.values()] });
  }
}
