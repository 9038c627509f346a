/** How fast logs grow, from what earlier runs remember, and when that fills their file systems. */
import type { FileSystem } from '../facts/file-systems.ts';
import type { Memory } from '../plugin.ts';
import type { ConsoleLog } from './console-sizes.ts';

/** What was there at one time: of each log what a reader carries and what the disk pays. */
interface Sample {
  readonly at: number;
  readonly logs: readonly (readonly [path: string, apparentBytes: number, allocatedBytes: number])[];
}

interface Samples {
  /** What growth is measured from: up to an hour old, so that one burst is not taken for the pace. */
  readonly base: Sample;
  /** The next base. */
  readonly next: Sample;
}

/** A guest that boots writes in bursts: what is seen over less than this says nothing about the next hours. */
const SHORTEST_SECONDS = 300;
const RENEWED_AFTER_SECONDS = 1800;
/** Older than this, it says nothing about now. */
const LONGEST_SECONDS = 7 * 86_400;
/** The largest; more are not worth a file of megabytes that is written every minute. */
const MOST_LOGS = 1000;

export interface Growth {
  /** Bytes an hour, never below 0; null: not known. */
  readonly of: (log: ConsoleLog) => number | null;
  readonly remember: Samples;
  /** Whether anything can be said about growth by now. */
  readonly isKnown: boolean;
}

export function growthOf(logs: readonly ConsoleLog[], epochSeconds: number, memory: Memory | null): Growth {
  const now = sampleOf(logs, epochSeconds);
  const samples = samplesOf(memory?.value);
  const age = samples === null ? 0 : epochSeconds - samples.base.at;
  if (samples === null || age < 0 || age > LONGEST_SECONDS) {
    return { of: () => null, remember: { base: now, next: now }, isKnown: false };
  }
  const { base, next } = samples;
  const remember = epochSeconds - next.at >= RENEWED_AFTER_SECONDS ? { base: next, next: now } : samples;
  const isKnown = age >= SHORTEST_SECONDS;
  const earlier = new Map(base.logs.map(([path, ...sizes]) => [path, sizes]));
  const of = (log: ConsoleLog): number | null => {
    const before = earlier.get(log.path);
    if (!isKnown || before === undefined) return null;
    const bytes = grown(before, [log.apparentBytes, log.allocatedBytes]);
    return bytes === null ? null : (bytes * 3600) / age;
  };
  return { of, remember, isKnown };
}

/**
 * The smaller of both: a log that was emptied and whose writer goes on at its old place grows by gigabytes to read, and file
 * systems allocate in advance. Null: it has become smaller, so it was emptied or rotated, and nobody knows what it grew.
 */
function grown(
  [apparentBefore, allocatedBefore]: readonly [number, number],
  [apparent, allocated]: readonly [number, number],
): number | null {
  const toRead = apparent - apparentBefore;
  // Some file systems of user space tell of no blocks at all.
  const onDisk = allocated === 0 && allocatedBefore === 0 ? toRead : allocated - allocatedBefore;
  return toRead < 0 || onDisk < 0 ? null : Math.min(toRead, onDisk);
}

export interface Filling {
  /** The log that grows fastest there. */
  readonly fastest: ConsoleLog;
  readonly bytesPerHour: number;
  readonly availableBytes: number;
  readonly seconds: number;
}

/** For each file system on which logs grow, how long the space lasts; the shortest first. */
export function fillings(
  logs: readonly ConsoleLog[],
  systems: ReadonlyMap<number, FileSystem>,
  { of }: Growth,
): readonly Filling[] {
  const byDevice = new Map<number, { fastest: ConsoleLog; most: number; sum: number }>();
  for (const log of logs) {
    const rate = of(log) ?? 0;
    if (log.device === null || rate <= 0) continue;
    const entry = byDevice.get(log.device) ?? { fastest: log, most: rate, sum: 0 };
    const isFaster = rate > entry.most;
    byDevice.set(log.device, {
      fastest: isFaster ? log : entry.fastest,
      most: isFaster ? rate : entry.most,
      sum: entry.sum + rate,
    });
  }
  return [...byDevice]
    .flatMap(([device, { fastest, sum }]) => {
      const availableBytes = systems.get(device)?.availableBytes;
      if (availableBytes === undefined) return [];
      return [{ fastest, bytesPerHour: sum, availableBytes, seconds: (availableBytes / sum) * 3600 }];
    })
    .sort((a, b) => a.seconds - b.seconds);
}

function sampleOf(logs: readonly ConsoleLog[], epochSeconds: number): Sample {
  const largest = logs.slice(0, MOST_LOGS);
  return {
    at: Math.floor(epochSeconds),
    logs: largest.map(({ path, apparentBytes, allocatedBytes }) => [path, apparentBytes, allocatedBytes]),
  };
}

/** From a file: null where it is not what we wrote. */
function samplesOf(value: unknown): Samples | null {
  const { base, next } = recordOf(value);
  const samples = { base: checked(base), next: checked(next) };
  return samples.base === null || samples.next === null ? null : { base: samples.base, next: samples.next };
}

function checked(value: unknown): Sample | null {
  const { at, logs } = recordOf(value);
  if (!isAmount(at) || !Array.isArray(logs)) return null;
  const rows = (logs as readonly unknown[]).flatMap((row) => {
    if (!Array.isArray(row)) return [];
    const [path, apparent, allocated] = row as readonly unknown[];
    return typeof path === 'string' && isAmount(apparent) && isAmount(allocated)
      ? [[path, apparent, allocated] as const]
      : [];
  });
  return { at, logs: rows };
}

/** Of bytes, or of seconds since 1970. From 1e999, which is read as infinite, nothing follows. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
