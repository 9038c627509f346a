// Builds dist/: every plugin as a program that runs from any folder, as any user, without node_modules.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { bundleDist, top } from './bundle.mjs';

const dist = join(top, 'dist');
// Built beside and moved into place: a check that runs meanwhile finds the old one or the new one.
const fresh = join(top, 'dist.new');
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh);
const names = await bundleDist(fresh);
spawnSync(process.execPath, [join(fresh, 'lib/warm.cjs')], {
  stdio: 'inherit',
});
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
if (!process.argv.includes('--quiet')) {
  console.log(`dist/bin: ${names.join(' ')}`);
}
