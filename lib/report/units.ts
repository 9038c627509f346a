/**
 * Sizes and durations as people write them in thresholds, `10GiB` or `180d`, and as sentences say them, `5.5 GiB` or
 * `400 d`. Performance data know neither: they carry the base unit, bytes and seconds, which every consumer understands.
 *
 * `10G` is 10^10 to a disk's label and 10 * 2^30 to `du -h`, and `10y` has 3650 days or 3652: what has two readings is refused,
 * and the error says what to write.
 */
import { parseDecimal, printDecimal } from './decimal.ts';
import { alerts, parseRangeWith, type Range } from './range.ts';
import { cutText } from './text.ts';

/** The units that can be written, each with its size in the base unit. */
export type UnitTable = Readonly<Record<string, number>>;

const KI = 1024;

export const SIZES: UnitTable = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
  KiB: KI,
  MiB: KI ** 2,
  GiB: KI ** 3,
  TiB: KI ** 4,
  PiB: KI ** 5,
};

/** `m` is minutes, as Icinga 2, systemd and sleep(1) read it. */
export const DURATIONS: UnitTable = { s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 };

/** What sentences use besides the base unit, smallest first. */
const SAID = {
  B: ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'],
  s: ['min', 'h', 'd'],
} as const;

/** The base units that have others beside them. */
export type BaseUnit = keyof typeof SAID;

export function isBaseUnit(unit: string): unit is BaseUnit {
  return Object.hasOwn(SAID, unit);
}

function tableOf(base: BaseUnit): UnitTable {
  return base === 'B' ? SIZES : DURATIONS;
}

/**
 * A range whose bounds may have units; a bare number is in the base unit.
 *
 * @throws {RangeSyntaxError}
 */
export function parseRangeIn(base: BaseUnit, text: string): Range {
  return parseRangeWith(text, (bound) => readQuantity(base, bound));
}

/** The quantity in the base unit, or in words what to write instead: a `NumberReader` for `parseRangeWith`. */
export function readQuantity(base: BaseUnit, text: string): number | string {
  const quoted = `"${cutText(text, 60)}"`;
  // The smallest number that there is has 326 digits behind its dot.
  if (text.length > 1000) return `${quoted} is too long`;
  let end = text.length;
  while (isLetter(text[end - 1] ?? '')) end--;
  const [digits, unit] = [text.slice(0, end), text.slice(end)];
  if (/^[+-]?0[0-9]/.test(digits)) return `write ${quoted} without leading zeros`;
  const value = parseDecimal(digits);
  if (value === null) {
    return /^[+-]?[0-9]*,[0-9]+$/.test(digits)
      ? `use a dot for decimals: "${text.replace(',', '.')}"`
      : `${quoted} is not ${base === 'B' ? 'a size such as 100MiB' : 'a duration such as 12h'}`;
  }
  if (unit === '') return value;
  const table = tableOf(base);
  const factor = Object.hasOwn(table, unit) ? table[unit] : undefined;
  return factor === undefined ? adviceOn(base, digits, unit) : value * factor;
}

/** Of a unit. By hand, since every check with such a threshold reads its defaults, and the expression costs 0.2 ms. */
function isLetter(character: string): boolean {
  const lower = character.toLowerCase();
  return (lower >= 'a' && lower <= 'z') || character === '\u00b5';
}

function adviceOn(base: BaseUnit, digits: string, unit: string): string {
  const letter = /^[kmgtp]$/i.exec(unit)?.[0].toUpperCase();
  if (base === 'B' && letter !== undefined) {
    const decimal = letter === 'K' ? 'kB' : `${letter}B`;
    return `"${unit}" is 1000-fold to some and 1024-fold to others: write "${digits}${letter}iB" or "${digits}${decimal}"`;
  }
  if (base === 's' && /^(?:y|years?|mo|months?)$/i.test(unit)) return `write days in place of "${unit}"`;
  const known = Object.keys(tableOf(base));
  const meant = known.find((name) => name.toLowerCase() === unit.toLowerCase());
  if (meant !== undefined) return `write "${digits}${meant}"`;
  return `"${cutText(unit, 20)}" is not a unit, write one of ${known.join(', ')}`;
}

/** `5.5 GiB`, `36 h`: the largest unit that leaves at least 1 (of durations 2, since `36 h` says more than `1.5 d`). */
export function inUnits(base: BaseUnit, value: number, digits = 3): string {
  const [unit, factor] = unitFor(base, value);
  return `${printDecimal(Number((value / factor).toPrecision(digits)))} ${unit}`;
}

/** With as many digits as it takes for the rounded value to alert too: `365.2 d` where `365 d` would be no reason to. */
export function alertingInUnits(base: BaseUnit, value: number, range: Range): string {
  const [unit, factor] = unitFor(base, value);
  for (let digits = 3; digits <= 9; digits++) {
    const rounded = Number((value / factor).toPrecision(digits));
    if (alerts(range, rounded * factor)) return `${printDecimal(rounded)} ${unit}`;
  }
  return `${printDecimal(value)} ${base}`;
}

function unitFor(base: BaseUnit, value: number): readonly [unit: string, factor: number] {
  const least = base === 'B' ? 1 : 2;
  let best: readonly [string, number] = [base, 1];
  for (const unit of SAID[base]) {
    const factor = tableOf(base)[unit] ?? 1;
    if (Math.abs(value) >= factor * least) best = [unit, factor];
  }
  return best;
}

/** A bound as somebody would have written it, `1GiB`: the shortest text that is read as exactly this value. */
export function boundInUnits(base: BaseUnit, value: number): string {
  if (value === 0) return '0';
  let shortest = `${printDecimal(value)}${base}`;
  for (const [unit, factor] of Object.entries(tableOf(base))) {
    const text = `${printDecimal(value / factor)}${unit}`;
    if (text.length < shortest.length && readQuantity(base, text) === value) shortest = text;
  }
  return shortest;
}
