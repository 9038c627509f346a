// npm test: everything that must hold. The last line counts the tests.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { top } from './bundle.mjs';

const results = join(top, 'node_modules/.cache/test-results.json');

/** Says what it has printed when it has ended, since another one may run beside it. */
async function step(name, command, ...args) {
  const child = spawn(command, args, { cwd: top, stdio: ['inherit', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const status = await new Promise((resolve) => child.once('close', resolve));
  process.stdout.write(`\n== ${name}\n${output}`);
  if (status !== 0) throw new Error(`${name} failed`);
}

const bin = (name) => join(top, 'node_modules/.bin', name);
const tool = (name) => join(top, 'tools', name);

async function built() {
  await step('build', process.execPath, tool('build.mjs'));
  await step('generated files', process.execPath, tool('generate.mjs'), '--check');
}

// At the same time: the first waits for the network, the others for a core. What has begun to install is not left alone.
const done = await Promise.allSettled([
  step('real components', process.execPath, tool('lab-install.mjs')),
  step('lint', bin('eslint'), '.'),
  step('types', bin('tsc'), '--noEmit'),
  step('format', bin('prettier'), '--check', '--log-level', 'warn', '.'),
  built(),
]);
const failures = done.flatMap(({ reason }) => (reason === undefined ? [] : [reason.message]));
if (failures.length > 0) {
  console.log(`\n${failures.join('\n')}`);
  process.exit(1);
}

console.log('\n== tests');
rmSync(results, { force: true });
spawnSync(
  bin('vitest'),
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)],
  { cwd: top, stdio: 'inherit' },
);
const { numPassedTests, numFailedTests, numPendingTests, success } = JSON.parse(
  readFileSync(results, 'utf8'),
);
console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
if (!success || numFailedTests > 0 || numPassedTests === 0) process.exitCode = 1;
