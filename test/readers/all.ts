/**
 * One output put through all consumers: what they disagree about, what any of them loses, renames or does not
 * understand. Nothing of that may happen to what a check of this suite prints.
 */
import { parseRange, type Range } from '../../lib/report/range.ts';
import { IcingaError, parseCheckOutput, parseValue, splitPerfdata } from './icinga2-perfdata.ts';
import { hasWrittenBreak, isHtml, parsePerfData } from './icingadb-web.ts';
import { MAX_BYTES, splitOutput } from './nagios.ts';
import { throughNrpe } from './nrpe.ts';

export interface ReadValue {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly warning?: Range;
  readonly critical?: Range;
  readonly min?: number;
  readonly max?: number;
}

export interface ReadOutput {
  /** One sentence each; empty where all agree. */
  readonly problems: readonly string[];
  readonly performance: readonly ReadValue[];
}

export function readByAll(output: string): ReadOutput {
  const items = itemsOf(output);
  return {
    problems: [...formProblems(output), ...textProblems(output), ...perfdataProblems(output)],
    performance: items.flatMap((item) => readItem(item) ?? []),
  };
}

/** The items as they were meant: what stands between the spaces after the first bar of line 1. */
function itemsOf(output: string): readonly string[] {
  const [line = ''] = output.split('\n');
  const [, perfdata = ''] = /\|(.*)$/s.exec(line) ?? [];
  return perfdata.split(' ').filter((item) => item !== '');
}

function formProblems(output: string): readonly string[] {
  const body = output.replace(/\n$/, '');
  return complaints([
    [output !== `${body}\n`, 'it does not end in a line break'],
    [body !== body.trim(), 'there is white space at its beginning or end'],
    [/\n\s*\n/.test(body), 'there is a blank line'],
    [/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(output), 'there is a control character'],
    [/\p{Cf}|\u2028|\u2029/u.test(output), 'there is an invisible character'],
    [Buffer.from(output).toString() !== output, 'it is not well-formed Unicode'],
    [throughNrpe(output, 4) !== output, 'NRPE does not carry all of it'],
    [Buffer.byteLength(output) > MAX_BYTES, `it is longer than ${MAX_BYTES} bytes`],
    [isHtml(output), 'Icinga DB Web takes it for HTML'],
    [hasWrittenBreak(output), 'Icinga DB Web reads a written \\n or \\t as a break'],
    [output.split('|').length > 2, 'there is more than one |'],
    [output.split('\n').slice(1).join().includes('|'), 'there is a | after line 1'],
  ]);
}

function textProblems(output: string): readonly string[] {
  const nagios = splitOutput(output);
  const icinga = parseCheckOutput(output);
  const meant = output.replace(/\|.*/, '').trim();
  const [short = '', ...long] = icinga.text.split('\n');
  return complaints([
    [squeezed(icinga.text) !== squeezed(meant), 'Icinga 2 reads another text'],
    [
      nagios.short !== short.trim() || nagios.long !== long.join('\n').trim(),
      'Nagios and Icinga 2 read different texts',
    ],
    [nagios.short === '', 'line 1 says nothing'],
    [nagios.perfdata !== icinga.perfdata, 'Nagios and Icinga 2 read different performance data'],
  ]);
}

/** Without the space that stands before the bar. */
function squeezed(text: string): string {
  return text.replaceAll(/ +$/gm, '');
}

function perfdataProblems(output: string): readonly string[] {
  const items = itemsOf(output);
  const { perfdata } = parseCheckOutput(output);
  const stored = splitPerfdata(perfdata);
  const shown = parsePerfData(perfdata);
  const labels = new Set(stored.map((item) => item.replace(/=[^=]*$/, '')));
  return [
    ...complaints([
      [stored.join(' ') !== items.join(' '), 'Icinga 2 stores other items than were printed'],
      [labels.size !== items.length, 'a label is there twice'],
      [shown.length !== items.length, 'Icinga DB Web shows another number of items'],
    ]),
    ...items.flatMap((item, i) => itemProblems(item, stored[i] ?? '', shown[i])),
  ];
}

/** Without traps such as `m`, which is minutes to Icinga 2, and `t`, tonnes. */
const SAFE_UNITS = new Set(['', 's', 'ms', 'us', '%', 'B', 'b', 'c', 'C', 'V', 'A', 'W']);

type Shown = ReturnType<typeof parsePerfData>[number];

function itemProblems(item: string, stored: string, shown: Shown | undefined): readonly string[] {
  const meant = readItem(item);
  if (meant === null) return [`${item} is not label=value[unit];warning;critical;min;max`];
  try {
    const { label, isUnitKnown, unit } = parseValue(stored);
    return complaints([
      [label !== meant.label, `Icinga 2 renames ${meant.label} to ${label}`],
      [!isUnitKnown, `Icinga 2 does not know the unit ${unit}`],
      [!SAFE_UNITS.has(unit), `the unit ${unit} is not the same to all`],
      [shown?.label !== meant.label, `Icinga DB Web renames ${meant.label} to ${shown?.label ?? 'nothing'}`],
      [
        shown?.value !== meant.value || shown.unit !== meant.unit,
        `Icinga DB Web does not understand ${item}`,
      ],
    ]);
  } catch (error) {
    if (error instanceof IcingaError) return [`Icinga 2 refuses ${item}: ${error.message}`];
    throw error;
  }
}

const ITEM =
  /^([^='"\s]+)=(-?[0-9]+(?:\.[0-9]+)?)([a-zA-Z%]*)(?:;([^;]*))?(?:;([^;]*))?(?:;(-?[0-9.]*))?(?:;(-?[0-9.]*))?$/;

/** By the grammar of the guidelines in its narrowest reading; `null`: not of that form. */
function readItem(item: string): ReadValue | null {
  const match = ITEM.exec(item);
  if (match === null) return null;
  const [, label = '', value, unit = '', warning = '', critical = '', min = '', max = ''] = match;
  try {
    return {
      label,
      value: Number(value),
      unit,
      ...(warning === '' ? {} : { warning: parseRange(warning) }),
      ...(critical === '' ? {} : { critical: parseRange(critical) }),
      ...(min === '' ? {} : { min: Number(min) }),
      ...(max === '' ? {} : { max: Number(max) }),
    };
  } catch {
    return null;
  }
}

function complaints(tests: readonly (readonly [isWrong: boolean, complaint: string])[]): readonly string[] {
  return tests.filter(([isWrong]) => isWrong).map(([, complaint]) => complaint);
}
