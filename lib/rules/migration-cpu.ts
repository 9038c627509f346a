/** Whether a partner's CPU has what a guest was given. */
import type { MovableGuest } from '../facts/migration.ts';
import type { Partner } from '../facts/partner.ts';
import { featuresOfModel, kernelFlag } from '../parsers/cpu-models.ts';
import type { CpuInfo } from '../parsers/proc-cpuinfo.ts';
import { globalSettings, parseQemuCpu } from '../parsers/qemu-cpu.ts';
import type { XenGuest } from '../facts/xen.ts';
import { inWords } from '../reading.ts';
import type { Reason } from './migration.ts';

export function cpuReasons({ guest }: MovableGuest, here: CpuInfo, partner: Partner): readonly Reason[] {
  if (guest.xen !== undefined) return cpuOfXen(guest.xen, here, partner);
  if (!guest.commandLine.ok) {
    const why = inWords(guest.commandLine);
    return [
      { kind: 'unseen', text: `cannot tell whether ${partner.name} has the CPU that it needs: ${why}` },
    ];
  }
  // Emulated, a guest needs nothing of the host's CPU.
  const line = guest.commandLine.value;
  if (line.accel === 'tcg' || !partner.cpu.ok) return [];
  const there = partner.cpu.value;
  const { model, settings } = parseQemuCpu(line.cpu ?? 'qemu64');
  if (model === 'host' || model === 'max') return passedCpu(here, there, partner.name);
  const all = [...globalSettings(model, line.globals), ...settings];
  const props: Props = new Map(all.map(({ property, value }) => [kernelFlag(property), value === 'on']));
  const features = featuresOfModel(model);
  const isTold = partner.models.ok && partner.models.value.has(withoutVersion(model));
  if (features === null && !isTold) {
    return [{ kind: 'unseen', text: `cannot tell whether ${partner.name} has the CPU model ${model}` }];
  }
  const wanted = (features ?? []).filter((flag) => props.get(flag) !== false);
  for (const [flag, isOn] of props) if (isOn) wanted.push(flag);
  // What this host has not either, the guest does not have, whatever was asked for.
  const missing = [...new Set(wanted)].filter((flag) => isMissing(flag, here, there));
  if (missing.length > 0) return [featuresMissing(missing, partner.name, [`CPU model ${model}`])];
  return unusableModel(model, props, here, partner);
}

/** libvirt before 10 knows no versions of models. */
function withoutVersion(model: string): string {
  return model.replace(/-v[0-9]+$/, '');
}

type Props = ReadonlyMap<string, boolean>;

/** What libvirt says of the model there, but for features that the guest does without or that this host lacks as well. */
function unusableModel(
  model: string,
  props: Props,
  here: CpuInfo,
  { models, name }: Partner,
): readonly Reason[] {
  const told = models.ok ? models.value.get(withoutVersion(model)) : undefined;
  if (told?.isUsable !== false) return [];
  const isLacking = (flag: string): boolean => props.get(flag) !== false && here.flags.has(flag);
  const blockers = told.blockers.filter((feature) => isLacking(kernelFlag(feature)));
  if (told.blockers.length > 0 && blockers.length === 0) return [];
  return [
    {
      kind: 'cpu',
      text: `CPU model ${model} not usable on ${name}`,
      detail: [...blockers.map((feature) => `${feature} is missing there`), 'as virsh domcapabilities says'],
      repair: REPAIR,
    },
  ];
}

const REPAIR = {
  how: 'Give the guest a CPU model that both hosts have (virsh cpu-baseline), shut it down on the host and start it again',
  commands: [],
};

function isMissing(flag: string, here: CpuInfo, there: CpuInfo): boolean {
  return !EMULATED.has(flag) && here.flags.has(flag) && !there.flags.has(flag);
}

/** KVM gives these to guests on any host (kvm_set_cpu_caps in arch/x86/kvm/cpuid.c). */
const EMULATED: ReadonlySet<string> = new Set([
  'x2apic',
  'tsc_deadline_timer',
  'tsc_adjust',
  'arat',
  'umip',
  'hypervisor',
]);

/**
 * What of /proc/cpuinfo is the kernel's own bookkeeping, or power management, performance counters and cache allocation, which
 * guests do not get (arch/x86/include/asm/cpufeatures.h, words 3, 7, 8, 11 and leafs 6 and 10).
 */
const NOT_FOR_GUESTS =
  /^(?:constant_tsc|nonstop_tsc|nonstop_tsc_s3|rep_good|nopl|xtopology|cpuid|cpuid_fault|aperfmperf|tsc_known_freq|tsc_reliable|pti|ibrs_enhanced|invpcid_single|tpr_shadow|vnmi|flexpriority|ept|ept_ad|vpid|intel_ppin|intel_pt|ssbd|split_lock_detect|bus_lock_detect|ida|dtherm|pln|pts|epb|hwp.*|hfi|tm2?|est|acpi|ht|pbe|monitor|dtes64|ds_cpl|smx|xtpr|pdcm|dca|dts|pebs|bts|arch_perfmon|arch_lbr|cqm.*|cdp_l[23]|cat_l[23]|mba|rdt_a|extd_apicid|amd_dcm|perfctr_.*|bpext|ptsc|mwaitx|cpb|hw_pstate|proc_feedback|sme|sev.*|art|lbrv|svm_lock|vmmcall)$/;

function passedCpu(here: CpuInfo, there: CpuInfo, name: string): readonly Reason[] {
  if (here.vendor !== there.vendor) {
    return [
      {
        kind: 'cpu',
        text: `CPU of ${there.vendor} on ${name}, of ${here.vendor} here, passed through`,
        repair: REPAIR,
      },
    ];
  }
  const missing = [...here.flags].filter(
    (flag) => !NOT_FOR_GUESTS.test(flag) && isMissing(flag, here, there),
  );
  if (missing.length > 0) return [featuresMissing(missing, name, ['the CPU of this host is passed through'])];
  if (here.model === there.model) return [];
  return [
    {
      kind: 'host-cpu',
      text: `CPU of this host passed through: ${here.name} here, ${there.name} on ${name}`,
    },
  ];
}

/** Xen passes on what both the host and Xen can, as Domain-0 sees it, unless features are set by hand. */
function cpuOfXen({ config }: XenGuest, here: CpuInfo, { cpu, name }: Partner): readonly Reason[] {
  if (!config.ok || !cpu.ok) return [];
  const reasons = passedCpu(here, cpu.value, name);
  if (!config.value.isCpuidSet) return reasons;
  return reasons.map(({ text }): Reason => ({
    kind: 'host-cpu',
    text: `${text}, unless its cpuid hides them`,
  }));
}

const SHOWN = 3;

function featuresMissing(missing: readonly string[], name: string, detail: readonly string[]): Reason {
  const sorted = [...missing].sort();
  const more = sorted.length > SHOWN ? ` and ${sorted.length - SHOWN} more` : '';
  const shown = sorted.slice(0, SHOWN).join(', ') + more;
  return {
    kind: 'cpu',
    text: `CPU feature${sorted.length === 1 ? '' : 's'} ${shown} missing on ${name}`,
    detail: sorted.length > SHOWN ? [`missing: ${sorted.join(' ')}`, ...detail] : detail,
    repair: REPAIR,
  };
}
