/**
 * What `xl info` says about memory for another guest (output_physinfo in tools/xl/xl_info.c).
 *
 *     host                   : jill
 *     xen_version            : 4.17.7
 *     total_memory           : 65413
 *     free_memory            : 12034
 *
 * - In MiB, what no domain has. What Domain-0 could give back (autoballoon) is not in it.
 * - /proc/meminfo of a Xen host knows the memory of Domain-0 only.
 */
import type { MemInfo } from './proc-meminfo.ts';
import { FormatError } from './text.ts';

export function parseXlInfo(text: string): MemInfo {
  const mib = /^free_memory\s*: ([0-9]{1,12})\n/m.exec(text)?.[1];
  if (mib === undefined) throw new FormatError('xl info', 'no free_memory');
  return { availableBytes: Number(mib) * 2 ** 20, hugeFreeBytes: 0 };
}
