/**
 * The network devices of a host and what stands on what: VLANs, bonds, bridges, down to the hardware.
 *
 * Of the own network namespace sysfs tells nearly all, to any user. `ip -d -j link` adds the numbers and protocols of VLANs
 * and what is in other namespaces; it is run only where it has something to add, or where sysfs could not be read.
 */
import { bytes, each, head, stat, type Answers } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseProcNetVlan, type VlanConfigLine } from '../parsers/proc-net-vlan.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import type { Failure } from '../reading.ts';
import { askIp, enriched, linksFromIp } from './links-ip.ts';
import { chosenNetns, resolveForeign } from './links-netns.ts';
import { DEVICE, linksFromSysfs } from './links-sysfs.ts';

export interface Link {
  readonly name: string;
  /** The network namespace it is in: '' the one that was looked at, else its name. */
  readonly netns: string;
  readonly index: number | null;
  /** vlan, bond, bridge, macvlan, tun, ...; '' for hardware, and where the kernel does not say. */
  readonly kind: string;
  /** Null: it is not known. */
  readonly mtu: number | null;
  /** The largest MTU that its driver takes; null: not known, or no limit. */
  readonly maxMtu: number | null;
  /** Switched on by the administrator (IFF_UP); null: not known. */
  readonly isUp: boolean | null;
  /** Null: not known, as of every device that is switched off. */
  readonly hasCarrier: boolean | null;
  readonly operstate: string;
  /** Belongs to hardware, or to what a virtual machine takes for it. */
  readonly isPhysical: boolean;
  /** The driver of the hardware; null: none, or not known. */
  readonly driver: string | null;
  /** The devices that it stands on or has as ports, whose frames are its own: keys of `Links.all`. */
  readonly lowers: readonly string[];
  readonly uppers: readonly string[];
  /** The bridge, bond or team that it is a port of: a key. */
  readonly master: string | null;
  /** Number and protocol of a VLAN, as far as they are known; null: it is no VLAN device. */
  readonly vlan: { readonly id: number | null; readonly protocol: string | null } | null;
  /** Set where it stands on a device that is not to be seen: in another namespace, or gone. */
  readonly parentElsewhere: ParentElsewhere | null;
}

export interface ParentElsewhere {
  readonly index: number | null;
  /** Its name, where that is known. */
  readonly name: string | null;
  /** The number that the device's own namespace has for the other one; null: not known, -1: it has none. */
  readonly netnsId: number | null;
}

export interface Links {
  /** By key: the name, outside of the own namespace `NAMESPACE/NAME`. */
  readonly all: ReadonlyMap<string, Link>;
  /** What could not be looked at and may hide devices or their circumstances. */
  readonly unread: readonly Failure[];
  /** Named network namespaces that are there and were not to be looked into. */
  readonly otherNetns: readonly string[];
}

const MIB = 1024 * 1024;
/** More at once would be a load of its own on a network node with hundreds of routers. */
const NAMESPACES_AT_ONCE = 40;

/** What is to be asked first; `gatherLinks` goes on from the answers. */
export const LINK_QUESTIONS = {
  devices: each('/sys/class/net/*', DEVICE),
  present: head('/proc/net/dev', MIB),
  vlanConfig: bytes('/proc/net/vlan/config', MIB),
  ownNetns: stat('/proc/self/ns/net', { follow: true }),
  netns: each('/run/netns/*', { ns: stat('', { follow: true }) }),
};

/** @param netns names or globs of other network namespaces to look into as well, `all` for all that have a name */
export async function gatherLinks(
  host: Host,
  first: Answers<typeof LINK_QUESTIONS>,
  netns: readonly string[],
): Promise<Links> {
  const sysfs = linksFromSysfs(first.devices, first.present);
  const { chosen, others, missing } = chosenNetns(first.ownNetns, first.netns, netns);
  const isIpWanted = sysfs.unread.length > 0 || sysfs.links.some((link) => isUnclear(link, sysfs.links));
  const wanted = [...(isIpWanted ? [''] : []), ...chosen];
  const all = new Map<string, Link>();
  const add = (links: readonly Link[]): void => {
    for (const link of links) all.set(keyOf(link.netns, link.name), link);
  };
  const unread: Failure[] = [...missing];
  if (sysfs.unread.length === 0) add(sysfs.links);
  for (let start = 0; start < wanted.length; start += NAMESPACES_AT_ONCE) {
    for (const [name, links] of await askIp(host, wanted.slice(start, start + NAMESPACES_AT_ONCE))) {
      if (links.ok && name === '' && sysfs.unread.length === 0) add(enriched(sysfs.links, links.value));
      else if (links.ok) add(linksFromIp(links.value, name));
      else if (name === '') add(sysfs.links);
      if (!links.ok && (name !== '' || sysfs.unread.length > 0)) unread.push(links);
      if (!links.ok && name === '') unread.push(...sysfs.unread);
    }
  }
  add(withConfig([...all.values()], first.vlanConfig.ok ? first.vlanConfig.value.bytes : null));
  const resolved = chosen.length === 0 ? all : await resolveForeign(host, all);
  return { all: withUppers(resolved), unread, otherNetns: others };
}

export function keyOf(netns: string, name: string): string {
  return netns === '' ? name : `${netns}/${name}`;
}

/** What ip may know better: a VLAN on a VLAN, for its repair, and a device that stands on nothing to be seen. */
function isUnclear(link: Link, links: readonly Link[]): boolean {
  if (link.parentElsewhere !== null) return true;
  return link.kind === 'vlan' && below(link, byKey(links)).some(({ kind }) => kind === 'vlan');
}

const maps = new WeakMap<readonly Link[], ReadonlyMap<string, Link>>();

function byKey(links: readonly Link[]): ReadonlyMap<string, Link> {
  const map = maps.get(links) ?? new Map(links.map((link) => [keyOf(link.netns, link.name), link]));
  maps.set(links, map);
  return map;
}

/** Every device below this one, each once, the nearest first. */
export function below(link: Link, all: ReadonlyMap<string, Link>): readonly Link[] {
  const seen = new Set([keyOf(link.netns, link.name)]);
  const found: Link[] = [];
  for (let level = [link]; level.length > 0;) {
    level = level
      .flatMap(({ lowers }) => lowers)
      .flatMap((key) => {
        const lower = seen.has(key) ? undefined : all.get(key);
        seen.add(key);
        return lower ?? [];
      });
    found.push(...level);
  }
  return found;
}

/** The kernel's own list of VLANs, for root only, where ip was not asked or is not there. Not being able to read it costs details only. */
function withConfig(links: readonly Link[], content: Uint8Array | null): readonly Link[] {
  const lines = content === null ? [] : vlanLines(content);
  return lines.flatMap(({ name, id, parent }) => {
    const link = links.find((one) => one.netns === '' && one.name === name);
    if (link?.vlan == null) return [];
    const elsewhere = link.parentElsewhere;
    return {
      ...link,
      vlan: { ...link.vlan, id: link.vlan.id ?? id },
      parentElsewhere: elsewhere === null ? null : { ...elsewhere, name: elsewhere.name ?? parent },
    };
  });
}

function vlanLines(content: Uint8Array): readonly VlanConfigLine[] {
  try {
    return parseProcNetVlan(decodeUtf8(content));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}

function withUppers(all: ReadonlyMap<string, Link>): ReadonlyMap<string, Link> {
  const uppers = new Map<string, string[]>();
  for (const [key, { lowers }] of all) {
    for (const lower of lowers) uppers.set(lower, [...(uppers.get(lower) ?? []), key]);
  }
  return new Map([...all].map(([key, link]) => [key, { ...link, uppers: uppers.get(key) ?? [] }]));
}
