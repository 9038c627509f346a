/** What is to be said about a directory of services as a whole: who scans it, and whether that can be enough. */
import type { ServiceDirectory } from '../facts/services.ts';
import type { Supervisor } from '../parsers/supervise-status.ts';
import type { Finding } from '../report/finding.ts';
import { SCANNER } from './service-words.ts';

/** A scanner looks every five seconds (svscan.c, runsvdir.c). */
export const NEW_SECONDS = 10;

type DirectoryFinding = Finding<'no-svscan' | 'unused' | 'broken' | 'user'>;

export function judgeDirectory(
  directory: ServiceDirectory,
  forced: Supervisor | null,
): readonly DirectoryFinding[] {
  const { path, user, entries } = directory;
  const findings = [...scannerFinding(directory, forced), ...tooMany(directory, forced)];
  if (entries === 0) return [];
  return findings.map((finding) => ({
    ...finding,
    kind: user === null ? finding.kind : 'user',
    subject: path,
  }));
}

type Said = Omit<DirectoryFinding, 'subject'>;

function scannerFinding(directory: ServiceDirectory, forced: Supervisor | null): readonly Said[] {
  const { scanner, entries } = directory;
  // Why it cannot be told is said once, of all directories.
  if (!scanner.ok) return [];
  if (scanner.value !== null && !scanner.value.isStopped) return [];
  const name = SCANNER[forced ?? scannerOf(directory)];
  const repair = {
    how: `Start ${name} again, as the host does when it boots`,
    commands: [],
  };
  if (scanner.value !== null) {
    const { pid } = scanner.value;
    const text = `${name} is stopped by a signal (pid ${pid}, state T): nothing starts what ends here`;
    return [
      { kind: 'no-svscan', text, repair: { how: `Let ${name} continue`, commands: [`kill -CONT ${pid}`] } },
    ];
  }
  if (isUnused(directory)) {
    return [{ kind: 'unused', text: `nobody scans it: none of its ${entries} services was ever started` }];
  }
  return [
    {
      kind: 'no-svscan',
      text: `${name} is not running: nothing starts a supervisor that ends, or a new service`,
      repair,
    },
  ];
}

/**
 * Nobody asked for it, nobody scans it, and nobody ever has: packages of Debian (openssh-server and others with runit-helper) put
 * services into /etc/service on hosts where runit does not run.
 */
export function isUnused({ isGiven, isUntouched, scanner }: ServiceDirectory): boolean {
  return !isGiven && isUntouched && scanner.ok && scanner.value === null;
}

function tooMany(directory: ServiceDirectory, forced: Supervisor | null): readonly Said[] {
  const { entries, scanner } = directory;
  const most = (scanner.ok ? scanner.value?.maxServices : null) ?? 1000;
  if (entries <= most) return [];
  const name = SCANNER[forced ?? scannerOf(directory)];
  return [
    {
      kind: 'broken',
      text: `holds ${entries} services, ${name} takes ${most}: the others are never started`,
    },
  ];
}

/** By who scans, else by the first status that can be read. */
export function scannerOf({ scanner, services }: ServiceDirectory): Supervisor {
  const scans = scanner.ok ? scanner.value : null;
  const [told] = services.flatMap(({ main }) => (main.status.ok ? main.status.value : []));
  return (scans ?? told)?.supervisor ?? 'daemontools';
}

/** The last thing that the scanner and its children said about the service; of users' own nothing is quoted. */
export function lastWordsOn(name: string, { scanner, user }: ServiceDirectory): readonly string[] {
  if (user !== null || !scanner.ok || scanner.value === null) return [];
  // `supervise: fatal: unable to start web/run: ...`, `runsv web: fatal: ...`; of a log `web/log`.
  const last = scanner.value.lastWords.findLast((line) => asWords(line).includes(asWords(name)));
  return last === undefined ? [] : [`last words: ${last}`];
}

function asWords(text: string): string {
  return ` ${text.replace(/[/:]/g, ' ')} `;
}
