/** What the single judgements have in common: what could not be seen, what a reboot costs, counts, memory. */
import type { RebootFacts } from '../facts/reboot.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import { inUnits } from '../report/units.ts';
import { unseenGuests } from './guests.ts';
import type { KernelVerdict } from './kernel.ts';
import type { OldCodeVerdict } from './old-code.ts';
import { kernelKey, type Remembered } from './uptime.ts';

/** Primary evidence: without it, "nothing newer is installed" would mean nothing. */
export function unseenKernels({ kernel }: RebootFacts): readonly Finding<'unseen'>[] {
  const { running, installed, modules, rebootRequired, nix } = kernel;
  const failures: readonly Failure[] = [
    ...(running.ok ? [] : [running]),
    ...(nix === null ? (installed?.unread ?? []) : []),
    ...(installed === null || modules.ok ? [] : [modules]),
    ...(rebootRequired.ok ? [] : [rebootRequired]),
  ];
  const texts = new Map(failures.map((failure) => [inWords(failure), failure.why === 'timedOut']));
  return [...texts].map(([text, timedOut]) => ({ kind: 'unseen', subject: 'kernel', text, timedOut }));
}

export function namesOf({ guests }: RebootFacts): readonly string[] {
  return [...new Set(guests.running.map(({ name }) => name))];
}

export function costOf(facts: RebootFacts): readonly string[] {
  const all = namesOf(facts);
  const [unseen] = unseenGuests(facts.guests);
  const more = unseen === undefined ? [] : [`guests may run here that could not be seen: ${unseen.text}`];
  return [...guestsInWords(all), ...more];
}

function guestsInWords(all: readonly string[]): readonly string[] {
  if (all.length === 0) return [];
  const more = all.length > 10 ? ` and ${all.length - 10} more` : '';
  const many =
    all.length === 1
      ? '1 guest runs here and must be moved'
      : `${all.length} guests run here and must be moved`;
  return [`${many} or shut down first: ${all.slice(0, 10).join(', ')}${more}`];
}

export function daysOf({ waitsDays }: KernelVerdict): number | null {
  return waitsDays === null ? null : Math.round(waitsDays * 100) / 100;
}

export function summaryOf(facts: RebootFacts, old: OldCodeVerdict | null): string {
  const { uptimeSeconds, running, container } = facts.kernel;
  const count = namesOf(facts).length;
  const parts = [
    ...(uptimeSeconds.ok ? [`up ${inUnits('s', uptimeSeconds.value)}`] : []),
    ...(running.ok && container === null ? [`kernel ${running.value.release}`] : []),
    ...(old === null || old.processes === null
      ? []
      : [old.processes === 0 ? 'no old code in memory' : `${old.processes} with old code`]),
    ...(count === 0 ? [] : [count === 1 ? '1 guest' : `${count} guests`]),
  ];
  return parts.join(', ');
}

export function itemsOf(facts: RebootFacts, { view }: KernelVerdict): readonly string[] {
  const { running, installed, livePatches } = facts.kernel;
  return [
    ...(running.ok ? [`running: ${running.value.release} ${running.value.build}`] : []),
    ...(view?.same ?? installed?.found ?? []).map(({ release, version, package: name }) =>
      name === null ? `installed: ${release}` : `installed: ${release}, ${name} ${version}`,
    ),
    ...livePatches.map((name) => `live patch in force: ${name}`),
    ...costOf(facts),
  ];
}

/** An age that nothing else told is counted from now on. */
export function toRemember(
  { kernel }: RebootFacts,
  verdict: KernelVerdict,
  before: Remembered | null,
): Remembered {
  const { now, uptimeSeconds } = kernel;
  const waits = verdict.findings.some(
    ({ kind }) => kind === 'pending' || kind === 'waiting' || kind === 'overdue',
  );
  const isUnread = !kernel.running.ok && before !== null;
  if (isUnread) return before;
  return {
    kernel: kernelKey(kernel),
    since: waits ? (verdict.since ?? now.epochSeconds) : null,
    bootedAt: uptimeSeconds.ok ? now.epochSeconds - uptimeSeconds.value : null,
  };
}
