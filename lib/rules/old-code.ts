/** What is to be said of processes that execute deleted or replaced files: by service, and guests apart. */
import type { Guests, RunningGuest } from '../facts/guests.ts';
import type { OldCode, OldFile, OldProcess } from '../facts/old-code.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

export type OldCodeKind = 'old-code' | 'old-guests' | 'old-containers' | 'old-code-denied';

export interface OldCodeVerdict {
  readonly findings: readonly Finding<OldCodeKind | 'unseen'>[];
  /** Null: not all could be seen, and none was found. */
  readonly processes: number | null;
  readonly guests: number | null;
}

/** @param isIgnored services and programs that nobody wants to hear of */
export function judgeOldCode(
  old: OldCode,
  guests: Guests,
  isIgnored: (name: string) => boolean,
): OldCodeVerdict {
  const guestOf = new Map(guests.running.map((guest) => [guest.pid, guest]));
  const own = old.found.filter((one) => one.place.container === null);
  const ofGuests = own.filter(({ pid }) => guestOf.has(pid));
  const others = own.filter(
    (one) => !guestOf.has(one.pid) && !isIgnored(ownerOf(one)) && !isIgnored(one.program),
  );
  const inside = old.found.filter((one) => one.place.container !== null);
  const isAll = old.denied === 0 && old.hanging === 0 && unreadOf(old).length === 0 && old.hidden === null;
  const known = (count: number): number | null => (isAll || count > 0 ? count : null);
  return {
    findings: [
      ...ofGuests.flatMap((one) => guestFinding(one, guestOf.get(one.pid))),
      ...[...groups(others, ownerOf)].map(([owner, all]) => serviceFinding(owner, all)),
      ...[...groups(inside, (one) => one.place.container ?? '')].map(([name, all]) =>
        containerFinding(name, all),
      ),
      ...unseen(old),
    ],
    processes: known(others.length + ofGuests.length),
    guests: known(ofGuests.length),
  };
}

/** The service that it belongs to, else the program: what somebody would restart. */
function ownerOf({ place, program }: OldProcess): string {
  const { unit, user } = place;
  if (unit === null || unit === 'init.scope') return program;
  return /^session-.*\.scope$/.test(unit)
    ? `${program} of a session`
    : user === null
      ? unit
      : `${unit} of user ${user}`;
}

function groups(all: readonly OldProcess[], nameOf: (one: OldProcess) => string): Map<string, OldProcess[]> {
  const byName = new Map<string, OldProcess[]>();
  for (const one of all) byName.set(nameOf(one), [...(byName.get(nameOf(one)) ?? []), one]);
  return byName;
}

function guestFinding(one: OldProcess, guest: RunningGuest | undefined): readonly Finding<'old-guests'>[] {
  if (guest === undefined) return [];
  const isBinary = one.files.some(({ isExecutable }) => isExecutable);
  const what = isBinary
    ? `a ${stateOf(one.files.find(({ isExecutable }) => isExecutable))} qemu`
    : `old code (${filesInWords([one])})`;
  return [
    {
      kind: 'old-guests',
      subject: guest.name,
      text: `runs on ${what} until it is migrated or power-cycled`,
      detail: [`pid ${one.pid}`, filesInWords([one])],
      repair: {
        how: 'Migrate to another host with the new qemu, or shut down and start (a reboot inside the guest is not enough)',
        commands: [`virsh shutdown ${shellQuote(guest.name)}`, `virsh start ${shellQuote(guest.name)}`],
      },
    },
  ];
}

function serviceFinding(owner: string, all: readonly OldProcess[]): Finding<'old-code'> {
  const repair = restart(all);
  return {
    kind: 'old-code',
    subject: owner,
    text: `runs old code: ${filesInWords(all)}`,
    detail: [
      `pid ${all
        .slice(0, 10)
        .map(({ pid }) => pid)
        .join(', ')}${all.length > 10 ? ', ...' : ''}`,
    ],
    ...(repair === null ? {} : { repair }),
  };
}

/** Restarting them takes the machine, or everybody's session, along. */
const ONLY_BY_REBOOT =
  /^(?:dbus(?:-broker)?|systemd-logind|user@[0-9]+|polkit|NetworkManager|virtqemud|display-manager|gdm3?|lightdm|sddm)\.service$/;

function restart(all: readonly OldProcess[]): Repair | null {
  const [one] = all;
  if (one === undefined) return null;
  if (one.pid === 1 && one.program.startsWith('systemd')) {
    return { how: 'The service manager starts itself anew', commands: ['systemctl daemon-reexec'] };
  }
  const { unit, user } = one.place;
  if (unit === null || !unit.endsWith('.service') || user !== null) {
    return { how: 'End these processes and start them again, or reboot', commands: [] };
  }
  if (ONLY_BY_REBOOT.test(unit))
    return { how: `${unit} is not restarted without harm: reboot`, commands: [] };
  return { how: 'Restart the services', commands: [`systemctl restart ${shellQuote(unit)}`] };
}

/** Who runs a container updates it: restarting its processes from here would bring back the same files. */
function containerFinding(name: string, all: readonly OldProcess[]): Finding<'old-containers'> {
  const many = all.length === 1 ? '1 process runs' : `${all.length} processes run`;
  const programs = [...new Set(all.map(({ program }) => program))].slice(0, 5).join(', ');
  return {
    kind: 'old-containers',
    subject: name,
    text: `${many} old code: ${programs}`,
    detail: [filesInWords(all)],
  };
}

/** `replaced /usr/lib/libssl.so.3, deleted /opt/x and 3 more`, programs before libraries. */
function filesInWords(all: readonly OldProcess[]): string {
  const byPath = new Map<string, OldFile>();
  for (const file of all.flatMap(({ files }) => files)) {
    if (byPath.get(file.path)?.isExecutable !== true) byPath.set(file.path, file);
  }
  const files = [...byPath.values()].sort((a, b) => Number(b.isExecutable) - Number(a.isExecutable));
  const named = files.slice(0, 2).map((file) => `${stateOf(file)} ${file.path}`);
  return named.join(', ') + (files.length > 2 ? ` and ${files.length - 2} more` : '');
}

function stateOf(file: OldFile | undefined): string {
  return file?.isReplaced === false ? 'deleted' : 'replaced';
}

/** Without those that are only closed to this user. */
function unreadOf({ scanned, unread, hidden }: OldCode): readonly Failure[] {
  if (!scanned.ok) return [scanned];
  return hidden === null || hidden.why === 'denied' ? unread : [hidden, ...unread];
}

function unseen(old: OldCode): readonly Finding<'unseen' | 'old-code-denied'>[] {
  const { denied, hanging, hidden, who } = old;
  const failures = unreadOf(old);
  const [first, ...more] = failures;
  const findings: Finding<'unseen' | 'old-code-denied'>[] = [];
  if (first !== undefined) {
    const others = more.length === 0 ? '' : ` (${more.length} more like it)`;
    const timedOut = failures.some(({ why }) => why === 'timedOut');
    findings.push({ kind: 'unseen', subject: 'old code', text: `${inWords(first)}${others}`, timedOut });
  }
  if (hidden?.why === 'denied') {
    const text = 'not looked for in processes of other users, which hidepid hides';
    findings.push({ kind: 'old-code-denied', subject: 'old code', text, detail: ['root sees all'] });
  } else if (denied + hanging > 0) {
    const closed = denied === 0 ? [] : [`${denied} ${denied === 1 ? 'process' : 'processes'} of other users`];
    const stuck = hanging === 0 ? [] : [`${hanging} that hang in the kernel`];
    const text = `not looked for in ${[...closed, ...stuck].join(' and ')}`;
    const remedy = who.uid === 0 ? 'root itself lacks the capability SYS_PTRACE here' : 'root sees all';
    findings.push({
      kind: 'old-code-denied',
      subject: 'old code',
      text,
      detail: denied === 0 ? [] : [remedy],
    });
  }
  return findings;
}
