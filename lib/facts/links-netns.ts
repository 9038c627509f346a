/** Network namespaces that have a name (ip-netns(8)): which to look into, and what stands on a device in another one. */
import { run, type Matches, type Ran, type Stat, type stat } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { anyMatcher, isGlob } from '../glob.ts';
import { parseIpNetns } from '../parsers/ip-netns.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import { inNetns, parsedOutput } from './links-ip.ts';
import { keyOf, type Link } from './links.ts';

export interface ChosenNetns {
  readonly chosen: readonly string[];
  readonly others: readonly string[];
  /** Why some that were asked for cannot be looked into. */
  readonly missing: readonly Failure[];
}

/** @param wanted names or globs; `all` means all */
export function chosenNetns(
  own: Reading<Stat>,
  files: Reading<Matches<{ ns: ReturnType<typeof stat> }>>,
  wanted: readonly string[],
): ChosenNetns {
  if (!files.ok) return { chosen: [], others: [], missing: wanted.length === 0 ? [] : [files] };
  const isWanted = anyMatcher(wanted.map((name) => (name === 'all' ? '*' : name)));
  // A namespace can have several names, and the one that we are in can have one too.
  const seen = new Set(own.ok ? [own.value.inode] : []);
  const chosen: string[] = [];
  const others: string[] = [];
  const all = files.value.found.map(({ path, ns }) => ({ name: path.slice(path.lastIndexOf('/') + 1), ns }));
  for (const { name, ns } of all) {
    if (ns.ok && seen.has(ns.value.inode)) continue;
    if (ns.ok) seen.add(ns.value.inode);
    if (isWanted(name)) chosen.push(name);
    else others.push(name);
  }
  const missing = wanted
    .filter((name) => name !== 'all' && !isGlob(name) && !all.some((one) => one.name === name))
    .map((name) => failed('absent', `/run/netns/${name}`, 'no network namespace of this name'));
  return { chosen, others, missing: [...missing, ...(wanted.length === 0 ? [] : files.value.unlisted)] };
}

/** The devices, with those that stand on one in another namespace put onto it where it was looked at too. */
export async function resolveForeign(
  host: Host,
  all: ReadonlyMap<string, Link>,
): Promise<ReadonlyMap<string, Link>> {
  const foreign = [...all.values()].filter(
    ({ parentElsewhere }) => typeof parentElsewhere?.netnsId === 'number',
  );
  const askers = [...new Set(foreign.map(({ netns }) => netns))];
  if (askers.length === 0) return all;
  const questions = Object.fromEntries(
    askers.map((name) => [`netns ${name}`, run('ip', ...inNetns(name), '-j', 'netns', 'list')]),
  );
  const answers: Readonly<Record<string, unknown>> = await host.ask(questions);
  const result = new Map(all);
  for (const link of foreign) {
    const answer = answers[`netns ${link.netns}`] as Reading<Ran>;
    const parent = parentOf(link, answer, all);
    if (parent === null) continue;
    const key = keyOf(link.netns, link.name);
    result.set(key, { ...link, lowers: [keyOf(parent.netns, parent.name)], parentElsewhere: null });
  }
  return result;
}

/**
 * The number of a namespace leads to its name. The host's own one has none as a rule: a number without a name, seen from another
 * namespace, is taken for it if it has a device of that number on which the child's MTU is possible.
 */
function parentOf(link: Link, answer: Reading<Ran>, all: ReadonlyMap<string, Link>): Link | null {
  const named = parsedOutput(answer, 'ip -j netns list', parseIpNetns);
  const { index, netnsId } = link.parentElsewhere ?? {};
  if (!named.ok || typeof index !== 'number') return null;
  const name = named.value.find(({ id }) => id !== null && id === netnsId)?.name;
  const candidates = [...all.values()].filter((one) => one.index === index);
  if (name !== undefined) return candidates.find(({ netns }) => netns === name) ?? null;
  if (link.netns === '') return null;
  const own = candidates.find(({ netns }) => netns === '');
  return own !== undefined && (own.mtu ?? 0) >= (link.mtu ?? 0) ? own : null;
}
