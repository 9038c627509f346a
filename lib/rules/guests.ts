/** What every check of guests has to say about guests that it could not see. */
import type { Guests } from '../facts/guests.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';

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
            how: 'Run the check as root, or give its user the group of the mount option gid= of /proc',
            commands: [],
          },
        }
      : {}),
  }));
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
  const isDenied = all.every(({ why, path }) => why === 'denied' || path.startsWith('virsh'));
  const virsh = more.filter(({ path }) => path.startsWith('virsh'));
  const remedy = 'run the check as root, or let libvirt answer (virsh and its read-only socket)';
  return [
    {
      kind: isDenied ? 'definitions-denied' : 'unseen',
      subject: '',
      text: `definitions not read: ${inWords(first)}${more.length === 0 ? '' : `, and ${more.length} more`}`,
      timedOut: all.some(({ why }) => why === 'timedOut'),
      detail: [...virsh.map(inWords), ...(who.uid === 0 ? [] : [remedy])],
    },
  ];
}
