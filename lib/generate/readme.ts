/** The table of checks in the README. */
import type { AnyPlugin } from '../plugin.ts';
import { cell, table, withGenerated } from './marks.ts';

/** The README with its table as it should be. */
export function withChecks(readme: string, plugins: readonly AnyPlugin[]): string {
  const rows = plugins.map(({ name, summary, access }) => [
    `[${name}](plugins/${name}.md)`,
    cell(summary),
    access.root === '' ? '-' : cell(access.root),
  ]);
  return withGenerated(
    'README.md',
    readme,
    'checks',
    table(['check', 'what it finds', 'root sees more'], rows),
  );
}
