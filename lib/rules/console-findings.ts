/** What is to be said about console logs besides their size: those without a name, a limit, a guest, and what was not seen. */
import type { ConsoleLogs } from '../facts/console-logs.ts';
import { inWords as readingInWords, type Failure } from '../reading.ts';
import { causeOf, inWords, isUnlimited } from './console-cause.ts';
import { isInTransit } from './console-owners.ts';
import type { ConsoleLog } from './console-sizes.ts';
import { counted, MOST_SAID, namesOf, size, type LogFinding } from './console-words.ts';
import { seesAll, unseenGuests } from './guests.ts';

/** Whoever reads the directory does not see them, and neither does who looks for what fills the disk. */
export function judgeDeleted(logs: readonly ConsoleLog[]): readonly LogFinding[] {
  const all = logs.flatMap(({ name, deleted }) => deleted.map((file) => ({ name, file })));
  const bytesOf = ({ file }: (typeof all)[number]): number =>
    file.stat?.ok === true ? file.stat.value.allocatedBytes : 0;
  const ranked = all.sort((a, b) => bytesOf(b) - bytesOf(a));
  const said = ranked.slice(0, MOST_SAID).map((one): LogFinding => {
    const { name, file } = one;
    const { program, pid } = file.holder;
    const held =
      file.stat?.ok === true ? `holds ${size(bytesOf(one))}` : 'holds space that could not be measured';
    if (file.stat?.ok === false) {
      const text = `a deleted log that ${program} (pid ${pid}) still has open could not be measured`;
      return { kind: 'unseen', subject: name, text, detail: [file.path, readingInWords(file.stat)] };
    }
    return {
      kind: 'deleted',
      subject: name,
      text: `a deleted log that ${program} (pid ${pid}) still has open ${held}, which only emptying it or ending the process frees`,
      detail: [file.path, file.link],
      repair: {
        how: 'Empty the deleted log through its open file',
        commands: [`truncate -s 0 ${file.link}`],
      },
    };
  });
  const rest = ranked.length - said.length;
  return rest === 0
    ? said
    : [...said, { kind: 'deleted', subject: '', text: `${rest} more deleted logs are still open` }];
}

/** Sooner or later they are big. One finding for all: it is a matter of how the host is set up. */
export function judgeUnlimited(logs: readonly ConsoleLog[], facts: ConsoleLogs): readonly LogFinding[] {
  const all = logs.filter((log) => isUnlimited(causeOf(log, facts)));
  const [first] = all;
  if (first === undefined) return [];
  const text = `${counted(all.length, 'console log')} may grow without limit: ${namesOf(all)}`;
  const cause = causeOf(first, facts);
  return [{ kind: 'unlimited', subject: '', text, detail: [inWords(cause, first, facts)] }];
}

/** Only where all guests of the host are known, those that are shut off too. */
export function judgeOrphans(logs: readonly ConsoleLog[], facts: ConsoleLogs): readonly LogFinding[] {
  if (!knowsGuests(facts)) return [];
  const all = logs.filter(
    ({ instance, owner, files }) =>
      instance !== null && !owner.isHere && !isInTransit(instance) && files.length > 0,
  );
  if (all.length === 0) return [];
  const bytes = all.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0);
  const text = `${all.length === 1 ? '1 folder of an instance belongs' : `${all.length} folders of instances belong`} to no guest that runs or is defined here: ${namesOf(all)}`;
  return [{ kind: 'orphan', subject: '', text, detail: [`${size(bytes)} of console logs`] }];
}

export function knowsGuests({ guests }: ConsoleLogs): boolean {
  return seesAll(guests) && guests.definitions?.unread.length === 0;
}

/**
 * On local disks it is the files that count; running guests give them names, and name the few that lie elsewhere. On shared
 * ones nobody could tell without them which logs this host answers for.
 */
export function judgeGuests(facts: ConsoleLogs, others: number): readonly LogFinding[] {
  const { scanned, unknown } = facts.guests;
  const unseen = unseenGuests(facts.guests);
  const isClosed = scanned.ok || scanned.why === 'absent' || scanned.why === 'denied';
  const isDenied = isClosed && unknown.every(({ why }) => why === 'denied');
  if (!isDenied || others > 0) return unseen;
  return unseen.map((finding) => ({
    ...finding,
    kind: 'guests-denied',
    text: `running guests not seen: ${finding.text}`,
  }));
}

/** A guest's owner may have put it there to have root look at, or empty, something else. */
export function judgeLinks(links: readonly string[]): readonly LogFinding[] {
  const [first, ...more] = links;
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` (${more.length} more like it)`;
  const text = `is a symbolic link and was not followed${others}; give what it leads to with --path if that is a log`;
  return [{ kind: 'link', subject: first, text }];
}

export function judgeClosed({ closed, guests }: ConsoleLogs): readonly LogFinding[] {
  const [first] = closed;
  if (first === undefined) return [];
  const isDenied = closed.every(({ why }) => why === 'denied');
  const text = `open files of ${counted(closed.length, 'process', 'processes')} not looked at: ${readingInWords(first)}`;
  const remedy = guests.who.uid === 0 ? [] : ['root can see deleted logs that are still open'];
  return [
    {
      kind: isDenied ? 'open-files-denied' : 'unseen',
      subject: '',
      text,
      timedOut: closed.some(({ why }) => why === 'timedOut'),
      detail: remedy,
    },
  ];
}

/** Counted by reason: ten thousand closed directories are one thing to repair. */
export function judgeUnseen(unseen: readonly Failure[], uid: number): readonly LogFinding[] {
  const byWhy = new Map<Failure['why'], Failure[]>();
  for (const failure of unseen) byWhy.set(failure.why, [...(byWhy.get(failure.why) ?? []), failure]);
  return [...byWhy].flatMap(([why, [first, ...more]]): LogFinding[] => {
    if (first === undefined) return [];
    const others = more.length === 0 ? '' : ` (${more.length} more like it)`;
    return [
      {
        kind: 'unseen',
        subject: '',
        text: `${readingInWords(first)}${others}`,
        timedOut: why === 'timedOut',
        ...(why === 'denied' && uid !== 0
          ? {
              repair: { how: 'Run the check as root, or let its user enter these directories', commands: [] },
            }
          : {}),
      },
    ];
  });
}
