/** The long run of the fuzzer: `npm run fuzz -- --inputs 1000000 --seed 7 --only qemu`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Corpora, faultOf, fuzz, longInputs, type Corpus, type Fault } from './fuzz.ts';
import { FUZZED, type Fuzzed } from './parsers.ts';

/** How long a line is that has no end, and how long it may take: what is linear needs a hundredth of that. */
const LONG_BYTES = 1_000_000;
const LONG_MS = 3000;

/** True: there was no fault. What failed is kept in `failures`, one file an input. */
export async function main(top: string, args: readonly string[], failures: string): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      long: { type: 'string', default: '100' },
      only: { type: 'string', default: '' },
    },
  });
  const corpora = new Corpora(top);
  const seed = Number(values.seed);
  let isGood = true;
  for (const [name, fuzzed] of Object.entries(FUZZED)) {
    if (!new RegExp(values.only).test(name)) continue;
    const started = performance.now();
    const corpus = corpora.of(fuzzed);
    const faults = await fuzz(fuzzed, corpus, { inputs: Number(values.inputs), seed });
    const slow = await slowest(fuzzed, corpus, Number(values.long), seed);
    const all = [...faults, ...slow.faults];
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const long = `1 MB in ${slow.ms.toFixed(0)} ms at most`;
    console.log(`${name}: ${values.inputs} inputs, ${long}, ${all.length} faults, ${seconds} s`);
    for (const [index, fault] of all.entries()) keep(failures, `${name} ${index}`, fault);
    isGood &&= all.length === 0;
  }
  return isGood;
}

async function slowest(
  fuzzed: Fuzzed,
  corpus: Corpus,
  count: number,
  seed: number,
): Promise<{ readonly ms: number; readonly faults: readonly Fault[] }> {
  let most = 0;
  // What is quadratic would not come back: first with a tenth.
  for (const bytes of [LONG_BYTES / 10, LONG_BYTES]) {
    for (const input of longInputs(corpus, bytes, seed, count)) {
      const started = performance.now();
      const fault = await faultOf(fuzzed, input, false);
      const ms = performance.now() - started;
      most = Math.max(most, ms);
      if (ms > LONG_MS / (LONG_BYTES / bytes))
        return { ms, faults: [{ input, what: `${bytes} bytes took ${ms.toFixed(0)} ms` }] };
      if (fault !== null) return { ms: most, faults: [fault] };
    }
  }
  return { ms: most, faults: [] };
}

function keep(folder: string, name: string, { input, what }: Fault): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name.replaceAll(/[^\w]+/g, '-'));
  writeFileSync(path, input);
  const shown = JSON.stringify(input.subarray(0, 400).toString('latin1'));
  console.log(`  ${what}\n  for ${shown}\n  kept as ${path}`);
}
