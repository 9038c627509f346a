/**
 * Recordings of hosts with services, built from a few words about each, for the tests of what real supervisors were not made to
 * say. The status is written as supervise.c of daemontools, runsv.c of runit and s6_svstatus_pack.c of s6 do; test/recordings
 * holds what these said.
 */
import { printContent } from '../lib/host/recording.ts';
import type { Supervisor } from '../lib/parsers/supervise-status.ts';

export interface TestState {
  readonly state?: 'up' | 'down' | 'finishing';
  readonly pid?: number;
  /** Since when, in seconds before the first look. */
  readonly since?: number;
  readonly wants?: 'up' | 'down' | 'once';
  readonly isPaused?: boolean;
  /** Exit code of s6. */
  readonly exit?: number;
}

export interface TestPart extends TestState {
  readonly by?: Supervisor;
  /** False: its supervisor is gone; never: it was never supervised; denied: this user may not know. */
  readonly isSupervised?: boolean | 'never' | 'denied';
  /** What stands in the status instead. */
  readonly status?: Uint8Array;
  /** A second later; null: the file is gone. */
  readonly again?: TestState | null;
  /** Another second later, where the second look found it started; null: the file is gone. */
  readonly third?: TestState | null;
  /** The process of the second look at the third. */
  readonly thirdProcess?: string;
  /** The process of the first look, as /proc has it at the first and the second look; '' gone. */
  readonly process?: string;
  readonly processAgain?: string;
  readonly hasDown?: boolean;
  /** Null: there is none. */
  readonly run?: string | Uint8Array | null;
  readonly mode?: number;
  /** Seconds since the status was written. */
  readonly written?: number;
  readonly superviseUid?: number;
  /** Owner of supervise/ok; by default that of supervise/. */
  readonly fifoUid?: number;
  /** s6: how many seconds ago it died. */
  readonly deaths?: readonly number[];
}

export interface TestService extends TestPart {
  readonly log?: TestPart;
  /** Where it points, where it is a link; `dangling`: to nothing. */
  readonly target?: string;
  readonly isDangling?: boolean;
  readonly inode?: number;
  /** Seconds since it was put there. */
  readonly age?: number;
}

export interface TestScanner {
  readonly program?: string;
  readonly argv?: readonly string[];
  /** Where it stands; null: this user may not know. */
  readonly cwd?: string | null;
  readonly state?: string;
  readonly uid?: number;
  /** Its ids, from the host's to that of its container. */
  readonly ids?: string;
  readonly age?: number;
}

export interface TestDirectory {
  /** Null: none runs. */
  readonly scanner?: TestScanner | null;
  readonly services?: Readonly<Record<string, TestService>>;
  readonly uid?: number;
  readonly inode?: number;
  /** Entries that are no services. */
  readonly files?: readonly string[];
  /** The directory, or what it holds, is closed. */
  readonly isClosed?: boolean;
}

export interface ServiceHost {
  readonly directories?: Readonly<Record<string, TestDirectory>>;
  /** What is asked for: paths and globs. */
  readonly globs?: readonly string[];
  readonly uid?: number;
  readonly hidden?: boolean;
  /** Other processes: scanners of other directories, readproctitle. */
  readonly others?: readonly TestScanner[];
  /** Interpreters that are there. */
  readonly interpreters?: readonly string[];
  readonly bootId?: string;
  /** Added to the clock. */
  readonly later?: number;
}

export const NOW = 1_764_000_000;
const UPTIME = 864_000;
const PROGRAMS = 'svscan runsvdir s6-svscan readproctitle busybox';
const DEFAULTS = ['/service', '/etc/service', '/var/lib/service'];
export const RUN = '#!/bin/sh\nexec thing\n';

export function serviceHost(given: ServiceHost): string[] {
  const host = { ...given, directories: filled(given.directories ?? {}) };
  const { directories, globs = DEFAULTS, uid = 0, bootId = 'boot-1', later = 0 } = host;
  const look = (n: number): string[] => [
    n === 1 ? 'look 1' : `look ${n} +1s`,
    `clock ${NOW + later + n - 1} uptime=${UPTIME + n - 1} boot=${bootId}`,
    `who uid=${uid} gid=${uid} node=host1`,
  ];
  const parts = Object.entries(directories).flatMap(([path, { services = {} }]) =>
    Object.entries(services).flatMap(([name, service]) => [
      [`${path}/${name}`, service] as const,
      ...(service.log === undefined ? [] : [[`${path}/${name}/log`, service.log] as const]),
    ]),
  );
  const interpreters = host.interpreters ?? ['/bin/sh'];
  return [
    'hypervisor-checks recording 1',
    ...look(1),
    ...scanners(host),
    ...globs.flatMap((glob) => directory(glob, directories)),
    ...Object.entries(directories).flatMap(([path, one]) => services(path, one)),
    ...['/bin/sh', '/opt/gone'].flatMap((path) =>
      interpreters.includes(path) ? entry(`stat ${path}`, stat({ mode: 0o755 })) : [`absent stat ${path}`],
    ),
    ...parts.flatMap(([, part]) => processOf(part.pid ?? pidOf(part), part.process ?? 'S')),
    ...look(2),
    ...parts.flatMap(([path, part]) => again(path, part)),
    ...look(3),
    ...parts.flatMap(([path, part]) => third(path, part)),
  ];
}

/** Each part with a process id, and with the owner of its directory. */
function filled(directories: NonNullable<ServiceHost['directories']>): typeof directories {
  const part = <T extends TestPart>(one: T, superviseUid: number): T => ({
    superviseUid,
    ...one,
    pid: one.pid ?? pidOf(one),
  });
  const service = (one: TestService, uid: number): TestService => ({
    ...part(one, uid),
    ...(one.log === undefined ? {} : { log: part(one.log, uid) }),
  });
  return Object.fromEntries(
    Object.entries(directories).map(([path, directory]) => [
      path,
      {
        ...directory,
        services: Object.fromEntries(
          Object.entries(directory.services ?? {}).map(([name, one]) => [
            name,
            service(one, directory.uid ?? 0),
          ]),
        ),
      },
    ]),
  );
}

function scanners({ directories = {}, others = [], hidden = false }: ServiceHost): string[] {
  const all: TestScanner[] = [
    ...Object.entries(directories).flatMap(([path, { scanner }]) =>
      scanner === null ? [] : [{ argv: ['svscan', path], cwd: path, ...scanner }],
    ),
    ...others,
  ];
  return [
    `ok processes ${PROGRAMS}`,
    '  scanned 80',
    ...all.map(({ program = 'svscan' }, index) => `  process ${100 + index} ${program}`),
    ...all.flatMap((one, index) => scannerProcess(100 + index, one)),
    ...(hidden ? ['absent bytes head /proc/1/comm'] : text('head /proc/1/comm', 'init\n')),
    ...all.flatMap(({ cwd, argv = [] }) =>
      [cwd, argv.at(-1)].flatMap((path) => {
        if (typeof path !== 'string' || !path.startsWith('/') || directories[path] !== undefined) return [];
        return path.startsWith('/gone')
          ? [`absent stat ${path}`]
          : entry(`stat ${path}`, stat({ inode: 99 }));
      }),
    ),
  ];
}

function scannerProcess(pid: number, scanner: TestScanner): string[] {
  const { argv = [], cwd = null, state = 'S', uid = 0, ids = String(pid), age = 1000 } = scanner;
  const path = `/proc/${pid}`;
  return [
    ...entry(`lstat ${path}`, stat({ type: 'directory', uid })),
    ...text(`head ${path}/stat`, statLine(pid, state, (UPTIME - age) * 100)),
    ...text(`head ${path}/status`, `Name:\tx\nPid:\t${pid}\nNSpid:\t${ids}\n`),
    ...text(`head ${path}/cmdline`, argv.map((word) => `${word}\0`).join('')),
    ...(cwd === null ? [`denied link ${path}/cwd`] : entry(`link ${path}/cwd`, cwd)),
  ];
}

function statLine(pid: number, state: string, starttime: number): string {
  return `${pid} (x) ${state} 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 ${starttime} 4096 1\n`;
}

function processOf(pid: number, state: string): string[] {
  const path = `head /proc/${pid}/stat`;
  return state === '' ? [`absent bytes ${path}`] : text(path, statLine(pid, state, 1000));
}

function directory(glob: string, directories: NonNullable<ServiceHost['directories']>): string[] {
  const pattern = new RegExp(`^${glob.replaceAll('*', '[^/]*')}$`);
  const found = Object.entries(directories).filter(([path]) => pattern.test(path));
  return [
    `ok each ${glob}`,
    ...found.map(([path]) => `  match ${path}`),
    ...found.flatMap(([path, { services: all = {}, files = [], uid = 0, inode, isClosed = false }]) => [
      ...entry(`stat ${path}`, stat({ type: 'directory', uid, inode: inode ?? inodeOf(path) })),
      ...(isClosed
        ? [`denied list ${path}`]
        : entry(`list ${path}`, ...Object.keys(all), ...files, '.hidden')),
    ]),
  ];
}

function services(
  path: string,
  { services: all = {}, files = [], isClosed = false }: TestDirectory,
): string[] {
  if (isClosed) return [];
  const names = [...Object.keys(all), ...files].sort();
  return [
    `ok each ${path}/*`,
    ...names.map((name) => `  match ${path}/${name}`),
    ...files.flatMap((name) => [
      ...notThere(`${path}/${name}`, stat({})),
      ...notThere(`${path}/${name}/log`),
    ]),
    ...Object.entries(all).flatMap(([name, service]) => serviceLines(`${path}/${name}`, service)),
  ];
}

function serviceLines(path: string, service: TestService): string[] {
  const { target, isDangling = false, inode, age = 5000, log } = service;
  const changedAt = NOW - age;
  const self = stat({ type: target === undefined ? 'directory' : 'link', changedAt });
  if (isDangling) {
    return [...notThere(path), ...notThere(`${path}/log`)].flatMap((line) => {
      if (line === `absent lstat ${path}`) return entry(`lstat ${path}`, self);
      return line === `absent link ${path}` ? entry(`link ${path}`, target ?? 'nowhere') : [line];
    });
  }
  return [
    ...entry(`lstat ${path}`, self),
    ...entry(
      `stat ${path}`,
      stat({ type: 'directory', changedAt: NOW - 5000, inode: inode ?? inodeOf(path) }),
    ),
    ...(target === undefined ? [`failed link ${path}`, '  #EINVAL'] : entry(`link ${path}`, target)),
    ...partLines(path, service),
    ...(log === undefined
      ? [`absent stat ${path}/log`, ...notThere(`${path}/log`).filter((line) => !line.endsWith('/log'))]
      : [...entry(`stat ${path}/log`, stat({ type: 'directory' })), ...partLines(`${path}/log`, log)]),
  ];
}

/** All that is asked below something that has nothing below it. */
function notThere(path: string, self?: string): string[] {
  const asked = [
    'lstat down', 'stat run', 'bytes head run', 'stat supervise', 'fifo supervise/ok', 'fifo supervise/control',
    'lstat supervise/ok', 'lstat supervise/control',
    'bytes head supervise/status', 'stat supervise/status', 'bytes tail supervise/death_tally',
  ]; // prettier-ignore
  return [
    ...(self === undefined
      ? [`absent lstat ${path}`, `absent stat ${path}`]
      : [...entry(`lstat ${path}`, self), ...entry(`stat ${path}`, self)]),
    `absent link ${path}`,
    ...(path.endsWith('/log') ? [] : [`absent stat ${path}/log`]),
    ...asked.map((question) => `absent ${question.replace(/ (?=[^ ]*$)/, ` ${path}/`)}`),
  ];
}

function partLines(path: string, part: TestPart): string[] {
  const { hasDown = false, run = RUN, mode = 0o755, isSupervised = true } = part;
  const changedAt = NOW - 9000;
  return [
    ...(hasDown ? entry(`lstat ${path}/down`, stat({})) : [`absent lstat ${path}/down`]),
    ...(run === null
      ? [`absent stat ${path}/run`, `absent bytes head ${path}/run`]
      : [...entry(`stat ${path}/run`, stat({ mode, changedAt })), ...text(`head ${path}/run`, run)]),
    ...(isSupervised === 'never' || isSupervised === 'denied'
      ? unsupervisedLines(`${path}/supervise`, isSupervised, part.superviseUid ?? 0)
      : supervisedLines(`${path}/supervise`, part, isSupervised)),
  ];
}

function unsupervisedLines(path: string, why: 'never' | 'denied', uid: number): string[] {
  const no = why === 'denied' ? 'denied' : 'absent';
  return [
    ...(why === 'never' ? [`absent stat ${path}`] : entry(`stat ${path}`, stat({ type: 'directory', uid }))),
    ...['fifo', 'fifo', 'bytes head', 'stat', 'bytes tail'].map(
      (op, index) =>
        `${no} ${op} ${path}/${['ok', 'control', 'status', 'status', 'death_tally'][index] ?? ''}`,
    ),
  ];
}

function supervisedLines(path: string, part: TestPart, isAlive: boolean): string[] {
  const { deaths, written = part.since ?? 1000, superviseUid: uid = 0 } = part;
  const probe = isAlive ? 'reader' : 'noReader';
  const died = (deaths ?? []).map((ago) => Buffer.concat([tai(NOW - ago, 37), Buffer.from([1, 0])]));
  return [
    ...entry(`stat ${path}`, stat({ type: 'directory', mode: 0o700, uid })),
    ...(part.by === 's6' ? [`absent fifo ${path}/ok`] : entry(`fifo ${path}/ok`, probe)),
    ...entry(`fifo ${path}/control`, probe),
    // Of users' own, these are looked at first.
    ...(part.by === 's6'
      ? [`absent lstat ${path}/ok`]
      : entry(`lstat ${path}/ok`, stat({ type: 'fifo', uid: part.fifoUid ?? uid }))),
    ...entry(`lstat ${path}/control`, stat({ type: 'fifo', uid: part.fifoUid ?? uid })),
    ...text(`head ${path}/status`, part.status ?? statusOf(part)),
    ...entry(`stat ${path}/status`, stat({ modifiedAt: NOW - written })),
    ...(deaths === undefined
      ? [`absent bytes tail ${path}/death_tally`]
      : text(`tail ${path}/death_tally`, Buffer.concat(died))),
  ];
}

function again(path: string, part: TestPart): string[] {
  const { isSupervised = true, processAgain = part.process ?? 'S' } = part;
  if (isSupervised !== true) return [];
  const key = `head ${path}/supervise/status`;
  return [
    ...(part.again === null
      ? [`absent bytes ${key}`]
      : text(key, part.status ?? statusOf({ ...part, pid: part.pid ?? pidOf(part), ...part.again }))),
    ...processOf(part.pid ?? pidOf(part), processAgain),
  ];
}

function third(path: string, part: TestPart): string[] {
  const before = part.state ?? 'up';
  // Only what has begun between the looks before is looked at.
  if (part.again === undefined || part.again === null || before === 'up') return [];
  if ((part.again.state ?? before) !== 'up') return [];
  const second = { ...part, pid: part.pid ?? pidOf(part), ...part.again };
  return again(path, {
    ...second,
    again: part.third === undefined ? {} : part.third,
    processAgain: part.thirdProcess ?? 'S',
  });
}

let pids = new Map<object, number>();

/** Each part another one. */
function pidOf(part: object): number {
  if (pids.size > 10_000) pids = new Map();
  const pid = pids.get(part) ?? 5000 + pids.size;
  pids.set(part, pid);
  return pid;
}

const STATE: Required<Omit<TestState, 'pid'>> = {
  state: 'up',
  since: 1000,
  wants: 'up',
  isPaused: false,
  exit: 0,
};

export function statusOf(part: TestPart): Uint8Array {
  const { by, state, since, wants, isPaused, exit, pid: given } = { ...STATE, by: 'daemontools', ...part };
  const pid = state === 'down' ? 0 : (given ?? pidOf(part));
  const at = NOW - since;
  if (by === 's6') {
    const bytes = Buffer.concat([tai(at, 37), tai(at, 37), Buffer.alloc(11)]);
    bytes.writeUInt32BE(pid, 28);
    bytes.writeUInt16BE(exit * 256, 32);
    bytes[34] = Number(isPaused) + 2 * Number(state === 'finishing') + 4 * Number(wants === 'up');
    return bytes;
  }
  const isRunit = by === 'runit';
  const bytes = Buffer.concat([tai(at, 10), Buffer.alloc(isRunit ? 8 : 6)]);
  bytes.writeUInt32LE(pid, 12);
  bytes[16] = Number(isPaused);
  bytes[17] = { up: 0x75, down: 0x64, once: isRunit ? 0x64 : 0 }[wants];
  if (isRunit) {
    bytes[18] = Number(wants === 'down' && state === 'up');
    bytes[19] = { down: 0, up: 1, finishing: 2 }[state];
  }
  return bytes;
}

function tai(epochSeconds: number, offset: number): Buffer {
  const bytes = Buffer.alloc(12);
  const whole = Math.floor(epochSeconds);
  bytes.writeBigUInt64BE(2n ** 62n + BigInt(whole + offset));
  bytes.writeUInt32BE(Math.round((epochSeconds - whole) * 1e9), 8);
  return bytes;
}

function inodeOf(path: string): number {
  return Buffer.from(path).reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7);
}

function stat(fields: Readonly<Record<string, number | string>>): string {
  const all = {
    type: 'file', mode: 0o755, uid: 0, gid: 0, sizeBytes: 0, allocatedBytes: 0, links: 1, device: 8, inode: 5,
    modifiedAt: NOW - 5000, changedAt: NOW - 5000, ...fields,
  }; // prettier-ignore
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function entry(key: string, ...lines: readonly string[]): string[] {
  return [`ok ${key}`, ...lines.map((line) => `  ${line}`)];
}

function text(key: string, content: string | Uint8Array): string[] {
  return entry(`bytes ${key}`, ...printContent(Buffer.from(content)));
}
