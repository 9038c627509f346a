/**
 * Feeds a parser: it throws nothing but FormatError, answers the same to the same, changes no input and no prototype, knows no
 * number that is none, answers no more than its input has reason for, and the line about its error is one line. `npm run fuzz` for
 * millions, the tests for some.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { answersOf, recordings, textsIn } from './corpus.ts';
import { mutated } from './mutate.ts';
import type { Fuzzed } from './parsers.ts';
import { Random } from './random.ts';

export interface Corpus {
  readonly samples: readonly Buffer[];
  readonly words: readonly Buffer[];
}

export class Corpora {
  readonly #top: string;
  readonly #answers: ReadonlyMap<string, string>;
  readonly #tests: readonly { readonly path: string; readonly text: string }[];

  constructor(top: string) {
    this.#top = top;
    this.#answers = answersOf(recordings(top).map(({ text }) => text));
    this.#tests = ['test/parsers', 'test/host', 'test/report'].flatMap((folder) =>
      readdirSync(join(top, folder))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => ({
          path: join(top, folder, name),
          text: readFileSync(join(top, folder, name), 'utf8'),
        })),
    );
  }

  of({ modules, answers, samples = [] }: Fuzzed): Corpus {
    const all = new Set(samples);
    const words = new Set<string>();
    for (const module of modules) {
      const path = join(this.#top, module);
      if (!existsSync(path)) throw new Error(`there is no ${module}`);
      const own = textsIn(path);
      const tested = this.#tests.filter(({ text }) => text.includes(`/${basename(module)}'`));
      const theirs = tested.flatMap((test) => textsIn(test.path));
      for (const text of [headerSample(readFileSync(path, 'utf8')), ...theirs]) all.add(toLatin(text));
      for (const text of [...own, ...theirs.filter((one) => one.length < 40)]) words.add(toLatin(text));
    }
    if (answers !== undefined)
      for (const [content, key] of this.#answers) if (answers.test(key)) all.add(content);
    const buffers = (texts: ReadonlySet<string>): Buffer[] =>
      [...texts].sort().map((text) => Buffer.from(text.slice(0, 100_000), 'latin1'));
    return { samples: [Buffer.alloc(0), ...buffers(all)], words: [Buffer.from('x'), ...buffers(words)] };
  }
}

const toLatin = (text: string): string => Buffer.from(text).toString('latin1');

/** The real sample that the header of a module shows: its indented lines. */
function headerSample(source: string): string {
  const header = source.slice(0, source.indexOf('*/'));
  return [...header.matchAll(/^ \* {5}(.*)$/gm)].map(([, line = '']) => `${line}\n`).join('');
}

export interface Fault {
  readonly input: Buffer;
  readonly what: string;
}

/** What is wrong with how `bytes` are taken, or null. */
export async function faultOf(fuzzed: Fuzzed, bytes: Buffer, isTwice = true): Promise<Fault | null> {
  const input = Buffer.from(bytes);
  const first = await outcome(fuzzed, bytes);
  if (typeof first === 'string') return { input, what: first };
  if (!isTwice) return null;
  if (!input.equals(bytes)) return { input, what: 'changed its input' };
  if (!isDeepStrictEqual(first, await outcome(fuzzed, bytes)))
    return { input, what: 'another answer the second time' };
  const { wrong, size } = weighed(first.value);
  if (wrong !== null) return { input, what: `answers ${wrong}` };
  if (size > MOST * input.length + 20_000)
    return { input, what: `answers ${size} for ${input.length} bytes` };
  return null;
}

/** The answer, or the words of what must not have been thrown. */
async function outcome({ parse, mayThrow }: Fuzzed, bytes: Buffer): Promise<{ value: unknown } | string> {
  try {
    const answer = parse(bytes);
    return { value: answer instanceof Promise ? await answer : answer };
  } catch (error) {
    if (!(error instanceof Error)) return `threw ${String(error)}`;
    if (error.name !== 'FormatError' && error.name !== mayThrow) return `threw ${error.stack ?? ''}`;
    if (error.name === 'FormatError' && !isLine(error.message))
      return `threw a message that is no line: ${JSON.stringify(error.message.slice(0, 200))}`;
    return { value: error.message };
  }
}

function isLine(message: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(message) && message.length <= 2000;
}

/** How much an answer may be for a byte of the input: values, and characters of them. */
const MOST = 64;

// What an input would give to all objects is a TypeError.
for (const { prototype } of [Object, Array, Map, Set]) Object.preventExtensions(prototype);

interface Weighed {
  /** Where NaN or an infinite number stands, or an object whose prototype an input has made; or null. */
  readonly wrong: string | null;
  readonly size: number;
}

function weighed(value: unknown, place = ''): Weighed {
  if (typeof value === 'number')
    return { wrong: Number.isFinite(value) ? null : `${value} at ${place}`, size: 1 };
  if (typeof value === 'string') return { wrong: null, size: 1 + value.length };
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
    return { wrong: null, size: 1 };
  const prototype: unknown = Object.getPrototypeOf(value);
  let wrong =
    prototype === null || Object.hasOwn(prototype as object, 'constructor')
      ? null
      : `another prototype at ${place}`;
  let size = 1;
  const entries: Iterable<readonly [unknown, unknown]> =
    value instanceof Map ? value : value instanceof Set ? value.entries() : Object.entries(value);
  for (const [key, below] of entries) {
    const one = weighed(below, `${place}.${String(key)}`);
    wrong ??= one.wrong;
    size += one.size;
    if (value instanceof Map) wrong ??= weighed(key, `${place}, a key`).wrong;
  }
  return { wrong, size };
}

/** Every 16th input is looked at closely: the same answer, the same bytes, no NaN. */
const CLOSELY = 16;

/** The faults of so many inputs; the first few, since one cause has many. */
export async function fuzz(
  fuzzed: Fuzzed,
  corpus: Corpus,
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): Promise<readonly Fault[]> {
  const random = new Random(seed);
  const faults = new Map<string, Fault>();
  const feed = async (bytes: Buffer, isTwice: boolean): Promise<void> => {
    // V8 writes them down for each FormatError, which takes longer than all else.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const fault = await faultOf(fuzzed, bytes, isTwice);
    Error.stackTraceLimit = limit;
    if (fault !== null) note(faults, (await faultOf(fuzzed, fault.input)) ?? fault);
  };
  for (const sample of corpus.samples) await feed(sample, true);
  for (let i = 0; i < inputs && faults.size < 5; i += 1)
    await feed(mutated(random, corpus.samples, corpus.words), i % CLOSELY === 0);
  return [...faults.values()];
}

/** One a cause, the shortest input of each. */
function note(faults: Map<string, Fault>, fault: Fault | null): void {
  if (fault === null) return;
  const cause = fault.what
    .replace(/[0-9]+/g, 'N')
    .split('\n')
    .slice(0, 3)
    .join(' ');
  const known = faults.get(cause);
  if (known === undefined || fault.input.length < known.input.length) faults.set(cause, fault);
}

/**
 * Inputs of one long line each: a sample up to somewhere, one word again and again, and what ends no such run. What tries each of
 * its places with each of those behind it, never comes to an end with them.
 */
export function* longInputs(corpus: Corpus, bytes: number, seed: number, count: number): Generator<Buffer> {
  const random = new Random(seed);
  for (let i = 0; i < count; i += 1) {
    const sample = random.of(corpus.samples).subarray(0, 4096);
    const word = random.once(2) ? random.of(corpus.words) : Buffer.from(random.of(RUNS));
    const unit = word.length === 0 || word.length > 64 ? Buffer.from(' ') : word;
    const run = Buffer.alloc(bytes, unit);
    const at = random.below(sample.length + 1);
    yield Buffer.concat([
      sample.subarray(0, at),
      run,
      random.once(2) ? Buffer.from('\x01') : sample.subarray(at),
    ]);
  }
}

const RUNS = [
  ' ', '\t', '\n', '\r\n', '\0', 'a', 'A', '0', '9', 'x=', 'a,', ',,', ';', ':', '://a:', '/', './', '\\', '\\\\', '"', "'", '""', '"a"',
  '{', '[', '(', '<', '<a>', '<!--', '&', '#', '*', '-', '--', '.', '_', '=', '=a', '@', '%', '$', '${a}', '|', '\u00e9', '\u2028',
  'passwd=', 'passwd="', '"passwd":"', '[{', '{"a":', 'a b ', ' - ', 'a: b\n', '*a', '?', '[a-', 'a.', '0x', 'key=a:', 'Package: ',
]; // prettier-ignore
