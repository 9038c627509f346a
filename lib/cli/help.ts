/** The page that `--help` shows: what the check is for, its options by section, examples, states, metrics, access. */
import type { Option } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { optionsOf } from './command-line.ts';

const WIDTH = 80;

export async function helpPage(plugin: AnyPlugin): Promise<string> {
  const { yargs } = await import('../vendor/yargs.ts');
  const parser = yargs([])
    .scriptName(plugin.name)
    .usage(
      [`$0 - ${plugin.summary}`, '', ...plugin.description.flatMap((text) => [wrap(text), ''])].join('\n'),
    )
    .locale('en')
    .help(false)
    .version(false)
    .wrap(WIDTH);
  for (const { name, option, section } of optionsOf(plugin)) {
    parser.option(name, {
      describe: describe(option),
      group: `${section}:`,
      ...(option.short === undefined ? {} : { alias: option.short }),
      ...typeOf(option),
    });
  }
  for (const { args, does } of plugin.examples) parser.example(`${plugin.name} ${args}`.trimEnd(), does);
  const text = await parser
    .epilogue([...ranges(), '', ...states(plugin), '', ...metrics(plugin), '', ...access(plugin)].join('\n'))
    .getHelp();
  return `${text}\n`;
}

function describe(option: Option): string {
  if (option.type === 'flag' || option.type === 'count') return option.help;
  const choices = option.choices === undefined ? '' : ` (${option.choices.join(', ')})`;
  return `${option.placeholder}: ${option.help}${choices}`;
}

function typeOf(option: Option): object {
  if (option.type === 'flag') return { type: 'boolean' };
  if (option.type === 'count') return { count: true };
  if (option.type === 'repeated') return { type: 'string', array: true };
  return {
    type: 'string',
    ...(option.byDefault === undefined ? {} : { defaultDescription: option.byDefault }),
  };
}

function ranges(): string[] {
  return [
    'Ranges:',
    wrap(
      '10 alerts below 0 and above 10; 10: below 10; ~:10 above 10; 10:20 outside, @10:20 inside of both. ' +
        'A range that is not given never alerts. Quote the tilde from the shell.',
      2,
    ),
  ];
}

function states(plugin: AnyPlugin): string[] {
  return [
    'States:',
    wrap(
      'The worst finding decides: CRITICAL, WARNING, UNKNOWN (something could not be looked at), OK. ' +
        'Exit codes 2, 1, 3, 0; help, version and errors in the command line are 3.',
      2,
    ),
    ...Object.entries(plugin.kinds).map(([name, kind]) =>
      wrap(`${name}: ${kind.state.toUpperCase()} - ${kind.meaning}`, 2),
    ),
  ];
}

function metrics(plugin: AnyPlugin): string[] {
  return [
    'Performance data:',
    ...Object.entries(plugin.metrics).map(([name, { unit, meaning }]) =>
      wrap(`${name}${unit === '' ? '' : ` (${unit})`}: ${meaning}`, 2),
    ),
  ];
}

function access({ access: { unprivileged, root, tools } }: AnyPlugin): string[] {
  return [
    'Access:',
    wrap(`Any user: ${unprivileged}`, 2),
    ...(root === '' ? [] : [wrap(`As root: ${root}`, 2)]),
    ...(tools.length === 0 ? [] : [wrap(`Tools that may be run: ${tools.join(', ')}`, 2)]),
  ];
}

function wrap(text: string, indent = 0): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - indent) {
      lines.push(line);
      line = '  ' + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((part) => ' '.repeat(indent) + part).join('\n');
}
