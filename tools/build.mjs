// Builds dist/ (--out DIR: that): every plugin as a program that runs from any folder, as any user, without node_modules.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { bundleDist, top } from './bundle.mjs';

const at = process.argv.indexOf('--out');
const dist = at === -1 ? join(top, 'dist') : resolve(process.argv[at + 1]);
// Built beside and moved into place: a check that runs meanwhile finds the old one or the new one.
const fresh = `${dist}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh);
const names = await bundleDist(fresh);
// What is made elsewhere is for other machines, and is made faster there.
if (at === -1) spawnSync(process.execPath, [join(fresh, 'lib/warm.cjs')], { stdio: 'inherit' });
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
if (!process.argv.includes('--quiet')) {
  console.log(`dist/bin: ${names.join(' ')}`);
}
