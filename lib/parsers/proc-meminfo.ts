/**
 * What /proc/meminfo says about memory for another guest (fs/proc/meminfo.c, meminfo_proc_show; proc_meminfo(5)).
 *
 *     MemTotal:       24684096 kB
 *     MemFree:        20112340 kB
 *     MemAvailable:   22954368 kB
 *     HugePages_Free:      512
 *     Hugepagesize:       2048 kB
 *
 * - MemAvailable came with Linux 3.14; without it MemFree and the page cache are what is counted.
 * - Huge pages of the default size only; other sizes are in /sys/kernel/mm/hugepages.
 */
import { FormatError } from './text.ts';

export interface MemInfo {
  readonly availableBytes: number;
  /** Free huge pages of the default size, together. */
  readonly hugeFreeBytes: number;
}

export function parseMeminfo(text: string): MemInfo {
  const field = (name: string): number | null => {
    const digits = new RegExp(`^${name}:\\s+([0-9]{1,15})(?: kB)?$`, 'm').exec(text)?.[1];
    return digits === undefined ? null : Number(digits);
  };
  const free = field('MemFree');
  const available = field('MemAvailable') ?? (free === null ? null : free + (field('Cached') ?? 0));
  if (available === null) throw new FormatError('meminfo', 'neither MemAvailable nor MemFree');
  const pageKib = field('Hugepagesize') ?? 0;
  return {
    availableBytes: available * 1024,
    hugeFreeBytes: (field('HugePages_Free') ?? 0) * pageKib * 1024,
  };
}
