/** What a process runs: its executable where that may be read, else the first word of its command line. */
import { anyMatcher, fixedBeginning } from '../glob.ts';
import type { Files } from './answer.ts';

/** The kernel keeps 15 bytes of a name (TASK_COMM_LEN, include/linux/sched.h). */
const COMM_LENGTH = 15;

export interface Program {
  /** Base name of the executable, or of what the process was called by. */
  readonly name: string;
}

/** What is asked to find out what a process runs. */
export type ProcessFiles = Pick<Files, 'link' | 'glance' | 'stat' | 'list'> & {
  /** True: executables of all users can be read, so they are asked first; else only where the name fits. */
  readonly isPrivileged: boolean;
};

/** What one process runs, with as few system calls as possible: there can be many thousands. */
export class ProgramFinder {
  readonly #files: ProcessFiles;
  readonly #minThreads: number;
  readonly #isProgram: (baseName: string) => boolean;
  readonly #beginnings: readonly string[];
  /** Most processes of a host run a handful of executables. */
  readonly #known = new Map<string, Program | null>();

  constructor(files: ProcessFiles, programs: readonly string[], minThreads: number) {
    this.#files = files;
    this.#minThreads = minThreads;
    this.#isProgram = anyMatcher(programs);
    this.#beginnings = programs.map((program) => fixedBeginning(program).slice(0, COMM_LENGTH));
  }

  programOf(pid: number): Program | 'undecided' | null {
    const program = this.#files.isPrivileged ? this.#byExecutable(pid) : undefined;
    // Not `??`: null is the answer of nearly all, and the link is then all that is read of them.
    return program === undefined ? this.#byName(pid) : program;
  }

  /** Undefined: the link does not tell. */
  #byExecutable(pid: number): Program | null | undefined {
    const executable = this.#files.link(`/proc/${pid}/exe`);
    if (executable.ok) return this.#ofPath(executable.value);
    // No executable: a kernel thread, a zombie, or gone since it was listed.
    return executable.why === 'absent' || executable.why === 'vanished' ? null : undefined;
  }

  #byName(pid: number): Program | 'undecided' | null {
    const stat = this.#files.glance(`/proc/${pid}/stat`, 512);
    // Listed but closed to us (hidepid=1), or gone since.
    if (stat === null) return this.#files.stat(`/proc/${pid}`, false).ok ? 'undecided' : null;
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    // One thread less than the programs have: not one of them, whatever it is called by.
    if (threadsOf(stat) < this.#minThreads && !this.#looksLike(comm)) return null;
    const isHanging = hangs(this.#files, pid, stat);
    const first = isHanging ? '' : (this.#files.glance(`/proc/${pid}/cmdline`, 512)?.split('\0', 1)[0] ?? '');
    const byArgument = first === '' ? null : this.#ofPath(first);
    const isNamed = byArgument !== null || this.#looksLike(comm);
    if (!isNamed && !(isHanging && hasMemory(stat))) return null;
    const byExecutable = this.#byExecutable(pid);
    if (byExecutable !== undefined) return byExecutable;
    if (!isNamed) return 'undecided';
    return isHanging ? { name: comm } : byArgument;
  }

  #ofPath(path: string): Program | null {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const name = baseName(path);
    const program = this.#isProgram(name) ? { name } : null;
    this.#known.set(path, program);
    return program;
  }

  #looksLike(comm: string): boolean {
    return (
      this.#isProgram(comm) ||
      this.#beginnings.some((text) => comm.length >= COMM_LENGTH && comm.startsWith(text))
    );
  }
}

/**
 * Whether some thread of the process is in uninterruptible sleep: it may hold the lock of the process's memory, which
 * reading a command line waits for, and no signal or timer ends that waiting.
 *
 * @param stat /proc/PID/stat; the state is its 3rd field, the number of threads its 20th
 */
export function hangs(files: HangFiles, pid: number, stat: string): boolean {
  if (isAsleep(stat)) return true;
  if (threadsOf(stat) <= 1) return false;
  const threads = files.list(`/proc/${pid}/task`);
  return (
    threads.ok &&
    threads.value.some((thread) => isAsleep(files.glance(`/proc/${pid}/task/${thread}/stat`, 512)))
  );
}

/** num_threads of /proc/PID/stat; NaN where it is cut off before. */
function threadsOf(stat: string): number {
  return Number.parseInt(fieldOf(stat, 20), 10);
}

/** A kernel thread has none, nor what ends (vsize, do_task_stat in fs/proc/array.c); both wait for disks at times. */
function hasMemory(stat: string): boolean {
  return fieldOf(stat, 23) !== '0';
}

/** A field after the name, which can hold blanks, is the 2nd. Not split, for this is done thousands of times. */
function fieldOf(stat: string, number: number): string {
  let at = stat.lastIndexOf(')');
  for (let before = 2; before < number; before++) {
    at = stat.indexOf(' ', at + 1);
    if (at < 0) return '';
  }
  const end = stat.indexOf(' ', at + 1);
  return end < 0 ? stat.slice(at + 1) : stat.slice(at + 1, end);
}

export type HangFiles = Pick<Files, 'list' | 'glance'>;

function isAsleep(stat: string | null): boolean {
  return stat !== null && stat.charAt(stat.lastIndexOf(')') + 2) === 'D';
}

/**
 * The base name of an executable: without the directory, without ` (deleted)`, which the kernel adds when the file
 * was replaced, and without the `;57e3f1a2` that rpm adds when it replaces one.
 */
export function baseName(path: string): string {
  let end = path.endsWith(DELETED) ? path.length - DELETED.length : path.length;
  // Regular expressions are left for the rare case: this is done for every process of the host.
  if (path[end - 9] === ';' && /^[0-9a-f]{8}$/.test(path.slice(end - 8, end))) end -= 9;
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}

const DELETED = ' (deleted)';
