/** npm run new, in a copy of the sources: what it makes is sound, and the contract says what is still to be done. */
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { top } from '../../tools/bundle.mjs';
import { scratch } from './lab.ts';
import { runPlugin } from './process.ts';

let copy: string;

async function run(program: string, ...args: readonly string[]) {
  const options = { cwd: copy, env: { VITEST: undefined, CI: undefined }, timeoutSeconds: 120 };
  return await runPlugin([process.execPath, join(copy, program), ...args], [], options);
}

beforeAll(async () => {
  copy = scratch();
  const left = ['lab', 'recordings'].map((folder) => join(top, 'test', folder));
  for (const name of [
    'lib',
    'plugins',
    'tools',
    'test',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    '.prettierrc.json',
    'CHANGELOG.md',
  ])
    cpSync(join(top, name), join(copy, name), { recursive: true, filter: (path) => !left.includes(path) });
  cpSync(join(top, 'test/lab/lab.ts'), join(copy, 'test/lab/lab.ts'));
  symlinkSync(join(top, 'node_modules'), join(copy, 'node_modules'));
  expect(await run('tools/new-check.mjs', 'check_new_thing')).toMatchObject({ code: 0, stderr: '' });
});

describe('a new check', () => {
  it('has the right types and passes the tests that it came with', { timeout: 240_000 }, async () => {
    const files = ['test/parsers/new-thing.test.ts', 'test/plugins/check_new_thing.test.ts'];
    writeFileSync(
      join(copy, 'tsconfig.new.json'),
      JSON.stringify({ extends: './tsconfig.json', include: [], files: [...files, 'lib/shell-script.d.ts'] }),
    );
    expect(await run('node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.new.json')).toMatchObject(
      { code: 0, stdout: '' },
    );
    const { code, stdout } = await run(
      'node_modules/vitest/vitest.mjs',
      'run',
      'new-thing',
      'check_new_thing',
      'fuzz/parsers.test.ts',
      '-t',
      'new|TODO|exports',
    );
    expect(code, stdout).toBe(0);
  });

  it('is told what it lacks', async () => {
    const contract = await run('node_modules/vitest/vitest.mjs', 'run', 'contract', '-t', 'check_new_thing');
    expect(contract.code).toBe(1);
    // vitest ends the list with what it compared.
    const [, list = ''] = / lacks:\n((?:- .*\n?)+)/.exec(contract.stderr) ?? [];
    expect(list.replace(/: expected \[.*\n$/, '').split('\n')).toEqual([
      '- texts in plugins/check_new_thing.ts instead of TODO (17)',
      '- texts in plugins/check_new_thing.md instead of TODO (5)',
      '- texts in lib/parsers/new-thing.ts instead of TODO (2)',
      '- texts in test/parsers/new-thing.test.ts instead of TODO (1)',
      '- texts in test/plugins/check_new_thing.test.ts instead of TODO (1)',
      '- a page that was generated after its declaration (npm run generate)',
      '- a recording of a host that shows the fault: check_new_thing --record test/recordings/check_new_thing/incident.txt, with its line "# expected: 1 ..."',
      '- a line in CHANGELOG.md',
    ]);
  });
});
