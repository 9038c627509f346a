import type { Finding } from './finding.ts';
import type { Range } from './range.ts';

/**
 * Units that every consumer of performance data understands the same way; '' is a plain number. Icinga 2 reads
 * `m` as minutes, `d` as days and drops what it does not know (lib/base/perfdatavalue.cpp), so the list is closed.
 */
export type Unit = '' | 's' | 'ms' | 'us' | '%' | 'B' | 'c';

/** A number that a check promises to report: declared once, shown in help, manual page and documentation. */
export interface Metric {
  readonly unit: Unit;
  /** What it counts or measures, for people. */
  readonly meaning: string;
  /** What it is measured for, one by one: `bond` where each bond has a value of its own, with the label `BOND_metric`. */
  readonly of?: string;
  /** The smallest and the largest possible value, where they are fixed. */
  readonly min?: number;
  readonly max?: number;
}

/** How a metric is called in the performance data: `BOND_speed` stands for `bond0_speed` and so on. */
export function labelOf(name: string, { of }: Metric): string {
  return of === undefined ? name : `${of.toUpperCase()}_${name}`;
}

/** One number of one run. `value` null: not known this time, and left out of the performance data. */
export interface Measurement<Name extends string = string> {
  readonly metric: Name;
  /** The thing measured, where a metric is reported once per bond, guest or pool: label `item_metric`. */
  readonly item?: string;
  readonly value: number | null;
  /** Thresholds hold for it, and the performance data leave it out: one of too many. */
  readonly isUnprinted?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** What to say beside the number where it is outside -w or -c. */
  readonly onAlert?: Pick<Finding, 'detail' | 'repair' | 'weight'>;
}

/** A measurement ready to print: label, unit and the ranges that were really applied to it. */
export interface Performance {
  readonly label: string;
  readonly value: number;
  readonly unit: Unit;
  readonly warning?: Range;
  readonly critical?: Range;
  readonly min?: number;
  readonly max?: number;
}
