/** `hypervisor-checks explain`: the page of a check, as it stands in the repository. */
import { UsageError } from '../../option.ts';
import type { AnyPlugin } from '../../plugin.ts';
import { ownFile } from './own-files.ts';

export function explain(plugins: readonly AnyPlugin[], name: string, colour: boolean): string {
  const plugin = plugins.find((one) => one.name === name || one.name === `check_${name}`);
  if (plugin === undefined)
    throw new UsageError(`"${name}" is none of ${plugins.map((one) => one.name).join(', ')}`);
  // What stands in comments is for the generator.
  const page = ownFile(`pages/${plugin.name}.md`).replace(/<!--[^]*?-->\n*/g, '');
  return colour ? page.replace(/^#+ .*$/gm, (title) => `\x1b[1m${title}\x1b[0m`) : page;
}
