/**
 * Turns what `program.sh` printed for a batch into its answers. Pure; who runs the program (a child of ours, sudo, a
 * connection to another machine) only carries the bytes.
 *
 * Longer than usual: it treats each kind of question.
 */
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { placeUnder, type LooseMatches, type LooseProcesses } from './answer.ts';
import type {
  BytesQuestion,
  Content,
  FilesQuestion,
  FoundFiles,
  LinesQuestion,
  LooseAnswers,
  ProcessesQuestion,
  Question,
  Ran,
  Stat,
  Statfs,
  Want,
} from './ask.ts';
import { FileList, filesOf, lookOf } from './file-list.ts';
import { inOrder, typeOfMode } from './files.ts';
import type { Clock, Identity } from './host.ts';
import { ProgramFinder, type ProcessFiles } from './program-finder.ts';
import { boundedLines } from './search.ts';
import { Printed } from './sh-output.ts';
import { LINES_OF_GLOB, linesOf, sectionOf, sectionOfLines, type Secret } from './sh-request.ts';

export interface Decoded {
  readonly answers: LooseAnswers;
  readonly now: Clock;
  readonly who: Identity;
}

/** What was printed for the batch `want`; null where it is not the answer of our program, or not all of it. */
export function decodeBatch(want: Want, stdout: Buffer, stderr: string, secret: Secret): Decoded | null {
  const printed = Printed.parse(stdout, stderr, secret);
  if (printed === null) return null;
  const assembler = new Assembler(printed);
  const answers: Record<string, unknown> = {};
  let line = 0;
  for (const [name, question] of Object.entries(want)) {
    answers[name] = assembler.answer(question, line);
    line += linesOf(question).length;
  }
  return { answers, now: printed.clock, who: printed.identity };
}

class Assembler {
  readonly #printed: Printed;

  constructor(printed: Printed) {
    this.#printed = printed;
  }

  answer(question: Question, line: number): unknown {
    switch (question.op) {
      case 'bytes':
        return this.#bytes(question);
      case 'lines':
        return this.#lines(question);
      case 'list':
        return this.#list(question.path);
      case 'stat':
        return this.#stat(question.path, question.follow);
      case 'link':
        return this.#link(question.path);
      case 'statfs':
        return this.#statfs(question.path);
      case 'fifo':
        return this.#fifo(question.path);
      case 'run':
        return this.#run([question.tool, ...question.args].join(' '), line);
      case 'each':
        return this.#each(question.want, line);
      case 'files':
        return this.#matchingFiles(question, line);
      case 'processes':
        return this.#processes(question, line);
    }
  }

  #bytes(question: BytesQuestion): Reading<Content> {
    const { path, max, part } = question;
    if (this.#printed.wrongType.has(path)) return failed('wrongType', path);
    const bytes = this.#printed.contents.get(sectionOf(question))?.get(path);
    const error = this.#printed.errors.get(path);
    // Beside an error, whatever was told is a part of the file, or somebody else's.
    if (error !== undefined) return error;
    if (bytes === undefined) return this.#silent(path);
    if (bytes.length <= max) return found({ bytes, cut: false });
    if (part === 'whole') return failed('tooBig', path, `more than ${max} bytes`);
    return found({
      bytes: part === 'head' ? bytes.subarray(0, max) : bytes.subarray(bytes.length - max),
      cut: true,
    });
  }

  #lines(question: LinesQuestion): Reading<readonly string[]> {
    const { path, max } = question;
    // grep puts a colon between path and line, and busybox knows no other way.
    if (path.includes(':')) return failed('failed', path, 'a colon in its path');
    if (this.#printed.wrongType.has(path)) return failed('wrongType', path);
    const error = this.#printed.errors.get(path);
    if (error !== undefined) return error;
    const all = this.#printed.lines.get(sectionOfLines(question));
    if (all === undefined) return this.#silent(path);
    return boundedLines(path, all.get(path) ?? [], max);
  }

  #list(path: string): Reading<readonly string[]> {
    const names = this.#printed.lists.get(path);
    if (names !== undefined) return found(inOrder([...names]));
    const error = this.#printed.errors.get(`${path}/.`);
    return error === undefined ? this.#silent(path) : { ...error, path };
  }

  #stat(path: string, follow: boolean): Reading<Stat> {
    const fields = (follow ? this.#printed.follow : this.#printed.stat).get(path);
    if (fields === undefined) return this.#silent(path);
    const [uid, gid, size, blocks, links, device, inode, modified, changed] = fields.slice(1).map(Number);
    const mode = Number.parseInt(fields[0] ?? '', 16);
    return found({
      type: typeOfMode(mode),
      mode: mode & 0o7777,
      uid: uid ?? 0,
      gid: gid ?? 0,
      sizeBytes: size ?? 0,
      allocatedBytes: (blocks ?? 0) * 512,
      links: links ?? 0,
      device: device ?? 0,
      inode: inode ?? 0,
      modifiedAt: modified ?? 0,
      changedAt: changed ?? 0,
    });
  }

  #statfs(path: string): Reading<Statfs> {
    const fields = this.#printed.statfs.get(path);
    if (fields === undefined) return this.#silent(path);
    const [blockBytes, blocks, free, available, files, filesFree] = fields.slice(1).map(Number);
    return found({
      magic: Number.parseInt(fields[0] ?? '', 16),
      blockBytes: blockBytes ?? 0,
      blocks: blocks ?? 0,
      free: free ?? 0,
      available: available ?? 0,
      files: files ?? 0,
      filesFree: filesFree ?? 0,
    });
  }

  #link(path: string): Reading<string> {
    const target = this.#printed.links.get(path);
    if (target !== undefined) return found(target);
    const error = this.#printed.linkErrors.get(path);
    if (error !== undefined) return error;
    return this.#printed.noLinks.has(path) ? failed('failed', path, 'EINVAL') : this.#silent(path);
  }

  #fifo(path: string): Reading<'reader' | 'noReader'> {
    const word = this.#printed.fifos.get(path);
    if (word === 'reader' || word === 'noReader') return found(word);
    if (word === 'wrongType') return failed('wrongType', path, 'not a FIFO');
    if (word === 'denied') return failed('denied', path);
    return word === undefined ? this.#silent(path) : failed('failed', path, 'dd could not probe it');
  }

  #run(command: string, line: number): Reading<Ran> {
    const ran = this.#printed.ran.get(line);
    if (ran === 'absent') return failed('absent', command, 'no such command');
    if (ran === undefined || ran === 'refused') return failed('denied', command, 'not one of the tools');
    return found(ran);
  }

  #each(want: Want, line: number): Reading<LooseMatches> {
    const { paths, unlisted } = this.#matches(line);
    return found({ found: paths.map((path) => ({ path, ...this.#answerAt(path, want) })), unlisted });
  }

  #matchingFiles({ globs }: FilesQuestion, line: number): Reading<FoundFiles> {
    const all = new FileList();
    const unlisted: Failure[] = [];
    for (const index of globs.keys()) {
      const matches = this.#matches(line + index * LINES_OF_GLOB);
      unlisted.push(...matches.unlisted);
      for (const path of matches.paths) all.add(path, lookOf(path, this.#stat(path, false)));
    }
    return filesOf([all], unlisted);
  }

  /** The paths that were said to match. */
  #matches(line: number): { readonly paths: readonly string[]; readonly unlisted: Failure[] } {
    const closed = this.#printed.unlisted.get(line) ?? [];
    const unlisted: Failure[] = closed.map((path) => failed('denied', path));
    const paths: string[] = [];
    for (const path of this.#printed.matches.get(line) ?? []) {
      if (path.includes('\uFFFD')) unlisted.push(failed('failed', path, 'its name is not UTF-8'));
      else paths.push(path);
    }
    return { paths, unlisted };
  }

  #processes({ programs, minThreads, want }: ProcessesQuestion, line: number): Reading<LooseProcesses> {
    const finder = new ProgramFinder(this.#files(), programs, minThreads);
    const processes: LooseProcesses['found'][number][] = [];
    const undecided = [...(this.#printed.undecided.get(line) ?? [])];
    for (const pid of this.#printed.processes.get(line) ?? []) {
      const program = finder.programOf(pid);
      if (program === 'undecided') undecided.push(pid);
      else if (program !== null)
        processes.push({ pid, program: program.name, ...this.#answerAt(`/proc/${pid}`, want) });
    }
    const byNumber = (a: number, b: number): number => a - b;
    return found({
      found: processes.sort((a, b) => a.pid - b.pid),
      scanned: this.#printed.scanned.get(line) ?? 0,
      undecided: undecided.sort(byNumber),
    });
  }

  #answerAt(base: string, want: Want): LooseAnswers {
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(want))
      answers[name] = this.answer(placeUnder(base, question), -1);
    return answers;
  }

  /** What was printed, as files: for the same decision about a process as on the machine itself. */
  #files(): ProcessFiles {
    return {
      isPrivileged: true,
      // The far side has looked before it read.
      list: (path) => failed('notRecorded', path),
      link: (path) => this.#link(path),
      stat: (path) => failed('vanished', path),
      glance: (path, max) => {
        const reading = this.#bytes({ op: 'bytes', path, max, part: 'head' });
        return reading.ok ? Buffer.from(reading.value.bytes).toString('latin1') : null;
      },
    };
  }

  /** Neither an answer nor an error message: a name that the tool quotes in its own way, or a race. */
  #silent(path: string): Failure {
    return this.#printed.errors.get(path) ?? failed('failed', path, 'no answer from the shell');
  }
}
