/**
 * All checks in one process that looks again and again, as the tests of a slow machine want it: in User Mode Linux a program
 * of node needs most of a second to start, and hardly anything to look once more. `ask` of uml-prelude.sh starts it.
 *
 * Each line of standard input is the name of a check and its arguments, parted by blanks. What it says is left as a block that
 * parseChecks reads in the file of the only argument, and then told by an empty line on standard output.
 */
import { writeFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { run } from '../../lib/cli/run.ts';
import { plugins } from '../../plugins/index.ts';

/** For `bundleProgram`. */
export const RESIDENT = `import { reside } from './test/lab/resident.ts'; void reside();`;

export async function reside(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name = '', ...args] = line.split(' ').filter((word) => word !== '');
    const load = plugins[name];
    if (load === undefined) throw new Error(`${name} is not in the registry`);
    const { text, code } = await run((await load()).default, args);
    writeFileSync(process.argv[2] ?? '', `== ${line}\n${text}-> ${code}\n`);
    writeSync(1, '\n');
  }
}
