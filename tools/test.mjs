// npm test: everything that must hold. The last line counts the tests.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { top } from './bundle.mjs';

const results = join(top, 'node_modules/.cache/test-results.json');

function step(name, command, ...args) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { cwd: top, stdio: 'inherit' });
  if (status !== 0) fail(`${name} failed`);
}

function fail(what) {
  console.log(`\n${what}`);
  process.exit(1);
}

const bin = (name) => join(top, 'node_modules/.bin', name);
const tool = (name) => join(top, 'tools', name);

step('real components', process.execPath, tool('lab-install.mjs'));
step('types', bin('tsc'), '--noEmit');
step('lint', bin('eslint'), '.');
step('format', bin('prettier'), '--check', '--log-level', 'warn', '.');
step('build', process.execPath, tool('build.mjs'));
step('generated files', process.execPath, tool('generate.mjs'), '--check');

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
