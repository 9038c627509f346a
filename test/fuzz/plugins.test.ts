/** Some spoiled recordings of each check; `npm run fuzz -- --plugins --inputs 100000` for more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, expect, it } from 'vitest';

import { plugins } from '../../plugins/index.ts';
import { recordings } from './corpus.ts';
import { fuzzPlugin } from './plugins.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'spoiled-'));
const all = recordings(top);

afterAll(() => rmSync(folder, { recursive: true }));

const open = (text: string): string => {
  writeFileSync(join(folder, 'recording'), text);
  return join(folder, 'recording');
};

it.each(Object.entries(plugins))('%s takes whatever a host answers', async (name, load) => {
  const texts = all.filter(({ check }) => check === name).map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(0);
  const seed = Number(process.env['SEED'] ?? 20261121);
  const faults = await fuzzPlugin((await load()).default, texts, open, { inputs: 150, seed });
  expect(faults.map(({ what }) => what)).toEqual([]);
});
