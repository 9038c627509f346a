/**
 * The end of a check, whatever happens: one message on standard output and an exit code from 0 to 3. Left to node, an
 * exception would end with 1, which is WARNING, and a promise that never settles with 13.
 */
import { writeSync } from 'node:fs';

import { killChildren } from '../host/children.ts';
import type { Deadline } from '../host/deadline.ts';
import { exitCode, type State } from '../report/state.ts';
import { cleanText, cutText, shortName } from '../report/text.ts';

export interface Outcome {
  readonly text: string;
  readonly code: 0 | 1 | 2 | 3;
}

const UNKNOWN = 3;

let isEnding = false;

/** Writes all of it, ends all children, and leaves. Only the first call counts. */
export function finish({ text, code }: Outcome): void {
  if (isEnding) return;
  isEnding = true;
  const isWritten = writeAll(text);
  killChildren();
  // Nobody got the verdict, so it was none.
  process.exit(isWritten ? code : UNKNOWN);
}

/** What can end a process from outside and can be answered; SIGUSR1 would open node's debugger to the machine. */
const SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGALRM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGXCPU',
] as const;

/**
 * The one line of an end before there is a report.
 *
 * @param isJson the same as the object that `render-json.ts` describes; not from there, since nothing can be loaded now
 */
export function unknown(plugin: string, cause: string, isJson: boolean): Outcome {
  return ended(plugin, 'unknown', cause, isJson);
}

/** The same with another state. */
export function ended(plugin: string, state: State, cause: string, isJson: boolean): Outcome {
  const code = exitCode(state);
  const said = cutText(cleanText(cause), 1000);
  if (!isJson) {
    const name = shortName(plugin).toUpperCase();
    return { text: `${name} ${state.toUpperCase()} - ${said}\n`, code };
  }
  const finding = { kind: 'unseen', state, subject: '', text: said, detail: [], repair: null };
  const report = { plugin, state, exitCode: code, summary: '', findings: [finding] };
  return { text: `${JSON.stringify({ ...report, performance: [], items: [] })}\n`, code };
}

/** Whether the arguments ask for JSON, however wrong the others are. */
export function wantsJson(args: readonly string[]): boolean {
  return args.some(
    (argument, i) => argument === '--format=json' || (argument === 'json' && args[i - 1] === '--format'),
  );
}

/**
 * From here on nothing ends this process without a verdict.
 *
 * @param stage says what is being done, for the message
 */
export function guardExit(plugin: string, stage: () => string): void {
  const isJson = wantsJson(process.argv);
  const end = (cause: string): void => finish(unknown(plugin, cause, isJson));
  const bug = (error: unknown): void => {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      const [first = ''] = error.message.split('\n', 1);
      end(`not installed completely, the folder lib must stand beside the folder bin: ${first}`);
    }
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    end(`internal error while ${stage()}: ${what} - please report this`);
  };
  process.on('uncaughtException', bug);
  process.on('unhandledRejection', bug);
  for (const signal of SIGNALS) {
    process.on(signal, () => end(`ended by ${signal} while ${stage()}`));
  }
  process.on('beforeExit', () => end(`nothing left to wait for while ${stage()} - please report this`));
}

/**
 * Ends this process when the time is over, for what the host itself could not cut short: a busy loop in our own code cannot be,
 * anything else can. From the next tick on, which a check that waits for nothing never sees: it does not pay for the timer.
 */
export function limitTime(plugin: string, deadline: Deadline, isJson: boolean): void {
  process.nextTick(() => {
    // Icinga puts standard error into the same pipe, so a warning of node's would become part of the output.
    process.removeAllListeners('warning');
    const cause = (): string => `timed out after ${deadline.seconds} s while ${deadline.stage}`;
    setTimeout(() => finish(unknown(plugin, cause(), isJson)), deadline.remainingMs() + 500).unref();
  });
}

/** How long a reader that does not read is waited for, in steps; it is not our deadline that counts now. */
const PATIENCE_MS = 2000;
const STEP_MS = 10;

/** False: it could not be written, or not all of it. */
function writeAll(text: string): boolean {
  const bytes = Buffer.from(text);
  let waitedMs = 0;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!isFull || waitedMs >= PATIENCE_MS) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP_MS);
      waitedMs += STEP_MS;
    }
  }
  return true;
}
