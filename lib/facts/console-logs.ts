/**
 * The console logs of a host's guests: which files there are, how big, on which file systems, and who has them open. No log
 * is read, only looked at; no symbolic link at a log's own name is followed, since a guest's owner may have made it.
 *
 * Four batches of questions: the guests; all places where logs are; what those lead to; what has lost its name.
 */
import type { FoundFile } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { globMatcher } from '../glob.ts';
import { qemuConsoleFiles } from '../parsers/qemu-consoles.ts';
import { failed, type Failure } from '../reading.ts';
import { Batch } from './batch.ts';
import { askFiles, askGlobs, askNamed, LogFiles } from './console-files.ts';
import { instanceOf, INSTANCES, LOG_GLOBS, namedLogs, type NamedLog } from './console-places.ts';
import { askSettings, backupsOf, type LogSettings } from './console-settings.ts';
import { askFileSystems, askHomes, type FileSystem } from './file-systems.ts';
import { gatherGuests, type Guests } from './guests.ts';
import {
  askAppending,
  askDeleted,
  askOpenLogs,
  LOG_WRITERS,
  type DeletedLog,
  type Holder,
  type OpenLog,
} from './open-logs.ts';

export interface ConsoleLogs {
  readonly guests: Guests;
  readonly named: readonly NamedLog[];
  /** Regular files, each once, however many names lead to it. */
  readonly files: readonly FoundFile[];
  /** Directories that have a folder for each instance. */
  readonly instanceRoots: readonly string[];
  /** Symbolic links where a log should be. */
  readonly links: readonly string[];
  readonly unseen: readonly Failure[];
  /** By the device number of the files on it. */
  readonly fileSystems: ReadonlyMap<number, FileSystem>;
  readonly open: readonly OpenLog[];
  /** Whether who has a file open appends to it, by link; only of the largest, and where it could be read. */
  readonly appends: ReadonlyMap<string, boolean>;
  readonly deleted: readonly DeletedLog[];
  /** Processes whose open files may not be looked at. */
  readonly closed: readonly Failure[];
  readonly settings: LogSettings;
  readonly epochSeconds: number;
}

/** @param globs more places, absolute */
export async function gatherConsoleLogs(host: Host, globs: readonly string[]): Promise<ConsoleLogs> {
  const guests = await gatherGuests(host, true, LOG_WRITERS);
  const named = namedLogs(guests);
  const files = new LogFiles();
  const fixed = [...LOG_GLOBS, ...globs];

  const places = new Batch();
  const covered = [...fixed, ...INSTANCES.map((root) => `${root}/*/console.log`)].map(globMatcher);
  const isCovered = (path: string): boolean => covered.some((matches) => matches(path));
  const uncovered = [...new Set(named.map(({ path }) => path))].filter((path) => !isCovered(path));
  const instances = INSTANCES.map((root) => ({
    root,
    add: askGlobs(places, files, ...globsOf(root, ['', '.0'])),
  }));
  const matches = fixed.map((glob) => askGlobs(places, files, glob));
  const besides = askNamed(places, files, uncovered);
  const settingsOf = askSettings(places);
  const openOf = askOpenLogs(places, holdersOf(guests), logTester(guests, named, isCovered));
  const { now } = (await places.send(host)) ?? (await host.ask({}));

  const settings = settingsOf();
  const rotating = instances.filter(({ add }) => add().some(({ path }) => path.endsWith('.0')));
  for (const add of matches) add();
  const open = openOf();
  const gone = open.found.filter(({ isDeleted }) => isDeleted);

  const leads = new Batch();
  const older = Array.from({ length: backupsOf(settings) }, (_, index) => `.${index}`).slice(1);
  const added = [
    ...rotating.map(({ root }) => askGlobs(leads, files, ...globsOf(root, older))),
    ...settings.instances.found.map((root) => askGlobs(leads, files, ...globsOf(root, ['', '.0', ...older]))),
    askFiles(leads, files, besides()),
  ];
  const systems = askFileSystems(leads, files.byDevice);
  const homesOf = askHomes(leads, gone);
  await leads.send(host);
  for (const add of added) add();
  const instanceRoots = [...INSTANCES, ...settings.instances.found];

  const last = new Batch();
  const more = askFileSystems(last, files.byDevice, systems());
  const homes = homesOf();
  const deletedOf = askDeleted(last, gone, (log) => homes.get(log) ?? failed('failed', log.link));
  const appendsOf = askAppending(last, [...gone, ...largestOf(open.found, files)]);
  await last.send(host);
  return {
    guests,
    named,
    files: files.all,
    instanceRoots,
    links: files.links,
    unseen: unseenOf(files, instanceRoots, settings),
    fileSystems: more(),
    open: open.found,
    appends: appendsOf(),
    deleted: deletedOf(),
    closed: open.unlisted,
    settings,
    epochSeconds: now.epochSeconds,
  };
}

/** The logs of all instances below a directory, and rotated ones of the same name. */
function globsOf(root: string, suffixes: readonly string[]): readonly string[] {
  return suffixes.map((suffix) => `${root}/*/console.log${suffix}`);
}

/** A nova.conf that may not be read matters only where no instance was found in the usual places: it may name another. */
function unseenOf(files: LogFiles, roots: readonly string[], { instances }: LogSettings): readonly Failure[] {
  if (instances.unread.length === 0) return files.unseen;
  const isFound = files.all.some(({ path }) => instanceOf(path, roots) !== null);
  return [...files.unseen, ...(isFound ? [] : instances.unread)];
}

function holdersOf({ running, others }: Guests): readonly Holder[] {
  return [
    ...running.map(({ pid, name, uuid }) => ({ pid, program: 'qemu' as const, guest: { name, uuid } })),
    ...others.flatMap(({ pid, program }) =>
      program === 'virtlogd' || program === 'xenconsoled' ? [{ pid, program, guest: null } as const] : [],
    ),
  ];
}

/** Of a guest's files only what it or its definition calls a console, or what lies where logs do; the daemons have little else. */
function logTester(
  { running }: Guests,
  named: readonly NamedLog[],
  isCovered: (path: string) => boolean,
): (path: string, holder: Holder) => boolean {
  const names = new Set(named.map(({ path }) => path));
  const relative = new Map(
    running.map(({ pid, commandLine }) => [
      pid,
      (commandLine.ok ? qemuConsoleFiles(commandLine.value.options) : [])
        .filter(({ path }) => !path.startsWith('/'))
        .map(({ path }) => `/${path.replace(/^\.\//, '')}`),
    ]),
  );
  return (path, { pid, program }) => {
    if (/^\/(?:dev|proc|sys|run|memfd:|anon_hugepage)(?:\/|$)/.test(path)) return false;
    if (program !== 'qemu') return true;
    if (names.has(path) || isCovered(path) || /\/console\.log[^/]*$/.test(path)) return true;
    return (relative.get(pid) ?? []).some((name) => path.endsWith(name));
  };
}

/** Enough for what can be shown. */
const LARGEST = 20;

function largestOf(open: readonly OpenLog[], files: LogFiles): readonly OpenLog[] {
  if (open.length === 0) return [];
  const sizes = new Map(files.all.map(({ path, sizeBytes }) => [path, sizeBytes]));
  return open
    .filter(({ path, isDeleted, holder }) => !isDeleted && holder.program === 'qemu' && sizes.has(path))
    .sort((a, b) => (sizes.get(b.path) ?? 0) - (sizes.get(a.path) ?? 0))
    .slice(0, LARGEST);
}
