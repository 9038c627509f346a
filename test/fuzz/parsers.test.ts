/** Some inputs of each; `npm run fuzz -- --inputs 1000000` for the rest. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { Corpora, faultOf, fuzz, longInputs, type Fault } from './fuzz.ts';
import { FUZZED } from './parsers.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const corpora = new Corpora(top);
const INPUTS = 600;
const LONG_BYTES = 50_000;

const inWords = ({ what, input }: Fault): string =>
  `${what}\nfor ${JSON.stringify(input.toString('latin1'))}`;

describe.each(Object.entries(FUZZED))('%s', (_, fuzzed) => {
  const corpus = corpora.of(fuzzed);

  it('takes any bytes, or says that they are not of its format', async () => {
    const seed = Number(process.env['SEED'] ?? 20261121);
    expect((await fuzz(fuzzed, corpus, { inputs: INPUTS, seed })).map(inWords)).toEqual([]);
  });

  it('comes to an end with long lines', async () => {
    for (const input of longInputs(corpus, LONG_BYTES, 1, 20))
      expect(await faultOf(fuzzed, input, false)).toBeNull();
  });
});

it('every function that a parser exports is fed', () => {
  const table = readFileSync(join(top, 'test/fuzz/parsers.ts'), 'utf8').replaceAll(/^import [^;]*;$/gm, '');
  const folder = join(top, 'lib/parsers');
  const missing = readdirSync(folder).flatMap((module) =>
    [...readFileSync(join(folder, module), 'utf8').matchAll(/^export (?:async )?function (\w+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => !new RegExp(`\\b${name}\\b`).test(table))
      .map((name) => `${module}: ${name}`),
  );
  expect(missing, 'PARSERS in test/fuzz/parsers.ts needs a line for each').toEqual([]);
});
