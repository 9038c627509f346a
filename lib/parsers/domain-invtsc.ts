/**
 * Whether a libvirt definition gives its guest the invariant TSC. libvirt's words for it (docs/formatdomain): policy
 * force and require give the feature, optional gives it if the host can, disable and forbid do not; host-passthrough
 * gives it where migratable is off. Arguments for qemu come after libvirt's own: their -cpu replaces all of that.
 */
import type { DomainDefinition } from './domain-xml.ts';
import { parseQemuArgv } from './qemu-argv.ts';
import { invtscOf, type Invtsc } from './qemu-cpu.ts';

export interface DefinedInvtsc extends Invtsc {
  /** It will be there if the host of the next start has it. */
  readonly optional: boolean;
}

export function definitionInvtsc(definition: DomainDefinition): DefinedInvtsc {
  const { cpu, tscTimerHz, qemuArgs } = definition;
  const args = parseQemuArgv(['qemu', ...qemuArgs]);
  if (args.cpu !== null) return { ...invtscOf(args.cpu, args.globals), optional: false };
  const byGlobal = invtscOf('', args.globals);
  if (byGlobal.requested) return { ...byGlobal, tscFrequencyHz: tscTimerHz, optional: false };

  const policy = cpu?.features.find(({ name }) => name === 'invtsc')?.policy ?? null;
  const isRequired = policy === 'require' || policy === 'force';
  if (isRequired) {
    return {
      requested: true,
      how: 'named',
      by: `feature invtsc (${policy})`,
      tscFrequencyHz: tscTimerHz,
      optional: false,
    };
  }
  const isPassed = (cpu?.mode === 'host-passthrough' || cpu?.mode === 'maximum') && cpu.migratable === false;
  if (isPassed && policy === null) {
    return {
      requested: true,
      how: 'passthrough',
      by: `${cpu.mode} (migratable off)`,
      tscFrequencyHz: tscTimerHz,
      optional: false,
    };
  }
  return {
    requested: false,
    how: null,
    by: policy === 'optional' ? 'feature invtsc (optional)' : '',
    tscFrequencyHz: tscTimerHz,
    optional: policy === 'optional',
  };
}
