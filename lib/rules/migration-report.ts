/** What the check of migrations prints of the reasons that it found. */
import type { Guests } from '../facts/guests.ts';
import type { MigrationHost } from '../facts/migration.ts';
import { inWords } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { inUnits } from '../report/units.ts';
import { processOf, seesAll } from './guests.ts';
import type { JudgedGuest, Verdict } from './migration-judge.ts';
import { BLOCKING, isBlocking, type Reason } from './migration.ts';

function isBlocked({ reasons, isTwin }: JudgedGuest): boolean {
  return isTwin || reasons.some(isBlocking);
}

function isUnclear({ reasons }: JudgedGuest): boolean {
  return reasons.some(({ kind }) => kind === 'unseen');
}

export function judgedGuests(judged: readonly JudgedGuest[]): readonly Finding<Reason['kind']>[] {
  const value = judged.filter(isBlocked).length;
  return judged.flatMap(({ one, reasons }) =>
    reasons.map((reason) => ({
      ...reason,
      subject: one.guest.name,
      detail: [...(reason.detail ?? []), processOf(one.guest)],
      ...(isBlocking(reason) ? { value } : {}),
    })),
  );
}

/** The answer to the question that everybody has. */
export function summaryOf(verdict: Verdict, guests: Guests): string {
  const { judged } = verdict;
  const blocked = judged.filter(isBlocked).length;
  const unclear = judged.filter((one) => !isBlocked(one) && isUnclear(one)).length;
  const can = judged.length - blocked - unclear;
  const isAll = seesAll(guests) && unclear === 0;
  const answer = blocked > 0 ? 'host cannot be emptied' : isAll ? 'host can be emptied' : 'not all was seen';
  const of = judged.length === 1 ? '1 guest' : `${judged.length} guests`;
  const many = can === judged.length && judged.length > 1 ? `all ${of}` : `${can} of ${of}`;
  const halves = takenBy(verdict).map(({ name, taken }) => `${taken.length} to ${name}`);
  return `${answer}: ${many} can move${halves.length > 1 ? `, ${halves.join(', ')}` : ''}`;
}

function takenBy({ judged, placement }: Verdict) {
  return [...placement.leftBytes].map(([name, leftBytes]) => ({
    name,
    leftBytes,
    taken: judged.filter(({ to }) => to === name).map(({ one }) => one),
  }));
}

/** One line for each partner: which guests it takes, and what is left of its memory then. */
export function planOf(verdict: Verdict): readonly string[] {
  return takenBy(verdict).map(({ name, leftBytes, taken }) => {
    const bytes = taken.reduce((sum, { hardware }) => sum + (hardware?.memoryBytes ?? 0), 0);
    const names = taken.length === 0 ? '' : `: ${taken.map(({ guest }) => guest.name).join(', ')}`;
    const left = leftBytes === null ? 'its memory is not known' : `${inUnits('B', leftBytes)} left`;
    const many = taken.length === 1 ? '1 guest' : `${taken.length} guests`;
    return `${name} takes ${many} with ${inUnits('B', bytes)}, ${left}${names}`;
  });
}

/** A number that was not seen whole is left out, but for one that is bad enough as it is. */
export function measured(judged: readonly JudgedGuest[], guests: Guests) {
  const isSeen = seesAll(guests);
  const isClear = isSeen && !judged.some((one) => isUnclear(one));
  const known = (isWhole: boolean, value: number): number | null => (isWhole || value > 0 ? value : null);
  const blocked = judged.filter(isBlocked).length;
  const free = judged.filter((one) => !isBlocked(one) && !isUnclear(one)).length;
  const by = BLOCKING.map((kind) => {
    const count = judged.filter(({ reasons }) => reasons.some((one) => one.kind === kind)).length;
    return { metric: `blocked_${kind}` as const, value: known(isClear, count) };
  });
  return [
    { metric: 'guests', value: known(isSeen, judged.length) },
    { metric: 'movable', value: isSeen ? free : null },
    { metric: 'blocked', value: known(isClear, blocked) },
    ...by,
  ] as const;
}

export function itemsOf(judged: readonly JudgedGuest[]): readonly string[] {
  return judged.map(({ one: { guest, hardware }, reasons, isTwin, to }) => {
    const why = reasons.filter((reason) => isBlocking(reason) || reason.kind === 'unseen');
    if (isTwin) return `${guest.name}: runs on two hosts`;
    const disks = hardware?.disks.length ?? 0;
    const said =
      why.length === 0
        ? `can move${to === null ? '' : ` to ${to}`} (${disks === 1 ? '1 disk' : `${disks} disks`})`
        : why.map(({ text }) => text).join(' and ');
    return `${guest.name}: ${said}`;
  });
}

export function unreadSnapshots({
  snapshots,
}: MigrationHost): readonly Finding<'definitions-denied' | 'unseen'>[] {
  const { unread } = snapshots;
  if (unread === null) return [];
  const kind = unread.why === 'denied' ? 'definitions-denied' : 'unseen';
  return [
    {
      kind,
      subject: '',
      text: `snapshots not read: ${inWords(unread)}`,
      timedOut: unread.why === 'timedOut',
    },
  ];
}
