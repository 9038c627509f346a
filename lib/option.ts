/**
 * The options that a plugin can declare, and the values they parse to. One declaration serves yargs, the acceptor of
 * plain forms, help, manual page, Icinga command and documentation.
 */
import { parseRange, type Range } from './report/range.ts';
import { isState, STATES, type State } from './report/state.ts';
import { parseRangeIn, type BaseUnit } from './report/units.ts';

interface Common {
  readonly help: string;
  /** A single letter, without its dash. */
  readonly short?: string;
}

/** How often an option may be given, and what it parses to. */
export interface Flag extends Common {
  readonly type: 'flag';
}
/** -v, -vv, -vvv */
export interface Count extends Common {
  readonly type: 'count';
}
export interface Valued<T> extends Common {
  readonly type: 'value';
  /** How the value is called in the help: RANGE, NAME, FILE. */
  readonly placeholder: string;
  /** The value where the option is not given, as it would be typed; shown in the help. */
  readonly byDefault?: string;
  /** The legal values, where they are few: for help, completion and Icinga. */
  readonly choices?: readonly string[];
  /** Turns the text into the value, or throws a UsageError that says what is wrong with it. */
  readonly parse: (text: string) => T;
}
export interface Repeated<T> extends Omit<Valued<T>, 'type' | 'byDefault'> {
  readonly type: 'repeated';
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the value type is the declaration's own
export type Option = Flag | Count | Valued<any> | Repeated<any>;
export type Options = Readonly<Record<string, Option>>;

export type ValueOf<O> = O extends Flag
  ? boolean
  : O extends Count
    ? number
    : O extends Repeated<infer T>
      ? readonly T[]
      : O extends Valued<infer T> & { readonly byDefault: string }
        ? T
        : O extends Valued<infer T>
          ? T | undefined
          : never;
export type OptionValues<O extends Options> = { readonly [K in keyof O]: ValueOf<O[K]> };

/** The command line is wrong; `message` is the cause in one line. The check ends UNKNOWN. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** By name: what is loaded late is a file of its own in the build, with a class of its own. */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && error.name === 'UsageError';
}

export function flag(help: string): Flag {
  return { type: 'flag', help };
}

/** A Nagios range; unset, it never alerts. */
export function range(help: string): Valued<Range> {
  return { type: 'value', placeholder: 'RANGE', help, parse: parseRange };
}

const IN_UNITS: Readonly<Record<BaseUnit, string>> = {
  B: 'bytes, or with a unit: 500MB, 100MiB, 1GiB',
  s: 'seconds, or with a unit: 30s, 10m, 12h, 180d, 2w',
};

/** A Nagios range of sizes or durations, whose bounds may have units; parsed, it is in the base unit. */
export function rangeIn(base: BaseUnit, help: string): Valued<Range> {
  const parse = (text: string): Range => parseRangeIn(base, text);
  return { type: 'value', placeholder: 'RANGE', help: `${help}; ${IN_UNITS[base]}`, parse };
}

export function state<const S extends State>(help: string, byDefault: S): Valued<State> & { byDefault: S } {
  return { type: 'value', placeholder: 'STATE', help, byDefault, choices: STATES, parse: parseState };
}

/** One of a few words. */
export function oneOf<const W extends string>(
  help: string,
  words: readonly W[],
  byDefault: NoInfer<W>,
  placeholder = 'WORD',
): Valued<W> & { byDefault: string } {
  const parse = (text: string): W => {
    const word = words.find((one) => one === text);
    if (word !== undefined) return word;
    throw new UsageError(`"${text}" is none of ${words.join(', ')}`);
  };
  return { type: 'value', placeholder, help, byDefault, choices: words, parse };
}

/** Names or globs, any number of them. */
export function names(help: string, placeholder = 'NAME'): Repeated<string> {
  return { type: 'repeated', placeholder, help, parse: (text) => text };
}

function parseState(text: string): State {
  const name = text.toLowerCase();
  if (isState(name)) return name;
  throw new UsageError(`"${text}" is not a state, write one of ${STATES.join(', ')}`);
}

/** The help of an option with its legal values, its default, and whether it may be repeated. */
export function explained(option: Option): string {
  if (option.type !== 'value' && option.type !== 'repeated') return option.help;
  const choices = option.choices === undefined ? '' : ` (${option.choices.join(', ')})`;
  if (option.type === 'repeated') return `${option.help}${choices}; may be given several times`;
  return option.help + choices + (option.byDefault === undefined ? '' : `; default ${option.byDefault}`);
}
