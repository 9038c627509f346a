/** What is to be said about a VLAN device and the room below it. */
import { below, type Link, type Links } from '../facts/links.ts';
import type { Finding } from '../report/finding.ts';
import { naturalCompare } from '../report/natural.ts';
import { attachRepair, raiseRepair, upRepair } from './vlan-repair.ts';
import { carriers, chain, headroomOf, neededMtu, tightest, worded, type Way } from './vlan-paths.ts';

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

export function vlanOf(link: Link, waysDown: (link: Link) => readonly Way[]): Vlan {
  const ways = waysDown(link);
  return {
    link,
    ways,
    tags: Math.max(1, ...ways.map(({ tags }) => tags)),
    headroom: tightest(ways)?.headroom ?? null,
  };
}

export function judgeVlans(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
  return [
    ...noRoom(vlans, links),
    ...mtuAbove(vlans, links),
    ...parentDown(vlans, links),
    ...vlans.flatMap((vlan) => parentElsewhere(vlan, links)),
    ...mtuUnknown(vlans),
  ];
}

/** The MTU fits all that is below, the tags do not. VLANs with the same fate, side by side on one device, are one finding. */
function noRoom(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
  const groups = new Map<string, { way: Way; headroom: number; members: Link[] }>();
  for (const { link, ways } of vlans) {
    const inner = link.mtu ?? 0;
    const worst = tightest(ways.filter(({ path }) => (path.at(-1)?.mtu ?? 0) >= inner));
    if (worst === null || worst.headroom >= 0) continue;
    const key = [inner, worst.way.tags, chain({ ...worst.way, path: worst.way.path.slice(1) })].join(' ');
    const group = groups.get(key) ?? { ...worst, members: [] };
    group.members.push(link);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ way, headroom, members }) => {
    const [, parent] = way.path;
    const others = members.slice(1).map(({ name }) => name);
    const more = others.length === 0 ? '' : `, and so are those of ${others.length} more on ${parent?.name ?? ''}`;
    return {
      kind: 'no-room',
      subject: `${chain(way)} needs ${neededMtu(way) ?? '?'}`,
      text: `full-size frames are ${-headroom} bytes too long with ${way.tags} tags${more}`,
      detail: [...others.length === 0 ? [] : [`also ${listed(others)}`], ...circumstances(way)],
      repair: attachRepair(way, members, links),
    };
  });
}

function circumstances({ path, tags }: Way): readonly string[] {
  const end = path.at(-1);
  const outer = path.filter(({ vlan }) => vlan?.protocol === '802.1ad').map(({ name }) => `${name} is 802.1ad`);
  const driver = end?.driver == null ? '' : `, driver ${end.driver}`;
  return [
    ...(end === undefined ? [] : [`leaves through ${worded(end)}${driver}`]),
    ...outer,
    `one tag is free, ${tags - 1} more take ${4 * (tags - 1)} bytes`,
    'some drivers (igb, ixgbe, i40e, ice) take two tags at their MTU: where the switch does as well, leave the chain out with --ignore',
  ];
}

/** The MTU alone is larger than that of something below: a slave, an uplink; or a bridge's is larger than its VLAN's. */
function mtuAbove(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
  const small = new Map<Link, { above: string; needed: number; names: string[] }>();
  const note = (lower: Link, above: string, name: string, needed: number): void => {
    const known = small.get(lower) ?? { above, needed, names: [] };
    small.set(lower, { ...known, needed: Math.max(needed, known.needed), names: [...known.names, name] });
  };
  for (const { link, ways } of vlans) {
    for (const path of ways.map((way) => way.path)) {
      for (const [index, lower] of path.entries()) {
        if ((lower.mtu ?? Infinity) >= (link.mtu ?? 0) || small.get(lower)?.names.includes(link.name) === true) continue;
        const above = path.slice(0, index).map((one) => worded(one)).join(' on ');
        note(lower, above, link.name, link.mtu ?? 0);
      }
    }
    const master = link.master === null ? undefined : links.all.get(link.master);
    if (master?.isUp === true && (master.mtu ?? 0) > (link.mtu ?? Infinity)) {
      note(link, worded(master), master.name, master.mtu ?? 0);
    }
  }
  return [...small].map(([lower, { above, needed, names }]) => ({
    kind: 'mtu-above',
    subject: `${above} on ${worded(lower)}`,
    text: `${lower.name} passes ${lower.mtu ?? '?'} only, larger frames are lost there`,
    detail: names.length < 2 ? [] : [`so for ${listed(names)}`],
    repair: raiseRepair(lower, needed),
  }));
}

/** Whatever keeps the frames of a VLAN that is up from leaving: the lowest such device, once for all that stand on it. */
function parentDown(vlans: readonly Vlan[], links: Links): readonly VlanFinding[] {
  const down = new Map<Link, Link[]>();
  for (const { link } of vlans) {
    const culprit = lowestDown(link, links);
    if (culprit !== null) down.set(culprit, [...(down.get(culprit) ?? []), link]);
  }
  return [...down].map(([culprit, above]) => {
    const names = above.map(({ name }) => name);
    const isOff = culprit.isUp === false;
    return {
      kind: 'parent-down',
      subject: `${listed(names, 3)} on ${culprit.name}`,
      text: `${culprit.name} ${isOff ? 'is down' : 'has no carrier'}, nothing gets through`,
      detail: names.length > 3 ? [`under ${listed(names)}`] : [],
      repair: upRepair(culprit),
    };
  });
}

function lowestDown(link: Link, { all }: Links): Link | null {
  const seen = new Set([link]);
  let culprit: Link | null = null;
  // One slave that is down is no matter while the bond is up, so only devices that are the one way down count.
  for (let next = carriers(link, all); next.length > 0;) {
    const [only] = next;
    if (only === undefined || seen.has(only)) break;
    seen.add(only);
    if (next.length === 1 && isDown(only)) culprit = only;
    if (next.length > 1) {
      if (culprit === null && next.every(isDown)) return only;
      break;
    }
    next = carriers(only, all);
  }
  return culprit;
}

function isDown({ isUp, hasCarrier, operstate }: Link): boolean {
  if (isUp === false) return true;
  if (hasCarrier !== null) return !hasCarrier;
  return operstate === 'down' || operstate === 'lowerlayerdown' || operstate === 'notpresent';
}

function parentElsewhere({ link }: Vlan, links: Links): readonly VlanFinding[] {
  const lost = [link, ...below(link, links.all)].find(
    ({ parentElsewhere: parent, lowers }) => parent !== null || lowers.some((key) => !links.all.has(key)),
  );
  if (lost === undefined) return [];
  const { name = null, index = null, netnsId = null } = lost.parentElsewhere ?? {};
  const what = name ?? (index === null || index === 0 ? 'a device' : `device number ${index}`);
  const where = netnsId === null ? 'that is not to be seen here' : 'of another network namespace';
  return [
    {
      kind: 'parent-elsewhere',
      subject: link.name,
      text: `${lost === link ? '' : `${lost.name} below it `}stands on ${what} ${where}, how many tags are below is not known`,
      detail: ['as root, --netns all looks into the network namespaces that have a name'],
    },
  ];
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
  const kind = link.vlan?.id == null ? '' : `, ${link.vlan.protocol ?? '802.1Q'} ${link.vlan.id}`;
  const room =
    headroom === null ? 'no frames leave the host, or its way is not known' : `headroom ${headroom} bytes`;
  const where = link.netns === '' ? '' : ` in ${link.netns}`;
  const named = way === undefined ? worded(link) : way.path.map((one, index) => worded(one, way.path[index - 1]?.netns ?? one.netns)).join(' on ');
  return `${named}${way === undefined ? '' : where}${kind}: ${tags === 1 ? '1 tag' : `${tags} tags`}, ${room}`;
}

export function listed(names: readonly string[], most = 12): string {
  const sorted = [...names].sort(naturalCompare);
  const shown = sorted.slice(0, most).join(', ');
  return sorted.length > most ? `${shown} and ${sorted.length - most} more` : shown;
}

export { headroomOf };
