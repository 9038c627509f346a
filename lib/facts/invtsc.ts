/**
 * Whether a guest has the invariant TSC now, and after its next start. qemu refuses to migrate it then, unless its TSC
 * frequency is fixed (target/i386/kvm/kvm.c, invtsc_mig_blocker).
 */
import { definitionInvtsc } from '../parsers/domain-invtsc.ts';
import { invtscOf, type Invtsc } from '../parsers/qemu-cpu.ts';
import { xenInvtsc } from '../parsers/xen-config.ts';
import type { Definition } from './definitions.ts';
import type { RunningGuest } from './guests.ts';

/** What the running guest was started with; null where that cannot be told. */
export function runsWith(guest: RunningGuest, hostHasInvariantTsc: boolean | null): Invtsc | null {
  const { commandLine, live, xen } = guest;
  if (xen !== undefined) return xen.config.ok ? xenInvtsc(xen.config.value) : null;
  if (commandLine.ok) {
    return onHost(invtscOf(commandLine.value.cpu, commandLine.value.globals), hostHasInvariantTsc);
  }
  return live === null ? null : onHost(definitionInvtsc(live), hostHasInvariantTsc);
}

/** What the definition asks for. `optional` is given if the host can: what the guest runs with now shows whether it can. */
export function inDefinition(
  definition: Definition,
  now: Invtsc | null,
  hostHasInvariantTsc: boolean | null,
): Invtsc {
  if (definition.xen !== undefined) return xenInvtsc(definition.xen);
  const invtsc = definitionInvtsc(definition.domain);
  const isGiven = invtsc.optional && now?.requested === true;
  return onHost(isGiven ? { ...invtsc, requested: true, by: now.by } : invtsc, hostHasInvariantTsc);
}

/** Passing the host's CPU through passes on what the host has, and nothing else. */
function onHost(invtsc: Invtsc, hostHasInvariantTsc: boolean | null): Invtsc {
  return invtsc.how === 'passthrough' && hostHasInvariantTsc === false
    ? { ...invtsc, requested: false }
    : invtsc;
}

export function blocks(invtsc: Invtsc): boolean {
  return invtsc.requested && invtsc.tscFrequencyHz === null;
}

export function definitionOf(guest: RunningGuest, definitions: readonly Definition[]): Definition | null {
  return definitions.find((definition) => isSame(guest, definition)) ?? null;
}

export function isSame(guest: RunningGuest, definition: Definition): boolean {
  const id = guest.commandLine.ok ? guest.commandLine.value.proxmoxId : null;
  // Names are not unique there.
  if (id !== null && definition.proxmox !== undefined) return id === definition.proxmox.id;
  if ((guest.xen === undefined) !== (definition.xen === undefined)) return false;
  if (guest.uuid !== null && definition.uuid !== null) return guest.uuid === definition.uuid;
  return guest.name === definition.name;
}
