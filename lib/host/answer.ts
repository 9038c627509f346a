/**
 * Answers any question from the primitive ones: `each` and `processes` are loops over directories. Synchronous.
 * The shell program (`sh-program.ts`) does the same on a machine without node; a test holds the two equal.
 */
import { globMatcher, isGlob } from '../glob.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import type {
  BytesQuestion,
  Content,
  EachQuestion,
  LooseAnswers,
  ProcessesQuestion,
  Question,
  Stat,
  Statfs,
  Want,
} from './ask.ts';
import type { Deadline } from './deadline.ts';
import { ProgramFinder } from './program-finder.ts';

/** The primitive questions; `files.ts` has the real ones, a test may have others. */
export interface Files {
  bytes(path: string, max: number, part: BytesQuestion['part']): Reading<Content>;
  list(path: string): Reading<readonly string[]>;
  stat(path: string, follow: boolean): Reading<Stat>;
  link(path: string): Reading<string>;
  statfs(path: string): Reading<Statfs>;
  fifo(path: string): Reading<'reader' | 'noReader'>;
  /** Whether executables of other users' processes can be read (ptrace access, proc(5)). */
  readonly isPrivileged: boolean;
  /** The beginning of a file of /proc, null where there is nothing to be had. */
  glance(path: string, max: number): string | null;
}

export interface LooseMatches {
  readonly found: readonly ({ readonly path: string } & LooseAnswers)[];
  readonly unlisted: readonly Failure[];
}

export interface LooseProcesses {
  readonly found: readonly ({ readonly pid: number; readonly program: string } & LooseAnswers)[];
  readonly scanned: number;
  readonly undecided: readonly number[];
}

export class Answerer {
  readonly #files: Files;
  readonly #deadline: Deadline;

  constructor(files: Files, deadline: Deadline) {
    this.#files = files;
    this.#deadline = deadline;
  }

  answer(question: Exclude<Question, { op: 'run' }>): unknown {
    const files = this.#files;
    const place =
      question.op === 'each' ? question.glob : question.op === 'processes' ? '/proc' : question.path;
    this.#deadline.stage = `reading ${place}`;
    if (this.#deadline.passed()) return failed('timedOut', place);
    switch (question.op) {
      case 'bytes':
        return files.bytes(question.path, question.max, question.part);
      case 'list':
        return files.list(question.path);
      case 'stat':
        return files.stat(question.path, question.follow);
      case 'link':
        return files.link(question.path);
      case 'statfs':
        return files.statfs(question.path);
      case 'fifo':
        return files.fifo(question.path);
      case 'each':
        return this.#each(question);
      case 'processes':
        return this.#processes(question);
    }
  }

  answerAt(base: string, want: Want): LooseAnswers {
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(want)) {
      answers[name] = this.answer(placeUnder(base, question));
    }
    return answers;
  }

  #each(question: EachQuestion): Reading<LooseMatches> {
    const unlisted: Failure[] = [];
    const paths = this.#expand(question.glob, unlisted);
    const matches: LooseMatches['found'][number][] = [];
    for (const path of paths) {
      if (this.#deadline.passed())
        return failed('timedOut', question.glob, `after ${matches.length} matches`);
      matches.push({ path, ...this.answerAt(path, question.want) });
    }
    return found({ found: matches, unlisted });
  }

  #expand(glob: string, unlisted: Failure[]): readonly string[] {
    let paths = [''];
    for (const part of glob.split('/').slice(1)) {
      paths = isGlob(part)
        ? paths.flatMap((path) => this.#entries(path, part, unlisted))
        : paths.map((path) => `${path}/${part}`);
    }
    return paths.filter((path) => {
      const reading = this.#files.stat(path, false);
      if (!reading.ok && reading.why !== 'absent') unlisted.push(reading);
      return reading.ok;
    });
  }

  #entries(directory: string, glob: string, unlisted: Failure[]): string[] {
    const names = this.#files.list(directory === '' ? '/' : directory);
    // A directory may be listed by one who may not enter it: then the names are of no use.
    const entered = names.ok ? this.#files.stat(`${directory}/.`, false) : names;
    if (!names.ok || !entered.ok) {
      const why = entered.ok ? 'failed' : entered.why;
      // Nothing, a file, or a link to itself where a directory could be: no match. Anything else is not knowing.
      if (why !== 'absent' && why !== 'wrongType') unlisted.push(failed(why, directory));
      return [];
    }
    const matches = globMatcher(glob);
    const paths: string[] = [];
    for (const name of names.value) {
      if (name.startsWith('.') !== glob.startsWith('.') || !matches(name)) continue;
      const path = `${directory}/${name}`;
      if (name.includes('\uFFFD')) unlisted.push(failed('failed', path, 'its name is not UTF-8'));
      else paths.push(path);
    }
    return paths;
  }

  #processes(question: ProcessesQuestion): Reading<LooseProcesses> {
    const scan = this.scan(question);
    if (!scan.ok) return scan;
    const processes = scan.value.found.map((process) => ({
      ...process,
      ...this.answerAt(`/proc/${process.pid}`, question.want),
    }));
    return found({ ...scan.value, found: processes.filter((process) => this.#lives(process)) });
  }

  /** Which processes run one of the programs, without the answers to `want`. */
  scan(question: ProcessesQuestion): Reading<LooseProcesses> {
    const names = this.#files.list('/proc');
    if (!names.ok) return names;
    const pids = names.value.filter((name) => /^[0-9]+$/.test(name)).map(Number);
    const threads = this.#kernelThreads();
    const runs = new ProgramFinder(this.#files, question.programs);
    const processes: { pid: number; program: string }[] = [];
    const undecided: number[] = [];
    for (const pid of pids.sort((a, b) => a - b)) {
      if (this.#deadline.passed()) return failed('timedOut', '/proc', `of ${pids.length} processes`);
      if (threads.has(pid)) continue;
      const program = runs.programOf(pid);
      if (program === 'undecided') undecided.push(pid);
      else if (program !== null) processes.push({ pid, program: program.name });
    }
    return found({ found: processes, scanned: pids.length, undecided });
  }

  /**
   * The kernel's own threads, all children of process 2: on a host with many CPUs most of what /proc lists, and nothing to
   * be looked at one by one. Process 2 is kthreadd where it is a thread of the kernel itself (PF_KTHREAD of its flags,
   * include/linux/sched.h); in a container it is a process like any other.
   */
  #kernelThreads(): ReadonlySet<number> {
    const stat = this.#files.glance('/proc/2/stat', 512) ?? '';
    const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6]);
    if ((flags & PF_KTHREAD) === 0) return new Set();
    const children = this.#files.bytes('/proc/2/task/2/children', 1024 * 1024, 'whole');
    return new Set(
      children.ok ? Buffer.from(children.value.bytes).toString().trim().split(' ').map(Number) : [],
    );
  }

  /** A process that ended while it was read is no process of this host any more. */
  #lives(process: { readonly pid: number } & LooseAnswers): boolean {
    return this.#files.stat(`/proc/${process.pid}`, false).ok;
  }
}

const PF_KTHREAD = 0x00200000;

/** The question with its path, or glob, under a folder. */
export function placeUnder(base: string, question: Question): Exclude<Question, { op: 'run' | 'processes' }> {
  switch (question.op) {
    case 'run':
    case 'processes':
      throw new TypeError(`"${question.op}" cannot be asked once per match`);
    case 'each':
      return { ...question, glob: `${base}/${question.glob}` };
    case 'bytes':
    case 'list':
    case 'stat':
    case 'link':
    case 'statfs':
    case 'fifo':
      return { ...question, path: question.path === '' ? base : `${base}/${question.path}` };
  }
}
