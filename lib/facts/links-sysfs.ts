/** The devices of the own network namespace, from /sys/class/net (Documentation/ABI/testing/sysfs-class-net). */
import { head, link, list, type Content, type Match, type Matches } from '../host/ask.ts';
import { parseCarrier, parseCount, parseIsSwitchedOn } from '../parsers/bond-sysfs.ts';
import { parseNetDev, parseUevent } from '../parsers/net-device.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import { pushTo, STANDS_ON_ONE, type Link } from './links.ts';
import { parsedText } from './parsed.ts';

/** Asked below each device. */
export const DEVICE = {
  /** What is in its folder: `lower_bond0`, `upper_br0`, `device`, `bonding`, `brport`, ... */
  names: list(''),
  uevent: head('uevent', 4096),
  mtu: head('mtu', 64),
  flags: head('flags', 64),
  carrier: head('carrier', 64),
  operstate: head('operstate', 64),
  /** The number of the device that it stands on; its own where it stands on none. */
  parent: head('iflink', 64),
  master: link('master'),
  bridge: link('brport/bridge'),
  driver: link('device/driver'),
};

type Device = Match<typeof DEVICE>;

/** One device, before it is known what stands on it. */
interface Found {
  readonly link: Link;
  /** What iflink says. */
  readonly parentIndex: number | null;
  readonly names: readonly string[];
}

export interface SysfsLinks {
  readonly links: readonly Link[];
  /** Not empty: devices, or what they stand on, may be missing from `links`. */
  readonly unread: readonly Failure[];
  /** False: nothing says whether these are the devices of the namespace that the process is in. */
  readonly isOwn: boolean;
  /**
   * Names of devices that do not say what they are, but by their iflink that they are on, or the other end of, a device that
   * sysfs does not name: veth, and a macvlan whose parent is in another namespace.
   */
  readonly unclear: ReadonlySet<string>;
}

/**
 * @param present /proc/net/dev: the devices of the namespace that the process is in. /sys shows the one that it was mounted in,
 *   which is another one after `nsenter --net`.
 */
export function linksFromSysfs(
  devices: Reading<Matches<typeof DEVICE>>,
  present: Reading<Content>,
): SysfsLinks {
  if (!devices.ok) return { links: [], unread: [devices], isOwn: false, unclear: new Set() };
  const unread: Failure[] = [...devices.value.unlisted];
  const all = devices.value.found.filter(isDevice).map((device) => deviceOf(device, unread));
  const links = standing(all);
  if (links.length === 0) unread.push(failed('absent', '/sys/class/net', 'not even a loopback device'));
  const isOwn = present.ok || present.why !== 'absent';
  if (isOwn) unread.push(...doubts(present, links));
  return { links, unread, isOwn, unclear: new Set(all.filter(isUnclear).map(({ link }) => link.name)) };
}

/**
 * The kernel shows /proc/net/dev to everybody, with the loopback device at least (dev_seq_show in net/core/net-procfs.c). Only
 * a tree that is no running system, and a chroot without /proc, have none.
 */
function doubts(present: Reading<Content>, links: readonly Link[]): readonly Failure[] {
  const names = parsedText(present, '/proc/net/dev', parseNetDev);
  if (!names.ok) return [names];
  if (names.value.size === links.length && links.every(({ name }) => names.value.has(name))) return [];
  return [failed('failed', '/sys/class/net', 'other devices than in /proc/net/dev')];
}

/** Tunnels that are bound to no device have the number 0 (ip_tunnel_get_iflink in net/ipv4/ip_tunnel.c). */
function isUnclear({ link: { kind, isPhysical, index }, names, parentIndex }: Found): boolean {
  if (kind !== '' || isPhysical || names.some((name) => name.startsWith('lower_'))) return false;
  return parentIndex === null || (parentIndex !== 0 && parentIndex !== index);
}

/** Not bonding_masters, which is a file, and not what has vanished since the folder was listed. */
function isDevice({ names, mtu }: Device): boolean {
  return !(isGone(names) && isGone(mtu));
}

function isGone(reading: Reading<unknown>): boolean {
  return !reading.ok && ['absent', 'vanished', 'wrongType'].includes(reading.why);
}

function deviceOf(device: Device, unread: Failure[]): Found {
  const need = <T, N = T>(reading: Reading<T>, otherwise: N): T | N => {
    if (reading.ok) return reading.value;
    unread.push(reading);
    return otherwise;
  };
  const names = need<readonly string[]>(device.names, []);
  const uevent = need(parsedText(device.uevent, `${device.path}/uevent`, parseUevent), null);
  const mtu = need(parsedText(device.mtu, `${device.path}/mtu`, parseCount), null);
  const isUp = need(parsedText(device.flags, `${device.path}/flags`, parseIsSwitchedOn), null);
  const kind = kindOf(uevent?.get('DEVTYPE') ?? '', names);
  const driver = device.driver.ok ? device.driver.value : '';
  const carrier = parsedText(device.carrier, `${device.path}/carrier`, parseCarrier);
  // One that is off refuses to tell (EINVAL, netif_running in net/core/net-sysfs.c); any other that does not is not known.
  if (!carrier.ok && isUp !== false) unread.push(carrier);
  return {
    names,
    parentIndex: numberOf(textOf(device.parent)),
    link: {
      name: baseName(device.path),
      netns: '',
      index: numberOf(uevent?.get('IFINDEX') ?? ''),
      kind,
      mtu,
      maxMtu: null,
      isUp,
      hasCarrier: carrier.ok ? carrier.value : null,
      operstate: textOf(device.operstate),
      // The port of a Xen guest belongs to a device too, which is no hardware but the guest's other half.
      isPhysical: names.includes('device') && !driver.includes('/xen-backend/'),
      driver: driver === '' ? null : baseName(driver),
      lowers: [],
      uppers: [],
      master: masterOf(device),
      peer: null,
      vlan: kind === 'vlan' ? { id: null, protocol: null } : null,
      parentElsewhere: null,
    },
  };
}

/** Devices tell their kind since Linux 2.6.31; tun and team devices never do. */
function kindOf(devtype: string, names: readonly string[]): string {
  if (devtype !== '') return devtype;
  if (names.includes('bonding')) return 'bond';
  if (names.includes('bridge')) return 'bridge';
  return names.includes('tun_flags') ? 'tun' : '';
}

/** Older kernels have the link `master` for ports of bonds only. */
function masterOf({ master, bridge }: Device): string | null {
  if (master.ok) return baseName(master.value);
  return bridge.ok ? baseName(bridge.value) : null;
}

/**
 * Who stands on whom: the links lower_NAME. Linux before 3.13 has none, but slave_NAME of bonds, the ports' own links to
 * their master, and the number of the parent, which means nothing here if that is in another namespace.
 */
function standing(all: readonly Found[]): readonly Link[] {
  const hasLinks = all.some(({ names }) =>
    names.some((name) => name.startsWith(LOWER) || name.startsWith('upper_')),
  );
  const nameOfIndex = new Map(all.map(({ link: { index, name } }) => [index, name]));
  const ports = new Map<string, string[]>();
  for (const { link: port } of all) {
    if (port.master !== null) pushTo(ports, port.master, port.name);
  }
  return all.map(({ link: one, names, parentIndex }) => {
    const lowers = new Set([
      ...names.flatMap((name) =>
        name.startsWith(LOWER) || name.startsWith(SLAVE) ? name.slice(LOWER.length) : [],
      ),
      ...(ports.get(one.name) ?? []),
    ]);
    if (lowers.size > 0 || !STANDS_ON_ONE.has(one.kind)) return { ...one, lowers: [...lowers] };
    const parent = hasLinks || parentIndex === one.index ? undefined : nameOfIndex.get(parentIndex);
    if (parent !== undefined) return { ...one, lowers: [parent] };
    return { ...one, parentElsewhere: { index: parentIndex, name: null, netnsId: null } };
  });
}

/** As long as each other. */
const LOWER = 'lower_';
const SLAVE = 'slave_';

function textOf(reading: Reading<Content>): string {
  return reading.ok ? decodeUtf8(reading.value.bytes).trim() : '';
}

function numberOf(text: string): number | null {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : null;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
