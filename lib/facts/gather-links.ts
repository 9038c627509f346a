/**
 * Asks a host for its network devices.
 *
 * Of the own network namespace sysfs tells nearly all, to any user. `ip -d -j link` adds the numbers and protocols of VLANs
 * and what is in other namespaces; it is run only where it has something to add, or where sysfs could not be read.
 */
import { bytes, each, head, stat, type Answers, type Content } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import type { IpLink } from '../parsers/ip-link.ts';
import { parseProcNetVlan, type VlanConfigLine } from '../parsers/proc-net-vlan.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import { askIp, enriched, linksFromIp } from './links-ip.ts';
import { below, keyOf, pushTo, type Link, type Links } from './links.ts';
import { chosenNetns, resolveForeign } from './links-netns.ts';
import { DEVICE, linksFromSysfs, type SysfsLinks } from './links-sysfs.ts';

type IpAnswers = ReadonlyMap<string, Reading<readonly IpLink[]>>;

const MIB = 1024 * 1024;
/** More at once would be a load of its own on a network node with hundreds of routers. */
const NAMESPACES_AT_ONCE = 40;

/** What is to be asked first; `gatherLinks` goes on from the answers. */
export const LINK_QUESTIONS = {
  devices: each('/sys/class/net/*', DEVICE),
  present: head('/proc/net/dev', MIB),
  vlanConfig: bytes('/proc/net/vlan/config', MIB),
  ownNetns: stat('/proc/self/ns/net', { follow: true }),
  netns: each('/run/netns/*', { ns: stat('', { follow: true }) }),
};

/** @param netns names or globs of other network namespaces to look into as well, `all` for all that have a name */
export async function gatherLinks(
  host: Host,
  first: Answers<typeof LINK_QUESTIONS>,
  netns: readonly string[],
): Promise<Links> {
  const sysfs = linksFromSysfs(first.devices, first.present);
  // Thousands of taps take a while; a handful does not, and the event loop's turn costs half a millisecond.
  if (sysfs.links.length > 100) await breathe();
  const { chosen, others, missing } = chosenNetns(first.ownNetns, first.netns, netns);
  const isIpWanted = sysfs.unread.length > 0 || !sysfs.isOwn || mayKnowMore(sysfs.links);
  const answers = await askAll(host, [...(isIpWanted ? [''] : []), ...chosen]);
  const own = ownLinks(sysfs, answers.get(''), first.vlanConfig, chosen.length > 0);
  const unread: Failure[] = [...missing, ...own.unread];
  const all = new Map(own.links.map((link) => [link.name, link]));
  for (const name of chosen) {
    await breathe();
    const links = answers.get(name);
    if (links?.ok === false) unread.push(links);
    for (const link of links?.ok === true ? linksFromIp(links.value, name) : []) {
      all.set(keyOf(name, link.name), link);
    }
  }
  const resolved = chosen.length === 0 ? all : await resolveForeign(host, all);
  return { all: withUppers(resolved), unread, unclear: own.unclear, otherNetns: others };
}

async function askAll(host: Host, netns: readonly string[]): Promise<IpAnswers> {
  const answers = new Map<string, Reading<readonly IpLink[]>>();
  for (let start = 0; start < netns.length; start += NAMESPACES_AT_ONCE) {
    const some = await askIp(host, netns.slice(start, start + NAMESPACES_AT_ONCE));
    for (const [name, links] of some) answers.set(name, links);
  }
  return answers;
}

/**
 * sysfs where it could be read, with what ip adds; else ip alone; and what is left unknown where neither can tell. A tree that
 * is no running system has sysfs alone.
 */
function ownLinks(
  sysfs: SysfsLinks,
  ip: Reading<readonly IpLink[]> | undefined,
  vlanConfig: Reading<Content>,
  areOthersSeen: boolean,
): Pick<Links, 'unread' | 'unclear'> & { readonly links: readonly Link[] } {
  const isWhole = sysfs.unread.length === 0;
  const fromIp = ip?.ok === true ? ip.value : [];
  const isIpEnough = ip?.ok === true && (!isWhole || !sysfs.isOwn);
  const links = isIpEnough ? linksFromIp(fromIp, '') : enriched(sysfs.links, fromIp);
  const unread = [...sysfs.unread, ...(isWhole || ip?.ok !== false ? [] : [ip])];
  return {
    links: vlanConfig.ok ? withConfig(links, vlanConfig.value.bytes) : links,
    unread: isIpEnough ? [] : unread,
    unclear: isIpEnough || !isWhole ? [] : stillUnclear(sysfs, ip, areOthersSeen),
  };
}

/**
 * Whether ip may know more: of a VLAN on a VLAN, for its repair; of a device that stands on nothing to be seen; and of one
 * below a VLAN that is no hardware and does not tell its kind: a macvlan stands on a device elsewhere, a veth leads to its
 * other end.
 */
function mayKnowMore(links: readonly Link[]): boolean {
  if (links.some(({ parentElsewhere }) => parentElsewhere !== null)) return true;
  return belowVlans(links).some(
    ({ kind, isPhysical, lowers }) => kind === 'vlan' || (kind === '' && !isPhysical && lowers.length === 0),
  );
}

function belowVlans(links: readonly Link[]): readonly Link[] {
  const all = new Map(links.map((link) => [link.name, link]));
  return below(
    links.filter(({ kind }) => kind === 'vlan'),
    all,
  );
}

/**
 * Without ip the numbers of VLANs are missing, for their repair; where the frames of one of these devices go is missing for the
 * verdict. ip names the same number as sysfs for each of them (nla_put_iflink in net/core/rtnetlink.c).
 *
 * @param areOthersSeen the devices of other namespaces were looked at too, and ip would tell which of them a VLAN stands on
 */
function stillUnclear(
  { links, unclear }: SysfsLinks,
  ip: Reading<readonly IpLink[]> | undefined,
  areOthersSeen: boolean,
): readonly Failure[] {
  const told = new Set(ip?.ok === true ? ip.value.filter(isLinkTold).map(({ name }) => name) : []);
  const needsIp = ({ name, parentElsewhere }: Link): boolean =>
    !told.has(name) && (unclear.has(name) || (areOthersSeen && parentElsewhere !== null));
  const first = [...links.filter(({ kind }) => kind === 'vlan'), ...belowVlans(links)].find(needsIp);
  if (first === undefined || ip === undefined) return [];
  const what = `where the frames of ${first.name} go`;
  if (ip.ok) return [failed('unparsable', 'ip -d -j link', `it does not tell ${what}`)];
  return [{ ...ip, detail: [ip.detail, `only it tells ${what}`].filter((text) => text !== '').join(', ') }];
}

function isLinkTold({ link, linkIndex }: IpLink): boolean {
  return link !== null || linkIndex !== null;
}

/** With the kernel's own list of VLANs, for root only: for details where ip is not there. */
function withConfig(links: readonly Link[], content: Uint8Array): readonly Link[] {
  const lines = new Map(vlanLines(content).map((line) => [line.name, line]));
  return links.map((link) => {
    const line = lines.get(link.name);
    if (line === undefined || link.vlan === null) return link;
    const { vlan, parentElsewhere: elsewhere } = link;
    return {
      ...link,
      vlan: { ...vlan, id: vlan.id ?? line.id },
      parentElsewhere: elsewhere === null ? null : { ...elsewhere, name: line.parent },
    };
  });
}

function vlanLines(content: Uint8Array): readonly VlanConfigLine[] {
  try {
    return parseProcNetVlan(decodeUtf8(content));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}

function withUppers(all: ReadonlyMap<string, Link>): ReadonlyMap<string, Link> {
  const uppers = new Map<string, string[]>();
  for (const [key, { lowers }] of all) {
    for (const lower of lowers) pushTo(uppers, lower, key);
  }
  return new Map([...all].map(([key, link]) => [key, { ...link, uppers: uppers.get(key) ?? [] }]));
}
