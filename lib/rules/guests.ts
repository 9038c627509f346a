/** What every check of guests has to say about guests that it could not see. */
import type { Guests, RunningGuest } from '../facts/guests.ts';
import { isGlob } from '../glob.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';

/** Whether every guest that runs here was seen, so that their number is known. */
export function seesAll({ scanned, hidden, unknown }: Guests): boolean {
  return scanned.ok && hidden === null && unknown.length === 0;
}

/** Primary evidence: without it "none" would mean nothing. */
export function unseenGuests(guests: Guests): readonly Finding<'unseen'>[] {
  const { scanned, hidden, unknown } = guests;
  const failures: readonly Failure[] = [
    ...(scanned.ok ? [] : [scanned]),
    ...(hidden === null ? [] : [hidden]),
    ...unknown,
  ];
  return failures.map((failure) => ({
    kind: 'unseen',
    subject: '',
    text: inWords(failure),
    timedOut: failure.why === 'timedOut',
    ...(failure === hidden
      ? {
          repair: {
            how: 'Run the check as root (--sudo), or give its user the group of the mount option gid= of /proc',
            commands: [],
          },
        }
      : {}),
  }));
}

/**
 * Processes that hang in the kernel while nobody but root may see what they run. Nearly always some program that waits for its
 * disk, and gone at the next look, so that it is said and alarms only if asked to.
 */
export function undecidedProcesses({ undecided, who }: Guests): readonly Finding<'undecided'>[] {
  if (undecided.length === 0) return [];
  const many = undecided.length === 1 ? '1 process hangs' : `${undecided.length} processes hang`;
  const pids = undecided.slice(0, 10).join(', ');
  const text = `${many} in the kernel and could not be told to be guests or not`;
  return [
    {
      kind: 'undecided',
      subject: '',
      text,
      detail: [`pid ${pids}`, ...(who.uid === 0 ? [] : ['root can tell'])],
    },
  ];
}

/**
 * Guests that were asked for by their whole name, and are neither running nor defined here. Where guests may have
 * been out of sight nothing is missing: that they could not be seen is a finding already.
 */
export function missingGuests(wanted: readonly string[], guests: Guests): readonly Finding<'missing'>[] {
  if (!seesAll(guests)) return [];
  const known = new Set([...guests.running, ...(guests.definitions?.found ?? [])].map(({ name }) => name));
  return wanted
    .filter((name) => !isGlob(name) && !known.has(name))
    .map((name) => ({ kind: 'missing', subject: name, text: 'is neither running nor defined here' }));
}

/**
 * Secondary evidence: what runs now is known without it. That it could not be read is said, and alarms if asked to; but a
 * definition that is there, may be read and makes no sense is not a matter of permission.
 */
export function unreadDefinitions({
  definitions,
  who,
}: Guests): readonly Finding<'unseen' | 'definitions-denied'>[] {
  const [first, ...more] = definitions?.unread ?? [];
  if (first === undefined) return [];
  const all = [first, ...more];
  const isSilent = ({ why, path }: Failure): boolean =>
    path.startsWith('virsh') && (why === 'failed' || why === 'absent');
  const isDenied = all.every((failure) => failure.why === 'denied' || isSilent(failure));
  const virsh = more.filter(({ path }) => path.startsWith('virsh'));
  const remedy = 'run the check as root, or let libvirt answer (virsh and its read-only socket)';
  return [
    {
      kind: isDenied ? 'definitions-denied' : 'unseen',
      subject: '',
      text: `definitions not read: ${inWords(first)}${more.length === 0 ? '' : ` (${more.length} more like it)`}`,
      timedOut: all.some(({ why }) => why === 'timedOut'),
      detail: [...virsh.map(inWords), ...(who.uid === 0 ? [] : [remedy])],
    },
  ];
}

/** `pid 4711`, `Xen domain 3`. */
export function processOf({ pid, xen }: RunningGuest): string {
  return xen === undefined ? `pid ${pid}` : `Xen domain ${xen.domid}`;
}
