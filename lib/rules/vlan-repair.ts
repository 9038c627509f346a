/** How VLANs get the room that they lack. */
import { keyOf, type Link, type Links } from '../facts/links.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { isPortOf, neededMtu, type Way } from './vlan-paths.ts';

/** Commands for more of them would push everything else out of the output. */
const MOST_VLANS = 3;

/** First to take a tag away, which is what was wrong in most cases; second to make room for it. */
export function attachRepair(way: Way, members: readonly Link[], links: Links): Repair {
  const base = way.path[way.path.findLastIndex(({ kind }) => kind === 'vlan') + 1];
  const raise = raiseCommands(way);
  const raised = raise.length === 0 ? '' : 'give what is below the larger MTU, its own network and the switch ports included';
  // Two kinds of tags are no mistake: a provider's carries the customers' ones.
  const isMeant = way.path.some(({ vlan }, index) => index > 0 && vlan?.protocol === '802.1ad');
  if (base === undefined || isMeant) return { how: sentence(raised), commands: raise };
  const shown = members.slice(0, MOST_VLANS);
  const attach = shown.flatMap((link) => attachCommands(link, base, links));
  const left = members.length - shown.length;
  const how =
    `Attach ${members.length === 1 ? 'it' : 'them'} to ${base.name} with one tag, as the network expects it (addresses, routes and devices on top are lost with a deleted device)` +
    (left > 0 ? `, the ${left} others likewise` : '');
  return {
    how,
    commands: [
      ...attach,
      ...(raise.length === 0 || raised === '' ? [] : [`# or, where the two tags are meant, ${raised}:`, ...raise]),
    ],
  };
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** None where they would not be exact: number not known, taken on the lower device, or a namespace between the two. */
function attachCommands(link: Link, base: Link, { all }: Links): readonly string[] {
  const { vlan, mtu, netns } = link;
  if (vlan?.id == null || mtu === null || netns !== base.netns) return [];
  const taken = base.uppers.flatMap((key) => all.get(key) ?? []).find((upper) => isSameVlan(upper, link));
  const name = shellQuote(link.name);
  if (taken !== undefined) return [`# ${base.name} has VLAN ${vlan.id} already, as ${taken.name}: use that instead of ${link.name}`];
  const protocol = vlan.protocol === null || vlan.protocol === '802.1Q' ? '' : ` protocol ${vlan.protocol}`;
  const master = link.master === null ? undefined : all.get(link.master);
  return [
    `${ip(netns)} link delete dev ${name}`,
    `${ip(netns)} link add link ${shellQuote(base.name)} name ${name} mtu ${mtu} type vlan${protocol} id ${vlan.id}`,
    ...(master === undefined ? [] : [`${ip(netns)} link set dev ${name} master ${shellQuote(master.name)}`]),
    `${ip(netns)} link set dev ${name} up`,
  ];
}

function isSameVlan(one: Link, other: Link): boolean {
  return one.vlan !== null && one.vlan.id === other.vlan?.id && one.vlan.protocol === other.vlan?.protocol;
}

/** A bond hands its MTU down to its slaves. */
function raiseCommands(way: Way): readonly string[] {
  const needed = neededMtu(way);
  const end = way.path.at(-1);
  const owner = way.path.at(-2);
  if (needed === null || end === undefined) return [];
  const isBond = owner !== undefined && isPortOf(end, owner) && owner.mtu === end.mtu;
  const target = isBond ? owner : end;
  if (Math.min(target.maxMtu ?? Infinity, end.maxMtu ?? Infinity) < needed) {
    const [inner] = way.path;
    return inner === undefined ? [] : [];
  }
  return [`${ip(target.netns)} link set dev ${shellQuote(target.name)} mtu ${needed}`];
}

/** The device below gets what is above it. */
export function raiseRepair(lower: Link, needed: number): Repair {
  return {
    how: 'Give the smaller device the larger MTU, where its switch port takes it, or the larger one the smaller MTU',
    commands: [`${ip(lower.netns)} link set dev ${shellQuote(lower.name)} mtu ${needed}`],
  };
}

export function upRepair(culprit: Link): Repair {
  if (culprit.isUp === false) {
    return {
      how: 'Switch the device on that the others stand on',
      commands: [`${ip(culprit.netns)} link set dev ${shellQuote(culprit.name)} up`],
    };
  }
  return { how: 'Look at its cable, its slaves or ports, and the other end', commands: [] };
}

function ip(netns: string): string {
  return netns === '' ? 'ip' : `ip -n ${shellQuote(netns)}`;
}

export { keyOf };
