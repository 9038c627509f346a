/** How long a machine has been up, what its clocks say of each other, and what is remembered of them. */
import type { KernelFacts } from '../facts/kernels.ts';
import type { Memory } from '../plugin.ts';
import { inWords } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import type { Measurement } from '../report/metric.ts';
import { inUnits } from '../report/units.ts';
import type { Seen } from './kernel-view.ts';

export interface Remembered {
  /** `uname -r` and `uname -v` of the kernel that ran. */
  readonly kernel: string;
  /** Since when a newer one waits, seconds since 1970; null: none did. */
  readonly since: number | null;
  /** When the boot was, by the clock of then. */
  readonly bootedAt: number | null;
}

/** Null: no memory, or not one of ours. */
export function remembered(memory: Memory | null): Remembered | null {
  const { kernel, since, bootedAt } = (memory?.value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof kernel !== 'string') return null;
  return { kernel, since: timeOf(since), bootedAt: timeOf(bootedAt) };
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value < 8.64e12 ? value : null;
}

export function kernelKey({ running }: KernelFacts): string {
  return running.ok ? `${running.value.release} ${running.value.build}` : '';
}

/** What was seen of the same kernel: after a reboot into another one nothing has been waiting yet. */
export function seenOf(before: Remembered | null, facts: KernelFacts): Seen | null {
  if (before === null || before.since === null || before.kernel !== kernelKey(facts)) return null;
  return { since: before.since };
}

/** What a year without a reboot means, beside the number where it alerts. */
export function measureUptime({ uptimeSeconds, now }: KernelFacts): readonly Measurement<'uptime'>[] {
  if (!uptimeSeconds.ok) return [];
  const booted = `booted ${dateOf(now.epochSeconds - uptimeSeconds.value)}`;
  const isLong = uptimeSeconds.value > 180 * 86_400;
  const untested =
    'its boot has not been tried since: what was changed meanwhile may keep it from coming back';
  return [
    {
      metric: 'uptime',
      value: Math.floor(uptimeSeconds.value),
      onAlert: {
        detail: isLong ? [booted, untested] : [booted],
        ...(isLong ? { repair: { how: 'Plan a reboot while somebody can watch it', commands: [] } } : {}),
      },
    },
  ];
}

export function unseenUptime({ uptimeSeconds: reading }: KernelFacts): readonly Finding<'unseen'>[] {
  if (reading.ok) return [];
  return [
    { kind: 'unseen', subject: 'uptime', text: inWords(reading), timedOut: reading.why === 'timedOut' },
  ];
}

/** More than time servers correct in small steps; leap seconds and rounding are less. */
const MAX_DIFFERENCE_SECONDS = 300;

/**
 * Since what is counted in days here depends on the clock, it is said where that cannot be relied on: it was set since the last
 * look, within the same boot, or what the kernel believes about its boot fits neither clock nor uptime.
 */
export function judgeClock(
  facts: KernelFacts,
  before: Remembered | null,
  memory: Memory | null,
): readonly Finding<'clock'>[] {
  const { now, uptimeSeconds, bootedAt, container } = facts;
  if (container !== null || !uptimeSeconds.ok) return [];
  const booted = now.epochSeconds - uptimeSeconds.value;
  const isSameBoot = memory !== null && memory.bootId === now.bootId && memory.bootId !== '';
  const jumped = isSameBoot ? booted - (before?.bootedAt ?? booted) : 0;
  if (Math.abs(jumped) > MAX_DIFFERENCE_SECONDS) {
    const way = jumped > 0 ? 'forward' : 'back';
    const text = `was set ${way} by ${inUnits('s', Math.abs(Math.round(jumped)))} since the last look, in the same boot`;
    return [{ kind: 'clock', subject: 'clock', text }];
  }
  const apart = bootedAt === null ? 0 : Math.abs(booted - bootedAt);
  if (apart <= MAX_DIFFERENCE_SECONDS) return [];
  const text = `/proc/uptime and the boot time in /proc/stat are ${inUnits('s', Math.round(apart))} apart`;
  return [{ kind: 'clock', subject: 'clock', text }];
}

function dateOf(epochSeconds: number): string {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
