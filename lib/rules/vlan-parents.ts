/** VLANs whose parents are down, missing or out of sight. */
import { nearestFinder, type Link, type Links } from '../facts/links.ts';
import type { Finding } from '../report/finding.ts';
import { listed } from './vlan-names.ts';
import { upRepair } from './vlan-repair.ts';
import type { Carriers } from './vlan-carriers.ts';

type ParentFinding = Finding<'parent-down' | 'parent-elsewhere'>;

interface OfVlan {
  readonly link: Link;
}

/** Whatever keeps the frames of a VLAN that is up from leaving: the lowest such device, once for all that stand on it. */
export function parentDown(vlans: readonly OfVlan[], carriers: Carriers): readonly ParentFinding[] {
  const down = new Map<Link, Link[]>();
  for (const { link } of vlans) {
    const culprit = lowestDown(link, carriers);
    if (culprit !== null) listOf(down, culprit).push(link);
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

function lowestDown(link: Link, carriers: Carriers): Link | null {
  const seen = new Set<Link>();
  let culprit: Link | null = null;
  let [here, above]: readonly [Link, Link | null] = [link, null];
  while (!seen.has(here)) {
    seen.add(here);
    const from = here;
    const next = carriers(here, above);
    const [only] = next;
    if (only === undefined) break;
    // One slave that is down is no matter while the bond is up, so only devices that are the one way down count.
    if (next.length > 1) return culprit ?? (next.every((one) => isDown(one, from, carriers)) ? only : null);
    if (isDown(only, here, carriers)) culprit = only;
    [here, above] = [only, here];
  }
  return culprit;
}

function isDown(link: Link, above: Link, carriers: Carriers): boolean {
  const { isUp, hasCarrier, operstate } = link;
  if (isUp === false) return true;
  // The bridge of guests that do not run has no carrier, and needs none.
  if (link.kind === 'bridge' && carriers(link, above).length === 0) return false;
  if (hasCarrier !== null) return !hasCarrier;
  return operstate === 'down' || operstate === 'lowerlayerdown' || operstate === 'notpresent';
}

/** What a VLAN stands on is missing, or in a namespace that was not looked into: once for all VLANs that stand on the same. */
export function parentElsewhere(vlans: readonly OfVlan[], { all }: Links): readonly ParentFinding[] {
  const lost = new Map<Link, string[]>();
  const lostBelow = nearestFinder(
    all,
    ({ parentElsewhere: parent, lowers }) => parent !== null || lowers.some((key) => !all.has(key)),
  );
  for (const { link } of vlans) {
    const last = lostBelow(link);
    if (last !== null) listOf(lost, last).push(link.name);
  }
  return [...lost].map(([last, names]) => {
    const { name = null, index = null, netnsId = null } = last.parentElsewhere ?? {};
    const what = name ?? (index === null || index === 0 ? 'a device' : `device number ${index}`);
    const where = netnsId === null ? 'that is not to be seen here' : 'of another network namespace';
    const isItself = names.includes(last.name);
    const others = names.filter((one) => one !== last.name);
    return {
      kind: 'parent-elsewhere',
      subject: isItself ? last.name : `${listed(names, 3)} on ${last.name}`,
      text: `${isItself ? 'stands' : `${last.name} stands`} on ${what} ${where}, how many tags are below is not known`,
      detail: [
        ...(isItself && others.length > 0 ? [`so for ${listed(others)} on it`] : []),
        'as root, --netns all looks into the network namespaces that have a name',
      ],
    };
  });
}

function listOf<K, T>(lists: Map<K, T[]>, key: K): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
