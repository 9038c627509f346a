import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import * as ask from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import type { Host } from '../../lib/host/host.ts';
import { openRoot } from '../../lib/host/root.ts';
import type { Reading } from '../../lib/reading.ts';

let outside: string;
let host: Host;

beforeAll(() => {
  outside = mkdtempSync(join(tmpdir(), 'root-'));
  const root = join(outside, 'image');
  for (const folder of ['etc/libvirt/qemu', 'proc/7', 'proc/8', 'proc/sys/kernel/random', 'run', 'var']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const put = (path: string, text: string): void => writeFileSync(join(root, path), text);
  writeFileSync(join(outside, 'secret'), 'of the outside');
  put('etc/hostname', 'inside\n');
  put('etc/libvirt/qemu/a.xml', '<domain/>');
  put('proc/uptime', '77.5 1.0\n');
  put('proc/sys/kernel/random/boot_id', 'b-o-o-t\n');
  put('proc/7/cmdline', '/usr/bin/kvm\0-S\0');
  put('proc/7/stat', '7 (kvm) S 1 ');
  put('proc/8/cmdline', '/bin/sleep\x001\0');
  put('proc/8/stat', '8 (sleep) S 1 ');
  symlinkSync('/usr/bin/kvm', join(root, 'proc/7/exe'));
  symlinkSync('/bin/sleep', join(root, 'proc/8/exe'));
  symlinkSync('/etc/hostname', join(root, 'absolute'));
  symlinkSync('../../secret', join(root, 'escape'));
  symlinkSync('/../../../secret', join(root, 'escape absolute'));
  symlinkSync('/run', join(root, 'var/run'));
  put('run/pid', '1');
  symlinkSync('circle', join(root, 'circle'));
  const opened = openRoot(root, new Deadline(10));
  if (!opened.ok) throw new Error(JSON.stringify(opened));
  host = opened.value;
});

afterAll(() => rmSync(outside, { recursive: true }));

function textOf(reading: Reading<ask.Content>): string {
  return reading.ok ? Buffer.from(reading.value.bytes).toString() : reading.why;
}

describe('a host under --root', () => {
  it('has its own files, whatever absolute links say', async () => {
    const { name, link, run } = await host.ask({
      name: ask.bytes('/etc/hostname'),
      link: ask.bytes('/absolute'),
      run: ask.bytes('/var/run/pid'),
    });
    expect([textOf(name), textOf(link), textOf(run)]).toEqual(['inside\n', 'inside\n', '1']);
  });

  it.each(['/escape', '/escape absolute', '/../secret', '/var/run/../../secret', '/etc/../../secret'])(
    'does not lead out of its tree: %s',
    async (path) => {
      const { file, stat, each } = await host.ask({
        file: ask.bytes(path),
        stat: ask.stat(path, { follow: true }),
        each: ask.each('/esc*', { text: ask.bytes('') }),
      });
      expect(textOf(file)).toBe('absent');
      expect(stat).toMatchObject({ ok: false, why: 'absent' });
      expect(JSON.stringify(each)).not.toContain('outside');
    },
  );

  it('does not lead out of it either when a link appears where a folder was', async () => {
    const root = join(outside, 'image');
    mkdirSync(join(root, 'swap/deep'), { recursive: true });
    writeFileSync(join(root, 'swap/deep/secret'), 'of the inside');
    mkdirSync(join(outside, 'deep'));
    writeFileSync(join(outside, 'deep/secret'), 'of the outside');
    const want = {
      file: ask.bytes('/swap/deep/secret'),
      stat: ask.stat('/swap/deep/secret', { follow: true }),
      list: ask.list('/swap/deep'),
    };
    expect(textOf((await host.ask(want)).file)).toBe('of the inside');
    rmSync(join(root, 'swap'), { recursive: true });
    symlinkSync(outside, join(root, 'swap'));
    const { file, stat, list } = await host.ask(want);
    expect([textOf(file), stat.ok, list.ok]).toEqual(['absent', false, false]);
  });

  it('says that links in a circle are no file', async () => {
    const { file } = await host.ask({ file: ask.bytes('/circle') });
    expect(file).toMatchObject({ ok: false, why: 'wrongType' });
  });

  it('has its own processes and clock', async () => {
    const { processes, now, who } = await host.ask({
      processes: ask.processes(['kvm'], { argv: ask.bytes('cmdline') }),
    });
    expect(processes).toMatchObject({ ok: true, value: { scanned: 2, found: [{ pid: 7, program: 'kvm' }] } });
    expect(now).toMatchObject({ uptimeSeconds: 77.5, bootId: 'b-o-o-t' });
    expect(who.nodeName).toBe('inside');
  });

  it('runs no command, and names failures by the path that was asked for', async () => {
    const { ran, missing } = await host.ask({ ran: ask.run('virsh', 'list'), missing: ask.bytes('/etc/x') });
    expect(ran).toMatchObject({ ok: false, why: 'absent', detail: 'no command is run under --root' });
    expect(missing).toEqual({ ok: false, why: 'absent', path: '/etc/x', detail: '' });
  });

  it('must be a directory', () => {
    expect(openRoot('/nonexistent', new Deadline(1))).toMatchObject({ ok: false, why: 'absent' });
    expect(openRoot('/etc/passwd', new Deadline(1))).toMatchObject({ ok: false, why: 'absent' });
  });
});
