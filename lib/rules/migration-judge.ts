/** All reasons of all guests, here and on each partner, and which partner takes which guest. */
import type { MigrationHost, MovableGuest } from '../facts/migration.ts';
import type { RunningGuest } from '../facts/guests.ts';
import type { Partner, PartnerLook } from '../facts/partner.ts';
import type { Finding } from '../report/finding.ts';
import { inUnits } from '../report/units.ts';
import { inWords, type Failure, type Reading } from '../reading.ts';
import { unseenGuests } from './guests.ts';
import { reasonsThere } from './migration-partner.ts';
import { isBlocking, reasonsHere, type Reason } from './migration.ts';
import { place, type Homeless, type Placement } from './placement.ts';
import { runsTwice } from './twins.ts';

export interface JudgedGuest {
  readonly one: MovableGuest;
  readonly reasons: readonly Reason[];
  /** It runs on a partner, too: there is nothing to move before one of the two is stopped. */
  readonly isTwin: boolean;
  /** The partner that is to take it; null: none was asked for, or none can. */
  readonly to: string | null;
}

export interface Verdict {
  readonly judged: readonly JudgedGuest[];
  readonly placement: Placement<RunningGuest>;
}

export function judgeGuests(
  guests: readonly MovableGuest[],
  host: MigrationHost,
  partners: readonly Partner[],
  isDeclaredShared: (path: string) => boolean,
): Verdict {
  const looked = guests.map((one) => {
    const own = reasonsHere(one, host, isDeclaredShared);
    const far = partners.map((partner) => ({
      name: partner.name,
      reasons: reasonsThere(one, host, partner, isDeclaredShared),
    }));
    const possible = far.filter(({ reasons }) => !reasons.some(keeps)).map(({ name }) => name);
    return { one, own, far, possible };
  });
  const isTwin = ({ guest }: MovableGuest): boolean =>
    partners.some(({ twins }) => twins.some((twin) => twin.here === guest && runsTwice(twin)));
  const free = looked.filter(({ one, own }) => !own.some(keeps) && !isTwin(one));
  const arrivals = free
    .filter(({ possible }) => possible.length > 0)
    .map(({ one: { guest, hardware }, possible }) => ({
      guest,
      bytes: hardware?.memoryBytes ?? 0,
      hugePages: hardware?.hugePages === true,
      possible,
    }));
  const placement = place(arrivals, partners.map(roomOf));
  const judged = looked.map(({ one, own, far, possible }): JudgedGuest => {
    const there = far.flatMap(({ reasons }) =>
      reasons.filter((reason) => possible.length === 0 || !keeps(reason)),
    );
    const memory = placement.homeless.filter(({ guest }) => guest === one.guest).map(memoryReason);
    // Compared with a partner's, the CPU is no question any more.
    const isCompared = partners.some(({ cpu }) => cpu.ok) && host.cpu?.ok === true;
    const ownLeft = own.filter(({ kind }) => kind !== 'host-cpu' || !isCompared);
    const reasons = [...ownLeft, ...there, ...memory];
    return { one, reasons, isTwin: isTwin(one), to: placement.to.get(one.guest) ?? null };
  });
  return { judged, placement };
}

function keeps(reason: Reason): boolean {
  return isBlocking(reason) || reason.kind === 'unseen';
}

function roomOf({ name, memory }: Partner) {
  return {
    name,
    availableBytes: memory.ok ? memory.value.availableBytes : null,
    hugeFreeBytes: memory.ok ? memory.value.hugeFreeBytes : null,
  };
}

function memoryReason({ bytes, hugePages, rooms }: Homeless<RunningGuest>): Reason {
  const left = rooms.map(({ name, leftBytes }) => `${inUnits('B', leftBytes)} left on ${name}`);
  const what = hugePages ? 'huge pages' : 'memory';
  return {
    kind: 'memory',
    text: `${inUnits('B', bytes)} of ${what}, ${left.join(' and ')}`,
    detail: ['when the guests before it have arrived'],
  };
}

type PartnerKind = 'unseen' | 'not-compared';

/** What could not be looked at on the partners; only that of libvirt's which the guests need. */
export function partnerFindings(
  looks: readonly PartnerLook[],
  guests: readonly MovableGuest[],
  here: Pick<MigrationHost, 'cpu'>,
): readonly Finding<PartnerKind>[] {
  const ownCpu =
    here.cpu?.ok === false && looks.some(({ look }) => look.ok) ? [notCompared('the CPU', here.cpu)] : [];
  const line = ({ guest }: MovableGuest) => (guest.commandLine.ok ? guest.commandLine.value : null);
  const isLibvirt = guests.some((one) => one.guest.live !== null || line(one)?.isOfLibvirt === true);
  const isDefined = isLibvirt || guests.some(({ definition }) => definition !== null);
  const isNetworked = guests.some(({ hardware }) =>
    (hardware?.networks ?? []).some(({ kind }) => kind === 'network'),
  );
  const there = looks.flatMap(({ name, look }): readonly Finding<PartnerKind>[] => {
    if (!look.ok) return [unseenOn(name, look, 'could not be looked at')];
    const { cpu, memory, devices, machines, networks, guests: there } = look.value;
    const failures = (readings: readonly Reading<unknown>[]): Failure[] =>
      readings.filter((one): one is Failure => !one.ok);
    const optional = [
      ...(isLibvirt ? failures([machines]) : []),
      ...(isNetworked ? failures([networks]) : []),
      ...(isDefined ? (there.definitions?.unread ?? []).slice(0, 1) : []),
    ];
    return [
      ...unseenGuests(there).map((finding) => ({
        ...finding,
        subject: name,
        text: `what runs there: ${finding.text}`,
      })),
      ...failures([cpu, memory, devices]).map((failure) => notCompared(name, failure)),
      ...optional.map((failure) => ({
        ...unseenOn(name, failure, 'not compared'),
        kind: 'not-compared' as const,
      })),
    ];
  });
  return [...ownCpu, ...there];
}

/** A CPU of another kind than x86 has no flags to compare. */
function notCompared(name: string, failure: Failure): Finding<PartnerKind> {
  const finding = unseenOn(name, failure, 'not compared');
  return failure.why === 'unparsable' ? { ...finding, kind: 'not-compared' } : finding;
}

function unseenOn(name: string, failure: Failure, what: string): Finding<'unseen'> {
  const why = failure.why === 'unreachable' ? failure.detail : inWords(failure);
  return { kind: 'unseen', subject: name, text: `${what}: ${why}`, timedOut: failure.why === 'timedOut' };
}
