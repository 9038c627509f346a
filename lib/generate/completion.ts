/** Completion of all checks for bash: the words stand in the file, nothing is started while somebody types. */
import { optionsOf } from '../cli/command-line.ts';
import type { Option } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';

export function bashCompletion(plugins: readonly AnyPlugin[]): string {
  return [
    '# Generated from the declarations of the checks, do not edit. For /usr/share/bash-completion/completions or ~/.bashrc.',
    '_hypervisor_checks() {',
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= IFS=$'\\n'",
    '  # --option=value: readline takes the = for a word of its own.',
    '  case $word in =) word= ;; esac',
    '  case $before in =) before=${COMP_WORDS[COMP_CWORD-2]} ;; esac',
    '  COMPREPLY=()',
    '  case ${1##*/}:$before in',
    ...plugins.flatMap(values),
    '    *)',
    '      case ${1##*/} in',
    ...plugins.map((plugin) => `        ${plugin.name}) words='${optionWords(plugin)}' ;;`),
    '      esac',
    '      ;;',
    '  esac',
    '  # A path, or a name that only the user knows.',
    '  case $words in',
    '    \'\') COMPREPLY=($(compgen -f -- "$word")) ;;',
    '    *) COMPREPLY=($(IFS=\' \'; compgen -W "$words" -- "$word")) ;;',
    '  esac',
    '}',
    `complete -o filenames -F _hypervisor_checks ${plugins.map(({ name }) => name).join(' ')}`,
    '',
  ].join('\n');
}

function optionWords(plugin: AnyPlugin): string {
  return optionsOf(plugin)
    .map(({ name }) => `--${name}`)
    .join(' ');
}

/** What may stand behind an option that takes a value, options with the same values together. */
function values(plugin: AnyPlugin): string[] {
  const byWords = new Map<string, string[]>();
  for (const { name, option } of optionsOf(plugin)) {
    if (!takesValue(option)) continue;
    const words = (option.choices ?? []).join(' ');
    const spellings = [`--${name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
    byWords.set(words, [...(byWords.get(words) ?? []), ...spellings]);
  }
  return [...byWords].map(
    ([words, names]) =>
      `    ${names.map((name) => `${plugin.name}:${name}`).join(' | ')}) words='${words}' ;;`,
  );
}

function takesValue(option: Option): option is Extract<Option, { type: 'value' | 'repeated' }> {
  return option.type === 'value' || option.type === 'repeated';
}
