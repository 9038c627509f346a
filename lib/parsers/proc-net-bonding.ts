/**
 * /proc/net/bonding/BOND: one bond and its slaves (bond_info_seq_show in drivers/net/bonding/bond_procfs.c, any user).
 *
 *     Ethernet Channel Bonding Driver: v6.1.176
 *
 *     Bonding Mode: fault-tolerance (active-backup)
 *     Primary Slave: eth0 (primary_reselect always)
 *     Currently Active Slave: eth1
 *     MII Status: up
 *     MII Polling Interval (ms): 100
 *     Up Delay (ms): 0
 *     Down Delay (ms): 0
 *     Peer Notification Delay (ms): 0
 *
 *     Slave Interface: eth0
 *     MII Status: down
 *     Speed: 10000 Mbps
 *     Duplex: full
 *     Link Failure Count: 1
 *     Permanent HW addr: 7a:04:60:2c:d8:5f
 *     Slave queue ID: 0
 *
 * "MII Status" is there once for the bond and once for each slave. Before Linux 2.6.3x slaves have no speed, no duplex, no queue;
 * later an unknown speed was printed as -1, 65535 or 4294967295, then as "Unknown". In 802.3ad the order within a block has
 * changed, the churn states have come (Linux 4.0; for slaves with an aggregator), and without CAP_NET_ADMIN the aggregator in use, the partner and the LACP units are left out: their absence
 * means nothing. The speed is what the driver was told at the last change of the link. Skipped on purpose: ARP targets, hash
 * policies, delays of notifications, the indented LACP units, the one file of all bonds of Linux 2.4.
 */
import { countOf, fieldsOf, need, needOneOf, speedOf, type Fields } from './bond-fields.ts';
import { FormatError } from './text.ts';

/** By number, as sysfs and `mode=` have it. */
export const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;
export type BondMode = (typeof BOND_MODES)[number];

/** bond_mode_name() of bond_main.c, in the order of the numbers. */
const MODES_IN_WORDS = [
  'load balancing (round-robin)',
  'fault-tolerance (active-backup)',
  'load balancing (xor)',
  'fault-tolerance (broadcast)',
  'IEEE 802.3ad Dynamic link aggregation',
  'transmit load balancing',
  'adaptive load balancing',
];

export const LINK_STATES = ['up', 'going down', 'down', 'going back'] as const;
/** `going down` and `going back`: carrier was lost or found, and downdelay or updelay runs. */
export type LinkState = (typeof LINK_STATES)[number];

export interface ProcBond {
  readonly mode: BondMode;
  /** Null: none is set, or the mode has none. */
  readonly primary: string | null;
  /** always, better, failure; null where there is no primary, and in old kernels. */
  readonly primaryReselect: string | null;
  /** Null: none; the modes that use all slaves have none. */
  readonly activeSlave: string | null;
  readonly isUp: boolean;
  /** 0: the link is not looked at. */
  readonly miimonMs: number;
  readonly updelayMs: number;
  /** 0: none. */
  readonly arpIntervalMs: number;
  /** 802.3ad, for CAP_NET_ADMIN only; null: not told. */
  readonly partnerMac: string | null;
  /** In the order in which they were enslaved. */
  readonly slaves: readonly ProcSlave[];
}

export interface ProcSlave {
  readonly name: string;
  readonly link: LinkState;
  /** What it was when the link last changed, also of a slave that is down; null: not known. */
  readonly speedMbps: number | null;
  readonly duplex: 'full' | 'half' | null;
  /** Since it was enslaved. */
  readonly linkFailures: number;
  readonly permanentAddress: string;
  /** 802.3ad; null: none. */
  readonly aggregatorId: number | null;
  /** none, monitoring, churned; null: not told. */
  readonly actorChurn: string | null;
  readonly partnerChurn: string | null;
}

const FIRST = 'Ethernet Channel Bonding Driver: ';
/** Modes with an active slave, and a primary. */
export const HAVE_ACTIVE: readonly BondMode[] = ['active-backup', 'balance-tlb', 'balance-alb'];

/** Throws FormatError, for a file that was cut off as well, as far as that can be told. */
export function parseProcNetBonding(text: string): ProcBond {
  if (text === '') throw new FormatError('bond', 'the file is empty');
  if (!text.startsWith(FIRST)) throw new FormatError('bond', `does not begin with "${FIRST}"`, text);
  if (!text.endsWith('\n')) throw new FormatError('bond', 'ends within a line, it is cut off');
  const [head = '', ...blocks] = text.split(/^(?=(?:Slave|Port|Link) Interface: )/m);
  const bond = fieldsOf(head);
  const mode = modeOf(need(bond, 'Bonding Mode', 'bond'));
  const slaves = blocks.map((block) => fieldsOf(block));
  complain(slaves, mode);
  const [primary, , reselect] = bond.get('Primary Slave')?.split(/[ )]/) ?? [];
  const names = slaves.map((slave) => nameOf(slave));
  if (new Set(names).size !== names.length) throw new FormatError('bond', 'has a slave twice');
  for (const key of ['Down Delay (ms)', ...(mode === '802.3ad' ? ['LACP rate'] : [])])
    need(bond, key, 'bond');
  // A device may be called None.
  const named = (name: string): string | null => (name === 'None' && !names.includes('None') ? null : name);
  return {
    mode,
    primary: primary === undefined ? null : named(primary),
    primaryReselect: reselect ?? null,
    activeSlave: HAVE_ACTIVE.includes(mode) ? named(activeOf(bond, names)) : null,
    isUp: linkOf(bond, 'bond') === 'up',
    miimonMs: countOf(need(bond, 'MII Polling Interval (ms)', 'bond')),
    updelayMs: countOf(need(bond, 'Up Delay (ms)', 'bond')),
    arpIntervalMs: arpInterval(bond),
    partnerMac: bond.get('Partner Mac Address') ?? null,
    slaves: slaves.map(slaveOf),
  };
}

/** Lines that one slave has all have: the kernel writes them by its version, those on churn to all that have an aggregator. */
function complain(slaves: readonly Fields[], mode: BondMode): void {
  const all = [
    ...ofAny(slaves, ['Speed', 'Duplex', 'Slave queue ID']),
    ...(mode === '802.3ad' ? ['Aggregator ID'] : []),
  ];
  const churn = ofAny(slaves, CHURN);
  for (const slave of slaves) {
    for (const key of all) need(slave, key, nameOf(slave));
    if (slave.get('Aggregator ID') === 'N/A') continue;
    for (const key of churn) need(slave, key, nameOf(slave));
  }
}

const CHURN = ['Actor Churn State', 'Partner Churn State', 'Actor Churned Count', 'Partner Churned Count'];

function ofAny(slaves: readonly Fields[], keys: readonly string[]): readonly string[] {
  return keys.filter((key) => slaves.some((slave) => slave.has(key)));
}

function slaveOf(fields: Fields): ProcSlave {
  const name = nameOf(fields);
  const duplex = fields.get('Duplex');
  const aggregator = fields.get('Aggregator ID') ?? 'N/A';
  return {
    name,
    link: linkOf(fields, name),
    speedMbps: speedOf(fields.get('Speed') ?? 'Unknown'),
    duplex: duplex === 'full' || duplex === 'half' ? duplex : null,
    linkFailures: countOf(need(fields, 'Link Failure Count', name)),
    permanentAddress: need(fields, 'Permanent HW addr', name),
    aggregatorId: aggregator === 'N/A' ? null : countOf(aggregator),
    actorChurn: fields.get('Actor Churn State') ?? null,
    partnerChurn: fields.get('Partner Churn State') ?? null,
  };
}

function activeOf(bond: Fields, names: readonly string[]): string {
  const active = needOneOf(bond, ['Currently Active Slave', 'Currently Active Port']);
  if (active !== 'None' && !names.includes(active)) {
    throw new FormatError('bond', 'lacks its active slave', active);
  }
  return active;
}

function nameOf(slave: Fields): string {
  const name = needOneOf(slave, ['Slave Interface', 'Port Interface', 'Link Interface']);
  if (!/^\S+$/.test(name)) throw new FormatError('Slave Interface', 'no name', name);
  return name;
}

function modeOf(text: string): BondMode {
  const words = text.replace(/ \(fail_over_mac \w+\)/, '');
  const mode = BOND_MODES[MODES_IN_WORDS.indexOf(words)];
  if (mode === undefined) throw new FormatError('Bonding Mode', 'no mode of the bonding driver', text);
  return mode;
}

function linkOf(fields: Fields, place: string): LinkState {
  const text = need(fields, 'MII Status', place);
  const link = LINK_STATES.find((state) => state === text);
  if (link === undefined) throw new FormatError(`${place}, MII Status`, 'no state of a link', text);
  return link;
}

function arpInterval(bond: Fields): number {
  const text = bond.get('ARP Polling Interval (ms)');
  return text === undefined ? 0 : countOf(text);
}
