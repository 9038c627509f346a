/**
 * check_console_log and check_uptime_kernel on another machine: over SSH, and as root behind sudo where the one who logs in may see
 * nothing. Real logs (a sparse one of 3 GiB, a deleted one that a guest holds open), real processes on deleted files.
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { uuidOf } from '../guest-host.ts';
import { atEnd, lab, scratch } from './lab.ts';
import { runPlugin, spawnProcess } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';
import { SSHD, startSshd, type Sshd } from './sshd.ts';

const ANSWER = fileURLToPath(new URL('../../icinga-conf/sudo/hypervisor-checks-answer', import.meta.url));
const RULE = 'nobody ALL=(root) NOPASSWD: /usr/local/sbin/hypervisor-checks-answer ""\n';

let folder: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_console_log', folder);
  await bundleAll('check_uptime_kernel', folder);
});

/** A machine with instances of its own, where root logs in, and nobody, who may call the answerer. */
async function machine(): Promise<{ readonly sshd: Sshd; readonly instances: string }> {
  const base = scratch();
  const at = (name: string): string => join(base, name);
  for (const name of ['lib/nova/instances', 'log', 'sbin', 'rules']) mkdirSync(at(name), { recursive: true });
  cpSync(ANSWER, at('sbin/hypervisor-checks-answer'));
  chmodSync(at('sbin/hypervisor-checks-answer'), 0o755);
  writeFileSync(at('rules/checks'), RULE, { mode: 0o440 });
  const users = readFileSync('/etc/passwd', 'utf8');
  writeFileSync(at('passwd'), users.replace(/^nobody:.*$/m, 'nobody:x:65534:65534::/:/bin/sh'));
  const sshd = await startSshd({
    prepare: [
      'mount --make-rprivate /',
      `mount --bind ${at('lib')} /var/lib`,
      `mount --bind ${at('log')} /var/log`,
      `mount --bind ${at('sbin')} /usr/local/sbin`,
      `mount --bind ${at('rules')} /etc/sudoers.d`,
      `mount --bind ${at('passwd')} /etc/passwd`,
    ].join(' && '),
  });
  return { sshd, instances: at('lib/nova/instances') };
}

async function look(sshd: Sshd, check: string, user: string, ...args: readonly string[]) {
  const argv = ['-H', `${user}@far`, '--ssh-config', sshd.configuration(), '-t', '30', ...args];
  const { code, stdout, stderr } = await runPlugin(join(folder, 'bin', check), argv, { timeoutSeconds: 40 });
  expect(stderr).toBe('');
  return { code, text: stdout, line: stdout.split('\n')[0] ?? '' };
}

const NEEDS = [...SSHD, ...QEMU, 'sudo', 'fallocate'];

lab(NEEDS, 'console logs of another machine', () => {
  it('are seen over SSH as there: sparse, too big, deleted and still open; behind sudo, without being root', async () => {
    const { sshd, instances } = await machine();
    const guest = async (name: string, mib: number): Promise<string> => {
      const log = join(instances, uuidOf(name), 'console.log');
      mkdirSync(dirname(log), { recursive: true });
      await startQemu({ args: ['-name', name, '-uuid', uuidOf(name), '-serial', `file:${log}`] });
      if (mib > 0) await runPlugin(['fallocate', '-l', `${mib}M`, log]);
      return log;
    };
    truncateSync(await guest('far-sparse', 0), 3 * 1024 ** 3);
    await guest('far-big', 120);
    rmSync(await guest('far-deleted', 7));
    chmodSync(instances, 0o700);

    const only = ['--guest', 'far-*', '-v'];
    const asRoot = await look(sshd, 'check_console_log', 'root', ...only);
    expect(asRoot.code).toBe(1);
    expect(asRoot.line).toContain(
      'CONSOLE_LOG WARNING - far-big: size of a console log: 120 MiB is outside the warning range 0:100MiB',
    );
    expect(asRoot.text).toContain('far-sparse: 0 B, sparse: 3 GiB to read');
    expect(asRoot.text).toMatch(
      /\[OK\] far-deleted: a deleted log that qemu \(pid [0-9]+\) still has open holds 7 MiB/,
    );
    expect(asRoot.line).toContain('deleted=7340032B');

    const alone = await look(sshd, 'check_console_log', 'nobody', ...only);
    expect(alone.code).toBe(3);
    expect(alone.line).toMatch(/UNKNOWN - .*\/var\/lib\/nova\/instances: permission denied/);
    const behindSudo = await look(sshd, 'check_console_log', 'nobody', '--sudo', ...only);
    // The disk is everybody's: how much of it is free changes while this runs.
    const withoutFree = (text: string): string =>
      text.replaceAll(/[0-9.]+ [KMGT]iB of its file system/g, '# of its file system');
    expect(withoutFree(behindSudo.text)).toBe(withoutFree(asRoot.text));
    expect(behindSudo.code).toBe(1);
  }, 60_000);

  it('may be thousands', async () => {
    const { sshd, instances } = await machine();
    for (let index = 0; index < 2000; index += 1) {
      mkdirSync(join(instances, `i-${index}`));
      writeFileSync(join(instances, `i-${index}/console.log`), '');
    }
    await runPlugin(['fallocate', '-l', '200M', join(instances, 'i-777/console.log')]);
    const { code, line, text } = await look(sshd, 'check_console_log', 'root', '--guest', 'i-*');
    expect(line).toContain('CONSOLE_LOG WARNING - i-777: size of a console log: 200 MiB is outside');
    expect(line).toContain('2000 console logs, 200 MiB');
    expect(text.length).toBeLessThan(9000);
    expect(code).toBe(1);
  }, 90_000);
});

lab(NEEDS, 'a machine to be rebooted', () => {
  it('is seen over SSH as there; behind sudo, processes of others too', async () => {
    const { sshd } = await machine();
    const place = mkdtempSync('/opt/hypervisor-checks-');
    atEnd(() => rmSync(place, { recursive: true }));
    copyFileSync('/bin/sleep', join(place, 'agent'));
    const agent = spawnProcess([join(place, 'agent'), '1000']);
    copyFileSync('/usr/bin/qemu-system-x86_64', join(place, 'qemu-system-x86_64'));
    await startQemu({
      exe: join(place, 'qemu-system-x86_64'),
      args: ['-name', 'guest=far-old', '-L', '/usr/share/seabios'],
      env: { QEMU_MODULE_DIR: '/usr/lib/x86_64-linux-gnu/qemu' },
    });
    for (const name of ['agent', 'qemu-system-x86_64']) rmSync(join(place, name));
    const seen = ({ text }: { text: string }): readonly string[] =>
      text.split('\n').filter((line) => line.startsWith('[') && line.includes(place));

    const asRoot = await look(sshd, 'check_uptime_kernel', 'root');
    expect(seen(asRoot)).toEqual([
      `[WARNING] agent: runs old code: deleted ${place}/agent (pid ${agent.pid})`,
      expect.stringContaining(
        '[WARNING] far-old: runs on a deleted qemu until it is migrated or power-cycled',
      ),
    ]);
    expect(asRoot.code).toBe(1);
    expect(asRoot.line).toMatch(/ uptime=[0-9]+s;31536000;;0 /);

    const alone = await look(sshd, 'check_uptime_kernel', 'nobody');
    expect(seen(alone)).toEqual([]);
    expect(alone.text).toMatch(/not looked for in [0-9]+ processes of other users \(root sees all\)/);
    const behindSudo = await look(sshd, 'check_uptime_kernel', 'nobody', '--sudo');
    expect(seen(behindSudo)).toEqual(seen(asRoot));
    expect(behindSudo.text).not.toContain('processes of other users');
    expect(behindSudo.code).toBe(1);
    await agent.stop();
  }, 60_000);
});
