/** What is to be said about one guest and the invariant TSC, and what to do about it. */
import type { Definition } from '../facts/definitions.ts';
import type { Guests, RunningGuest } from '../facts/guests.ts';
import { blocks, inDefinition, runsWith } from '../facts/invtsc.ts';
import type { Invtsc } from '../parsers/qemu-cpu.ts';
import { inWords } from '../reading.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

export type InvtscKind = 'running' | 'power-cycle' | 'next-start' | 'defined' | 'tsc-frequency' | 'unseen';

export interface GuestVerdict {
  readonly finding: Finding<InvtscKind> | null;
  /** Whether invtsc keeps it from moving now. */
  readonly isBlocked: boolean;
  /** Whether it will after its next start, as far as its definition tells. */
  readonly willBeBlocked: boolean;
  /** One line about it, whatever it is. */
  readonly item: string;
}

export const NOT_ENOUGH = 'a reboot inside the guest is not enough';

export function judgeGuest(guest: RunningGuest, definition: Definition | null, guests: Guests): GuestVerdict {
  const now = runsWith(guest, guests.hostHasInvariantTsc);
  const later = definition === null ? null : inDefinition(definition, now, guests.hostHasInvariantTsc);
  const isBlocked = now !== null && blocks(now);
  const willBeBlocked = later !== null && blocks(later);
  const said = sayWhat(guest, definition, now, later);
  const finding =
    said === null ? null : { ...said, subject: guest.name, detail: detailOf(guest, definition, now, later) };
  return {
    finding,
    isBlocked,
    willBeBlocked,
    item: `${guest.name}: ${said?.text ?? 'clean'} (pid ${guest.pid})`,
  };
}

type Said = Pick<Finding<InvtscKind>, 'kind' | 'text' | 'repair'>;

function sayWhat(
  guest: RunningGuest,
  definition: Definition | null,
  now: Invtsc | null,
  later: Invtsc | null,
): Said | null {
  const willBeBlocked = later !== null && blocks(later);
  if (now === null) {
    const why = guest.commandLine.ok ? '' : inWords(guest.commandLine);
    return { kind: 'unseen', text: `cannot tell whether it runs with invtsc: ${why}` };
  }
  if (blocks(now)) {
    const text = `runs with ${words(now)}, cannot be live-migrated`;
    if (definition !== null && !willBeBlocked) {
      return {
        kind: 'power-cycle',
        text: `${text} until it is shut down and started`,
        repair: powerCycle(guest),
      };
    }
    const also = willBeBlocked ? ', its definition has it too' : '';
    return { kind: 'running', text: text + also, repair: repairOf(guest, definition, now) };
  }
  if (willBeBlocked) {
    const text = `runs without invtsc, but its definition has ${words(later)}: stuck after its next start`;
    return { kind: 'next-start', text, repair: edit(guest.name, later, 'the running guest needs nothing') };
  }
  if (now.requested) {
    const frequency = now.tscFrequencyHz ?? 0;
    return {
      kind: 'tsc-frequency',
      text: `has ${words(now)} with a TSC frequency of ${frequency} Hz, can migrate to hosts that have it`,
    };
  }
  return null;
}

/** A guest that does not run here: the partner host may run it, and holds the same definition. */
export function judgeDefinition(definition: Definition, guests: Guests): Finding<InvtscKind> | null {
  const invtsc = inDefinition(definition, null, guests.hostHasInvariantTsc);
  if (!blocks(invtsc)) return null;
  return {
    kind: 'defined',
    subject: definition.name,
    text: `not running here, its definition has ${words(invtsc)}`,
    detail: [definition.source],
    repair: edit(definition.name, invtsc, 'before it is started'),
  };
}

function detailOf(
  guest: RunningGuest,
  definition: Definition | null,
  now: Invtsc | null,
  later: Invtsc | null,
): readonly string[] {
  const isRequested = now?.requested === true;
  const isEmulated = guest.commandLine.ok && guest.commandLine.value.accel === 'tcg';
  return [
    ...(guest.uuid === null ? [] : [`uuid ${guest.uuid}`]),
    `pid ${guest.pid}`,
    ...(isRequested && guest.commandLine.ok ? [`seen in its command line: ${words(now)}`] : []),
    ...(isRequested && isEmulated ? ['emulated (TCG): it takes effect under KVM'] : []),
    definition === null
      ? 'no definition seen'
      : `${definition.source} ${later !== null && blocks(later) ? `has ${words(later)}` : 'is clean'}`,
  ];
}

function repairOf(guest: RunningGuest, definition: Definition | null, now: Invtsc): Repair {
  const line = guest.commandLine.ok ? guest.commandLine.value : null;
  // Its definition may be closed to us; it is libvirt's all the same, and started by hand it would be lost to it.
  if (definition !== null || guest.live !== null || line?.isOfLibvirt === true) {
    return {
      how: `${cleanUp(now)}, then shut down on the host and start again (${NOT_ENOUGH})`,
      commands: [`virsh edit ${shellQuote(guest.name)}`, ...powerCycle(guest).commands],
    };
  }
  const id = line?.proxmoxId ?? null;
  if (id !== null) {
    return {
      how: `Take invtsc out of the CPU type or the args of the configuration, then stop and start the guest (${NOT_ENOUGH})`,
      commands: [`qm config ${id}`, `qm shutdown ${id}`, `qm start ${id}`],
    };
  }
  return {
    how: `Take ${words(now)} out of the -cpu option that the guest is started with, shut it down and start it again (${NOT_ENOUGH})`,
    commands: [],
  };
}

function powerCycle({ name }: RunningGuest): Repair {
  return {
    how: `The definition is clean: shut down on the host and start again (${NOT_ENOUGH})`,
    commands: [`virsh shutdown ${shellQuote(name)}`, `virsh start ${shellQuote(name)}`],
  };
}

function edit(name: string, invtsc: Invtsc, when: string): Repair {
  return { how: `${cleanUp(invtsc)}, ${when}`, commands: [`virsh edit ${shellQuote(name)}`] };
}

function cleanUp({ how }: Invtsc): string {
  return how === 'passthrough'
    ? "Set migratable='on' at the cpu element of the definition"
    : "Take the feature with the name 'invtsc' out of the definition";
}

/** What asks for it, without the brackets of an element: they would be made harmless, and so unreadable, in the output. */
function words({ by }: Invtsc): string {
  return by.replace(/^<(.*?)\/?>$/, '$1');
}
