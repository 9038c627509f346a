/** What `hypervisor-checks doctor` says mends it, done to the letter: it does. */
import { chmodSync, chownSync, cpSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { installAll } from './all-checks.ts';
import { lab, scratch } from './lab.ts';
import { HIDEPID } from './mountns.ts';
import { runPlugin } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';
import { asNobody } from './sudo.ts';

let program: string;

beforeAll(async () => {
  program = join(await installAll(), 'hypervisor-checks');
});

lab([...HIDEPID, ...QEMU, 'sudo', 'visudo'], 'the lines for sudoers', () => {
  const allowed = (stdout: string): string =>
    [...stdout.matchAll(/^ {2}(nobody ALL=.*)$/gm)].map(([, line]) => line).join('\n');

  it('let all checks look as root, the command for all of them too, and nothing else', async () => {
    await startQemu({ args: ['-name', 'lab-doctor', '-cpu', 'qemu64,+invtsc'] });
    const before = await asNobody('', [program, 'doctor']);
    expect(before.code).toBe(1);
    for (const name of ['check_invtsc', 'check_daemontools', 'check_uptime_kernel'])
      expect(before.stdout).toMatch(
        new RegExp(`^${name}:\\n(?: .*\\n)*? {2}/proc hides the processes of other users$`, 'm'),
      );
    expect(before.stdout).toContain(
      'put this into /etc/sudoers.d/hypervisor-checks (mode 0440), and add --sudo:',
    );
    const rules = allowed(before.stdout);
    expect(rules.split('\n').length).toBeGreaterThan(2);

    const blind = await asNobody(rules, [program, '--only', 'invtsc']);
    expect(blind.line).toMatch(/^UNKNOWN {3}invtsc {3}.*hidepid/);
    const all = await asNobody(rules, [program, '--sudo', '-v']);
    expect(all.stdout).toMatch(/^WARNING {3}invtsc {2,}.*/m);
    expect(all.stdout).toContain('lab-doctor: runs with +invtsc');
    expect(all.stdout).not.toContain('hidepid');
    const alone = await asNobody(rules, [
      join(program, '../check_invtsc'),
      '--sudo',
      '--guest',
      'lab-doctor',
    ]);
    expect(alone.line).toContain('INVTSC WARNING - lab-doctor: runs with +invtsc');

    const after = await asNobody(rules, [program, 'doctor']);
    expect(after.stdout).toContain('\nTo look as root, add --sudo: sudo allows it to nobody.\n');
    expect(after.stdout).not.toContain('NOPASSWD');
    const other = 'sudo -n "$@" 2>&1; true';
    for (const args of [['record', '/tmp/evil'], []])
      expect((await asNobody(rules, ['sh', '-c', other, 'sh', program, ...args])).line).toMatch(/^sudo: /);
  });

  it('that are missing are those that it names', async () => {
    const { stdout } = await asNobody('', [program, 'doctor']);
    const lines = allowed(stdout).split('\n');
    const [first = ''] = lines;
    expect(allowed((await asNobody(first, [program, 'doctor'])).stdout)).toBe(lines.slice(1).join('\n'));
    const own = lines.at(-1) ?? '';
    expect(own).toContain(`NOPASSWD: ${program} --record - --timeout 6`);
    const { stdout: refused } = await asNobody(`${first}\n# nothing else`, [program, 'doctor', '--sudo']);
    expect(refused).toMatch(/^sudo: permission denied \(sudo: .* - sudoers has to allow: [^\n]*\)\n$/);
  });

  it('come with a warning where the program is not root alone', async () => {
    expect((await asNobody('', [program, 'doctor'])).stdout).not.toContain('But first: ');
    const copy = join(scratch(), 'dist');
    cpSync(dirname(dirname(realpathSync(program))), copy, { recursive: true });
    const [body = ''] = readdirSync(join(copy, 'lib')).filter((name) => name.startsWith('check_invtsc-'));
    for (const spoil of [
      () => chmodSync(join(copy, 'lib', body), 0o664),
      () => chownSync(copy, 65534, 65534),
    ]) {
      spoil();
      const { stdout } = await asNobody('', [join(copy, 'bin/hypervisor-checks'), 'doctor']);
      expect(stdout).toContain(`NOPASSWD: ${copy}/bin/check_uptime_kernel --record`);
      expect(stdout).toContain(`\nBut first: ${copy}`);
      expect(stdout).toContain("is not root's alone, and who can change it would be root.");
    }
  });
});

lab(['root', 'unshare', 'mount', 'setpriv', 'usermod'], 'the line for a group', () => {
  it('opens what the group may read', async () => {
    const [upper, work, closed] = [scratch(), scratch(), scratch()];
    const script = `mount --make-rprivate /
      mount -t overlay overlay -o "lowerdir=/etc,upperdir=${upper},workdir=${work}" /etc
      mkdir -p /etc/libvirt
      echo 'max_size = 0' >/etc/libvirt/virtlogd.conf
      chgrp games /etc/libvirt/virtlogd.conf && chmod 640 /etc/libvirt/virtlogd.conf
      as_nobody() { setpriv --reuid nobody --regid nogroup --init-groups "$@"; }
      as_nobody ${program} doctor --only console_log >${closed}/before || true
      sh -e -c "$(sed -n 's/^  \\(usermod .*\\)/\\1/p' ${closed}/before)"
      cat ${closed}/before
      echo ---
      as_nobody ${program} doctor --only console_log`;
    const { stdout, stderr } = await runPlugin(['unshare', '-m', 'sh', '-ec', script]);
    const [before = '', after = ''] = stdout.split('---\n');
    expect(before).toContain('check_console_log:\n  /etc/libvirt/virtlogd.conf may not be read\n');
    expect(before).toContain('The group games may read /etc/libvirt/virtlogd.conf;');
    expect(before).toContain('\n  usermod -aG games nobody\n');
    expect({ after, stderr }).toEqual({
      after: expect.stringMatching(/^Every check can see all that it looks for, as nobody\.\n/) as string,
      stderr: '',
    });
  });
});
