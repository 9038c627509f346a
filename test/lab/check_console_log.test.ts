/** check_console_log, built, on real files, real open files of real guests, a real virtlogd and a real Icinga. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { gatherConsoleLogs } from '../../lib/facts/console-logs.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import type { Host } from '../../lib/host/host.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { askShellChild } from '../../lib/host/sh-child.ts';
import { bundleAll } from '../../tools/bundle.mjs';
import { uuidOf } from '../guest-host.ts';
import { FUSE, hungMount } from './fuse.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { lab, scratch, until } from './lab.ts';
import { domainXml, LIBVIRTD, startLibvirtd } from './libvirt.ts';
import { isGone, runPlugin } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MIB = 1024 * 1024;
const OWN_PLACES = ['root', 'unshare', 'mount', 'setpriv'];

let folder: string;
let plugin: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_console_log', folder);
  plugin = join(folder, 'bin/check_console_log');
});

async function check(...args: string[]) {
  return read(await runPlugin(plugin, args));
}

function read({ code, signal, stdout, stderr }: Awaited<ReturnType<typeof runPlugin>>) {
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  const [first = '', ...rest] = stdout.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line, perfdata, long: rest.join('\n'), text: stdout };
}

/** A host of its own, as far as /var/lib and /var/log go: `instances` is nova's directory there. */
function novaHost() {
  const base = scratch();
  const instances = join(base, 'lib/nova/instances');
  mkdirSync(instances, { recursive: true });
  mkdirSync(join(base, 'log'));
  const script = 'mount --bind "$1/lib" /var/lib && mount --bind "$1/log" /var/log && shift && exec "$@"';
  const inside = ['unshare', '-m', 'sh', '-c', script, 'sh', base];
  const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
  return {
    base,
    instances,
    add(instance: string, name = 'console.log'): string {
      mkdirSync(join(instances, instance), { recursive: true });
      const path = join(instances, instance, name);
      writeFileSync(path, '');
      return path;
    },
    check: async (...args: string[]) => read(await runPlugin([...inside, plugin, ...args])),
    checkAsNobody: async (...args: string[]) =>
      read(await runPlugin([...inside, ...asNobody, plugin, ...args])),
  };
}

/** Gives a file blocks on disk as if so much had been written. */
async function fill(path: string, mib: number): Promise<void> {
  const { code, stderr } = await runPlugin(['fallocate', '-l', `${mib}M`, path]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

const A = uuidOf('a');
const B = uuidOf('b');

lab([...OWN_PLACES, 'fallocate'], 'real files', () => {
  it('are CRITICAL where one is too big, and a sparse one of 3 GiB is not', async () => {
    const host = novaHost();
    truncateSync(host.add(A), 3 * 1024 * MIB);
    const healthy = await host.check();
    expect(healthy).toMatchObject({ code: 0 });
    expect(healthy.line).toContain('CONSOLE_LOG OK - 1 console log, 0 B, 1 sparse');
    expect(healthy.perfdata).toContain(`${A}_size=0B;104857600;1073741824;0`);
    expect(healthy.perfdata).toContain('to_read=3221225472B');
    const byReader = await host.check('--size', 'apparent');
    expect(byReader.code).toBe(2);
    expect(byReader.line).toContain(
      `CONSOLE_LOG CRITICAL - ${A}: size of a console log: 3 GiB is outside the critical range 0:1GiB`,
    );
    expect(byReader.text).toContain('0 B on disk, 3 GiB to read: sparse');

    await fill(host.add(B), 120);
    const warning = await host.check();
    expect(warning.code).toBe(1);
    expect(warning.line).toContain(
      `${B}: size of a console log: 120 MiB is outside the warning range 0:100MiB`,
    );
    const critical = await host.check('-c', '110MiB', '--total', '1MiB', '--over-total', 'critical');
    expect(critical.code).toBe(2);
    expect(critical.long).toContain('all console logs together: 120 MiB is outside the range 0:1MiB');
    // The repair that the check says.
    const [, command = ''] = /^ {2}(truncate -s 0 .*)$/m.exec(warning.long) ?? [];
    expect(command).toBe(`truncate -s 0 /var/lib/nova/instances/${B}/console.log`);
    truncateSync(join(host.instances, B, 'console.log'));
    expect(await host.check()).toMatchObject({ code: 0 });
  });

  it('count with their rotated ones, and once, however many names they have', async () => {
    const host = novaHost();
    for (const name of ['console.log', 'console.log.0', 'console.log.1', 'console.log.2'])
      await fill(host.add(A, name), 2);
    mkdirSync(join(host.base, 'log/libvirt/qemu'), { recursive: true });
    await runPlugin([
      'ln',
      join(host.instances, A, 'console.log'),
      join(host.base, 'log/libvirt/qemu/x.log'),
    ]);
    const { code, perfdata } = await host.check();
    expect(code).toBe(0);
    expect(perfdata).toContain(`${A}_size=8388608B;`);
    expect(perfdata).toContain('total=8388608B;;;0');
    expect(perfdata).toContain('logs=1;;;0');
  });

  it('that grow are found with a memory, and a disk that they fill', async () => {
    const host = novaHost();
    const log = host.add(A);
    await fill(log, 10);
    const state = join(host.base, 'state');
    const args = ['--state-dir', state, '--growth', '50MiB', '--full-in', '36500d:'];
    const first = await host.check(...args);
    expect(first).toMatchObject({ code: 0 });
    expect(first.text).toContain('how fast logs grow is not known yet');
    // Half an hour passes.
    const file = join(state, readdirSync(state)[0] ?? '');
    const text = readFileSync(file, 'utf8').replace(/"at":([0-9]+)/g, (_, at) => `"at":${Number(at) - 1800}`);
    writeFileSync(file, text);
    expect((await host.check(...args)).code).toBe(0);
    await fill(log, 40);
    const grown = await host.check(...args);
    expect(grown.code).toBe(1);
    expect(grown.long).toMatch(/\] \S+: growth in an hour: (?:60|59\.\d+) MiB is outside the range 0:50MiB/);
    expect(grown.long).toMatch(
      /\] \/var\/lib\/nova\/instances\/\S+: its file system is full in [0-9.]+ d: console logs there grow by (?:60|59\.\d+|59\.9) MiB an hour/,
    );
    expect(grown.perfdata).toMatch(/ growth=6[0-9]{7}(?:\.[0-9]+)?B;;;0 full_in=[0-9.]+s;;;0/);
    // Emptied: nobody knows what it grew meanwhile, and it is no reason for alarm.
    truncateSync(log, 0);
    expect(await host.check(...args)).toMatchObject({ code: 0 });
  });

  it('may be ten thousand, and the one that matters is named', async () => {
    const host = novaHost();
    for (let i = 0; i < 10_000; i++)
      host.add(uuidOf(`i${i}`).replace(/.{8}/, i.toString(16).padStart(8, '0')));
    const quiet = await host.check();
    expect(quiet).toMatchObject({ code: 0 });
    expect(quiet.line).toContain('10000 console logs, 0 B');
    expect(Buffer.byteLength(quiet.text)).toBeLessThanOrEqual(8192);
    const [odd = ''] = readdirSync(host.instances).slice(5000);
    await fill(join(host.instances, odd, 'console.log'), 101);
    const { code, line, perfdata, text } = await host.check('-v');
    expect(code).toBe(1);
    expect(line).toContain(`${odd}: size of a console log: 101 MiB`);
    expect(perfdata.match(/_size=/g)?.length).toBe(10);
    expect(perfdata).toContain('logs=10000;;;0');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
    await fill(join(host.instances, readdirSync(host.instances)[7000] ?? '', 'console.log'), 150);
    const all = await host.check('-w', '@0');
    expect(all).toMatchObject({ code: 1 });
    expect(Buffer.byteLength(all.text)).toBeLessThanOrEqual(8192);
  });

  it('in directories that are closed are UNKNOWN with their number, and hide no fault', async () => {
    const host = novaHost();
    await fill(host.add(A), 120);
    for (const name of ['c', 'd', 'e']) {
      host.add(uuidOf(name));
      chmodSync(join(host.instances, uuidOf(name)), 0o700);
    }
    const closed = await host.checkAsNobody('-w', '~:', '-c', '~:');
    expect(closed.code).toBe(3);
    expect(closed.line).toMatch(/instances\/[-0-9a-f]{36}: permission denied \(2 more like it\)/);
    expect(closed.perfdata).not.toContain(' total=');
    expect(closed.long).toContain('Run the check as root');
    const both = await host.checkAsNobody();
    expect(both.code).toBe(1);
    expect(both.line).toContain(`${A}: size of a console log: 120 MiB`);
    expect(await host.check('--ignore', A)).toMatchObject({ code: 0 });
  });

  it('are not looked for behind a link that a user may have made', async () => {
    const host = novaHost();
    await fill(join(host.base, 'lib/secret'), 200);
    mkdirSync(join(host.instances, A));
    symlinkSync('/var/lib/secret', join(host.instances, A, 'console.log'));
    const { code, line, text } = await host.check();
    expect(code).toBe(3);
    expect(line).toContain('is a symbolic link and was not followed');
    expect(text).not.toContain('200 MiB');
    expect(await host.check('--link', 'ok')).toMatchObject({ code: 0 });
    expect(await host.check('--path', '/var/lib/secret', '--link', 'ok')).toMatchObject({ code: 1 });
  });

  it('that are not there are no fault', async () => {
    const host = novaHost();
    const { code, line } = await host.check();
    expect({ code, line }).toEqual({
      code: 0,
      line: 'CONSOLE_LOG OK - no console logs of guests of this host',
    });
    expect(await host.check('--none', 'critical')).toMatchObject({ code: 2 });
  });

  it('can be recorded, judged anywhere by the recording, and under --root', async () => {
    const host = novaHost();
    await fill(host.add(A), 120);
    const file = join(folder, 'recording');
    const live = await host.check('--record', file);
    expect(live.code).toBe(1);
    expect(await check('--replay', file)).toEqual(live);
    const root = join(host.base, 'root');
    mkdirSync(join(root, 'var'), { recursive: true });
    await runPlugin(['mv', join(host.base, 'lib'), join(root, 'var/lib')]);
    const image = await check('--root', root);
    expect(image.code).toBe(1);
    expect(image.line).toContain(`${A}: size of a console log: 120 MiB`);
  });
});

lab([...OWN_PLACES, ...FUSE], 'a shared directory of instances', () => {
  async function sharedHost() {
    const host = novaHost();
    const mount = await hungMount(scratch(), { [`${A}/console.log`]: 'a', [`${B}/console.log`]: 'bb' });
    const script =
      'mount --bind "$1/lib" /var/lib && mount --bind "$1/log" /var/log && mount --bind "$2" /var/lib/nova/instances && shift 2 && exec "$@"';
    const inside = ['unshare', '-m', 'sh', '-c', script, 'sh', host.base, mount.path];
    const run = async (...args: string[]) => read(await runPlugin([...inside, plugin, ...args]));
    return { host, mount, run, inside };
  }

  it('has only the logs of this host judged, others counted', async () => {
    const { mount, run } = await sharedHost();
    const nothing = await run('-w', '@0:', '-c', '~:');
    expect(nothing).toMatchObject({ code: 0 });
    expect(nothing.line).toBe('CONSOLE_LOG OK - no console logs of guests of this host, 2 of other hosts');
    const guest = await startQemu({ args: ['-name', 'lab-shared', '-uuid', A] });
    const mine = await run('-w', '@0:', '-c', '~:', '--size', 'apparent');
    expect(mine.code).toBe(1);
    expect(mine.line).toContain('lab-shared: size of a console log: 1 B is inside the warning range 0:');
    expect(mine.perfdata).toContain('others=1;;;0');
    await guest.stop();
    await mount.unmount();
  });

  it('that does not answer is UNKNOWN in time, by name, and the check really ends', async () => {
    const { host, mount, run } = await sharedHost();
    mkdirSync(join(host.base, 'log/libvirt/qemu'), { recursive: true });
    await fill(join(host.base, 'log/libvirt/qemu/big.log'), 120);
    await mount.hang();
    const { code, line } = await run('-t', '2', '-w', '~:');
    expect(code).toBe(3);
    expect(line).toContain(
      '/var/lib/nova/instances/*/console.log: did not answer in time (on /var/lib/nova/instances (fuse))',
    );
    // What lies elsewhere is judged all the same.
    const both = await run('-t', '2');
    expect(both.code).toBe(1);
    expect(both.line).toContain('big: size of a console log: 120 MiB');
    expect(await run('-t', '2:critical')).toMatchObject({ code: 2 });
    await mount.heal();
    await until(() => noneRuns(plugin), { seconds: 10, what: 'all checks to be gone' });
    expect(await run('-w', '~:')).toMatchObject({ code: 0 });
    await mount.unmount();
  });
});

function noneRuns(program: string): boolean {
  return readdirSync('/proc').every((name) => {
    if (!/^[0-9]+$/.test(name)) return true;
    try {
      return !readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(program);
    } catch {
      return true;
    }
  });
}

lab([...QEMU, ...OWN_PLACES, 'fallocate', ...FUSE], 'a guest whose qemu writes its console', () => {
  it('is called by its name, and its deleted log is found while it is open', async () => {
    const host = novaHost();
    const log = join(host.base, 'serial.log');
    const qemu = await startQemu({ args: ['-name', 'lab-serial', '-serial', `file:${log}`] });
    const only = ['--guest', 'lab-serial'];
    await fill(log, 5);
    const red = await check(...only, '-w', '1MiB');
    expect(red.code).toBe(1);
    expect(red.line).toContain(
      'lab-serial: size of a console log: 5 MiB is outside the warning range 0:1MiB',
    );
    expect(red.long).toContain(`qemu (pid ${qemu.pid}) writes it: nothing limits it`);
    expect(red.long).toContain('its writer goes on at its old place, which leaves a sparse file');
    expect(red.long).toContain(`  truncate -s 0 ${log}`);
    expect((await check(...only)).text).toContain('[OK] 1 console log may grow without limit: lab-serial');

    rmSync(log);
    const deleted = await check(...only, '-w', '1MiB', '-v');
    expect(deleted.code).toBe(1);
    expect(deleted.long).toMatch(
      /\[OK\] lab-serial: a deleted log that qemu \(pid [0-9]+\) still has open holds 5 MiB, which only emptying it/,
    );
    expect(deleted.perfdata).toContain('deleted=5242880B;;;0');
    const [, link = ''] = /^ {2}truncate -s 0 (\/proc\/[0-9]+\/fd\/[0-9]+)$/m.exec(deleted.long) ?? [];
    expect(statSync(link).size).toBe(5 * MIB);
    await runPlugin(['truncate', '-s', '0', link]);
    const green = await check(...only, '-w', '1MiB');
    expect(green).toMatchObject({ code: 0 });
    expect(isGone(qemu.pid)).toBe(false);

    const nobody = read(await runPlugin(plugin, only, { uid: 65534, gid: 65534 }));
    expect(nobody.text).toContain('open files of');
    expect(nobody.text).toContain('permission denied');
    await qemu.stop();
  });

  it('may append, as logappend=on says: then it can be emptied without a hole', async () => {
    const host = novaHost();
    const log = join(host.base, 'pty.log');
    const chardev = `null,id=s,logfile=${log},logappend=on`;
    await startQemu({ args: ['-name', 'lab-append', '-chardev', chardev, '-serial', 'chardev:s'] });
    await fill(log, 2);
    const { code, long } = await check('--guest', 'lab-append', '-w', '1MiB');
    expect(code).toBe(1);
    expect(long).toContain('its writer goes on at the new end');
  });

  it('has disks on a server that hangs: they are not touched, here and through the shell program', async () => {
    const mount = await hungMount(scratch(), { disk: 'x'.repeat(4096) });
    const host = novaHost();
    const log = join(host.base, 'serial.log');
    const drive = `file=${mount.path}/disk,format=raw,if=none,id=d,file.locking=off`;
    const qemu = await startQemu({
      args: ['-name', 'lab-disk', '-serial', `file:${log}`, '-drive', drive],
    });
    expect(readdirSync(`/proc/${qemu.pid}/fd`).length).toBeGreaterThan(3);
    await mount.hang();
    const { code, text } = await check('--guest', 'lab-disk', '-t', '5');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).not.toContain('did not answer');
    const facts = await gatherConsoleLogs(shellHost(), []);
    expect(facts.open.map(({ path }) => path)).toContain(log);
    await mount.heal();
    await qemu.stop();
    await mount.unmount();
  });

  it('is seen by the shell program as by the direct reader', async () => {
    const host = novaHost();
    const log = join(host.base, 'serial.log');
    await startQemu({ args: ['-name', 'lab-shell', '-serial', `file:${log}`] });
    const gone = join(host.base, 'gone.log');
    await startQemu({ args: ['-name', 'lab-gone', '-serial', `file:${gone}`] });
    await fill(gone, 3);
    rmSync(gone);
    const direct = await gatherConsoleLogs(new LocalHost(new Deadline(30)), [`${host.base}/*.log`]);
    const shell = await gatherConsoleLogs(shellHost(), [`${host.base}/*.log`]);
    for (const facts of [direct, shell]) {
      expect(facts.files.map(({ path }) => path)).toContain(log);
      expect(facts.deleted).toMatchObject([{ path: gone, stat: { ok: true, value: { links: 0 } } }]);
    }
    expect(shell.files).toEqual(direct.files);
    expect(shell.deleted).toEqual(direct.deleted);
    expect(shell.open).toEqual(direct.open);
    expect(shell.appends).toEqual(direct.appends);
    expect([...shell.fileSystems.keys()]).toEqual([...direct.fileSystems.keys()]);
    expect(shell.settings).toEqual(direct.settings);
    expect(shell.unseen).toEqual(direct.unseen);
  });
});

/** This machine, as a shell sees it. */
function shellHost(): Host {
  const local = new LocalHost(new Deadline(30));
  return {
    async ask(want) {
      const [answers, { now, who }] = await Promise.all([
        askShellChild(want, 'here', new Deadline(30)),
        local.ask({}),
      ]);
      if (!answers.ok) throw new Error(JSON.stringify(answers));
      return { ...(answers.value as Awaited<ReturnType<typeof local.ask<typeof want>>>), now, who };
    },
  };
}

lab([...LIBVIRTD, 'fallocate'], 'a guest of libvirt', () => {
  /** What its firmware prints goes to the first serial port. */
  const PRINTS = "<bios useserial='yes'/>";

  it('has its console written by virtlogd: red, emptied while it runs, green', async () => {
    const libvirt = await startLibvirtd(scratch());
    const log = join(scratch(), 'console.log');
    const serial = `<serial type='pty'><log file='${log}' append='on'/></serial>`;
    await libvirt.define(
      domainXml({ name: 'lab-console', uuid: uuidOf('lab-console'), devices: serial, os: PRINTS }),
    );
    const qemu = await libvirt.start('lab-console');
    const printed = (): string => (existsSync(log) ? readFileSync(log, 'latin1') : '');
    await until(() => /SeaBIOS[^]*No bootable device/.test(printed()), {
      seconds: 60,
      what: 'all that the firmware prints',
    });
    const only = ['--guest', 'lab-console', '--size', 'apparent'];
    const red = await check(...only, '-w', '100B', '-v');
    expect(red.code).toBe(1);
    expect(red.long).toContain('[WARNING] lab-console: size of a console log: ');
    expect(red.long).toContain(`uuid ${uuidOf('lab-console')}`);
    expect(red.long).toMatch(/virtlogd \(pid [0-9]+\) writes it, and begins a new one at 2 MiB/);
    expect(red.long).not.toContain('may grow without limit');
    expect(red.long).toContain('its writer goes on at the new end');
    const [, command = ''] = /^ {2}truncate -s 0 (\S+\/console\.log)$/m.exec(red.long) ?? [];
    expect(command).toBe(log);
    await runPlugin(['truncate', '-s', '0', command]);
    const path = ['--ignore', '/var/log/*/*/*', ...only];
    const green = await check(...path, '-w', '100B');
    expect(green, green.text).toMatchObject({ code: 0 });

    // An unprivileged user is told the name by libvirt, and where the log is.
    appendFileSync(log, 'x'.repeat(200));
    chmodSync(log, 0o600);
    const nobody = read(await runPlugin(plugin, [...path, '-w', '100B'], { uid: 65534, gid: 65534 }));
    expect(nobody.line).toContain('lab-console: size of a console log: 200 B');

    rmSync(log);
    const deleted = await check(...only, '-w', '~:');
    expect(deleted.text).toMatch(/a deleted log that virtlogd \(pid [0-9]+\) still has open/);
    expect(isGone(qemu)).toBe(false);
    await libvirt.stop();
  });

  it("may have a serial port of type 'file': then its definition names the log", async () => {
    const libvirt = await startLibvirtd(scratch());
    const log = join(scratch(), 'file.log');
    const serial = `<serial type='file'><source path='${log}'/></serial>`;
    await libvirt.define(
      domainXml({ name: 'lab-file', uuid: uuidOf('lab-file'), devices: serial, os: PRINTS }),
    );
    await libvirt.start('lab-file');
    await until(() => existsSync(log) && statSync(log).size > 100, {
      seconds: 60,
      what: 'what the firmware prints',
    });
    await fill(log, 3);
    const { code, line, long } = await check('--guest', 'lab-file', '-w', '1MiB');
    expect(code).toBe(1);
    expect(line).toContain('lab-file: size of a console log: 3 MiB');
    expect(long).toMatch(/virtlogd \(pid [0-9]+\) writes it/);
    await libvirt.destroy('lab-file');
    const off = await check('--guest', 'lab-file', '-w', '1MiB');
    expect(off.code).toBe(1);
    expect(off.long).toContain('no guest, virtlogd or xenconsoled has it open');
    await libvirt.stop();
  });
});

lab([...ICINGA, 'fallocate'], 'Icinga 2', () => {
  const generated = readFileSync(join(top, 'icinga-conf/icinga2/console_log.conf'), 'utf8');

  it('runs the check from the generated command: red before the repair, green after', async () => {
    const logs = scratch();
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "console" {
  host_name = "h"
  check_command = "console_log"
  vars.console_log_path = [ "${logs}/*/serial.log" ]
  vars.console_log_guest = [ "${logs}/*/*" ]
  vars.console_log_warning = "1MiB"
  vars.console_log_critical = "~:2MiB"
}`,
    });
    mkdirSync(join(logs, 'web1'));
    const log = join(logs, 'web1/serial.log');
    writeFileSync(log, '');
    await fill(log, 3);
    const red = await icinga.check('h!console');
    expect(red).toMatchObject({ state: 2, exit_status: 2 });
    expect(red.output).toContain(`${log}: size of a console log: 3 MiB is outside the critical range ~:2MiB`);
    const label = `${log.replaceAll('/', '_')}_size`;
    expect(red.performance_data).toContain(`${label}=3145728B;1048576;~:2097152;0`);
    truncateSync(log);
    const green = await icinga.check('h!console');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
    expect(green.performance_data).toContain(`${label}=0B;1048576;~:2097152;0`);
    await icinga.stop();
  });
});
