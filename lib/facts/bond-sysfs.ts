/** What sysfs says of bonds and of their slaves: the questions, and their answers as values. */
import { head, type Ask, type Content, type Match } from '../host/ask.ts';
import {
  parseBondMode,
  parseCarrier,
  parseCount,
  parseDuplex,
  parseIsInSync,
  parseIsSwitchedOn,
  parseLinkState,
  parseSlaves,
  parseSpeed,
  parseWord,
} from '../parsers/bond-sysfs.ts';
import type { BondMode, LinkState } from '../parsers/proc-net-bonding.ts';
import type { Failure, Reading } from '../reading.ts';
import { parsedText } from './parsed.ts';

/** Asked below /sys/class/net/BOND/bonding. */
export const SYSFS_BOND = {
  mode: head('mode', 64),
  slaves: head('slaves', 8192),
  active: head('active_slave', 64),
  primary: head('primary', 64),
  reselect: head('primary_reselect', 64),
  miimon: head('miimon', 64),
  arp: head('arp_interval', 64),
  updelay: head('updelay', 64),
  link: head('mii_status', 64),
  partner: head('ad_partner_mac', 64),
};

/** Null: not known. */
export interface SysfsBond {
  readonly mode: BondMode | null;
  readonly slaves: readonly string[] | null;
  readonly active: { readonly name: string | null } | null;
  readonly primary: string | null;
  readonly primaryReselect: string | null;
  readonly miimonMs: number | null;
  readonly arpIntervalMs: number | null;
  readonly updelayMs: number | null;
  readonly isUp: boolean | null;
  readonly partnerMac: string | null;
}

export function sysfsBond(answers: Omit<Match<typeof SYSFS_BOND>, 'path'>): SysfsBond {
  const read = <T>(reading: Reading<Content>, parse: (text: string) => T): T | null => {
    const parsed = parsedText(reading, '', parse);
    return parsed.ok ? parsed.value : null;
  };
  const link = read(answers.link, parseLinkState);
  return {
    mode: read(answers.mode, parseBondMode),
    slaves: read(answers.slaves, parseSlaves),
    active: read(answers.active, (text) => ({ name: parseWord(text) })),
    primary: read(answers.primary, parseWord),
    primaryReselect: read(answers.reselect, parseWord),
    miimonMs: read(answers.miimon, parseCount),
    arpIntervalMs: read(answers.arp, parseCount),
    updelayMs: read(answers.updelay, parseCount),
    isUp: link === null ? null : link === 'up',
    partnerMac: read(answers.partner, parseWord),
  };
}

export interface DeviceQuestions {
  readonly [name: string]: Ask<Reading<Content>>;
}

export function bondQuestions(bond: string): DeviceQuestions {
  return {
    [`${bond} flags`]: head(`/sys/class/net/${bond}/flags`, 64),
    [`${bond} ifindex`]: head(`/sys/class/net/${bond}/ifindex`, 64),
  };
}

/**
 * @param isKnown to the bonding driver in /proc: little else need be asked about its part in the bond
 * @param isChurned by which LACP may have gone well since: the states of the port say so (not in old kernels)
 */
export function slaveQuestions(slave: string, isKnown: boolean, isChurned: boolean): DeviceQuestions {
  const files = [
    ...['flags', 'ifindex', 'carrier', 'speed', 'duplex'],
    ...(isChurned ? ['ad_actor_oper_port_state', 'ad_partner_oper_port_state'].map(below) : []),
    ...(isKnown ? [] : ['mii_status', 'link_failure_count', 'perm_hwaddr', 'ad_aggregator_id'].map(below)),
  ];
  return Object.fromEntries(
    files.map((file) => [`${slave} ${file}`, head(`/sys/class/net/${slave}/${file}`, 64)]),
  );
}

function below(file: string): string {
  return `bonding_slave/${file}`;
}

export type DeviceAnswers = Readonly<Record<string, Reading<Content>>>;

export interface SysfsSlave {
  readonly index: number | null;
  readonly isSwitchedOn: boolean | null;
  readonly hasCarrier: boolean | null;
  readonly speedMbps: number | null;
  /** The device was asked and answered, if only that it does not know. */
  readonly isSpeedTold: boolean;
  readonly duplex: 'full' | 'half' | null;
  readonly link: LinkState | null;
  readonly linkFailures: number | null;
  readonly permanentAddress: string;
  readonly aggregatorId: number | null;
  readonly isActorInSync: boolean | null;
  readonly isPartnerInSync: boolean | null;
  /** The device is not there. */
  readonly isGone: boolean;
  /** What should have been there and was not, or was not understood. */
  readonly failures: readonly Failure[];
}

export function sysfsSlave(name: string, answers: DeviceAnswers): SysfsSlave {
  const failures: Failure[] = [];
  const read = <T>(file: string, parse: (text: string) => T): T | null => {
    const reading = answers[`${name} ${file}`];
    if (reading === undefined) return null;
    const parsed = parsedText(reading, `/sys/class/net/${name}/${file}`, parse);
    if (!parsed.ok && !isNormal(parsed)) failures.push(parsed);
    return parsed.ok ? parsed.value : null;
  };
  const flags = answers[`${name} flags`];
  return {
    isGone: flags?.ok === false && flags.why === 'absent',
    index: read('ifindex', parseCount),
    isSwitchedOn: read('flags', parseIsSwitchedOn),
    hasCarrier: read('carrier', parseCarrier),
    speedMbps: read('speed', parseSpeed),
    isSpeedTold: answers[`${name} speed`]?.ok === true,
    duplex: read('duplex', parseDuplex),
    link: read(below('mii_status'), parseLinkState),
    linkFailures: read(below('link_failure_count'), parseCount),
    permanentAddress: read(below('perm_hwaddr'), parseWord) ?? '',
    aggregatorId: read(below('ad_aggregator_id'), parseCountOrNothing),
    isActorInSync: read(below('ad_actor_oper_port_state'), parseIsInSync),
    isPartnerInSync: read(below('ad_partner_oper_port_state'), parseIsInSync),
    failures,
  };
}

/** `N/A` outside of 802.3ad. */
function parseCountOrNothing(text: string): number | null {
  return text.trim() === 'N/A' ? null : parseCount(text);
}

/** A device that is switched off refuses (EINVAL); one without a file is of an old kernel, and /proc knows it too. */
function isNormal({ why, detail }: Failure): boolean {
  return why === 'absent' || (why === 'failed' && detail.includes('EINVAL'));
}
