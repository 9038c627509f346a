// Writes the generated files; with --check only says which are not as they should be, and fails.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { load, top } from './bundle.mjs';

const check = process.argv.includes('--check');
const { generateAll } = await load('lib/generate/index.ts');
const files = await generateAll((path) => readFileSync(join(top, path), 'utf8'));
const wrong = [];
for (const [path, text] of files) {
  const file = join(top, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  wrong.push(path);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const entry of readdirSync(join(top, 'icinga-conf'), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name).slice(top.length + 1);
  // The pages beside what is generated are written by people.
  if (!entry.isFile() || files.has(path) || entry.name === 'README.md') continue;
  wrong.push(`${path} (nothing makes it)`);
  if (!check) rmSync(join(top, path));
}
if (check && wrong.length > 0) {
  console.error(`not as generated, run "npm run generate": ${wrong.join(', ')}`);
  process.exitCode = 1;
} else {
  console.log(
    check
      ? `${files.size} generated files are as they should be`
      : `written: ${wrong.join(', ') || 'nothing new'}`,
  );
}
