/** Bonds that carry nothing, and slaves that are lost. */
import type { Bond, Slave } from '../facts/bonds.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { isMistaken, mbps, namesOf, type BondKind, type BondView } from './bond-view.ts';

type Said = Omit<Finding<BondKind>, 'subject'>;

const SWITCH: Repair = {
  how:
    'Look at the switch ports first: one that received spanning-tree packets of a guest is shut down (BPDU guard, ' +
    'err-disabled) until somebody enables it again, and only then at cables and transceivers',
  commands: [],
};

/**
 * The bond as a whole; null: it carries traffic, as far as can be told.
 * @param isNamed somebody wants just this one
 */
export function judgeDown(view: BondView, isNamed: boolean): Said | null {
  const { bond, up, down, active } = view;
  const { slaves, areSlavesKnown, isSwitchedOn } = bond;
  const name = shellQuote(bond.name);
  if (slaves.length === 0 && areSlavesKnown) return judgeEmpty(view, isNamed);
  if (isSwitchedOn === false) {
    return {
      kind: 'down',
      text: `is switched off, with ${counted(slaves.length, 'slave')} (${namesOf(slaves)})`,
      repair: { how: 'Switch it on, unless it is meant', commands: [`ip link set dev ${name} up`] },
    };
  }
  if (down.length === slaves.length && areSlavesKnown) return judgeLost(view);
  if (bond.isUp === false) {
    const why = bond.mode === '802.3ad' ? ', look at min_links and at LACP on the switch' : '';
    return {
      kind: 'down',
      text: `is down${up.length > 0 ? `, although ${namesOf(up)} is up` : ''}${why}`,
      repair: SWITCH,
    };
  }
  if (bond.active !== null && bond.active.name === null) {
    return { kind: 'down', text: `has no active slave${stateOfAll(slaves)}`, repair: SWITCH };
  }
  if (active !== null && down.includes(active) && (bond.isMonitored === false || isMistaken(active))) {
    return {
      kind: 'down',
      text: `the active slave ${active.name} ${trouble(active)}, and ${unnoticed(bond)}`,
    };
  }
  return null;
}

function judgeEmpty({ bond }: BondView, isNamed: boolean): Said {
  switch (bond.isSwitchedOn) {
    case false:
      if (isNamed) return { kind: 'down', text: 'is expected, but switched off and without slaves' };
      return { kind: 'unused', text: 'has no slaves and is switched off, nothing uses it' };
    case null:
      return { kind: 'unseen', text: 'has no slaves, and whether it is switched on cannot be told' };
    case true:
      return {
        kind: 'down',
        text: 'is switched on and has no slaves',
        repair: {
          how: 'Add its slaves again: ip link set dev SLAVE master BOND, with the slave switched off',
          commands: [],
        },
      };
  }
}

/** All at once is seldom the cards. */
function judgeLost({ bond, down }: BondView): Said {
  const lost = down.filter(({ isSwitchedOn }) => isSwitchedOn !== false);
  if (lost.length === 0) {
    return {
      kind: 'down',
      text: `is down, all slaves are switched off (${namesOf(down)})`,
      repair: {
        how: 'Switch the slaves on',
        commands: down.map((slave) => `ip link set dev ${shellQuote(slave.name)} up`),
      },
    };
  }
  if (bond.isMonitoredByArp && lost.every(({ hasCarrier }) => hasCarrier === true)) {
    return {
      kind: 'down',
      text: `is down, no ARP target answers on any slave (${namesOf(down)}), their carrier is there: look at the targets and the switch`,
      detail: ['arp_ip_target may be wrong or gone'],
    };
  }
  const all =
    down.length === 1
      ? `its only slave ${namesOf(down)} lost its link`
      : `all slaves lost their link together (${namesOf(down)})`;
  const isUnnoticed = bond.isUp !== false && down.some(isMistaken);
  return {
    kind: 'down',
    text: `${isUnnoticed ? 'takes itself for up, but' : 'is down,'} ${all}: look at the switch (err-disable, BPDU guard)`,
    detail: [
      ...down.map((slave) => `${slave.name} ${reason(slave)}`),
      ...(isUnnoticed ? [unnoticed(bond)] : []),
    ],
    repair: SWITCH,
  };
}

/** Slaves that are not up, of a bond that is. */
export function judgeSlaves({ bond, down, active }: BondView): readonly Said[] {
  return down.map((slave): Said => {
    const isPrimary = slave.name === bond.primary;
    const on =
      active === null || active === slave ? '' : `, ${active.name} is active at ${mbps(active.speedMbps)}`;
    return {
      kind: 'slave-down',
      text: `${isPrimary ? 'the primary ' : ''}${slave.name} ${inWords(slave, bond.updelayMs)}${on}`,
      detail: [...(slave.linkFailures === null ? [] : [`link failures: ${slave.linkFailures}`])],
      ...(slave.isSwitchedOn === false
        ? {
            repair: {
              how: 'Switch the slave on',
              commands: [`ip link set dev ${shellQuote(slave.name)} up`],
            },
          }
        : {}),
    };
  });
}

function inWords(slave: Slave, updelayMs: number | null): string {
  const { link } = slave;
  if (link === 'going down') return 'is going down (downdelay)';
  if (link === 'going back') return `is coming back (updelay ${updelayMs ?? '?'} ms)`;
  return `is down: ${reason(slave)}`;
}

/** As far as the device itself can tell. */
function reason(slave: Slave): string {
  return `${trouble(slave)}${isMistaken(slave) ? ', but the bond takes it for up' : ''}`;
}

function trouble({ isSwitchedOn, hasCarrier }: Slave): string {
  if (isSwitchedOn === false) return 'is switched off';
  if (hasCarrier === false) return 'has no carrier';
  return hasCarrier === true ? 'has carrier, the bond does not accept it' : 'has no link';
}

function unnoticed({ isMonitored, isMonitoredByArp }: Bond): string {
  if (isMonitored === false) return 'without link monitoring the bond does not notice';
  return isMonitoredByArp
    ? 'the ARP monitor has not noticed'
    : 'with use_carrier=0 or a long miimon the bond does not notice';
}

function stateOfAll(slaves: readonly Slave[]): string {
  return slaves.length === 0
    ? ''
    : ` (${slaves.map(({ name, link }) => `${name} ${link ?? 'unknown'}`).join(', ')})`;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
