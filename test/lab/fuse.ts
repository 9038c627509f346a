/** A real FUSE file system whose server can be made to hang, as an NFS or cluster file system does when its server is away. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { atEnd, until, type Need } from './lab.ts';
import { sleepsIn, stateOf } from './proc.ts';
import { runPlugin, spawnProcess, untilUp } from './process.ts';

export const FUSE: readonly Need[] = ['root', '/dev/fuse', 'bindfs', 'umount', 'setpriv'];

export interface HungMount {
  /** Where it is mounted. */
  readonly path: string;
  /** The directory behind it, which never hangs. */
  readonly source: string;
  /** From here on whoever touches it waits. */
  hang(): Promise<void>;
  /** Those who wait get their answer. */
  heal(): Promise<void>;
  unmount(): Promise<void>;
}

/** A mount below `folder` that works at first; `files` are names (with folders) and contents. */
export async function hungMount(
  folder: string,
  files: Readonly<Record<string, string>> = {},
): Promise<HungMount> {
  const base = mkdtempSync(join(folder, 'fuse-'));
  const source = join(base, 'source');
  const path = join(base, 'mount');
  mkdirSync(source);
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), content);
  }
  // Names and attributes are not to be kept by the kernel: it would answer for a server that hangs.
  const options = 'attr_timeout=0,entry_timeout=0,negative_timeout=0';
  const server = spawnProcess(['bindfs', '-f', '-o', options, source, path]);
  const unmount = async (): Promise<void> => {
    // The server first: without it the kernel fails what still waits (ENOTCONN), and nothing can hold the mount.
    signal(server.pid, 'SIGKILL');
    await server.ended;
    if (isMounted(path)) await runPlugin(['umount', '-l', path]);
  };
  atEnd(unmount);
  await untilUp(server, () => isMounted(path), { seconds: 20, what: `bindfs on ${path}` });
  return {
    path,
    source,
    async hang() {
      signal(server.pid, 'SIGSTOP');
      await until(() => stateOf(server.pid) === 'T', { seconds: 10, what: 'bindfs to stop' });
    },
    async heal() {
      signal(server.pid, 'SIGCONT');
      await until(() => stateOf(server.pid) !== 'T', { seconds: 10, what: 'bindfs to go on' });
    },
    unmount,
  };
}

/** Whether a process sleeps in the kernel until a FUSE server answers (request_wait_answer in fs/fuse/dev.c). */
export function waitsForFuse(pid: number): boolean {
  return sleepsIn(pid) === 'request_wait_answer';
}

function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH: it has ended already.
  }
}
