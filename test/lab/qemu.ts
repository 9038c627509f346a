/** A real qemu, emulated (TCG) and paused before its first instruction: its process is what the tests look at. */
import type { Need } from './lab.ts';
import { sleepsIn, threadsOf } from './proc.ts';
import { cmdlineOf, spawnProcess, untilUp, type Running, type SpawnOptions } from './process.ts';

export const QEMU: readonly Need[] = ['qemu-system-x86_64', 'setpriv'];

/** Options that every guest of the lab has, unless the test gives its own. */
const USUAL: readonly (readonly string[])[] = [
  ['-S'],
  ['-accel', 'tcg'],
  ['-m', '64'],
  ['-display', 'none'],
  ['-nodefaults'],
  ['-serial', 'null'],
];

/**
 * Starts qemu with `args` (`-name`, `-cpu`...) and waits until its command line is to be seen and its main loop runs, so
 * that it has accepted all of it. Throws with qemu's own words where it has not.
 *
 * @param exe the program, default qemu-system-x86_64; a copy elsewhere finds its firmware in the place it was built for
 */
export async function startQemu({
  args = [],
  exe = 'qemu-system-x86_64',
  ...options
}: { args?: readonly string[]; exe?: string } & SpawnOptions = {}): Promise<Running> {
  const usual = USUAL.filter(([option]) => option === undefined || !args.includes(option)).flat();
  const argv = [exe, ...args, ...usual];
  const qemu = spawnProcess(argv, options);
  const wanted = argv.join('\0');
  await untilUp(qemu, () => cmdlineOf(qemu.pid).join('\0') === wanted && inMainLoop(qemu.pid), {
    seconds: 30,
    what: 'qemu at its main loop',
  });
  return qemu;
}

/**
 * qemu begins to poll when everything is set up (main_loop_wait in util/main-loop.c); until then its main thread runs,
 * or sleeps elsewhere. By then there are the threads of the CPUs, too.
 */
function inMainLoop(pid: number): boolean {
  return threadsOf(pid) >= 3 && sleepsIn(pid).includes('poll');
}
