/** What of all services is counted, and said in one line each. */
import type { Part, Services } from '../facts/services.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import type { Measurement } from '../report/metric.ts';
import { latest } from './service-state.ts';
import { age } from './service-words.ts';
import type { JudgedServices, ServiceFinding, Verdict } from './services.ts';

export type ServiceMetric =
  'unhealthy' | 'services' | 'up' | 'down' | 'flapping' | 'broken' | 'youngest_uptime';

/** Whether all that is there was seen, so that the numbers are the host's. */
export function seesAll({ unread }: Services, { verdicts }: JudgedServices): boolean {
  return (
    unread.length === 0 &&
    verdicts.every((one) => one.closed.length === 0 && !one.findings.some(({ kind }) => kind === 'unseen'))
  );
}

export function measureServices(
  services: Services,
  judged: JudgedServices,
): readonly Measurement<ServiceMetric>[] {
  const { verdicts } = judged;
  const isKnown = seesAll(services, judged);
  const counts = countsOf(verdicts);
  const uptimes = verdicts.flatMap(({ service: { main } }) => {
    const now = latest(main);
    return now?.state === 'up' ? [Math.max(0, services.epochSeconds - now.sinceEpochSeconds)] : [];
  });
  const youngest = uptimes.reduce((least, one) => Math.min(least, one), Infinity);
  return [
    // What could not be seen may be unhealthy as well.
    { metric: 'unhealthy', value: isKnown ? counts.unhealthy : null },
    { metric: 'services', value: verdicts.length },
    { metric: 'up', value: counts.up },
    { metric: 'down', value: counts.down },
    { metric: 'flapping', value: counts.flapping },
    { metric: 'broken', value: counts.broken },
    ...(youngest === Infinity ? [] : [{ metric: 'youngest_uptime' as const, value: Math.floor(youngest) }]),
  ];
}

interface Counts {
  readonly unhealthy: number;
  readonly up: number;
  readonly down: number;
  readonly flapping: number;
  readonly broken: number;
}

function countsOf(verdicts: readonly Verdict[]): Counts {
  const count = (isCounted: (one: Verdict) => boolean): number => verdicts.filter(isCounted).length;
  return {
    unhealthy: count(({ findings }) => findings.some(({ kind }) => kind !== 'unseen')),
    up: count((one) => stateOf(one) === 'up'),
    down: count((one) => stateOf(one) === 'down'),
    flapping: count(({ isFlapping }) => isFlapping),
    broken: count(({ isBroken }) => isBroken),
  };
}

/** Up and down are what a living supervisor says, and nobody else; '' not known. */
function stateOf({ service: { main } }: Verdict): 'up' | 'down' | '' {
  if (main.isSupervised.ok && !main.isSupervised.value) return 'down';
  const now = latest(main);
  if (now === null) return main.isSupervised.ok || main.isSupervised.why !== 'absent' ? '' : 'down';
  return now.state === 'up' ? 'up' : 'down';
}

export function summaryOf(verdicts: readonly Verdict[]): string {
  const { up, down, unhealthy } = countsOf(verdicts);
  const unknown = verdicts.length - up - down;
  const all = verdicts.length === 1 ? '1 service' : `${verdicts.length} services`;
  return [
    `${all}, ${up} up`,
    ...(down === 0 ? [] : [`${down} down`]),
    ...(unknown === 0 ? [] : [`${unknown} not known`]),
    ...(unhealthy === 0 ? [] : [`${unhealthy} not healthy`]),
  ].join(', ');
}

export function itemOf({ service }: Verdict, epochSeconds: number): string {
  const { name, main, log } = service;
  return `${name}: ${stateInWords(main, epochSeconds)}${log === null ? '' : `, log ${stateInWords(log, epochSeconds)}`}`;
}

function stateInWords(part: Part, epochSeconds: number): string {
  const { isSupervised, isNormallyDown } = part;
  if (!isSupervised.ok) return isSupervised.why === 'absent' ? 'never supervised' : 'not known';
  if (!isSupervised.value) return 'not supervised';
  const now = latest(part);
  if (now === null) return 'not known';
  const since = age(epochSeconds - now.sinceEpochSeconds);
  const suffix = [
    ...(isNormallyDown.ok && isNormallyDown.value ? ['normally down'] : []),
    ...(now.isPaused ? ['paused'] : []),
    ...(now.wants === 'once' ? ['once'] : []),
    ...(now.wants === 'down' && now.state === 'up' ? ['wanted down'] : []),
  ];
  const pid = now.pid === null ? '' : ` (pid ${now.pid})`;
  return [`${now.state} ${since}${pid}`, ...suffix].join(', ');
}

const MOST_NAMES = 20;

/** One for all that this user may not look at: the remedy is the same. */
export function closedFinding(
  verdicts: readonly Verdict[],
  unread: readonly Failure[],
): readonly Finding<'unseen'>[] {
  const closed = verdicts.filter((one) => one.closed.length > 0);
  const denied = unread.filter(({ why }) => why === 'denied');
  const others = unread.filter(({ why }) => why !== 'denied');
  const repair = { how: 'Run the check as root: supervise/ is open to its owner alone', commands: [] };
  const [first] = closed.flatMap((one) => one.closed);
  return [
    ...(first === undefined
      ? []
      : [
          {
            kind: 'unseen' as const,
            subject: '',
            text: `this user may not look into ${closed.length === 1 ? '1 service' : `${closed.length} services`}: ${inWords(first)}`,
            detail: [listed(closed)],
            repair,
          },
        ]),
    ...denied.map((failure) => ({ kind: 'unseen' as const, subject: '', text: inWords(failure), repair })),
    ...others.map((failure) => ({
      kind: 'unseen' as const,
      subject: '',
      text: inWords(failure),
      timedOut: failure.why === 'timedOut',
    })),
  ];
}

/** What keeps a service from its next start could stand there; how it is now, is known without it. */
export function runDenied(verdicts: readonly Verdict[]): readonly Finding<'run-denied'>[] {
  const closed = verdicts.filter(({ service: { main, log } }) =>
    [main, log].some((part) => part?.run?.ok === true && part.run.value.isClosed),
  );
  if (closed.length === 0) return [];
  const services = closed.length === 1 ? '1 service' : `${closed.length} services`;
  const detail = [listed(closed)];
  return [{ kind: 'run-denied', subject: '', text: `run of ${services} may not be read`, detail }];
}

function listed(verdicts: readonly Verdict[]): string {
  const names = verdicts.map(({ service }) => service.name);
  return names.slice(0, MOST_NAMES).join(', ') + (names.length > MOST_NAMES ? ', ...' : '');
}

/** What was asked for, and is not there. */
export function missing(
  { directories, absent, unread }: Services,
  required: readonly string[],
): readonly ServiceFinding[] {
  // What is required may be where nobody could look; that is said.
  const isBlind = unread.some(({ path }) => !path.startsWith('/proc'));
  const known = new Set(directories.flatMap(({ services }) => services.map(({ name }) => name)));
  return [
    ...absent.map((path) => ({ kind: 'missing' as const, subject: path, text: 'is not there' })),
    ...required
      .filter((name) => !isBlind && !known.has(name))
      .map((name) => ({
        kind: 'missing' as const,
        subject: name,
        text: 'is required, and no such service is there',
      })),
  ];
}

/** Why there are no services, for --none. */
export function nothing({ directories, places }: Services): string {
  if (directories.length === 0) return `no services: there is no ${places.join(', no ')}`;
  return `no services in ${directories.map(({ path }) => path).join(', ')}`;
}
