/** What the check of migrations prints of the reasons that it found. */
import type { Guests } from '../facts/guests.ts';
import type { MigrationHost, MovableGuest } from '../facts/migration.ts';
import { inWords } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { seesAll } from './guests.ts';
import { BLOCKING, isBlocking, type Reason } from './migration.ts';

export interface JudgedGuest {
  readonly one: MovableGuest;
  readonly reasons: readonly Reason[];
}

function isBlocked({ reasons }: JudgedGuest): boolean {
  return reasons.some(isBlocking);
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
      detail: [...(reason.detail ?? []), `pid ${one.guest.pid}`],
      ...(isBlocking(reason) ? { value } : {}),
    })),
  );
}

/** The answer to the question that everybody has. */
export function summaryOf(judged: readonly JudgedGuest[], guests: Guests): string {
  const blocked = judged.filter(isBlocked).length;
  const unclear = judged.filter((one) => !isBlocked(one) && isUnclear(one)).length;
  const can = judged.length - blocked - unclear;
  const isAll = seesAll(guests);
  const answer =
    blocked > 0
      ? 'host cannot be emptied'
      : unclear > 0 || !isAll
        ? 'not all was seen'
        : 'host can be emptied';
  const of = judged.length === 1 ? '1 guest' : `${judged.length} guests`;
  return `${answer}: ${can === judged.length && judged.length > 1 ? `all ${of}` : `${can} of ${of}`} can move`;
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
  return judged.map(({ one: { guest, hardware }, reasons }) => {
    const why = reasons.filter(({ kind }) => kind !== 'host-cpu' && kind !== 'left-behind');
    const disks = hardware?.disks.length ?? 0;
    const said = why.length === 0 ? `can move (${disks} disks)` : why.map(({ text }) => text).join(' and ');
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
