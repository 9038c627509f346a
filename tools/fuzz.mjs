// npm run fuzz: feeds every parser with spoiled inputs, see test/fuzz. `--inputs N --seed N --only REGEXP --long N`
import { join } from 'node:path';

import { load, top } from './bundle.mjs';

const { main } = await load('test/fuzz/run.ts');
const failures = join(top, 'node_modules/.cache/fuzz');
process.exitCode = (await main(top, process.argv.slice(2), failures)) ? 0 : 1;
