/** Whatever happens to a check, it ends with one verdict line and an exit code from 0 to 3, in time, and alone. */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { FUSE, hungMount, waitsForFuse, type HungMount } from './fuse.ts';
import { lab, scratch, until } from './lab.ts';
import { LIBVIRTD, startLibvirtd } from './libvirt.ts';
import { sleepsIn } from './proc.ts';
import { isGone, runPlugin, spawnProcess } from './process.ts';

let folder: string;
let plugin: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_misbehaving', folder, './test/lab/misbehaving-plugin.ts');
  plugin = join(folder, 'bin/check_misbehaving');
});

/** Its end, and that it said exactly one line on standard output and nothing on standard error. */
async function end(...args: string[]) {
  const { code, signal, stdout, stderr } = await runPlugin(plugin, args);
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  return { code, stdout, lines: stdout.trimEnd().split('\n') };
}

describe('a bug', () => {
  it.each([
    ['throw', 'TypeError: something is undefined'],
    ['gather-throws', 'TypeError: something is undefined'],
    ['judge-throws', 'TypeError: something is undefined'],
    ['reject', 'Error: rejected'],
    ['never', 'nothing left to wait for'],
  ])('is one UNKNOWN line that asks for a report: %s', async (how, what) => {
    const { code, lines } = await end('--how', how);
    expect(code).toBe(3);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^MISBEHAVING UNKNOWN - /);
    expect(lines[0]).toContain(what);
    expect(lines[0]).toContain('please report this');
  });
});

describe('with --format json', () => {
  it.each([
    ['a bug', ['--how', 'throw'], 'TypeError: something is undefined'],
    ['an end that nobody planned', ['--how', 'never'], 'nothing left to wait for'],
    ['a wrong option', ['--nonsense'], '"nonsense" is not an option'],
    ['a recording that is not there', ['--replay', '/nowhere'], '/nowhere: is not there'],
  ])('%s is an object too', async (_, args, what) => {
    for (const format of [['--format', 'json'], ['--format=json']]) {
      const { code, lines } = await end(...args, ...format);
      expect(code).toBe(3);
      expect(lines).toHaveLength(1);
      const report = JSON.parse(lines[0] ?? '') as { findings: { text: string }[] };
      const empty = { summary: '', performance: [], items: [] };
      expect(report).toMatchObject({ plugin: 'check_misbehaving', state: 'unknown', exitCode: 3, ...empty });
      expect(report.findings).toMatchObject([
        { kind: 'unseen', state: 'unknown', subject: '', repair: null },
      ]);
      expect(report.findings[0]?.text).toContain(what);
    }
  });
});

describe('a warning of node', () => {
  it('does not get into the output', async () => {
    expect(await end('--how', 'warn')).toMatchObject({ code: 0 });
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGALRM', 'SIGUSR1', 'SIGUSR2', 'SIGXCPU'] as const)(
    '%s is one UNKNOWN line',
    async (signal) => {
      const running = spawnProcess([plugin, '--how', 'wait', '-t', '30']);
      await until(() => sleepsIn(running.pid) === 'do_epoll_wait', {
        seconds: 10,
        what: 'the plugin to be up',
      });
      process.kill(running.pid, signal);
      expect(await running.ended).toEqual({ code: 3, signal: null });
      expect(running.output()).toMatch(new RegExp(`^MISBEHAVING UNKNOWN - ended by ${signal} while .*\n$`));
    },
  );
});

describe('output that nobody takes', () => {
  it('closed at the other end (EPIPE) is UNKNOWN: the verdict did not arrive', async () => {
    const { stdout } = await runPlugin([
      'bash',
      '-c',
      '"$0" --how find | true; echo "${PIPESTATUS[0]}"',
      plugin,
    ]);
    // `true` may have ended before or after the plugin has written.
    expect(['2\n', '3\n']).toContain(stdout);
    const closed = await runPlugin([
      'bash',
      '-c',
      'exec 3> >(:); wait "$!"; "$0" --how find >&3; echo "$?"',
      plugin,
    ]);
    expect(closed.stdout).toBe('3\n');
  });

  it('closed from the start is /dev/null to node: the exit code alone tells', async () => {
    const { stdout } = await runPlugin(['bash', '-c', '"$0" --how find >&-; echo "$?"', plugin]);
    expect(stdout).toBe('2\n');
  });

  it('a full device is UNKNOWN as well', async () => {
    const { stdout } = await runPlugin(['bash', '-c', '"$0" --how find >/dev/full; echo "$?"', plugin]);
    expect(stdout).toBe('3\n');
  });

  it('read slowly arrives whole', async () => {
    const script = '"$0" --how long -v | { sleep 1; cat; }; echo "status ${PIPESTATUS[0]}"';
    const { stdout } = await runPlugin(['bash', '-c', script, plugin]);
    expect(stdout).toMatch(/status 0\n$/);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(8192 + 10);
  });
});

describe('an old or broken node', () => {
  it('runs as nobody, from any folder, through a link, without node_modules', async () => {
    const elsewhere = join(folder, 'else where');
    mkdirSync(elsewhere);
    const ran = await runPlugin(['sh', '-c', 'ln -s "$0" link; exec ./link --how find', plugin], [], {
      cwd: elsewhere,
    });
    expect(ran).toMatchObject({ code: 2, stderr: '' });
  });
});

describe('a recording', () => {
  it('that cannot be written hides no finding, and never takes the place of something else', async () => {
    const nowhere = await end('--how', 'find', '--record', '/nonexistent/x');
    expect(nowhere.code).toBe(2);
    expect(nowhere.stdout).toContain('[UNKNOWN] the recording was not written');
    const device = await end('--how', 'find', '--record', '/dev/null');
    expect(device.stdout).toContain('/dev/null is there, and no regular file');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    const target = join(folder, 'target');
    const link = join(folder, 'link to target');
    writeFileSync(target, 'precious');
    symlinkSync(target, link);
    await end('--record', link);
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  it('that does not fit leaves nothing behind', async () => {
    const file = join(scratch(), 'recording');
    const argv = ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh', plugin, '--how', 'find', '--record', file];
    const { code, stdout } = await runPlugin(argv);
    expect(stdout).toContain('the recording was not written: EFBIG');
    expect(code).toBe(2);
    expect(readdirSync(dirname(file))).toEqual([]);
  });

  it('is for its owner only, whatever was there before', async () => {
    const file = join(folder, 'recording');
    writeFileSync(file, 'old', { mode: 0o644 });
    await end('--record', file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('hypervisor-checks recording 1');
  });

  it('that never comes ends in the timeout; a FIFO or a device is none', async () => {
    const fifo = join(folder, 'fifo');
    // Open for writing as well, so that it has no end.
    const script = 'mkfifo "$1" && exec "$0" -t 1 --replay - <>"$1"';
    const waiting = await runPlugin(['sh', '-c', script, plugin, fifo]);
    expect(waiting.stdout).toContain('MISBEHAVING UNKNOWN - standard input: did not answer in time');
    expect((await end('--replay', '/dev/zero')).lines[0]).toContain('/dev/zero: is not a regular file');
    expect((await end('--replay', fifo)).lines[0]).toContain('is not a regular file');
  });
});

describe('an installation without its late parts', () => {
  it('says so', async () => {
    const alone = join(scratch(), 'bin');
    mkdirSync(alone);
    copyFileSync(plugin, join(alone, 'check_misbehaving'));
    const { code, stdout } = await runPlugin(join(alone, 'check_misbehaving'), ['--help']);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^MISBEHAVING UNKNOWN - not installed completely, the folder lib must stand beside/,
    );
  });
});

lab(FUSE, 'a file system that hangs', () => {
  it('is neither a root nor the place of a recording', async () => {
    const mount = await hungMount(scratch(), { recording: 'hypervisor-checks recording 1' });
    await mount.hang();
    for (const args of [
      ['--root', mount.path],
      ['--replay', join(mount.path, 'recording')],
    ]) {
      const { code, lines } = await end('-t', '1', ...args);
      expect(code).toBe(3);
      expect(lines[0]).toContain('fuse');
    }
    await mount.heal();
  });
});

lab(FUSE, 'files on a file system that hangs', () => {
  let mount: HungMount;

  beforeAll(async () => {
    mount = await hungMount(scratch(), { file: 'content', 'folder/file': 'content' });
  });

  it('is read through a child, as long as it answers', async () => {
    const { code, stdout } = await end('--file', join(mount.path, 'file'), '--file', '/etc/hostname');
    expect(code).toBe(0);
    expect(stdout).toContain('2 files');
  });

  it('ends in the timeout, with UNKNOWN, naming it, and leaves no process behind', async () => {
    await mount.hang();
    const file = join(mount.path, 'file');
    const { code, lines } = await end('-t', '1', '--file', file, '--file', '/etc/hostname');
    expect(code).toBe(3);
    expect(lines[0]).toContain(`${file}: did not answer in time (on ${mount.path} (fuse))`);
    await mount.heal();
    await until(() => noProcessNames(file), { seconds: 10, what: 'the child to end' });
  });

  it('takes the state of the timeout, and hides no finding', async () => {
    await mount.hang();
    const file = join(mount.path, 'file');
    expect(await end('-t', '1:warning', '--file', file)).toMatchObject({ code: 1 });
    const both = await end('-t', '1', '--file', file, '--how', 'find');
    expect(both.code).toBe(2);
    expect(both.lines[0]).toMatch(/^MISBEHAVING CRITICAL - thing: is there/);
    await mount.heal();
  });

  it('can be ended by Icinga while it waits', async () => {
    await mount.hang();
    const running = spawnProcess([plugin, '-t', '30', '--file', join(mount.path, 'file')]);
    await until(() => childrenOf(running.pid).some(waitsForFuse) || undefined, {
      seconds: 10,
      what: 'a child that hangs',
    });
    process.kill(running.pid, 'SIGTERM');
    expect(await running.ended).toEqual({ code: 3, signal: null });
    expect(running.output()).toContain(`ended by SIGTERM while reading ${mount.path}`);
    await mount.heal();
  });
});

lab(LIBVIRTD, 'a tool that hangs', () => {
  it('ends in the timeout and leaves no process behind', async () => {
    const libvirt = await startLibvirtd(scratch());
    const pid = Number((await runPlugin(['pidof', 'libvirtd'])).stdout);
    process.kill(pid, 'SIGSTOP');
    try {
      const { code, lines } = await end('-t', '1', '--how', 'virsh');
      // What the tool would have said is not asked for here; that the check ended is.
      expect(code).toBe(0);
      expect(lines[0]).toContain('MISBEHAVING OK');
      const { stdout } = await runPlugin(['pgrep', '-x', 'virsh']);
      const left = stdout.split('\n').filter((line) => line !== '');
      await until(() => left.every((line) => isGone(Number(line))), { seconds: 5, what: 'virsh to be gone' });
    } finally {
      process.kill(pid, 'SIGCONT');
      await libvirt.stop();
    }
  });
});

function childrenOf(pid: number): number[] {
  const own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = own === '' ? [] : own.split(' ').map(Number);
  return children.flatMap((child) => [child, ...(isGone(child) ? [] : childrenOf(child))]);
}

function noProcessNames(text: string): boolean {
  return !readdirSync('/proc').some((entry) => {
    try {
      return (
        /^[0-9]+$/.test(entry) &&
        Number(entry) !== process.pid &&
        readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(text)
      );
    } catch {
      return false;
    }
  });
}
