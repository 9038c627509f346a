/** Guests that cannot be live-migrated, saved or snapshotted with memory, because of the invtsc CPU feature. */
import { GUEST_READS, GUEST_RUNS, GUEST_SECRETS } from '../lib/facts/guest-access.ts';
import { gatherGuests, type Guests } from '../lib/facts/guests.ts';
import { definitionOf, isSame } from '../lib/facts/invtsc.ts';
import { flag, names } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import {
  missingGuests,
  seesAll,
  undecidedProcesses,
  unreadDefinitions,
  unseenGuests,
} from '../lib/rules/guests.ts';
import { judgeDefinition, judgeGuest, type GuestVerdict } from '../lib/rules/invtsc.ts';
import { NOT_ENOUGH } from '../lib/rules/invtsc-repair.ts';
import { chosen } from '../lib/rules/names.ts';

export default definePlugin({
  name: 'check_invtsc',
  summary: 'finds guests that cannot be live-migrated because they have the invtsc CPU feature',
  description: [
    'A guest that was given the invariant TSC (invtsc) counts time by the clock of the host it started on, so qemu ' +
      'refuses to migrate it, to save it and to take a snapshot of its memory. Nobody notices until a host must be ' +
      'emptied. Creating guests with the CPU of the host copied into their definition is the usual way to get it.',
    'The check looks at the command lines of the running qemu processes, as qemu itself evaluates them, and at the ' +
      'definitions that libvirt or Proxmox will start guests from next time. On a Xen host it asks xl: nomigrate, and invtsc ' +
      'in cpuid, are the same there. A guest gets rid of the feature when it is shut ' +
      'down on the host and started from a clean definition; ' +
      NOT_ENOUGH +
      '.',
  ],
  options: {
    guest: names('look only at these guests, name or glob'),
    ignore: names('leave these guests out, name or glob'),
    'no-definitions': flag(
      'look only at running guests, not at the definitions that they are started from next time',
    ),
  },
  kinds: {
    running: {
      state: 'warning',
      meaning: 'a guest runs with invtsc, and its definition does not change that',
    },
    'power-cycle': {
      state: 'warning',
      meaning:
        'a guest runs with invtsc and its definition is clean already: it must be shut down and started',
    },
    'next-start': { state: 'warning', meaning: 'a guest runs without invtsc, but its definition has it' },
    defined: {
      state: 'ok',
      meaning:
        'a guest that is not running here has invtsc in its definition (hosts of a pair hold the definitions of each other)',
    },
    'tsc-frequency': {
      state: 'ok',
      meaning:
        'a guest has invtsc with a fixed TSC frequency: it can migrate, to hosts with that frequency or TSC scaling',
    },
    missing: {
      state: 'unknown',
      meaning: 'a guest given by its whole name to --guest is neither running nor defined here',
    },
    undecided: {
      state: 'ok',
      meaning: 'processes that hang in the kernel could not be told to be guests or not',
    },
    'definitions-denied': { state: 'ok', meaning: 'definitions of guests cannot be read by this user' },
  },
  metrics: {
    guests: { unit: '', meaning: 'running guests', min: 0 },
    with_invtsc: { unit: '', meaning: 'running guests that invtsc keeps from moving', min: 0 },
    power_cycles: { unit: '', meaning: 'of these, those whose definition is clean', min: 0 },
    next_start: { unit: '', meaning: 'running guests that will have invtsc after their next start', min: 0 },
  },
  main: 'with_invtsc',
  looksFor: 'guests',
  interval: '15m',
  access: {
    unprivileged:
      'all running guests, and the definitions through the read-only connection of libvirt (virsh -r)',
    root:
      'the definitions in /etc/libvirt/qemu also where virsh is missing or its service does not answer; the ' +
      'configurations of Proxmox; everything on a Xen host (over SSH as root itself, not through sudo)',
    reads: GUEST_READS,
    secrets: GUEST_SECRETS,
    runs: GUEST_RUNS,
  },
  examples: [
    { args: '', does: 'all guests of this host' },
    { args: '-w 0 -c 5', does: 'CRITICAL when more than five guests cannot be moved' },
    {
      args: "--ignore 'build-*' --power-cycle ok",
      does: 'leave guests out; say a pending power cycle without alarm',
    },
    { args: '-v', does: 'one line for each guest' },
  ],

  gather: (host, options) => gatherGuests(host, !options['no-definitions']),

  judge(guests, options) {
    const isChosen = chosen(options.guest, options.ignore);
    const all = guests.definitions?.found ?? [];
    const running = guests.running.filter(({ name }) => isChosen(name));
    const verdicts = running.map((guest) => judgeGuest(guest, definitionOf(guest, all), guests));
    const elsewhere = all
      .filter(({ name }) => isChosen(name))
      .filter((one) => !guests.running.some((guest) => isSame(guest, one)));
    const blocked = verdicts.filter(({ isBlocked }) => isBlocked);
    const unseen = unseenGuests(guests);
    const isNothing = running.length + elsewhere.length + unseen.length === 0;
    return {
      findings: [
        ...verdicts.flatMap(({ finding }) => finding ?? []),
        ...elsewhere.flatMap((one) => judgeDefinition(one, guests) ?? []),
        ...unseen,
        ...missingGuests(options.guest, guests),
        ...undecidedProcesses(guests),
        ...unreadDefinitions(guests),
      ],
      summary: isNothing ? '' : summaryOf(running.length, blocked.length, seesAll(guests)),
      measurements: measured(verdicts, guests),
      items: [
        ...verdicts.map(({ item }) => item),
        ...elsewhere.map(({ name, source }) => `${name}: not running here, defined in ${source}`),
      ],
      ...(isNothing ? { none: noneOf(guests) } : {}),
    };
  },
});

/** A number that was not seen whole is left out, but for one that is bad enough as it is. */
function measured(verdicts: readonly GuestVerdict[], guests: Guests) {
  const isSeen = seesAll(guests);
  const isWholeSeen = isSeen && guests.definitions?.unread.length === 0;
  const blocked = verdicts.filter(({ isBlocked }) => isBlocked);
  const pending = blocked.filter(({ finding }) => finding?.kind === 'power-cycle').length;
  const next = verdicts.filter(({ willBeBlocked }) => willBeBlocked).length;
  const known = (isWhole: boolean, value: number): number | null => (isWhole || value > 0 ? value : null);
  return [
    { metric: 'guests', value: known(isSeen, verdicts.length) },
    { metric: 'with_invtsc', value: known(isSeen, blocked.length) },
    { metric: 'power_cycles', value: known(isWholeSeen, pending) },
    { metric: 'next_start', value: known(isWholeSeen, next) },
  ] as const;
}

/** What was looked for and not found. */
function noneOf({ running, scanned }: Guests): string {
  const others = running.length === 1 ? 'the only guest here' : `none of the ${running.length} guests here`;
  if (running.length > 0)
    return `no guests: ${others} is ${running.length === 1 ? 'not ' : ''}chosen by --guest and --ignore`;
  return `no guests: ${scanned.ok ? scanned.value : 0} processes, none of them a qemu guest`;
}

/** Some may be among what was not seen, so "0 guests run here" would be a guess. */
function summaryOf(count: number, blocked: number, isAll: boolean): string {
  if (count === 0 && !isAll) return '';
  const many = count === 1 ? '1 guest runs' : `${count} guests run`;
  const here = isAll ? `${many} here` : count === 1 ? '1 guest was seen' : `${count} guests were seen`;
  return `${here}, ${blocked === 0 ? 'none' : blocked} with invtsc`;
}
