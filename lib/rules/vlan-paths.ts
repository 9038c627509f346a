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
  readonly path: readonly Link[];
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
    const result = isEnd(link, from, lowers) ? [...ways, { path: [link], tags: tagsOf(link) }] : ways;
    memory.set(from, result);
    return result;
  };
  return { down: (link) => waysOf(link, null), carriers };
}

function longest(link: Link, below: readonly Way[]): readonly Way[] {
  const best = new Map<Link | undefined, Way>();
  for (const way of below) {
    const end = way.path.at(-1);
    if ((best.get(end)?.tags ?? -1) < way.tags) best.set(end, way);
  }
  return [...best.values()].map(({ path, tags }) => ({ path: [link, ...path], tags: tags + tagsOf(link) }));
}

function tagsOf({ kind }: Link): number {
  return kind === 'vlan' ? 1 : 0;
}

/** A veth is an end too where it leads on: it drops what is longer than a frame with one tag (veth_forward_skb in drivers/net/veth.c). */
function isEnd(link: Link, from: Link | null, lowers: readonly Link[]): boolean {
  if (isItsOwnEnd(link)) return true;
  if (link.kind === 'veth') return from === null;
  return lowers.length === 0 && link.kind !== 'bridge' && !STANDS_ON_ONE.has(link.kind);
}

/** What the lowest device of this way must have as its MTU for the device on top; null: its MTU is not known. */
export function neededMtu({ path, tags }: Way): number | null {
  const inner = path[0]?.mtu ?? null;
  return inner === null ? null : inner + TAG_BYTES * Math.max(0, tags - 1);
}

/** Negative: so many bytes are missing. Null: not known, one of the two MTUs is not. */
export function headroomOf(way: Way): number | null {
  const mtu = way.path.at(-1)?.mtu ?? null;
  const needed = neededMtu(way);
  return mtu === null || needed === null ? null : mtu - needed;
}

/** The way with the least room; null where there is none of which that is known. */
export function tightest(ways: readonly Way[]): { readonly way: Way; readonly headroom: number } | null {
  let result: { way: Way; headroom: number } | null = null;
  for (const way of ways) {
    const headroom = headroomOf(way);
    if (headroom !== null && (result === null || headroom < result.headroom)) result = { way, headroom };
  }
  return result;
}

/**
 * `vlan100 (1500) on vlan20 (1500) on bond0 (1500)`: down to the last device whose MTU is another one than that of
 * the bond or team that it belongs to.
 */
export function chain({ path }: Way): string {
  const last = path.at(-1);
  const owner = path.at(-2);
  const isShort =
    path.length > 2 &&
    owner !== undefined &&
    last !== undefined &&
    isPortOf(last, owner) &&
    last.mtu === owner.mtu;
  const shown = isShort ? path.slice(0, -1) : path;
  return words(shown);
}

/** Whether it is a port of a bond or team, which hands its own MTU down to its ports. */
export function isPortOf(port: Link, owner: Link): boolean {
  return port.master === keyOf(owner.netns, owner.name) && owner.kind !== 'bridge';
}

/** The devices of a path, each with its MTU, and with its namespace where that changes. */
export function words(path: readonly Link[]): string {
  return path.map((link, index) => worded(link, path[index - 1]?.netns ?? '')).join(' on ');
}

export function worded({ name, mtu, netns }: Link, netnsAbove = ''): string {
  const where = netns === netnsAbove ? '' : netns === '' ? ' of the host' : ` in ${netns}`;
  return `${name} (${mtu ?? 'MTU not known'})${where}`;
}
