/** Commands that see another /proc than the tests do. */
import { release } from 'node:os';
import type { Need } from './lab.ts';
import { runPlugin, type Ran, type RunOptions } from './process.ts';

export const HIDEPID: readonly Need[] = ['root', 'unshare', 'mount', 'setpriv'];

/** How the kernel counts them (proc(5)): `noaccess` closes the folders of other users' processes, `invisible` hides them too. */
const LEVEL = { noaccess: '1', invisible: '2' } as const;

export interface HidepidOptions extends Omit<RunOptions, 'uid' | 'gid'> {
  readonly uid: number;
  readonly gid: number;
  readonly hidepid: keyof typeof LEVEL;
}

/** Runs a command as another user in a mount namespace of its own, whose /proc is mounted with `hidepid`. */
export async function hidepid(
  argv: readonly string[],
  { uid, gid, hidepid, ...options }: HidepidOptions,
): Promise<Ran> {
  // Before Linux 5.8 the option belonged to the pid namespace: the /proc of everybody would change.
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < 5 || (major === 5 && minor < 8))
    throw new Error(`hidepid needs Linux 5.8, this is ${release()}`);
  const script = `mount -t proc -o hidepid=${LEVEL[hidepid]} proc /proc && exec setpriv --reuid ${uid} --regid ${gid} --clear-groups -- "$@"`;
  return await runPlugin(['unshare', '-m', 'sh', '-c', script, 'sh', ...argv], [], options);
}
