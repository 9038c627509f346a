/** What is to be said about a VLAN device and the room below it. */
import type { Link, Links } from '../facts/links.ts';
import type { Finding } from '../report/finding.ts';
import { listed } from './vlan-names.ts';
import { parentDown, parentElsewhere } from './vlan-parents.ts';
import { isEntered } from './vlan-carriers.ts';
import { raiseRepair, roomRepair, type Moves } from './vlan-repair.ts';
import { chain, headroomOf, neededMtu, tightest, worded, words, type Paths, type Way } from './vlan-paths.ts';

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
    headroom: tightest(ways)?.headroom ?? null,
  };
}

export function judgeVlans(
  vlans: readonly Vlan[],
  links: Links,
  { carriers }: Paths,
): readonly VlanFinding[] {
  return [
    ...noRoom(vlans, links),
    ...mtuAbove(vlans, links),
    ...parentDown(vlans, carriers),
    ...parentElsewhere(vlans, links),
    ...mtuUnknown(vlans),
  ];
}

/** The MTU fits all that is below, the tags do not. VLANs of the same fate, side by side on one device, are one finding. */
function noRoom(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
  const groups = new Map<string, { way: Way; ways: readonly Way[]; members: Link[] }>();
  for (const { link, ways } of vlans) {
    const lacking = ways.filter(
      (way) => (way.path.at(-1)?.mtu ?? 0) >= (link.mtu ?? 0) && (headroomOf(way) ?? 0) < 0,
    );
    const way = tightest(lacking)?.way;
    if (way === undefined) continue;
    const key = [link.mtu, way.tags, chain({ ...way, path: way.path.slice(1) })].join(' ');
    const group = groups.get(key) ?? { way, ways: lacking, members: [] };
    group.members.push(link);
    groups.set(key, group);
  }
  const moves: Moves = new Map();
  return [...groups.values()].map(({ way, ways, members }) => {
    const others = members.slice(1).map(({ name }) => name);
    const more =
      others.length === 0 ? '' : `, and those of ${others.length} more on ${way.path[1]?.name ?? ''}`;
    return {
      kind: 'no-room',
      subject: `${chain(way)} needs ${neededMtu(way) ?? '?'}`,
      value: headroomOf(way) ?? 0,
      text: `full-size frames are ${-(headroomOf(way) ?? 0)} bytes too long with ${way.tags} tags${more}`,
      detail: [...(others.length === 0 ? [] : [`also ${listed(others)}`]), ...circumstances(way)],
      repair: roomRepair(ways, members, links, moves),
    };
  });
}

function circumstances({ path, tags }: Way): readonly string[] {
  const end = path.at(-1);
  const outer = path
    .filter(({ vlan }) => vlan?.protocol === '802.1ad')
    .map(({ name }) => `${name} is 802.1ad`);
  const driver = typeof end?.driver === 'string' ? `, driver ${end.driver}` : '';
  return [
    ...(end === undefined ? [] : [`leaves through ${worded(end, end.netns)}${driver}`]),
    ...outer,
    `one tag is free, ${tags === 2 ? 'the other takes' : `the ${tags - 1} others take`} ${4 * (tags - 1)} bytes`,
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
function mtuAbove(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
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
      for (let index = 1; index < path.length; index += 1) {
        // A bridge asks for the MTU of the port that a frame leaves at, not for its own (br_dev_queue_push_xmit).
        if (isEntered(path[index] ?? link, path[index - 1] ?? null) && path[index]?.kind === 'bridge')
          continue;
        note(path.slice(0, index), path.slice(index));
      }
    }
    const master = link.master === null ? undefined : links.all.get(link.master);
    if (master?.isUp === true && HANDS_ON.has(master.kind)) note([master], ways[0]?.path ?? [link]);
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
    const unknown = [link, ...ways.flatMap(({ path }) => path.slice(-1))].find(({ mtu }) => mtu === null);
    if (unknown === undefined) return [];
    return { kind: 'unseen', subject: link.name, text: `the MTU of ${unknown.name} is not known` };
  });
}

/** One line about it, whatever it is. */
export function itemOf({ link, ways, tags, headroom }: Vlan): string {
  const way = tightest(ways)?.way ?? ways[0];
  const id = link.vlan?.id ?? null;
  const tag = id === null ? '' : `, ${link.vlan?.protocol ?? 'VLAN'} ${id}`;
  const room =
    headroom === null ? 'no frame leaves the host, or its way is not known' : `headroom ${headroom} bytes`;
  return `${words(way?.path ?? [link])}${tag}: ${tags === 1 ? '1 tag' : `${tags} tags`}, ${room}`;
}
