/**
 * Another tree's /proc, /sys, /etc, /var: a mounted image, a container's root, a fixture. Every link is resolved inside
 * the tree, component by component, so that an absolute one does not lead to this machine's files. No command is run:
 * it would speak of this machine.
 */
import { closeSync, constants, openSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

import { failed, found, type Failure, type Reading } from '../reading.ts';
import { Answerer, type Files } from './answer.ts';
import type { Answers, Want } from './ask.ts';
import { pause, type Deadline } from './deadline.ts';
import { failureOfError } from './errno.ts';
import { lookOf } from './file-list.ts';
import * as files from './files.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import { identity } from './local.ts';
import { containerResolver, guardedResolver, NeedsServer, serverMountOf } from './guard.ts';
import type { Resolver } from './resolve.ts';

/** The host under `directory`, or why there is none. */
export function openRoot(directory: string, deadline: Deadline): Reading<Host> {
  try {
    const mount = serverMountOf(resolve(directory));
    if (mount !== null)
      return failed('failed', directory, `under --root, ${mount.type} file systems are not read`);
    const fds = files.readStat('/proc/self/fd', true);
    if (!fds.ok) return failed('failed', '/proc', 'under --root, this machine needs its own');
    const listed = files.listDirectory(directory);
    if (!listed.ok) return listed;
    const tree = treeOf(directory);
    return tree.ok ? found(new RootHost(tree.value, deadline)) : tree;
  } catch (error) {
    return failureOfError(directory, error);
  }
}

interface Tree {
  /** What `/` means: '' for this machine's own. */
  readonly top: string;
  readonly resolver: Resolver;
}

/**
 * /proc/PID/root of a container leads into its mount namespace, and calls itself `/`, which by name is this machine's own. What
 * belongs to other mounts than its name does is therefore held by a handle, which is never closed.
 */
function treeOf(directory: string): Reading<Tree> {
  const real = realpathSync(directory);
  const fd = openSync(directory, O_PATH | constants.O_DIRECTORY);
  const isNamed = mountIdOf(fd) === withHandle(real, mountIdOf);
  if (isNamed) {
    closeSync(fd);
    const top = real === '/' ? '' : real;
    return found({ top, resolver: guardedResolver(top) });
  }
  const pid = /^\/proc\/([0-9]+)\/root$/.exec(resolve(directory))?.[1];
  const top = `/proc/self/fd/${fd}`;
  if (pid !== undefined) return found({ top, resolver: containerResolver(top, pid) });
  closeSync(fd);
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

class RootHost implements Host {
  readonly #deadline: Deadline;
  readonly #files: Files;
  readonly #answerer: Answerer;

  constructor(tree: Tree, deadline: Deadline) {
    this.#deadline = deadline;
    this.#files = filesUnder(tree);
    this.#answerer = new Answerer(this.#files, deadline);
  }

  async ask<const W extends Want>(
    want: W,
    { afterSeconds = 0 }: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if (afterSeconds > 0) await pause(afterSeconds, this.#deadline);
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(want)) {
      answers[name] =
        question.op === 'run'
          ? failed('absent', [question.tool, ...question.args].join(' '), 'no command is run under --root')
          : this.#answerer.answer(question);
    }
    return { ...(answers as Answers<W>), now: this.#clock(), who: this.#identity() };
  }

  #clock(): Clock {
    const uptime = Number.parseFloat(this.#files.glance('/proc/uptime', 64) ?? '');
    return {
      epochSeconds: Date.now() / 1000,
      uptimeSeconds: Number.isNaN(uptime) ? null : uptime,
      bootId: this.#files.glance('/proc/sys/kernel/random/boot_id', 64)?.trimEnd() ?? '',
    };
  }

  #identity(): Identity {
    const name =
      this.#files.glance('/proc/sys/kernel/hostname', 256) ?? this.#files.glance('/etc/hostname', 256) ?? '';
    return { ...identity(), nodeName: name.trimEnd() };
  }
}

function filesUnder({ top, resolver }: Tree): Files {
  const inside = <T>(path: string, follow: boolean, read: (real: string) => Reading<T>): Reading<T> => {
    const real = realPath(path, follow);
    if (typeof real !== 'string') return real;
    const reading = pinned(top, real, follow, read);
    return reading.ok ? reading : { ...reading, path };
  };
  const realPath = (path: string, follow: boolean): string | Failure => {
    try {
      return resolver.resolve(path, follow) ?? failed('wrongType', path, 'links in a circle');
    } catch (error) {
      if (!(error instanceof NeedsServer)) throw error;
      // A blocked read could not be timed out, and a child would follow links out of the tree.
      return failed('failed', path, `under --root, ${error.mount.type} file systems are not read`);
    }
  };
  return {
    bytes: (path, max, part) => inside(path, true, (real) => files.readBytes(real, max, part)),
    lines: (path, containing, max) => inside(path, true, (real) => files.readLines(real, containing, max)),
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

/** O_PATH of open(2): a handle of the name itself; node has no word for it. */
const O_PATH = 0o10000000;

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
