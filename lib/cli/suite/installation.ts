/** How the checks are installed, and what is set around them: what makes them slower than they have to be, or unsafe for root. */
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

/** What of this program and of node somebody else than root can change; null where nothing. */
export function notOfRoot(): string | null {
  const program = realpathSync(process.argv[1] ?? '');
  const lib = join(dirname(dirname(program)), 'lib');
  const bodies = readdirSync(lib).map((name) => join(lib, name));
  return [program, ...bodies, realpathSync(process.execPath)].flatMap(withParents).find(isForeign) ?? null;
}

function withParents(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...withParents(parent), path];
}

/** Of a folder with the sticky bit others can change nothing that is root's (chmod(2)). */
function isForeign(path: string): boolean {
  const { uid, mode } = statSync(path);
  return uid !== 0 || (mode & 0o022 & ((mode & 0o1000) === 0 ? 0o777 : 0)) !== 0;
}
