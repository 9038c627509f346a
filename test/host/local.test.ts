import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import * as ask from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { probeFifo, readBytes, readLines } from '../../lib/host/files.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { FUSE, hungMount } from '../lab/fuse.ts';
import { lab, scratch, until } from '../lab/lab.ts';
import { spawnProcess } from '../lab/process.ts';

describe('this machine', () => {
  it('has a clock, a boot and a name', async () => {
    const { now, who } = await new LocalHost(new Deadline(5)).ask({});
    expect(Math.abs(now.epochSeconds - Date.now() / 1000)).toBeLessThan(60);
    expect(now.uptimeSeconds).toBeGreaterThan(0);
    expect(now.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(who.uid).toBe(process.geteuid?.());
    expect(who.nodeName).not.toBe('');
  });

  it('answers what comes after the deadline with "timed out", not at all with anything else', async () => {
    const late = new Deadline(0);
    const { file, each, processes, ran } = await new LocalHost(late).ask({
      file: ask.bytes('/etc/passwd'),
      each: ask.each('/etc/*', { text: ask.bytes('') }),
      processes: ask.processes(['*'], {}),
      ran: ask.run('virsh', '--version'),
    });
    for (const reading of [file, each, processes, ran])
      expect(reading).toMatchObject({ ok: false, why: 'timedOut' });
  });

  it('waits before a second look, but not longer than the deadline', async () => {
    const started = performance.now();
    const { now } = await new LocalHost(new Deadline(0.2)).ask({}, { afterSeconds: 600 });
    expect(now.epochSeconds).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  it('never opens a device or a FIFO to read it', async () => {
    const { device, watchdog, tty } = await new LocalHost(new Deadline(5)).ask({
      device: ask.bytes('/dev/zero', 10),
      watchdog: ask.head('/dev/null', 10),
      tty: ask.bytes('/dev/tty'),
    });
    expect(device).toMatchObject({ ok: false, why: 'wrongType' });
    expect(watchdog).toMatchObject({ ok: false, why: 'wrongType' });
    expect(tty.ok).toBe(false);
  });

  it('finds this very process by its executable', async () => {
    const { processes } = await new LocalHost(new Deadline(5)).ask({
      processes: ask.processes(['node*'], { argv: ask.head('cmdline', 1000) }),
    });
    const found = processes.ok ? processes.value.found.map(({ pid }) => pid) : [];
    expect(found).toContain(process.pid);
  });

  it('runs no tool that is not on its list', () => {
    // @ts-expect-error -- the type says so too
    expect(() => ask.run('sh', '-c', 'true')).not.toThrow();
    expect(ask.TOOLS).not.toContain('sh');
  });
});

lab(
  ['root', 'unshare', 'setpriv', 'mount', 'chroot'],
  'the files of a process with a root of its own',
  () => {
    it('are those below that root, whatever its owner makes links to', async () => {
      const folder = scratch();
      const tree = join(folder, 'tree');
      for (const name of ['etc/some.d', 'usr', 'proc']) mkdirSync(join(tree, name), { recursive: true });
      for (const name of ['lib', 'lib64']) symlinkSync(`usr/${name}`, join(tree, name));
      writeFileSync(join(folder, 'secret'), 'ours', { mode: 0o600 });
      writeFileSync(join(tree, 'etc/real'), 'theirs');
      writeFileSync(join(tree, 'etc/some.d/a.conf'), 'theirs');
      symlinkSync('/etc/real', join(tree, 'etc/absolute'));
      symlinkSync('/etc/some.d', join(tree, 'etc/folder'));
      symlinkSync(join(folder, 'secret'), join(tree, 'etc/escape'));
      symlinkSync(`../../../../../..${folder}/secret`, join(tree, 'etc/climb'));
      symlinkSync('/proc/self/stat', join(tree, 'etc/kernel'));
      const script = `mount --rbind /usr ${tree}/usr && mount --rbind /proc ${tree}/proc && exec chroot ${tree} /usr/bin/sleep 60`;
      const { pid } = spawnProcess(['unshare', '-Urm', 'sh', '-c', script], { uid: 65534, gid: 65534 });
      const root = `/proc/${pid}/root`;
      await until(() => existsSync(`${root}/etc/real`), { seconds: 10, what: 'the process in its own root' });
      const got = await new LocalHost(new Deadline(10)).ask({
        real: ask.bytes(`${root}/etc/real`),
        absolute: ask.bytes(`${root}/etc/absolute`),
        folder: ask.bytes(`${root}/etc/folder/a.conf`),
        escape: ask.bytes(`${root}/etc/escape`),
        climb: ask.bytes(`${root}/etc/climb`),
        kernel: ask.bytes(`${root}/etc/kernel`),
        gone: ask.bytes('/proc/4194305/root/etc/real'),
        each: ask.each(`${root}/etc/folder/*`, { text: ask.bytes('') }),
        ours: ask.bytes('/proc/self/comm'),
      });
      const { real, absolute, folder: linked, escape, climb, kernel, gone, each, ours } = got;
      expect(ours.ok).toBe(true);
      expect(
        [real, absolute, linked, escape, climb, kernel, gone].map((one) =>
          one.ok ? Buffer.from(one.value.bytes).toString() : one.why,
        ),
      ).toEqual(['theirs', 'theirs', 'theirs', 'absent', 'absent', 'wrongType', 'absent']);
      expect(escape).toMatchObject({ path: `${root}/etc/escape` });
      expect(each.ok && each.value.found.map(({ path, text }) => [path, text.ok])).toEqual([
        [`${root}/etc/folder/a.conf`, true],
      ]);
    });
  },
);

lab(['root', 'perl'], 'a file that turns into something else', () => {
  const SWAP = `
    my ($folder, @targets) = @ARGV;
    chdir $folder;
    for (;;) { for my $target (@targets) { symlink $target, "fresh"; rename "fresh", "x"; } }`;

  it('is not opened as that: no device, no FIFO, and nothing that the kernel only seems to keep in a file', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'real'), 'text');
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    const targets = ['real', '/proc/version', 'fifo', '/dev/zero'];
    const running = spawnProcess(['perl', '-e', SWAP, folder, ...targets]);
    await until(() => existsSync(join(folder, 'x')), { seconds: 10, what: 'the first link' });
    const seen = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      const reading = readBytes(join(folder, 'x'), 100, 'head');
      seen.add(reading.ok ? Buffer.from(reading.value.bytes).toString() : reading.why);
      const lines = readLines(join(folder, 'x'), 't', 100);
      seen.add(lines.ok ? lines.value.join() : lines.why);
      const probe = probeFifo(join(folder, 'x'));
      seen.add(probe.ok ? probe.value : probe.why);
    }
    await running.stop();
    expect([...seen].sort()).toEqual(['noReader', 'text', 'wrongType']);
  });
});

lab(FUSE, 'file systems with a server', () => {
  it('are asked through a child, each its own, so that one that hangs does not take the others along', async () => {
    const [good, bad] = [await hungMount(scratch(), { a: 'A' }), await hungMount(scratch(), { a: 'A' })];
    await bad.hang();
    const host = new LocalHost(new Deadline(1.5));
    const answers = await host.ask({
      good: ask.bytes(join(good.path, 'a')),
      bad: ask.bytes(join(bad.path, 'a')),
      stat: ask.stat(join(bad.path, 'a')),
      each: ask.each(`${bad.path}/*`, { text: ask.bytes('') }),
      local: ask.bytes('/proc/sys/kernel/ostype'),
    });
    expect(answers.good).toMatchObject({ ok: true });
    expect(answers.local).toMatchObject({ ok: true });
    for (const reading of [answers.bad, answers.stat, answers.each]) {
      expect(reading).toMatchObject({ ok: false, why: 'timedOut', detail: `on ${bad.path} (fuse)` });
    }
    await bad.heal();
  });

  it('are recognised behind links and below globs', async () => {
    const mount = await hungMount(scratch(), { 'guests/one/console.log': 'text' });
    await mount.hang();
    const folder = scratch();
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real/here'), '');
    symlinkSync(join(mount.path, 'guests'), join(folder, 'instances'));
    const { link, glob } = await new LocalHost(new Deadline(1)).ask({
      link: ask.bytes(join(folder, 'instances/one/console.log')),
      glob: ask.each(join(folder, '*/*'), { stat: ask.stat('') }),
    });
    expect(link).toMatchObject({ ok: false, why: 'timedOut' });
    expect(glob).toMatchObject({ ok: false, why: 'timedOut' });
    await mount.heal();
  });

  it('hide nothing of what lies beside the link that leads there', async () => {
    const mount = await hungMount(scratch(), { 'b.xml': 'far' });
    const folder = scratch();
    writeFileSync(join(folder, 'a.xml'), 'near');
    symlinkSync(join(mount.path, 'b.xml'), join(folder, 'b.xml'));
    writeFileSync(join(folder, 'c.xml'), 'near');
    const look = async () => {
      const { files } = await new LocalHost(new Deadline(1)).ask({
        files: ask.each(join(folder, '*.xml'), { text: ask.bytes(''), stat: ask.stat('') }),
      });
      return files.ok
        ? files.value.found.map(({ text, stat }) => [text.ok ? 'read' : text.why, stat.ok])
        : files;
    };
    expect(await look()).toEqual([
      ['read', true],
      ['read', true],
      ['read', true],
    ]);
    await mount.hang();
    const hung = await look();
    expect(hung).toEqual([
      ['read', true],
      ['timedOut', false],
      ['read', true],
    ]);
    await mount.heal();
  });
});
