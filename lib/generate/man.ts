/** The manual page of a plugin, roff with the man macros (man(7)). */
import { optionsOf, SECTIONS, type SectionedOption } from '../cli/command-line.ts';
import { RANGES, STATES } from '../cli/help-texts.ts';
import { ALL, COMMANDS, LOOK, NAME } from '../cli/suite/commands.ts';
import { explained } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { labelOf } from '../report/metric.ts';
import { RELEASED, VERSION } from '../version.ts';

export function manPage(plugin: AnyPlugin): string {
  const { name, summary, description, kinds, metrics, access, examples } = plugin;
  const options = optionsOf(plugin);
  return [
    '.\\" Generated from the declaration of the plugin, do not edit.',
    `.TH ${name.toUpperCase()} 1 ${RELEASED} "hypervisor-checks ${VERSION}" "hypervisor-checks"`,
    '.SH NAME',
    roff(`${name} - ${summary}`),
    '.SH SYNOPSIS',
    `.B ${name}`,
    '.RI [ option ...]',
    '.SH DESCRIPTION',
    ...description.flatMap((text, index) => (index === 0 ? [roff(text)] : ['.PP', roff(text)])),
    '.SH OPTIONS',
    ...SECTIONS.flatMap((title) => [
      `.SS ${title}`,
      ...options.filter(({ section }) => section === title).flatMap(item),
    ]),
    '.SH RANGES',
    roff(RANGES),
    '.SH STATES',
    roff(STATES),
    ...Object.entries(kinds).flatMap(([kind, { state, meaning }]) => tagged(`${kind} (${state})`, meaning)),
    '.SH PERFORMANCE DATA',
    ...Object.entries(metrics).flatMap(([name, metric]) => {
      const label = labelOf(name, metric);
      return tagged(metric.unit === '' ? label : `${label} (${metric.unit})`, metric.meaning);
    }),
    '.SH ACCESS',
    roff(`Any user: ${access.unprivileged}`),
    ...(access.root === '' ? [] : ['.PP', roff(`As root: ${access.root}`)]),
    '.SH EXIT STATUS',
    roff('0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; 3 also for help, version and errors in the command line.'),
    '.SH EXAMPLES',
    ...examples.flatMap(({ args, does }) => tagged(`${name} ${args}`.trimEnd(), does)),
    '',
  ].join('\n');
}

/** That of the command for all of them. */
export function suitePage(plugins: readonly AnyPlugin[]): string {
  const [run] = COMMANDS;
  const looking = COMMANDS.filter(({ options }) => options === LOOK || options === ALL).map(
    ({ name }) => name,
  );
  return [
    '.\\" Generated from the table of its commands, do not edit.',
    `.TH ${roff(NAME.toUpperCase())} 1 ${RELEASED} "hypervisor-checks ${VERSION}" "hypervisor-checks"`,
    '.SH NAME',
    `${roff(NAME)} \\- all checks of this host in one command`,
    '.SH SYNOPSIS',
    `.B ${roff(NAME)}`,
    '.RI [ command ]\\ [ option ...]',
    '.SH COMMANDS',
    ...COMMANDS.flatMap(({ name, operand, does }) => tagged(`${name} ${operand ?? ''}`.trimEnd(), does)),
    '.SH OPTIONS',
    `.SS Of ${looking.join(', ')}`,
    ...Object.entries(LOOK).flatMap(([name, option]) => item({ name, option })),
    `.SS Of ${run.name} alone`,
    ...Object.entries(ALL).flatMap(([name, option]) =>
      Object.hasOwn(LOOK, name) ? [] : item({ name, option }),
    ),
    '.SH EXIT STATUS',
    roff(
      'That of the worst check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; 3 also for help, version and errors in the command line.',
    ),
    '.SH SEE ALSO',
    plugins.map(({ name }) => `.BR ${name} (1)`).join('\n'),
    '',
  ].join('\n');
}

function item({ name, option }: Omit<SectionedOption, 'section'>): string[] {
  const short = option.short === undefined ? '' : `\\fB\\-${option.short}\\fR, `;
  const value = 'placeholder' in option ? ` \\fI${option.placeholder}\\fR` : '';
  return ['.TP', `${short}\\fB\\-\\-${escaped(name)}\\fR${value}`, roff(explained(option))];
}

function tagged(tag: string, text: string): string[] {
  return ['.TP', `.B ${escaped(tag)}`, roff(text)];
}

/** In lines of at most 80 columns; a dot at the beginning of one would be a request. */
function roff(text: string): string {
  return escaped(text)
    .replace(/(?=.{81}).{1,79}(?: |$)/g, (line) => `${line.trimEnd()}\n`)
    .replace(/^[.]/gm, '\\&.');
}

/** A dash would be a hyphen, a straight quote a curved one. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha');
}
