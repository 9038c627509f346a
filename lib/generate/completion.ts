/** Completion of all commands for bash: the words stand in the file, nothing is started while somebody types. */
import { optionsOf } from '../cli/command-line.ts';
import { ALL, COMMANDS, NAME } from '../cli/suite/commands.ts';
import { SCENES } from '../cli/suite/scenes.ts';
import type { Option, Options } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { shortName } from '../report/text.ts';

export function bashCompletion(plugins: readonly AnyPlugin[]): string {
  const programs = plugins.map((plugin) => ({ name: plugin.name, options: optionTable(plugin) }));
  return [
    '# Generated from the declarations of the checks, do not edit. For /usr/share/bash-completion/completions or ~/.bashrc.',
    '_hypervisor_checks() {',
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= IFS=$'\\n'",
    '  # --option=value: readline takes the = for a word of its own.',
    '  case $word in =) word= ;; esac',
    '  case $before in =) before=${COMP_WORDS[COMP_CWORD-2]} ;; esac',
    '  COMPREPLY=()',
    '  case ${1##*/}:$before in',
    ...programs.flatMap(({ name, options }) => values(name, options)),
    ...suiteValues(plugins),
    '    *)',
    '      case ${1##*/} in',
    ...programs.map(({ name, options }) => `        ${name}) words='${dashed(options)}' ;;`),
    ...suiteWords(),
    '      esac',
    '      ;;',
    '  esac',
    '  # A path, or a name that only the user knows.',
    '  case $words in',
    '    \'\') COMPREPLY=($(compgen -f -- "$word")) ;;',
    '    *) COMPREPLY=($(IFS=\' \'; compgen -W "$words" -- "$word")) ;;',
    '  esac',
    '}',
    `complete -o filenames -F _hypervisor_checks ${[...plugins.map(({ name }) => name), NAME].join(' ')}`,
    '',
  ].join('\n');
}

function optionTable(plugin: AnyPlugin): Options {
  return Object.fromEntries(optionsOf(plugin).map(({ name, option }) => [name, option]));
}

function dashed(options: Options): string {
  return Object.keys(options)
    .map((name) => `--${name}`)
    .join(' ');
}

/** What may stand behind an option that takes a value, options with the same values together. */
function values(program: string, options: Options): string[] {
  const byWords = new Map<string, string[]>();
  for (const [name, option] of Object.entries(options)) {
    if (!takesValue(option)) continue;
    const words = (option.choices ?? []).join(' ');
    const spellings = [`--${name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
    byWords.set(words, [...(byWords.get(words) ?? []), ...spellings]);
  }
  return [...byWords].map(
    ([words, names]) => `    ${names.map((name) => `${program}:${name}`).join(' | ')}) words='${words}' ;;`,
  );
}

/** What may stand behind the words of the command for all of them. */
function suiteValues(plugins: readonly AnyPlugin[]): string[] {
  const checks = plugins.map(({ name }) => name);
  const names = [...checks.map(shortName), ...checks].join(' ');
  const scenes = SCENES.map(({ name }) => name).join(' ');
  return [
    `    ${['--only', '--skip', 'explain'].map((word) => `${NAME}:${word}`).join(' | ')}) words='${names}' ;;`,
    `    ${NAME}:demo) words='${scenes}' ;;`,
    `    ${NAME}:record) ;;`,
    ...values(NAME, ALL),
  ];
}

/** A command first, then its options; without a command these are those of the first. */
function suiteWords(): string[] {
  const [run] = COMMANDS;
  const byOptions = new Map<string, string[]>();
  for (const { name, options } of COMMANDS.slice(1)) {
    const words = dashed(options);
    byOptions.set(words, [...(byOptions.get(words) ?? []), name]);
  }
  return [
    `        ${NAME})`,
    '          case $COMP_CWORD:$word:${COMP_WORDS[1]} in',
    `            1:-*) words='${dashed(run.options)}' ;;`,
    `            1:*) words='${COMMANDS.map(({ name }) => name).join(' ')}' ;;`,
    ...[...byOptions].map(
      ([words, names]) =>
        `            ${names.map((name) => `*:*:${name}`).join(' | ')}) words='${words}' ;;`,
    ),
    `            *) words='${dashed(run.options)}' ;;`,
    '          esac ;;',
  ];
}

function takesValue(option: Option): option is Extract<Option, { type: 'value' | 'repeated' }> {
  return option.type === 'value' || option.type === 'repeated';
}
