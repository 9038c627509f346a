/** The command line as yargs reads it: every legal form, and the causes of errors. */
import { UsageError, type Option } from '../option.ts';
import { lettersOf, type Given } from './arguments.ts';
import type { OptionTable } from './command-line.ts';

export async function parseWithYargs(args: readonly string[], table: OptionTable): Promise<Given> {
  refuseSilentlyAccepted(args, table);
  const parser = (await configured(table))
    .strict()
    .fail((message: string | null, error: Error | undefined) => {
      throw new UsageError(inOurWords(message ?? error?.message ?? 'not understood', table));
    });
  const argv = parser.parseSync([...args]) as Readonly<Record<string, unknown>>;
  const given = new Map<string, readonly string[]>();
  for (const [name, option] of Object.entries(table)) {
    const texts = textsOf(option, argv[name]);
    if (texts.length > 0) given.set(name, texts);
  }
  return given;
}

async function configured(table: OptionTable) {
  const { yargs } = await import('../vendor/yargs.ts');
  const parser = yargs([]).help(false).version(false).exitProcess(false).locale('en').parserConfiguration({
    'boolean-negation': false,
    'camel-case-expansion': false,
    'dot-notation': false,
    'duplicate-arguments-array': true,
    'greedy-arrays': false,
    'parse-numbers': false,
    'parse-positional-numbers': false,
    'short-option-groups': true,
    'strip-aliased': true,
  });
  for (const [name, option] of Object.entries(table)) {
    parser.option(name, {
      ...(option.short === undefined ? {} : { alias: option.short }),
      ...(option.type === 'flag' || option.type === 'count'
        ? { count: true as const }
        : { type: 'string' as const, nargs: 1, ...(option.type === 'repeated' ? { array: true } : {}) }),
    });
  }
  return parser;
}

/** yargs gives a string, an array of them when the option was repeated, or how often a flag was there. */
function textsOf(option: Option, value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (option.type === 'flag' || option.type === 'count') return Array<string>(Number(value)).fill('');
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');
}

/** What yargs lets pass without a word: `-v=3`, `-v3`, `--flag=x`, `--flag true`, and a `--` that ends the options. */
function refuseSilentlyAccepted(args: readonly string[], table: OptionTable): void {
  const byLetter = lettersOf(table);
  const isFlag = (word: string): boolean => {
    const name = word.startsWith('--') ? word.slice(2) : byLetter.get(word.slice(1, 2));
    const option =
      word.startsWith('-') && name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
    return option?.type === 'flag' || option?.type === 'count';
  };
  for (const [index, argument] of args.entries()) {
    if (argument === '--') throw new UsageError('"--" has no meaning here, every argument is an option');
    const [word = ''] = argument.split('=', 1);
    const hasValue = argument.includes('=') || /^-[a-zA-Z]+[0-9]/.test(argument);
    if (hasValue && isFlag(word))
      throw new UsageError(`${word.replace(/[0-9]+$/, '')} takes no value, as in "${argument}"`);
    if (/^(true|false)$/.test(argument) && isFlag(args[index - 1] ?? '')) {
      throw new UsageError(`${args[index - 1] ?? ''} takes no value, as in "${argument}"`);
    }
  }
}

/** yargs' cause, with the dashes that the user typed and the name that was probably meant. */
function inOurWords(message: string, table: OptionTable): string {
  const [, few] = /^Not enough arguments following: (.*)$/s.exec(message) ?? [];
  if (few !== undefined)
    return `${dashed(few)} needs a value; one that begins with a dash is written ${dashed(few)}=-...`;
  const [, unknown] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (unknown === undefined) return message;
  const [first = ''] = unknown.split(', ');
  const near = Object.keys(table)
    .map((name) => ({ name, steps: distance(first, name) }))
    .sort((a, b) => a.steps - b.steps)[0];
  const hint = near !== undefined && near.steps <= 2 ? `, did you mean --${near.name}?` : '';
  return `"${unknown}" is not an option${hint}`;
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** How many letters must be changed, added or left out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const swap = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Words that may come next, one a line, as yargs' completion script asks for them. */
export async function completions(words: readonly string[], table: OptionTable): Promise<string> {
  const parser = await configured(table);
  const found = await parser.getCompletion([...words]);
  return found.map((word) => `${word}\n`).join('');
}
