/**
 * The files of another tree than our own. Every link is resolved inside the tree, component by component, and what is read is
 * what stood there then, whatever somebody who lives in the tree puts in its place meanwhile.
 */
import { closeSync, constants, openSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

import { failed, found, type Failure, type Reading } from '../reading.ts';
import type { Files } from './answer.ts';
import { failureOfError } from './errno.ts';
import { lookOf } from './file-list.ts';
import * as files from './files.ts';
import { containerResolver, guardedResolver, NeedsServer } from './guard.ts';
import type { Resolver } from './resolve.ts';

export interface Tree {
  /** What `/` means: '' for this machine's own. */
  readonly top: string;
  readonly resolver: Resolver;
  /** Lets the handle go; afterwards nothing can be read. */
  readonly close: () => void;
}

/**
 * /proc/PID/root of a container leads into its mount namespace, and calls itself `/`, which by name is this machine's own. What
 * belongs to other mounts than its name does is therefore held by a handle.
 */
function treeOf(directory: string): Reading<Tree> {
  const real = realpathSync(directory);
  const fd = openSync(directory, O_PATH | constants.O_DIRECTORY);
  const isNamed = mountIdOf(fd) === withHandle(real, mountIdOf);
  if (isNamed) {
    closeSync(fd);
    const top = real === '/' ? '' : real;
    return found({ top, resolver: guardedResolver(top), close: () => undefined });
  }
  const pid = /^\/proc\/([0-9]+)\/root$/.exec(resolve(directory))?.[1];
  const top = `/proc/self/fd/${fd}`;
  const close = (): void => {
    closeSync(fd);
  };
  if (pid !== undefined) return found({ top, resolver: containerResolver(top, pid), close });
  close();
  return failed(
    'failed',
    directory,
    'it is in another mount namespace, of which only /proc/PID/root is read',
  );
}

/** Two mount namespaces have no mount in common (mnt_id in proc_pid_fdinfo(5), from Linux 3.15 on). */
function mountIdOf(fd: number): string | null {
  return /^mnt_id:\s*([0-9]+)$/m.exec(files.glance(`/proc/self/fdinfo/${fd}`, 256) ?? '')?.[1] ?? null;
}

function withHandle<T>(path: string, ask: (fd: number) => T): T {
  const fd = openSync(path, O_PATH | constants.O_DIRECTORY);
  try {
    return ask(fd);
  } finally {
    closeSync(fd);
  }
}

/** The tree that begins at a directory, or why it cannot be entered. */
export function treeAt(directory: string): Reading<Tree> {
  try {
    return treeOf(directory);
  } catch (error) {
    return failureOfError(directory, error);
  }
}

/**
 * Answers the primitive questions from a tree; where there is none, with why not.
 *
 * @param prefix what paths begin with that the tree knows nothing of
 */
export function filesUnder(tree: Reading<Tree>, prefix: string): Files {
  const inside = <T>(path: string, follow: boolean, read: (real: string) => Reading<T>): Reading<T> => {
    if (!tree.ok) return { ...tree, path };
    const real = realPath(tree.value, path, follow);
    if (typeof real !== 'string') return real;
    const reading = pinned(tree.value.top, real, follow, read);
    return reading.ok ? reading : { ...reading, path };
  };
  /** Who lives there decides what stands under a name, and of the kernel's files some do something when they are read. */
  const insideFile = <T>(path: string, read: (real: string) => Reading<T>): Reading<T> =>
    inside(path, true, (real) =>
      prefix !== '' && files.isOfKernel(real) ? failed('wrongType', path) : read(real),
    );
  const realPath = ({ resolver }: Tree, path: string, follow: boolean): string | Failure => {
    try {
      const real = resolver.resolve(path.slice(prefix.length), follow);
      return real ?? failed('wrongType', path, 'links in a circle');
    } catch (error) {
      if (!(error instanceof NeedsServer)) throw error;
      // A blocked read could not be timed out, and a child would follow links out of the tree.
      const where = prefix === '' ? 'under --root' : 'in the mount namespace of a process';
      return failed('failed', path, `${where}, ${error.mount.type} file systems are not read`);
    }
  };
  return {
    bytes: (path, max, part) => insideFile(path, (real) => files.readBytes(real, max, part)),
    lines: (path, containing, max) => insideFile(path, (real) => files.readLines(real, containing, max)),
    list: (path) => inside(path, true, files.listDirectory),
    stat: (path, follow) => inside(path, follow, (real) => files.readStat(real, follow)),
    look: (path) =>
      lookOf(
        path,
        inside(path, false, (real) => files.readStat(real, false)),
      ),
    link: (path) => inside(path, false, files.readLink),
    statfs: (path) => inside(path, true, files.readStatfs),
    fifo: (path) => inside(path, true, files.probeFifo),
    isPrivileged: process.geteuid?.() === 0,
    glance: (path, max) => {
      const reading = inside(path, true, (real) => files.readBytes(real, max, 'head'));
      return reading.ok ? Buffer.from(reading.value.bytes).toString('latin1') : null;
    },
  };
}

const { O_PATH } = files;

/**
 * Reads what stands at a real path now, and nothing that a link leads to. Between resolving a path and opening it, a container that
 * runs from this tree could put a link to a file of this machine in its place.
 *
 * @param isOpened true: `read` gets the thing itself; else its name in its directory, for those that do not follow links
 */
function pinned<T>(
  top: string,
  real: string,
  isOpened: boolean,
  read: (path: string) => Reading<T>,
): Reading<T> {
  const names = real
    .slice(top.length)
    .split('/')
    .filter((name) => name !== '');
  const last = isOpened ? undefined : names.pop();
  let fd = -1;
  try {
    fd = openSync(top === '' ? '/' : top, O_PATH | constants.O_DIRECTORY);
    for (const name of names) {
      const next = openSync(handle(fd, name), O_PATH | constants.O_NOFOLLOW);
      closeSync(fd);
      fd = next;
    }
    return read(handle(fd, last));
  } catch (error) {
    return failureOfError(real, error);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}

function handle(fd: number, name: string | undefined): string {
  return name === undefined ? `/proc/self/fd/${fd}` : `/proc/self/fd/${fd}/${name}`;
}
