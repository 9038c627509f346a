/** Nagios 4 for real: its status file shows what the checks meant. */
import { join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { splitOutput, type NagiosOutput } from '../readers/nagios.ts';
import { installAll, NAMES } from './all-checks.ts';
import { nagios } from './as-nagios.ts';
import { lab } from './lab.ts';
import { NAGIOS, startNagios, type ServiceStatus } from './nagios4.ts';
import { runPlugin } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';

interface Said extends NagiosOutput {
  readonly state: number | null;
}

const SEE_GUESTS = ['check_invtsc', 'check_guest_migration'];

lab([...NAGIOS, ...QEMU], 'Nagios 4', () => {
  let bin: string;
  let status: ReadonlyMap<string, ServiceStatus>;
  const commands: Record<string, string> = {};
  const before = new Map<string, Said>();

  beforeAll(async () => {
    bin = await installAll();
    await startQemu({ args: ['-name', 'lab-nagios', '-cpu', 'qemu64,+invtsc'] });
    // Other tests start and end guests meanwhile.
    const own = (name: string): string => (SEE_GUESTS.includes(name) ? " --guest 'lab-nagios*'" : '');
    for (const name of NAMES) commands[name] = join(bin, name) + own(name);
    commands['guest'] = `${join(bin, 'check_invtsc')} --guest 'lab-nagios*' -v -w 5 -c @10:20`;
    commands['long'] = `${join(bin, 'check_misbehaving')} --how long -v`;
    for (const name of Object.keys(commands)) before.set(name, await said(name));
    const running = await startNagios(commands);
    status = await running.status();
  });

  const blurred = (said: Said | undefined): string =>
    JSON.stringify(said, ['state', 'short', 'long', 'perfdata']).replace(
      /[0-9]+(?:[.][0-9]+)?/g,
      (number, at) => (at === '{"state":'.length ? number : '#'),
    );
  const shown = (name: string): Said => {
    const fields = status.get(name);
    return {
      state: Number(fields?.get('current_state')),
      short: fields?.get('plugin_output') ?? '',
      long: (fields?.get('long_plugin_output') ?? '').replaceAll('\\n', '\n').trim(),
      perfdata: fields?.get('performance_data') ?? '',
    };
  };
  const said = async (name: string): Promise<Said> => {
    const { code, stdout } = await runPlugin(['sh', '-c', commands[name] ?? ''], [], {
      ...nagios(),
      cwd: '/',
    });
    return { state: code, ...splitOutput(stdout) };
  };

  it('shows line 1, the long output and the performance data of a finding', async () => {
    const { state, short, long, perfdata } = shown('guest');
    expect(state).toBe(1);
    expect(short).toMatch(/^INVTSC WARNING - lab-nagios: runs with \+invtsc/);
    expect(short).not.toContain('|');
    expect(long).toMatch(/^\[WARNING\] lab-nagios: runs with \+invtsc/);
    expect(long).toContain('\nTake +invtsc out of the -cpu option');
    expect(perfdata).toMatch(/^guests=1;;;0 with_invtsc=1;5;@10:20;0/);
    expect(shown('guest')).toEqual(await said('guest'));
  });

  it.each([...NAMES, 'long'])('shows of %s what it says', async (name) => {
    // The machine lives: what a check says before and after is what it may have said to Nagios in between.
    const expected = [before.get(name), await said(name)].map((one) => blurred(one));
    expect(expected).toContainEqual(blurred(shown(name)));
  });
});
