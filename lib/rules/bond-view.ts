/** One bond as the rules look at it: which slaves count as up, which is the fastest, how fast the whole is. */
import type { Bond, Slave } from '../facts/bonds.ts';

export type BondKind =
  | 'down'
  | 'unused'
  | 'slave-down'
  | 'slower-active'
  | 'on-slow'
  | 'below-capability'
  | 'expected-speed'
  | 'absent'
  | 'primary'
  | 'few-slaves'
  | 'no-monitoring'
  | 'half-duplex'
  | 'lacp'
  | 'unseen';

export interface BondView {
  readonly bond: Bond;
  readonly up: readonly Slave[];
  readonly down: readonly Slave[];
  /** The active slave, whether up or not; null: none, not known, or the mode has none. */
  readonly active: Slave | null;
  /** Of those that are up with a speed that is known; null: none. */
  readonly fastest: FastSlave | null;
  /** Of the active slave, or of all that are up together; null: not known, or nothing is up. */
  readonly speedMbps: number | null;
}

export type FastSlave = Slave & { readonly speedMbps: number };

export function viewOf(bond: Bond): BondView {
  const up = bond.slaves.filter((slave) => isUp(slave));
  const active = bond.slaves.find(({ name }) => name === bond.active?.name) ?? null;
  return {
    bond,
    up,
    down: bond.slaves.filter((slave) => slave.link !== null && !isUp(slave)),
    active,
    fastest: fastestOf(up),
    speedMbps: bond.isUp === false || bond.isSwitchedOn === false ? null : speedOf(bond, up, active),
  };
}

/**
 * What the driver takes for up may be lost: without monitoring, between two looks of a long miimon, or with use_carrier=0,
 * where it asks the card and takes one that does not answer for up (bond_check_dev_link). The device itself knows its carrier.
 */
function isUp(slave: Slave): boolean {
  return slave.link === 'up' && !isMistaken(slave);
}

/** The driver takes it for up, and it is not. */
export function isMistaken({ link, hasCarrier, isSwitchedOn }: Slave): boolean {
  return link === 'up' && (hasCarrier === false || isSwitchedOn === false);
}

export function hasSpeed(slave: Slave): slave is FastSlave {
  return slave.speedMbps !== null;
}

export function fastestOf(slaves: readonly Slave[]): FastSlave | null {
  return slaves
    .filter(hasSpeed)
    .reduce<FastSlave | null>(
      (best, slave) => (best === null || slave.speedMbps > best.speedMbps ? slave : best),
      null,
    );
}

/** As the bond's own `speed` does it (bond_ethtool_get_link_ksettings in bond_main.c): broadcast is as slow as its slowest slave. */
function speedOf({ mode }: Bond, up: readonly Slave[], active: Slave | null): number | null {
  switch (mode) {
    case null:
      return null;
    case 'active-backup':
      return active !== null && up.includes(active) ? active.speedMbps : null;
    case 'broadcast':
      return up.length > 0 && up.every(hasSpeed) ? Math.min(...up.map(({ speedMbps }) => speedMbps)) : null;
    case '802.3ad':
      return largest(aggregatorsOf(up).map(([, slaves]) => sum(slaves)));
    case 'balance-rr':
    case 'balance-xor':
    case 'balance-tlb':
    case 'balance-alb':
      return sum(up);
  }
}

/** The slaves of each aggregator; only one of them carries traffic. */
export function aggregatorsOf(slaves: readonly Slave[]): readonly (readonly [number | null, Slave[]])[] {
  const all = new Map<number | null, Slave[]>();
  for (const slave of slaves) {
    all.set(slave.aggregatorId, [...(all.get(slave.aggregatorId) ?? []), slave]);
  }
  return [...all];
}

function sum(slaves: readonly Slave[]): number | null {
  return slaves.length > 0 && slaves.every(hasSpeed)
    ? slaves.reduce((total, { speedMbps }) => total + speedMbps, 0)
    : null;
}

/** Null where one is not known: it may be the largest. */
function largest(speeds: readonly (number | null)[]): number | null {
  const known = speeds.flatMap((speed) => speed ?? []);
  return known.length > 0 && known.length === speeds.length ? Math.max(...known) : null;
}

export function mbps(speed: number | null): string {
  return speed === null ? 'unknown speed' : `${speed} Mb/s`;
}

/** `eth0 (10000 Mb/s)` */
export function withSpeed({ name, speedMbps }: Slave): string {
  return `${name} (${mbps(speedMbps)})`;
}

export function namesOf(slaves: readonly Slave[]): string {
  return slaves.map(({ name }) => name).join(', ');
}
