/** What the findings about console logs share: their kinds, how many are said, how sizes and names are written. */
import type { ConsoleLogs } from '../facts/console-logs.ts';
import type { Finding } from '../report/finding.ts';
import { inUnits } from '../report/units.ts';
import { causeOf, inWords } from './console-cause.ts';
import type { Growth } from './console-growth.ts';
import { isSparse, type ConsoleLog } from './console-sizes.ts';

export type LogKind =
  | 'over-total'
  | 'over-growth'
  | 'growth-unknown'
  | 'filling'
  | 'deleted'
  | 'unlimited'
  | 'orphan'
  | 'link'
  | 'guests-denied'
  | 'open-files-denied'
  | 'unseen';
export type LogFinding = Finding<LogKind>;

/** So many are said one by one, of any kind: a host can have ten thousand. */
export const MOST_SAID = 10;

export function size(bytes: number): string {
  return inUnits('B', bytes);
}

/** What stands behind a log that is out of its range: where it is, both sizes, who writes it, how fast it grows. */
export function detailOf(log: ConsoleLog, growth: Growth, facts: ConsoleLogs): readonly string[] {
  const { path, owner, files, allocatedBytes, apparentBytes, device } = log;
  const rate = growth.of(log);
  const system = device === null ? undefined : facts.fileSystems.get(device);
  return [
    path,
    ...(owner.uuid === null ? [] : [`uuid ${owner.uuid}`]),
    `${size(allocatedBytes)} on disk, ${size(apparentBytes)} to read${isSparse(log) ? ': sparse' : ''}`,
    ...(files.length > 1 ? [`${files.length} files with the rotated ones`] : []),
    inWords(causeOf(log, facts), log, facts),
    ...(rate === null ? [] : [`grows by ${size(rate)} an hour`]),
    ...(system === undefined ? [] : [`${size(system.availableBytes)} of its file system are free`]),
  ];
}

/** The first five, which are the largest. */
export function namesOf(logs: readonly ConsoleLog[]): string {
  const shown = new Set<string>();
  for (const { name } of logs) {
    if (shown.size === 5) return `${[...shown].join(', ')}, ...`;
    shown.add(name);
  }
  return [...shown].join(', ');
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
