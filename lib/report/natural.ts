/**
 * The order in which people expect names: `instance-2` before `instance-10`. Intl.Collator can do it too, but loads the
 * collation tables of ICU, and every millisecond of start-up is paid once a minute on every host.
 */

const RUNS = /[0-9]+|[^0-9]+/g;

/** Negative, 0 or positive, as for `sort`; 0 only for equal texts. */
export function naturalCompare(a: string, b: string): number {
  const left = a.match(RUNS) ?? [];
  const right = b.match(RUNS) ?? [];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareRuns(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  // The same but for leading zeros.
  return compareText(a, b);
}

function compareRuns(a: string, b: string): number {
  if (!startsWithDigit(a) || !startsWithDigit(b)) return compareText(a, b);
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length === right.length ? compareText(left, right) : left.length - right.length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function startsWithDigit(run: string): boolean {
  return /^[0-9]/.test(run);
}
