/** The option --kernel-age: how long a newer kernel may wait for the reboot. */
import { UsageError } from '../option.ts';
import { parseRangeWith, type Range } from '../report/range.ts';
import { readQuantity } from '../report/units.ts';

export interface KernelAge {
  /** In days. */
  readonly warning: Range;
  /** Null: never critical. */
  readonly critical: Range | null;
}

const DAY = 86_400;

/** `14,60`: two ranges in days, or with a unit (`2w`); only one: never CRITICAL. */
export function parseKernelAge(text: string): KernelAge {
  const [warning = '', critical, more] = text.split(',');
  if (more !== undefined)
    throw new UsageError(`"${text}" has more than two ranges, write WARNING,CRITICAL such as 14,60`);
  return { warning: daysOf(warning), critical: critical === undefined ? null : daysOf(critical) };
}

/** A bare number is days: nobody counts the seconds that a kernel waits. */
function daysOf(text: string): Range {
  return parseRangeWith(text, (bound) => {
    const isBare = /^[+-]?[0-9.]+$/.test(bound);
    const seconds = readQuantity('s', isBare ? `${bound}d` : bound);
    return typeof seconds === 'string' ? seconds : seconds / DAY;
  });
}
