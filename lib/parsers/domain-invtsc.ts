/**
 * Whether a guest gets an invariant TSC when libvirt starts it from a definition: what libvirt makes of it for -cpu
 * (qemuBuildCpuCommandLine in src/qemu/qemu_command.c).
 *
 * - `require` and `force` ask for a feature, `disable` and `forbid` refuse it, `optional` takes it if the host has it.
 * - `host-passthrough` is `-cpu host`, `maximum` is `-cpu max`; both leave it out unless migratable is off.
 * - A frequency of the timer `tsc` becomes `tsc-frequency`, and makes the guest migratable with it (libvirt 3.2).
 * - Arguments below <qemu:commandline> come last: a -cpu there replaces all of this.
 */
import type { DomainDefinition } from './domain-xml.ts';
import { parseQemuArgv } from './qemu-argv.ts';
import { decideInvtsc, globalSettings, invtscOf, type CpuSetting, type Invtsc } from './qemu-cpu.ts';

export interface DefinitionInvtsc extends Invtsc {
  /** The guest gets it if the host has it, whatever `requested` says: only the running guest can tell. */
  readonly optional: boolean;
}

/** Total. `by` is the XML, or the argument for qemu, that decided. */
export function definitionInvtsc(definition: DomainDefinition): DefinitionInvtsc {
  const { cpu: givenCpu, globals } = parseQemuArgv(['qemu', ...definition.qemuArgs]);
  if (givenCpu !== null) return { ...invtscOf(givenCpu, globals), optional: false };
  if (definition.arch !== null && !X86.includes(definition.arch)) return NONE;
  const model = modelOf(definition);
  const settings = [...globalSettings(model, globals), ...settingsOf(definition)];
  const policy = definition.cpu?.features.findLast(({ name }) => name === 'invtsc')?.policy;
  return {
    ...decideInvtsc(model, settings),
    optional: policy === 'optional',
  };
}

const X86 = ['x86_64', 'i686'];
const NONE: DefinitionInvtsc = {
  requested: false,
  how: null,
  by: '',
  tscFrequencyHz: null,
  optional: false,
};

const MODES: ReadonlyMap<string | null, string> = new Map([
  ['host-passthrough', 'host'],
  ['maximum', 'max'],
]);

/** As qemu calls it; '' for a model that libvirt is still to choose. */
function modelOf({ cpu }: DomainDefinition): string {
  return MODES.get(cpu?.mode ?? null) ?? cpu?.model ?? '';
}

function settingsOf({ cpu, tscTimerHz }: DomainDefinition): CpuSetting[] {
  const settings: CpuSetting[] = [];
  if (cpu?.migratable === false) {
    settings.push({
      property: 'migratable',
      value: 'off',
      token: `<cpu mode='${cpu.mode ?? ''}' migratable='off'>`,
    });
  }
  for (const { name, policy } of cpu?.features ?? []) {
    const value = POLICIES.get(policy);
    if (value === undefined || name !== 'invtsc') continue;
    settings.push({
      property: 'invtsc',
      value,
      token: `<feature policy='${policy}' name='invtsc'/>`,
    });
  }
  if (tscTimerHz !== null) {
    const token = `<timer name='tsc' frequency='${tscTimerHz}'/>`;
    settings.push({ property: 'tsc-frequency', value: String(tscTimerHz), token });
  }
  return settings;
}

/** Not here: `optional`, for which libvirt writes nothing. */
const POLICIES: ReadonlyMap<string, string> = new Map([
  ['force', 'on'],
  ['require', 'on'],
  ['disable', 'off'],
  ['forbid', 'off'],
]);
