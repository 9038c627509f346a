/** Guests that cannot be live-migrated, saved or snapshotted with memory, because of the invtsc CPU feature. */
import { gatherGuests, type Definition, type Guests, type RunningGuest } from '../lib/facts/guests.ts';
import { anyMatcher } from '../lib/glob.ts';
import { flag, names } from '../lib/option.ts';
import { blocks, definitionOf, inDefinition, isSame, runsWith } from '../lib/facts/invtsc.ts';
import type { Invtsc } from '../lib/parsers/qemu-cpu.ts';
import { definePlugin } from '../lib/plugin.ts';
import { inWords, type Failure } from '../lib/reading.ts';
import type { Finding, Repair } from '../lib/report/finding.ts';
import { shellQuote } from '../lib/report/text.ts';

const NOT_ENOUGH = 'a reboot inside the guest is not enough';

export default definePlugin({
  name: 'check_invtsc',
  summary: 'finds guests that cannot be live-migrated because they have the invtsc CPU feature',
  description: [
    'A guest that was given the invariant TSC (invtsc) counts time by the clock of the host it started on, so qemu ' +
      'refuses to migrate it, to save it and to take a snapshot of its memory. Nobody notices until a host must be ' +
      'emptied. Creating guests with the CPU of the host copied into their definition is the usual way to get it.',
    'The check looks at the command lines of the running qemu processes, as qemu itself evaluates them, and at the ' +
      'definitions that libvirt will start guests from next time. A guest gets rid of the feature when it is shut ' +
      'down on the host and started from a clean definition; ' +
      NOT_ENOUGH +
      '.',
  ],
  options: {
    guest: names('look only at these guests, name or glob'),
    ignore: names('leave these guests out, name or glob'),
    'no-definitions': flag('look only at running guests, not at what libvirt has defined'),
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
    defined: { state: 'ok', meaning: 'a guest that is not running here has invtsc in its definition' },
    'tsc-frequency': {
      state: 'ok',
      meaning:
        'a guest has invtsc with a fixed TSC frequency: it can migrate, to hosts with that frequency or TSC scaling',
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
  access: {
    unprivileged:
      'all running guests, and the definitions through the read-only connection of libvirt (virsh -r)',
    root: 'the definitions in /etc/libvirt/qemu also where virsh is missing or its service does not answer',
    tools: ['virsh'],
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
    const isWanted = wanted(options.guest, options.ignore);
    const running = guests.running.filter(({ name }) => isWanted(name));
    const definitions = (guests.definitions?.found ?? []).filter(({ name }) => isWanted(name));
    const verdicts = running.map((guest) => judgeGuest(guest, definitionOf(guest, definitions), guests));
    const elsewhere = definitions.filter((one) => !guests.running.some((guest) => isSame(guest, one)));
    const blocked = verdicts.filter(({ kind }) => kind === 'running' || kind === 'power-cycle').length;
    const isNothing = running.length + definitions.length === 0;
    const unseen = unseenThings(guests);
    return {
      findings: [
        ...verdicts.flatMap(({ finding }) => finding ?? []),
        ...elsewhere.flatMap(definedElsewhere),
        ...unseen,
        ...deniedDefinitions(guests),
      ],
      summary: summaryOf(running.length, blocked, guests),
      measurements: [
        { metric: 'guests', value: running.length },
        { metric: 'with_invtsc', value: blocked },
        { metric: 'power_cycles', value: verdicts.filter(({ kind }) => kind === 'power-cycle').length },
        { metric: 'next_start', value: verdicts.filter(({ next }) => next).length },
      ],
      items: [
        ...verdicts.map(({ item }) => item),
        ...elsewhere.map(({ name, source }) => `${name}: not running here, defined in ${source}`),
      ],
      ...(isNothing && unseen.length === 0
        ? {
            none: `no guests: ${guests.scanned.ok ? guests.scanned.value : 0} processes, none of them a qemu guest`,
          }
        : {}),
    };
  },
});

type InvtscFinding = Finding<
  'running' | 'power-cycle' | 'next-start' | 'defined' | 'tsc-frequency' | 'definitions-denied' | 'unseen'
>;

interface Verdict {
  readonly kind: InvtscFinding['kind'] | 'clean';
  /** Whether it will have invtsc after its next start, as far as its definition tells. */
  readonly next: boolean;
  readonly finding?: InvtscFinding;
  readonly item: string;
}

function wanted(only: readonly string[], without: readonly string[]): (name: string) => boolean {
  const isWanted = only.length === 0 ? () => true : anyMatcher(only);
  const isIgnored = anyMatcher(without);
  return (name) => isWanted(name) && !isIgnored(name);
}

function judgeGuest(guest: RunningGuest, definition: Definition | null, guests: Guests): Verdict {
  const now = runsWith(guest, guests.hostHasInvariantTsc);
  const later = definition === null ? null : inDefinition(definition, now);
  const next = later !== null && blocks(later);
  const detail = detailOf(guest, definition, now, later);
  const verdict = (kind: InvtscFinding['kind'], text: string, repair?: Repair): Verdict => ({
    kind,
    next,
    finding: { kind, subject: guest.name, text, detail, ...(repair === undefined ? {} : { repair }) },
    item: `${guest.name}: ${text} (pid ${guest.pid})`,
  });
  if (now === null) {
    const why = guest.commandLine.ok ? '' : inWords(guest.commandLine);
    return verdict('unseen', `cannot tell whether it runs with invtsc: ${why}`);
  }
  if (blocks(now)) {
    if (definition !== null && !next) {
      return verdict(
        'power-cycle',
        `runs with ${now.by}, cannot be live-migrated until it is shut down and started`,
        {
          how: `Shut down on the host and start again (${NOT_ENOUGH}); the definition is clean`,
          commands: powerCycle(guest.name),
        },
      );
    }
    const also = next ? ', its definition has it too' : '';
    return verdict(
      'running',
      `runs with ${now.by}, cannot be live-migrated${also}`,
      repairOf(guest, definition, now),
    );
  }
  if (next) {
    return verdict(
      'next-start',
      `runs without invtsc, but its definition has ${later.by}: stuck after its next start`,
      {
        how: `${cleanUp(later)}; the running guest needs nothing`,
        commands: [`virsh edit ${shellQuote(guest.name)}`],
      },
    );
  }
  if (now.requested) {
    return verdict(
      'tsc-frequency',
      `has ${now.by} with a TSC frequency of ${now.tscFrequencyHz ?? 0} Hz, can migrate to hosts that have it`,
    );
  }
  return { kind: 'clean', next, item: `${guest.name}: clean (pid ${guest.pid})` };
}

function detailOf(
  guest: RunningGuest,
  definition: Definition | null,
  now: Invtsc | null,
  next: Invtsc | null,
): readonly string[] {
  const line = guest.commandLine.ok ? guest.commandLine.value : null;
  return [
    ...(guest.uuid === null ? [] : [`uuid ${guest.uuid}`]),
    `pid ${guest.pid}`,
    ...(line === null || line.cpu === null || now?.requested !== true ? [] : [`-cpu has ${now.by}`]),
    ...(now?.requested === true && line?.accel === 'tcg'
      ? ['emulated (TCG): it takes effect under KVM']
      : []),
    ...(definition === null
      ? ['no definition seen']
      : [`${definition.source} ${next !== null && blocks(next) ? `has ${next.by}` : 'is clean'}`]),
  ];
}

function repairOf(guest: RunningGuest, definition: Definition | null, now: Invtsc): Repair {
  if (definition !== null || guest.live !== null) {
    return {
      how: `${cleanUp(now)}, then shut down on the host and start again (${NOT_ENOUGH})`,
      commands: [`virsh edit ${shellQuote(guest.name)}`, ...powerCycle(guest.name)],
    };
  }
  const id = guest.commandLine.ok ? guest.commandLine.value.proxmoxId : null;
  if (id !== null) {
    return {
      how: `Take invtsc out of the CPU type or the args of the configuration, then stop and start the guest (${NOT_ENOUGH})`,
      commands: [`qm config ${id}`, `qm shutdown ${id}`, `qm start ${id}`],
    };
  }
  return {
    how: `Take ${now.by} out of the -cpu option that the guest is started with, shut it down and start it again (${NOT_ENOUGH})`,
    commands: [],
  };
}

function cleanUp(invtsc: Invtsc): string {
  return invtsc.how === 'passthrough'
    ? "Set migratable='on' at the cpu element of the definition"
    : "Take the feature with the name 'invtsc' out of the definition";
}

function powerCycle(name: string): readonly string[] {
  return [`virsh shutdown ${shellQuote(name)}`, `virsh start ${shellQuote(name)}`];
}

function definedElsewhere(definition: Definition): readonly InvtscFinding[] {
  const { name, source } = definition;
  const invtsc = inDefinition(definition, null);
  if (!blocks(invtsc)) return [];
  return [
    {
      kind: 'defined',
      subject: name,
      text: `not running here, its definition has ${invtsc.by}`,
      detail: [source],
      repair: {
        how: `${cleanUp(invtsc)} before it is started`,
        commands: [`virsh edit ${shellQuote(name)}`],
      },
    },
  ];
}

function unseenThings(guests: Guests): readonly InvtscFinding[] {
  const failures: Failure[] = [
    ...(guests.scanned.ok ? [] : [guests.scanned]),
    ...(guests.hidden === null ? [] : [guests.hidden]),
    ...guests.unknown,
  ];
  const how =
    guests.hidden === null
      ? null
      : 'Run the check as root, or give its user the group of the mount option gid=';
  return failures.map((failure) => ({
    kind: 'unseen',
    subject: '',
    text: inWords(failure),
    timedOut: failure.why === 'timedOut',
    ...(how === null ? {} : { repair: { how, commands: [] } }),
  }));
}

/** Secondary evidence: what runs now is known without it, so that its absence is said, and alarms only if asked to. */
function deniedDefinitions({ definitions, who }: Guests): readonly InvtscFinding[] {
  const unread = definitions?.unread ?? [];
  const [first, ...more] = unread;
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  // A definition that is there, may be read and makes no sense is a fault of its own kind: nobody can start from it.
  const isUnparsable = unread.some(({ why }) => why === 'unparsable' || why === 'tooBig');
  return [
    {
      kind: isUnparsable || unread.some(({ why }) => why === 'timedOut') ? 'unseen' : 'definitions-denied',
      subject: '',
      text: `definitions not read: ${inWords(first)}${others}`,
      timedOut: first.why === 'timedOut',
      detail:
        who.uid === 0 ? [] : ['run the check as root, or let libvirt answer: virsh and its read-only socket'],
    },
  ];
}

function summaryOf(count: number, blocked: number, guests: Guests): string {
  const undecided = guests.undecided.length;
  const unclear = undecided === 0 ? '' : `, ${undecided} processes could not be told`;
  const many = count === 1 ? '1 guest runs' : `${count} guests run`;
  return `${many} here, ${blocked === 0 ? 'none' : blocked} with invtsc${unclear}`;
}
