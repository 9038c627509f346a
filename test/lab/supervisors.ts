/** Real daemontools, runit and s6 for tests: directories of services, and who supervises them, ended for certain. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Supervisor } from '../../lib/parsers/supervise-status.ts';
import { LAB_PATH, until, type Need } from './lab.ts';
import { isGone, spawnProcess, type Running, type SpawnOptions } from './process.ts';

export const SUPERVISED: readonly Need[] = [
  'svscan',
  'runsvdir',
  's6-svscan',
  'readproctitle',
  'setpriv',
  'perl',
];

/** A script that runs until it is told to stop. */
export const RUNS = '#!/bin/sh\nexec sleep 1000000\n';
export const LOGS = '#!/bin/sh\nexec cat >/dev/null\n';

export interface TestService {
  /** Content of run; null: there is none. */
  readonly run?: string | null;
  readonly mode?: number;
  readonly isDown?: boolean;
  /** Content of log/run; null: log/ without one. */
  readonly log?: string | null;
}

export function makeService(path: string, service: TestService = {}): void {
  const { run = RUNS, mode = 0o755, isDown = false, log } = service;
  mkdirSync(path, { recursive: true });
  if (run !== null) put(join(path, 'run'), run, mode);
  if (isDown) writeFileSync(join(path, 'down'), '');
  if (log === undefined) return;
  mkdirSync(join(path, 'log'), { recursive: true });
  if (log !== null) put(join(path, 'log/run'), log, 0o755);
}

function put(file: string, text: string, mode: number): void {
  // Never written while it is run: that would be ETXTBSY for a program, and half a script for a shell.
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
}

export interface Scanner {
  /** Of svscan, runsvdir or s6-svscan itself. */
  readonly pid: number;
  /** Ends everything that it has started. */
  stop(): Promise<unknown>;
}

const DOTS = '.'.repeat(400);
const COMMANDS: Readonly<Record<Supervisor, string>> = {
  // As svscanboot and Debian's runit start them. Each shell writes down what it becomes.
  daemontools: `{ sh -c 'echo $$ >"$1.pid"; exec svscan "$1"' sh "$1"; } 2>&1 | readproctitle service errors: ${DOTS}`,
  runit: `sh -c 'echo $$ >"$1.pid"; exec runsvdir -P "$1" "log: ${DOTS}"' sh "$1"`,
  s6: `sh -c 'echo $$ >"$1.pid"; exec s6-svscan "$1"' sh "$1" 2>/dev/null`,
};

/** Its children live on when it is killed, as on a host, and end with the test: the shell around it is what is kept. */
export async function startScanner(
  supervisor: Supervisor,
  directory: string,
  options: SpawnOptions = {},
): Promise<Scanner> {
  const pidFile = `${directory}.pid`;
  rmSync(pidFile, { force: true });
  const script = `${COMMANDS[supervisor]} &\nexec sleep 1000000`;
  const kept: Running = spawnProcess(['sh', '-c', script, 'sh', directory], {
    keeper: true,
    cwd: '/',
    ...options,
  });
  const pid = await until(() => pidIn(pidFile), { seconds: 20, what: `${supervisor} in ${directory}` });
  return { pid, stop: () => kept.stop() };
}

function pidIn(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return pid > 0 && program !== 'sh' ? pid : null;
  } catch {
    return null;
  }
}

const CONTROL: Readonly<Record<Supervisor, (order: string) => readonly string[]>> = {
  daemontools: (order) => ['svc', `-${order}`],
  runit: (order) => ['sv', { u: 'up', d: 'down', p: 'pause', c: 'cont', o: 'once' }[order] ?? order],
  s6: (order) => ['s6-svc', `-${order}`],
};

/** u up, d down, p pause, c continue, o once. */
export function order(supervisor: Supervisor, what: 'u' | 'd' | 'p' | 'c' | 'o', path: string): void {
  const [program = '', ...args] = CONTROL[supervisor](what);
  run(program, ...args, path);
}

/** The process of a service, as its status has it; null: none. */
export function pidOf(path: string): number | null {
  try {
    const status = readFileSync(join(path, 'supervise/status'));
    const pid = status.length < 35 ? status.readUInt32LE(12) : status.readUInt32BE(28);
    return pid === 0 ? null : pid;
  } catch {
    return null;
  }
}

/**
 * The supervise, runsv or s6-supervise of a service: it stands in the directory of the service.
 *
 * @param place that directory, where it has another name for its supervisor
 */
export function supervisorPidOf(path: string, place: string = realpathSync(path)): number | null {
  for (const pid of readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)) {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (/^(?:supervise|runsv|s6-supervise)$/.test(name) && readlinkSync(`/proc/${pid}/cwd`) === place)
        return pid;
    } catch {
      // It has ended since /proc was listed.
    }
  }
  return null;
}

/** Waits until a supervisor has started the service and its process is there. */
export async function untilUp(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const isUp = (): boolean => {
      const pid = pidOf(path);
      return pid !== null && !isGone(pid);
    };
    await until(isUp, { seconds: 30, what: `${path} to be up` });
  }
}

export function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: LAB_PATH, LC_ALL: 'C' },
  });
}
