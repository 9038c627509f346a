/** What is wrong with the file `run`, so that it cannot be started, whatever runs at the moment. */
import type { Part, Run } from '../facts/services.ts';
import type { Failure } from '../reading.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

export interface Flaw {
  readonly text: string;
  readonly repair: Repair;
}

const REPLACE: Repair = {
  how: 'Put a run in place that can be executed, or remove the service',
  commands: [],
};

/**
 * Null: nothing. A failure: could not look.
 *
 * @param isUsers its content is not quoted: a link of a user's may lead to somebody else's file
 */
export function flawOf(part: Part, isUsers: boolean): Flaw | Failure | null {
  const { run, path, status } = part;
  if (run === null) return null;
  const file = `${path}/run`;
  if (!run.ok) {
    // encore starts ./start once, and then needs no run.
    if (run.why === 'absent')
      return status.ok && status.value.isEncore ? null : { text: 'run is missing', repair: REPLACE };
    if (run.why === 'wrongType') return { text: 'run is not a regular file', repair: REPLACE };
    return run;
  }
  if (!run.value.isExecutable) {
    return {
      text: 'run is not executable',
      repair: { how: 'Make run executable', commands: [`chmod +x ${shellQuote(file)}`] },
    };
  }
  return run.value.isClosed ? null : flawOfContent(part, run.value, file, isUsers);
}

function flawOfContent(part: Part, run: Run, file: string, isUsers: boolean): Flaw | Failure | null {
  if (run.form === 'empty') return { text: 'run is empty', repair: REPLACE };
  if (run.hasByteOrderMark) {
    return {
      text: 'run begins with a byte order mark, so that its #! is not seen',
      repair: {
        how: 'Take the byte order mark away',
        commands: [String.raw`sed -i '1s/^\xEF\xBB\xBF//' ${shellQuote(file)}`],
      },
    };
  }
  if (run.hasCarriageReturn) {
    return {
      text: 'the first line of run ends in a carriage return (CRLF), no interpreter is called like that',
      repair: {
        how: 'Give run the line ends of Unix',
        commands: [String.raw`sed -i 's/\r$//' ${shellQuote(file)}`],
      },
    };
  }
  if (run.form === 'text')
    return isStartedSince(part, run) ? null : { text: 'run has no #! line', repair: REPLACE };
  if (run.form === 'script' && run.interpreter === null)
    return { text: 'the #! line of run is empty or too long', repair: REPLACE };
  const { hasInterpreter } = run;
  if (hasInterpreter === null || (hasInterpreter.ok && hasInterpreter.value)) return null;
  if (!hasInterpreter.ok) return hasInterpreter;
  const text = `the interpreter of run is missing${isUsers ? '' : `: ${run.interpreter ?? ''}`}`;
  return { text, repair: REPLACE };
}

/** What runs for a while (it was not looked at twice), and was started as it is now, can be started: the kernel has been taught to. */
function isStartedSince({ status, again }: Part, { changedAt }: Run): boolean {
  return (
    status.ok && status.value.state === 'up' && again === null && status.value.sinceEpochSeconds > changedAt
  );
}

export function isFailure(flaw: Flaw | Failure): flaw is Failure {
  return 'why' in flaw;
}
