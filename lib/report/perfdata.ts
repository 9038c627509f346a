/**
 * Performance data that every consumer reads the same way. Icinga 2 refuses an item with `U`, a comma, an infinity or a digit in
 * the unit, and takes `::` in one label for a prefix of all that follow (lib/icinga/pluginutility.cpp,
 * lib/base/perfdatavalue.cpp), so nothing of that can be printed from here.
 */
import { printDecimal } from './decimal.ts';
import type { Measurement, Performance } from './metric.ts';
import { printRange, type Range } from './range.ts';

/** The label of a measurement: `item_metric`, or `metric` where there is only one; fit to be printed. */
export function labelFor({ metric, item }: Pick<Measurement, 'metric' | 'item'>): string {
  return cleanLabel(item === undefined ? metric : `${item}_${metric}`);
}

/** All items on one line, separated by spaces; '' where there are none. What is not a finite number is left out. */
export function printPerformance(list: readonly Performance[]): string {
  return performanceItems(list).join(' ');
}

/** `label=value[unit][;warning][;critical][;min][;max]` for each; empty fields at the end are left out. */
export function performanceItems(list: readonly Performance[]): readonly string[] {
  const known = list.filter(({ value }) => Number.isFinite(value));
  const labels = uniqueLabels(known.map(({ label }) => label));
  return known.map((item, i) => printItem(labels[i] ?? '_', item));
}

/**
 * The labels as they are printed. No label needs quotes, since Icinga 2 and Icinga DB Web do not agree about them. Those
 * that are the same after cleaning get `_2`, `_3` and so on.
 */
export function uniqueLabels(labels: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const lastOf = new Map<string, number>();
  return labels.map((label) => {
    const clean = cleanLabel(label);
    let unique = clean;
    for (let n = lastOf.get(clean) ?? 1; taken.has(unique); unique = `${clean}_${n}`) lastOf.set(clean, ++n);
    taken.add(unique);
    return unique;
  });
}

/** Icinga DB Web leaves out a label of `0`, which PHP takes for nothing. */
function cleanLabel(label: string): string {
  if (label === '' || label === '0') return `_${label}`;
  // Nearly every one is clean, and the other expression costs 0.1 ms when it is made.
  return /^[\w.-]*$/.test(label) ? label : label.replace(/[^\w.-]/gu, '_');
}

function printItem(label: string, { value, unit, warning, critical, min, max }: Performance): string {
  const fields = [
    printDecimal(value) + unit,
    rangeField(warning),
    rangeField(critical),
    bound(min),
    bound(max),
  ];
  while (fields.at(-1) === '') fields.pop();
  return `${label}=${fields.join(';')}`;
}

function rangeField(range: Range | undefined): string {
  return range === undefined ? '' : printRange(range);
}

function bound(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : printDecimal(value);
}
