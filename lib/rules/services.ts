/** What is to be said about the services of a host, one after the other, and about the directories they are in. */
import type { Part, Service, ServiceDirectory, Services } from '../facts/services.ts';
import type { Memory } from '../plugin.ts';
import type { Supervisor } from '../parsers/supervise-status.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import type { Range } from '../report/range.ts';
import { shellQuote } from '../report/text.ts';
import { isUnused, judgeDirectory, lastWordsOn, NEW_SECONDS, scannerOf } from './service-directory.ts';
import { remembered, restartsOf, seenNow, toRemember, type Remembered } from './service-memory.ts';
import { broken, judgePart } from './service-part.ts';
import { judgePlaces, type Places } from './service-places.ts';
import { flawOf, isFailure } from './service-run.ts';
import type { Context, Fault, PartKind } from './service-state.ts';
import { SCANNER, SUPERVISE } from './service-words.ts';

export type ServiceKind =
  PartKind | 'log' | 'no-svscan' | 'not-scanned' | 'unused' | 'missing' | 'user' | 'unseen';
export type ServiceFinding = Finding<ServiceKind>;

export interface Wishes {
  /** Null: told by what is there. */
  readonly supervisor: Supervisor | null;
  readonly stopSeconds: number;
  readonly maxRestarts: Range;
}

/** A service with all that was found about it. */
export interface Verdict {
  readonly service: Service;
  readonly findings: readonly ServiceFinding[];
  /** What this user may not look at. */
  readonly closed: readonly Failure[];
  /** The service itself, not its log. */
  readonly isFlapping: boolean;
  /** It cannot work as it lies there. */
  readonly isBroken: boolean;
}

export interface JudgedServices {
  readonly verdicts: readonly Verdict[];
  /** Of directories, and of what all services have in common. */
  readonly findings: readonly ServiceFinding[];
  readonly remember: unknown;
}

export function judgeServices(services: Services, wishes: Wishes, memory: Memory | null): JudgedServices {
  const before = remembered(memory, services.bootId);
  const places = judgePlaces(services.directories);
  const seen: (readonly [string, Parameters<typeof toRemember>[0][number][1]])[] = [];
  const verdicts = services.directories.flatMap((directory) =>
    directory.services.map((service) => {
      const judged = judgeService(service, { directory, services, wishes, places, before });
      for (const [name, one] of judged.seen) if (one !== null) seen.push([name, one]);
      return judged.verdict;
    }),
  );
  return {
    verdicts,
    findings: services.directories.flatMap((directory) => judgeDirectory(directory, wishes.supervisor)),
    remember: toRemember(seen),
  };
}

interface Around {
  readonly directory: ServiceDirectory;
  readonly services: Services;
  readonly wishes: Wishes;
  readonly places: Places;
  readonly before: Remembered;
}

type SeenParts = readonly (readonly [string, ReturnType<typeof seenNow>])[];

function judgeService(
  service: Service,
  around: Around,
): { readonly verdict: Verdict; readonly seen: SeenParts } {
  const { places, services, before, directory } = around;
  if (isUnused(directory)) {
    return { verdict: { service, findings: [], closed: [], isFlapping: false, isBroken: false }, seen: [] };
  }
  if (!service.id.ok) {
    const unplaced = places.unplaced(service, service.id);
    const isBroken = unplaced.findings.some(({ kind }) => kind !== 'unseen');
    return { verdict: { service, ...unplaced, isFlapping: false, isBroken }, seen: [] };
  }
  const faults: ServiceFinding[] = [...places.twice(service), ...places.owner(service, directory)];
  const closed: Failure[] = [];
  const seen = partsOf(service).map(([name, part, isLog]) => {
    const one = seenNow(part, before.get(name), services.epochSeconds);
    for (const fault of faultsOf(service, part, isLog, {
      ...around,
      restarts: restartsOf(part, one, services.epochSeconds),
    })) {
      if (fault.kind !== 'unseen') faults.push(findingOf(fault, name, isLog, directory));
      else if (fault.failure.why === 'denied') closed.push(fault.failure);
      else faults.push(unseen(name, fault.failure));
    }
    return [name, one] as const;
  });
  const verdict = {
    service,
    findings: faults.map((one) => asUsers(one, service)),
    closed,
    isFlapping: faults.some(({ kind }) => kind === 'flapping'),
    isBroken: isBroken(service) || faults.some(({ kind }) => kind === 'broken'),
  };
  return { verdict, seen };
}

function isBroken({ main, user }: Service): boolean {
  const flaw = flawOf(main, user !== null);
  return flaw !== null && !isFailure(flaw);
}

function partsOf({ name, main, log }: Service): readonly (readonly [string, Part, boolean])[] {
  return [[name, main, false], ...(log === null ? [] : [[`${name}/log`, log, true] as const])];
}

function faultsOf(
  service: Service,
  part: Part,
  isLog: boolean,
  { directory, services, wishes, restarts }: Around & { readonly restarts: number | null },
): readonly (Fault | NotScanned)[] {
  const supervisor = supervisorOf(part, directory, wishes.supervisor);
  const flaw = flawOf(part, service.user !== null);
  const context: Context = {
    epochSeconds: services.epochSeconds,
    supervisor,
    isLog,
    stopSeconds: wishes.stopSeconds,
    restarts,
    maxRestarts: wishes.maxRestarts,
  };
  if (part.isSupervised.ok || part.isSupervised.why !== 'absent') return judgePart(part, flaw, context);
  // A log that cannot be started needs no second reason.
  if (flaw !== null && isLog) return [broken(flaw)];
  return [...(flaw === null ? [] : [broken(flaw)]), ...notScanned(service, isLog, directory, supervisor)];
}

type NotScanned = Omit<ServiceFinding, 'subject' | 'kind'> & { readonly kind: 'not-scanned' };

/** Never supervised. Where nobody scans, that is the fault, and said once for all. */
function notScanned(
  { main, ageSeconds }: Service,
  isLog: boolean,
  { scanner, path }: ServiceDirectory,
  supervisor: Supervisor,
): readonly NotScanned[] {
  const isJustFound =
    ageSeconds < NEW_SECONDS || (scanner.ok && (scanner.value?.ageSeconds ?? NEW_SECONDS) < NEW_SECONDS);
  if (isJustFound || (scanner.ok && (scanner.value === null || scanner.value.isStopped))) return [];
  if (isLog) {
    if (!main.isSupervised.ok || !main.isSupervised.value) return [];
    const text = `is not supervised: ${SCANNER[supervisor]} looks for log/ only when it first finds a service`;
    return [{ kind: 'not-scanned', text }];
  }
  const text = `was never started: ${SCANNER[supervisor]} has not run ${SUPERVISE[supervisor]} for it`;
  const repair = { how: 'Tell s6-svscan to look again', commands: [`s6-svscanctl -a ${shellQuote(path)}`] };
  return [{ kind: 'not-scanned', text, ...(supervisor === 's6' ? { repair } : {}) }];
}

function findingOf(
  fault: Exclude<Fault, { kind: 'unseen' }> | NotScanned,
  subject: string,
  isLog: boolean,
  directory: ServiceDirectory,
): ServiceFinding {
  const said = lastWordsOn(subject, directory);
  const detail = [...(fault.detail ?? []), ...said];
  const kind = isLog && fault.kind !== 'broken' ? 'log' : fault.kind;
  return { ...fault, kind, subject, ...(detail.length === 0 ? {} : { detail }) };
}

/** Users' own services never alarm by the options of the system's. */
export function asUsers(finding: ServiceFinding, { user }: Pick<Service, 'user'>): ServiceFinding {
  return user === null || finding.kind === 'unseen' ? finding : { ...finding, kind: 'user' };
}

export function unseen(subject: string, failure: Failure): ServiceFinding {
  return { kind: 'unseen', subject, text: inWords(failure), timedOut: failure.why === 'timedOut' };
}

/** Whose it is: as told, by its status, by who scans. */
export function supervisorOf(
  { status }: Part,
  directory: ServiceDirectory,
  forced: Supervisor | null,
): Supervisor {
  return forced ?? (status.ok ? status.value.supervisor : scannerOf(directory));
}
