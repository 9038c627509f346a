/** What is to be said about a process that is up or down, and not restarted all the time. */
import type { Part, ProcessState } from '../facts/services.ts';
import type { Supervisor, SuperviseStatus } from '../parsers/supervise-status.ts';
import type { Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import type { Range } from '../report/range.ts';
import type { Flaw } from './service-run.ts';
import { age, control, SUPERVISE } from './service-words.ts';

export type PartKind =
  | 'flapping'
  | 'down'
  | 'by-hand'
  | 'normally-down'
  | 'paused'
  | 'wont-stop'
  | 'unsupervised'
  | 'dead'
  | 'broken';

/** What is wrong; without a kind, it could not be looked at. */
export type Fault =
  | (Omit<Finding<PartKind>, 'subject'> & { readonly kind: PartKind })
  | { readonly kind: 'unseen'; readonly failure: Failure };

export interface Context {
  /** When the first look was made; seconds since 1970. */
  readonly epochSeconds: number;
  readonly supervisor: Supervisor;
  readonly isLog: boolean;
  /** How long a service may take to end. */
  readonly stopSeconds: number;
  /** Restarts in the last hour that are known of; null: none are. */
  readonly restarts: number | null;
  readonly maxRestarts: Range;
}

/** What the last look that succeeded says; null: none did. */
export function latest({ status, again }: Part): SuperviseStatus | null {
  if (again?.status.ok === true) return again.status.value;
  return status.ok ? status.value : null;
}

export function ending({ ended }: SuperviseStatus): string {
  return ended === null ? '' : ` (${ended})`;
}

export function upFault(part: Part, now: SuperviseStatus, context: Context): Fault | null {
  const { path, isNormallyDown } = part;
  const { supervisor, epochSeconds } = context;
  const state = stateOf(part, now);
  if (state === 'gone' || state === 'zombie') return deadFault(now, state, context);
  const since = age(epochSeconds - now.sinceEpochSeconds);
  if (now.isPaused || state === 'stopped') {
    const by = now.isPaused ? 'is paused' : 'is stopped by a signal (state T)';
    return {
      kind: 'paused',
      text: `${by}, started ${since} ago`,
      repair: { how: 'Let it continue', commands: [control(supervisor, 'continue', path)] },
    };
  }
  if (now.wants === 'down') return stoppingFault(part, now, context);
  if (now.wants !== 'up' || !isNormallyDown.ok || !isNormallyDown.value) return null;
  return {
    kind: 'normally-down',
    text: `is up for ${since}, though its file down says that it should not be`,
    repair: {
      how: 'Stop it, or remove its file down: as it is, it will be down after the next boot',
      commands: [control(supervisor, 'down', path)],
    },
  };
}

/** Of the process that `now` names, at the last look; a process that began between the looks runs. */
function stateOf({ status, process, again }: Part, now: SuperviseStatus): ProcessState {
  const isSame = status.ok && status.value.stamp === now.stamp;
  const looked = again === null ? process : again.process;
  return isSame && looked?.ok === true ? looked.value : 'runs';
}

function deadFault({ pid }: SuperviseStatus, state: 'gone' | 'zombie', { supervisor }: Context): Fault {
  const name = SUPERVISE[supervisor];
  return {
    kind: 'dead',
    text: `${name} takes it for up, its process ${pid ?? '?'} is ${state === 'gone' ? 'gone' : 'a zombie'}`,
    detail: [`${name} is stopped or hangs, or could not write its status (a full or read-only file system)`],
  };
}

/** The status is written when the order comes, and then not before it is over. */
function stoppingFault(
  { path, statusWrittenAt }: Part,
  now: SuperviseStatus,
  { supervisor, epochSeconds, stopSeconds }: Context,
): Fault | null {
  const seconds = epochSeconds - Math.max(statusWrittenAt ?? 0, now.sinceEpochSeconds);
  if (seconds <= stopSeconds) return null;
  // Of s6, `s6-svc -O` leaves the same behind: do not start it again.
  return {
    kind: 'wont-stop',
    text: `was told to stop ${age(seconds)} ago and still runs (pid ${now.pid ?? '?'})`,
    repair: {
      how: 'It takes no notice of SIGTERM. SIGKILL ends it, and loses what it has not written',
      commands: [control(supervisor, 'kill', path)],
    },
  };
}

export function downFault(
  { path, isNormallyDown }: Part,
  now: SuperviseStatus,
  { supervisor, epochSeconds, stopSeconds, isLog }: Context,
  flaw: Flaw | null,
): Fault | null {
  const seconds = epochSeconds - now.sinceEpochSeconds;
  const since = age(seconds);
  const repair = { how: 'Start it', commands: [control(supervisor, 'up', path)] };
  if (now.state === 'finishing') {
    if (seconds <= stopSeconds) return null;
    return { kind: 'wont-stop', text: `has ended, and its script finish runs for ${since}` };
  }
  if (now.wants === 'up') {
    const text = `is down for ${since}${flaw === null ? ending(now) : ''}, though it should be up${flaw === null ? '' : `: ${flaw.text}`}`;
    return { kind: 'down', text, repair: flaw?.repair ?? repair };
  }
  // Where it is not known whether it should be down, that is said already.
  if (!isNormallyDown.ok) return null;
  if (isNormallyDown.value && isLog) {
    return {
      kind: 'by-hand',
      text: 'is down by its file down: what the service writes fills the pipe and then blocks it',
      repair,
    };
  }
  if (isNormallyDown.value) return null;
  const text =
    now.wants === 'once'
      ? `ran once, as asked, and is down for ${since}`
      : `was stopped by hand and is down for ${since}, no file down says that it should be`;
  return { kind: 'by-hand', text, repair };
}
