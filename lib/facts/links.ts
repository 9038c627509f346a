/**
 * The network devices of a host and what stands on what: VLANs, bonds, bridges, down to the hardware. A model of what there is,
 * without a judgement on it; `gather-links.ts` asks a host for it.
 */
import type { Failure } from '../reading.ts';

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
  /** The other end of a veth: a key; null: it is none, or its other end is in another namespace. */
  readonly peer: string | null;
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
  /** Why it is not known where the frames of some devices go, although all devices are known. */
  readonly unclear: readonly Failure[];
  /** Named network namespaces that are there and were not to be looked into. */
  readonly otherNetns: readonly string[];
}

export function keyOf(netns: string, name: string): string {
  return netns === '' ? name : `${netns}/${name}`;
}

/** Kinds that stand on exactly one device: where none is to be seen, it is elsewhere. */
export const STANDS_ON_ONE = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec']);

/** Every device below these, each once, the nearest first; one of these too where it is below another. */
export function below(these: readonly Link[], all: Links['all']): readonly Link[] {
  const seen = new Set<string>();
  const found: Link[] = [];
  for (let level = these; level.length > 0;) {
    level = level
      .flatMap((link) => keysBelow(link, all))
      .flatMap((key) => {
        const lower = seen.has(key) ? undefined : all.get(key);
        seen.add(key);
        return lower ?? [];
      });
    found.push(...level);
  }
  return found;
}

/** A frame that goes into one end of a veth comes out of the other, and goes on in the bridge that this is a port of. */
function keysBelow({ lowers, peer }: Link, all: Links['all']): readonly string[] {
  if (peer === null) return lowers;
  const bridge = all.get(peer)?.master ?? null;
  const isBridge = bridge !== null && all.get(bridge)?.kind === 'bridge';
  return [...lowers, peer, ...(isBridge ? [bridge] : [])];
}

/**
 * The device itself or the nearest below it that is wanted; null: none. Devices that stand on the same, as thousands of VLANs
 * on one bridge of thousands of guests, are one search.
 */
export function nearestFinder(
  all: Links['all'],
  isWanted: (link: Link) => boolean,
): (link: Link) => Link | null {
  const known = new Map<string, Link | null>();
  return (link) => {
    if (isWanted(link)) return link;
    const place = [...link.lowers, link.peer].join('\n');
    const before = known.get(place);
    if (before !== undefined) return before;
    const result = below([link], all).find(isWanted) ?? null;
    known.set(place, result);
    return result;
  };
}

export function pushTo<K>(lists: Map<K, string[]>, key: K, element: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [element]);
  else list.push(element);
}
