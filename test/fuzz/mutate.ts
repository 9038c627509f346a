/** Spoils bytes in the ways in which files are spoiled, and in the ways in which people try to make a parser fail. */
import type { Random } from './random.ts';

/** Nobody's parser sees more in the inputs that are made by the million; what is long is fed by itself. */
const MAX_BYTES = 4096;

/** Ends of number ranges, things that JavaScript takes for numbers, and things that it takes for names of its own. */
const NASTY = [
  '', '0', '-0', '-1', '1', '00', '0x10', '1e3', '1e999', '-1e999', '.5', '1.', 'NaN', 'Infinity', '255', '256', '65535',
  '65536', '2147483648', '4294967295', '4294967296', '9007199254740993', '18446744073709551616', '9'.repeat(400),
  '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '\u0660', '\u202e', '\ufeff', '\u{1f600}', '\ufffd', '\u2028',
  '\0', '\n', '\r\n', '\r', '\t', ' ', '  ', '\v', '\u00a0', '\\', '\\x', '\\x0', '"', "'", '`', '$', '${', '$(', '%', '%s', '&',
  '&amp;', '&#0;', '&#x110000;', '<', '>', '</', '<!--', ']]>', '<![CDATA[', '{', '}', '[', ']', '(', ')', ',', ';', ':', '::', '=',
  '==', '#', '!', '/', '//', '..', '../', '*', '?', '|', '~', '^', '@', '+', '-', '--', '.', '_',
].map((text) => Buffer.from(text)); // prettier-ignore

type Change = (bytes: Buffer, random: Random, words: readonly Buffer[], others: readonly Buffer[]) => Buffer;

const put = (bytes: Buffer, from: number, to: number, what: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), what, bytes.subarray(to)]);

/** A piece of it: where it begins, and where it ends. */
function piece(bytes: Buffer, random: Random): readonly [number, number] {
  const from = random.below(bytes.length + 1);
  const most = Math.min(bytes.length - from, 1 + random.below(random.once(4) ? 1000 : 12));
  return [from, from + most];
}

/** Where a run of bytes of one kind (digits, letters) that `at` is in begins and ends. */
function runAt(bytes: Buffer, at: number, isOne: (byte: number) => boolean): readonly [number, number] {
  let [from, to] = [at, at];
  while (from > 0 && isOne(bytes[from - 1] ?? 0)) from -= 1;
  while (to < bytes.length && isOne(bytes[to] ?? 0)) to += 1;
  return [from, to];
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isWord = (byte: number): boolean => byte > 0x20 && !'=:,;"\'<>'.includes(String.fromCharCode(byte));

function lineChange(bytes: Buffer, random: Random, change: (lines: string[], at: number) => void): Buffer {
  const lines = bytes.toString('latin1').split('\n');
  change(lines, random.below(lines.length));
  return Buffer.from(lines.join('\n'), 'latin1');
}

const CHANGES: readonly Change[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random.below(copy.length);
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  (bytes, random) => put(bytes, ...piece(bytes, random), Buffer.alloc(0)),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random.below(bytes.length + 1)),
  (bytes, random) => {
    const [from, to] = piece(bytes, random);
    const at = random.below(bytes.length + 1);
    return put(bytes, at, at, bytes.subarray(from, to));
  },
  (bytes, random) => {
    const [from, to] = piece(bytes, random);
    const times = 1 + random.below(random.once(10) ? 300 : 4);
    return put(bytes, from, from, Buffer.concat(Array<Buffer>(times).fill(bytes.subarray(from, to))));
  },
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return put(bytes, at, at, random.of(NASTY));
  },
  (bytes, random, words) => {
    const at = random.below(bytes.length + 1);
    return put(bytes, at, at, random.of(words));
  },
  (bytes, random, words) => {
    const run = runAt(bytes, random.below(bytes.length + 1), isWord);
    return put(bytes, ...run, random.once(2) ? random.of(words) : random.of(NASTY));
  },
  (bytes, random) => {
    const from = random.below(bytes.length + 1);
    const at = bytes.findIndex((byte, i) => i >= from && isDigit(byte));
    return at < 0 ? bytes : put(bytes, ...runAt(bytes, at, isDigit), random.of(NASTY));
  },
  (bytes, random, _, others) => {
    const other = random.of(others);
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ]);
  },
  (bytes, random) => lineChange(bytes, random, (lines, at) => void lines.splice(at, 1)),
  (bytes, random) => lineChange(bytes, random, (lines, at) => void lines.splice(at, 0, lines[at] ?? '')),
  (bytes, random) =>
    lineChange(bytes, random, (lines, at) => {
      const to = random.below(lines.length);
      [lines[at], lines[to]] = [lines[to] ?? '', lines[at] ?? ''];
    }),
  (bytes, random) => lineChange(bytes, random, (lines, at) => (lines[at] = ` ${lines[at] ?? ''}\r`)),
];

/**
 * One input made of the samples by one to six changes.
 *
 * @param words what the format is made of
 */
export function mutated(random: Random, samples: readonly Buffer[], words: readonly Buffer[]): Buffer {
  let bytes = random.once(20) ? Buffer.alloc(0) : random.of(samples);
  // What is long is slow, and cut off it is another format: seldom, but then as long as it is.
  for (let tries = 0; bytes.length > MAX_BYTES && tries < 20; tries += 1) bytes = random.of(samples);
  const most = Math.max(MAX_BYTES, 2 * bytes.length);
  for (let left = 1 + random.below(6); left > 0; left -= 1)
    bytes = random.of(CHANGES)(bytes, random, words, samples).subarray(0, most);
  return bytes;
}
