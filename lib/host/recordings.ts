/**
 * A recording of several machines: that of the first, and behind each line `machine NAME` the looks at another one, called as
 * on the command line, or a line `unreachable` and why. Answers are indented, so no line of theirs can be taken for one of these.
 */
import { failed, type Failure, type Reading } from '../reading.ts';
import type { Host } from './host.ts';
import { escapeText, FIRST_LINE, LAST_LINE, unescapeText } from './recording.ts';
import { openRecording, type RecordingHost } from './replay.ts';

const MACHINE = 'machine ';
const UNREACHABLE = 'unreachable ';

/** The text of a recording of one machine, with those of others put in before its end. */
export function withMachines(first: string, others: ReadonlyMap<string, RecordingHost | Failure>): string {
  if (others.size === 0) return first;
  const lines = bodyOf(first);
  for (const [name, other] of others) {
    lines.push(MACHINE + escapeText(name));
    if (isFailure(other)) lines.push(UNREACHABLE + escapeText(other.detail));
    else lines.push(...bodyOf(other.text('')).slice(1));
  }
  return [...lines, LAST_LINE, ''].join('\n');
}

/** All lines but the last. */
function bodyOf(text: string): string[] {
  return text.trimEnd().split('\n').slice(0, -1);
}

function isFailure(other: RecordingHost | Failure): other is Failure {
  return 'ok' in other;
}

export interface Machines {
  readonly first: Reading<Host>;
  /** By name as on the command line. */
  readonly others: ReadonlyMap<string, Reading<Host>>;
}

export function openMachines(text: string, path: string): Machines {
  // A last line that is missing is missed by whoever reads the last machine.
  const [first = [], ...rest] = parts(text.trimEnd().split('\n'));
  const isWhole = rest.length === 0 || text.trimEnd().endsWith(`\n${LAST_LINE}`);
  const others = new Map<string, Reading<Host>>();
  for (const [index, [title = '', ...body]] of rest.entries()) {
    const name = unescapeText(title.slice(MACHINE.length));
    const isLast = index === rest.length - 1;
    const told = body[0]?.startsWith(UNREACHABLE) === true ? body[0].slice(UNREACHABLE.length) : null;
    if (told !== null) others.set(name, failed('unreachable', name, unescapeText(told)));
    else
      others.set(name, openRecording([FIRST_LINE, ...body, ...(isLast ? [] : [LAST_LINE])].join('\n'), path));
  }
  const last = rest.length > 0 && isWhole ? [LAST_LINE] : [];
  return { first: openRecording([...first, ...last].join('\n'), path), others };
}

/** The lines in pieces; each but the first begins with its `machine` line. */
function parts(lines: readonly string[]): string[][] {
  const all: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith(MACHINE)) all.push([]);
    all.at(-1)?.push(line);
  }
  return all;
}
