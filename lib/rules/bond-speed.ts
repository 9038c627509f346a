/** All that is to be said about the bonds of a host. */
import type { Bonds } from '../facts/bonds.ts';
import type { Memory } from '../plugin.ts';
import { inWords } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { naturalCompare } from '../report/natural.ts';
import { judgeActive } from './bond-active.ts';
import { counted, judgeDown, judgeSlaves } from './bond-down.ts';
import type { Expectation } from './bond-expect.ts';
import { judgeLacp } from './bond-lacp.ts';
import { historyOf, remembered, toRemember, type BondHistory } from './bond-memory.ts';
import { optionRepair } from './bond-repair.ts';
import { judgeCapability, judgeDuplex } from './bond-speeds.ts';
import { isMistaken, mbps, namesOf, viewOf, type BondKind, type BondView } from './bond-view.ts';

type Said = Omit<Finding<BondKind>, 'subject'>;

export interface BondOptions {
  readonly minSlaves: number;
  /** Bonds that somebody gave by their whole name. */
  readonly named: readonly string[];
  readonly expected: readonly Expectation[];
}

export interface BondsVerdict {
  readonly views: readonly BondView[];
  readonly findings: readonly Finding<BondKind>[];
  readonly remember: unknown;
}

export function judgeBonds(bonds: Bonds, options: BondOptions, memory: Memory | null): BondsVerdict {
  const before = remembered(memory);
  const views = bonds.all.map(viewOf).sort((a, b) => naturalCompare(a.bond.name, b.bond.name));
  const findings = views.flatMap((view) =>
    judgeBond(view, options, historyOf(view.bond, before)).map((said) => ({
      ...said,
      subject: view.bond.name,
    })),
  );
  const slow = findings.flatMap(({ kind, subject }) => (kind === 'on-slow' ? [subject] : []));
  const up = views.flatMap((view) => view.up);
  return {
    views,
    findings: [...findings, ...unseen(bonds)],
    remember: toRemember(before, bonds, up, slow),
  };
}

/** The most important first: of the same state, the first is line 1. */
function judgeBond(
  view: BondView,
  { minSlaves, expected, named }: BondOptions,
  history: BondHistory,
): readonly Said[] {
  const down = judgeDown(view, named.includes(view.bond.name));
  const lacp = judgeLacp(view);
  return [
    ...(down === null ? judgeActive(view, history) : [down]),
    ...(down === null ? judgeSlaves(view) : []),
    ...judgeCapability(view, history, expected),
    ...(lacp === null ? [] : [lacp]),
    ...judgeCount(view, minSlaves),
    ...judgeMonitoring(view),
    ...judgeDuplex(view),
  ];
}

/** A bond whose fast slave has left looks whole. */
function judgeCount({ bond }: BondView, minSlaves: number): readonly Said[] {
  const { slaves, areSlavesKnown } = bond;
  if (!areSlavesKnown || slaves.length === 0 || slaves.length >= minSlaves) return [];
  return [
    {
      kind: 'few-slaves',
      text: `has only ${counted(slaves.length, 'slave')} (${namesOf(slaves)}), expected at least ${minSlaves}`,
      repair: {
        how: 'Add the missing slave again: ip link set dev SLAVE master BOND, with the slave switched off (--min-slaves 1 if one is meant)',
        commands: [],
      },
    },
  ];
}

/** miimon is 0 by default; 802.3ad, tlb and alb set it to 100 themselves (bond_check_params, bond_option_mode_set). */
function judgeMonitoring({ bond }: BondView): readonly Said[] {
  if (bond.isMonitored !== false || bond.slaves.length === 0) return [];
  return [
    {
      kind: 'no-monitoring',
      text: 'does not monitor its links (miimon 0, no ARP interval): it never notices that a slave is lost',
      repair: optionRepair(bond, { miimon: '100' }, 'Let it look at its links ten times a second'),
    },
  ];
}

function unseen({ unread }: Bonds): readonly Finding<BondKind>[] {
  return unread.map(({ bond, failure }) => ({
    kind: 'unseen',
    subject: bond,
    text: inWords(failure),
    timedOut: failure.why === 'timedOut',
  }));
}

/** One line about a bond, whatever it is. */
export function itemOf({ bond, active, speedMbps }: BondView): string {
  const { name, mode, primary, primaryReselect: reselect, slaves } = bond;
  const first = active === null ? '' : `, ${active.name} active`;
  const kept = primary === null ? '' : `, primary ${primary}${reselect === null ? '' : ` (${reselect})`}`;
  const all = slaves.map((slave) => {
    const state = isMistaken(slave) ? 'down' : (slave.link ?? 'unknown');
    const duplex = slave.duplex === null ? '' : ` ${slave.duplex}`;
    return `${slave.name} ${state} ${mbps(slave.speedMbps)}${duplex}`;
  });
  return `${name}: ${mode ?? 'unknown mode'}${first}, ${mbps(speedMbps)}${kept}; ${all.length === 0 ? 'no slaves' : all.join(', ')}`;
}
