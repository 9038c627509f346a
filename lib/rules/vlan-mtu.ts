/** What is to be said about a VLAN device and the room below it. */
import type { Link, Links } from '../facts/links.ts';
import type { Finding } from '../report/finding.ts';
import { listed } from './vlan-names.ts';
import { parentDown, parentElsewhere } from './vlan-parents.ts';
import { isEntered, type Carriers } from './vlan-carriers.ts';
import { raiseRepair, roomRepair, type Moves } from './vlan-repair.ts';
import { chain, roomsOf, tagBytes, tightest, worded, words, type Paths, type Room, type Way } from './vlan-paths.ts'; // prettier-ignore

export type VlanKind = 'no-room' | 'mtu-above' | 'parent-down' | 'parent-elsewhere' | 'unseen';
export type VlanFinding = Finding<VlanKind>;

/** A VLAN device with its ways down. */
export interface Vlan {
  readonly link: Link;
  readonly ways: readonly Way[];
  /** Tags on the way with the most of them; at least its own. */
  readonly tags: number;
  /** Bytes; null: not known, or no frame of it leaves the host. */
  readonly headroom: number | null;
}

export function vlanOf(link: Link, { down }: Paths): Vlan {
  const ways = down(link);
  return {
    link,
    ways,
    tags: Math.max(1, ...ways.map(({ tags }) => tags)),
    headroom: tightest(roomsOf(ways))?.headroom ?? null,
  };
}

export function judgeVlans(
  vlans: readonly Vlan[],
  links: Links,
  { carriers }: Paths,
): readonly VlanFinding[] {
  return [
    ...noRoom(vlans, links),
    ...mtuAbove(vlans, links, carriers),
    ...parentDown(vlans, carriers),
    ...parentElsewhere(vlans, links),
    ...mtuUnknown(vlans),
  ];
}

/** The MTU fits all that is below, the tags do not. VLANs of the same fate, side by side on one device, are one finding. */
function noRoom(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
  const groups = new Map<string, { worst: Room; rooms: readonly Room[]; members: Link[] }>();
  for (const { link, ways } of vlans) {
    const rooms = roomsOf(ways).filter(({ way, headroom }) => headroom < 0 && -headroom <= tagBytes(way));
    const worst = tightest(rooms);
    if (worst === null) continue;
    const key = [link.mtu, chain(worst.way.path.slice(1))].join();
    const group = groups.get(key) ?? { worst, rooms, members: [] };
    group.members.push(link);
    groups.set(key, group);
  }
  const moves: Moves = new Map();
  return [...groups.values()].map(({ worst: { way, needed, headroom }, rooms, members }) => {
    const others = members.slice(1).map(({ name }) => name);
    const more =
      others.length === 0 ? '' : `, and those of ${others.length} more on ${way.path[1]?.name ?? ''}`;
    return {
      kind: 'no-room',
      subject: `${chain(way.path)} needs ${needed}`,
      value: headroom,
      text: `full-size frames are ${-headroom} bytes too long with ${way.tags} tags${more}`,
      detail: [...(others.length === 0 ? [] : [`also ${listed(others)}`]), ...circumstances(way)],
      repair: roomRepair(rooms, members, links, moves),
    };
  });
}

function circumstances(way: Way): readonly string[] {
  const { path, end, tags } = way;
  const driver = end.driver === null ? '' : `, driver ${end.driver}`;
  const outer = path
    .filter(({ vlan }) => vlan?.protocol === '802.1ad')
    .map(({ name }) => `${name} is 802.1ad`);
  return [
    `leaves through ${worded(end, end.netns)}${driver}`,
    ...outer,
    `one tag is free, ${tags === 2 ? 'the other takes' : `the ${tags - 1} others take`} ${tagBytes(way)} bytes`,
    'some drivers take two tags at their MTU (igb, ixgbe, i40e, ice): if the switch does too, --ignore leaves the chain out',
  ];
}

/** The MTU of a VRF means nothing to its devices, nor does that of Open vSwitch. */
const HANDS_ON = new Set(['bridge', 'bond', 'team']);

interface Small {
  /** The chain above the small device, in words. */
  readonly above: string;
  /** The small device, and what it stands on. */
  readonly path: readonly Link[];
  readonly needed: number;
  readonly names: Set<string>;
}

/** The MTU alone is larger than that of something below: a slave, an uplink; or a bridge's is larger than its VLAN's. */
function mtuAbove(vlans: readonly Vlan[], links: Links, carriers: Carriers): readonly VlanFinding[] {
  const small = new Map<Link, Small>();
  const note = (above: readonly Link[], path: readonly Link[]): void => {
    const [[top], [lower]] = [above, path];
    if (top === undefined || lower === undefined || (lower.mtu ?? Infinity) >= (top.mtu ?? 0)) return;
    const known = small.get(lower) ?? { above: words(above), path, needed: 0, names: new Set() };
    small.set(lower, { ...known, needed: Math.max(known.needed, top.mtu ?? 0) });
    known.names.add(top.name);
  };
  for (const { link, ways } of vlans) {
    for (const { path } of ways) {
      for (const [index, lower] of path.entries()) {
        // A bridge asks for the MTU of the port that a frame leaves at, not for its own (br_dev_queue_push_xmit).
        if (lower.kind === 'bridge' && isEntered(lower, path[index - 1] ?? null)) continue;
        note(path.slice(0, index), path.slice(index));
      }
    }
    const master = link.master === null ? undefined : links.all.get(link.master);
    if (master?.isUp === true && HANDS_ON.has(master.kind))
      note([master], ways[0]?.path ?? [link, ...carriers(link, null)]);
  }
  return [...small].map(([lower, { above, path, needed, names }]) => ({
    kind: 'mtu-above',
    subject: `${above} on ${worded(lower)}`,
    text: `${lower.name} passes ${lower.mtu ?? '?'} only, larger frames are lost there`,
    detail: names.size < 2 ? [] : [`so for ${listed([...names])}`],
    repair: raiseRepair(path, needed),
  }));
}

function mtuUnknown(vlans: readonly Vlan[]): readonly VlanFinding[] {
  return vlans.flatMap(({ link, ways }) => {
    const unknown = [link, ...ways.map(({ end }) => end)].find(({ mtu }) => mtu === null);
    if (unknown === undefined) return [];
    return { kind: 'unseen', subject: link.name, text: `the MTU of ${unknown.name} is not known` };
  });
}

/** One line about it, whatever it is. */
export function itemOf({ link, ways, tags, headroom }: Vlan): string {
  const way = tightest(roomsOf(ways))?.way ?? ways[0];
  const id = link.vlan?.id ?? null;
  const tag = id === null ? '' : `, ${link.vlan?.protocol ?? 'VLAN'} ${id}`;
  const room =
    headroom === null ? 'no frame leaves the host, or its way is not known' : `headroom ${headroom} bytes`;
  return `${words(way?.path ?? [link])}${tag}: ${tags === 1 ? '1 tag' : `${tags} tags`}, ${room}`;
}
