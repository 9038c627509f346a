/** Some spoiled recordings of each check; `npm run fuzz -- --plugins --inputs 100000` for more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, expect, it } from 'vitest';

import { plugins } from '../../plugins/index.ts';
import { recordings } from './corpus.ts';
import { blindFaults, fuzzPlugin } from './plugins.ts';
import { Random } from './random.ts';

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

it.each(Object.entries(plugins))(
  '%s with a fault is not healthy where a look at it is denied',
  async (name, load) => {
    const random = new Random(Number(process.env['SEED'] ?? 20261121));
    const plugin = (await load()).default;
    for (const { check, text } of all) {
      if (check !== name) continue;
      for (const why of ['denied', 'timedOut'] as const)
        expect(await blindFaults(plugin, text, open, { questions: 3, why, random })).toEqual([]);
    }
  },
);
