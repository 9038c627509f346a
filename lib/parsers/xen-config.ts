/**
 * What decides whether a guest of Xen can be migrated, wherever it was read; here, as far as the invariant TSC goes.
 *
 * - `nomigrate` forbids migration; the invariant TSC is what it is there for (xl.cfg(5)), and libxl gives it to such a guest
 *   (libxl__cpuid_legacy in tools/libs/light/libxl_cpuid.c: itsc).
 * - The feature can be given with `cpuid` alone (bit 8 of EDX in leaf 0x80000007, `invtsc` or `itsc`). Xen before 4.15 hides it
 *   from a guest that can migrate (recalculate_cpuid_policy in xen/arch/x86/cpuid.c); since, the guest has it, and a move
 *   to a host with another frequency breaks what it was promised.
 * - With tsc_mode=always_emulate the feature is safe everywhere.
 */
import type { GuestHardware } from './guest-hardware.ts';
import type { Invtsc } from './qemu-cpu.ts';

export interface XenConfig {
  readonly name: string;
  /** In lower case; null: not given, Xen makes up another one at each start. */
  readonly uuid: string | null;
  /** `nomigrate` of xl.cfg, `disable_migrate` of libxl. */
  readonly isNoMigrate: boolean;
  /** Whether `cpuid` gives or refuses the feature; null: it does not say. */
  readonly cpuidInvtsc: boolean | null;
  /** tsc_mode is always_emulate. */
  readonly isTscEmulated: boolean;
  /** Some feature of the CPU was set by hand: the guest does not simply have those of the host. */
  readonly isCpuidSet: boolean;
  readonly hardware: GuestHardware;
}

export const INVTSC_LEAF = 0x8000_0007;
/** Where bit 8 stands in the 32 characters of a register, the highest bit first. */
export const INVTSC_EDX = 31 - 8;

/** `requested` means here that it keeps the guest from being moved. */
export function xenInvtsc({
  isNoMigrate,
  cpuidInvtsc,
  isTscEmulated,
}: Pick<XenConfig, 'isNoMigrate' | 'cpuidInvtsc' | 'isTscEmulated'>): Invtsc {
  const isGiven = cpuidInvtsc === true && !isTscEmulated;
  const isRequested = isNoMigrate || isGiven;
  return {
    requested: isRequested,
    how: isRequested ? 'named' : null,
    by: isNoMigrate ? 'nomigrate=1' : isGiven ? 'invtsc=1 in cpuid' : '',
    tscFrequencyHz: null,
  };
}
