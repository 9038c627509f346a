/**
 * From arguments to the texts given for each option, and from these to values. Two readers make the texts: the acceptor
 * of plain forms here, and yargs (`yargs-arguments.ts`) for everything else; a property test holds them equal.
 */
import { UsageError, type Option } from '../option.ts';
import { RangeSyntaxError } from '../report/range.ts';
import type { OptionTable } from './command-line.ts';

/** What was given, in order, for each option that was: the values, or one '' for each time a flag was. */
export type Given = ReadonlyMap<string, readonly string[]>;

/**
 * The arguments, if all of them have a plain form: `--name value`, `--name=value`, `-n value`, `--flag`, `-vv`. Null: let
 * yargs see. It exists because loading yargs doubles the cost of a check.
 */
export function acceptPlain(args: readonly string[], table: OptionTable): Given | null {
  const given = new Map<string, string[]>();
  const byLetter = lettersOf(table);
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const equals = argument.indexOf('=');
    const word = equals < 0 ? argument : argument.slice(0, equals);
    const name = nameOf(word, byLetter);
    const option = name !== null && Object.hasOwn(table, name) ? table[name] : undefined;
    if (name === null || option === undefined) return null;
    const attached = equals < 0 ? null : argument.slice(equals + 1);
    const values = takesValue(option) ? plainValue(word, attached, rest, option) : timesGiven(word, attached);
    if (values === null) return null;
    given.set(name, [...(given.get(name) ?? []), ...values]);
  }
  return given;
}

function takesValue(option: Option): boolean {
  return option.type === 'value' || option.type === 'repeated';
}

/** `--name=value`, or the argument that follows, which is then taken from `rest`. */
function plainValue(
  word: string,
  attached: string | null,
  rest: string[],
  option: Option,
): readonly string[] | null {
  if (attached !== null) return word.startsWith('--') && !needsYargs(attached) ? [attached] : null;
  const value = rest.shift();
  if (value === undefined || needsYargs(value)) return null;
  // `-w -10:10` is a value although it begins like an option; of an option that repeats, yargs takes only plain numbers so.
  const isValue = !value.startsWith('-') || (option.type === 'value' && /^-[0-9]/.test(value));
  return isValue ? [value] : null;
}

/** Nothing, and quotes, which yargs takes off. */
function needsYargs(value: string): boolean {
  return value === '' || value.startsWith('"') || value.startsWith("'");
}

/** One '' for `--flag` and `-f`, two for `-vv`. */
function timesGiven(word: string, attached: string | null): readonly string[] | null {
  if (attached !== null) return null;
  return Array.from({ length: word.startsWith('--') ? 1 : word.length - 1 }, () => '');
}

/** The name behind `--name`, `-n` or `-vvv`; null for any other word. */
function nameOf(word: string, byLetter: ReadonlyMap<string, string>): string | null {
  if (word.startsWith('--')) return word.length > 2 ? word.slice(2) : null;
  const letter = word[1];
  if (!word.startsWith('-') || letter === undefined) return null;
  return word === `-${letter}` || word === '-vv' || word === '-vvv' ? (byLetter.get(letter) ?? null) : null;
}

export function lettersOf(table: OptionTable): ReadonlyMap<string, string> {
  const letters = new Map<string, string>();
  for (const [name, option] of Object.entries(table)) {
    if (option.short !== undefined) letters.set(option.short, name);
  }
  return letters;
}

/** The value of every option, given or not. Throws UsageError with the cause in one line. */
export function valuesOf(given: Given, table: OptionTable): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(table))
    values[name] = valueOf(name, option, given.get(name) ?? []);
  return values;
}

function valueOf(name: string, option: Option, texts: readonly string[]): unknown {
  switch (option.type) {
    case 'flag':
      return texts.length > 0;
    case 'count':
      return Math.min(texts.length, 3);
    case 'repeated':
      return texts.map((text) => parsed(name, option.parse, text));
    case 'value': {
      if (texts.length > 1)
        throw new UsageError(`--${name} was given ${texts.length} times, it takes one value`);
      const [text] = texts;
      // One of a few words is its own value: there are twenty of these, and a run without arguments parses none.
      if (text === undefined && option.choices !== undefined) return option.byDefault;
      const value = text ?? option.byDefault;
      return value === undefined ? undefined : parsed(name, option.parse, value);
    }
  }
}

function parsed(name: string, parse: (text: string) => unknown, text: string): unknown {
  if (text === '') throw new UsageError(`--${name} needs a value, "" is empty`);
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof UsageError || error instanceof RangeSyntaxError) {
      throw new UsageError(`--${name}: ${error.message}`);
    }
    throw error;
  }
}
