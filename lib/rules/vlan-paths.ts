/**
 * The ways that the frames of a device take down to the hardware, and how much room its VLAN tags find there.
 *
 * A frame has 14 bytes of Ethernet header, 4 for each tag, and the packet, as long as the MTU of the innermost device. What a
 * device with MTU P promises to pass is 14 + 4 + P: the kernel and its drivers leave room for one tag on top of the MTU
 * (is_skb_forwardable in net/core/dev.c, packet_length in net/openvswitch/vport.c), and it subtracts nothing from the MTU
 * of a VLAN (vlan_dev_change_mtu in net/8021q/vlan_dev.c), also where that stands on another one. So with T tags and inner
 * MTU M the lowest device needs P >= M + 4 * (T - 1).
 */
import { keyOf, STANDS_ON_ONE, type Link, type Links } from '../facts/links.ts';
import { carrierFinder, isEntered, isItsOwnEnd, type Carriers } from './vlan-carriers.ts';

const TAG_BYTES = 4;

/** One way down: from the device itself to the last device that can be seen. */
export interface Way {
  /** The device itself, then what it stands on. */
  readonly path: readonly [Link, ...Link[]];
  /** The last of them. */
  readonly end: Link;
  readonly tags: number;
}

/** Where the frames of each device go. */
export interface Paths {
  /**
   * The ways down from a device, one to each lowest device: that with the most tags. None where it ends at a bridge without
   * an uplink, since no frame leaves the host there, and none where what is below cannot be seen.
   */
  readonly down: (link: Link) => readonly Way[];
  readonly carriers: Carriers;
}

/** Each device once: what is asked of thousands of VLANs on one bridge is found once for all. */
export function pathsIn(all: Links['all']): Paths {
  const carriers = carrierFinder(all);
  const known = new Map<Link, Map<Link | null, readonly Way[]>>();
  const waysOf = (link: Link, above: Link | null): readonly Way[] => {
    const from = isEntered(link, above) ? above : null;
    const memory = known.get(link) ?? new Map<Link | null, readonly Way[]>();
    known.set(link, memory);
    const before = memory.get(from);
    if (before !== undefined) return before;
    // No kernel lets devices stand on each other in a circle, but veths can join bridges to one; a recording can say anything.
    memory.set(from, []);
    const lowers = carriers(link, above);
    const ways = longest(link, lowers.flatMap((lower) => waysOf(lower, link))); // prettier-ignore
    const result: readonly Way[] = isEnd(link, lowers)
      ? [...ways, { path: [link], end: link, tags: tagsOf(link) }]
      : ways;
    memory.set(from, result);
    return result;
  };
  return { down: (link) => waysOf(link, null), carriers };
}

function longest(link: Link, below: readonly Way[]): readonly Way[] {
  const best = new Map<Link, Way>();
  for (const way of below) {
    const known = best.get(way.end);
    if (known === undefined || known.tags < way.tags) best.set(way.end, way);
  }
  return [...best.values()].map(({ path, end, tags }) => ({
    path: [link, ...path],
    end,
    tags: tags + tagsOf(link),
  }));
}

function tagsOf({ kind }: Link): number {
  return kind === 'vlan' ? 1 : 0;
}

/** A veth is an end too where it leads on: either one drops what is longer than a frame with one tag (veth_forward_skb in drivers/net/veth.c). */
function isEnd(link: Link, lowers: readonly Link[]): boolean {
  if (isItsOwnEnd(link) || link.kind === 'veth') return true;
  return lowers.length === 0 && link.kind !== 'bridge' && !STANDS_ON_ONE.has(link.kind);
}

/** A way, and how the tags fit on it. */
export interface Room {
  readonly way: Way;
  /** What its last device must have as its MTU for the device on top. */
  readonly needed: number;
  /** Negative: so many bytes are missing. */
  readonly headroom: number;
}

/** Of the ways on which it is known: the MTUs of both ends are. */
export function roomsOf(ways: readonly Way[]): readonly Room[] {
  return ways.flatMap((way) => {
    const [inner, outer] = [way.path[0].mtu, way.end.mtu];
    if (inner === null || outer === null) return [];
    const needed = inner + tagBytes(way);
    return { way, needed, headroom: outer - needed };
  });
}

/** What the tags of a VLAN take away, where one is free. */
export function tagBytes({ tags }: Way): number {
  return TAG_BYTES * (tags - 1);
}

/** Where the least room is; the first of several, null of none. */
export function tightest(rooms: readonly Room[]): Room | null {
  return rooms.reduce<Room | null>(
    (least, one) => (least === null || one.headroom < least.headroom ? one : least),
    null,
  );
}

/**
 * `vlan100 (1500) on vlan20 (1500) on bond0 (1500)`: down to the last device whose MTU is another one than that of
 * the bond or team that it belongs to.
 */
export function chain(path: readonly Link[]): string {
  const lowest = path.length - 1;
  return words(path.filter((link, index) => index < lowest || mtuHolder(link, path[index - 1]) === link));
}

/** Whose MTU is to be changed: the bond or team that this is a port of, as it hands its own MTU down; else the device itself. */
export function mtuHolder(link: Link, above: Link | undefined): Link {
  if (above === undefined || above.kind === 'bridge') return link;
  return link.master === keyOf(above.netns, above.name) && link.mtu === above.mtu ? above : link;
}

/** The devices of a path, each with its MTU, and with its namespace where that changes. */
export function words(path: readonly Link[]): string {
  return path.map((link, index) => worded(link, path[index - 1]?.netns)).join(' on ');
}

export function worded({ name, mtu, netns }: Link, netnsAbove = ''): string {
  const where = netns === netnsAbove ? '' : netns === '' ? ' of the host' : ` in ${netns}`;
  return `${name} (${mtu ?? 'MTU not known'})${where}`;
}
