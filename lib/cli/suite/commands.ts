/** The commands of `hypervisor-checks`, and their options. What is parsed, shown as help and completed is made from this table. */
import { names, type Options } from '../../option.ts';
import { FAR, HOW, MEMORY, WHERE, type CommonValues } from '../command-line.ts';

export interface Command {
  readonly name: string;
  /** What must or, in brackets, may be named with it: CHECK, FILE. */
  readonly operand?: string;
  readonly does: string;
  readonly options: Options;
}

export const NAME = 'hypervisor-checks';

const { record, ...PLACES } = WHERE;
const { timeout, format, verbose, help, version } = HOW;
const PLAIN: Options = { help, version };

const PLACE: Options = {
  only: names('these checks only, names or globs', 'CHECK'),
  skip: names('not these checks', 'CHECK'),
  ...FAR,
  ...PLACES,
};
/** Shorter than Icinga's own limit for all checks together, longer than that of one: some of them wait for a second look. */
const LONGER = { ...timeout, byDefault: '30' };

/** Of the commands that look at a machine. */
export const LOOK: Options = { ...PLACE, timeout: LONGER, ...PLAIN };

/** All that any command has. */
export const ALL: Options = {
  ...PLACE,
  record,
  ...MEMORY,
  timeout: LONGER,
  format: { ...format, help: 'nagios: one line for each check; json: one object for programs' },
  verbose: {
    ...verbose,
    help: 'say more: -v each finding and what to do about it; -vv each item, healthy ones too',
  },
  ...PLAIN,
};

/** The first is what runs where no command is given. */
export const COMMANDS: readonly [Command, ...Command[]] = [
  { name: 'run', does: 'run every check on this machine, one line each, the worst first', options: ALL },
  { name: 'list', does: 'list the checks', options: PLAIN },
  { name: 'explain', operand: 'CHECK', does: 'show the page of a check', options: PLAIN },
  {
    name: 'doctor',
    does: 'say what this user may not read here, which tools are missing, and what mends it',
    options: LOOK,
  },
  {
    name: 'demo',
    operand: '[INCIDENT]',
    does: 'replay recorded incidents, before and after the repair',
    options: PLAIN,
  },
  {
    name: 'record',
    operand: 'FILE',
    does: 'write what all checks saw into one file, for a bug report',
    options: LOOK,
  },
  { name: 'completion', does: 'print completion for bash', options: PLAIN },
];

/** What the options parse to; those that a command does not have are at their defaults. */
export interface LookValues extends CommonValues {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}
