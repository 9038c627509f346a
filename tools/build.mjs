// Builds dist/: every plugin as a program that runs from any folder, as any user, without node_modules.
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleLate, bundlePlugin, bundleVendor, load, top } from './bundle.mjs';

const dist = join(top, 'dist');
// Built beside and moved into place: a check that runs meanwhile finds the old one or the new one.
const fresh = join(top, 'dist.new');
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh);
// The folder's package says "module", these files are not.
writeFileSync(join(fresh, 'package.json'), '{ "type": "commonjs" }\n');
await bundleVendor(fresh);
await bundleLate(fresh);
const { plugins } = await load('plugins/index.ts');
for (const name of Object.keys(plugins)) {
  await bundlePlugin(name, fresh);
  chmodSync(join(fresh, 'bin', name), 0o755);
}
rmSync(dist, { recursive: true, force: true });
renameSync(fresh, dist);
if (!process.argv.includes('--quiet')) {
  console.log(`dist/bin: ${Object.keys(plugins).join(' ')}`);
}
