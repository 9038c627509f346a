/**
 * Runs one program in a process group of its own and never waits longer than the deadline for it: a child that hangs
 * in the kernel is killed, left behind, and ends when the kernel lets it. (A blocked system call of our own would stop
 * our timers, and one in a thread would keep process.exit from returning.)
 */
import { failed, found, type Reading } from '../reading.ts';
import { killGroup, liveGroups } from './children.ts';
import type { Deadline } from './deadline.ts';

export interface Ended {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** `what` names the child in the failure and in the message of a timeout. */
export async function runChild(
  what: string,
  file: string,
  args: readonly string[],
  input: string,
  deadline: Deadline,
): Promise<Reading<Ended>> {
  const { execa } = await import('../vendor/execa.ts');
  const child = execa(file, args, {
    input,
    encoding: 'buffer',
    detached: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: MAX_OUTPUT_BYTES,
    extendEnv: false,
    env: { PATH, LC_ALL: 'C', LANG: 'C' },
    cwd: '/',
  });
  const { pid } = child;
  if (pid !== undefined) liveGroups().add(pid);
  const ended = await Promise.race([child, late(deadline)]);
  if (pid !== undefined) {
    if (ended === 'late') killGroup(pid);
    liveGroups().delete(pid);
  }
  if (ended === 'late') return failed('timedOut', what);
  if (ended.isMaxBuffer) return failed('tooBig', what, `more than ${MAX_OUTPUT_BYTES} bytes of output`);
  if (ended.exitCode === undefined && ended.signal === undefined) return failedStart(what, ended.code);
  return found({
    status: ended.exitCode ?? 128 + (SIGNAL[ended.signal ?? ''] ?? 0),
    stdout: Buffer.from(ended.stdout),
    stderr: Buffer.from(ended.stderr).toString(),
  });
}

/** The signals that end a tool in practice, signal(7). */
const SIGNAL: Readonly<Record<string, number>> = {
  SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15,
}; // prettier-ignore

function failedStart(what: string, code: string | undefined): Reading<Ended> {
  if (code === 'ENOENT') return failed('absent', what, 'no such command');
  return failed(code === 'EACCES' ? 'denied' : 'failed', what, code ?? 'could not be started');
}

function late(deadline: Deadline): Promise<'late'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('late'), deadline.remainingMs()).unref();
  });
}
