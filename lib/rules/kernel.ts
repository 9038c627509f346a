/** Whether a reboot is due for the sake of the kernel, and for how long it has been. */
import type { InstalledKernels, KernelFacts, RunningKernel } from '../facts/kernels.ts';
import type { Finding } from '../report/finding.ts';
import { alerts } from '../report/range.ts';
import { inUnits } from '../report/units.ts';
import type { KernelAge } from './kernel-age.ts';
import {
  hypervisorFindings,
  reboot,
  requiredDetail,
  requiredFindings,
  type RebootKind,
} from './reboot-required.ts';
import { modulesGone, withoutNewer, type RunningKind } from './kernel-running.ts';
import { isPlausible, viewOf, waitingOf, type KernelView, type Seen, type Waiting } from './kernel-view.ts';

export type KernelKind = 'pending' | 'waiting' | 'overdue' | RunningKind | RebootKind;

export interface KernelVerdict {
  readonly findings: readonly Finding<KernelKind>[];
  readonly view: KernelView | null;
  /** Days that a newer kernel has been waiting, 0: none waits; null: not known. */
  readonly waitsDays: number | null;
  /** Since when, for the next run; null: none waits. */
  readonly since: number | null;
}

const DAY = 86_400;

/** @param cost what a reboot costs, for the details */
export function judgeKernel(
  facts: KernelFacts,
  age: KernelAge,
  seen: Seen | null,
  cost: readonly string[],
): KernelVerdict {
  const { running, installed, nix } = facts;
  const none = { view: null, waitsDays: null, since: null };
  if (installed === null || !running.ok) return { ...none, findings: requiredFindings(facts, false, cost) };
  const { view, waiting } =
    nix === null ? packaged(running.value, installed, facts, seen) : onNix(nix, facts, seen);
  const required = requiredFindings(facts, waiting !== null, cost);
  const more = [...required, ...hypervisorFindings(facts, cost)];
  if (waiting === null) {
    const isKnown = nix !== null || (view !== null && view.same.length > 0 && installed.unread.length === 0);
    const findings = view === null ? [] : [...withoutNewer(view, installed), ...modulesGone(view, facts)];
    return { findings: [...findings, ...more], view, waitsDays: isKnown ? 0 : null, since: null };
  }
  const days = waiting.since === null ? null : (facts.now.epochSeconds - waiting.since) / DAY;
  const kind = kindOf(days, waiting.isSure, age);
  const finding: Finding<KernelKind> = {
    kind,
    subject: 'kernel',
    text: `${waiting.text} ${forHowLong(days, waiting.isSure)}${limitOf(kind, age)}`,
    detail: [
      ...sinceWhen(waiting),
      ...waiting.detail,
      ...requiredDetail(facts),
      ...liveDetail(facts),
      ...cost,
    ],
    repair: reboot(),
  };
  const gone = view === null ? [] : modulesGone(view, facts);
  return { findings: [finding, ...gone, ...more], view, waitsDays: days, since: waiting.since };
}

interface Pending {
  readonly view: KernelView | null;
  /** Null: nothing newer is installed. */
  readonly waiting: (Waiting & { readonly text: string; readonly detail: readonly string[] }) | null;
}

function packaged(
  running: RunningKernel,
  installed: InstalledKernels,
  facts: KernelFacts,
  seen: Seen | null,
): Pending {
  const view = viewOf(running, installed);
  const [newest] = view.newer;
  const isHeld = facts.boot.isPinned && facts.boot.defaultRelease === running.release;
  if (newest === undefined || isHeld) return { view, waiting: null };
  const { version } = view;
  // Of two with one name only the version tells which is newer.
  const isRebuild = version !== null && newest.release === running.release;
  const text = isRebuild
    ? `${running.release} runs as built for ${version}, its update ${newest.version} has been waiting for a reboot`
    : `${running.release} runs, ${newest.release} has been waiting for a reboot`;
  const both = [
    `running ${running.release}${version === null ? '' : ` (${version})`}`,
    `installed ${newest.package ?? newest.release} ${newest.version}`,
  ];
  const many = view.newer.length > 1 ? [`${view.newer.length} newer kernels are installed`] : [];
  const detail = [...(isRebuild ? [] : both), ...many];
  return { view, waiting: { ...waitingOf(view, facts, installed.source, seen), text, detail } };
}

/** Nothing but the kernel is compared: most new generations of a system have the same. */
function onNix(nix: NonNullable<KernelFacts['nix']>, { now }: KernelFacts, seen: Seen | null): Pending {
  if (nix.booted === nix.next) return { view: null, waiting: null };
  const times = [
    ...(nix.switchedAt === null ? [] : [nix.switchedAt]),
    ...(seen === null ? [] : [seen.since]),
  ].filter((at) => isPlausible(at, now.epochSeconds));
  return {
    view: null,
    waiting: {
      since: times.length === 0 ? null : Math.min(now.epochSeconds, ...times),
      isSure: true,
      text: `${storeName(nix.booted)} runs, ${storeName(nix.next)} of the next system has been waiting for a reboot`,
      detail: [nix.booted, nix.next],
    },
  };
}

/** `/nix/store/HASH-linux-6.6.30/bzImage`: `linux-6.6.30` */
function storeName(path: string): string {
  return /^\/nix\/store\/[0-9a-z]{32}-([^/]+)/.exec(path)?.[1] ?? path;
}

function kindOf(days: number | null, isSure: boolean, { warning, critical }: KernelAge): KernelKind {
  if (days !== null && critical !== null && alerts(critical, days)) return 'overdue';
  if (days === null || !isSure || alerts(warning, days)) return 'waiting';
  return 'pending';
}

function forHowLong(days: number | null, isSure: boolean): string {
  if (days === null) return 'for an unknown time';
  return `for ${isSure ? '' : 'at least '}${inUnits('s', Math.round(days * DAY))}`;
}

/** What was expected, where it is a simple limit. */
function limitOf(kind: KernelKind, { warning, critical }: KernelAge): string {
  const range = kind === 'overdue' ? critical : kind === 'waiting' ? warning : null;
  if (range === null || range.inside || range.start > 0 || range.end === Infinity) return '';
  return `, at most ${inUnits('s', range.end * DAY)} is allowed`;
}

function sinceWhen({ since, isSure }: Waiting): readonly string[] {
  if (since === null) return [];
  const date = new Date(since * 1000).toISOString().slice(0, 10);
  return [
    `since ${date}${isSure ? '' : ' or earlier: the log of the installation is not there, --state-dir remembers'}`,
  ];
}

function liveDetail({ livePatches }: KernelFacts): readonly string[] {
  return livePatches.length === 0 ? [] : [`live patch in force: ${livePatches.slice(0, 3).join(', ')}`];
}
