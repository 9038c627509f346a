/** The page that `--help` shows: what the check is for, its options by section, examples, states, metrics, access. */
import type { Option } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { labelOf } from '../report/metric.ts';
import { sudoersLine } from '../host/sudo-command.ts';
import { optionsOf } from './command-line.ts';
import { RANGES, STATES } from './help-texts.ts';

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
      ...defaultOf(option),
    });
  }
  for (const { args, does } of plugin.examples) parser.example(`${plugin.name} ${args}`.trimEnd(), does);
  const text = await parser
    .epilogue([...ranges(), '', ...states(), '', ...metrics(plugin), '', ...access(plugin)].join('\n'))
    .getHelp();
  return [besideText(text), ...sudo(plugin), ''].join('\n');
}

/** Where a text ends just before its default, yargs leaves no blank between them: the default gets a line of its own there. */
function besideText(help: string): string {
  return help.replace(
    /(\S)(\[default: [^\]\n]+\])$/gm,
    (_, end: string, value: string) => `${end}\n${value.padStart(WIDTH)}`,
  );
}

/** What sudoers has to allow, with the place where this check is. Not wrapped: it is to be copied. */
function sudo({ name, access: { elsewhere } }: AnyPlugin): string[] {
  const path = process.argv[1] ?? '';
  const program = path.endsWith(`/${name}`) ? path : `/usr/lib/nagios/plugins/${name}`;
  const rule = (command: string): string => `    nagios ALL=(root) NOPASSWD: ${command}`;
  return [
    '  With --sudo this runs as root, and sudoers has to allow exactly that:',
    rule(sudoersLine(program)),
    ...(elsewhere === undefined
      ? []
      : [
          '  It looks at the usual places. To look at others as root, allow a line of your',
          '  own, whole and without wildcards, and let sudo -n run that, without --sudo:',
          rule(`${program} ${elsewhere}`),
        ]),
  ];
}

function describe(option: Option): string {
  if (option.type === 'flag' || option.type === 'count') return option.help;
  // What a STATE can be is said once, at the end of the page.
  const hasOwnChoices = option.choices !== undefined && option.placeholder !== 'STATE';
  const choices = hasOwnChoices ? ` (${(option.choices ?? []).join(', ')})` : '';
  const often = option.type === 'repeated' ? ', may be given several times' : '';
  return `${option.placeholder}: ${option.help}${choices}${often}`;
}

/** No type, since yargs would print it behind every option. */
function defaultOf(option: Option): object {
  return option.type === 'value' && option.byDefault !== undefined
    ? { default: option.byDefault, defaultDescription: option.byDefault }
    : {};
}

function ranges(): string[] {
  return ['Ranges:', wrap(RANGES, 2)];
}

function states(): string[] {
  return [
    'States:',
    wrap(`${STATES} Exit codes are 2, 1, 3, 0; help, version and errors in the command line end with 3.`, 2),
  ];
}

function metrics(plugin: AnyPlugin): string[] {
  return [
    'Performance data:',
    ...Object.entries(plugin.metrics).map(([name, metric]) => {
      const { unit, meaning } = metric;
      return wrap(`${labelOf(name, metric)}${unit === '' ? '' : ` (${unit})`}: ${meaning}`, 2);
    }),
  ];
}

function access({ access: { unprivileged, root, runs } }: AnyPlugin): string[] {
  const tools = [...new Set(runs.map((command) => command.split(' ')[0]))];
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
