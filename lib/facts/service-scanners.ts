/** Who scans directories of services: svscan, runsvdir and s6-svscan, found by their processes. */
import {
  head,
  link,
  processes,
  stat,
  type Answers,
  type Content,
  type Process,
  type Stat,
} from '../host/ask.ts';
import type { Clock } from '../host/host.ts';
import { parseLastWords } from '../parsers/last-words.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { parseProcStat } from '../parsers/proc-stat.ts';
import type { Supervisor } from '../parsers/supervise-status.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import type { Scanner } from './services.ts';

const SCANNERS: Readonly<Record<string, Supervisor>> = {
  svscan: 'daemontools',
  runsvdir: 'runit',
  's6-svscan': 's6',
};

/** busybox has a runsvdir and, in some builds, a svok of its own. */
const PROGRAMS = [...Object.keys(SCANNERS), 'readproctitle', 'busybox'];

const PROCESS_QUESTIONS = {
  self: stat(''),
  stat: head('stat', 512),
  status: head('status', 4096),
  cmdline: head('cmdline', 8192),
  cwd: link('cwd'),
} as const;

export const SCANNER_QUESTIONS = {
  scanners: processes(PROGRAMS, PROCESS_QUESTIONS),
  init: head('/proc/1/comm', 64),
} as const;

type ScannerProcess = Process<typeof PROCESS_QUESTIONS>;

/** A scanner, and where it may be. */
export interface FoundScanner {
  readonly scanner: Scanner;
  /** The directory it scans, absolute; the failure where that cannot be told. */
  readonly directory: Reading<string>;
}

/** The scanners of this host; those of containers have a process id of their own there, and scan other directories. */
export function scannersOf(
  { scanners }: Pick<Answers<typeof SCANNER_QUESTIONS>, 'scanners'>,
  now: Clock,
): readonly FoundScanner[] {
  const all = (scanners.ok ? scanners.value.found : []).filter(({ status }) => !isOfContainer(status));
  const words = all.filter((one) => programOf(one) === 'readproctitle' && uidOf(one.self) === 0);
  const daemontoolsWords = words.flatMap(({ cmdline }) => lastWordsOf(cmdline));
  return all.flatMap((process) => {
    const supervisor = SCANNERS[programOf(process)];
    if (supervisor === undefined) return [];
    const argv = process.cmdline.ok ? parseProcCmdline(process.cmdline.value.bytes).argv : [];
    const uid = uidOf(process.self);
    const own = supervisor === 'runit' && uid === 0 ? lastWordsOf(process.cmdline) : [];
    const scanner: Scanner = {
      pid: process.pid,
      supervisor,
      uid,
      ...ageAndState(process, now),
      maxServices: maxServicesOf(argv),
      lastWords: supervisor === 'daemontools' && uid === 0 ? daemontoolsWords : own,
    };
    return [{ scanner, directory: directoryOf(process, argv) }];
  });
}

/** What it was called as: an applet of busybox is known by its arguments alone. */
function programOf({ program, cmdline }: ScannerProcess): string {
  if (program !== 'busybox' || !cmdline.ok) return program;
  const [first = '', second = ''] = parseProcCmdline(cmdline.value.bytes).argv.map((word) =>
    word.slice(word.lastIndexOf('/') + 1),
  );
  return first === 'busybox' ? second : first;
}

/** NSpid of /proc/PID/status (task_state in fs/proc/array.c, from 4.1 on): more than one id, another namespace of them. */
function isOfContainer(status: Reading<Content>): boolean {
  if (!status.ok) return false;
  const ids = /^NSpid:\s*([0-9\s]+?)$/m.exec(decodeUtf8(status.value.bytes))?.[1] ?? '';
  return ids.trim().split(/\s+/).length > 1;
}

function uidOf(self: Reading<Stat>): number | null {
  return self.ok ? self.value.uid : null;
}

function lastWordsOf(cmdline: Reading<Content>): readonly string[] {
  return cmdline.ok ? parseLastWords(cmdline.value.bytes) : [];
}

const TICKS_PER_SECOND = 100;

function ageAndState(
  { stat: text }: ScannerProcess,
  { uptimeSeconds }: Clock,
): Pick<Scanner, 'ageSeconds' | 'isStopped'> {
  if (!text.ok) return { ageSeconds: null, isStopped: false };
  try {
    const { state, starttimeTicks } = parseProcStat(decodeUtf8(text.value.bytes));
    const ageSeconds =
      uptimeSeconds === null ? null : Math.max(0, uptimeSeconds - starttimeTicks / TICKS_PER_SECOND);
    return { ageSeconds, isStopped: state === 'T' || state === 't' };
  } catch {
    return { ageSeconds: null, isStopped: false };
  }
}

/** SERVICES of svscan.c, MAXSERVICES of runsvdir.c; s6-svscan -c. */
function maxServicesOf(argv: readonly string[]): number {
  const index = argv.findIndex((word) => /^-c[0-9]*$/.test(word));
  const word = argv[index] ?? '';
  const given = Number(word === '-c' ? argv[index + 1] : word.slice(2));
  return Number.isInteger(given) && given > 0 ? given : 1000;
}

/**
 * svscan and s6-svscan stand in their directory; runsvdir goes there and back for each look. Who may not see where a process
 * stands, takes its last argument that is a path.
 */
function directoryOf({ pid, program, cwd }: ScannerProcess, argv: readonly string[]): Reading<string> {
  const isThere = program === 'svscan' || program === 's6-svscan';
  if (isThere && cwd.ok) return found(cwd.value);
  const given = argumentOf(argv);
  if (given?.startsWith('/') === true) return found(given);
  if (!cwd.ok) return failed(cwd.why, `/proc/${pid}/cwd`, `where ${program} (pid ${pid}) looks for services`);
  return found(given === undefined ? cwd.value : `${cwd.value}/${given}`);
}

/** The options of s6-svscan that take a value; runsvdir has -P alone, and what follows the directory is its log. */
const VALUED = new Set(['-c', '-C', '-d', '-L', '-t', '-x', '-X']);

function argumentOf(argv: readonly string[]): string | undefined {
  const words = argv.slice(/(?:^|\/)busybox$/.test(argv[0] ?? '') ? 2 : 1);
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) return word;
    if (VALUED.has(word)) index += 1;
  }
  return undefined;
}

/** Why it cannot be known who scans; null: it can. */
export function blindness(
  { scanners }: Pick<Answers<typeof SCANNER_QUESTIONS>, 'scanners'>,
  hidden: Failure | null,
): Failure | null {
  return scanners.ok ? hidden : scanners;
}
