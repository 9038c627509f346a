/** Real processes for tests: started, watched, and ended for certain, however the test ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd, atFileEnd, findProgram, LAB_PATH } from './lab.ts';
import { underKeeper } from './keeper.ts';

export interface Ended {
  /** Exit status, or null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly pid: number;
  readonly argv: readonly string[];
  /** What it has written so far, standard output and error in the order of arrival. */
  output(): string;
  /** Never rejects. */
  readonly ended: Promise<Ended>;
  /** SIGTERM to its process group, SIGKILL after `graceSeconds`; may be called again. */
  stop(): Promise<Ended>;
}

export interface SpawnOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** What a program that ran to its end has to say. */
export interface Ran extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions extends SpawnOptions {
  /** Its standard input; without it /dev/null, as under a monitoring system. */
  readonly input?: string;
  /** Default 30; then it is killed, and `signal` says SIGKILL. */
  readonly timeoutSeconds?: number;
}

/**
 * Starts a process that lives until `stop`, or until the running test (outside of one: the test file) has ended, or the
 * test runner itself has died. `keeper`: the pid is the keeper's, and the processes that this one leaves behind end with it.
 * Throws where there is no such program.
 */
export function spawnProcess(
  argv: readonly string[],
  { graceSeconds = 5, keeper = false, ...options }: SpawnOptions & { graceSeconds?: number; keeper?: boolean } = {},
): Running {
  const kept = keeper ? underKeeper(argv) : ['setpriv', '--pdeathsig', 'KILL', '--', ...argv];
  const [child, pid] = launch(argv, kept, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let over = false;
  const ended = endOf(child).then((result) => {
    over = true;
    return result;
  });
  const stop = async (): Promise<Ended> => {
    if (!over) {
      signalGroup(pid, 'SIGTERM');
      // One that was stopped with SIGSTOP takes no other signal before this.
      signalGroup(pid, 'SIGCONT');
      await atMost(graceSeconds, ended);
    }
    signalGroup(pid, 'SIGKILL');
    return await ended;
  };
  atEnd(async () => {
    await stop();
  });
  return { pid, argv, output: () => output, ended, stop };
}

const underWay = new Set<number>();
atFileEnd(() => {
  for (const pid of underWay) signalGroup(pid, 'SIGKILL');
});

/**
 * Runs a program to its end, as a monitoring system would: until it has exited and its output is closed. Any exit status
 * is an answer. What would change Node underneath a plugin (NODE_OPTIONS, NODE_EXTRA_CA_CERTS) is not handed on.
 */
export async function runPlugin(
  plugin: string | readonly string[],
  args: readonly string[] = [],
  { input, timeoutSeconds = 30, ...options }: RunOptions = {},
): Promise<Ran> {
  const argv = [...(typeof plugin === 'string' ? [plugin] : plugin), ...args];
  const [child, pid] = launch(argv, argv, options, input === undefined ? 'ignore' : 'pipe');
  underWay.add(pid);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A plugin that does not read its input closes the pipe: EPIPE is its affair.
  child.stdin?.on('error', () => undefined).end(input);
  const closed = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  let ended = await atMost(timeoutSeconds, closed);
  if (ended === undefined) {
    signalGroup(pid, 'SIGKILL');
    // One that sleeps in the kernel dies when that lets go of it; the test does not wait for it.
    await atMost(2, closed);
    ended = { code: null, signal: 'SIGKILL' };
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
  underWay.delete(pid);
  return { ...ended, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** Whether a process has ended: a zombie has, it is only not reaped yet. */
export function isGone(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may itself hold parentheses and blanks: the state follows the last one.
    return ['Z', 'X'].includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return true;
  }
}

/** The arguments of a process, as /proc/PID/cmdline has them; empty where it is gone. */
export function cmdlineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

function launch(
  argv: readonly string[],
  [program = '', ...args]: readonly string[],
  { env, ...options }: SpawnOptions,
  stdin: 'ignore' | 'pipe' = 'ignore',
): [ChildProcess, number] {
  if (findProgram(argv[0] ?? '') === null) throw new Error(`there is no program ${argv[0] ?? ''}`);
  const child = spawn(program, args, {
    ...options,
    env: { ...process.env, NODE_OPTIONS: undefined, NODE_EXTRA_CA_CERTS: undefined, PATH: LAB_PATH, ...env },
    // A group of its own, so that it can be ended with its children and never with the test runner.
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`${argv.join(' ')} could not be started`);
  return [child, child.pid];
}

/** The end of a process, with its output read; children that keep the pipes open are not waited for. */
function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, 500);
      child.once('close', () => {
        clearTimeout(timer);
        resolve({ code, signal });
      });
    });
  });
}

async function atMost<T>(seconds: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group has ended.
  }
}
