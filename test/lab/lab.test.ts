import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FUSE, hungMount, waitsForFuse } from './fuse.ts';
import { ICINGA, startIcinga, type Icinga } from './icinga2.ts';
import { findProgram, lab, missingOf, scratch, until, whyNot } from './lab.ts';
import { domainXml, LIBVIRTD, startLibvirtd, TEST_DRIVER, withTestDriver } from './libvirt.ts';
import { HIDEPID, hidepid } from './mountns.ts';
import { cmdlineOf, isGone, runPlugin, spawnProcess, type Running } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';

const NOBODY = { uid: 65534, gid: 65534 };

/** The process id that a process writes as its only line. */
function saidPid(from: Running): Promise<number> {
  const said = (): number | null => (from.output().endsWith('\n') ? Number(from.output()) : null);
  return until(said, { seconds: 10, what: 'a process id' });
}

describe('the needs of a lab test', () => {
  it('names the program that is missing and no other', () => {
    expect(missingOf(['sh', 'no-such-program', '/dev/null', '/no/such/device'])).toEqual([
      'no-such-program',
      '/no/such/device',
    ]);
  });

  it('names the package of a program that a package of the lab has', () => {
    expect(whyNot(['virtlogd'])).toBe(
      'needs virtlogd of the package libvirt-daemon, LAB=install installs it',
    );
    expect(whyNot(['root', '/dev/fuse'])).toBe('needs root, /dev/fuse');
  });

  it('finds a program by name, and none in a file that is not executable', () => {
    const file = join(scratch(), 'text');
    writeFileSync(file, '');
    expect(findProgram('sh')).toMatch(/\/sh$/);
    expect(findProgram(file)).toBeNull();
  });

  it('waits for an answer, and says what it waited for in vain', async () => {
    let asked = 0;
    await expect(until(() => (asked++ < 3 ? null : asked), { seconds: 10, what: 'a 4' })).resolves.toBe(4);
    await expect(until(() => false, { seconds: 0.05, what: 'Godot' })).rejects.toThrow(/Godot/);
  });
});

lab(['sh', 'setpriv'], 'a process of the lab', () => {
  it('is gone after stop, with its children, even when it ignores SIGTERM', async () => {
    const sh = spawnProcess(['sh', '-c', 'trap "" TERM; sleep 600 & echo $!; wait; wait'], {
      graceSeconds: 0.2,
    });
    const child = await saidPid(sh);
    expect(isGone(child)).toBe(false);
    expect(await sh.stop()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(isGone(sh.pid)).toBe(true);
    await until(() => isGone(child), { seconds: 10, what: 'the end of the child' });
  });

  it('counts as gone when it is a zombie', async () => {
    // The child of a process that has become sleep is never reaped by it.
    const parent = spawnProcess(['sh', '-c', 'sh -c "echo \\$\\$" & exec sleep 600']);
    const child = await saidPid(parent);
    await until(() => isGone(child), { seconds: 10, what: 'the end of the child' });
    expect(readFileSync(`/proc/${child}/stat`, 'latin1')).toContain(') Z ');
  });

  it('cannot be started when there is no such program', () => {
    expect(() => spawnProcess(['no-such-program'])).toThrow(/no-such-program/);
  });
});

lab(['perl', 'sh', 'setsid'], 'a process with a keeper', () => {
  it('takes with it what it left behind in other sessions', async () => {
    const sh = spawnProcess(['sh', '-c', 'setsid -f sh -c "echo \\$\\$; exec sleep 600"; exec sleep 600'], {
      keeper: true,
    });
    const orphan = await saidPid(sh);
    expect(isGone(orphan)).toBe(false);
    expect(await sh.stop()).toEqual({ code: 143, signal: null });
    expect(isGone(orphan)).toBe(true);
  });
});

lab(['sh'], 'a plugin of the lab', () => {
  it('gives its exit status and both outputs', async () => {
    expect(await runPlugin('sh', ['-c', 'cat; echo no >&2; exit 2'], { input: 'yes' })).toEqual({
      code: 2,
      signal: null,
      stdout: 'yes',
      stderr: 'no\n',
    });
  });

  it('is killed when its time is over', async () => {
    const { code, signal, stdout } = await runPlugin('sh', ['-c', 'echo here; sleep 600'], {
      timeoutSeconds: 0.5,
    });
    expect({ code, signal, stdout }).toEqual({ code: null, signal: 'SIGKILL', stdout: 'here\n' });
  });

  it('does not see what would change Node, and sees what it is given', async () => {
    vi.stubEnv('NODE_EXTRA_CA_CERTS', '/no/such/file');
    vi.stubEnv('NODE_OPTIONS', '--no-such-option');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { stdout } = await runPlugin('env', [], { env: { LAB_WORD: 'x y' } });
    expect(stdout).not.toMatch(/^NODE_(OPTIONS|EXTRA_CA_CERTS)=/m);
    expect(stdout).toMatch(/^LAB_WORD=x y$/m);
  });
});

lab(['root', 'id'], 'a plugin of another user', () => {
  it('has no group of root left', async () => {
    const { stdout } = await runPlugin(['id', '-u'], [], NOBODY);
    const groups = await runPlugin(['id', '-G'], [], NOBODY);
    expect([stdout, groups.stdout]).toEqual(['65534\n', '65534\n']);
  });

  it('can read a scratch folder', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'note'), 'readable', { mode: 0o644 });
    expect((await runPlugin(['cat', join(folder, 'note')], [], NOBODY)).stdout).toBe('readable');
  });
});

lab(QEMU, 'qemu', () => {
  it('runs with the arguments that it was given, and is gone afterwards', async () => {
    const qemu = await startQemu({
      args: ['-name', 'guest=web1,debug-threads=on', '-cpu', 'Westmere,+invtsc'],
    });
    expect(cmdlineOf(qemu.pid).slice(0, 5)).toEqual([
      'qemu-system-x86_64',
      '-name',
      'guest=web1,debug-threads=on',
      '-cpu',
      'Westmere,+invtsc',
    ]);
    await qemu.stop();
    expect(isGone(qemu.pid)).toBe(true);
  });

  it('that does not start says why', async () => {
    await expect(startQemu({ args: ['-cpu', 'qemu64,no-such-feature=on'] })).rejects.toThrow(
      /no-such-feature/,
    );
  });
});

lab(TEST_DRIVER, 'the test driver of libvirt', () => {
  it('has the domains that it was given', async () => {
    const cpu =
      "<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='invtsc'/></cpu>";
    const driver = withTestDriver([
      domainXml({ name: 'web1', cpu }),
      domainXml({ name: 'db1', type: 'test' }),
    ]);
    const { stdout } = await driver.virsh('list', '--name');
    expect(stdout.trim().split('\n').sort()).toEqual(['db1', 'web1']);
    expect((await driver.virsh('dumpxml', 'web1')).stdout).toContain(
      "<feature policy='require' name='invtsc'/>",
    );
    expect((await driver.virsh('dumpxml', 'no-such')).stderr).toContain("failed to get domain 'no-such'");
  });
});

lab(LIBVIRTD, 'libvirtd', () => {
  const traces = (): readonly string[] =>
    ['/etc/libvirt', '/run/libvirt', '/var/log/libvirt']
      .filter((path) => existsSync(path))
      .flatMap((path) =>
        readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)),
      );

  it('starts an emulated guest with a console log, and leaves nothing behind', async () => {
    // Only its own traces: another test file may start the next libvirtd as soon as this one has ended.
    const ownTraces = (): string[] => traces().filter((path) => path.includes('web1'));
    expect(ownTraces()).toEqual([]);
    const libvirtd = await startLibvirtd(scratch());
    const log = '/var/log/libvirt/qemu/web1-console.log';
    const devices = `<serial type='pty'><log file='${log}' append='on'/></serial>`;
    const name = await libvirtd.define(domainXml({ name: 'web1', devices }));
    const pid = await libvirtd.start(name);
    expect(cmdlineOf(pid)).toContain('guest=web1,debug-threads=on');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    expect(existsSync('/etc/libvirt/qemu/web1.xml')).toBe(true);
    expect(ownTraces()).not.toEqual([]);
    await expect(libvirtd.start(name)).rejects.toThrow(/already active/);

    await libvirtd.stop();
    expect(isGone(pid)).toBe(true);
    expect(ownTraces()).toEqual([]);
  });

  it('can be started again, and a guest be destroyed and undefined', async () => {
    const libvirtd = await startLibvirtd(scratch());
    const name = await libvirtd.define(domainXml({ name: 'web1' }));
    const pid = await libvirtd.start(name);
    await libvirtd.destroy(name);
    expect(isGone(pid)).toBe(true);
    await libvirtd.undefine(name);
    expect((await libvirtd.virsh('list', '--all', '--name')).stdout.trim()).toBe('');
  });
});

lab(ICINGA, 'Icinga 2', () => {
  let icinga: Icinga;
  const plugins = scratch();
  const config = `
object CheckCommand "speed" {
  command = [ PluginContribDir + "/check_speed" ]
  arguments = { "--speed" = "$speed$" }
}
object Host "h1" { check_command = "dummy" }
object Service "bond" {
  host_name = "h1"
  check_command = "speed"
  vars.speed = 1000
}
`;

  beforeAll(async () => {
    const script = `#!/bin/sh\necho "BOND WARNING - $2 Mbit/s, $(id -un)|speed=$2;10000:;1000:"\necho more\nexit 1\n`;
    writeFileSync(join(plugins, 'check_speed'), script);
    chmodSync(join(plugins, 'check_speed'), 0o755);
    icinga = await startIcinga({ config, pluginDir: plugins });
  });
  afterAll(() => icinga.stop());

  it('runs the plugin as nagios and understands what it says', async () => {
    expect(await icinga.check('h1!bond')).toMatchObject({
      state: 1,
      exit_status: 1,
      output: 'BOND WARNING - 1000 Mbit/s, nagios\nmore',
      performance_data: ['speed=1000;10000:;1000:'],
      command: [join(plugins, 'check_speed'), '--speed', '1000'],
    });
  });

  it('gives a new result each time it is asked', async () => {
    const first = await icinga.check('h1!bond');
    const second = await icinga.check('h1!bond');
    expect(second.execution_start).toBeGreaterThan(first.execution_end);
    expect((await icinga.check('h1')).state).toBe(0);
  });

  it('knows no other service', async () => {
    await expect(icinga.check('h1!nothing')).rejects.toThrow(/404/);
  });

  it('refuses a wrong configuration in its own words', async () => {
    const wrong = startIcinga({
      config: 'object Service "x" { host_name = "no-such-host" }',
      pluginDir: plugins,
    });
    await expect(wrong).rejects.toThrow(/Validation failed for object 'no-such-host!x'/);
  });
});

lab([...FUSE, 'stat'], 'a file system that hangs', () => {
  it('keeps stat waiting until it is healed', async () => {
    const mount = await hungMount(scratch(), { 'a/log': 'text' });
    const file = join(mount.path, 'a/log');
    expect(readFileSync(file, 'utf8')).toBe('text');
    await mount.hang();
    const stat = spawnProcess(['stat', '-c', '%s', file]);
    await until(() => waitsForFuse(stat.pid), { seconds: 10, what: 'stat to wait for the file system' });
    await mount.heal();
    expect(await stat.ended).toEqual({ code: 0, signal: null });
    expect(stat.output()).toBe('4\n');
  });

  it('can be unmounted while somebody waits for it', async () => {
    const mount = await hungMount(scratch(), { log: 'text' });
    await mount.hang();
    const stat = spawnProcess(['stat', join(mount.path, 'log')]);
    await until(() => waitsForFuse(stat.pid), { seconds: 10, what: 'stat to wait for the file system' });
    await mount.unmount();
    expect((await stat.ended).code).toBe(1);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(mount.path);
    expect(readdirSync(mount.path)).toEqual([]);
  });
});

lab(HIDEPID, 'a /proc with hidepid', () => {
  const count = 'ls /proc | grep -c "^[0-9]"';

  it('that is invisible hides the processes of other users', async () => {
    const { stdout } = await hidepid(['sh', '-c', `test -e /proc/1; echo $?; ${count}`], {
      ...NOBODY,
      hidepid: 'invisible',
    });
    const [exists, seen] = stdout.trim().split('\n').map(Number);
    expect(exists).toBe(1);
    expect(seen).toBeLessThan(10);
  });

  it('that is noaccess shows them and lets nobody look', async () => {
    const { stdout, stderr } = await hidepid(['sh', '-c', `test -e /proc/1; echo $?; cat /proc/1/cmdline`], {
      ...NOBODY,
      hidepid: 'noaccess',
    });
    expect(stdout).toBe('0\n');
    expect(stderr).toMatch(/not permitted/);
  });

  it('is not the one of the host', async () => {
    await hidepid(['true'], { ...NOBODY, hidepid: 'invisible' });
    expect((await runPlugin(['cat', '/proc/1/comm'], [], NOBODY)).code).toBe(0);
  });
});
