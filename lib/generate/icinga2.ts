/** The Icinga 2 CheckCommand of a plugin, in the conventions of Icinga's template library (ITL). */
import { FOR_SSH, optionsOf, type SectionedOption } from '../cli/command-line.ts';
import { explained, type Option } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { shortName } from '../report/text.ts';

/** Options that make no sense in a definition: they end in a page, or in a file. */
const NOT_FOR_ICINGA = new Set(['help', 'version', 'record', 'replay']);

/** `check_invtsc` is the command `invtsc`; its variables are `invtsc_<option>`. */
export function commandName(plugin: AnyPlugin): string {
  return shortName(plugin.name);
}

export function icingaCommand(plugin: AnyPlugin): string {
  const command = commandName(plugin);
  const options = optionsOf(plugin).filter(({ name }) => !NOT_FOR_ICINGA.has(name));
  const isForSsh = ({ name }: SectionedOption): boolean => FOR_SSH.has(name);
  return [
    '// Generated from the declaration of the plugin, do not edit.',
    '',
    `object CheckCommand "${command}" {`,
    `\tcommand = [ PluginContribDir + "/${plugin.name}" ]`,
    '',
    '\targuments = {',
    ...options.filter((option) => !isForSsh(option)).flatMap((option) => argument(command, option)),
    '\t}',
    '}',
    '',
    '// The same over SSH, from the machine that runs Icinga: for hosts on which nothing is installed.',
    // Not an option of the command above: with an address by default every local check would become one over SSH.
    `object CheckCommand "${command}_ssh" {`,
    `\timport "${command}"`,
    '\timport "ipv4-or-ipv6"',
    '',
    '\targuments += {',
    ...options.filter(isForSsh).flatMap((option) => argument(command, option)),
    '\t}',
    '',
    `\tvars.${command}_host = "$check_address$"`,
    '}',
    '',
  ].join('\n');
}

function argument(command: string, { name, option }: SectionedOption): string[] {
  const variable = `${command}_${name.replaceAll('-', '_')}`;
  if (name === 'verbose') return verbosity(variable, option);
  const about = `\t\t\tdescription = ${quote(explained(option))}`;
  switch (option.type) {
    case 'flag':
    case 'count':
      return [`\t\t"--${name}" = {`, `\t\t\tset_if = "$${variable}$"`, about, '\t\t}'];
    case 'value':
      return [`\t\t"--${name}" = {`, `\t\t\tvalue = "$${variable}$"`, about, '\t\t}'];
    case 'repeated':
      return [
        `\t\t"--${name}" = {`,
        `\t\t\tvalue = "$${variable}$"`,
        `${about.slice(0, -1)}; one or an array of them"`,
        '\t\t\trepeat_key = true',
        '\t\t}',
      ];
  }
}

/** A number from 1 to 3 becomes -v, -vv or -vvv. */
function verbosity(variable: string, option: Option): string[] {
  return ['-v', '-vv', '-vvv'].flatMap((key, index) => [
    `\t\t"${key}" = {`,
    `\t\t\tset_if = {{ macro("$${variable}$") == ${index + 1} }}`,
    `\t\t\tdescription = ${quote(`${variable} = ${index + 1}: ${option.help}`)}`,
    '\t\t}',
  ]);
}

/** A string of Icinga's language: backslash, quote and the macro sign are special in it. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$')}"`;
}
