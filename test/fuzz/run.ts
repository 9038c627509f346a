/** The long run of the fuzzer: `npm run fuzz -- --inputs 1000000 --seed 7 --only qemu`; with `--plugins` whole checks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Corpora, faultOf, fuzz, longInputs, type Corpus, type Fault } from './fuzz.ts';
import { recordings } from './corpus.ts';
import { FUZZED, type Fuzzed } from './parsers.ts';
import { blindFaults, fuzzPlugin } from './plugins.ts';
import { Random } from './random.ts';
import { plugins } from '../../plugins/index.ts';

/** How long the lines are that have no end, and what they may take of the processor: what is linear needs a hundredth of that. */
const LONG = [
  { bytes: 10_000, milliseconds: 1000 },
  { bytes: 100_000, milliseconds: 3000 },
  { bytes: 1_000_000, milliseconds: 15_000 },
];

/** True: there was no fault. What failed is kept in `failures`, one file an input. */
export async function main(top: string, args: readonly string[], failures: string): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      long: { type: 'string', default: '100' },
      only: { type: 'string', default: '' },
      plugins: { type: 'boolean', default: false },
    },
  });
  mkdirSync(failures, { recursive: true });
  const only = new RegExp(values.only);
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (values.plugins) return await wholeChecks(top, { inputs, seed, only }, failures);
  const corpora = new Corpora(top);
  let isGood = true;
  for (const [name, fuzzed] of Object.entries(FUZZED)) {
    if (!only.test(name)) continue;
    const started = performance.now();
    const corpus = corpora.of(fuzzed);
    const faults = await fuzz(fuzzed, corpus, { inputs, seed });
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

async function wholeChecks(
  top: string,
  { inputs, seed, only }: { readonly inputs: number; readonly seed: number; readonly only: RegExp },
  failures: string,
): Promise<boolean> {
  const all = recordings(top);
  let isGood = true;
  for (const [name, load] of Object.entries(plugins)) {
    if (!only.test(name)) continue;
    const texts = all.filter(({ check }) => check === name).map(({ text }) => text);
    const path = join(failures, `recording ${process.pid}`);
    const open = (text: string): string => {
      writeFileSync(path, text);
      return path;
    };
    const plugin = (await load()).default;
    const faults = [...(await fuzzPlugin(plugin, texts, open, { inputs, seed }))];
    const random = new Random(seed);
    for (const text of texts)
      for (const why of ['denied', 'timedOut'] as const)
        for (const what of await blindFaults(plugin, text, open, { questions: Infinity, why, random }))
          faults.push({ what, text });
    console.log(`${name}: ${inputs} recordings, ${faults.length} faults`);
    for (const [index, { what, text }] of faults.entries())
      keep(failures, `${name} ${index}`, { what, input: Buffer.from(text) });
    isGood &&= faults.length === 0;
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
  for (const { bytes, milliseconds } of LONG) {
    for (const input of longInputs(corpus, bytes, seed, count)) {
      const started = process.cpuUsage();
      const fault = await faultOf(fuzzed, input, false);
      const ms = process.cpuUsage(started).user / 1000;
      most = Math.max(most, ms);
      if (ms > milliseconds)
        return { ms, faults: [{ input, what: `${bytes} bytes took ${ms.toFixed(0)} ms` }] };
      if (fault !== null) return { ms: most, faults: [fault] };
    }
  }
  return { ms: most, faults: [] };
}

function keep(folder: string, name: string, { input, what }: Fault): void {
  const path = join(folder, name.replaceAll(/[^\w]+/g, '-'));
  writeFileSync(path, input);
  const shown = JSON.stringify(input.subarray(0, 400).toString('latin1'));
  console.log(`  ${what}\n  for ${shown}\n  kept as ${path}`);
}
