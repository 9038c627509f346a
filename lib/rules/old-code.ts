/** What is to be said of processes that execute deleted or replaced files: by service, and guests apart. */
import type { Guests, RunningGuest } from '../facts/guests.ts';
import type { OldCode, OldFile, OldProcess } from '../facts/old-code.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { powerCycle } from './invtsc-repair.ts';
import { managerOf } from './migration-repair.ts';
import { restart } from './restart.ts';

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
  const byPid = new Map(guests.running.map((guest) => [guest.pid, guest]));
  const guestOf = ({ pid, xenDomain }: OldProcess): RunningGuest | undefined =>
    xenDomain === null ? byPid.get(pid) : guests.running.find(({ xen }) => xen?.domid === xenDomain);
  const isGuest = (one: OldProcess): boolean => one.xenDomain !== null || byPid.has(one.pid);
  const own = old.found.filter((one) => one.place.container === null);
  const ofGuests = own.filter(isGuest);
  const others = own.filter((one) => !isGuest(one) && !isIgnored(ownerOf(one)) && !isIgnored(one.program));
  const inside = old.found.filter((one) => one.place.container !== null);
  const isAll = old.denied === 0 && old.hanging === 0 && unreadOf(old).length === 0 && old.hidden === null;
  const known = (count: number): number | null => (isAll || count > 0 ? count : null);
  return {
    findings: [
      ...ofGuests.map((one) => guestFinding(one, guestOf(one))),
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
  if (unit === 'init.scope' && user !== null) return `user@${user}.service`;
  if (unit === null || unit === 'init.scope') return program;
  return unit.startsWith('session-') && unit.endsWith('.scope')
    ? `${program} of a session`
    : user === null
      ? unit
      : `${unit} of user ${user}`;
}

type Group = readonly [OldProcess, ...OldProcess[]];

function groups(all: readonly OldProcess[], nameOf: (one: OldProcess) => string): Map<string, Group> {
  const byName = new Map<string, [OldProcess, ...OldProcess[]]>();
  for (const one of all) {
    const group = byName.get(nameOf(one));
    if (group === undefined) byName.set(nameOf(one), [one]);
    else group.push(one);
  }
  return byName;
}

/** @param guest undefined: a guest of Xen's that xl has not told of */
function guestFinding(one: OldProcess, guest: RunningGuest | undefined): Finding<'old-guests'> {
  const binary = one.files.find(({ isExecutable }) => isExecutable);
  const what = binary === undefined ? `old code (${filesInWords([one])})` : `a ${stateOf(binary)} qemu`;
  const isManaged = guest !== undefined && managerOf({ guest, definition: null }) !== null;
  return {
    kind: 'old-guests',
    subject: guest?.name ?? `Xen domain ${String(one.xenDomain)}`,
    text: `runs on ${what} until it is migrated or power-cycled`,
    detail: [`pid ${one.pid}`, filesInWords([one])],
    repair: {
      how: 'Migrate to another host with the new qemu, or shut down and start (a reboot inside the guest is not enough)',
      commands: isManaged ? powerCycle(guest, null).commands : [],
    },
  };
}

function serviceFinding(owner: string, all: Group): Finding<'old-code'> {
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
    repair: restart(all[0]),
  };
}

/** Who runs a container updates it: restarting its processes from here would bring back the same files. */
function containerFinding(name: string, all: Group): Finding<'old-containers'> {
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
