/** What is remembered from one run to the next: how fast each slave has been, and since when a bond runs on a slow one. */
import type { Bond, Bonds, Slave } from '../facts/bonds.ts';
import type { Memory } from '../plugin.ts';

/** What earlier runs know of one bond. */
export interface BondHistory {
  /** The highest speed that a slave was seen at, Mb/s; null: never seen before. */
  readonly best: (slave: Slave) => number | null;
  /** When it was first seen on a slow slave, in words; null: not known, or just now. */
  readonly slowSince: string | null;
}

interface Seen {
  readonly mbps: number;
  /** When the slave was last seen. */
  readonly at: number;
}

interface Remembered {
  readonly best: ReadonlyMap<string, Seen>;
  /** By bond: since when, seconds since 1970. */
  readonly slow: ReadonlyMap<string, number>;
}

/** More slaves than any host has; those not seen for longest are forgotten first. */
const MOST_SLAVES = 1000;

export function remembered(memory: Memory | null): Remembered {
  const { best, slow } = recordOf(memory?.value);
  const seen = Object.entries(recordOf(best)).flatMap(([key, value]) => {
    const { mbps, at } = recordOf(value);
    return isCount(mbps) && isCount(at) ? [[key, { mbps, at }] as const] : [];
  });
  const since = Object.entries(recordOf(slow)).flatMap(([bond, at]) =>
    isCount(at) ? [[bond, at] as const] : [],
  );
  return { best: new Map(seen), slow: new Map(since) };
}

export function historyOf(bond: Bond, { best, slow }: Remembered): BondHistory {
  const since = slow.get(bond.name);
  return {
    best: (slave) => best.get(keyOf(slave))?.mbps ?? null,
    slowSince: since === undefined ? null : timeInWords(since),
  };
}

/**
 * @param up the slaves that are up
 * @param slow the bonds that run on a slow slave now
 */
export function toRemember(
  before: Remembered,
  { epochSeconds }: Bonds,
  up: readonly Slave[],
  slow: readonly string[],
): { readonly best: Readonly<Record<string, Seen>>; readonly slow: Readonly<Record<string, number>> } {
  const at = Math.floor(epochSeconds);
  const best = new Map(before.best);
  for (const slave of up) {
    const mbps = Math.max(slave.speedMbps ?? 0, best.get(keyOf(slave))?.mbps ?? 0);
    if (mbps > 0) best.set(keyOf(slave), { mbps, at });
  }
  const latest = [...best].sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_SLAVES);
  return {
    best: Object.fromEntries(latest),
    slow: Object.fromEntries(slow.map((bond) => [bond, before.slow.get(bond) ?? at])),
  };
}

/** The address too: another card in its place may be slower by right. */
function keyOf({ name, permanentAddress }: Slave): string {
  return `${name} ${permanentAddress}`;
}

/** `2025-11-24 16:00 UTC` */
function timeInWords(epochSeconds: number): string {
  return `${new Date(epochSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Also as seconds since 1970: what a Date can hold. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8.64e12;
}
