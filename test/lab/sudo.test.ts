/** Root without a root shell: the built check behind a real sudo, here and on another machine. */
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { bundleAll, bundlePlugin } from '../../tools/bundle.mjs';
import { sudoersLine } from '../../lib/host/sudo-command.ts';
import { HIDEPID } from './mountns.ts';
import { lab, scratch, until } from './lab.ts';
import { runPlugin, spawnProcess } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';
import { SSHD, startSshd } from './sshd.ts';
import { asNobody } from './sudo.ts';

const ANSWER = fileURLToPath(new URL('../../icinga-conf/sudo/hypervisor-checks-answer', import.meta.url));

let plugin: string;

beforeAll(async () => {
  const folder = scratch();
  await bundleAll('check_invtsc', folder);
  plugin = join(folder, 'bin/check_invtsc');
});

lab([...HIDEPID, ...QEMU, 'sudo'], 'a check with --sudo', () => {
  const allowed = (): string => `nobody ALL=(root) NOPASSWD: ${sudoersLine(plugin)}`;

  it('says which line sudoers lacks', async () => {
    const { code, line, stdout } = await asNobody('', [plugin, '--sudo']);
    expect(code).toBe(3);
    expect(line).toMatch(/^INVTSC UNKNOWN - sudo: permission denied \(sudo: .* - sudoers has to allow: /);
    expect(stdout).toContain(`sudoers has to allow: ${sudoersLine(plugin)}`);
  });

  it('sees what root sees, and stays who it is', async () => {
    await startQemu({ args: ['-name', 'lab-sudo', '-cpu', 'qemu64,+invtsc'] });
    const args = ['--guest', 'lab-sudo'];
    const alone = await asNobody(allowed(), [plugin, ...args]);
    expect(alone.code).toBe(3);
    expect(alone.line).toContain('hidepid');
    const { code, line, stdout } = await asNobody(allowed(), [plugin, ...args, '--sudo', '-vv']);
    expect(line).toContain('INVTSC WARNING - lab-sudo: runs with +invtsc');
    expect(code).toBe(1);
    expect(stdout).toMatch(/asked \S+ as uid 0:/);
  });

  it('gives no other command line to who may call it', async () => {
    const file = join(scratch(), 'evil');
    for (const args of [
      ['--record', file],
      ['--record', '-'],
      ['--record', '-', '--timeout', '6', '--root', '/'],
      [],
    ]) {
      const script = 'sudo -n "$@" 2>&1 || true';
      const { stdout } = await asNobody(allowed(), ['sh', '-c', script, 'sh', plugin, ...args]);
      expect(stdout, args.join(' ')).toMatch(/^sudo: /);
    }
  });

  it('leaves other places to a line of the administrator, which the help prints', async () => {
    await bundlePlugin('check_console_log', dirname(dirname(plugin)));
    const check = join(dirname(plugin), 'check_console_log');
    const closed = join(scratch(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const log = join(closed, 'console.log');
    writeFileSync(log, 'text\n'.repeat(1000));
    const { stdout: help } = await runPlugin(check, ['--help']);
    const [, printed = ''] = /^ +nagios (ALL=.*--path .*)$/m.exec(help) ?? [];
    const rule = `nobody ${printed.replace(/--path \S+/, `--path ${log}`)}`;
    const alone = await asNobody(rule, [check, '--sudo', '--path', log]);
    expect(alone.code).toBe(3);
    const { line } = await asNobody(rule, ['sudo', '-n', check, '--path', log]);
    expect(line).toMatch(/^CONSOLE_LOG OK - 1 console log, /);
    const other = await asNobody(rule, ['sh', '-c', `sudo -n ${check} --path /etc/shadow 2>&1; true`]);
    expect(other.line).toMatch(/^sudo: /);
  });

  it('prints no secret that root sees', async () => {
    await startQemu({
      args: ['-name', 'lab-secret', '-object', 'secret,id=s0,data=geheimnis', '-cpu', 'qemu64,+invtsc'],
    });
    const script = `sudo -n ${sudoersLine(plugin)}; ${plugin} --sudo -vvv --guest lab-secret; true`;
    const { stdout } = await asNobody(allowed(), ['sh', '-c', script]);
    expect(stdout).toContain('lab-secret');
    expect(stdout).not.toContain('geheimnis');
  });

  it('tells nothing of a file because a process of any user names it; those that its caller may read it reads itself', async () => {
    const folder = scratch();
    chmodSync(folder, 0o755);
    await bundlePlugin('check_dhcp_liveness', dirname(dirname(plugin)));
    const check = join(dirname(plugin), 'check_dhcp_liveness');
    cpSync('/bin/bash', join(folder, 'dnsmasq'));
    writeFileSync(join(folder, 'closed'), 'dhcp-range=10.77.1.1,10.77.1.9 # geheimnis\n', { mode: 0o600 });
    writeFileSync(join(folder, 'open'), 'dhcp-range=10.77.2.1,10.77.2.9\ninterface=lab-open\n');
    for (const file of ['closed', 'open']) {
      const argv = [
        join(folder, 'dnsmasq'),
        '-c',
        'while sleep 9; do :; done',
        `--conf-file=${join(folder, file)}`,
      ];
      spawnProcess(argv, { uid: 65534, gid: 65534 });
    }
    const rule = `nobody ALL=(root) NOPASSWD: ${sudoersLine(check)}`;
    const looks = async (): Promise<boolean> => (await runPlugin(check, ['-v'])).stdout.includes('lab-open');
    await until(looks, { seconds: 20, what: 'both processes are called dnsmasq' });
    const script = `sudo -n ${sudoersLine(check)}; echo; ${check} --sudo -v; true`;
    const { stdout } = await asNobody(rule, ['sh', '-c', script]);
    // In a mount namespace of their own they have files of their own.
    expect(stdout).toContain(`root${join(folder, 'closed')}\n`);
    expect(stdout).not.toContain('geheimnis');
    expect(stdout).not.toContain('dhcp-range=');
    expect(stdout).toMatch(/^DHCP_LIVENESS CRITICAL - lab-open: .* does not listen on the DHCP port/m);
    expect(stdout).toMatch(
      /^\[UNKNOWN\] \S+closed: permission denied \(root tells nothing of files that are not declared/m,
    );
  });
});

lab([...SSHD, ...QEMU, 'sudo'], 'another machine with --sudo', () => {
  /** Nobody with a shell; /proc hides; the answerer installed or not, allowed or not. */
  async function machine({ rule, installed = true, key = '' }: { rule: string; installed?: boolean; key?: string }) {
    const bin = join(scratch(), 'sbin');
    mkdirSync(bin);
    if (installed) {
      cpSync(ANSWER, join(bin, 'hypervisor-checks-answer'));
      chmodSync(join(bin, 'hypervisor-checks-answer'), 0o755);
    }
    const folder = join(scratch(), 'rules');
    mkdirSync(folder);
    writeFileSync(join(folder, 'checks'), `${rule}\n`, { mode: 0o440 });
    const passwd = join(scratch(), 'passwd');
    const lines = readFileSync('/etc/passwd', 'utf8').replace(/^nobody:.*$/m, 'nobody:x:65534:65534::/:/bin/sh');
    writeFileSync(passwd, lines);
    const sshd = await startSshd({
      prepare: [
        'mount --make-rprivate /',
        `mount --bind ${bin} /usr/local/sbin`,
        `mount --bind ${folder} /etc/sudoers.d`,
        `mount --bind ${passwd} /etc/passwd`,
        'mount -t proc -o hidepid=2 proc /proc',
      ].join(' && '),
    });
    const keys = join(sshd.folder, 'authorized');
    writeFileSync(keys, readFileSync(keys, 'utf8').replace(/^(?=ssh-)/gm, key));
    const config = sshd.configuration();
    return async (...args: readonly string[]) => {
      const { code, stdout } = await runPlugin(plugin, ['-H', 'nobody@far', '--ssh-config', config, ...args]);
      return { code, stdout, line: stdout.split('\n')[0] ?? '' };
    };
  } // prettier-ignore

  const RULE = 'nobody ALL=(root) NOPASSWD: /usr/local/sbin/hypervisor-checks-answer ""';

  it('is seen as root sees it', async () => {
    await startQemu({ args: ['-name', 'lab-far', '-cpu', 'qemu64,+invtsc'] });
    const look = await machine({ rule: RULE });
    const alone = await look('--guest', 'lab-far');
    expect(alone.line).toContain('hidepid');
    expect(alone.code).toBe(3);
    const { code, line, stdout } = await look('--guest', 'lab-far', '--sudo', '-vv');
    expect(line).toContain('INVTSC WARNING - lab-far: runs with +invtsc');
    expect(code).toBe(1);
    expect(stdout).toMatch(/asked \S+ as uid 0:/);
  });

  it('says what is missing there', async () => {
    const denied = await (await machine({ rule: '' }))('--sudo');
    expect(denied.line).toMatch(/^INVTSC UNKNOWN - far: sudo refuses there \(it ended with status 1: "sudo: .*password/); // prettier-ignore
    const absent = await (await machine({ rule: RULE, installed: false }))('--sudo');
    expect(absent.line).toMatch(
      /far: sudo refuses there \(.*: install hypervisor-checks-answer and allow it with sudo, icinga-conf\/sudo\/README\.md says how/,
    );
    expect([denied.code, absent.code]).toEqual([3, 3]);
  });

  it('may have the key that the page shows, which gets no more, whatever is asked for', async () => {
    await startQemu({ args: ['-name', 'lab-forced', '-cpu', 'qemu64,+invtsc'] });
    const page = readFileSync(join(dirname(ANSWER), 'README.md'), 'utf8');
    const [, key = ''] = /^ {4}(restrict,.* )ssh-ed25519 /m.exec(page) ?? [];
    expect(key).toContain('command=');
    const look = await machine({ rule: RULE, key });
    for (const how of [[], ['--sudo']]) {
      const { line } = await look('--guest', 'lab-forced', ...how);
      expect(line, how.join()).toContain('INVTSC WARNING - lab-forced: runs with +invtsc');
    }
  });
});
