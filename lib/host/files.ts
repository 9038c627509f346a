/**
 * The primitive questions, answered by this machine's own files, synchronously: a promise per file would cost twice
 * the time and memory. Nothing here may be asked of a file system that can hang; `local.ts` sees to that.
 *
 * Longer than usual: it treats each kind of question, and each against whoever changes what it looks at.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
  type Stats,
} from 'node:fs';

import { failed, found, type Failure, type Reading } from '../reading.ts';
import type { BytesQuestion, Content, Stat, Statfs } from './ask.ts';
import { failureOfError } from './errno.ts';
import { searchLines } from './search.ts';

/** O_NONBLOCK: should a file turn into a FIFO between stat and open, opening it still returns at once. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const WRITE = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** O_PATH of open(2): a handle of the name itself, and nothing is opened; node has no word for it. */
export const O_PATH = 0o10000000;

const QUIET = { throwIfNoEntry: false } as const;

const isRoot = process.geteuid?.() === 0;

const chunk = Buffer.allocUnsafe(64 * 1024);

/**
 * The attributes of devices: plain files of the kernel's own, and no others can be put there. Each is shorter than this, and a
 * read that brings less has brought the rest of it (sysfs_kf_seq_show and sysfs_kf_bin_read in fs/sysfs/file.c).
 */
const ATTRIBUTES = '/sys/class/';
const ATTRIBUTE_BYTES = 4096;

export function readBytes(path: string, max: number, part: BytesQuestion['part']): Reading<Content> {
  const isAttribute = path.startsWith(ATTRIBUTES);
  try {
    // Opening some devices does something (a watchdog starts, a tape rewinds), so look before.
    const likely = isAttribute ? 0 : sizeOfFile(path);
    if (typeof likely !== 'number') return likely;
    const fd = isAttribute ? openSync(path, READ) : openFile(path);
    if (fd === null) return failed('wrongType', path);
    try {
      return readOpen(fd, path, { max, part, whole: isAttribute ? ATTRIBUTE_BYTES : 1, likely });
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return failureOfError(path, error);
  }
}

/** Most that are asked for and cannot be read are not there, and an exception for each would cost ten times the look. */
function sizeOfFile(path: string): number | Failure {
  const stats = statSync(path, QUIET);
  if (stats === undefined) return failed('absent', path);
  return stats.isFile() ? stats.size : failed('wrongType', path);
}

/**
 * Opens what was looked at, and nothing that its owner puts in its place meanwhile: a watchdog that is opened reboots the machine
 * when nobody goes on feeding it, and /proc/kmsg forgets what was read. Null: it is no regular file any more, or a link to one of
 * the kernel's. What the kernel calls so itself cannot be replaced, and other users than root do no harm.
 */
function openFile(path: string): number | null {
  if (!isRoot || path.startsWith('/proc/') || path.startsWith('/sys/')) return openSync(path, READ);
  return held(path, READ, (stats, handle) => {
    // What is in the kernel's has no size of its own.
    const isOdd = stats.size === 0 || stats.size === ATTRIBUTE_BYTES;
    return stats.isFile() && !(isOdd && isOfKernel(handle));
  });
}

/** Opens what `isMeant` has seen; null where that says no. */
function held(
  path: string,
  flags: number,
  isMeant: (stats: Stats, handle: string) => boolean,
): number | null {
  const fd = openSync(path, O_PATH);
  const handle = `/proc/self/fd/${fd}`;
  try {
    return isMeant(fstatSync(fd), handle) ? openSync(handle, flags) : null;
  } catch (error) {
    // Without /proc there is no other way than by the name.
    if (lstatSync(handle, QUIET) === undefined) return openSync(path, flags);
    throw error;
  } finally {
    closeSync(fd);
  }
}

interface Reach extends Pick<BytesQuestion, 'max' | 'part'> {
  /** A read that brings fewer bytes was the last. */
  readonly whole: number;
  /** How many bytes it has, likely: a file of megabytes is then read at once, and not held twice. */
  readonly likely: number;
}

/** Sizes are not believed: files of /proc have 0 and those of /sys 4096, whatever they hold. */
function readOpen(fd: number, path: string, { max, part, whole, likely }: Reach): Reading<Content> {
  const sizeBytes = part === 'tail' ? fstatSync(fd).size : 0;
  const start = sizeBytes > max ? sizeBytes - max : 0;
  const pieces: Buffer[] = [];
  let length = 0;
  let into = likely > chunk.length ? Buffer.allocUnsafeSlow(Math.min(likely, max + 1)) : chunk;
  for (let position = start; length <= max;) {
    const most = Math.min(into.length, max + 1 - length);
    const count = readSync(fd, into, 0, most, start > 0 ? position : null);
    if (count > 0)
      pieces.push(into === chunk ? Buffer.from(into.subarray(0, count)) : into.subarray(0, count));
    into = chunk;
    length += count;
    position += count;
    if (count < whole) break;
  }
  const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  if (length <= max) return found({ bytes, cut: start > 0 });
  if (part === 'whole') return failed('tooBig', path, `more than ${max} bytes`);
  return found({ bytes: part === 'head' ? bytes.subarray(0, max) : bytes.subarray(length - max), cut: true });
}

/** The lines that contain the text, bounded by what they hold together and by what is read to find them. */
export function readLines(path: string, containing: string, max: number): Reading<readonly string[]> {
  try {
    const size = sizeOfFile(path);
    if (typeof size !== 'number') return size;
    const fd = openFile(path);
    if (fd === null) return failed('wrongType', path);
    try {
      return searchLines((into) => readSync(fd, into, 0, into.length, null), path, containing, max);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return failureOfError(path, error);
  }
}

/**
 * The beginning of a file of /proc as text, or null: three system calls and no exception object for the common case
 * of a process that is gone. For scanning; whoever wants to know why asks `readBytes`.
 */
export function glance(path: string, max: number): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY);
  } catch {
    return null;
  }
  try {
    return chunk.toString('latin1', 0, readSync(fd, chunk, 0, max, null));
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

export function listDirectory(path: string): Reading<readonly string[]> {
  try {
    return found(inOrder(readdirSync(path)));
  } catch (error) {
    return failureOfError(path, error);
  }
}

/** The names, sorted in place in the order of `LC_ALL=C`, but for those beyond U+FFFF: there it only has to be always the same. */
export function inOrder(names: string[]): readonly string[] {
  // By UTF-16 units, ten times as fast as with a function that compares.
  return names.sort();
}

export function readStat(path: string, follow: boolean): Reading<Stat> {
  try {
    const stats = follow ? statSync(path, QUIET) : lstatSync(path, QUIET);
    return stats === undefined ? failed('absent', path) : found(statOf(stats));
  } catch (error) {
    return failureOfError(path, error);
  }
}

function statOf(stats: Stats): Stat {
  return {
    type: typeOfMode(stats.mode),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    sizeBytes: stats.size,
    allocatedBytes: stats.blocks * 512,
    links: stats.nlink,
    device: stats.dev,
    inode: stats.ino,
    modifiedAt: Math.floor(stats.mtimeMs / 1000),
    changedAt: Math.floor(stats.ctimeMs / 1000),
  };
}

const TYPE: Readonly<Record<number, Stat['type']>> = {
  [constants.S_IFREG]: 'file',
  [constants.S_IFDIR]: 'directory',
  [constants.S_IFLNK]: 'link',
  [constants.S_IFIFO]: 'fifo',
  [constants.S_IFSOCK]: 'socket',
  [constants.S_IFCHR]: 'character',
  [constants.S_IFBLK]: 'block',
};

/** From st_mode (inode(7)). */
export function typeOfMode(mode: number): Stat['type'] {
  return TYPE[mode & constants.S_IFMT] ?? 'file';
}

export function readLink(path: string): Reading<string> {
  try {
    return found(readlinkSync(path));
  } catch (error) {
    return failureOfError(path, error);
  }
}

export function readStatfs(path: string): Reading<Statfs> {
  try {
    const s = statfsSync(path);
    return found({
      magic: s.type,
      blockBytes: s.bsize,
      blocks: s.blocks,
      free: s.bfree,
      available: s.bavail,
      files: s.files,
      filesFree: s.ffree,
    });
  } catch (error) {
    return failureOfError(path, error);
  }
}

/** As /usr/include/linux/magic.h has them: proc, sysfs, debugfs, tracefs. */
const KERNEL = new Set([0x9fa0, 0x62656572, 0x64626720, 0x74726163]);

/** Whether a path leads to one of the kernel's own file systems, in which reading may do something: /proc/kmsg forgets what was read. */
export function isOfKernel(path: string): boolean {
  return KERNEL.has(statfsSync(path).type);
}

/** Opening a FIFO for writing without waiting succeeds exactly when somebody reads it (fifo(7)); nothing is written. */
export function probeFifo(path: string): Reading<'reader' | 'noReader'> {
  try {
    if (!statSync(path).isFIFO()) return failed('wrongType', path, 'not a FIFO');
    const fd = held(path, WRITE, (stats) => stats.isFIFO());
    if (fd === null) return failed('wrongType', path, 'not a FIFO');
    closeSync(fd);
    return found('reader');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENXIO') return found('noReader');
    return failureOfError(path, error);
  }
}
