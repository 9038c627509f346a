/**
 * All options of a plugin in one table: its own, one per kind of finding, and those that every check has. What is made
 * from the options (parsing, help, manual page, Icinga command) is made from this table.
 */
import { UsageError, flag, names, range, rangeIn, state, type Option, type Options } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import type { State } from '../report/state.ts';

export interface OptionTable {
  readonly [name: string]: Option;
}

/** The sections of the help, in its order. */
export const SECTIONS = ['What to look at', 'What it means', 'Where to look', 'How to report'] as const;
export type Section = (typeof SECTIONS)[number];

export interface SectionedOption {
  readonly name: string;
  readonly option: Option;
  readonly section: Section;
}

export const WHERE = {
  sudo: flag('look as root: sudo has to allow one fixed command line; all else is done as this user'),
  root: path(
    'DIR',
    'look at the tree under DIR (a mounted image, a container) instead of this machine; runs no commands',
  ),
  replay: path('FILE', 'look at a recording instead of a machine; - is standard input'),
  record: path('FILE', 'write all that was seen to FILE, for a bug report or a test; - is standard output'),
};

/** Another machine over SSH. */
export const FAR = {
  host: {
    ...path('[USER@]HOST[:PORT]', 'look at another machine over SSH; nothing needs to be installed there'),
    short: 'H',
  },
  identity: path(
    'FILE',
    'with --host: a private key without passphrase, tried before those of ~/.ssh/config',
  ),
  'ssh-config': path('FILE', 'with --host: instead of ~/.ssh/config and /etc/ssh/ssh_config'),
  unreachable: state('with --host: the machine could not be looked at at all', 'unknown'),
};

/** Their names. */
export const FOR_SSH = { has: (name: string): boolean => Object.hasOwn(FAR, name) };

export const MEMORY = {
  'state-dir': path('DIR', 'remember in DIR what was seen, and compare with it at the next run'),
};

export const HOW = {
  timeout: {
    type: 'value',
    short: 't',
    placeholder: 'SECONDS[:STATE]',
    byDefault: '8',
    help: 'give up after so long, with the findings made so far; STATE (default unknown) is for what was not answered',
    parse: parseTimeout,
  },
  format: {
    type: 'value',
    placeholder: 'FORMAT',
    byDefault: 'nagios',
    choices: ['nagios', 'json'],
    help: 'nagios: text and performance data; json: the same for programs',
    parse: parseFormat,
  },
  verbose: {
    type: 'count',
    short: 'v',
    help: 'say more: -v each item, healthy ones too; -vv what was read and run; -vvv timings',
  },
  help: { ...flag('show this page'), short: 'h' },
  version: { ...flag('show the version'), short: 'V' },
} as const satisfies Options;

export interface Timeout {
  readonly seconds: number;
  readonly state: State;
}

/** The values of the options that every check has, by name. */
export interface CommonValues {
  readonly host: string | undefined;
  readonly identity: string | undefined;
  readonly 'ssh-config': string | undefined;
  readonly unreachable: State;
  readonly sudo: boolean;
  readonly root: string | undefined;
  readonly replay: string | undefined;
  readonly record: string | undefined;
  readonly 'state-dir'?: string | undefined;
  readonly timeout: Timeout;
  readonly format: 'nagios' | 'json';
  readonly verbose: number;
  readonly help: boolean;
  readonly version: boolean;
}

/** Every option of the plugin, in the order of the help. */
export function optionsOf(plugin: AnyPlugin): readonly SectionedOption[] {
  return groupsOf(plugin).flatMap(([section, options]) =>
    Object.entries(options).map(([name, option]) => ({ name, option, section })),
  );
}

export function tableOf(plugin: AnyPlugin): OptionTable {
  return Object.assign({}, ...groupsOf(plugin).map(([, options]) => options)) as OptionTable;
}

function groupsOf(plugin: AnyPlugin): readonly (readonly [Section, Options])[] {
  return [
    ['What to look at', plugin.options as Options],
    ['What it means', thresholdsOf(plugin)],
    ['What it means', statesOf(plugin)],
    ['Where to look', FAR],
    ['Where to look', WHERE],
    ['Where to look', plugin.remembers === true ? MEMORY : {}],
    ['How to report', HOW],
  ];
}

function statesOf({ kinds, looksFor }: AnyPlugin): Options {
  const states: Record<string, Option> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    if (kind.fixed !== true) states[name] = state(kind.meaning, kind.state);
  }
  states['none'] = state(`there are no ${looksFor} at all`, 'ok');
  return states;
}

function thresholdsOf({ main, metrics, thresholds = {} }: AnyPlugin): Readonly<Record<string, Option>> {
  const { meaning = main, unit: printed } = metrics[main] ?? {};
  const { unit, warning, critical } = thresholds;
  const one = (short: string, state: string, byDefault: string | undefined): Option => {
    const help = `${state} when this range is left: ${printed === '%' ? 'percent, ' : ''}${meaning}`;
    const option = unit === undefined ? range(help) : rangeIn(unit, help);
    return { ...option, short, ...(byDefault === undefined ? {} : { byDefault }) };
  };
  return { warning: one('w', 'WARNING', warning), critical: one('c', 'CRITICAL', critical) };
}

function path(placeholder: string, help: string) {
  return { ...names(help, placeholder), type: 'value' } as const;
}

function parseTimeout(text: string): Timeout {
  const match = /^([0-9]+(?:\.[0-9]+)?)(?::(ok|warning|critical|unknown))?$/i.exec(text);
  const seconds = Number(match?.[1] ?? 0);
  if (match === null || seconds <= 0 || seconds > 3600) {
    throw new UsageError(
      `"${text}" is not SECONDS or SECONDS:STATE, such as 8 or 20:critical (at most 3600)`,
    );
  }
  return { seconds, state: (match[2]?.toLowerCase() ?? 'unknown') as State };
}

function parseFormat(text: string): 'nagios' | 'json' {
  if (text === 'nagios' || text === 'json') return text;
  throw new UsageError(`"${text}" is not a format, write nagios or json`);
}
