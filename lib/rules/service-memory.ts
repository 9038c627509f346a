/** What is remembered from one run to the next: when each service was seen to have been started again. */
import type { Part } from '../facts/services.ts';
import type { Memory } from '../plugin.ts';
import { latest } from './service-state.ts';

/** What earlier runs know of one service. */
interface Seen {
  /** The start that was seen last, as the status has it. */
  readonly start: string;
  /** When a new start was noticed: seconds since 1970. */
  readonly restarts: readonly number[];
}

export type Remembered = ReadonlyMap<string, Seen>;

const HOUR = 3600;
/** More are not told apart by any threshold that makes sense; those seen for longest are forgotten first. */
const MOST_RESTARTS = 100;
const MOST_SERVICES = 5000;

/** What can be used of it: after a boot everything has been started again, and it says nothing. */
export function remembered(memory: Memory | null, bootId: string): Remembered {
  if (memory === null || memory.bootId !== bootId) return new Map();
  const { services } = recordOf(memory.value);
  return new Map(
    Object.entries(recordOf(services)).flatMap(([name, value]) => {
      const { start, restarts } = recordOf(value);
      if (typeof start !== 'string' || !Array.isArray(restarts)) return [];
      return [[name, { start, restarts: restarts.filter(isTime) }] as const];
    }),
  );
}

/** The service as it is to be remembered; null: nothing is known of it. */
export function seenNow(part: Part, before: Seen | undefined, epochSeconds: number): Seen | null {
  const now = latest(part);
  if (now === null || now.state !== 'up') return before ?? null;
  const isNew = before !== undefined && before.start !== now.stamp;
  const restarts = [...(before?.restarts ?? []), ...(isNew ? [Math.floor(epochSeconds)] : [])];
  return {
    start: now.stamp,
    restarts: restarts.filter((at) => isLately(at, epochSeconds)).slice(-MOST_RESTARTS),
  };
}

/** In the last hour, as far as it is known: each look sees one at most, s6 itself keeps them all. Null: nothing is known. */
export function restartsOf({ deaths }: Part, seen: Seen | null, epochSeconds: number): number | null {
  if (deaths === null && seen === null) return null;
  const died = (deaths ?? []).filter((at) => isLately(at, epochSeconds)).length;
  return Math.max(died, seen?.restarts.length ?? 0);
}

export function toRemember(seen: readonly (readonly [string, Seen])[]): unknown {
  return { services: Object.fromEntries(seen.slice(0, MOST_SERVICES)) };
}

function isLately(at: number, epochSeconds: number): boolean {
  return at > epochSeconds - HOUR && at <= epochSeconds;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
