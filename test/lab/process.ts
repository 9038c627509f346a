/** Real processes for tests: started, watched, and ended for certain, however the test ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { atEnd, atFileEnd, atMost, findProgram, LAB_PATH, until } from './lab.ts';
import { underKeeper } from './keeper.ts';
import { isGone } from './proc.ts';

export { cmdlineOf, isGone } from './proc.ts';

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
  {
    graceSeconds = 5,
    keeper = false,
    ...options
  }: SpawnOptions & { graceSeconds?: number; keeper?: boolean } = {},
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
let isWatched = false;

/** Nothing that `runPlugin` has started outlives the test file. */
function watch(pid: number): void {
  underWay.add(pid);
  if (isWatched) return;
  isWatched = true;
  atFileEnd(() => {
    isWatched = false;
    for (const left of underWay) signalGroup(left, 'SIGKILL');
  });
}

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
  watch(pid);
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

/** Waits for a process as `until` does; one that ends before is an error with its own last words. */
export function untilUp<T>(
  running: Running,
  ask: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  { seconds, what }: { seconds: number; what: string },
): Promise<T> {
  return until(
    async () => {
      if (!isGone(running.pid)) return await ask();
      const { code, signal } = await running.ended;
      const status = signal ?? `status ${String(code)}`;
      throw new Error(`${running.argv[0] ?? ''} ended with ${status} before: ${what}\n${running.output()}`);
    },
    { seconds, what: () => `${what}\n${running.output()}` },
  );
}

function launch(
  argv: readonly string[],
  [program = '', ...args]: readonly string[],
  { env, ...options }: SpawnOptions,
  stdin: 'ignore' | 'pipe' = 'ignore',
): [ChildProcess, number] {
  const name = argv[0] ?? '';
  const path = name.includes('/') ? resolve(options.cwd ?? '.', name) : name;
  if (findProgram(path) === null) throw new Error(`there is no program ${name}`);
  const child = spawn(program, args, {
    ...options,
    env: { ...process.env, NODE_OPTIONS: undefined, NODE_EXTRA_CA_CERTS: undefined, PATH: LAB_PATH, ...env },
    // A group of its own, so that it can be ended with its children and never with the test runner.
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  if (child.pid === undefined) {
    throw new Error(
      `${name} could not be started in ${options.cwd ?? '.'} by user ${options.uid ?? 'of the tests'}`,
    );
  }
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

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group has ended.
  }
}
