/** The devices of any network namespace, from `ip -d -j link`. */
import { run, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseIpLink, type IpLink } from '../parsers/ip-link.ts';
import { FormatError } from '../parsers/text.ts';
import { failed, found, type Reading } from '../reading.ts';
import { keyOf, pushTo, STANDS_ON_ONE, type Link } from './links.ts';

/** What ip says of each namespace, '' the own one. Never an empty list: even an unused namespace has a loopback device. */
export async function askIp(
  host: Host,
  netns: readonly string[],
): Promise<ReadonlyMap<string, Reading<readonly IpLink[]>>> {
  const questions = Object.fromEntries(
    netns.map((name) => [`netns ${name}`, run('ip', ...inNetns(name), '-d', '-j', 'link')]),
  );
  const answers: Readonly<Record<string, unknown>> = await host.ask(questions);
  return new Map(
    netns.map((name) => {
      const command = ['ip', ...inNetns(name), '-d', '-j', 'link'].join(' ');
      const links = parsedOutput(answers[`netns ${name}`] as Reading<Ran>, command, parseIpLink);
      const isEmpty = links.ok && links.value.length === 0;
      return [name, isEmpty ? failed('unparsable', command, 'no devices, not even loopback') : links];
    }),
  );
}

export function inNetns(name: string): readonly string[] {
  return name === '' ? [] : ['-n', name];
}

export function parsedOutput<T>(ran: Reading<Ran>, command: string, parse: (text: string) => T): Reading<T> {
  if (!ran.ok) return ran;
  const { status, stdout, stderr } = ran.value;
  if (status !== 0) {
    const isDenied = /Operation not permitted|Permission denied/.test(stderr);
    return failed(isDenied ? 'denied' : 'failed', command, stderr.trim().replaceAll('\n', ', '));
  }
  try {
    return found(parse(stdout));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', command, error.message);
  }
}

/** What sysfs knows, and of each VLAN what only ip knows. */
export function enriched(links: readonly Link[], fromIp: readonly IpLink[]): readonly Link[] {
  const byName = new Map(fromIp.map((one) => [one.name, one]));
  const nameOf = nameFinder(fromIp);
  return links.map((link) => {
    const ip = byName.get(link.name);
    if (ip === undefined) return link;
    const kind = link.kind === '' ? (ip.kind ?? '') : link.kind;
    const isLost = STANDS_ON_ONE.has(kind) && link.lowers.length === 0;
    return {
      ...link,
      kind,
      maxMtu: ip.maxMtu,
      peer: peerOf(ip, nameOf),
      vlan: link.vlan === null ? null : (ip.vlan ?? link.vlan),
      parentElsewhere: isLost
        ? { index: ip.linkIndex ?? link.parentElsewhere?.index ?? null, name: null, netnsId: ip.linkNetnsId }
        : null,
    };
  });
}

/** All that can be known without sysfs. */
export function linksFromIp(list: readonly IpLink[], netns: string): readonly Link[] {
  const nameOf = nameFinder(list);
  const masters = new Map(list.map((one) => [one.name, nameOf(one.master)]));
  const ports = new Map<string, string[]>();
  for (const [name, master] of masters) {
    if (master !== null) pushTo(ports, master, name);
  }
  const tellsHardware = list.some(({ parentBus }) => parentBus !== null);
  return list.map((one) => {
    const isForeign = one.linkNetnsId !== null;
    const parent = isForeign ? null : nameOf(one.link ?? one.linkIndex);
    const standsOnOne = STANDS_ON_ONE.has(one.kind ?? '');
    const lowers = [...(standsOnOne && parent !== null ? [parent] : []), ...(ports.get(one.name) ?? [])];
    const master = masters.get(one.name) ?? null;
    const peer = peerOf(one, nameOf);
    const isUp = one.flags.includes('UP');
    return {
      name: one.name,
      netns,
      index: one.index,
      kind: one.kind ?? '',
      mtu: one.mtu,
      maxMtu: one.maxMtu,
      isUp: one.flags.length === 0 ? null : isUp,
      hasCarrier: isUp ? one.flags.includes('LOWER_UP') : null,
      operstate: one.operstate ?? '',
      isPhysical: isHardware(one, tellsHardware),
      driver: null,
      lowers: lowers.map((name) => keyOf(netns, name)),
      uppers: [],
      master: master === null ? null : keyOf(netns, master),
      peer: peer === null ? null : keyOf(netns, peer),
      vlan: one.vlan,
      parentElsewhere:
        standsOnOne && parent === null
          ? { index: one.linkIndex, name: null, netnsId: one.linkNetnsId }
          : null,
    };
  });
}

type NameOf = (given: string | number | null) => string | null;

/** iproute2 writes `if7` for a number that it has no name for. */
function nameFinder(list: readonly IpLink[]): NameOf {
  const nameOfIndex = new Map(list.map(({ index, name }) => [index, name]));
  const names = new Set(list.map(({ name }) => name));
  return (given) => {
    if (given === null) return null;
    if (typeof given === 'string' && names.has(given)) return given;
    return nameOfIndex.get(Number(String(given).replace(/^if/, ''))) ?? null;
  };
}

function peerOf({ kind, link, linkIndex, linkNetnsId }: IpLink, nameOf: NameOf): string | null {
  return kind === 'veth' && linkNetnsId === null ? nameOf(link ?? linkIndex) : null;
}

/** A kernel that does not tell hardware gives every other device a kind, but for some of old that nothing stands on. */
function isHardware({ parentBus, kind, linkType }: IpLink, tellsHardware: boolean): boolean {
  if (tellsHardware || parentBus !== null) return parentBus !== null && parentBus !== 'xen-backend';
  return kind === null && linkType === 'ether';
}
