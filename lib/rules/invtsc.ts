/** What is to be said about one guest and the invariant TSC, and what to do about it. */
import type { Definition } from '../facts/definitions.ts';
import type { Guests, RunningGuest } from '../facts/guests.ts';
import { blocks, inDefinition, runsWith } from '../facts/invtsc.ts';
import type { Invtsc } from '../parsers/qemu-cpu.ts';
import { inWords } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { processOf } from './guests.ts';
import { edit, powerCycle, repairOf, words } from './invtsc-repair.ts';

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
    item: `${guest.name}: ${said?.text ?? 'clean'} (${processOf(guest)})`,
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
    const source = guest.xen?.config ?? guest.commandLine;
    const why = source.ok ? '' : inWords(source);
    return { kind: 'unseen', text: `cannot tell whether it runs with invtsc: ${why}` };
  }
  if (blocks(now)) {
    const text = `runs with ${words(now)}, cannot be live-migrated`;
    if (definition !== null && !willBeBlocked) {
      return {
        kind: 'power-cycle',
        text: `${text} until it is shut down and started`,
        repair: powerCycle(guest, definition),
      };
    }
    const also = willBeBlocked ? ', its definition has it too' : '';
    return { kind: 'running', text: text + also, repair: repairOf(guest, definition, now) };
  }
  if (willBeBlocked && definition !== null) {
    const text = `runs without invtsc, but its definition has ${words(later)}: stuck after its next start`;
    return { kind: 'next-start', text, repair: edit(definition, later, 'the running guest needs nothing') };
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
    repair: edit(definition, invtsc, 'before it is started'),
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
    processOf(guest),
    ...(isRequested && guest.commandLine.ok ? [`seen in its command line: ${words(now)}`] : []),
    ...(isRequested && isEmulated ? ['emulated (TCG): it takes effect under KVM'] : []),
    ...(guest.xen?.config.ok !== true ? [] : [`seen in ${guest.xen.tool} list -l`]),
    definition === null
      ? 'no definition seen'
      : `${definition.source} ${later !== null && blocks(later) ? `has ${words(later)}` : 'is clean'}`,
  ];
}
