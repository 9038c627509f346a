/** What /proc tells the tests about the processes that they have started. */
import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process has ended: a zombie has, it is only not reaped yet. */
export function isGone(pid: number): boolean {
  return ['', 'Z', 'X'].includes(stateOf(pid));
}

/** The state as a letter (proc(5), /proc/PID/stat): R, S, D, T, Z...; '' where there is no such process. */
export function stateOf(pid: number): string {
  const stat = read(pid, 'stat');
  // The name in parentheses may itself hold parentheses and blanks: the state follows the last one.
  return stat === '' ? '' : stat.charAt(stat.lastIndexOf(')') + 2);
}

/** The arguments of a process, as /proc/PID/cmdline has them; empty where it is gone. */
export function cmdlineOf(pid: number): readonly string[] {
  return read(pid, 'cmdline').split('\0').slice(0, -1);
}

/**
 * The function of the kernel that a process sleeps in, as /proc/PID/wchan has it; '' where it runs, is gone, or the
 * kernel does not tell.
 */
export function sleepsIn(pid: number): string {
  const symbol = read(pid, 'wchan').trim();
  return symbol === '0' ? '' : symbol;
}

/** How many threads a process has, 0 where it is gone. */
export function threadsOf(pid: number): number {
  return threadIdsOf(pid).length;
}

/** The ids of a process's threads, its own first; none where it is gone. */
export function threadIdsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // ENOENT or ESRCH: it has ended; while it is being read, too.
    return '';
  }
}
