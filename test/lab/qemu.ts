/** A real qemu, emulated (TCG) and paused before its first instruction: its process is what the tests look at. */
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './lab.ts';
import { cmdlineOf, isGone, spawnProcess, type Running, type SpawnOptions } from './process.ts';

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
  const ready = until(() => cmdlineOf(qemu.pid).join('\0') === wanted && inMainLoop(qemu.pid), {
    seconds: 30,
    what: () => `qemu ${qemu.pid} at its main loop\n${qemu.output()}`,
  });
  const early = qemu.ended.then(({ code, signal }) => {
    throw new Error(`qemu ended with ${String(signal ?? code)}: ${qemu.output()}`);
  });
  await Promise.race([ready, early]);
  // The same promise rejects when the guest is ended later, as it should be.
  early.catch(() => undefined);
  return qemu;
}

/**
 * qemu begins to poll when everything is set up (main_loop_wait in util/main-loop.c); until then its main thread runs,
 * or sleeps elsewhere. By then there are the threads of the CPUs, too.
 */
function inMainLoop(pid: number): boolean {
  if (isGone(pid)) return false;
  try {
    const threads = readdirSync(`/proc/${pid}/task`).length;
    return threads >= 3 && readFileSync(`/proc/${pid}/wchan`, 'latin1').includes('poll');
  } catch {
    return false;
  }
}
