/**
 * What Icinga 2 makes of the output of a check, from splitting it (lib/icinga/pluginutility.cpp, ParseCheckOutput and
 * SplitPerfdata) to the numbers that its writers send on (lib/base/perfdatavalue.cpp, PerfdataValue::Parse). Compared with
 * `parse_performance_data` of Icinga 2.13.6 on some thousand items: that still takes `inf` and `nan`. Left out are
 * the SI prefixes of ampere, ohm, volt and watt.
 */

export interface IcingaOutput {
  readonly text: string;
  readonly perfdata: string;
}

export interface IcingaValue {
  readonly label: string;
  /** In the base unit: `1ms` is 0.001. */
  readonly value: number;
  /** As it was written. */
  readonly unit: string;
  /** False: the unit was dropped, and the number stored without one. */
  readonly isUnitKnown: boolean;
  /** `null`: not given, or dropped since it is a range. */
  readonly warning: number | null;
  readonly critical: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** The item is refused: the writers log a warning and store nothing. */
export class IcingaError extends Error {}

/** Line by line: a `|` counts only where a `=` follows it on the same line. */
export function parseCheckOutput(output: string): IcingaOutput {
  const text: string[] = [];
  const perfdata: string[] = [];
  for (const line of output.split(/[\r\n]/)) {
    const bar = line.indexOf('|');
    if (bar === -1 || !line.includes('=', bar)) {
      text.push(line);
    } else {
      text.push(line.slice(0, bar));
      perfdata.push(line.slice(bar + 1));
    }
  }
  // Nothing is joined to a text that is still empty, so leading blank lines vanish.
  return { text: text.join('\n').trim(), perfdata: perfdata.join(' ').trim() };
}

/** The items as they are stored, `label=value`: an `=` ends a label even in quotes, and `::` in a label renames all that follow. */
export function splitPerfdata(perfdata: string): readonly string[] {
  const items: string[] = [];
  let prefix = '';
  for (let at = 0; ;) {
    const equals = perfdata.indexOf('=', at);
    if (equals === -1) return items;
    let label = perfdata.slice(at, equals);
    if (label.length > 2 && label.startsWith("'") && label.endsWith("'")) label = label.slice(1, -1);
    const colons = label.lastIndexOf('::');
    const space = perfdata.indexOf(' ', equals);
    const end = space === -1 ? perfdata.length : space;
    if (colons !== -1) prefix = label.slice(0, colons);
    else if (prefix !== '') label = `${prefix}::${label}`;
    items.push(`${label.includes(' ') ? `'${label}'` : label}=${perfdata.slice(equals + 1, end)}`);
    at = end + 1;
  }
}

/** @throws {IcingaError} */
export function parseValue(item: string): IcingaValue {
  const equals = item.lastIndexOf('=');
  if (equals === -1) throw new IcingaError(`no = in ${item}`);
  const quoted = item.slice(0, equals);
  const isQuoted = quoted.length > 2 && quoted.startsWith("'") && quoted.endsWith("'");
  const [token = ''] = item.slice(equals + 1).split(' ');
  if (token.includes(',')) throw new IcingaError(`a comma in ${item}`);
  const [first = '', warning, critical, min, max] = token.split(';');
  const numberEnd = first.search(/[0-9.][^0-9.]*$/) + 1;
  const unit = first.slice(numberEnd);
  const factor = factorOf(unit);
  const scaled = (field: string | undefined): number | null => {
    const limit = limitOf(field);
    return limit === null ? null : limit * (factor ?? 1);
  };
  return {
    label: isQuoted ? quoted.slice(1, -1) : quoted,
    value: toNumber(first.slice(0, numberEnd)) * (factor ?? 1),
    unit,
    isUnitKnown: factor !== null,
    warning: scaled(warning),
    critical: scaled(critical),
    min: scaled(min),
    max: scaled(max),
  };
}

/** A range is dropped without a word; what is made of a number's characters must be one. */
function limitOf(field: string | undefined): number | null {
  if (field === undefined || field === '' || !/^[-+0-9.eE]+$/.test(field)) return null;
  return toNumber(field);
}

function toNumber(text: string): number {
  if (!/^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i.test(text))
    throw new IcingaError(`${text} is no number`);
  return Number(text);
}

const PREFIXES = ['', 'k', 'm', 'g', 't', 'p', 'e', 'z', 'y'];

/** Looked up as written: bytes and bits are told apart by the case of their letter alone. */
const AS_WRITTEN: Readonly<Record<string, number>> = { '': 1, '%': 1, c: 1, C: 1, A: 1, O: 1, V: 1, W: 1 };

/** Looked up whatever the case: the traps are m and M for minutes, d, h, t for tonnes, k for kelvin. */
const IN_ANY_CASE: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  ng: 1e-9,
  ug: 1e-6,
  mg: 1e-3,
  g: 1,
  kg: 1e3,
  t: 1e6,
  ml: 1e-3,
  l: 1,
  hl: 100,
  packets: 1,
  lm: 1,
  dbm: 1,
  f: 1,
  k: 1,
  a: 1,
  o: 1,
  v: 1,
  w: 1,
};

/** What values of the unit are multiplied by; `null`: not known, and dropped. */
function factorOf(unit: string): number | null {
  const size = /^([kmgtpezy]?)(i?)[bB]$/i.exec(unit);
  if (size !== null) {
    const power = PREFIXES.indexOf((size[1] ?? '').toLowerCase());
    return (size[2] === '' ? 1000 : 1024) ** power;
  }
  return AS_WRITTEN[unit] ?? IN_ANY_CASE[unit.toLowerCase()] ?? null;
}
