/** Which console logs are judged: those that were chosen, and on shared file systems those of this host's guests. */
import type { ConsoleLogs } from '../facts/console-logs.ts';
import { instanceOf } from '../facts/console-places.ts';
import { anyMatcher, isGlob } from '../glob.ts';
import { ownerFinder } from './console-owners.ts';
import type { ConsoleLog } from './console-sizes.ts';

export interface Choice {
  readonly guest: readonly string[];
  readonly ignore: readonly string[];
}

/** Whose a log is, or what stands in its place. */
type Whose = Pick<ConsoleLog, 'owner' | 'path' | 'instance'>;

/** By any of the names that a log has: its guest's, the uuid, the path. */
export function isChosenBy({ guest, ignore }: Choice): (log: Whose) => boolean {
  if (guest.length === 0 && ignore.length === 0) return () => true;
  const isWanted = anyMatcher(guest);
  const isIgnored = anyMatcher(ignore);
  return ({ owner, path, instance }) => {
    const names = [owner.guest, owner.uuid, path, instance].filter((name) => name !== null);
    return (guest.length === 0 || names.some(isWanted)) && !names.some(isIgnored);
  };
}

/** The directory of instances is often shared, and each host judges its own: else all of them would call for the same log. */
export function splitShared(
  logs: readonly ConsoleLog[],
  { fileSystems }: ConsoleLogs,
): { readonly judged: readonly ConsoleLog[]; readonly others: readonly ConsoleLog[] } {
  const shared = new Set(
    [...fileSystems].flatMap(([device, system]) => (system.shared === null ? [] : device)),
  );
  if (shared.size === 0) return { judged: logs, others: [] };
  const isOthers = ({ instance, owner, device, deleted }: ConsoleLog): boolean =>
    instance !== null && !owner.isHere && deleted.length === 0 && device !== null && shared.has(device);
  const judged: ConsoleLog[] = [];
  const others: ConsoleLog[] = [];
  for (const log of logs) (isOthers(log) ? others : judged).push(log);
  return { judged, others };
}

/** Of the links that stand where a log should be, those that are this host's affair, as with logs. */
export function ownLinks(
  facts: ConsoleLogs,
  choice: Choice,
  others: readonly ConsoleLog[],
): readonly string[] {
  const ownerOf = ownerFinder(facts);
  const isChosen = isChosenBy(choice);
  return facts.links.filter((path) => {
    const instance = instanceOf(path, facts.instanceRoots);
    const owner = ownerOf(path, instance);
    const isOthers = instance !== null && !owner.isHere && others.length > 0;
    return isChosen({ owner, path, instance }) && !isOthers;
  });
}

/** Guests that were asked for by a whole name. */
export function missingLogs({ guest }: Choice, judged: readonly ConsoleLog[]) {
  if (guest.length === 0) return [];
  const known = new Set(judged.flatMap(({ owner, path, name }) => [owner.guest, owner.uuid, path, name]));
  return guest
    .filter((name) => !isGlob(name) && !known.has(name))
    .map((name) => ({ kind: 'missing', subject: name, text: 'has no console log here' }) as const);
}
