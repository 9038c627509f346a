/** What a check's page says of options, states and metrics, from the declaration. */
import { optionsOf, type SectionedOption } from '../cli/command-line.ts';
import { explained, type Option } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { labelOf } from '../report/metric.ts';
import { commandName } from './icinga2.ts';
import { cell, code, table, withGenerated } from './marks.ts';

const EVERY = { '1m': 'minute', '5m': '5 minutes', '15m': '15 minutes', '1h': 'hour' } as const;

/** The page `plugins/check_x.md` with these parts as they should be. */
export function withDeclaration(page: string, plugin: AnyPlugin): string {
  return withGenerated(`plugins/${plugin.name}.md`, page, 'declaration', declaration(plugin));
}

function declaration(plugin: AnyPlugin): string {
  const all = optionsOf(plugin);
  const [states, others] = [all.filter(isForState), all.filter((one) => !isForState(one))];
  const ownSections = ['What to look at', 'What it means'];
  const isOwn = ({ section }: SectionedOption): boolean => ownSections.includes(section);
  return [
    '## Options',
    table(['option', 'what it does'], others.filter(isOwn).map(optionRow)),
    'As every check:',
    table(['option', 'what it does'], others.filter((one) => !isOwn(one)).map(optionRow)),
    `In Icinga the command is ${code(commandName(plugin))}, worth a run every ${EVERY[plugin.interval]}; its variables are ` +
      `called like the options, ${code(`${commandName(plugin)}_warning`)} and so on.`,
    '## States',
    'The worst finding decides: CRITICAL, WARNING, UNKNOWN, OK. What could not be looked at is UNKNOWN. Each option ' +
      'takes `ok` (said, not alarmed), `unknown`, `warning` or `critical`.',
    table(['option', 'default', 'what is the case'], states.map(stateRow)),
    '## Metrics',
    table(['performance data', 'unit', 'what it is'], metricRows(plugin)),
  ].join('\n\n');
}

function isForState({ option }: SectionedOption): boolean {
  return 'placeholder' in option && option.placeholder === 'STATE';
}

function optionRow({ name, option }: SectionedOption): readonly string[] {
  const short = option.short === undefined ? '' : `${code(`-${option.short}`)}, `;
  const value = 'placeholder' in option ? ` ${option.placeholder}` : '';
  return [short + code(`--${name}${value}`), cell(explained(option))];
}

function stateRow({ name, option }: SectionedOption): readonly string[] {
  return [code(`--${name}`), byDefault(option), cell(option.help)];
}

function byDefault(option: Option): string {
  return option.type === 'value' ? (option.byDefault ?? '') : '';
}

function metricRows({ metrics, main }: AnyPlugin): readonly (readonly string[])[] {
  return Object.entries(metrics).map(([name, metric]) => [
    code(labelOf(name, metric)),
    metric.unit,
    `${cell(metric.meaning)}${name === main ? ' (`-w`, `-c`)' : ''}`,
  ]);
}
