/**
 * The threshold ranges of the Nagios plugin guidelines, read strictly.
 *
 *     10       alert outside 0 to 10        10:20    alert outside 10 to 20
 *     10:      alert below 10               @10:20   alert inside 10 to 20
 *     ~:10     alert above 10               ~:       never alert
 *
 * Bounds belong to the range. Implementations disagree about everything else: `-10` alerts always, never or is refused,
 * `10s` is 10 to some, `20:10` alerts always or never. A range that somebody meant otherwise is a check that
 * nobody can trust, so all of these are errors, and the error says what to write instead.
 */
import { parseDecimal, printDecimal } from './decimal.ts';
import { cutText } from './text.ts';

export interface Range {
  /** -Infinity for `~`. */
  readonly start: number;
  /** +Infinity where it was left out. Never below `start`. */
  readonly end: number;
  /** True for `@`: alert when the value is inside, bounds included. */
  readonly inside: boolean;
}

/** The text is no range; `message` quotes it and says in one line what to write. */
export class RangeSyntaxError extends Error {
  override readonly name = 'RangeSyntaxError';
}

/** Reads one bound: the number (finite), or in words what is wrong with the text and what to write instead. */
export type NumberReader = (bound: string) => number | string;

/** @throws {RangeSyntaxError} */
export function parseRange(text: string): Range {
  return parseRangeWith(text, readDecimal);
}

/**
 * The same grammar with another notation of numbers, such as `10GiB` or `180d`, read into the base unit.
 *
 * @throws {RangeSyntaxError}
 */
export function parseRangeWith(text: string, readNumber: NumberReader): Range {
  const inside = text.startsWith('@');
  const bounds = inside ? text.slice(1) : text;
  const [first = '', second, third] = bounds.split(':');
  const misuse = misuseOf(text, bounds, third !== undefined);
  if (misuse !== null) throw notARange(text, misuse);
  const [startText, endText] = second === undefined ? ['', first] : [first, second];
  const read = (bound: string): number => {
    const value = readNumber(bound);
    if (typeof value === 'string') throw notARange(text, value);
    if (!Number.isFinite(value)) throw notARange(text, `${quote(bound)} is too large`);
    return value + 0;
  };
  const start = startText === '~' ? -Infinity : startText === '' ? 0 : read(startText);
  const end = endText === '' ? Infinity : read(endText);
  if (start <= end) return { start, end, inside };
  const at = inside ? '@' : '';
  throw notARange(
    text,
    startText === ''
      ? `it would start at 0, above its end; write ${quote(`${at}~:${endText}`)} or ${quote(`${at}${endText}:0`)}`
      : `its start is above its end; write ${quote(`${at}${endText}:${startText}`)}`,
  );
}

/** The one way to write a range; `parseRange` gives back the same. A bare number where it starts at 0: Icinga 2 keeps no other. */
export function printRange(range: Range): string {
  const isBare = range.start === 0 && range.end !== Infinity;
  return (range.inside ? '@' : '') + (isBare ? printDecimal(range.end) : printBounds(range));
}

/** Both bounds written out and without `@`, for sentences: `0:2`, `10:`, `~:5`. */
export function printBounds({ start, end }: Range, print: (bound: number) => string = printDecimal): string {
  return `${start === -Infinity ? '~' : print(start)}:${end === Infinity ? '' : print(end)}`;
}

export function alerts({ start, end, inside }: Range, value: number): boolean {
  return (value >= start && value <= end) === inside;
}

/** What is wrong with the range as a whole, whatever its numbers are written like. */
function misuseOf(text: string, bounds: string, hasManyColons: boolean): string | null {
  if (text.startsWith('/')) {
    const [, end = ''] = text.split(':');
    return `the shell has put a path in place of ~; quote the range: '~:${end}'`;
  }
  if (/\s/.test(text)) return 'there is a space in it, leave it out';
  if (bounds === '' || bounds === ':') return 'it needs a number, such as 10, 10: or ~:10';
  if (hasManyColons) return 'it has more than one colon, write START:END';
  const [start = '', end] = bounds.split(':');
  if (end === '~') return `leave the end out where there is none: ${quote(`${start === '' ? '0' : start}:`)}`;
  if (end === undefined && start === '~') return 'a colon and the end must follow the ~, such as ~:10';
  return null;
}

function readDecimal(bound: string): number | string {
  // 010 is 10 to most implementations and 8 to one that reads octal.
  if (/^[+-]?0[0-9]/.test(bound)) return `write ${quote(bound)} without leading zeros`;
  return parseDecimal(bound) ?? adviceOn(bound);
}

/** Expressions that stand in here are made where a bound is wrong, and cost the other runs nothing: 0.25 ms for the last one. */
function adviceOn(bound: string): string {
  if (/^[+-]?[0-9]*,[0-9]+$/.test(bound)) return `use a dot for decimals: ${quote(bound.replace(',', '.'))}`;
  if (bound.includes(',')) return 'it is a list, write one range';
  if (/^[+-]?0[xob]/i.test(bound)) return 'write a decimal number';
  if (/^[+-]?(?:inf(?:inity)?|nan)$/i.test(bound))
    return 'leave a bound out where there is none, such as 10:, and write ~: for no start';
  if (/^[0-9.]+-[0-9.]+$/.test(bound))
    return `put a colon between the bounds: ${quote(bound.replace('-', ':'))}`;
  if (bound.includes('_')) return 'write the number without _';
  if (/^[+-]?[0-9.]+(?:e[+-]?[0-9]+)?(?:%|\p{L}+)$/iu.test(bound)) return 'write the number without a unit';
  return Number.isNaN(Number(bound)) ? `${quote(bound)} is not a number` : `${quote(bound)} is too large`;
}

function notARange(text: string, advice: string): RangeSyntaxError {
  return new RangeSyntaxError(`${quote(text)} is not a range: ${advice}`);
}

function quote(text: string): string {
  return `"${cutText(text, 60)}"`;
}
