/** What a process runs: its executable where that may be read, else the first word of its command line. */
import { anyMatcher } from '../glob.ts';
import type { Files } from './answer.ts';

/** The kernel keeps 15 bytes of a name (TASK_COMM_LEN, include/linux/sched.h). */
const COMM_LENGTH = 15;

/** What one process runs, with as few system calls as possible: there can be many thousands. */
export class ProgramFinder {
  readonly #files: Pick<Files, 'link' | 'glance' | 'stat'>;
  readonly #isProgram: (baseName: string) => boolean;
  readonly #beginnings: readonly string[];

  constructor(files: Pick<Files, 'link' | 'glance' | 'stat'>, programs: readonly string[]) {
    this.#files = files;
    this.#isProgram = anyMatcher(programs);
    this.#beginnings = programs.map((program) => (/^[^*?]*/.exec(program)?.[0] ?? '').slice(0, COMM_LENGTH));
  }

  programOf(pid: number): { readonly name: string } | 'undecided' | null {
    const executable = this.#files.link(`/proc/${pid}/exe`);
    if (executable.ok) return this.#named(baseName(executable.value));
    // No executable: a kernel thread, a zombie, or gone since it was listed.
    if (executable.why === 'absent' || executable.why === 'vanished') return null;
    const stat = this.#files.glance(`/proc/${pid}/stat`, 512);
    // Listed but closed to us (hidepid=1), or gone since.
    if (stat === null) return this.#files.stat(`/proc/${pid}`, false).ok ? 'undecided' : null;
    const end = stat.lastIndexOf(')');
    const comm = stat.slice(stat.indexOf('(') + 1, end);
    // Reading a command line takes the lock of the process's memory: never for one that hangs in the kernel.
    if (stat.charAt(end + 2) === 'D') return this.#looksLike(comm) ? { name: comm } : 'undecided';
    const first = this.#files.glance(`/proc/${pid}/cmdline`, 4096)?.split('\0', 1)[0];
    return first === undefined || first === '' ? null : this.#named(baseName(first));
  }

  #named(name: string): { readonly name: string } | null {
    return this.#isProgram(name) ? { name } : null;
  }

  #looksLike(comm: string): boolean {
    return (
      this.#isProgram(comm) ||
      this.#beginnings.some((text) => comm.length >= COMM_LENGTH && comm.startsWith(text))
    );
  }
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
