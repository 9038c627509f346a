/** The directories that hold services: found by their usual places, or by what the options say. */
import { each, list, stat, type Match, type Matches, type Want } from '../host/ask.ts';
import { isGlob } from '../glob.ts';
import type { Failure, Reading } from '../reading.ts';

/** djb's own, Debian's (daemontools-run, runit), and of some distributions. */
export const DIRECTORIES = ['/service', '/etc/service', '/var/lib/service'] as const;

const below = (files: readonly string[]): readonly string[] =>
  DIRECTORIES.flatMap((directory) => files.map((file) => `${directory}/*/${file}`));

/** What is read of services there, and of the processes that scan them. */
export const READS: readonly string[] = [
  ...below([
    'supervise/status',
    'supervise/death_tally',
    'log/supervise/status',
    'log/supervise/death_tally',
  ]),
  '/proc/*/cmdline',
  '/proc/*/comm',
  '/proc/*/stat',
  '/proc/*/status',
];

/** Scripts put passwords into the environment of what they start. */
export const SECRETS: readonly string[] = below(['run', 'log/run']);

export interface Places {
  /** The system's: paths or globs. */
  readonly directories: readonly string[];
  /** False: the usual places, where one that is not there is no fault. */
  readonly areGiven: boolean;
  /** Users' own: paths or globs. */
  readonly userDirectories: readonly string[];
}

export interface FoundDirectory {
  readonly path: string;
  readonly user: string | null;
  readonly isGiven: boolean;
  readonly uid: number;
  /** Device and inode. */
  readonly id: string;
  /** Entries whose names do not begin with a dot. */
  readonly names: readonly string[];
}

const WANTED = { at: stat('', { follow: true }), names: list('') } as const;

export function directoryQuestions({ directories, userDirectories }: Places): Want {
  return Object.fromEntries(
    [...directories, ...userDirectories].map((glob, index) => [
      `directory${index}`,
      each(trimmed(glob), WANTED),
    ]),
  );
}

export interface FoundDirectories {
  /** Each once, however many paths lead to it: /service is often a link to /etc/service. */
  readonly found: readonly FoundDirectory[];
  /** Asked for by their whole path, and not there. */
  readonly absent: readonly string[];
  readonly unread: Failure[];
}

export function directoriesOf(places: Places, answers: Readonly<Record<string, unknown>>): FoundDirectories {
  const { directories, areGiven, userDirectories } = places;
  const all = new Map<string, FoundDirectory>();
  const absent: string[] = [];
  const unread: Failure[] = [];
  for (const [index, given] of [...directories, ...userDirectories].entries()) {
    const glob = trimmed(given);
    const isUsers = index >= directories.length;
    const reading = answers[`directory${index}`] as Reading<Matches<typeof WANTED>>;
    const matches = reading.ok ? reading.value.found : [];
    const failures = reading.ok ? [...reading.value.unlisted] : [reading];
    let isThere = false;
    for (const match of matches) {
      const directory = directoryOf(match, isUsers ? glob : null, areGiven || isUsers);
      if ('why' in directory) failures.push(directory);
      else if (!all.has(directory.id)) all.set(directory.id, directory);
      isThere ||= !('why' in directory);
    }
    // A link that leads nowhere, and what is no directory, is as good as nothing.
    const serious = failures.filter(({ why }) => why !== 'absent' && why !== 'wrongType');
    unread.push(...serious);
    if (areGiven && !isUsers && !isThere && serious.length === 0 && !isGlob(glob)) absent.push(glob);
  }
  return { found: [...all.values()], absent, unread };
}

/** @param glob of users' own; null: the system's */
function directoryOf(
  { path, at, names }: Match<typeof WANTED>,
  glob: string | null,
  isGiven: boolean,
): FoundDirectory | Failure {
  if (!at.ok) return at;
  if (!names.ok) return names;
  const { device, inode, uid } = at.value;
  return {
    path,
    user: glob === null ? null : userOf(path, glob),
    isGiven,
    uid,
    id: `${device}:${inode}`,
    names: names.value.filter((name) => !name.startsWith('.')),
  };
}

function trimmed(path: string): string {
  return path.replace(/(?<=[^/])\/+$/, '');
}

/** What stands for the wildcards of the option: `alice`; without any, the directory above. */
function userOf(path: string, glob: string): string {
  const parts = path.split('/');
  const wild = glob.split('/').flatMap((part, index) => (isGlob(part) ? [parts[index] ?? ''] : []));
  return wild.length > 0 ? wild.join('/') : (parts.at(-2) ?? path);
}
