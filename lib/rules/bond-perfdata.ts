/** The numbers of bonds: of each while they are few, else of the worst, and of all together. */
import type { Measurement } from '../report/metric.ts';
import type { BondView } from './bond-view.ts';

export type BondMetric = 'speed' | 'slaves_up' | 'slaves' | 'link_failures' | 'bonds';

/** What a graph can show, and what line 1 has room for beside its text. */
const MOST_BONDS = 10;

/**
 * @param views without those that nothing uses
 * @param isListed whether they are surely all
 */
export function measureBonds(
  views: readonly BondView[],
  isListed: boolean,
): readonly Measurement<BondMetric>[] {
  const printed = new Set([...views].sort(worstFirst).slice(0, MOST_BONDS));
  const slaves = views.flatMap(({ bond }) => bond.slaves);
  const isTotal = views.length >= 2 && isListed && views.every(({ bond }) => bond.areSlavesKnown);
  return [
    ...views.map((view) => ({
      metric: 'speed' as const,
      item: view.bond.name,
      value: view.speedMbps,
      isUnprinted: !printed.has(view),
    })),
    ...[...printed].flatMap(ofBond),
    ...(!isTotal
      ? []
      : ([
          { metric: 'slaves_up', value: total(views.map(({ up }) => up.length)) },
          { metric: 'slaves', value: slaves.length },
          { metric: 'link_failures', value: total(slaves.map(({ linkFailures }) => linkFailures)) },
        ] as const)),
    { metric: 'bonds', value: isListed ? views.length : null },
  ];
}

/** A number of slaves that are not all of them would be read as one. */
function ofBond({ bond, up }: BondView): readonly Measurement<BondMetric>[] {
  const { name: item, slaves } = bond;
  if (!bond.areSlavesKnown) return [];
  const failures = slaves.map(({ linkFailures }) => linkFailures);
  return [
    { metric: 'slaves_up', item, value: up.length, max: slaves.length },
    { metric: 'slaves', item, value: slaves.length },
    { metric: 'link_failures', item, value: failures.length === 0 ? null : total(failures) },
  ];
}

/** Most slaves down, then the slowest, then those that failed most. */
function worstFirst(a: BondView, b: BondView): number {
  if (a.down.length !== b.down.length) return b.down.length - a.down.length;
  if (a.speedMbps !== b.speedMbps) return (a.speedMbps ?? 0) - (b.speedMbps ?? 0);
  return failuresOf(b) - failuresOf(a);
}

function failuresOf({ bond }: BondView): number {
  return bond.slaves.reduce((sum, { linkFailures }) => sum + (linkFailures ?? 0), 0);
}

/** Null where one is not known. */
function total(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}
