/** The completion for bash, in a real bash. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { optionsOf } from '../../lib/cli/command-line.ts';
import { COMMANDS } from '../../lib/cli/suite/commands.ts';
import { SCENES } from '../../lib/cli/suite/scenes.ts';
import { bashCompletion } from '../../lib/generate/completion.ts';
import { STATES } from '../../lib/report/state.ts';
import { plugins } from '../../plugins/index.ts';

const all = await Promise.all(Object.values(plugins).map(async (load) => (await load()).default));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  writeFileSync(join(folder, 'script'), bashCompletion(all));
  for (const name of ['a file.txt', 'afile']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What Tab offers behind `words`, the last of which is being typed. COMP_WORDS is split at `=`, as readline does it. */
function complete(...words: readonly string[]): readonly string[] {
  const split = words.flatMap((word) => word.split(/(=)/).filter((part, i) => part !== '' || i === 0));
  const quoted = split.map((word) => `'${word}'`).join(' ');
  const last = split.length - 1;
  const script = `
set -u
source ./script
COMP_WORDS=(${quoted})
COMP_CWORD=${last}
_hypervisor_checks '${words[0] ?? ''}' '${split[last] ?? ''}' '${split[last - 1] ?? ''}'
for reply in "\${COMPREPLY[@]}"; do printf '%s\\n' "$reply"; done`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').slice(0, -1);
}

describe('the completion for bash', () => {
  it.each(all)('offers every option of $name, and no other', (plugin) => {
    const options = optionsOf(plugin).map(({ name }) => `--${name}`);
    expect(complete(plugin.name, '--')).toEqual(options);
    expect(complete(`/usr/lib/nagios/plugins/${plugin.name}`, '-v', '--')).toEqual(options);
    expect(complete(plugin.name, '--vers')).toEqual(['--version']);
  });

  it.each(all)('offers the values of each option of $name that has a few', (plugin) => {
    for (const { name, option } of optionsOf(plugin)) {
      const choices = 'choices' in option ? option.choices : undefined;
      if (choices === undefined) continue;
      expect(complete(plugin.name, `--${name}`, ''), name).toEqual(choices);
      expect(complete(plugin.name, `--${name}=`), name).toEqual(choices);
    }
    expect(complete(plugin.name, '--none', 'wa')).toEqual(['warning']);
    expect(complete(plugin.name, '--none=wa')).toEqual(['warning']);
    expect(complete(plugin.name, '--none', '')).toEqual([...STATES]);
  });

  it.each(all)('offers files where $name takes a path or a name', (plugin) => {
    for (const option of ['--replay', '--root', '-w']) {
      expect(complete(plugin.name, option, 'a')).toEqual(['a file.txt', 'afile']);
    }
    expect(complete(plugin.name, '--replay=a')).toEqual(['a file.txt', 'afile']);
  });

  const suite = (...words: readonly string[]): readonly string[] => complete('hypervisor-checks', ...words);

  it('offers the commands of hypervisor-checks, and the options of each', () => {
    const names = COMMANDS.map(({ name }) => name);
    expect(suite('')).toEqual(names);
    expect(complete('/usr/bin/hypervisor-checks', '')).toEqual(names);
    expect(suite('do')).toEqual(['doctor']);
    for (const { name, options } of COMMANDS) {
      const words = Object.keys(options).map((option) => `--${option}`);
      expect(suite(name, '--help', '--'), name).toEqual(words);
      if (name === 'run') expect(suite('--')).toEqual(words);
    }
  });

  it('offers checks, incidents and files where a command of hypervisor-checks takes them', () => {
    const checks = all.flatMap(({ name }) => [name, name.replace('check_', '')]).sort();
    for (const before of [['explain'], ['--only'], ['run', '-v', '--skip']])
      expect([...suite(...before, '')].sort(), before.join(' ')).toEqual(checks);
    expect(suite('--only=inv')).toEqual(['invtsc']);
    expect(suite('explain', 'check_inv')).toEqual(['check_invtsc']);
    expect(suite('demo', '')).toEqual(SCENES.map(({ name }) => name));
    expect(suite('record', 'a')).toEqual(['a file.txt', 'afile']);
    expect(suite('--replay', 'a')).toEqual(['a file.txt', 'afile']);
    expect(suite('run', '--format', '')).toEqual(['nagios', 'json']);
    expect(suite('run', '--unreachable=w')).toEqual(['warning']);
  });

  it('is registered for every check and for all of them', () => {
    const { stdout } = spawnSync('bash', ['--norc', '-c', 'source ./script; complete -p'], {
      cwd: folder,
      encoding: 'utf8',
    });
    for (const name of [...all.map((one) => one.name), 'hypervisor-checks'])
      expect(stdout).toMatch(new RegExp(`^complete .*-F _hypervisor_checks ${name}$`, 'm'));
  });
});
