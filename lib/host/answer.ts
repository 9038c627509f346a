/**
 * Answers any question from the primitive ones: `each` and `processes` are loops over directories. Synchronous.
 * The shell program (`sh-program.ts`) does the same on a machine without node; a test holds the two equal.
 *
 * Longer than usual: it treats each kind of question.
 */
import { globMatcher, isGlob } from '../glob.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import type {
  BytesQuestion,
  Content,
  EachQuestion,
  FilesQuestion,
  FoundFiles,
  LinesQuestion,
  LooseAnswers,
  ProcessesQuestion,
  Question,
  Stat,
  Statfs,
  Want,
} from './ask.ts';
import type { Deadline } from './deadline.ts';
import { FileList, filesOf, type Look } from './file-list.ts';
import { scanProcesses } from './process-scan.ts';
import { hangs } from './program-finder.ts';

/** The primitive questions; `files.ts` has the real ones, a test may have others. */
export interface Files {
  bytes(path: string, max: number, part: BytesQuestion['part']): Reading<Content>;
  lines(path: string, containing: string, max: number): Reading<readonly string[]>;
  list(path: string): Reading<readonly string[]>;
  stat(path: string, follow: boolean): Reading<Stat>;
  look(path: string): Look;
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

const MAX_ALL_BYTES = 64 * 1024 * 1024;

/** Puts off what is asked below a path, to be filled into `answers` by somebody else, or throws the error on. */
export type PutOff = (error: unknown, base: string, want: Want, answers: Record<string, unknown>) => void;

export class Answerer {
  readonly #files: Files;
  readonly #deadline: Deadline;
  readonly #putOff: PutOff;
  #budgetBytes = MAX_ALL_BYTES;

  /** @param putOff is asked when one match of many cannot be answered here */
  constructor(
    files: Files,
    deadline: Deadline,
    putOff: PutOff = (error) => {
      throw error;
    },
  ) {
    this.#files = files;
    this.#deadline = deadline;
    this.#putOff = putOff;
  }

  answer(question: Exclude<Question, { op: 'run' }>): unknown {
    const files = this.#files;
    const place = placeOf(question);
    this.#deadline.stage = `reading ${place}`;
    if (this.#deadline.passed()) return failed('timedOut', place);
    switch (question.op) {
      case 'bytes':
        return this.#bytes(question);
      case 'lines':
        return this.#lines(question);
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
      case 'files':
        return this.#matchingFiles(question);
      case 'processes':
        return this.#processes(question);
    }
  }

  /** What all files of a run hold together is bounded too: there can be many, and users can make them. */
  #bytes({ path, max, part }: BytesQuestion): Reading<Content> {
    if (this.#budgetBytes <= 0) return failed('tooBig', path, `${MAX_ALL_BYTES} bytes were read before it`);
    const reading = this.#files.bytes(path, max, part);
    if (reading.ok) this.#budgetBytes -= reading.value.bytes.length;
    return reading;
  }

  #lines({ path, containing, max }: LinesQuestion): Reading<readonly string[]> {
    if (this.#budgetBytes <= 0) return failed('tooBig', path, `${MAX_ALL_BYTES} bytes were read before it`);
    const reading = this.#files.lines(path, containing, max);
    if (reading.ok) this.#budgetBytes -= reading.value.reduce((sum, line) => sum + line.length + 1, 0);
    return reading;
  }

  answerAt(base: string, want: Want): LooseAnswers {
    const answers: Record<string, unknown> = {};
    this.#answerInto(answers, base, want, null);
    return answers;
  }

  /**
   * A link that is not in the list of its directory, if that was asked for just before, is not there: to hear it from
   * readlink(2) would take an exception.
   *
   * @param known what lstat has just said of `base`: where ten thousand match, asking again is a third of the time
   */
  #answerInto(answers: Record<string, unknown>, base: string, want: Want, known: Reading<Stat> | null): void {
    let listed = null as readonly string[] | null;
    for (const name in want) {
      const question = want[name];
      if (question === undefined) continue;
      const placed = placeUnder(base, question);
      if (known !== null && question.op === 'stat' && question.path === '' && !question.follow) {
        answers[name] = known;
      } else if (question.op === 'link' && listed?.includes(firstPart(question.path)) === false) {
        answers[name] = failed('absent', placeOf(placed));
      } else {
        const answer = (answers[name] = this.answer(placed));
        if (question.op === 'list' && question.path === '')
          listed = valueOf(answer as Reading<readonly string[]>);
      }
    }
  }

  #each({ glob, want }: EachQuestion): Reading<LooseMatches> {
    const unlisted: Failure[] = [];
    const matches: LooseMatches['found'][number][] = [];
    for (const path of this.#expand(glob, unlisted)) {
      if (this.#deadline.passed()) return failed('timedOut', glob, `after ${matches.length} matches`);
      const stat = this.#files.stat(path, false);
      if (!stat.ok) {
        if (stat.why !== 'absent') unlisted.push(stat);
        continue;
      }
      const match: LooseMatches['found'][number] = { path };
      try {
        this.#answerInto(match, path, want, stat);
      } catch (error) {
        // One link to a server that does not answer must not hide what the others lead to.
        this.#putOff(error, path, want, match);
      }
      matches.push(match);
    }
    return found({ found: matches, unlisted });
  }

  #matchingFiles({ globs }: FilesQuestion): Reading<FoundFiles> {
    const unlisted: Failure[] = [];
    const wanted = globs.map((glob) => wantedBy(glob));
    let looks = 0;
    // Names beside each other in the same ten thousand folders: each folder is looked for once, and its files one after another.
    for (const parent of new Set(wanted.map((one) => one.parent))) {
      const beside = wanted.filter((one) => one.parent === parent);
      for (const folder of this.#expand(parent, unlisted)) {
        for (const { glob, name, end, list } of beside) {
          for (const path of end === null ? this.#entries(folder, name, unlisted) : [folder + end]) {
            // A look at the clock costs a tenth of one at a file.
            if (looks++ % 32 === 0 && this.#deadline.passed())
              return failed('timedOut', glob, `after ${looks - 1} looks at files`);
            list.add(path, this.#files.look(path));
          }
        }
      }
    }
    return filesOf(
      wanted.map(({ list }) => list),
      unlisted,
    );
  }

  /** The paths that the glob can mean; whether there is something at its last, fixed part is still to be seen. */
  #expand(glob: string, unlisted: Failure[]): readonly string[] {
    let paths: readonly string[] = [''];
    for (const part of glob.split('/').slice(1)) paths = this.#below(paths, part, unlisted);
    return paths;
  }

  #below(paths: readonly string[], part: string, unlisted: Failure[]): readonly string[] {
    if (isGlob(part)) return paths.flatMap((path) => this.#entries(path, part, unlisted));
    const tail = `/${part}`;
    return paths.map((path) => path + tail);
  }

  #entries(directory: string, glob: string, unlisted: Failure[]): string[] {
    // A directory may be listed by one who may not enter it: then the names are of no use. First, since most that are looked
    // for are not there, and a look costs less than an exception.
    const entered = this.#files.stat(`${directory}/.`, false);
    const names = entered.ok ? this.#files.list(directory === '' ? '/' : directory) : entered;
    if (!names.ok) {
      const { why } = names;
      // Nothing, a file, or a link to itself where a directory could be: no match. Anything else is not knowing.
      if (why !== 'absent' && why !== 'wrongType') unlisted.push(failed(why, directory));
      return [];
    }
    // Nearly every name of ten thousand is taken as it is.
    const matches = glob === '*' ? (): boolean => true : globMatcher(glob);
    const isHidden = glob.startsWith('.');
    const inside = `${directory}/`;
    const paths: string[] = [];
    for (const name of names.value) {
      if (name.startsWith('.') !== isHidden || !matches(name)) continue;
      const path = inside + name;
      if (name.includes('\uFFFD')) unlisted.push(failed('failed', path, 'its name is not UTF-8'));
      else paths.push(path);
    }
    return paths;
  }

  #processes(question: ProcessesQuestion): Reading<LooseProcesses> {
    const scan = scanProcesses(this.#files, question, this.#deadline);
    if (!scan.ok) return scan;
    const processes: LooseProcesses['found'][number][] = [];
    for (const process of scan.value.found) {
      if (this.#deadline.passed()) return failed('timedOut', '/proc', `after ${processes.length} found`);
      const base = `/proc/${process.pid}`;
      const answers = this.#hangs(process.pid)
        ? hanging(base, question.want)
        : this.answerAt(base, question.want);
      // One that ended while it was read is no process of this host any more.
      if (this.#files.stat(base, false).ok) processes.push({ ...process, ...answers });
    }
    return found({ ...scan.value, found: processes });
  }

  #hangs(pid: number): boolean {
    const stat = this.#files.glance(`/proc/${pid}/stat`, 512);
    return stat !== null && hangs(this.#files, pid, stat);
  }
}

function placeOf(question: Exclude<Question, { op: 'run' }>): string {
  switch (question.op) {
    case 'each':
      return question.glob;
    case 'files':
      return question.globs[0] ?? '';
    case 'processes':
      return '/proc';
    default:
      return question.path;
  }
}

function firstPart(path: string): string {
  const cut = path.indexOf('/');
  return cut < 0 ? path : path.slice(0, cut);
}

function valueOf<T>(reading: Reading<T>): T | null {
  return reading.ok ? reading.value : null;
}

/** Where nobody else can be asked in our place. */
function hanging(base: string, want: Want): LooseAnswers {
  const reading = failed('failed', base, 'the process hangs in the kernel');
  return Object.fromEntries(Object.keys(want).map((name) => [name, reading]));
}

/** The question with its path, or glob, under a folder. */
export function placeUnder(
  base: string,
  question: Question,
): Exclude<Question, { op: 'run' | 'processes' | 'files' }> {
  switch (question.op) {
    case 'run':
    case 'files':
    case 'processes':
      throw new TypeError(`"${question.op}" cannot be asked once per match`);
    case 'each':
      return { ...question, glob: `${base}/${question.glob}` };
    case 'bytes':
    case 'lines':
    case 'list':
    case 'stat':
    case 'link':
    case 'statfs':
    case 'fifo':
      return { ...question, path: question.path === '' ? base : `${base}/${question.path}` };
  }
}

/** @returns `end` what stands behind each folder, null where that is a glob */
function wantedBy(glob: string) {
  const cut = glob.lastIndexOf('/');
  const name = glob.slice(cut + 1);
  const end = isGlob(name) ? null : `/${name}`;
  return { glob, parent: glob.slice(0, cut), name, end, list: new FileList() };
}
