/** Whether the CPU of a host has an invariant TSC, which those of its guests get that its CPU is passed through to. */
import { head } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import type { Definitions } from './definitions.ts';
import type { RunningGuest } from './guests.ts';

export function isPassedThrough({ commandLine: line }: RunningGuest): boolean {
  return line.ok && /^(?:host|max)\b/.test(line.value.cpu ?? '');
}

/** Whether any guest gets the CPU of the host, now or after its next start. */
export function isUsed(running: readonly RunningGuest[], definitions: Definitions | null): boolean {
  return (
    running.some(isPassedThrough) ||
    (definitions?.found ?? []).some(
      ({ domain }) =>
        /^(?:host-passthrough|maximum)$/.test(domain.cpu?.mode ?? '') ||
        domain.qemuArgs.some((word) => /^(?:host|max)\b/.test(word)),
    )
  );
}

/**
 * x86: `nonstop_tsc` among the flags is CPUID 8000_0007H EDX bit 8 (arch/x86/kernel/cpu/common.c). Asked only where a guest
 * gets the CPU of the host, or may: for each processor that is printed, the kernel measures its frequency first.
 */
export async function askInvariantTsc(host: Host): Promise<boolean | null> {
  const { cpuinfo } = await host.ask({ cpuinfo: head('/proc/cpuinfo', 8 * 1024) });
  if (!cpuinfo.ok) return null;
  const flags = /^flags\s*:(.*)$/m.exec(decodeUtf8(cpuinfo.value.bytes))?.[1];
  return flags === undefined ? null : flags.split(' ').includes('nonstop_tsc');
}
