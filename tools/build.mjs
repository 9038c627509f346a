// Builds dist/ (--out DIR: that): every plugin as a program that runs from any folder, as any user, without node_modules.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { bundleLate, bundlePlugin, bundleSuite, bundleVendor, finishFolder, load, top } from './bundle.mjs';
import { notices } from './packages/notices.mjs';

const at = process.argv.indexOf('--out');
const dist = at === -1 ? join(top, 'dist') : resolve(process.argv[at + 1]);
// Built beside and moved into place: a check that runs meanwhile finds the old one or the new one.
const fresh = `${dist}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh);
const { inputs } = await bundleVendor(fresh);
writeFileSync(join(fresh, 'THIRD-PARTY-NOTICES.txt'), notices(Object.keys(inputs), top));
await bundleLate(fresh);
const { plugins } = await load('plugins/index.ts');
const names = Object.keys(plugins);
for (const name of names) await bundlePlugin(name, fresh);
const { NAME } = await load('lib/cli/suite/commands.ts');
await bundleSuite(NAME, fresh, names);
const { SCENES } = await load('lib/cli/suite/scenes.ts');
for (const name of names) copy(`plugins/${name}.md`, `pages/${name}.md`);
for (const { check, before, after } of SCENES) {
  for (const name of [before, after])
    copy(`test/recordings/${check}/${name}.txt`, `demo/${check}/${name}.txt`);
}
copy('icinga-conf/completion/hypervisor-checks.bash', 'share/hypervisor-checks.bash');
finishFolder(fresh);
// What is made elsewhere is for other machines, and is made faster there.
if (at === -1) spawnSync(process.execPath, [join(fresh, 'lib/warm.cjs')], { stdio: 'inherit' });
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
if (!process.argv.includes('--quiet')) {
  console.log(`dist/bin: ${[...names, NAME].join(' ')}`);
}

function copy(from, to) {
  mkdirSync(dirname(join(fresh, to)), { recursive: true });
  copyFileSync(join(top, from), join(fresh, to));
}
