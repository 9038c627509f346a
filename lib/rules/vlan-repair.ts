/** How VLANs get the room that they lack: exact commands, or none. */
import { keyOf, type Link, type Links } from '../facts/links.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { listed } from './vlan-names.ts';
import { mtuHolder, tagBytes, type Room, type Way } from './vlan-paths.ts';

/** Commands for more of them would push everything else out of the output. */
const MOST_VLANS = 3;

/**
 * First to take a tag away, since a VLAN on a VLAN is a mistake more often than not; second to make room for it.
 *
 * @param rooms where there is too little of it for the first member
 * @param moves what the repairs before this one attach elsewhere; filled in
 */
export function roomRepair(
  rooms: readonly Room[],
  members: readonly Link[],
  links: Links,
  moves: Moves,
): Repair {
  const room = moreRoom(rooms, members);
  const base = baseOf(rooms.map(({ way }) => way));
  if (base === null) return room;
  const attached = members.map((link) => attachCommands(link, base, links, moves));
  const [shown, left] = [attached.slice(0, MOST_VLANS), attached.slice(MOST_VLANS)];
  const isExample = shown.some(({ isMoved }) => isMoved);
  const but = isExample ? left.filter(({ isMoved }) => !isMoved).map(({ name }) => name) : [];
  const them = members.length === 1 ? (members[0]?.name ?? '') : 'the VLAN devices';
  return {
    how:
      `Attach ${them} to ${base.name}, with one tag (what stands on a deleted device, and its addresses and routes, goes with it)` +
      (left.length > but.length ? `, the ${left.length - but.length} others as these` : ''),
    commands: [
      ...shown.flatMap(({ commands }) => commands),
      ...(but.length === 0
        ? []
        : [
            `# ${listed(but.map(shellQuote))} cannot be attached like these: its number is taken, or others stand on it`,
          ]),
      `# or, if the tags are meant: ${uncapital(room.how)}`,
      ...room.commands,
    ],
  };
}

/** The device below the last VLAN of the ways; null where they have several, and where the tags are meant. */
function baseOf(ways: readonly Way[]): Link | null {
  const bases = ways.map(({ path }) => path[path.findLastIndex(({ kind }) => kind === 'vlan') + 1]);
  const [base, ...others] = new Set(bases);
  // A provider's tag around those of its customers is meant.
  const isMeant = ways[0]?.path.some(({ vlan }, index) => index > 0 && vlan?.protocol === '802.1ad');
  return base === undefined || others.length > 0 || isMeant === true ? null : base;
}

function uncapital(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

interface Attached {
  readonly name: string;
  readonly commands: readonly string[];
  readonly isMoved: boolean;
}

/** The VLANs that the repairs of one run attach to other devices: by device, protocol and number, the name. */
export type Moves = Map<string, string>;

/**
 * No commands where they would not be exact: its number not known, or a namespace between the two; none but a comment where the
 * number is taken on the lower device, or will be, and where another device would go with the deleted one.
 */
function attachCommands(link: Link, base: Link, { all }: Links, moves: Moves): Attached {
  const { vlan, mtu, netns } = link;
  const name = shellQuote(link.name);
  const not = (...why: string[]): Attached => ({ name: link.name, commands: why, isMoved: false });
  if (vlan === null || vlan.id === null || mtu === null || netns !== base.netns) return not();
  const riders = link.uppers.filter((key) => key !== link.master).map((key) => all.get(key)?.name ?? key);
  if (riders.length > 0) {
    return not(
      `# ${name} is for later: deleted, it takes ${listed(riders.map(shellQuote), MOST_VLANS)} with it`,
    );
  }
  const place = [keyOf(base.netns, base.name), vlan.protocol, vlan.id].join();
  const taken = base.uppers.flatMap((key) => all.get(key) ?? []).find((upper) => isSameVlan(upper, link));
  if (taken !== undefined) {
    return not(`# ${shellQuote(base.name)} has VLAN ${vlan.id} already, ${shellQuote(taken.name)}: use it instead of ${name}`);
  } // prettier-ignore
  const moved = moves.get(place);
  if (moved !== undefined) {
    return not(`# ${shellQuote(base.name)} can have VLAN ${vlan.id} once: give ${name} another number, or use ${shellQuote(moved)} instead of it`);
  } // prettier-ignore
  moves.set(place, link.name);
  const protocol = vlan.protocol === null || vlan.protocol === '802.1Q' ? '' : ` protocol ${vlan.protocol}`;
  const master = link.master === null ? undefined : all.get(link.master);
  const commands = [
    `${ip(netns)} link delete dev ${name}`,
    `${ip(netns)} link add link ${shellQuote(base.name)} name ${name} mtu ${mtu} type vlan${protocol} id ${vlan.id}`,
    ...(master === undefined ? [] : [`${ip(netns)} link set dev ${name} master ${shellQuote(master.name)}`]),
    `${ip(netns)} link set dev ${name} up`,
  ];
  return { name: link.name, commands, isMoved: true };
}

function isSameVlan(one: Link, other: Link): boolean {
  if (one.vlan === null || other.vlan === null) return false;
  return one.vlan.id === other.vlan.id && one.vlan.protocol === other.vlan.protocol;
}

/** A larger MTU at the bottom, or where a driver does not take it, a smaller one on top. */
function moreRoom(rooms: readonly Room[], members: readonly Link[]): Repair {
  const [limited] = rooms
    .flatMap(({ way, needed }) => {
      const limit = way.end.maxMtu ?? Infinity;
      return limit >= needed ? [] : { inner: limit - tagBytes(way), end: way.end, limit };
    })
    .sort((a, b) => a.inner - b.inner);
  if (limited !== undefined) {
    const { inner, end, limit } = limited;
    return {
      how: `Give the VLAN and all that is in it the MTU ${inner}, since ${end.name} takes none above ${limit}`,
      commands: members.slice(0, MOST_VLANS).map((link) => mtuCommand(link, inner)),
    };
  }
  const commands = rooms.map(({ way: { path, end }, needed }) =>
    mtuCommand(mtuHolder(end, path.at(-2)), needed),
  );
  return {
    how: `Raise the MTU at the bottom and on the switch ports (it is the MTU of untagged packets there as well)`,
    commands: [...new Set(commands)],
  };
}

/** From the bottom up, since no VLAN may have a larger MTU than what it stands on. */
function mtuCommands(path: readonly Link[], mtu: number): readonly string[] {
  const small = path
    .map((link, index) => [link, path[index - 1]] as const)
    .filter(([link]) => (link.mtu ?? 0) < mtu)
    .reverse();
  return [...new Set(small.map(([link, above]) => mtuCommand(mtuHolder(link, above), mtu)))];
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
