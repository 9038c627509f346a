/** How VLANs get the room that they lack: exact commands, or none. */
import type { Link, Links } from '../facts/links.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { isPortOf, neededMtu, type Way } from './vlan-paths.ts';

/** Commands for more of them would push everything else out of the output. */
const MOST_VLANS = 3;

/**
 * First to take a tag away, since a VLAN on a VLAN is a mistake more often than not; second to make room for it.
 *
 * @param ways those of the first member that have too little room
 */
export function roomRepair(ways: readonly Way[], members: readonly Link[], links: Links): Repair {
  const [way] = ways;
  const room = moreRoom(ways, members);
  if (way === undefined) return room;
  const base = way.path[way.path.findLastIndex(({ kind }) => kind === 'vlan') + 1];
  // A provider's tag around those of its customers is meant.
  const isMeant = way.path.some(({ vlan }, index) => index > 0 && vlan?.protocol === '802.1ad');
  if (base === undefined || isMeant) return room;
  const left = members.length - MOST_VLANS;
  const them = members.length === 1 ? (members[0]?.name ?? '') : 'the VLAN devices';
  return {
    how:
      `Attach ${them} to ${base.name}, with one tag (what stands on a deleted device, and its addresses and routes, goes with it)` +
      (left > 0 ? `, the ${left} others as these` : ''),
    commands: [
      ...members.slice(0, MOST_VLANS).flatMap((link) => attachCommands(link, base, links)),
      ...(room.commands.length === 0
        ? []
        : [`# or, if the tags are meant: ${uncapital(room.how)}`, ...room.commands]),
    ],
  };
}

function uncapital(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** None where they would not be exact: its number not known or taken on the lower device, or a namespace between the two. */
function attachCommands(link: Link, base: Link, { all }: Links): readonly string[] {
  const { vlan, mtu, netns } = link;
  if (vlan === null || vlan.id === null || mtu === null || netns !== base.netns) return [];
  const name = shellQuote(link.name);
  const taken = base.uppers.flatMap((key) => all.get(key) ?? []).find((upper) => isSameVlan(upper, link));
  if (taken !== undefined) {
    return [
      `# ${shellQuote(base.name)} has VLAN ${vlan.id} already, ${shellQuote(taken.name)}: use it instead of ${name}`,
    ];
  }
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
  if (one.vlan === null || other.vlan === null) return false;
  return one.vlan.id === other.vlan.id && one.vlan.protocol === other.vlan.protocol;
}

/** A larger MTU at the bottom, or where a driver does not take it, a smaller one on top. */
function moreRoom(ways: readonly Way[], members: readonly Link[]): Repair {
  const needs = ways.flatMap((way) => {
    const mtu = neededMtu(way);
    return mtu === null ? [] : [{ path: way.path, mtu, limit: limitOf(way.path) }];
  });
  const limited = needs.find(({ mtu, limit }) => limit !== null && limit < mtu);
  if (limited !== undefined) {
    const inner =
      (limited.path[0]?.mtu ?? 0) - Math.max(...needs.map(({ mtu, limit }) => mtu - (limit ?? mtu)));
    return {
      how: `Give the VLAN and all that is in it the MTU ${inner}, since ${limited.path.at(-1)?.name ?? ''} takes none above ${limited.limit ?? ''}`,
      commands: members.slice(0, MOST_VLANS).map((link) => mtuCommand(link, inner)),
    };
  }
  const commands = needs.flatMap(({ path, mtu }) => bottomCommand(path, mtu));
  return {
    how: `Raise the MTU at the bottom and on the switch ports (it is the MTU of untagged packets there as well)`,
    commands: [...new Set(commands)],
  };
}

/** The largest MTU that the last device and the bond around it take; null: not known, or no limit. */
function limitOf(path: readonly Link[]): number | null {
  const limits = path
    .slice(-2)
    .flatMap(({ maxMtu, vlan }) => (maxMtu === null || vlan !== null ? [] : maxMtu));
  return limits.length === 0 ? null : Math.min(...limits);
}

/** From the bottom up, since no VLAN may have a larger MTU than what it stands on. */
function mtuCommands(path: readonly Link[], mtu: number): readonly string[] {
  const small = path
    .map((link, index) => [link, path[index - 1]] as const)
    .filter(([link]) => (link.mtu ?? 0) < mtu);
  return [
    ...new Set(
      small
        .reverse()
        .map(([link, owner]) => bottomCommand(owner === undefined ? [link] : [owner, link], mtu)),
    ),
  ];
}

/** A bond hands its own MTU down to its slaves. */
function bottomCommand(path: readonly Link[], mtu: number): string {
  const [owner, link] = path.slice(-2);
  if (owner === undefined || link === undefined) return owner === undefined ? '' : mtuCommand(owner, mtu);
  return mtuCommand(isPortOf(link, owner) && owner.mtu === link.mtu ? owner : link, mtu);
}

function mtuCommand(link: Link, mtu: number): string {
  return `${ip(link.netns)} link set dev ${shellQuote(link.name)} mtu ${mtu}`;
}

/** @param path the device that is too small, and what it stands on */
export function raiseRepair(path: readonly Link[], mtu: number): Repair {
  return {
    how: 'Give the smaller device the MTU of the larger one, if its switch port takes that, or the larger one that of the smaller',
    commands: mtuCommands(path, mtu),
  };
}

export function upRepair(culprit: Link): Repair {
  if (culprit.isUp !== false) {
    return { how: 'Look at its cable, its slaves or ports, and the other end', commands: [] };
  }
  return {
    how: 'Switch on what the others stand on',
    commands: [`${ip(culprit.netns)} link set dev ${shellQuote(culprit.name)} up`],
  };
}

function ip(netns: string): string {
  return netns === '' ? 'ip' : `ip -n ${shellQuote(netns)}`;
}
