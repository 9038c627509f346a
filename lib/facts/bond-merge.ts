/** One bond of what /proc and sysfs tell of it, and what is to be said where they do not agree. */
import { bytes, each, list, type Matches } from '../host/ask.ts';
import type { EthtoolSettings } from '../parsers/ethtool-settings.ts';
import {
  HAVE_ACTIVE,
  parseProcNetBonding,
  type ProcBond,
  type ProcSlave,
} from '../parsers/proc-net-bonding.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import { SYSFS_BOND, sysfsBond, type SysfsBond, type SysfsSlave } from './bond-sysfs.ts';
import type { ToolAnswers } from './bond-tools.ts';
import type { Bond, Slave, Unread } from './bonds.ts';
import { parsedText } from './parsed.ts';

const PROC_BOND = { text: bytes('') };

export const FIRST = {
  devices: list('/sys/class/net'),
  sysfs: each('/sys/class/net/*/bonding', SYSFS_BOND),
  proc: each('/proc/net/bonding/*', PROC_BOND),
};

/** One bond as both tell it; null: that source could not. */
export interface Told {
  readonly name: string;
  readonly proc: ProcBond | null;
  readonly sysfs: SysfsBond | null;
  readonly slaves: readonly string[];
  readonly areSlavesKnown: boolean;
}

interface FirstAnswers {
  readonly devices: Reading<readonly string[]>;
  readonly sysfs: Reading<Matches<typeof SYSFS_BOND>>;
  readonly proc: Reading<Matches<typeof PROC_BOND>>;
}

export function toldBonds({ devices, sysfs, proc }: FirstAnswers, unread: Unread[]): readonly Told[] {
  const complain = (failure: Failure, bond = ''): void => void unread.push({ bond, failure });
  for (const source of [sysfs, proc]) {
    if (!source.ok) complain(source);
    else for (const failure of source.value.unlisted) complain(failure);
  }
  const fromSysfs = new Map(
    (sysfs.ok ? sysfs.value.found : []).map((match) => [match.path.split('/')[4] ?? '', match]),
  );
  const fromProc = new Map(
    (proc.ok ? proc.value.found : []).map((match) => [match.path.split('/')[4] ?? '', match]),
  );
  const hasSysfs = devices.ok || fromSysfs.size > 0;
  // A tree may hold /proc alone, but somewhere there must have been something to look at.
  if (!devices.ok && !hasSysfs && (fromProc.size === 0 || devices.why !== 'absent')) complain(devices);
  return [...new Set([...fromProc.keys(), ...fromSysfs.keys()])].map((name) => {
    const [inProc, inSysfs] = [fromProc.get(name), fromSysfs.get(name)];
    const path = `/proc/net/bonding/${name}`;
    const text = inProc?.text ?? failed('vanished', path, 'the bond is in /sys/class/net');
    const parsed = parsedText(text, path, parseProcNetBonding);
    if (!parsed.ok && (proc.ok || inProc !== undefined)) complain(parsed, name);
    if (inSysfs === undefined && hasSysfs && sysfs.ok) {
      complain(failed('vanished', `/sys/class/net/${name}/bonding`, `the bond is in ${path}`), name);
    }
    return tellOf(name, parsed.ok ? parsed.value : null, inSysfs ? sysfsBond(inSysfs) : null, complain);
  });
}

/** A file cut off between two slaves looks whole: only the other source shows that there are more. */
function tellOf(
  name: string,
  proc: ProcBond | null,
  sysfs: SysfsBond | null,
  complain: (failure: Failure, bond: string) => void,
): Told {
  const inProc = proc?.slaves.map((slave) => slave.name) ?? [];
  const inSysfs = sysfs?.slaves ?? null;
  const isSame =
    inSysfs === null ||
    (inSysfs.length === inProc.length && inSysfs.every((slave) => inProc.includes(slave)));
  if (proc !== null && !isSame) {
    const others = `its slaves are ${listed(inProc)}, in sysfs ${listed(inSysfs)}`;
    complain(failed('unparsable', `/proc/net/bonding/${name}`, others), name);
  }
  const slaves = [...new Set([...inProc, ...(inSysfs ?? [])])];
  return { name, proc, sysfs, slaves, areSlavesKnown: proc === null ? inSysfs !== null : isSame };
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(' ');
}

export interface Devices {
  readonly bonds: ReadonlyMap<string, SysfsSlave>;
  readonly slaves: ReadonlyMap<string, SysfsSlave>;
}

/** What was asked last. */
export interface Last extends ToolAnswers {
  readonly configs: ReadonlyMap<string, Bond['config']>;
}

export const NOTHING: Last = { settings: new Map(), partners: new Map(), configs: new Map() };

export function bondOf(told: Told, devices: Devices, last: Last): Bond {
  const { name, proc, sysfs, slaves, areSlavesKnown } = told;
  const said = filled(proc === null ? UNKNOWN_BOND : saidInProc(proc), sysfs ?? UNKNOWN_BOND);
  const { mode, miimonMs, arpIntervalMs } = said;
  return {
    name,
    mode,
    isSwitchedOn: devices.bonds.get(name)?.isSwitchedOn ?? null,
    isUp: said.isUp,
    active: mode === null || !HAVE_ACTIVE.includes(mode) ? null : said.active,
    primary: said.primary,
    primaryReselect: said.primaryReselect,
    isMonitored: miimonMs === null || arpIntervalMs === null ? null : miimonMs > 0 || arpIntervalMs > 0,
    isMonitoredByArp: (arpIntervalMs ?? 0) > 0,
    updelayMs: said.updelayMs,
    partnerMac: said.partnerMac ?? last.partners.get(name) ?? null,
    slaves: slaves.map((slave) => {
      const inProc = proc?.slaves.find((one) => one.name === slave);
      return slaveOf(slave, inProc, devices.slaves.get(slave), last.settings.get(slave));
    }),
    areSlavesKnown,
    config: last.configs.get(name) ?? { system: 'unknown' },
  };
}

const UNKNOWN_BOND: SysfsBond = {
  mode: null,
  slaves: null,
  active: null,
  primary: null,
  primaryReselect: null,
  miimonMs: null,
  arpIntervalMs: null,
  updelayMs: null,
  isUp: null,
  partnerMac: null,
};

function saidInProc({ slaves, activeSlave, ...rest }: ProcBond): SysfsBond {
  return { ...rest, active: { name: activeSlave }, slaves: slaves.map(({ name }) => name) };
}

/** What the first does not know, from the second. */
function filled<T extends object>(first: T, second: T): T {
  const known = Object.entries(first).filter(([, value]) => value !== null);
  return { ...second, ...Object.fromEntries(known) };
}

type OfSlave = Omit<Slave, 'name' | 'settings'>;

const UNKNOWN_SLAVE: OfSlave = {
  link: null,
  isSwitchedOn: null,
  hasCarrier: null,
  speedMbps: null,
  duplex: null,
  linkFailures: null,
  permanentAddress: '',
  aggregatorId: null,
  actorChurn: null,
  partnerChurn: null,
  isActorInSync: null,
  isPartnerInSync: null,
};

/**
 * The device itself knows its speed now, the bonding driver that of the last change of its link: what it was, of a slave that
 * is down. A device that is up and does not know its speed is not as fast as it once was. Of the rest the driver knows more.
 */
function slaveOf(
  name: string,
  proc: ProcSlave | undefined,
  sysfs: SysfsSlave | undefined,
  settings: EthtoolSettings | undefined,
): Slave {
  const inSysfs: OfSlave = { ...UNKNOWN_SLAVE, ...sysfs };
  const inProc: OfSlave = { ...UNKNOWN_SLAVE, ...proc };
  const isDown =
    ['down', 'going down'].includes(inProc.link ?? inSysfs.link ?? '') || inSysfs.hasCarrier === false;
  const { speedMbps, duplex } = isDown || sysfs?.isSpeedTold !== true ? filled(inSysfs, inProc) : inSysfs;
  const { link, linkFailures, permanentAddress, aggregatorId } = filled(inProc, inSysfs);
  const { isSwitchedOn, hasCarrier, isActorInSync, isPartnerInSync } = inSysfs;
  const { actorChurn, partnerChurn } = inProc;
  const driver = { link, linkFailures, permanentAddress, aggregatorId };
  const lacp = { actorChurn, partnerChurn, isActorInSync, isPartnerInSync };
  return {
    name,
    isSwitchedOn,
    hasCarrier,
    speedMbps,
    duplex,
    ...driver,
    ...lacp,
    settings: settings ?? null,
  };
}
