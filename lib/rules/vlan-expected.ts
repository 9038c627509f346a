/** VLAN devices that --vlan names and that are not there. */
import { isGlob } from '../glob.ts';
import type { Links } from '../facts/links.ts';
import type { Finding } from '../report/finding.ts';

/**
 * None where not all devices could be seen: that is said, and it may be there. One that is down, or in a chain that is left
 * out, is there.
 *
 * @param wanted names and globs; a glob expects nothing
 */
export function judgeExpected(wanted: readonly string[], links: Links): readonly Finding<'absent'>[] {
  if (links.unread.length > 0) return [];
  const kinds = new Map<string, Set<string>>();
  for (const { name, kind } of links.all.values()) {
    kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
  }
  return wanted
    .filter((name) => !isGlob(name) && kinds.get(name)?.has('vlan') !== true)
    .map((name) => ({
      kind: 'absent',
      subject: name,
      text: `expected and not there: ${kinds.has(name) ? 'the device is no VLAN' : 'no VLAN device has that name'}`,
      detail: notLookedAt(links),
    }));
}

export function notLookedAt({ otherNetns }: Links): readonly string[] {
  const [first, ...more] = otherNetns;
  if (first === undefined) return [];
  return [
    `not looked into: network namespace ${first}${more.length === 0 ? '' : ` and ${more.length} more`} (--netns)`,
  ];
}
