/** Which words of a command line are the command and what it is about, and which are options; in any order. */
import { UsageError } from '../../option.ts';
import { lettersOf } from '../arguments.ts';
import { ALL, COMMANDS, type Command } from './commands.ts';

export interface Called {
  /** The first of all where none was named. */
  readonly command: Command;
  readonly isNamed: boolean;
  readonly operand: string | null;
  /** With their values. */
  readonly options: readonly string[];
}

/** Throws UsageError with the cause in one line. */
export function calledOf(args: readonly string[]): Called {
  const { words, options } = sorted(args);
  const [name, operand, ...more] = words;
  const command = name === undefined ? COMMANDS[0] : COMMANDS.find((one) => one.name === name);
  if (command === undefined)
    throw new UsageError(`"${name ?? ''}" is none of ${COMMANDS.map((one) => one.name).join(', ')}`);
  const tooMany = command.operand === undefined ? operand : more[0];
  if (tooMany !== undefined) throw new UsageError(`"${tooMany}" is one word too many for ${command.name}`);
  return { command, isNamed: name !== undefined, operand: operand ?? null, options };
}

function sorted(args: readonly string[]): { readonly words: string[]; readonly options: readonly string[] } {
  const words: string[] = [];
  const options: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const argument = args[i] ?? '';
    if (argument === '-' || !argument.startsWith('-')) {
      words.push(argument);
      continue;
    }
    const follows = valueFollows(argument);
    // What belongs to an option that nobody knows is not known either.
    if (follows === null) return { words, options: [...options, ...args.slice(i)] };
    options.push(argument, ...(follows ? args.slice(i + 1, i + 2) : []));
    if (follows) i += 1;
  }
  return { words, options };
}

/** Whether the next argument is the value of this option; null for one that no command has. */
function valueFollows(argument: string): boolean | null {
  if (argument.startsWith('--')) {
    const [name = '', value] = argument.slice(2).split('=', 2);
    return value === undefined ? takesValue(name) : false;
  }
  const letters = lettersOf(ALL);
  for (const [index, letter] of Array.from(argument.slice(1)).entries()) {
    const takes = takesValue(letters.get(letter) ?? '');
    // The rest of it is the value, if there is a rest.
    if (takes !== false) return takes === null ? null : argument.length === index + 2;
  }
  return false;
}

function takesValue(name: string): boolean | null {
  const option = Object.hasOwn(ALL, name) ? ALL[name] : undefined;
  return option === undefined ? null : option.type === 'value' || option.type === 'repeated';
}
