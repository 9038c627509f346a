/**
 * Which devices really send the frames of another one: all slaves of a bond, of a bridge its uplinks, and where two bridges
 * are joined by a veth pair, the uplinks of the other bridge.
 */
import { keyOf, type Link, type Links } from '../facts/links.ts';

/** They put the frame into a packet of their own, with an MTU of their own: the way ends there. */
const ENCAPSULATING = new Set([
  'vxlan', 'geneve', 'gre', 'gretap', 'erspan', 'ip6gre', 'ip6gretap', 'ipip', 'sit', 'ip6tnl', 'gtp', 'bareudp',
  'wireguard', 'macsec', 'batadv', 'l2tpeth', 'l2tp',
]); // prettier-ignore

/**
 * The next devices down from one; none where the way ends.
 *
 * @param above the device that the frames come from: a bridge does not send them back to the port that they came in at, and a
 *   veth hands them to its other end, or as that to its bridge. Null: they are its own.
 */
export type Carriers = (link: Link, above: Link | null) => readonly Link[];

export function carrierFinder(all: Links['all']): Carriers {
  const known = new Map<Link, readonly Link[]>();
  const isUplink = (port: Link): boolean => leavesHost(port) || leadsOn(port, all, new Set());
  const find = (link: Link): readonly Link[] => {
    if (isItsOwnEnd(link)) return [];
    if (link.kind === 'veth') return leadsOn(link, all, new Set()) ? devices([link.peer], all) : [];
    const lowers = devices(link.lowers, all);
    return link.kind === 'bridge' ? lowers.filter(isUplink) : lowers;
  };
  return (link, above) => {
    const isInside = isEntered(link, above);
    if (isInside && link.kind === 'veth') return devices([link.master], all);
    const before = known.get(link) ?? find(link);
    known.set(link, before);
    return isInside ? before.filter((port) => port !== above) : before;
  };
}

/** Whether the frames of the device above do not come from the top: at a port of the bridge, out of the other end of the veth. */
export function isEntered(link: Link, above: Link | null): boolean {
  if (above === null) return false;
  if (link.kind === 'veth') return link.peer === keyOf(above.netns, above.name);
  return above.master === keyOf(link.netns, link.name);
}

/** Hardware, and what has an MTU of its own. */
export function isItsOwnEnd(link: Link): boolean {
  return link.isPhysical || ENCAPSULATING.has(link.kind);
}

/** A port that leads out of the host: hardware, or what stands on something. The ports of guests and containers do neither. */
function leavesHost(port: Link): boolean {
  if (port.isPhysical) return true;
  return (port.lowers.length > 0 && !ENCAPSULATING.has(port.kind)) || port.parentElsewhere !== null;
}

/**
 * Whether the other end of this veth is a port of a bridge that has an uplink. One without a bridge ends in the host, as those
 * of containers do, and one in another namespace is not followed.
 *
 * @param seen the bridges whose ports are looked at already
 */
function leadsOn(port: Link, all: Links['all'], seen: Set<string | null>): boolean {
  seen.add(port.master);
  const [peer] = devices([port.peer], all);
  const key = peer?.master ?? null;
  const [bridge] = devices([key], all);
  if (bridge?.kind !== 'bridge' || seen.has(key)) return false;
  return devices(bridge.lowers, all).some((other) => leavesHost(other) || leadsOn(other, all, seen));
}

function devices(keys: readonly (string | null)[], all: Links['all']): readonly Link[] {
  return keys.flatMap((key) => (key === null ? [] : (all.get(key) ?? [])));
}
