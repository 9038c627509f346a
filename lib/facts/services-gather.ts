/**
 * Asks a host for its services: where they are and who scans them; then each of them; then what only their answers lead to,
 * their processes and interpreters; and, where something looks as if it had just begun, the same a second later.
 */
import { each, stat, type Stat, type Want } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import type { Supervisor } from '../parsers/supervise-status.ts';
import { failed, found, mapReading, type Failure, type Reading } from '../reading.ts';
import { hiddenProcesses } from './hidden-processes.ts';
import {
  directoriesOf,
  directoryQuestions,
  type FoundDirectory,
  type Places,
} from './service-directories.ts';
import { blindness, SCANNER_QUESTIONS, scannersOf, type FoundScanner } from './service-scanners.ts';
import { laterLooks } from './services-again.ts';
import { withProcesses } from './services-processes.ts';
import { probedServices, type Unprobed } from './services-probe.ts';
import {
  SERVICE_QUESTIONS,
  serviceOf,
  USER_QUESTIONS,
  type ServiceAnswers,
  type UserAnswers,
} from './services-questions.ts';
import type { Scanner, Service, ServiceDirectory, Services } from './services.ts';

export interface Choice extends Places {
  /** Null: told by what is there. */
  readonly supervisor: Supervisor | null;
  readonly isChosen: (name: string) => boolean;
}

type Loose = Readonly<Record<string, unknown>>;

export async function gatherServices(host: Host, choice: Choice): Promise<Services> {
  const first = await host.ask({ ...SCANNER_QUESTIONS, ...directoryQuestions(choice) });
  const { found: directories, absent, unread } = directoriesOf(choice, first);
  const hidden = hiddenProcesses(first.init, first.scanners.ok ? first.scanners.value.scanned : 0, first.who);
  const blind = blindness(first, hidden);
  const scanners = scannersOf(first, first.now);
  const second: Loose & { readonly now: { readonly epochSeconds: number } } = await host.ask(
    Object.assign({}, ...directories.map(servicesQuestion), ...scanners.map(placeQuestion)) as Want,
  );
  const placed = scanners.map((one, index) => placedScanner(one, second[`scanner${index}`]));
  const listed = directories.map((directory, index) => ({
    directory,
    scanner: scannerOf(directory.id, placed, blind),
    services: servicesIn(directory, second[`services${index}`], unread),
  }));
  const users = listed.filter(({ directory }) => directory.user !== null);
  const probed = await probedServices(host, users.map(unprobed));
  const all = listed.map((one) => {
    const services = one.directory.user === null ? one.services : (probed[users.indexOf(one)] ?? null);
    const isKnown = one.services !== null;
    return directoryOf(
      { ...one, services: isKnown ? (services as readonly ServiceAnswers[]) : null },
      choice,
      second.now,
    );
  });
  const { directories: seen, ...rest } = {
    directories: await withProcesses(host, all, hidden),
    absent,
    places: [...choice.directories, ...choice.userDirectories],
    unread: [...unread, ...untold(all)],
    elsewhere: elsewhere(placed, directories),
    epochSeconds: second.now.epochSeconds,
    bootId: first.now.bootId,
    who: first.who,
  };
  return { directories: await laterLooks(host, seen, choice.supervisor, rest.epochSeconds), ...rest };
}

/** A user can fill a directory with entries; scanners take 1000. */
const MAX_ENTRIES = 2000;

function servicesQuestion({ path, user, names }: FoundDirectory, index: number): Want {
  return names.length > MAX_ENTRIES
    ? {}
    : { [`services${index}`]: each(`${path}/*`, user === null ? SERVICE_QUESTIONS : USER_QUESTIONS) };
}

function placeQuestion({ directory }: FoundScanner, index: number): Want {
  return directory.ok ? { [`scanner${index}`]: stat(directory.value, { follow: true }) } : {};
}

interface Placed {
  readonly scanner: Scanner;
  /** Where it is by name, and device and inode of that; null: it is nowhere that is there. */
  readonly directory: Reading<{ readonly path: string; readonly id: string } | null>;
}

function placedScanner({ scanner, directory }: FoundScanner, answer: unknown): Placed {
  if (!directory.ok) return { scanner, directory };
  const place = answer as Reading<Stat>;
  // Its directory was removed, or is another container's.
  if (!place.ok && place.why === 'absent') return { scanner, directory: found(null) };
  const path = directory.value;
  return {
    scanner,
    directory: mapReading(place, ({ device, inode }) => ({ path, id: `${device}:${inode}` })),
  };
}

interface Listed {
  readonly directory: FoundDirectory;
  readonly scanner: Reading<Scanner | null>;
  /** Those of the system as they are, those of users not yet probed. Null: not known. */
  readonly services: readonly (ServiceAnswers | UserAnswers)[] | null;
}

function servicesIn({ path, names }: FoundDirectory, answer: unknown, unread: Failure[]): Listed['services'] {
  const reading = (answer ?? failed('tooBig', path, `${names.length} entries`)) as Reading<{
    readonly found: readonly (ServiceAnswers | UserAnswers)[];
    readonly unlisted: readonly Failure[];
  }>;
  unread.push(...(reading.ok ? reading.value.unlisted : [reading]));
  if (!reading.ok) return null;
  // A wildcard in the directory's own name would match its neighbours as well.
  return reading.value.found.filter((one) => one.path.slice(0, one.path.lastIndexOf('/')) === path);
}

/** Root, who may scan for a user, may own the FIFOs as well. */
function unprobed({ directory, scanner, services }: Listed): Unprobed {
  const scans = scanner.ok ? scanner.value?.uid : null;
  const owners = new Set([directory.uid, ...(typeof scans === 'number' ? [scans] : [])]);
  return { services: (services ?? []) as readonly UserAnswers[], owners };
}

function directoryOf(
  {
    directory,
    scanner,
    services: answers,
  }: Omit<Listed, 'services'> & { readonly services: readonly ServiceAnswers[] | null },
  { supervisor, isChosen }: Choice,
  { epochSeconds }: { readonly epochSeconds: number },
): ServiceDirectory {
  const { path, user, isGiven, uid, names } = directory;
  const services = (answers ?? []).flatMap((one) => serviceOf(one, user, supervisor, epochSeconds) ?? []);
  return {
    path,
    user,
    isGiven,
    uid,
    entries: answers === null ? names.length : services.length,
    isUntouched: services.length > 0 && services.every(wasNeverSupervised),
    scanner,
    services: services.filter(({ name }) => isChosen(name)),
  };
}

function wasNeverSupervised({ main: { isSupervised } }: Service): boolean {
  return !isSupervised.ok && isSupervised.why === 'absent';
}

function scannerOf(id: string, scanners: readonly Placed[], blind: Failure | null): Reading<Scanner | null> {
  const mine = scanners.find(({ directory }) => directory.ok && directory.value?.id === id);
  if (mine !== undefined) return found(mine.scanner);
  const lost = scanners.find(({ directory }) => !directory.ok)?.directory;
  return blind ?? (lost?.ok === false ? lost : found(null));
}

/** Why it cannot be told who scans, once for all directories that it matters for. */
function untold(directories: readonly ServiceDirectory[]): readonly Failure[] {
  const failures = directories.flatMap(({ scanner, entries }) =>
    scanner.ok || entries === 0 ? [] : [scanner],
  );
  return [...new Map(failures.map((failure) => [failure.path, failure])).values()];
}

function elsewhere(scanners: readonly Placed[], directories: readonly FoundDirectory[]): readonly string[] {
  const known = new Set(directories.map(({ id }) => id));
  return scanners.flatMap(({ directory }) =>
    directory.ok && directory.value !== null && !known.has(directory.value.id) ? [directory.value.path] : [],
  );
}
