/** NRPE for real: the generated commands behind Debian's server, asked by Debian's client. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { USABLE_BYTES, throughNrpe } from '../readers/nrpe.ts';
import { declarationOf, generatedFor, installAll, NAMES, sudoersFor } from './all-checks.ts';
import { alone, nagios, read, sameSaid, type Said } from './as-nagios.ts';
import { lab, scratch } from './lab.ts';
import { NRPE, startNrpe, type Nrpe } from './nrpe.ts';
import { runPlugin } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';

const withRoot: string[] = [];
for (const name of NAMES) if ((await declarationOf(name)).access.root !== '') withRoot.push(name);

lab([...NRPE, ...QEMU, 'sudo'], 'the generated commands of NRPE', () => {
  let bin: string;
  let nrpe: Nrpe;
  let hidden: Nrpe;

  beforeAll(async () => {
    bin = await installAll();
    const files = { 'hypervisor-checks.cfg': generatedFor(bin, 'nrpe/hypervisor-checks.cfg') };
    const own = (name: string, args: string): string => `command[${name}]=${bin}/check_${args}`;
    const local = [
      own('check_invtsc', 'invtsc --guest lab-nrpe* -v'),
      own('long', 'misbehaving --how long -v'),
      own('slow', 'misbehaving --how wait -t 60'),
      own('late', 'misbehaving --how wait -t 1'),
      ...['ok', 'warning', 'critical', 'unknown'].map((state) =>
        own(state, `misbehaving --how find --found ${state}`),
      ),
      `command[flood]=${writeScript('i=0; while [ $i -lt 7000 ]; do echo "line $i ünïcode"; i=$((i+1)); done')}`,
    ];
    nrpe = await startNrpe({
      files: { ...files, 'local.cfg': `${local.join('\n')}\n` },
      settings: { command_timeout: '6' },
    });
    hidden = await startNrpe({
      files,
      prepare: `mount --make-rprivate / && mount --bind ${sudoersFor(bin)} /etc/sudoers.d && mount -t proc -o hidepid=2 proc /proc`,
    });
  });

  function writeScript(text: string): string {
    const script = join(scratch(), 'script');
    writeFileSync(script, `#!/bin/sh\n${text}\n`);
    chmodSync(script, 0o755);
    return script;
  }

  it.each(NAMES.filter((name) => name !== 'check_invtsc'))('give what %s says by itself', async (name) => {
    const given = async (): Promise<Said> => read(await nrpe.ask(name));
    expect((await sameSaid(() => alone(join(bin, name)), given, name)).output).not.toBe('');
  });

  it('can be given options in another file, and keep lines, performance data and exit status', async () => {
    expect(await nrpe.ask('check_invtsc')).toMatchObject({ code: 0 });
    await startQemu({ args: ['-name', 'lab-nrpe', '-cpu', 'qemu64,+invtsc'] });
    const direct = () => runPlugin(join(bin, 'check_invtsc'), ['--guest', 'lab-nrpe*', '-v'], nagios());
    // The machine lives: what the check says before and after is what it may have said in between.
    const before = await direct();
    const { code, stdout, stderr } = await nrpe.ask('check_invtsc');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect([before.stdout, (await direct()).stdout]).toContain(stdout);
    expect(stdout.split('\n').length).toBeGreaterThan(3);
    expect(stdout).toContain(' | guests=1;;;0 with_invtsc=1;;;0');
  });

  describe('with sudo', () => {
    it('are needed: nagios alone does not see', async () => {
      const { code, stdout } = await hidden.ask('check_invtsc');
      expect(code).toBe(3);
      expect(stdout).toContain('hidden by its mount option hidepid');
    });

    it.each(withRoot)('give what %s says to root', async (name) => {
      const toRoot = async (): Promise<Said> => read(await runPlugin(join(bin, name)));
      const given = async (): Promise<Said> => read(await hidden.ask(`${name}_sudo`));
      expect((await sameSaid(toRoot, given, name)).output).not.toBe('');
    });
  });

  it.each([
    ['ok', 0],
    ['warning', 1],
    ['critical', 2],
    ['unknown', 3],
  ])('keep the exit status of %s', async (state, code) => {
    const ran = await nrpe.ask(state);
    expect(ran.stdout).toMatch(new RegExp(`^MISBEHAVING ${state.toUpperCase()} - .*thing: is there`));
    expect(ran.code).toBe(code);
  });

  it('lose nothing of the longest output of a check', async () => {
    const { stdout } = await runPlugin(join(bin, 'check_misbehaving'), ['--how', 'long', '-v'], nagios());
    expect(Buffer.byteLength(stdout)).toBeGreaterThan(1000);
    expect((await nrpe.ask('long')).stdout).toBe(stdout);
  });

  it('answer before the server loses patience, which says so itself otherwise', async () => {
    const late = await nrpe.ask('late');
    expect(late).toMatchObject({ code: 3 });
    expect(late.stdout).toMatch(/^MISBEHAVING UNKNOWN - /);
    const slow = await nrpe.ask('slow');
    expect(slow).toMatchObject({ code: 3, stdout: 'NRPE: Command timed out after 6 seconds\n' });
  });

  it('take no arguments on Debian', async () => {
    const { code, stdout } = await nrpe.ask('check_invtsc', '-a', 'x');
    expect(code).toBe(3);
    expect(stdout).toContain('CHECK_NRPE: Receive header underflow');
  });

  it.each([
    [2, ['-2']],
    [3, ['-3']],
    [4, []],
  ] as const)('of any output keep as much as protocol %i has room for', async (protocol, args) => {
    const all = Array.from({ length: 7000 }, (_, i) => `line ${i} ünïcode\n`).join('');
    expect(Buffer.byteLength(all)).toBeGreaterThan(USABLE_BYTES[protocol]);
    const { stdout } = await nrpe.ask('flood', ...args);
    expect(stdout).toBe(`${throughNrpe(all, protocol)}\n`);
  });
});
