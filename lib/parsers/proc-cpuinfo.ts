/**
 * The first processor of /proc/cpuinfo on x86 (arch/x86/kernel/cpu/proc.c, show_cpuinfo).
 *
 *     vendor_id	: GenuineIntel
 *     cpu family	: 6
 *     model		: 85
 *     model name	: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz
 *     flags		: fpu vme de pse tsc msr ...
 *
 * - The kernel leaves out of the flags what it switched off itself (clearcpuid=, mitigations): guests do not get it either.
 * - Other architectures have other lines: there is no `flags`, and this refuses them.
 */
import { FormatError } from './text.ts';

export interface CpuInfo {
  readonly vendor: string;
  /** `family/model`. */
  readonly model: string;
  readonly name: string;
  readonly flags: ReadonlySet<string>;
}

export function parseCpuinfo(text: string): CpuInfo {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}\\t*\\s?: ?(.*)$`, 'm').exec(text)?.[1]?.trim();
  const flags = field('flags');
  if (flags === undefined || flags === '') throw new FormatError('cpuinfo', 'no flags of a processor');
  return {
    vendor: field('vendor_id') ?? '',
    model: `${field('cpu family') ?? ''}/${field('model') ?? ''}`,
    name: field('model name') ?? '',
    flags: new Set(flags.split(' ')),
  };
}
