/** The numbers of console logs: each, all, their pace; and the lines that list them. */
import type { ConsoleLogs } from '../facts/console-logs.ts';
import type { Measurement } from '../report/metric.ts';
import { causeOf, repairOf } from './console-cause.ts';
import type { Filling, Growth } from './console-growth.ts';
import { isSparse, type ConsoleLog } from './console-sizes.ts';
import { counted, detailOf, MOST_SAID, size } from './console-words.ts';

/** Main metric: all are measured, the largest are printed and explained. */
export function sizesOf(
  logs: readonly ConsoleLog[],
  growth: Growth,
  facts: ConsoleLogs,
): readonly Measurement<'size'>[] {
  return logs.map(({ name, sizeBytes }, rank) => {
    const log = rank < MOST_SAID ? logs[rank] : undefined;
    if (log === undefined) return { metric: 'size', item: name, value: sizeBytes, isUnprinted: true };
    const cause = causeOf(log, facts);
    const detail = detailOf(log, growth, facts);
    const onAlert = { weight: sizeBytes, detail, repair: repairOf(cause, log, facts) };
    return { metric: 'size', item: name, value: sizeBytes, onAlert };
  });
}

/** One line for each of the largest, and one for all others. */
export function itemsOf(logs: readonly ConsoleLog[]): readonly string[] {
  const shown = logs.slice(0, 5 * MOST_SAID);
  const rest = logs.length - shown.length;
  return [
    ...shown.map((log) => {
      const sparse = isSparse(log) ? `, sparse: ${size(log.apparentBytes)} to read` : '';
      const at = log.name === log.path ? '' : ` (${log.path})`;
      return `${log.name}: ${size(log.allocatedBytes)}${sparse}${at}`;
    }),
    ...(rest === 0 ? [] : [`${rest} more, none of them larger`]),
  ];
}

export interface Totals {
  readonly sizeBytes: number;
  readonly apparentBytes: number;
  readonly sparse: number;
  /** Of deleted logs that are still open, what the disk pays. */
  readonly deletedBytes: number;
}

/** In one pass: there can be ten thousand. */
export function totalsOf(logs: readonly ConsoleLog[]): Totals {
  const totals = { sizeBytes: 0, apparentBytes: 0, sparse: 0, deletedBytes: 0 };
  for (const log of logs) {
    totals.sizeBytes += log.sizeBytes;
    totals.apparentBytes += log.apparentBytes;
    if (isSparse(log)) totals.sparse += 1;
    for (const { stat } of log.deleted) {
      if (stat?.ok === true) totals.deletedBytes += stat.value.allocatedBytes;
    }
  }
  return totals;
}

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}

/** A sum of what was seen is left out where something was not. */
export function sumsOf(
  judged: readonly ConsoleLog[],
  others: readonly ConsoleLog[],
  totals: Totals,
  facts: ConsoleLogs,
) {
  const known = (value: number): number | null => (facts.unseen.length === 0 ? value : null);
  return [
    { metric: 'largest', value: judged[0]?.sizeBytes ?? null },
    { metric: 'total', value: known(totals.sizeBytes) },
    { metric: 'to_read', value: known(totals.apparentBytes) },
    { metric: 'logs', value: known(judged.length) },
    { metric: 'deleted', value: facts.closed.length === 0 ? totals.deletedBytes : null },
    { metric: 'others', value: known(others.length) },
  ] as const;
}

export function summaryOf(
  judged: readonly ConsoleLog[],
  others: readonly ConsoleLog[],
  { sizeBytes, sparse }: Totals,
): string {
  return [
    `${counted(judged.length, 'console log')}, ${size(sizeBytes)}`,
    ...(sparse === 0 ? [] : [`${sparse} sparse`]),
    ...(others.length === 0 ? [] : [`${others.length} of other hosts`]),
  ].join(', ');
}

export function noneOf(others: readonly ConsoleLog[]): string {
  return `no console logs of guests of this host${others.length === 0 ? '' : `, ${others.length} of other hosts`}`;
}

/** Of the fastest, and of the file system that is full first. */
export function pacesOf(judged: readonly ConsoleLog[], growth: Growth, filling: readonly Filling[]) {
  return [
    { metric: 'growth', value: largest(judged.flatMap((log) => growth.of(log) ?? [])) },
    { metric: 'full_in', value: filling[0]?.seconds ?? null },
  ] as const;
}
