/**
 * Answers to entries of a recording, and back.
 *
 * Longer than usual: it treats each kind of question twice.
 */
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { anyMatcher, globMatcher } from '../glob.ts';
import { placeUnder, type LooseMatches, type LooseProcesses } from './answer.ts';
import type {
  BytesQuestion,
  Content,
  FilesQuestion,
  FoundFiles,
  LooseAnswers,
  Question,
  Ran,
  Stat,
  Want,
} from './ask.ts';
import { FileList, filesOf, lookOf } from './file-list.ts';
import { escapeText, parseContent, printContent, unescapeText, type Entry } from './recording.ts';
import { redact, redactLines, redactOutput } from './redact.ts';
import { boundedLines } from './search.ts';

/** What a question is looked up by. */
function keyOf(question: Question): string {
  switch (question.op) {
    case 'lines':
      return `lines ${escapeArgument(question.containing)} ${escapeText(question.path)}`;
    case 'bytes':
    case 'list':
    case 'link':
    case 'statfs':
    case 'fifo':
      return `${question.op} ${escapeText(question.path)}`;
    case 'stat':
      return `${question.follow ? 'stat' : 'lstat'} ${escapeText(question.path)}`;
    case 'run':
      return `run ${[question.tool, ...question.args].map(escapeArgument).join(' ')}`;
    case 'each':
      return `each ${escapeText(question.glob)}`;
    case 'files':
      return `each ${escapeText(question.globs[0] ?? '')}`;
    case 'processes':
      return 'processes';
  }
}

/** Reversible enough for a key: an argument is one word. */
function escapeArgument(text: string): string {
  return text === '' ? "''" : escapeText(text).replaceAll(' ', '\\x20');
}

/** The entries that an answered batch makes, nested ones too. */
export function entriesOf(want: Want, answers: LooseAnswers): Entry[] {
  return Object.entries(want).flatMap(([name, question]) => entriesOfAnswer(question, answers[name]));
}

function entriesOfAnswer(question: Question, answer: unknown): Entry[] {
  if (question.op === 'files') return entriesOfFiles(question, answer as Reading<FoundFiles>);
  const key = keyOf(question);
  const note = question.op === 'bytes' ? noteOf(question, answer as Reading<Content>) : '';
  const reading = answer as Reading<unknown>;
  if (!reading.ok) {
    const lines = reading.detail === '' ? [] : [`#${escapeText(reading.detail)}`];
    const programs = question.op === 'processes' ? ` ${question.programs.join(' ')}` : '';
    return [{ key: key + programs, note, outcome: reading.why, lines }];
  }
  const entry = (lines: string[], more = ''): Entry => ({ key: key + more, note, outcome: 'ok', lines });
  switch (question.op) {
    case 'bytes':
      return [entry(printContent(redact(question.path, (reading.value as Content).bytes)))];
    case 'lines':
      return [entry(redactLines(question.path, reading.value as readonly string[]).map(escapeText))];
    case 'list':
      return [entry((reading.value as readonly string[]).map(escapeText))];
    case 'link':
    case 'fifo':
      return [entry([escapeText(reading.value as string)])];
    case 'stat':
    case 'statfs':
      return [entry([printRecord(reading.value as Stat)])];
    case 'run': {
      const { status, stdout, stderr } = reading.value as Ran;
      return [
        entry([`exit ${status}`, ...printStream('out', redactOutput(stdout)), ...printStream('err', stderr)]),
      ];
    }
    case 'each': {
      const { found: matches, unlisted } = reading.value as LooseMatches;
      const closed = unlisted.map((failure) => `unlisted ${failure.why} ${escapeText(failure.path)}`);
      const below = matches.flatMap((match) => entriesOf(placed(match.path, question.want), match));
      return [entry([...matches.map(({ path }) => `match ${escapeText(path)}`), ...closed]), ...below];
    }
    case 'processes': {
      const { found: processes, scanned, undecided } = reading.value as LooseProcesses;
      const lines = processes.map(({ pid, program }) => `process ${pid} ${escapeText(program)}`);
      const below = processes.flatMap((one) => entriesOf(placed(`/proc/${one.pid}`, question.want), one));
      const counts = [`scanned ${scanned}`, ...undecided.map((pid) => `undecided ${pid}`)];
      return [entry([...counts, ...lines], ` ${question.programs.join(' ')}`), ...below];
    }
  }
}

const LSTAT: Want = { stat: { op: 'stat', path: '', follow: false } };

/** As if the globs had been asked for one by one, and each match for its lstat: that is how it is read. */
function entriesOfFiles({ globs }: FilesQuestion, files: Reading<FoundFiles>): Entry[] {
  return globs.flatMap((glob, index) => {
    if (!files.ok) return entriesOfAnswer({ op: 'each', glob, want: {} }, files);
    const isMatch = globMatcher(glob);
    const { found: all, links, unlisted } = files.value;
    const stats = [
      ...all.map(({ path, ...sizes }) => ({ path, stat: { type: 'file', ...sizes } })),
      ...links.map((path) => ({ path, stat: { type: 'link' } })),
    ].filter(({ path }) => isMatch(path));
    const found = stats.map(({ path, stat }) => ({ path, stat: { ok: true, value: stat } }));
    const matches = { ok: true, value: { found, unlisted: index === 0 ? unlisted : [] } };
    return entriesOfAnswer({ op: 'each', glob, want: LSTAT }, matches);
  });
}

function placed(base: string, want: Want): Want {
  return Object.fromEntries(
    Object.entries(want).map(([name, question]) => [name, placeUnder(base, question)]),
  );
}

function noteOf(question: BytesQuestion, answer: Reading<Content>): string {
  return question.part + (answer.ok && answer.value.cut ? '+' : '');
}

function printRecord(record: object): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function printStream(name: string, text: string): string[] {
  return printContent(Buffer.from(text)).map((line) => `${name} ${line}`);
}

/** Answers questions from the entries of one look. */
export class Entries {
  readonly #entries = new Map<string, Entry>();
  readonly #where: string;

  constructor(entries: readonly Entry[], where: string) {
    this.#where = where;
    for (const entry of entries) this.#entries.set(entry.key, entry);
  }

  answer(question: Question): Reading<unknown> {
    switch (question.op) {
      case 'processes':
        return this.#processes(question.programs, question.want);
      case 'files':
        return this.#files(question);
      default:
        return this.#entry(question);
    }
  }

  #entry(question: Exclude<Question, { op: 'processes' | 'files' }>): Reading<unknown> {
    const key = keyOf(question);
    const entry = this.#entries.get(key);
    const path = question.op === 'lines' ? escapeText(question.path) : key.slice(key.indexOf(' ') + 1);
    if (entry === undefined) return failed('notRecorded', path, this.#where);
    if (entry.outcome !== 'ok') return failureOf(entry, unescapeText(path));
    switch (question.op) {
      case 'bytes':
        return content(question, entry);
      case 'lines':
        return boundedLines(question.path, entry.lines.map(unescapeText), question.max);
      case 'list':
        return found(entry.lines.map(unescapeText));
      case 'link':
      case 'fifo':
        return found(unescapeText(entry.lines[0] ?? ''));
      case 'stat':
      case 'statfs':
        return found(parseRecord(entry.lines[0] ?? ''));
      case 'run':
        return found(parseRan(entry.lines));
      case 'each':
        return this.#each(question.want, entry);
    }
  }

  #files({ globs }: FilesQuestion): Reading<FoundFiles> {
    const all = new FileList();
    const unlisted: Failure[] = [];
    for (const glob of globs) {
      const matches = this.answer({ op: 'each', glob, want: LSTAT }) as Reading<LooseMatches>;
      if (!matches.ok) return matches;
      unlisted.push(...matches.value.unlisted);
      for (const { path, stat } of matches.value.found) all.add(path, lookOf(path, stat as Reading<Stat>));
    }
    return filesOf([all], unlisted);
  }

  #answerAt(base: string, want: Want): LooseAnswers {
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(placed(base, want))) answers[name] = this.answer(question);
    return answers;
  }

  #each(want: Want, entry: Entry): Reading<LooseMatches> {
    const matches: LooseMatches['found'][number][] = [];
    const unlisted: Failure[] = [];
    for (const line of entry.lines) {
      const [word, ...rest] = line.split(' ');
      if (word === 'match') {
        const path = unescapeText(rest.join(' '));
        matches.push({ path, ...this.#answerAt(path, want) });
      } else if (word === 'unlisted') {
        unlisted.push(failed(rest[0] as Failure['why'], unescapeText(rest.slice(1).join(' '))));
      }
    }
    return found({ found: matches, unlisted });
  }

  /** Any recorded search answers that was for at least these programs. */
  #processes(programs: readonly string[], want: Want): Reading<LooseProcesses> {
    for (const entry of this.#entries.values()) {
      const [op, ...recorded] = entry.key.split(' ');
      if (op !== 'processes' || !programs.every((program) => recorded.includes(program))) continue;
      if (entry.outcome !== 'ok') return failureOf(entry, '/proc');
      const numbers = (word: string): number[] =>
        entry.lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));
      const isAsked = anyMatcher(programs);
      const processes = entry.lines
        .filter((line) => line.startsWith('process '))
        .map((line) => ({
          pid: Number(line.split(' ')[1]),
          program: unescapeText(line.split(' ').slice(2).join(' ')),
        }))
        .filter(({ program }) => isAsked(program))
        .map((process) => ({ ...process, ...this.#answerAt(`/proc/${process.pid}`, want) }));
      return found({
        found: processes,
        scanned: numbers('scanned')[0] ?? 0,
        undecided: numbers('undecided'),
      });
    }
    return failed('notRecorded', '/proc', this.#where);
  }
}

function failureOf(entry: Entry, path: string): Failure {
  const detail = entry.lines[0]?.startsWith('#') === true ? unescapeText(entry.lines[0].slice(1)) : '';
  return failed(entry.outcome === 'ok' ? 'failed' : entry.outcome, path, detail);
}

function content(question: BytesQuestion, entry: Entry): Reading<Content> {
  const bytes = parseContent(entry.lines);
  const wasCut = entry.note.endsWith('+');
  const { max, part, path } = question;
  const isTail = entry.note.startsWith('tail');
  if (part === 'whole' && (wasCut || bytes.length > max))
    return failed('tooBig', path, `more than ${max} bytes`);
  if (wasCut && isTail !== (part === 'tail')) return failed('notRecorded', path, `only its ${entry.note}`);
  if (bytes.length <= max) return found({ bytes, cut: wasCut });
  return found({
    bytes: part === 'head' ? bytes.subarray(0, max) : bytes.subarray(bytes.length - max),
    cut: true,
  });
}

function parseRecord(line: string): Readonly<Record<string, number | string>> {
  return Object.fromEntries(
    line.split(' ').map((field) => {
      const [name = '', value = ''] = field.split('=');
      return [name, name === 'type' ? value : Number(value)];
    }),
  );
}

function parseRan(lines: readonly string[]): Ran {
  const stream = (name: string): string =>
    parseContent(lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(4))).toString();
  return { status: Number(lines[0]?.split(' ')[1] ?? 0), stdout: stream('out'), stderr: stream('err') };
}
