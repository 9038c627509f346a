/** The command for all checks, in this process, on recordings of real hosts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { COMMANDS } from '../../../lib/cli/suite/commands.ts';
import { isIdle, overview, worstFirst } from '../../../lib/cli/suite/overview.ts';
import { SCENES } from '../../../lib/cli/suite/scenes.ts';
import { runSuite } from '../../../lib/cli/suite/suite.ts';
import type { AnyPlugin } from '../../../lib/plugin.ts';
import type { Report } from '../../../lib/report/report.ts';
import type { State } from '../../../lib/report/state.ts';
import { plugins as registry } from '../../../plugins/index.ts';
import { examplePlugin } from '../../example-plugin.ts';
import { replay } from '../../plugin-test.ts';

const recordings = join(dirname(fileURLToPath(import.meta.url)), '../../recordings');
const of = (path: string): string => join(recordings, `${path}.txt`);

let plugins: readonly AnyPlugin[];
let folder: string;

beforeAll(async () => {
  plugins = await Promise.all(Object.values(registry).map(async (load) => (await load()).default));
  folder = mkdtempSync(join(tmpdir(), 'suite-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const suite = (...args: readonly string[]) => runSuite(plugins, args);

describe('the command line', () => {
  it.each([
    [['nonsense'], '"nonsense" is none of run, list'],
    [['explain'], 'explain needs a CHECK'],
    [['explain', 'ping'], '"ping" is none of check_bond_speed'],
    [['--only', 'ping'], '"ping" is none of check_bond_speed'],
    [['--onyl', 'invtsc'], '"onyl" is not an option, did you mean --only?'],
    [['list', '--only', 'invtsc'], '"only" is not an option'],
    [['demo', 'flood'], '"flood" is none of invtsc'],
    [['run', '--replay', '/nonexistent', '--root', '/'], 'two places to look'],
    [['explain', 'invtsc', 'bond_speed'], '"bond_speed" is one word too many for explain'],
    [['list', 'invtsc'], '"invtsc" is one word too many for list'],
    [['-v', 'list'], '"v" is not an option'],
    [['doctor', '--format', 'nagios'], '"format" is not an option'],
    [['record', 'a', '--record', 'b'], '"record" is not an option'],
    [['--timeout'], '--timeout needs a value'],
  ])('%j: is UNKNOWN with the cause in one line', async (args, cause) => {
    const { text, code } = await suite(...args);
    expect(code).toBe(3);
    expect(text).toMatch(/^HYPERVISOR-CHECKS UNKNOWN - [^\n]*\n$/);
    expect(text).toContain(cause);
  });

  it('shows its commands, and the options of each', async () => {
    const all = await suite('--help');
    const words = all.text.replace(/\s+/g, ' ');
    for (const { name, does } of COMMANDS) {
      expect(words).toContain(` hypervisor-checks ${name} `);
      expect(words).toContain(does);
    }
    expect((await suite('record', '--help')).text).toMatch(/^hypervisor-checks record FILE - /);
    expect((await suite('list', '--help')).text).not.toContain('--replay');
    expect(await suite('--help', 'list')).toEqual(await suite('list', '--help'));
  });

  it('takes its words and options in any order', async () => {
    const from = ['--replay', of('check_invtsc/repaired')];
    const usual = await suite('run', ...from, '--only', 'invtsc', '-v');
    expect(usual.code).toBe(0);
    for (const args of [
      [...from, '--only=invtsc', '-v', 'run'],
      ['--only', 'invtsc', 'run', '-vt', '20', ...from],
      ['-v', '-t20', '--only', 'invtsc', ...from],
    ])
      expect(await suite(...args), args.join(' ')).toEqual(usual);
    const file = join(folder, 'ordered.txt');
    expect((await suite('record', ...from, '--only', 'invtsc', file)).text).toContain('ordered.txt: ');
    rmSync(file);
  });

  it('lists each check with what it finds', async () => {
    const { text, code } = await suite('list');
    expect(code).toBe(0);
    for (const { name, summary } of plugins)
      expect(text).toMatch(new RegExp(`^${name} +${summary.slice(0, 20)}`, 'm'));
  });
});

describe('a run', () => {
  it('says what is worst first, aligned, with a verdict, and ends with its exit code', async () => {
    const { text, code } = await suite(
      '--replay',
      of('check_bond_speed/both-down'),
      '--only',
      'bond_speed',
      '--only',
      'check_vlan*',
    );
    const lines = text.split('\n');
    expect(lines[0]).toMatch(
      /^CRITICAL {2}bond_speed {3}bond0: is down, all slaves lost their link together/,
    );
    expect(lines[1]).toMatch(/^UNKNOWN {3}vlan_mtu {5}\S/);
    expect(lines.at(-2)).toMatch(/: CRITICAL\. 1 critical, 1 unknown\. What to do: the same with -v$/);
    expect(code).toBe(2);
  });

  it('tells with -v what each finding is and how it is repaired', async () => {
    const args = ['--replay', of('check_bond_speed/never-primary'), '--only', 'bond_speed'];
    const { text } = await suite(...args, '-v');
    const alone = await replay(
      plugins.find(({ name }) => name === 'check_bond_speed') as AnyPlugin,
      readFileSync(of('check_bond_speed/never-primary'), 'utf8'),
    );
    const below = alone.text.trimEnd().split('\n').slice(1);
    expect(below.length).toBeGreaterThan(2);
    for (const line of below) expect(text).toContain(`    ${line}\n`);
  });

  it('leaves out what is skipped', async () => {
    const { text } = await suite(
      '--replay',
      of('check_invtsc/repaired'),
      '--only',
      '*',
      '--skip',
      'check_[a-z]*',
      '--skip',
      'bond_speed',
    ).catch(() => ({ text: '' }));
    expect(text).toContain('is none of');
    const few = await suite(
      '--replay',
      of('check_invtsc/repaired'),
      '--only',
      'invtsc',
      '--only',
      'bond_speed',
      '--skip',
      'bond*',
    );
    expect(few.text).toMatch(/^OK {8}invtsc {3}24 guests run here, none with invtsc\n\n\S+: OK\. 1 ok\.\n$/);
  });

  it('is JSON for programs: each check as it prints itself', async () => {
    const path = of('check_invtsc/incident');
    const { text, code } = await suite('--replay', path, '--only', 'invtsc', '--format', 'json');
    const plugin = plugins.find(({ name }) => name === 'check_invtsc') as AnyPlugin;
    const alone = await replay(plugin, readFileSync(path, 'utf8'), '--format', 'json');
    const object = JSON.parse(text) as { checks: unknown[]; host: string };
    expect(object).toMatchObject({ state: 'warning', exitCode: 1 });
    expect(object.checks).toEqual([JSON.parse(alone.text)]);
    expect(object.host).not.toBe('');
    expect(code).toBe(1);
  });

  it('is UNKNOWN for every check where the place cannot be looked at', async () => {
    const { text, code } = await suite('--replay', join(folder, 'nothing'));
    const path = join(folder, 'nothing');
    expect(text).toBe(
      `UNKNOWN   all ${plugins.length} checks   ${path}: is not there\n\n${path}: UNKNOWN. ${plugins.length} unknown.\n`,
    );
    expect(code).toBe(3);
    const json = JSON.parse((await suite('--replay', path, '--format', 'json')).text) as { checks: object[] };
    expect(json.checks).toHaveLength(plugins.length);
    for (const check of json.checks) expect(check).toMatchObject({ state: 'unknown', exitCode: 3 });
    const doctor = await suite('doctor', '--replay', path);
    expect(doctor).toEqual({ code: 1, text: `${path}: is not there\n` });
  });

  it('is what --unreachable says where a machine cannot be reached', async () => {
    // Nobody listens on port 1 of this machine.
    const config = join(folder, 'ssh-config');
    writeFileSync(config, '');
    const far = ['--host', 'nobody@127.0.0.1:1', '--ssh-config', config];
    const { text, code } = await suite(...far, '--only', 'invtsc', '--only', 'bond_speed');
    expect(text).toMatch(
      /^UNKNOWN {3}all 2 checks {3}.*127\.0\.0\.1.*\n\nnobody@127\.0\.0\.1:1: UNKNOWN\. 2 unknown\.\n$/,
    );
    expect(code).toBe(3);
    const worse = await suite(...far, '--unreachable', 'critical', '--only', 'invtsc');
    expect(worse.text).toMatch(/^CRITICAL {2}invtsc/);
    expect(worse.code).toBe(2);
    rmSync(config);
  });

  it('loses nothing of the others when one check breaks', async () => {
    const broken: AnyPlugin = {
      ...examplePlugin,
      gather: () => Promise.reject(new Error('out of luck')),
    };
    const bond = plugins.filter(({ name }) => name === 'check_bond_speed');
    const { text, code } = await runSuite([broken, ...bond], ['--replay', of('check_bond_speed/both-down')]);
    expect(text).toMatch(/^CRITICAL {2}bond_speed/);
    expect(text).toContain('internal error: out of luck - please report this');
    expect(code).toBe(2);
  });
});

describe('one recording for all', () => {
  it('is written for its owner only, and says the same when it is replayed', async () => {
    const from = ['--replay', of('check_invtsc/incident'), '--only', 'invtsc', '--only', 'console_log'];
    const file = join(folder, 'all.txt');
    const written = await suite('record', file, ...from);
    expect(written).toMatchObject({
      code: 0,
      text: expect.stringMatching(/all\.txt: [0-9]+ bytes/) as string,
    });
    const again = await suite('--replay', file, '--only', 'invtsc', '--only', 'console_log');
    expect(again).toEqual(await suite(...from));
    expect(readdirSync(folder)).toEqual(['all.txt']);
  });

  it('goes to standard output for sudo, with the exit code of the worst', async () => {
    const { text, code } = await suite(
      '--record',
      '-',
      '--timeout',
      '6',
      '--replay',
      of('check_invtsc/incident'),
      '--only',
      'invtsc',
    );
    expect(text).toMatch(/^hypervisor-checks recording 1\n[^]*\nend\n$/);
    expect(code).toBe(1);
  });

  it('is never written over something that is no file', async () => {
    const { text, code } = await suite(
      'record',
      folder,
      '--replay',
      of('check_invtsc/incident'),
      '--only',
      'invtsc',
    );
    expect(text).toContain('the recording was not written');
    expect(code).toBe(3);
  });

  it('is made beside what a run says, and takes nothing away from that', async () => {
    const from = ['--replay', of('check_invtsc/incident'), '--only', 'invtsc'];
    const usual = await suite(...from);
    const file = join(folder, 'beside.txt');
    expect(await suite(...from, '--record', file)).toEqual(usual);
    expect(readFileSync(file, 'utf8')).toMatch(/^hypervisor-checks recording 1\n/);
    rmSync(file);
    const failed = await suite(...from, '--record', folder);
    expect(failed.code).toBe(usual.code);
    expect(failed.text).toContain(`${usual.text}the recording was not written: ${folder} is there`);
    const healthy = ['--replay', of('check_invtsc/repaired'), '--only', 'invtsc', '--record', folder];
    expect((await suite(...healthy)).code).toBe(3);
    const json = await suite(...healthy, '--format', 'json');
    expect(JSON.parse(json.text)).toMatchObject({
      state: 'unknown',
      exitCode: 3,
      failure: expect.stringContaining('the recording was not written') as string,
      checks: [{ state: 'ok' }],
    });
  });
});

describe('the overview', () => {
  const report = (plugin: string, state: State, kind = 'x'): Report => ({
    plugin,
    state,
    findings: [{ kind, state, subject: '', text: `${plugin} says ${'so '.repeat(60)}` }],
    summary: '',
    items: [],
    trace: [],
    performance: [],
  });

  it('puts what there is nothing of last, unless somebody wants to be told of it', () => {
    const reports = [
      report('a', 'ok', 'none'),
      report('b', 'ok'),
      report('c', 'warning', 'none'),
      report('d', 'unknown'),
      report('e', 'critical'),
    ];
    expect(worstFirst(reports).map(({ plugin }) => plugin)).toEqual(['e', 'c', 'd', 'b', 'a']);
    expect(reports.filter(isIdle).map(({ plugin }) => plugin)).toEqual(['a']);
  });

  it('fits the terminal', () => {
    const looked = {
      node: 'kvm1',
      place: 'kvm1',
      host: null,
      failure: null,
      reports: [report('check_long_name', 'warning'), report('check_b', 'ok')],
    };
    for (const columns of [60, 80, 120]) {
      const lines = overview(looked, { verbosity: 0, colour: false, columns }).split('\n').slice(0, 2);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });
});

describe('the demo', () => {
  it.each(SCENES)(
    '$name: is red before the repair and green after it',
    async ({ check, before, after, args = [] }) => {
      const plugin = plugins.find(({ name }) => name === check) as AnyPlugin;
      const text = (name: string): string => readFileSync(of(`${check}/${name}`), 'utf8');
      expect((await replay(plugin, text(before), ...args)).code).toBeGreaterThan(0);
      expect((await replay(plugin, text(after), ...args)).code).toBe(0);
    },
  );
});

describe('the README', () => {
  it('shows what the checks say of each incident', async () => {
    const readme = readFileSync(join(recordings, '../../README.md'), 'utf8');
    const [, table = ''] = readme.split(/^## What they catch$/m);
    const cells = [
      ...(table.split(/^## /m, 1)[0]?.matchAll(/^\| (?!---|what)[^|]+ \| ([^|]+) \|$/gm) ?? []),
    ].map(([, cell]) => cell ?? '');
    expect(cells).toHaveLength(SCENES.length);
    const said: string[] = [];
    for (const { check, before, args = [] } of SCENES) {
      const plugin = plugins.find(({ name }) => name === check) as AnyPlugin;
      said.push((await replay(plugin, readFileSync(of(`${check}/${before}`), 'utf8'), ...args)).text);
    }
    for (const cell of cells)
      expect(
        said.some((text) => text.includes(cell)),
        cell,
      ).toBe(true);
  });
});

describe('a file for --replay', () => {
  it('may hold what one check saw; the others say that they were not recorded', async () => {
    const file = join(folder, 'one.txt');
    writeFileSync(file, readFileSync(of('check_invtsc/repaired')));
    const { text, code } = await suite('--replay', file);
    expect(code).toBe(3);
    expect(text).toContain('is not in the recording');
    rmSync(file);
  });
});
