/**
 * The output of a check as Nagios, Naemon, Icinga 2 and NRPE read it. They disagree about a `|` after line 1 and about
 * performance data on several lines, and agree on this form alone: text, one `|` and all performance data on line 1, the
 * long output below it without a `|`.
 *
 *     INVTSC CRITICAL - acrux: runs with invtsc, cannot be migrated, and 1 more: deneb. 24 guests, 2 with invtsc | guests=24
 *     [CRITICAL] acrux: runs with invtsc, cannot be migrated (process 4711, SandyBridge)
 *     [WARNING] deneb: its definition has invtsc
 *     Remove the feature from the definition, then shut the guest down and start it again.
 *       virsh edit acrux
 */
import type { JudgedFinding } from './finding.ts';
import { clause, headline } from './headline.ts';
import { performanceItems } from './perfdata.ts';
import type { Report } from './report.ts';
import type { State } from './state.ts';
import { byteLength, cleanText, cutText, shortName } from './text.ts';

export interface NagiosStyle {
  /** 0: findings and repairs; 1: every item as well; 2 and more: what was read and run. */
  readonly verbosity: number;
  /** For a terminal: the words of the states are coloured, nothing else changes. */
  readonly colour: boolean;
  /** Of the whole output with its last line break. Nagios promises 8192, NRPE of protocol 2 no more than 1023. */
  readonly maxBytes?: number;
}

/** Line 1 without performance data: what fits on a phone's lock screen, and into the 255 characters of older databases. */
const HEAD_BYTES = 250;
/** Of the whole output where nothing else is said: what Nagios promises. */
const MAX_BYTES = 8192;
/** A single line of the long output; commands are never cut, for half a command is another command. */
const LINE_BYTES = 1000;

/** Whatever the report holds, at most `maxBytes`, one line break at the end, and nothing that a reader takes for syntax. */
export function renderNagios(
  report: Report,
  { verbosity, colour, maxBytes = MAX_BYTES }: NagiosStyle,
): string {
  const paint = paintFor(colour);
  const name = cleanText(shortName(report.plugin)).toUpperCase();
  const textBytes = HEAD_BYTES - byteLength(`${name} ${plain(report.state)} - `);
  const text = headline(report, textBytes);
  const head = cutText(`${name} ${paint(report.state)} - ${text}`.trimEnd(), maxBytes - 1);

  const items = performanceItems(report.performance);
  const fitting = itemsThatFit(items, maxBytes - byteLength(head) - 1);
  const first = fitting.length === 0 ? head : `${head} | ${fitting.join(' ')}`;
  const note = fitting.length === items.length ? [] : [didNotFit(items.length - fitting.length)];

  const room = maxBytes - sizeOf([first]);
  const below = longOutput(report, verbosity, paint, room - sizeOf(note));
  return `${[first, ...below, ...linesThatFit(note, room)].join('\n')}\n`;
}

type Paint = (state: State) => string;

/** The word of a state, as it is or in its colour for a terminal. */
export function paintFor(colour: boolean): Paint {
  return colour ? coloured : plain;
}

/** What stands below line 1, for a person who looks at several checks. */
export function longLines(report: Report, verbosity: number, colour: boolean): readonly string[] {
  return longOutput(report, verbosity, paintFor(colour), MAX_BYTES);
}

const plain: Paint = (state) => state.toUpperCase();

const COLOUR: Readonly<Record<State, number>> = { ok: 32, warning: 33, critical: 31, unknown: 35 };

const coloured: Paint = (state) => `\x1b[${COLOUR[state]}m${plain(state)}\x1b[0m`;

/** What was found, what to do about it, and what was asked for with -v; where there is no room for all, some of each. */
function longOutput(report: Report, verbosity: number, paint: Paint, room: number): readonly string[] {
  const { findings, items, trace } = report;
  // Who rates a kind as OK has decided not to act on it; -v still tells how.
  const toRepair = verbosity >= 1 ? findings : findings.filter(({ state }) => state !== 'ok');
  const found = findings.map((finding) =>
    cutText(`[${paint(finding.state)}] ${clause(finding)}${details(finding)}`, LINE_BYTES),
  );
  const repairs = repairLines(toRepair).map(printable);
  const more = [...(verbosity >= 1 ? items : []), ...(verbosity >= 2 ? trace : [])].map(textLine);
  const sizeOfRepairs = repairs.reduce((sum, lines) => sum + sizeOf(lines), 0);
  // A list of forty guests is no use without the commands.
  const above = linesThatFit(printable(found), room - Math.min(sizeOfRepairs, Math.floor(room / 2)));
  const left = room - sizeOf(above);
  const repair = groupsThatFit(repairs, left);
  return [...above, ...repair, ...linesThatFit(printable(more), left - sizeOf(repair))];
}

/** A blank line ends the output for some readers and vanishes for others. */
function printable(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

function details({ detail = [] }: JudgedFinding): string {
  return detail.length === 0 ? '' : cleanText(` (${detail.join(', ')})`);
}

/** Each sentence once, in the order of the findings, with all commands that belong to it; the same steps only once. */
function repairLines(findings: readonly JudgedFinding[]): readonly (readonly string[])[] {
  const stepsOf = new Map<string, Set<string>>();
  for (const { repair } of findings) {
    if (repair === undefined) continue;
    const steps = stepsOf.get(repair.how) ?? new Set();
    stepsOf.set(repair.how, steps);
    steps.add(repair.commands.map((command) => `  ${cleanText(command)}`).join('\n'));
  }
  return [...stepsOf].map(([how, steps]) => [
    textLine(how),
    ...[...steps].flatMap((lines) => lines.split('\n')),
  ]);
}

function textLine(text: string): string {
  return cutText(cleanText(text).trimStart(), LINE_BYTES);
}

function didNotFit(count: number): string {
  return `${count} more measurements did not fit`;
}

/** The first items, so that what is missing does not change from run to run; room is kept for the line that says so. */
function itemsThatFit(items: readonly string[], maxBytes: number): readonly string[] {
  const separator = ' | '.length;
  if (separator + sizeOf(items) - 1 <= maxBytes) return items;
  const room = maxBytes - separator - sizeOf([didNotFit(items.length)]);
  return items.slice(0, countThatFits(items, room + 1));
}

/** The first lines, and how many are missing. */
function linesThatFit(lines: readonly string[], maxBytes: number): readonly string[] {
  if (sizeOf(lines) <= maxBytes) return lines;
  const mark = (count: number): string => `... ${count} more lines`;
  const room = maxBytes - sizeOf([mark(lines.length)]);
  if (room < 0) return [];
  const count = countThatFits(lines, room);
  return [...lines.slice(0, count), mark(lines.length - count)];
}

/** All groups of lines, in their order; where there is no room, the large ones are cut to equal sizes. */
function groupsThatFit(groups: readonly (readonly string[])[], maxBytes: number): readonly string[] {
  let left = maxBytes;
  const rooms = new Map<readonly string[], number>();
  const bySize = [...groups].sort((a, b) => sizeOf(a) - sizeOf(b));
  for (const [i, lines] of bySize.entries()) {
    const room = Math.min(sizeOf(lines), Math.floor(left / (groups.length - i)));
    rooms.set(lines, room);
    left -= room;
  }
  return groups.flatMap((lines) => linesThatFit(lines, rooms.get(lines) ?? 0));
}

/** How many of the texts, each followed by one byte, fit into so many bytes, where all of them do not. */
function countThatFits(texts: readonly string[], maxBytes: number): number {
  let used = 0;
  return texts.findIndex((text) => (used += byteLength(text) + 1) > maxBytes);
}

/** The bytes of the texts, each followed by one more: a line break, or the space between items. */
function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + byteLength(text) + 1, 0);
}
