/** Console logs against the ranges that were given: all together, how fast they grow, how long the disk lasts. */
import type { ConsoleLogs } from '../facts/console-logs.ts';
import { folderOf } from '../facts/console-files.ts';
import { alerts, printBounds, type Range } from '../report/range.ts';
import { alertingInUnits, boundInUnits, inUnits } from '../report/units.ts';
import { causeOf, inWords, repairOf } from './console-cause.ts';
import type { Filling, Growth } from './console-growth.ts';
import type { ConsoleLog } from './console-sizes.ts';
import { detailOf, MOST_SAID, size, type LogFinding } from './console-words.ts';

export function judgeTotal(totalBytes: number, range: Range | undefined): readonly LogFinding[] {
  if (range === undefined || !alerts(range, totalBytes)) return [];
  return [
    { kind: 'over-total', subject: '', text: `all console logs together: ${breach(totalBytes, range)}` },
  ];
}

export function judgeGrowth(
  logs: readonly ConsoleLog[],
  range: Range | undefined,
  growth: Growth,
  facts: ConsoleLogs,
): readonly LogFinding[] {
  if (range === undefined) return [];
  if (!growth.isKnown) {
    const text =
      'how fast logs grow is not known yet: that takes --state-dir and two runs five minutes apart';
    return [{ kind: 'growth-unknown', subject: '', text }];
  }
  const fast = logs.flatMap((log) => {
    const rate = growth.of(log);
    return rate === null || !alerts(range, rate) ? [] : [{ log, rate }];
  });
  return fast
    .sort((a, b) => b.rate - a.rate)
    .map(({ log, rate }, rank) => ({
      kind: 'over-growth',
      subject: log.name,
      weight: rate,
      text: `growth in an hour: ${breach(rate, range)}`,
      ...(rank < MOST_SAID
        ? { detail: detailOf(log, growth, facts), repair: repairOf(causeOf(log, facts), log, facts) }
        : {}),
    }));
}

export function judgeFilling(
  filling: readonly Filling[],
  range: Range,
  facts: ConsoleLogs,
): readonly LogFinding[] {
  return filling
    .filter(({ seconds }) => alerts(range, seconds))
    .map(({ fastest, bytesPerHour, availableBytes, seconds }) => ({
      kind: 'filling',
      subject: folderOf(fastest.path),
      text: `its file system is full in ${inUnits('s', seconds)}: console logs there grow by ${size(bytesPerHour)} an hour, ${size(availableBytes)} are free`,
      detail: [`fastest: ${fastest.name}`, inWords(causeOf(fastest, facts), fastest, facts)],
      repair: repairOf(causeOf(fastest, facts), fastest, facts),
    }));
}

function breach(value: number, range: Range): string {
  const side = range.inside ? 'inside' : 'outside';
  return `${alertingInUnits('B', value, range)} is ${side} the range ${printBounds(range, (at) => boundInUnits('B', at))}`;
}
