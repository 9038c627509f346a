/** check_invtsc, built, on real guests: qemu's own processes, libvirt's own definitions, Icinga's own checks. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { uuidOf } from '../guest-host.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { atFileEnd, lab, scratch, until } from './lab.ts';
import { domainXml, LIBVIRTD, startLibvirtd } from './libvirt.ts';
import { HIDEPID, hidepid } from './mountns.ts';
import { cmdlineOf, runPlugin, spawnProcess, type Running } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const NOBODY = { uid: 65534, gid: 65534 };

let folder: string;
let plugin: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_invtsc', folder);
  plugin = join(folder, 'bin/check_invtsc');
});

async function check(...args: string[]) {
  return read(await runPlugin(plugin, args));
}

function read({ code, signal, stdout, stderr }: Awaited<ReturnType<typeof runPlugin>>) {
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  const [first = ''] = stdout.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line, perfdata, text: stdout };
}

// Model and flags of the incident, without osxsave, which qemu does not let anybody set any more.
const ACRUX =
  'SandyBridge,+invtsc,+erms,+smep,+fsgsbase,+pdpe1gb,+rdrand,+f16c,+dca,+pcid,+pdcm,+xtpr,+tm2,+est,+smx,+vmx,' +
  '+ds_cpl,+monitor,+dtes64,+pbe,+tm,+ht,+ss,+acpi,+ds,+vme';

lab(QEMU, 'real guests', () => {
  it.each([
    ['the incident', ['-name', 'lab-acrux', '-cpu', ACRUX], 'lab-acrux'],
    ['=on', ['-name', 'guest=lab-on,debug-threads=on', '-cpu', 'Westmere,invtsc=on'], 'lab-on'],
    ['bare', ['-name', 'lab-bare', '-cpu', 'qemu64,invtsc'], 'lab-bare'],
    ['plus beats =off', ['-name', 'lab-plus', '-cpu', 'max,invtsc=off,+invtsc'], 'lab-plus'],
    ['the last -cpu', ['-name', 'lab-last', '-cpu', 'qemu64', '-cpu', 'Westmere,+invtsc'], 'lab-last'],
    ['a name with a comma', ['-name', 'guest=lab-a,,b=1,debug-threads=on', '-cpu', 'qemu64,+invtsc'], 'lab-a,b=1'],
    ['another process name', ['-name', 'lab-web,process=webby', '-cpu', 'qemu64,+invtsc'], 'lab-web'],
    ['a property of the command line', ['-name', 'lab-global', '-cpu', 'qemu64', '-global', 'qemu64-x86_64-cpu.invtsc=on'], 'lab-global'],
  ])('with invtsc are WARNING: %s', async (_, args, name) => {
    const qemu = await startQemu({ args });
    const { code, line, perfdata, text } = await check('--guest', 'lab-*');
    expect(code).toBe(1);
    expect(line).toContain(`INVTSC WARNING - ${name}: runs with `);
    expect(text).toContain(`pid ${qemu.pid}`);
    expect(text).toContain('emulated (TCG): it takes effect under KVM');
    expect(perfdata).toContain('guests=1;;;0 with_invtsc=1;;;0');
    await qemu.stop();
    const after = await check('--guest', 'lab-*');
    expect(after).toMatchObject({ code: 0 });
    expect(after.text).toContain('no guests');
  }); // prettier-ignore

  it.each([
    ['minus beats plus', ['-cpu', 'max,+invtsc,-invtsc']],
    ['a model without it', ['-cpu', 'Haswell']],
    ['the last -cpu', ['-cpu', 'qemu64,+invtsc', '-cpu', 'qemu64']],
    ['no -cpu at all', []],
  ])('without it are OK: %s', async (_, args) => {
    await startQemu({ args: ['-name', 'lab-clean', ...args] });
    const { code, line } = await check('--guest', 'lab-*');
    expect({ code, line }).toMatchObject({ code: 0 });
    expect(line).toContain('INVTSC OK - 1 guest runs here, none with invtsc');
  });

  it('are found by the executable where neither name nor command line tells', async () => {
    const options = '-S -accel tcg -m 64 -display none -nodefaults -cpu qemu64,+invtsc';
    const command = `exec -a renamed qemu-system-x86_64 -name lab-own,process=x ${options}`;
    const qemu = spawnProcess(['bash', '-c', command]);
    await until(() => cmdlineOf(qemu.pid)[0] === 'renamed', { seconds: 10, what: 'qemu' });
    const { code, line } = await check('--guest', 'lab-*');
    expect(code).toBe(1);
    expect(line).toContain('INVTSC WARNING - lab-own: runs with +invtsc');
    // Without root there is only the name, and that says something else: it cannot be known.
    expect(read(await runPlugin(plugin, ['--guest', 'lab-*'], NOBODY)).code).toBe(0);
  });

  it('are told from what only looks like one', async () => {
    const script = join(folder, 'kvm');
    writeFileSync(script, '#!/bin/sh\n# -name lab-script -cpu host,+invtsc\nexec sleep 1000\n', {
      mode: 0o755,
    });
    const alike: Running[] = [
      spawnProcess([
        'qemu-system-x86_64',
        '-machine',
        'none',
        '-S',
        '-nodefaults',
        '-nographic',
        '-name',
        'lab-probe',
        '-qmp',
        'null',
      ]),
      spawnProcess(['bash', '-c', 'exec -a "qemu-system-x86_64" sleep 1000']),
      spawnProcess([script, '-name', 'lab-script', '-cpu', 'host,+invtsc']),
      spawnProcess(['sh', '-c', 'sleep 1000; : qemu-system-x86_64 -name lab-sh -cpu host,+invtsc']),
    ];
    for (const { pid } of alike)
      await until(() => !/^(setpriv|bash)$/.test(cmdlineOf(pid)[0] ?? 'bash'), {
        seconds: 10,
        what: 'a look-alike',
      });
    const { code, text } = await check('--guest', 'lab-*');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain('no guests');
    for (const one of alike) await one.stop();
  });

  it('are read whole, with a command line of 200 KB', async () => {
    const long = (name: string): string => `name=opt/${name},string=${'x'.repeat(100_000)}`;
    await startQemu({
      args: ['-name', 'lab-long', '-fw_cfg', long('a'), '-fw_cfg', long('b'), '-cpu', 'qemu64,+invtsc'],
    });
    const { code, line } = await check('--guest', 'lab-*');
    expect(code).toBe(1);
    expect(line).toContain('lab-long: runs with +invtsc');
  });

  it('may have a name that is not UTF-8', async () => {
    const command =
      'exec qemu-system-x86_64 -name "$(printf "lab-\\377")" -S -accel tcg -m 64 -display none -nodefaults -cpu qemu64,+invtsc';
    const qemu = spawnProcess(['sh', '-c', command]);
    await until(() => cmdlineOf(qemu.pid)[0] === 'qemu-system-x86_64', { seconds: 10, what: 'qemu' });
    const { code, line } = await check('--guest', 'lab-*');
    expect(code).toBe(1);
    expect(line).toContain('lab-�: runs with +invtsc');
  });

  it('are found among a thousand other processes', async () => {
    const crowd = spawn(
      '/bin/sh',
      ['-c', 'i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i+1)); done; wait'],
      { detached: true, stdio: 'ignore' },
    );
    const { pid } = crowd;
    atFileEnd(() => {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    });
    await until(() => numberOfProcesses() > 1000, { seconds: 20, what: 'a thousand processes' });
    await startQemu({ args: ['-name', 'lab-crowd', '-cpu', 'qemu64,+invtsc'] });
    expect(await check('--guest', 'lab-*')).toMatchObject({ code: 1 });
    const nobody = read(await runPlugin(plugin, ['--guest', 'lab-*'], NOBODY));
    expect(nobody).toMatchObject({ code: 1 });
    const { stdout } = await runPlugin(plugin, ['--record', '-']);
    expect(Number(/\n {2}scanned ([0-9]+)\n/.exec(stdout)?.[1])).toBeGreaterThan(1000);
  });

  it('can be recorded, and judged anywhere by the recording', async () => {
    await startQemu({ args: ['-name', 'lab-recorded', '-cpu', 'qemu64,+invtsc'] });
    const file = join(folder, 'recording');
    const live = await check('--guest', 'lab-*', '--record', file);
    const replayed = await check('--guest', 'lab-*', '--replay', file);
    expect(replayed).toEqual(live);
    expect(replayed.code).toBe(1);
  });
});

lab([...QEMU, ...HIDEPID], 'an unprivileged user', () => {
  it('finds the guests of others by their command line', async () => {
    await startQemu({ args: ['-name', 'lab-other', '-cpu', 'qemu64,+invtsc'] });
    const { code, line, text } = read(await runPlugin(plugin, ['--guest', 'lab-*'], NOBODY));
    expect({ code, line: line.slice(0, 43) }).toEqual({
      code: 1,
      line: 'INVTSC WARNING - lab-other: runs with +invt',
    });
    expect(text).not.toContain('hidepid');
  });

  it.each(['invisible', 'noaccess'] as const)('is told that processes are hidden (%s)', async (how) => {
    await startQemu({ args: ['-name', 'lab-hidden', '-cpu', 'qemu64,+invtsc'] });
    const { code, line, text } = read(
      await hidepid([plugin, '--guest', 'lab-*'], { ...NOBODY, hidepid: how }),
    );
    expect(code).toBe(3);
    expect(line).toContain('the processes of other users are hidden by its mount option hidepid');
    expect(text).toContain('Run the check as root');
  });

  it('still sees a guest of its own behind hidepid, and says so', async () => {
    await startQemu({ args: ['-name', 'lab-own', '-cpu', 'qemu64,+invtsc'], ...NOBODY });
    const { code } = read(await hidepid([plugin, '--guest', 'lab-*'], { ...NOBODY, hidepid: 'invisible' }));
    expect(code).toBe(1);
  });
});

lab(LIBVIRTD, 'libvirt', () => {
  const CLEAN = "<cpu mode='custom' match='exact'><model>qemu64</model></cpu>";
  const REQUIRED =
    "<cpu mode='custom' match='exact' check='none'><model>qemu64</model><feature policy='require' name='invtsc'/></cpu>";
  const WITH_ARGS = ['-cpu', 'Westmere,+invtsc'];

  it('goes from red through a pending power cycle to green', async () => {
    const libvirt = await startLibvirtd(scratch());
    await libvirt.define(
      domainXml({ name: 'lab-vm', uuid: uuidOf('lab-vm'), type: 'qemu', cpu: CLEAN, qemuArgs: WITH_ARGS }),
    );
    const defined = await check('--guest', 'lab-*');
    expect(defined).toMatchObject({ code: 0 });
    expect(defined.text).toContain('lab-vm: not running here, its definition has +invtsc');

    await libvirt.start('lab-vm');
    const red = await check('--guest', 'lab-*');
    expect(red).toMatchObject({ code: 1 });
    expect(red.line).toContain(
      'lab-vm: runs with +invtsc, cannot be live-migrated, its definition has it too',
    );
    expect(red.text).toContain('  virsh edit lab-vm\n  virsh shutdown lab-vm\n  virsh start lab-vm');

    await libvirt.define(domainXml({ name: 'lab-vm', uuid: uuidOf('lab-vm'), type: 'qemu', cpu: CLEAN }));
    const pending = await check('--guest', 'lab-*');
    expect(pending.line).toContain(
      'lab-vm: runs with +invtsc, cannot be live-migrated until it is shut down and started',
    );
    expect(pending.perfdata).toContain('power_cycles=1');

    await libvirt.destroy('lab-vm');
    await libvirt.start('lab-vm');
    expect(await check('--guest', 'lab-*')).toMatchObject({ code: 0 });

    await libvirt.define(domainXml({ name: 'lab-vm', uuid: uuidOf('lab-vm'), type: 'qemu', cpu: REQUIRED }));
    const next = await check('--guest', 'lab-*');
    expect(next).toMatchObject({ code: 1 });
    expect(next.line).toContain('lab-vm: runs without invtsc, but its definition has');
    await libvirt.stop();
  });

  it('tells an unprivileged user as much as root', async () => {
    const libvirt = await startLibvirtd(scratch());
    await libvirt.define(domainXml({ name: 'lab-one', uuid: uuidOf('lab-one'), type: 'qemu', cpu: CLEAN }));
    await libvirt.define(domainXml({ name: 'lab-two', type: 'qemu', cpu: REQUIRED }));
    await libvirt.start('lab-one');
    await libvirt.define(
      domainXml({ name: 'lab-one', uuid: uuidOf('lab-one'), type: 'qemu', cpu: REQUIRED }),
    );
    const root = await check('--guest', 'lab-*');
    const nobody = read(await runPlugin(plugin, ['--guest', 'lab-*'], NOBODY));
    expect(root.code).toBe(1);
    expect(nobody.line).toBe(root.line);
    expect(nobody.perfdata).toBe(root.perfdata);
    await libvirt.stop();
  });
});

lab([...QEMU, ...ICINGA], 'Icinga 2', () => {
  const generated = readFileSync(join(top, 'icinga-conf/icinga2/invtsc.conf'), 'utf8');

  it('runs the check from the generated command: red before the repair, green after', async () => {
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "invtsc" {
  host_name = "h"
  check_command = "invtsc"
  vars.invtsc_guest = [ "lab-icinga*", "lab-other*" ]
  vars.invtsc_warning = "~:10"
  vars.invtsc_critical = "-5:20"
  vars.invtsc_no_definitions = true
  vars.invtsc_verbose = 1
}`,
    });
    const guest = await startQemu({ args: ['-name', 'lab-icinga', '-cpu', ACRUX] });
    const red = await icinga.check('h!invtsc');
    expect(red.command).toEqual([
      join(folder, 'bin/check_invtsc'),
      '--critical', '-5:20', '--guest', 'lab-icinga*', '--guest', 'lab-other*', '--no-definitions', '--warning', '~:10', '-v',
    ]); // prettier-ignore
    expect(red).toMatchObject({ state: 1, exit_status: 1 });
    expect(red.output).toContain('INVTSC WARNING - lab-icinga: runs with +invtsc');
    // The definitions were not asked for, so their numbers are not known.
    expect(red.performance_data).toEqual(['guests=1;;;0', 'with_invtsc=1;~:10;-5:20;0']);

    await guest.stop();
    await startQemu({ args: ['-name', 'lab-icinga', '-cpu', 'SandyBridge,+erms'] });
    const green = await icinga.check('h!invtsc');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
    expect(green.performance_data).toContain('with_invtsc=0;~:10;-5:20;0');
    await icinga.stop();
  });
});

function numberOfProcesses(): number {
  return Number(/^processes|^([0-9.]+ ){3}[0-9]+\/([0-9]+)/.exec(readFileSync('/proc/loadavg', 'utf8'))?.[2]);
}
