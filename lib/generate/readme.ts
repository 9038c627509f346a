/** The table of checks in the README, between two marks. */
import type { AnyPlugin } from '../plugin.ts';

const BEGIN = '<!-- checks: generated, do not edit -->';
const END = '<!-- end of checks -->';

export function checksTable(plugins: readonly AnyPlugin[]): string {
  return [
    '| check | what it finds | root sees more |',
    '| --- | --- | --- |',
    ...plugins.map(
      ({ name, summary, access }) =>
        `| [${name}](plugins/${name}.md) | ${cell(summary)} | ${access.root === '' ? '-' : cell(access.root)} |`,
    ),
  ].join('\n');
}

/** The README with its table as it should be. Throws where the marks are missing. */
export function withTable(readme: string, plugins: readonly AnyPlugin[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md lacks the lines "${BEGIN}" and "${END}"`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${checksTable(plugins)}\n\n${readme.slice(end)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
