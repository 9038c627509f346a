/**
 * Numbers as every consumer of performance data reads them: plain decimals. Icinga DB Web does not understand an
 * exponent that is followed by a unit (library/Icingadb/Util/PerfData.php), and the guidelines allow only `[-0-9.]`.
 */

/** Each digit has one place in it: with two, a hundred thousand of them would take seconds. */
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;

/** The number, never -0; `null`: not a decimal number, or beyond the largest double. Nothing is trimmed or guessed. */
export function parseDecimal(text: string): number | null {
  if (!DECIMAL.test(text)) return null;
  const value = Number(text) + 0;
  return Number.isFinite(value) ? value : null;
}

/**
 * All digits of a finite number, without exponent, never `-0`. `parseDecimal` gives back the same number: the digits
 * are the shortest that identify it, only the point is moved.
 */
export function printDecimal(value: number): string {
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', exponent] = String(Math.abs(value)).split('e');
  if (exponent === undefined) return sign + mantissa;
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  // JavaScript writes an exponent only from 1e21 up and below 1e-6, so the point never falls between the digits.
  return point <= 0
    ? `${sign}0.${'0'.repeat(-point)}${digits}`
    : `${sign}${digits}${'0'.repeat(point - digits.length)}`;
}
