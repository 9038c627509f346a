/** Which of the installed kernels would replace the running one, and since when the first of them has been there. */
import type {
  InstalledKernel,
  InstalledKernels,
  KernelFacts,
  KernelSource,
  RunningKernel,
} from '../facts/kernels.ts';
import { compareDpkgVersions } from '../parsers/dpkg-version.ts';
import { buildVersion } from '../parsers/kernel-build.ts';
import { splitRelease } from '../parsers/kernel-release.ts';
import { compareRpmVersions } from '../parsers/rpm-version.ts';

export interface KernelView {
  readonly running: RunningKernel;
  /** Of the running kernel, comparable with those of the installed ones; null: only the names can be compared. */
  readonly version: string | null;
  /** Installed kernels of the same flavour, newest first. */
  readonly same: readonly InstalledKernel[];
  /** Those of them that are newer than the running one, newest first. */
  readonly newer: readonly InstalledKernel[];
  /** The running one, as it is installed now: perhaps rebuilt since. */
  readonly own: InstalledKernel | null;
}

export function viewOf(running: RunningKernel, { source, found }: InstalledKernels): KernelView {
  const isOwn = ({ release }: InstalledKernel): boolean => release === running.release;
  const flavour = found.find(isOwn)?.flavour ?? flavourOf(running.release, source);
  const same = found
    .filter((kernel) => kernel.flavour === flavour)
    .sort((a, b) => orderOf(source)(b.version, a.version));
  const own = same.find(isOwn) ?? null;
  const version = versionOf(running, own, source);
  return {
    running,
    version,
    same,
    own,
    newer: same.filter((kernel) => isNewer(kernel, running, version, source)),
  };
}

export function orderOf(source: KernelSource): (a: string, b: string) => number {
  return source === 'dpkg' ? compareDpkgVersions : compareRpmVersions;
}

/** Oracle's kernels of rpm have the flavour in their release, not behind the architecture. */
function flavourOf(release: string, source: KernelSource): string {
  return source === 'rpm' && release.includes('uek.') ? 'uek' : splitRelease(release).flavour;
}

/** What runs says itself which version of the package it is, where it does: the package on disk may be another one by now. */
function versionOf(
  { release, build }: RunningKernel,
  own: InstalledKernel | null,
  source: KernelSource,
): string | null {
  if (source !== 'dpkg') return own?.version ?? splitRelease(release).version;
  const said = buildVersion(build, release);
  if (said === null) return own?.version ?? null;
  if (!said.cut) return said.version;
  return own?.version.startsWith(said.version) === true ? own.version : null;
}

export function isNewer(
  { release, version }: { readonly release: string; readonly version: string },
  running: RunningKernel,
  runningVersion: string | null,
  source: KernelSource,
): boolean {
  const order = orderOf(source);
  if (runningVersion !== null) return order(version, runningVersion) > 0;
  return order(splitRelease(release).version, splitRelease(running.release).version) > 0;
}

export interface Waiting {
  /** Seconds since 1970; null: nothing tells. */
  readonly since: number | null;
  /** False: it may have been longer. */
  readonly isSure: boolean;
}

/** What an earlier run has seen: for the same running kernel, since when a newer one waits. */
export interface Seen {
  readonly since: number;
}

/** Since when the first newer kernel has been there: later updates, and the removal of the first one, do not begin it anew. */
export function waitingOf(
  view: KernelView,
  facts: KernelFacts,
  source: KernelSource,
  seen: Seen | null,
): Waiting {
  const now = facts.now.epochSeconds;
  const logged = facts.history.filter(
    (one) =>
      splitRelease(one.release).flavour === splitRelease(view.running.release).flavour &&
      isNewer(one, view.running, view.version, source),
  );
  const times = [
    ...view.newer.flatMap(({ installedAt }) => installedAt ?? []),
    ...logged.map(({ at }) => at),
    ...(seen === null ? [] : [seen.since]),
  ].filter((at) => isPlausible(at, now));
  const isDated = view.newer.every(
    ({ installedAt, release }) =>
      (installedAt !== null && isPlausible(installedAt, now)) ||
      logged.some((one) => one.release === release),
  );
  const isSure = seen !== null || (isDated && (source !== 'dpkg' || facts.isHistoryWhole));
  return { since: times.length === 0 ? null : Math.min(now, ...times), isSure };
}

const YEAR_2000 = 946_684_800;
const DAY = 86_400;

/** Images are built with files of 1970, and clocks have been wrong. */
export function isPlausible(at: number, now: number): boolean {
  return at > YEAR_2000 && at < now + DAY;
}
