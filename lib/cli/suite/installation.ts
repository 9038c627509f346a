/** What makes every check slower than it has to be: how it is installed, and what is set around it. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Lines that say what is not as it should be, and what mends it; none where all is well. */
export function installation(): string[] {
  const lines: string[] = [];
  const { NODE_EXTRA_CA_CERTS: certificates, NODE_OPTIONS: options } = process.env;
  if (certificates !== undefined && Number.parseInt(process.versions.node, 10) < 22)
    lines.push(
      'NODE_EXTRA_CA_CERTS is set: Node.js 20 reads that file at each start, which takes longer than a check. Unset it for the checks.',
    );
  if (options !== undefined && options !== '')
    lines.push('NODE_OPTIONS is set: what it holds is for every check as well. Unset it for the checks.');
  const program = realpathSync(process.argv[1] ?? '');
  const warm = join(dirname(dirname(program)), 'lib/warm.cjs');
  if (existsSync(warm) && !isWarm(program))
    lines.push(`The checks start slower than they could with this Node.js. As their owner: node ${warm}`);
  return lines.length === 0 ? [] : ['', ...lines];
}

/** As the entry looks for it (tools/programs/entry.cjs). */
function isWarm(program: string): boolean {
  const suffix = `-${process.version}-${statSync(process.execPath).size}`;
  return readdirSync(join(dirname(dirname(program)), 'lib')).some((name) => name.endsWith(suffix));
}
