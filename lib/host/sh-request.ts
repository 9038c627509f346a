/** Turns a batch of questions into the input of `program.sh`, whose header describes it. */
import { randomBytes } from 'node:crypto';

import type { BytesQuestion, LinesQuestion, Question, Want } from './ask.ts';
import { escapeField } from './sh-quoting.ts';

/** The words of one batch that no file and no file name can know. */
export interface Secret {
  readonly nonce: string;
  /** A path that leads nowhere: put before another one it changes nothing but its text. */
  readonly prefix: string;
}

export function makeSecret(): Secret {
  const random = randomBytes(14);
  let prefix = '';
  // 48 bits: whoever guesses wrong once has lost his file's turn.
  for (let bit = 0; bit < 48; bit += 1) {
    prefix += (((random[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1 ? '//.' : '/.';
  }
  return { nonce: random.toString('hex', 6), prefix };
}

/** What is asked below each process besides what the check wants, to tell what the process runs. */
const FOR_PROCESSES: Want = {
  executable: { op: 'link', path: 'exe' },
  stat: { op: 'bytes', path: 'stat', max: 512, part: 'head' },
  commandLine: { op: 'bytes', path: 'cmdline', max: 512, part: 'head' },
};

/** What stands before the first batch: the line that ends a program's text, wherever that is, and the secret. */
export function encodeOpening(secret: Secret): string {
  return `${END_OF_PROGRAM}\n${secret.nonce}\n${secret.prefix}\n`;
}

export const END_OF_PROGRAM = '#end of the program';

export function encodeBatch(want: Want): string {
  const lines: string[] = [];
  const selections = new Set<string>();
  for (const question of Object.values(want)) {
    for (const line of linesOf(question)) {
      lines.push(line);
      const [kind, part, max] = line.replace(/^\+/, '').split('\t');
      if (kind !== undefined && 'bgsSkf'.includes(kind))
        selections.add(`sel ${kind} ${part ?? ''} ${max ?? ''}`);
    }
  }
  return [...[...selections].sort(), ...lines, 'go', ''].join('\n');
}

export function linesOf(question: Question): string[] {
  switch (question.op) {
    case 'bytes':
      return [`b\t${sectionOf(question).replaceAll(' ', '\t')}\t${escapeField(question.path)}`];
    case 'lines':
      return [`g\t${escapeField(question.containing)}\t-\t${escapeField(question.path)}`];
    case 'list':
      return [`l\t-\t-\t${escapeField(question.path)}`];
    case 'stat':
      return [`${question.follow ? 'S' : 's'}\t-\t-\t${escapeField(question.path)}`];
    case 'link':
      return [`k\t-\t-\t${escapeField(question.path)}`];
    case 'statfs':
      return [`f\t-\t-\t${escapeField(question.path)}`];
    case 'fifo':
      return [`p\t-\t-\t${escapeField(question.path)}`];
    case 'run':
      return [['r', question.tool, ...question.args.map((arg) => `.${escapeField(arg)}`)].join('\t')];
    case 'each':
      return [`e\t${escapeField(question.glob)}`, ...below(question.want)];
    case 'files':
      return question.globs.flatMap((glob) => [`e\t${escapeField(glob)}`, '+s\t-\t-\t']);
    case 'processes':
      return [
        ['P', question.minThreads, ...question.programs].join('\t'),
        ...below({ ...FOR_PROCESSES, ...question.want }),
      ];
  }
}

/** Of each glob that files are asked for. */
export const LINES_OF_GLOB = 2;

function below(want: Want): string[] {
  return Object.values(want).flatMap((question) => {
    // Nothing asks for it yet; an empty answer would be a lie.
    if (question.op === 'each') throw new TypeError('"each" below a match cannot be asked of a shell');
    return linesOf(question).map((line) => `+${line}`);
  });
}

/** What the lines asked for are printed under. */
export function sectionOfLines({ containing }: LinesQuestion): string {
  return `g ${escapeField(containing)} -`;
}

/** The part of a file that is really asked for: one byte more tells whether there is more. */
export function sectionOf(question: BytesQuestion): string {
  return `${question.part === 'tail' ? 'tail' : 'head'} ${question.max + 1}`;
}
