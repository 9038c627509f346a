/**
 * Whole checks on spoiled recordings: whatever a host answers, a check ends with 0 to 3 and with output that all its readers read
 * the same, and says "please report" never. And on blinded ones: what may not be read makes no fault vanish.
 */
import { run } from '../../lib/cli/run.ts';
import {
  escapeText,
  parseContent,
  parseRecording,
  printContent,
  printRecording,
} from '../../lib/host/recording.ts';
import type { Entry, Look } from '../../lib/host/recording.ts';
import type { AnyPlugin } from '../../lib/plugin.ts';
import { WHYS, type Why } from '../../lib/reading.ts';
import { readByAll } from '../readers/all.ts';
import { mutated } from './mutate.ts';
import { Random } from './random.ts';

export interface Spoiling {
  readonly looks: readonly Look[];
  /** What contents are spoiled with: others of the same check. */
  readonly samples: readonly Buffer[];
}

/** Null: the recording holds several machines. */
export function spoiling(text: string): Spoiling | null {
  const looks = parseRecording(text, 'recording');
  if (!looks.ok) return null;
  const entries = looks.value.flatMap((look) => look.entries);
  const contents = entries.flatMap((one) => (hasContent(one) ? [contentOf(one)] : []));
  return { looks: looks.value, samples: [Buffer.alloc(0), ...contents] };
}

const hasContent = ({ key, outcome }: Entry): boolean => outcome === 'ok' && /^(?:bytes|run) /.test(key);

function contentOf({ key, lines }: Entry): Buffer {
  if (key.startsWith('bytes ')) return parseContent(lines);
  return parseContent(lines.filter((line) => line.startsWith('out ')).map((line) => line.slice(4)));
}

/** One to five answers of it are others than they were, or gone. */
export function spoiled({ looks, samples }: Spoiling, random: Random): string {
  let text = looks;
  for (let left = 1 + random.below(5); left > 0; left -= 1) {
    const nth = random.below(text.length);
    text = text.map((look, i) => (i === nth ? spoilLook(look, samples, random) : look));
  }
  return printRecording(text);
}

function spoilLook(look: Look, samples: readonly Buffer[], random: Random): Look {
  const clock = random.of([
    0,
    1,
    look.now.epochSeconds - 86_400 * 400,
    253_402_300_800,
    look.now.epochSeconds,
  ]);
  if (random.once(12)) return { ...look, now: { ...look.now, epochSeconds: Math.max(0, clock) } };
  if (random.once(20)) return { ...look, now: { ...look.now, uptimeSeconds: random.of([null, 0, 1e12]) } };
  const nth = random.below(look.entries.length);
  const entries = look.entries.flatMap((entry, i) =>
    i === nth ? spoilEntry(entry, look.entries, samples, random) : [entry],
  );
  return { ...look, entries };
}

function spoilEntry(
  entry: Entry,
  others: readonly Entry[],
  samples: readonly Buffer[],
  random: Random,
): readonly Entry[] {
  if (random.once(10)) return [];
  if (random.once(6)) return [{ ...entry, outcome: random.of(WHYS), lines: [] }];
  if (random.once(8)) {
    const op = entry.key.split(' ')[0] ?? '';
    const donor = random.of(others.filter(({ key }) => key.startsWith(`${op} `) || key === op));
    return [{ ...entry, lines: donor.lines, outcome: donor.outcome }];
  }
  if (!hasContent(entry)) return [{ ...entry, lines: spoilLines(entry.lines, random) }];
  const bytes = mutated(random, [contentOf(entry)], samples);
  if (entry.key.startsWith('bytes ')) return [{ ...entry, lines: printContent(bytes) }];
  const status = random.once(4) ? random.below(256) : 0;
  const error = random.once(4) ? ['err |no such thing'] : [];
  return [
    { ...entry, lines: [`exit ${status}`, ...printContent(bytes).map((line) => `out ${line}`), ...error] },
  ];
}

/** Lists, counts, records: lines gone, twice, or with another number or name in them. */
function spoilLines(lines: readonly string[], random: Random): readonly string[] {
  if (lines.length === 0) return lines;
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const other = random.of([
    [],
    [line, line],
    [line.replace(/[0-9]+/, random.of(['0', '9007199254740993', '4294967295', '1', '-1', 'x', '']))],
    [
      line.replace(
        /[^/ =]+$/,
        escapeText(random.of(['a|b;c<d>', '\u202e\n', '..', "'", '$(x)', '0', 'x'.repeat(300)])),
      ),
    ],
    [escapeText(mutated(random, [Buffer.from(line)], [Buffer.from('/')]).toString())],
  ]);
  return [...lines.slice(0, at), ...other, ...lines.slice(at + 1)];
}

/** What is wrong with how the check takes the recording, or null. `open` makes a file of the text, and says where it is. */
export async function faultOfRun(
  plugin: AnyPlugin,
  open: (text: string) => string,
  text: string,
  args: readonly string[],
): Promise<string | null> {
  try {
    const outcome = await run(plugin, ['--replay', open(text), ...args]);
    if (![0, 1, 2, 3].includes(outcome.code)) return `ended with ${outcome.code}`;
    if (/please report|internal error/.test(outcome.text)) return outcome.text;
    if (args.includes('json')) {
      JSON.parse(outcome.text);
      return null;
    }
    const { problems } = readByAll(outcome.text);
    return problems.length === 0 ? null : `${problems.join('\n')}\nin\n${outcome.text}`;
  } catch (error) {
    return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

export interface RunFault {
  readonly what: string;
  readonly text: string;
}

/** The ways of saying it that have code of their own. */
const ARGS: readonly (readonly string[])[] = [[], ['-v'], ['-vvv'], ['--format', 'json']];

/** The faults of so many runs; the first few, one a cause. */
export async function fuzzPlugin(
  plugin: AnyPlugin,
  texts: readonly string[],
  open: (text: string) => string,
  { inputs, seed }: { readonly inputs: number; readonly seed: number },
): Promise<readonly RunFault[]> {
  const random = new Random(seed);
  const spoilings = texts.flatMap((text) => spoiling(text) ?? []);
  const faults = new Map<string, RunFault>();
  for (let i = 0; i < inputs && faults.size < 5; i += 1) {
    const text = spoiled(random.of(spoilings), random);
    const what = await faultOfRun(plugin, open, text, random.of(ARGS));
    const cause = what
      ?.replace(/[0-9]+/g, 'N')
      .split('\n')
      .slice(0, 2)
      .join(' ');
    if (what !== null && cause !== undefined && !faults.has(cause)) faults.set(cause, { what, text });
  }
  return [...faults.values()];
}

/** All answers to one question of a recording with a fault are `why` instead: it must not look healthy. So many of the questions. */
export async function blindFaults(
  plugin: AnyPlugin,
  text: string,
  open: (text: string) => string,
  { questions, why, random }: { readonly questions: number; readonly why: Why; readonly random: Random },
): Promise<readonly string[]> {
  const looks = parseRecording(text, 'recording');
  if (!looks.ok || ![1, 2].includes((await run(plugin, ['--replay', open(text)])).code)) return [];
  const keys = [...new Set(looks.value.flatMap((look) => look.entries.map(({ key }) => key)))];
  const faults: string[] = [];
  for (let left = Math.min(questions, keys.length); left > 0; left -= 1) {
    const [key = ''] = keys.splice(random.below(keys.length), 1);
    const blind = looks.value.map((look) => ({
      ...look,
      entries: look.entries.map((entry) =>
        entry.key === key && entry.outcome === 'ok' ? { ...entry, outcome: why, lines: [] } : entry,
      ),
    }));
    const { code, text: said } = await run(plugin, ['--replay', open(printRecording(blind))]);
    // An option may have made it no alarm, which is said then.
    if (code === 0 && !said.includes('Not alarmed: ')) faults.push(`${why} ${key}: ${said}`);
  }
  return faults;
}
