/** check_console_log on recorded hosts: every state it can give, and the healthy hosts that look similar. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_console_log.ts';
import { consoleHost, GIB, MIB, type ConsoleHost } from '../console-host.ts';
import { definition, uuidOf } from '../guest-host.ts';
import { replay } from '../plugin-test.ts';
import { expecting, keep, recorded } from '../recordings.ts';

const NOVA = '/var/lib/nova/instances';
const NFS = 0x6969;
const CLEAN = "<cpu mode='host-model'/>";

async function check(host: ConsoleHost, ...args: string[]) {
  const { code, text } = await replay(plugin, consoleHost(host), ...args);
  const [first = '', ...rest] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line, perfdata, long: rest.join('\n'), text };
}

function log(name: string, file = 'console.log'): string {
  return `${NOVA}/${uuidOf(name)}/${file}`;
}

/** A guest as nova started it before 2017: qemu writes the log itself. */
function oldGuest(name: string): string[] {
  const chardev = `file,id=charserial0,path=${log(name)}`;
  return [
    '/usr/bin/kvm',
    '-name',
    name,
    '-uuid',
    uuidOf(name),
    '-chardev',
    'socket,id=charmonitor',
    '-chardev',
    chardev,
  ];
}

/** As libvirt starts it today: virtlogd stands behind the set of open files. */
function guest(name: string): string[] {
  const chardev = 'pty,id=charserial0,logfile=/dev/fdset/1,logappend=on';
  return ['/usr/bin/qemu-system-x86_64', '-name', `guest=${name}`, '-uuid', uuidOf(name), '-chardev', 'socket,id=charmonitor', '-chardev', chardev];
} // prettier-ignore

function withLog(name: string, path: string, type = 'pty', uuid = uuidOf(name)): string {
  const serial =
    type === 'file'
      ? `<serial type='file'><source path='${path}'/></serial>`
      : `<serial type='pty'><log file='${path}' append='off'/></serial>`;
  return definition(
    name,
    CLEAN,
    `<devices>${serial}<console type='pty'><log file='${path}'/></console></devices>`,
    uuid,
  );
}

describe('a console log that is too big', () => {
  it('is CRITICAL as in the incident, names the guest, what it costs, why, and the repair', async () => {
    const host = {
      qemu: { 4711: oldGuest('web1'), 4712: oldGuest('web2') },
      definitions: { web1: withLog('web1', log('web1'), 'file'), web2: withLog('web2', log('web2'), 'file') },
      logs: { [log('web1')]: { size: 5_905_580_032 }, [log('web2')]: { size: 20_000 } },
      open: { 4711: { 9: log('web1') }, 4712: { 9: log('web2') } },
    };
    const { code, line, perfdata, long } = await check(host);
    expect(code).toBe(2);
    expect(line).toBe(
      'CONSOLE_LOG CRITICAL - web1: size of a console log: 5.5 GiB is outside the critical range 0:1GiB. 2 console logs, 5.5 GiB',
    );
    expect(perfdata).toBe(
      'web1_size=5905580032B;104857600;1073741824;0 web2_size=20000B;104857600;1073741824;0 largest=5905580032B;;;0 total=5905600032B;;;0 to_read=5905600032B;;;0 logs=2;;;0 deleted=0B;;;0 others=0;;;0',
    );
    expect(long).toContain(`${log('web1')}, uuid ${uuidOf('web1')}, 5.5 GiB on disk, 5.5 GiB to read`);
    expect(long).toContain('qemu (pid 4711) writes it: nothing limits it');
    expect(long).toContain('50 GiB of its file system are free');
    expect(long).toContain('which leaves a sparse file');
    expect(long).toContain('Then let virtlogd write it, which keeps 4 files of 2 MiB');
    expect(long).toContain(`  truncate -s 0 ${log('web1')}\n  virsh edit web1\n`);
    expect(long).toContain('[OK] 2 console logs may grow without limit: web1, web2');
    expect(long).not.toMatch(/\brm\b.*console\.log/);
    expect(await check(host, '--unlimited', 'warning', '-w', '~:', '-c', '~:')).toMatchObject({ code: 1 });
  });

  it.each([
    [100 * MIB, [], 0],
    [100 * MIB + 512, [], 1],
    [GIB, [], 1],
    [GIB + 512, [], 2],
    [GIB + 512, ['-c', '~:'], 1],
    [GIB + 512, ['-c', '~:', '-w', '~:'], 0],
    [5000, ['-w', '4KiB'], 1],
    [0, ['-c', '1:'], 2],
    [0, ['-w', '0'], 0],
  ])('of %d bytes with %j ends with %d', async (size, args, code) => {
    expect(await check({ logs: { [log('a')]: { size } } }, ...args)).toMatchObject({ code });
  });

  it('counts with its rotated ones, and each that matters is emptied', async () => {
    const paths = ['', '.0', '.1'].map((end) => log('a', `console.log${end}`));
    const small = { [log('a', 'console.log.2')]: { size: MIB } };
    const logs = { ...Object.fromEntries(paths.map((path) => [path, { size: 40 * MIB }])), ...small };
    const { code, line, long } = await check({ logs });
    expect(code).toBe(1);
    expect(line).toContain('121 MiB is outside the warning range 0:100MiB');
    expect(long).toContain('4 files with the rotated ones');
    // One of them alone would leave it red.
    expect(long.split('\n').filter((one) => one.startsWith('  truncate'))).toEqual(
      paths.map((path) => `  truncate -s 0 ${path}`),
    );
  });

  it('is its own where its guest gave it a name with a number', async () => {
    const [own, other] = ['/srv/web1.1', '/srv/web1'];
    const qemu = { 5: ['kvm', '-name', 'web1', '-uuid', uuidOf('web1'), '-serial', `file:${own}`] };
    const host = { qemu, paths: ['/srv/*'], logs: { [own]: { size: 2 * GIB }, [other]: { size: 1 } } };
    const { line, perfdata } = await check(host, '--path', '/srv/*');
    expect(line).toContain('web1: size of a console log: 2 GiB');
    expect(perfdata).toContain('logs=2;');
    const gone = { open: { 5: { 7: `${own} (deleted)` } }, behind: { '/proc/5/fd/7': { size: 2 * GIB } } };
    const deleted = await check({ ...host, logs: { [other]: { size: 1 } }, ...gone }, '--path', '/srv/*');
    expect(deleted.line).toContain('web1: size of a console log: 2 GiB');
    expect(deleted.perfdata).toContain('logs=2;');
  });

  it.each([
    [MIB, MIB / 2 - 1, true],
    [MIB, MIB / 2, false],
    [MIB - 1, 0, false],
  ])('of %d bytes to read and %d on disk is sparse: %s', async (size, allocated, isSparse) => {
    const { line } = await check({ logs: { [log('a')]: { size, allocated } } });
    expect(line.includes('1 sparse')).toBe(isSparse);
  });

  it('without a block on disk can be emptied too', async () => {
    const logs = { [log('a')]: { size: 2 * GIB, allocated: 0 } };
    const { long } = await check({ logs }, '--size', 'apparent');
    expect(long).toContain(`(${log('a')}, 0 B on disk, 2 GiB to read: sparse, `);
    expect(long).toContain(`  truncate -s 0 ${log('a')}\n`);
  });

  it('is one, whatever number of names leads to it', async () => {
    const logs = {
      [log('a')]: { size: 60 * MIB, inode: 7 },
      '/var/log/libvirt/qemu/a.log': { size: 60 * MIB, inode: 7 },
      '/srv/again/console.log': { size: 60 * MIB, inode: 7 },
    };
    const definitions = { a: withLog('a', '/srv/again/console.log') };
    const { code, perfdata } = await check({ logs, definitions, qemu: { 7: guest('a') } });
    expect(code).toBe(0);
    expect(perfdata).toContain('total=62914560B');
    expect(perfdata).toContain('logs=1;;;0');
  });

  it.each([
    ['allocated', 0, 'CONSOLE_LOG OK - 1 console log, 8 KiB, 1 sparse'],
    ['apparent', 2, '3 GiB is outside the critical range 0:1GiB'],
    ['larger', 2, '3 GiB is outside the critical range 0:1GiB'],
  ])('may be sparse: by --size %s it ends with %d', async (by, code, text) => {
    const result = await check({ logs: { [log('a')]: { size: 3 * GIB, allocated: 8192 } } }, '--size', by);
    expect(result.code).toBe(code);
    expect(result.line).toContain(text);
    // Compression of small logs makes no sparse one of them.
    const small = await check({ logs: { [log('a')]: { size: 900_000, allocated: 4096 } } }, '--size', by);
    expect(small.line).not.toContain('sparse');
  });

  it('is said with all others when there are too many to print', async () => {
    const logs = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [log(`${i}`), { size: (200 + i) * MIB }]),
    );
    const { code, line, perfdata, text } = await check({ logs }, '-v');
    expect(code).toBe(1);
    expect(line).toContain(', and 299 more');
    expect(perfdata.match(/_size=/g)?.length).toBe(10);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
  });
});

describe('whose a log is', () => {
  it.each([
    ['/var/log/libvirt/qemu/web1.log', 'web1'],
    ['/var/log/libvirt/lxc/box.log', 'box'],
    ['/var/log/xen/console/guest-db.log', 'db'],
    ['/var/log/xen/qemu-dm-win.log', 'win'],
    ['/var/log/xen/xl-win.log', 'win'],
    ['/var/log/xen/console/hypervisor.log', '/var/log/xen/console/hypervisor.log'],
    [`${NOVA}/instance-00000e05/console.log`, 'instance-00000e05'],
  ])('%s is of %s', async (path, name) => {
    const { line } = await check({ logs: { [path]: { size: 2 * GIB } } });
    expect(line).toContain(`CRITICAL - ${name}: size of a console log`);
  });

  it('is told by the folder, whether that is a uuid, a name of the year 2012, or one being resized or deleted', async () => {
    const host = {
      qemu: { 5: guest('instance-00000e05') },
      logs: { [`${NOVA}/instance-00000e05/console.log`]: { size: 2 * GIB } },
    };
    expect((await check(host)).line).toContain('instance-00000e05: ');
    for (const end of ['_resize', '_del']) {
      const logs = { [`${NOVA}/${uuidOf('web1')}${end}/console.log`]: { size: 2 * GIB } };
      expect((await check({ qemu: { 5: guest('web1') }, logs })).line).toContain('web1: size');
      expect((await check({ logs })).text).not.toContain('belongs to no guest');
    }
  });

  it('can be chosen by', async () => {
    const logs = { [log('web1')]: { size: 2 * GIB }, [log('db')]: { size: 1 } };
    const host = { qemu: { 5: guest('web1'), 6: guest('db') }, logs };
    expect(await check(host, '--guest', 'db')).toMatchObject({ code: 0 });
    expect(await check(host, '--guest', uuidOf('web1'))).toMatchObject({ code: 2 });
    expect(await check(host, '--ignore', 'web*')).toMatchObject({ code: 0 });
    expect(await check(host, '--ignore', `${NOVA}/*/*`)).toMatchObject({ code: 0 });
    const missing = await check(host, '--guest', 'db', '--guest', 'dbb');
    expect(missing.code).toBe(3);
    expect(missing.line).toContain('dbb: has no console log here');
    expect(await check(host, '--guest', 'db', '--guest', 'dbb', '--missing', 'ok')).toMatchObject({
      code: 0,
    });
    // A glob may match none.
    expect(await check(host, '--guest', 'db', '--guest', 'dbb*')).toMatchObject({ code: 0 });
  });

  it('is nobody here: said as an orphan on a local disk, where all guests are known', async () => {
    const logs = { [log('gone')]: { size: 1 }, [log('off')]: { size: 1 } };
    const host = { definitions: { off: definition('off', CLEAN) }, logs };
    const { code, line, long } = await check(host);
    expect(code).toBe(0);
    expect(long).toContain('(1 B of console logs)');
    expect(line).toContain(
      `Not alarmed: 1 folder of an instance belongs to no guest that runs or is defined here: ${uuidOf('gone')}`,
    );
    expect(await check(host, '--orphan', 'warning')).toMatchObject({ code: 1 });
    const denied = await check({ logs, definitions: 'denied', uid: 1000 });
    expect(denied.text).not.toContain('belong');
    expect(denied.text).toContain('definitions not read');
    expect((await check({ logs, isHidden: true, uid: 1000 })).text).not.toContain('belong');
  });

  it('matters on a shared file system: other hosts answer for the other guests', async () => {
    const logs = { [log('mine')]: { size: 2 * GIB }, [log('theirs')]: { size: 3 * GIB } };
    const host = { logs, systems: { 1: { magic: NFS } } };
    const none = await check(host);
    expect(none).toMatchObject({ code: 0 });
    expect(none.line).toBe('CONSOLE_LOG OK - no console logs of guests of this host, 2 of other hosts');
    const mine = await check({ ...host, qemu: { 5: guest('mine') } });
    expect(mine.code).toBe(2);
    expect(mine.line).toContain('mine: size of a console log: 2 GiB');
    expect(mine.text).not.toContain('3 GiB');
    expect(mine.perfdata).toContain('others=1;;;0');
    expect(mine.line).toContain('1 console log, 2 GiB, 1 of other hosts');
    // Nobody could tell whose they are.
    expect(await check({ ...host, isHidden: true, uid: 1000 })).toMatchObject({ code: 3 });
    const one = { ...host, logs: { [log('theirs')]: { size: 1 } } };
    expect(await check({ ...one, isHidden: true, uid: 1000 })).toMatchObject({ code: 3 });
    // On a disk of this host's own both are its affair.
    expect((await check({ logs })).line).toContain('3 GiB');
  });
});

describe('how the logs of one guest are called', () => {
  const LIBVIRTS = '/var/log/libvirt/qemu/web1.log';

  it.each<readonly [string, ConsoleHost, string]>([
    [
      'its console, and the others by their files too',
      { qemu: { 5: guest('web1') }, logs: { [log('web1')]: { size: 2 }, [LIBVIRTS]: { size: 1 } } },
      'web1_size=2B web1_web1.log_size=1B',
    ],
    [
      'what its definition names, wherever that is',
      { definitions: { web1: withLog('web1', '/srv/web1/serial') }, logs: { '/srv/web1/serial': { size: 2 }, [LIBVIRTS]: { size: 1 } } },
      'web1_size=2B web1_web1.log_size=1B',
    ],
    [
      'the only one that is there',
      { definitions: { web1: withLog('web1', log('web1')) }, logs: { [LIBVIRTS]: { size: 1 } } },
      'web1_size=1B',
    ],
    [
      'what is in the folder of its instance, wherever nova keeps that',
      {
        qemu: { 5: guest('web1') },
        etc: { '/etc/nova/nova.conf': '[DEFAULT]\ninstances_path = /srv/guests\n' },
        paths: ['', '.0', '.1', '.2'].map((end) => `/srv/guests/*/console.log${end}`),
        logs: { [`/srv/guests/${uuidOf('web1')}/console.log`]: { size: 2 }, [LIBVIRTS]: { size: 1 } },
      },
      'web1_size=2B web1_web1.log_size=1B',
    ],
  ])('by the guest: %s', async (_, host, sizes) => {
    const { perfdata } = await check(host, '-w', '~:', '-c', '~:');
    expect(perfdata.replaceAll(/;[^ ]*/g, '')).toMatch(new RegExp(`^${sizes} largest=`));
  }); // prettier-ignore

  it('is that of the guest, where all but its console is left in', async () => {
    const host = {
      qemu: { 5: guest('web1') },
      logs: { [log('web1')]: { size: 2 }, [LIBVIRTS]: { size: 1 } },
    };
    expect(await check(host, '--guest', 'web1', '--ignore', log('web1'))).toMatchObject({ code: 0 });
  });

  it('is told by the guest that runs, where another of its name is defined', async () => {
    const definitions = { web1: definition('web1', CLEAN, '', uuidOf('other')) };
    const { long } = await check({ qemu: { 5: guest('web1') }, definitions, logs: { [LIBVIRTS]: { size: 2 * GIB } } });
    expect(long).toContain(`uuid ${uuidOf('web1')}`);
  }); // prettier-ignore

  it.each([
    '/srv/var/log/libvirt/qemu/web1.log',
    '/srv/var/log/xen/console/guest-web1.log',
    '/srv/var/log/xen/xl-web1.log',
    '/var/log/libvirt/qemu/web1.log.bak',
    '/var/log/xen/console/guest-web1.log.bak',
    '/var/log/xen/qemu-dm-web1.log.bak',
    '/var/log/libvirt/qemu/.log',
    '/var/log/xen/console/guest-.log',
    '/var/log/xen/qemu-dm-.log',
  ])('is the path, where that tells no guest: %s', async (path) => {
    const host = { qemu: { 5: guest('web1') }, logs: { [path]: { size: 2 * GIB } }, paths: ['/srv/*/*/*/*/*', '/srv/*/*/*/*'] };
    const { line } = await check(host, '--path', '/srv/*/*/*/*/*', '--path', '/srv/*/*/*/*');
    expect(line).toContain(`CRITICAL - ${path}: size of a console log`);
  }); // prettier-ignore
});

describe('a log that is deleted and open', () => {
  const gone = `${log('web1')} (deleted)`;

  it('counts, is said with its process, and is emptied through it', async () => {
    const host = {
      qemu: { 4711: guest('web1') },
      writers: { 300: 'virtlogd' as const },
      open: { 300: { 4: '/run/virtlogd.pid', 12: gone, 13: gone } },
      behind: {
        '/proc/300/fd/12': { size: 2 * GIB, inode: 5 },
        '/proc/300/fd/13': { size: 2 * GIB, inode: 5 },
      },
    };
    const { code, line, long, perfdata } = await check(host, '-v');
    expect(code).toBe(2);
    expect(line).toContain('web1: size of a console log: 2 GiB');
    expect(long).toContain('[OK] web1: a deleted log that virtlogd (pid 300) still has open holds 2 GiB');
    expect(long).toContain('Empty the deleted log through its open file\n  truncate -s 0 /proc/300/fd/12\n');
    expect(long).toContain('virtlogd (pid 300) writes it, and begins a new one at 2 MiB');
    expect(perfdata).toContain('deleted=2147483648B');
    expect(perfdata).toContain('total=2147483648B');
    expect(await check(host, '-c', '~:', '-w', '~:', '--deleted', 'warning')).toMatchObject({ code: 1 });
  });

  it('is of the guest that holds it, where its place tells none', async () => {
    const elsewhere = '/srv/old/console.log (deleted)';
    const logs = { [log('other')]: { size: 1 } };
    const host = { qemu: { 4711: guest('web1') }, open: { 4711: { 12: elsewhere } }, behind: { '/proc/4711/fd/12': { size: 2 * GIB } }, logs };
    const { line, long } = await check(host);
    expect(long).toContain('50 GiB of its file system are free');
    expect(line).toContain('CRITICAL - web1: size of a console log: 2 GiB');
    expect(long).toContain(`(/srv/old/console.log, uuid ${uuidOf('web1')}, `);
    const daemons = { writers: { 300: 'virtlogd' as const }, open: { 300: { 12: elsewhere } }, behind: { '/proc/300/fd/12': { size: 2 * GIB } } };
    expect((await check(daemons)).line).toContain('CRITICAL - /srv/old/console.log: size of a console log');
    const moved = { ...host, qemu: { 4711: guest('web2'), 4712: guest('web1') }, open: { 4711: { 12: gone } } };
    expect((await check(moved)).line).toContain('CRITICAL - web1: size of a console log: 2 GiB');
  }); // prettier-ignore

  it('of an instance that nobody knows makes an orphan of what is left, unless a guest of here holds it', async () => {
    const logs = { [log('gone')]: { size: 1 } };
    const open = { 9: `${log('gone', 'console.log.1')} (deleted)` };
    const stat = { size: 1 };
    const held = await check({ logs, qemu: { 4711: guest('web1') }, open: { 4711: open }, behind: { '/proc/4711/fd/9': stat } });
    expect(held.text).not.toContain('belongs to no guest');
    const left = await check({ logs, writers: { 300: 'virtlogd' }, open: { 300: open }, behind: { '/proc/300/fd/9': stat } });
    expect(left.text).toContain('belongs to no guest');
  }); // prettier-ignore

  it('that could not be measured is UNKNOWN', async () => {
    const { code, line } = await check({ qemu: { 4711: guest('web1') }, open: { 4711: { 12: gone } } });
    expect(code).toBe(3);
    expect(line).toContain('web1: a deleted log that qemu (pid 4711) still has open could not be measured');
  });

  it('is one of the largest ten where there are more, and no folder that belongs to nobody', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `g${index}`);
    const host = {
      writers: { 300: 'virtlogd' as const },
      open: { 300: Object.fromEntries(many.map((name, fd) => [fd, `${log(name)} (deleted)`])) },
      behind: Object.fromEntries(
        many.map((_, fd) => [`/proc/300/fd/${fd}`, { size: (fd + 1) * MIB, inode: fd }]),
      ),
    };
    const { code, long } = await check(host);
    expect(code).toBe(0);
    expect(long).toContain('[OK] 2 more deleted logs are still open');
    expect(long).toContain('still has open holds 3 MiB');
    expect(long).not.toContain('still has open holds 2 MiB');
    expect(long).not.toContain('belong');
  });

  it.each([
    ['its name only ends so', { links: 1 }],
    ['it is no regular file', { type: 'character' as const }],
  ])('is none where %s', async (_, more) => {
    const host = {
      qemu: { 4711: guest('web1') },
      open: { 4711: { 12: gone } },
      behind: { '/proc/4711/fd/12': { size: 2 * GIB, ...more } },
    };
    expect(await check(host)).toMatchObject({ code: 0 });
  });

  it('is none among the other things that guests have open and deleted', async () => {
    const open = {
      4711: {
        3: '/memfd:pc.ram (deleted)', 4: '/dev/zero (deleted)', 5: '/dev/shm/x (deleted)', 6: 'socket:[123]', 7: 'anon_inode:[eventfd]',
        8: '/var/tmp/vl.a1b2c3 (deleted)', 9: '/var/lib/libvirt/images/a.qcow2 (deleted)', 10: '/dev/hugepages/libvirt/qemu/x (deleted)',
      },
    }; // prettier-ignore
    const { code, line } = await check({ qemu: { 4711: guest('web1') }, open });
    expect({ code, line }).toMatchObject({
      code: 0,
      line: expect.stringContaining('no console logs') as string,
    });
  });

  it('on a server is not looked at, which could hang, and said', async () => {
    const host = {
      qemu: { 4711: guest('web1') },
      open: { 4711: { 12: gone } },
      systems: { 1: { magic: NFS } },
    };
    const { code, line } = await check(host, '--deleted', 'warning');
    expect(code).toBe(1);
    expect(line).toContain('holds space that could not be measured');
    // A guest that moved away has its log there, and that of here is still this host's affair.
    const moved = {
      writers: { 300: 'virtlogd' as const },
      open: { 300: { 12: gone } },
      systems: host.systems,
    };
    const logs = { [log('web1')]: { size: MIB } };
    expect((await check({ ...moved, logs })).text).toContain('[OK] 4507aaf2');
  });

  it('cannot be seen without permission: said', async () => {
    const host = {
      uid: 1000,
      qemu: { 4711: guest('web1') },
      open: { 4711: 'denied' as const },
      logs: { [log('web1')]: { size: 1 } },
    };
    const { code, line, perfdata } = await check(host);
    expect(code).toBe(0);
    expect(line).toContain(
      'alarmed: open files of 1 process not looked at: /proc/4711/fd: permission denied',
    );
    expect(perfdata).not.toContain('deleted=');
    expect(await check(host, '--open-files-denied', 'unknown')).toMatchObject({ code: 3 });
  });
});

describe('why a log can grow', () => {
  const logs = { [log('web1')]: { size: 2 * GIB } };
  const qemu = { 4711: guest('web1') };
  const virtlogd = { qemu, logs, writers: { 300: 'virtlogd' as const }, open: { 300: { 12: log('web1') } } };

  it('is not virtlogd as it is delivered', async () => {
    const { long } = await check(virtlogd);
    expect(long).toContain('virtlogd (pid 300) writes it, and begins a new one at 2 MiB');
    expect(long).toContain('its writer goes on at the new end\n');
    expect(long).not.toContain('without limit');
  });

  it('is virtlogd with max_size = 0', async () => {
    const etc = { '/etc/libvirt/virtlogd.conf': '#max_size = 2097152\nmax_size = 0\n' };
    const { long } = await check({ ...virtlogd, etc });
    expect(long).toContain('with max_size = 0 in /etc/libvirt/virtlogd.conf: nothing limits it');
    expect(long).toContain('[OK] 1 console log may grow without limit: web1');
    expect(long).toContain('Then set max_size in /etc/libvirt/virtlogd.conf (2097152 by default)');
    expect(long).toContain('  systemctl reload virtlogd\n');
  });

  const rule = (...lines: readonly string[]) => ({
    '/etc/logrotate.d/nova': `${NOVA}/*/console.log {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`,
  });

  it('is logrotate that works against virtlogd: one of the two has to leave it alone', async () => {
    for (const etc of [rule('daily', 'copytruncate'), rule('size 100k', 'copytruncate'), rule('size 1M')]) {
      const { long } = await check({ ...virtlogd, etc });
      expect(long).toContain('begins a new one at 2 MiB, while logrotate works on it too');
      expect(long).toContain('Then take it out of the rule for logrotate');
    }
  });

  it('is no rule of logrotate that begins where virtlogd ends, as libvirt installs it', async () => {
    for (const etc of [rule('size 2097153', 'copytruncate'), rule('weekly', 'minsize 3M', 'copytruncate')]) {
      const { long } = await check({ ...virtlogd, etc });
      expect(long).toContain('begins a new one at 2 MiB, 50 GiB');
      expect(long).not.toContain('logrotate');
    }
  });

  it('is not logrotate alone that empties it, if slowly', async () => {
    const old = { qemu: { 4711: oldGuest('web1') }, logs, open: { 4711: { 9: log('web1') } } };
    const off = { '/etc/libvirt/virtlogd.conf': 'max_size = 0\n' };
    for (const host of [
      { ...old, etc: rule('daily', 'copytruncate') },
      { ...virtlogd, etc: { ...off, ...rule('size 2097153', 'copytruncate') } },
    ]) {
      const { long } = await check(host);
      expect(long).toContain('writes it, only logrotate limits it');
      expect(long).not.toContain('without limit');
    }
  });

  it('is logrotate that only renames it: its writer goes on in the renamed file', async () => {
    const old = { qemu: { 4711: oldGuest('web1') }, logs, open: { 4711: { 9: log('web1') } } };
    for (const etc of [rule('daily'), rule('daily', 'copy')]) {
      const { long } = await check({ ...old, etc });
      expect(long).toContain(
        'qemu (pid 4711) writes it, and goes on when logrotate has renamed it: nothing limits it',
      );
      expect(long).toContain('[OK] 1 console log may grow without limit: web1');
    }
    const off = { '/etc/libvirt/virtlogd.conf': 'max_size = 0\n' };
    const { long } = await check({ ...virtlogd, etc: { ...off, ...rule('daily') } });
    expect(long).toContain('[OK] 1 console log may grow without limit: web1');
  });

  it('is not said where the configuration of virtlogd could not be understood', async () => {
    const etc = { '/etc/libvirt/virtlogd.conf': 'max_size 0\n' };
    const { long } = await check({ ...virtlogd, etc });
    expect(long).toContain(
      'virtlogd (pid 300) writes it, and /etc/libvirt/virtlogd.conf, which limits it, could not be read',
    );
    expect(long).not.toContain('2 MiB');
    const old = await check({
      qemu: { 4711: oldGuest('web1') },
      logs,
      open: { 4711: { 9: log('web1') } },
      etc,
    });
    expect(old.long).toContain(
      'Then let virtlogd write it, which keeps to what /etc/libvirt/virtlogd.conf says:',
    );
    const off = { '/etc/libvirt/virtlogd.conf': 'max_size = 0\n' };
    const limitless = await check({
      qemu: { 4711: oldGuest('web1') },
      logs,
      open: { 4711: { 9: log('web1') } },
      etc: off,
    });
    expect(limitless.long).toContain('Then let virtlogd write it, once max_size = 0 is gone');
  });

  it('is nobody only where all open files were seen', async () => {
    expect((await check({ logs })).long).toContain('no guest, virtlogd or xenconsoled has it open');
    const closed = await check({ qemu, logs, open: { 4711: 'denied' as const } });
    expect(closed.long).toContain('who writes it could not be seen');
    expect((await check({ isHidden: true, logs })).long).toContain('who writes it could not be seen');
  });

  it('is qemu, which appends or leaves a hole', async () => {
    const host = { qemu: { 4711: oldGuest('web1') }, logs, open: { 4711: { 9: log('web1') } } };
    const appends = await check({ ...host, flags: { '/proc/4711/fd/9': '0102001' } });
    expect(appends.long).toContain('its writer goes on at the new end');
    expect((await check(host)).long).toContain('leaves a sparse file: small on disk');
  });

  it.each([
    ['the path of a container, whose folder of the instance is the same', log('web1'), log('web1').replace('/var/lib', '/kolla'), true],
    ['the same in capitals', log('web1').toUpperCase(), log('web1').toUpperCase().replace('/VAR', '/KOLLA'), true],
    ['another log below the folder of the same instance', `/srv/${uuidOf('web1')}/old/a.log`, `/kolla/${uuidOf('web1')}/old/b.log`, false],
    ['the folder of another instance', log('web1'), log('web2').replace('/var/lib', '/kolla'), false],
    ['a log that was renamed', log('web1'), log('web1', 'console.log.0'), true],
  ])('is who has it open under another name: %s', async (_, path, held, isWriter) => {
    const all = { [path]: { size: 2 * GIB }, [log('web1', 'console.log.0')]: { size: 1 } };
    const host = { writers: { 300: 'virtlogd' as const }, open: { 300: { 9: held } }, logs: all, paths: [path] };
    const { long } = await check(host, '--path', path);
    expect(long.includes('virtlogd (pid 300) writes it')).toBe(isWriter);
  }); // prettier-ignore

  it('is a qemu of which nobody can tell whether it appends', async () => {
    const lines = consoleHost({ qemu: { 4711: guest('web1') }, logs, open: { 4711: { 9: log('web1') } } });
    const at = lines.indexOf('ok bytes whole /proc/4711/fdinfo/9');
    const { text } = await replay(plugin, lines.toSpliced(at, 4, 'denied bytes whole /proc/4711/fdinfo/9'));
    expect(text).toContain('a writer that does not append goes on at its old place');
  });

  it('can be told from the command line where open files are closed to us', async () => {
    const host = { uid: 1000, qemu: { 4711: oldGuest('web1') }, logs, open: { 4711: 'denied' as const } };
    expect((await check(host)).long).toContain('qemu (pid 4711) writes it: nothing limits it');
    const definitions = { web1: withLog('web1', log('web1'), 'file') };
    expect((await check({ ...host, definitions })).long).toContain('qemu (pid 4711) writes it: nothing');
    expect((await check({ ...host, qemu })).long).toContain('who writes it only root can see');
  });

  it('is xenconsoled', async () => {
    const path = '/var/log/xen/console/guest-db.log';
    const host = {
      logs: { [path]: { size: 2 * GIB } },
      writers: { 9: 'xenconsoled' as const },
      open: { 9: { 4: path } },
    };
    expect((await check(host)).long).toContain('xenconsoled (pid 9) writes it: nothing limits it');
  });
});

describe('growth', () => {
  async function twice(before: ConsoleHost, after: ConsoleHost, minutes: number, ...args: string[]) {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    try {
      await check({ ...before, epochSeconds: 1_764_000_000 }, '--state-dir', state, ...args);
      return await check(
        { ...after, epochSeconds: 1_764_000_000 + 60 * minutes },
        '--state-dir',
        state,
        ...args,
      );
    } finally {
      rmSync(state, { recursive: true });
    }
  }
  const of = (size: number, allocated = size): ConsoleHost => ({ logs: { [log('a')]: { size, allocated } } });

  it('beyond the range of --growth is a WARNING', async () => {
    const { code, line, perfdata } = await twice(of(10 * MIB), of(20 * MIB), 30, '--growth', '15MiB');
    expect(code).toBe(1);
    expect(line).toContain('growth in an hour: 20 MiB is outside the range 0:15MiB');
    expect(perfdata).toContain('growth=20971520B');
    expect(await twice(of(10 * MIB), of(20 * MIB), 30, '--growth', '20MiB')).toMatchObject({ code: 0 });
  });

  it('that fills the disk too soon is a WARNING without any option but the memory', async () => {
    const nearly = { systems: { 1: { available: 100 * MIB } } };
    const { code, line, perfdata } = await twice(of(10 * MIB), { ...of(20 * MIB), ...nearly }, 30);
    expect(code).toBe(1);
    expect(line).toContain(
      `${NOVA}/${uuidOf('a')}: its file system is full in 5 h: console logs there grow by 20 MiB an hour, 100 MiB are free`,
    );
    expect(perfdata).toContain('full_in=18000s');
    expect(await twice(of(10 * MIB), { ...of(20 * MIB), ...nearly }, 30, '--full-in', '4h:')).toMatchObject({
      code: 0,
    });
    expect(await twice(of(20 * MIB), { ...of(20 * MIB), ...nearly }, 30)).toMatchObject({ code: 0 });
  });

  it('of several logs fills a disk together, and the fastest is named', async () => {
    const three = (a: number, b: number, c: number): ConsoleHost => ({
      logs: { [log('a')]: { size: a }, [log('b')]: { size: b }, [log('c')]: { size: c } },
      systems: { 1: { available: 100 * MIB } },
    });
    const after = three(15 * MIB, 40 * MIB, 20 * MIB);
    const { line, long } = await twice(three(10 * MIB, 20 * MIB, 10 * MIB), after, 60);
    expect(line).toContain('console logs there grow by 35 MiB an hour');
    expect(long).toContain(`(fastest: ${uuidOf('b')}, no guest, virtlogd or xenconsoled has it open)`);
  });

  it('of logs on two disks is told of the one that is full first', async () => {
    const two = (a: number): ConsoleHost => ({
      logs: { [log('a')]: { size: a }, [log('b')]: { size: a, device: 2 } },
      systems: { 1: { available: 100 * MIB }, 2: { available: 10 * MIB } },
    });
    expect((await twice(two(10 * MIB), two(20 * MIB), 60)).perfdata).toContain('full_in=3600s');
  });

  it.each([
    ['of a minute says nothing about the next hours', of(0), of(90 * MIB), 1],
    ['of a log that was emptied is not known', of(50 * MIB), of(10 * MIB), 30],
    [
      'to read, of a log that was emptied under its writer, is a hole',
      of(50 * MIB, 50 * MIB),
      of(90 * MIB, 50 * MIB),
      30,
    ],
    [
      'on disk alone is space that the file system has set aside',
      of(50 * MIB, 50 * MIB),
      of(50 * MIB, 90 * MIB),
      30,
    ],
    ['of a log that a hole was punched into is not known', of(50 * MIB), of(60 * MIB, 10 * MIB), 30],
    ['of a log that was emptied and filled is not known', of(50 * MIB, MIB), of(40 * MIB), 30],
    ['before the clock was set back is not known', of(0), of(90 * MIB), -30],
    ['of a log that is new here is not known: its guest may have moved in', { logs: {} }, of(90 * MIB), 30],
    ['of weeks ago says nothing about now', of(0), of(90 * MIB), 60 * 24 * 30],
  ])('%s', async (_, before, after, minutes) => {
    const args = ['--growth', '1KiB', '--growth-unknown', 'ok'];
    expect(await twice(before, after, minutes, ...args)).toMatchObject({ code: 0 });
  });

  it.each([
    [4.9, 0],
    [5, 1],
    [60 * 24 * 7, 1],
    [60 * 24 * 7 + 0.1, 0],
  ])('over %d minutes ends with %d', async (minutes, code) => {
    const args = ['--growth', '1KiB'];
    expect(await twice(of(0), of(90 * MIB), minutes, ...args)).toMatchObject({ code });
  });

  it('is that of all where a file system tells of no blocks', async () => {
    const { code } = await twice(of(10 * MIB, 0), of(90 * MIB, 0), 30, '--growth', '1MiB');
    expect(code).toBe(1);
  });

  it('asked for without a memory is said', async () => {
    const { code, text } = await check(of(1), '--growth', '1MiB');
    expect(code).toBe(0);
    expect(text).toContain('[OK] how fast logs grow is not known yet: that takes --state-dir');
    expect(await check(of(1), '--growth', '1MiB', '--growth-unknown', 'unknown')).toMatchObject({ code: 3 });
    expect((await check(of(1))).text).not.toContain('not known yet');
  });

  it.each([
    '[]',
    '{"epochSeconds":1,"bootId":"","value":{"base":{"at":1e308,"logs":{"x":[-1]}},"next":7}}',
    'x',
  ])('is not measured from a memory that holds %s', async (text) => {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    await check(of(1), '--state-dir', state);
    writeFileSync(join(state, readdirSync(state)[0] ?? ''), text);
    expect(await check(of(90 * MIB), '--state-dir', state)).toMatchObject({ code: 0 });
    rmSync(state, { recursive: true });
  });
});

describe('what could not be looked at', () => {
  it('is UNKNOWN with its number, and hides no fault', async () => {
    const logs = { [log('a')]: 'denied' as const, [log('b')]: 'denied' as const, [log('c')]: { size: 1 } };
    const { code, line, perfdata, long } = await check({ uid: 1000, logs });
    expect(code).toBe(3);
    expect(line).toContain(`CONSOLE_LOG UNKNOWN - ${log('a')}: permission denied (1 more like it)`);
    expect(perfdata).not.toContain('total=');
    expect(long).toContain('Run the check as root');
    expect(await check({ uid: 1000, logs: { ...logs, [log('d')]: { size: 2 * GIB } } })).toMatchObject({
      code: 2,
    });
  });

  it('is a link, which is not followed', async () => {
    const logs = { [log('a')]: { size: 20, type: 'link' as const } };
    const { code, line } = await check({ logs });
    expect(code).toBe(3);
    expect(line).toContain(`${log('a')}: is a symbolic link and was not followed`);
    expect(await check({ logs }, '--link', 'ok')).toMatchObject({ code: 0 });
  });

  it('is no link that was not asked for, or that another host answers for', async () => {
    const link = { size: 20, type: 'link' as const };
    const logs = { [log('a')]: link, [log('b')]: { size: MIB } };
    const host = { logs, qemu: { 5: guest('a'), 6: guest('b') } };
    expect(await check(host, '--ignore', 'a')).toMatchObject({ code: 0 });
    expect(await check(host, '--ignore', log('a'))).toMatchObject({ code: 0 });
    expect(await check(host, '--guest', 'b')).toMatchObject({ code: 0 });
    expect(await check(host, '--guest', 'a', '--missing', 'ok')).toMatchObject({ code: 3 });
    const rotated = { logs: { '/srv/a.log.1': link }, definitions: { a: withLog('a', '/srv/a.log') } };
    expect((await check(rotated)).text).toContain('/srv/a.log.1: is a symbolic link');
    expect((await check(rotated, '--ignore', 'a')).text).not.toContain('is a symbolic link');
    const shared = { logs: { ...logs, [log('c')]: { size: MIB } }, systems: { 1: { magic: NFS } } };
    expect(await check({ ...shared, qemu: { 6: guest('b') } })).toMatchObject({ code: 0 });
    expect(await check({ ...shared, qemu: { 5: guest('a') } })).toMatchObject({ code: 3 });
  });

  it('is not what is no file at all: a terminal, a pipe, a directory', async () => {
    const logs = {
      '/srv/tty': { size: 0, type: 'character' as const },
      [log('a')]: { size: 4096, type: 'directory' as const },
    };
    const definitions = { a: withLog('a', '/srv/tty', 'file') };
    expect(await check({ logs, definitions })).toMatchObject({ code: 0 });
  });

  it('is only said of guests that run, where their logs are on a local disk', async () => {
    const host = { uid: 1000, isHidden: true, scanned: 3, logs: { [log('a')]: { size: 1 } } };
    const { code, text } = await check(host);
    expect(code).toBe(0);
    expect(text).toContain('running guests not seen');
    expect(await check(host, '--guests-denied', 'unknown')).toMatchObject({ code: 3 });
  });
});

describe('places', () => {
  it('besides the usual ones are those of nova.conf', async () => {
    const etc = {
      '/etc/nova/nova.conf': '[DEFAULT]\nstate_path = /srv/nova\ninstances_path = $state_path/guests\n',
    };
    const path = `/srv/nova/guests/${uuidOf('a')}/console.log`;
    const lines = consoleHost({
      etc,
      logs: { [path]: { size: 2 * GIB } },
      paths: ['', '.0', '.1', '.2'].map((end) => `/srv/nova/guests/*/console.log${end}`),
    });
    const { code, text } = await replay(plugin, lines);
    expect(code).toBe(2);
    expect(text).toContain(`CRITICAL - ${uuidOf('a')}: size`);
  });

  it('are what is given to --path', async () => {
    const host = { logs: { '/srv/a/serial.log': { size: 2 * GIB } }, paths: ['/srv/*/serial.log'] };
    const { code, line } = await check(host, '--path', '/srv/*/serial.log');
    expect(code).toBe(2);
    expect(line).toContain('/srv/a/serial.log: size of a console log');
    const { code: usage, line: words } = await check(host, '--path', 'serial.log');
    expect(usage).toBe(3);
    expect(words).toContain('--path: "serial.log" does not begin with a /');
  });

  it('are empty on a host without guests', async () => {
    const { code, line } = await check({});
    expect({ code, line }).toEqual({
      code: 0,
      line: 'CONSOLE_LOG OK - no console logs of guests of this host',
    });
    expect(await check({}, '--none', 'warning')).toMatchObject({ code: 1 });
  });
});

describe('the incident', () => {
  const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const PATH = `${NOVA}/instance-00000e05/console.log`;
  const others = ['instance-00000d91', 'instance-00000e11', 'instance-00000f20'];

  it('is said as the page shows it', async () => {
    const { text } = await replay(plugin, recorded(plugin.name, 'incident'));
    const page = readFileSync(join(top, 'plugins/check_console_log.md'), 'utf8');
    const shown = /--replay \S+incident\.txt\n((?: {4}.*\n)+)/.exec(page)?.[1] ?? '';
    expect(
      shown
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(4))
        .join('\n'),
    ).toBe(text.trimEnd());
  });

  // RECORD=1 makes them anew.
  it('is recorded as it is built here', () => {
    const comment = [
      '# Hand-made: name, size and place of the log are those of the incident, of 2012, when nova called the folders of',
      '# instances by their names and qemu wrote the log itself (nova/virt/libvirt, before 15.0.0: serial type file).',
    ];
    const uuid = (name: string): string => uuidOf(name.slice(-6));
    const chardev = (name: string): string => `file,id=charserial0,path=${NOVA}/${name}/console.log`;
    const argv = (name: string): string[] => [
      '/usr/bin/kvm',
      '-S',
      '-enable-kvm',
      '-name',
      name,
      '-uuid',
      uuid(name),
      '-chardev',
      'socket,id=charmonitor,server,nowait',
      '-chardev',
      chardev(name),
      '-device',
      'isa-serial,chardev=charserial0',
    ];
    const names = ['instance-00000e05', ...others];
    const qemu = Object.fromEntries(names.map((name, index) => [4711 + index, argv(name)]));
    const open = Object.fromEntries(
      names.map((name, index) => [4711 + index, { 9: `${NOVA}/${name}/console.log` }]),
    );
    const definitions = Object.fromEntries(
      names.map((name) => [name, withLog(name, `${NOVA}/${name}/console.log`, 'file', uuid(name))]),
    );
    const small = Object.fromEntries(
      others.map((name) => [`${NOVA}/${name}/console.log`, { size: 19_871, allocated: 20_480 }]),
    );
    for (const [name, allocated, outcome] of [
      [
        'incident',
        5_905_584_128,
        '2 CONSOLE_LOG CRITICAL - instance-00000e05: size of a console log: 5.5 GiB is outside the critical range 0:1GiB. ' +
          '4 console logs, 5.5 GiB',
      ],
      // Emptied, the log is a sparse file.
      [
        'repaired',
        8192,
        '0 CONSOLE_LOG OK - 4 console logs, 68 KiB, 1 sparse. Not alarmed: 4 console logs may grow without limit: ' +
          'instance-00000d91, instance-00000e11, instance-00000f20, instance-00000e05',
      ],
    ] as const) {
      const logs = { ...small, [PATH]: { size: 5_905_580_032, allocated } };
      const [first = '', ...rest] = consoleHost({ qemu, open, definitions, logs });
      const text = [first, ...comment, ...rest, 'end', ''].join('\n');
      const expected = { options: [], outcome };
      if (process.env['RECORD'] === '1') keep(plugin.name, name, text, expected);
      expect(recorded(plugin.name, name)).toBe(expecting(text, expected));
    }
  });
});

describe('the numbers and the repair that the operator sees', () => {
  const gibs = { [log('a')]: { size: 2 * GIB }, [log('b')]: { size: GIB } };
  const UNBOUND = ['-w', '~:', '-c', '~:'];

  it.each([
    ['3GiB', 0, ''],
    ['2.5GiB', 1, 'WARNING - all console logs together: 3 GiB is outside the range 0:2.5GiB'],
    ['@2GiB:4GiB', 1, 'WARNING - all console logs together: 3 GiB is inside the range 2GiB:4GiB'],
  ])('of all logs together are judged by --total %s', async (total, code, text) => {
    const result = await check({ logs: gibs }, ...UNBOUND, '--total', total);
    expect(result.line).toContain(text);
    expect(result.code).toBe(code);
    expect((await check({ logs: gibs }, ...UNBOUND)).code).toBe(0);
  });

  const OLD = { logs: gibs, qemu: { 4711: oldGuest('a') }, open: { 4711: { 9: log('a') } } };
  const truncates = (long: string): string[] => long.match(/^ {2}\S.*$/gm) ?? [];

  it.each([
    [['daily'], '/var/log/xen/console/*', 'writes it, only logrotate limits it'],
    [['daily'], '/var/log/xen/console/guest-web.log', 'writes it: nothing limits it'],
    [['daily'], '/srv/* /var/log/xen/console/guest-db.log', 'writes it, only logrotate limits it'],
  ])(
    'of xenconsoled, which opens a renamed log anew, end with a rule %j for %s',
    async (lines, globs, text) => {
      const path = '/var/log/xen/console/guest-db.log';
      const { long } = await check({
        logs: { [path]: { size: 2 * GIB } },
        writers: { 9: 'xenconsoled' as const },
        open: { 9: { 4: path } },
        etc: { '/etc/logrotate.d/xen': `${globs} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n` },
      });
      expect(long).toContain(`xenconsoled (pid 9) ${text}`);
      expect(long.includes('1 console log may grow without limit: db')).toBe(text.includes('nothing'));
      expect(long.includes('Then have logrotate copy and truncate it')).toBe(text.includes('nothing'));
      expect(truncates(long)).toEqual([`  truncate -s 0 ${path}`]);
    },
  );

  it.each([
    ['no other rule', ['size 2097151'], true],
    ['no other rule', ['size 2097152'], false],
    ['another that begins later', ['size 3M', 'size 1M'], true],
    ['another that begins sooner', ['size 1M', 'size 3M'], true],
  ])('call for one of logrotate and virtlogd to stop: %s, %j', async (_, sizes, isFought) => {
    const etc = Object.fromEntries(
      sizes.map((size, i) => [`/etc/logrotate.d/${i}`, `${log('a')} {\n  ${size}\n  copytruncate\n}\n`]),
    );
    const virtlogd = { writers: { 300: 'virtlogd' as const }, open: { 300: { 12: log('a') } } };
    const { long } = await check({ logs: { [log('a')]: { size: 2 * GIB } }, ...virtlogd, etc });
    expect(long.includes('while logrotate works on it too')).toBe(isFought);
    expect(long.includes('Then take it out of the rule')).toBe(isFought);
    const unread = { ...etc, '/etc/libvirt/virtlogd.conf': 'max_size 0\n' };
    const none = await check({ logs: { [log('a')]: { size: 2 * GIB } }, ...virtlogd, etc: unread });
    expect(none.long).not.toContain('Then take it out of the rule');
  });

  it.each([
    [90, 10, ['console.log']],
    [89, 11, ['console.log', 'console.log.0']],
    [10, 90, ['console.log.0']],
    [11, 89, ['console.log.0', 'console.log']],
  ])(
    'empty what has more than a tenth of a log, the largest first: %d and %d MiB',
    async (now, before, files) => {
      const logs = {
        [log('a')]: { size: 20 * now * MIB },
        [log('a', 'console.log.0')]: { size: 20 * before * MIB },
      };
      const { long } = await check({ logs });
      expect(long).toContain('2 files with the rotated ones');
      expect(truncates(long)).toEqual(files.map((file) => `  truncate -s 0 ${log('a', file)}`));
    },
  );

  it('do not say what a writer that is not known does at its old place', async () => {
    const { long } = await check({ logs: gibs });
    expect(long).toContain(
      'a writer that does not append goes on at its old place, which leaves a sparse file\n',
    );
    expect(long).not.toContain('small on disk');
  });

  it.each([
    ['is defined here', {}, { definitions: { a: withLog('a', log('a'), 'file') } }, true],
    ['runs as libvirt starts it, beside others', { 4711: oldGuest('a') }, {}, true],
    ['is of nobody', {}, {}, false],
    ['is of nobody, where another is defined', {}, { definitions: { b: definition('b', CLEAN) } }, false],
    ['is of nobody, where another is of libvirt', { 4712: oldGuest('b') }, {}, false],
  ])('of a guest that %s', async (_, qemu, more, isLibvirts) => {
    const plain = (name: string) => [
      'kvm',
      '-name',
      name,
      '-uuid',
      uuidOf(name),
      '-serial',
      `file:${log(name)}`,
    ];
    const all = { 4711: plain('a'), 4712: plain('b'), ...qemu };
    const { long } = await check({ ...OLD, logs: { [log('a')]: { size: 2 * GIB } }, qemu: all, ...more });
    expect(long).toContain('qemu (pid 4711) writes it');
    expect(long.includes('stdio_handler = "logd"')).toBe(isLibvirts);
    expect(long.includes('have logrotate copy and truncate it')).toBe(!isLibvirts);
    expect(truncates(long).includes('  virsh edit a')).toBe(isLibvirts);
  });

  it('of a guest whose command line nobody can read is that of libvirt, which has a record of it', async () => {
    const live = { a: `<domstatus state='running' reason='booted' pid='4711'>\n${definition('a', CLEAN)}</domstatus>\n` };
    const { long } = await check({ ...OLD, qemu: { 4711: null }, live });
    expect(truncates(long)).toContain('  virsh edit a');
    const both = await check({ ...OLD, qemu: { 4711: null, 4712: oldGuest('b') }, live });
    expect(truncates(both.long)).toContain('  virsh edit a');
  }); // prettier-ignore

  it('are the largest of what is deleted, and what of a log is there still', async () => {
    const gone = (name: string): string => `${log(name)} (deleted)`;
    const host = {
      logs: { [log('a')]: { size: GIB } },
      writers: { 300: 'virtlogd' as const },
      open: { 300: { 12: gone('a'), 13: gone('b'), 14: gone('c') } },
      behind: { '/proc/300/fd/12': { size: GIB, allocated: 4 * MIB }, '/proc/300/fd/14': { size: 2 * GIB } },
    };
    const { long, perfdata } = await check(host, '-v');
    expect(long).toContain(`\n  truncate -s 0 ${log('a')}\n  truncate -s 0 /proc/300/fd/12\n`);
    expect(long).toContain('(pid 300) still has open holds 4 MiB');
    expect(long).toContain(`(${log('c')} (deleted), /proc/300/fd/14)`.replace(' (deleted)', ''));
    expect(perfdata).toContain(`deleted=${2 * GIB + 4 * MIB}B`);
    expect(perfdata).toContain(`to_read=${4 * GIB}B`);
  });
});

describe('deleted logs', () => {
  const gone = (name: string): string => `${log(name)} (deleted)`;
  const names = Array.from({ length: 11 }, (_, index) => `g${index}`);
  const open = { 300: Object.fromEntries(names.map((name, fd) => [fd, gone(name)])) };
  const writers = { 300: 'virtlogd' as const };

  it('are said by what they hold, not by what is left of their log', async () => {
    const behind = Object.fromEntries(
      names.map((_, fd) => [`/proc/300/fd/${fd}`, { size: (fd + 1) * MIB, inode: fd }]),
    );
    const logs = { [log('g0')]: { size: 2 * GIB } };
    const { text } = await check({ writers, open, behind, logs }, '-v', '--format', 'json');
    expect(text).toContain('1 more deleted logs are still open');
    expect(text).toContain('still has open holds 2 MiB');
    expect(text).not.toContain('still has open holds 1 MiB');
  });

  it('are said where none of several could be measured', async () => {
    const one = { writers, open: { 300: { 7: gone('a') } }, behind: { '/proc/300/fd/7': { size: MIB } } };
    const measured = await check(one, '--deleted', 'warning');
    expect(measured.long.match(/^ {2}.*$/gm)).toEqual(['  truncate -s 0 /proc/300/fd/7']);
    const failed = await check({ writers, open: one.open });
    expect(failed.long).toMatch(
      new RegExp(`still has open could not be measured .${log('a')}.*, /proc/300/fd/7`),
    );
    const { long, code } = await check({ writers, open, systems: { 1: { magic: NFS } } });
    expect(code).toBe(0);
    expect(long.match(/still has open holds space that could not be measured/g)).toHaveLength(10);
    expect(long).toContain('1 more deleted logs are still open');
  });
});

describe('which logs are judged', () => {
  const uuid = uuidOf('web1');
  const other = '/srv/a/serial.log';
  const logs = { [log('web1')]: { size: 2 * GIB }, [other]: { size: GIB } };
  const host = { qemu: { 5: guest('web1') }, logs, paths: [other] };

  it.each([
    [['--guest', 'web1'], 'total=2147483648B'],
    [['--guest', uuid], 'total=2147483648B'],
    [['--guest', log('web1')], 'total=2147483648B'],
    [['--guest', other], 'total=1073741824B'],
    [['--ignore', 'web1'], 'total=1073741824B'],
    [['--ignore', uuid], 'total=1073741824B'],
    [['--ignore', other], 'total=2147483648B'],
    // A log of nobody has no name that a glob could match.
    [['--ignore', 'n*'], 'total=3221225472B'],
    [['--ignore', 'u*'], 'total=3221225472B'],
  ])('with %j', async (args, total) => {
    const { perfdata, text } = await check(host, '--path', other, ...args);
    expect(perfdata).toContain(total);
    expect(text).not.toContain('has no console log here');
  });

  it('are chosen by the folder of an instance that is of nobody here', async () => {
    const nobody = { logs: { [log('gone')]: { size: 2 * GIB }, [log('b')]: { size: 1 } } };
    expect((await check(nobody, '--guest', uuidOf('gone'))).perfdata).toContain('logs=1;');
    expect((await check(nobody, '--ignore', uuidOf('gone'))).perfdata).toContain('total=1B');
    expect((await check(nobody, '--guest', uuidOf('gone'))).text).not.toContain('has no console log here');
    const ofLibvirt = {
      logs: { '/var/log/libvirt/qemu/db.log': { size: 2 }, ...nobody.logs },
      qemu: { 5: guest('db') },
    };
    expect(await check(ofLibvirt, '--guest', uuidOf('db'))).toMatchObject({ code: 0 });
    expect((await check(ofLibvirt, '--guest', uuidOf('db'))).perfdata).toContain('total=2B');
  });

  it('are all that this host alone writes, besides those of its guests on a shared file system', async () => {
    const shared = { 2: { magic: NFS } };
    const theirs = { [log('theirs')]: { size: 3 * GIB, device: 2 } };
    const own = {
      'of no instance': { '/var/log/libvirt/qemu/moved.log': { size: GIB, device: 2 } },
      'on a disk of its own': { [log('gone')]: { size: GIB } },
    };
    for (const mine of Object.values(own)) {
      const { perfdata } = await check({ logs: { ...theirs, ...mine }, systems: shared });
      expect(perfdata).toContain(`total=${GIB}B`);
      expect(perfdata).toContain('others=1;');
    }
    const link = { '/var/log/libvirt/qemu/moved.log': { size: 20, type: 'link' as const } };
    expect(await check({ logs: { ...theirs, ...link }, systems: shared })).toMatchObject({ code: 3 });
  });
});

describe('what is said of many logs at once', () => {
  it('of orphans: their number, and the space that all of them take', async () => {
    const logs = {
      [log('a')]: { size: 3 * MIB },
      [log('b')]: { size: 2 * MIB },
      [log('web1')]: { size: MIB },
    };
    const two = await check({ logs, qemu: { 5: guest('web1') } }, '-v');
    expect(two.long).toContain('2 folders of instances belong to no guest that runs or is defined here');
    expect(two.long).toContain('(5 MiB of console logs)');
    const log1 = '/var/log/libvirt/qemu/gone.log';
    expect((await check({ logs: { [log1]: { size: 1 } } })).text).not.toContain('no guest that runs');
  });

  it.each([5, 6, 7])('of %i orphans: the largest five by name', async (count) => {
    const logs = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [log(`g${i}`), { size: (9 - i) * MIB }]),
    );
    const names = [0, 1, 2, 3, 4].map((i) => uuidOf(`g${i}`)).join(', ');
    const { long } = await check({ logs });
    expect(long).toContain(`belong to no guest that runs or is defined here: ${names}${count === 5 ? '' : ', ...'} (`);
  }); // prettier-ignore

  it('of logs without a limit: only of those whose writer is known', async () => {
    const logs = { [log('a')]: { size: 2 }, [log('b')]: { size: 3 } };
    const open = { 4711: { 9: log('a') } };
    const { long } = await check({ logs, qemu: { 4711: oldGuest('a'), 4712: guest('b') }, open }, '-v');
    expect(long).toContain(
      '1 console log may grow without limit: a (qemu (pid 4711) writes it: nothing limits it)',
    );
  });
});

describe('growth over several looks', () => {
  const START = 1_764_000_000;
  type Look = readonly [minutes: number, mib: number, allocated?: number];

  async function looks(all: readonly Look[], ...args: readonly string[]) {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    try {
      let last = await check({});
      for (const [minutes, mib, allocated = mib] of all) {
        const logs = { [log('a')]: { size: mib * MIB, allocated: allocated * MIB } };
        const host = { logs, epochSeconds: START + 60 * minutes };
        last = await check(host, '--state-dir', state, ...args);
      }
      return last;
    } finally {
      rmSync(state, { recursive: true });
    }
  }

  it.each<readonly [string, readonly Look[], number | null]>([
    [
      'is counted from half an hour ago at least',
      [
        [0, 0],
        [30, 10],
        [60, 30],
        [90, 40],
      ],
      30,
    ],
    [
      'is counted from the first look within half an hour',
      [
        [0, 0],
        [10, 10],
        [20, 20],
        [25, 20],
      ],
      48,
    ],
    [
      'begins anew when the clock was set back',
      [
        [100, 0],
        [0, 10],
        [60, 20],
      ],
      10,
    ],
    [
      'of nothing is none',
      [
        [0, 10],
        [60, 10],
      ],
      0,
    ],
    [
      'on disk alone is none',
      [
        [0, 10, 10],
        [60, 10, 12],
      ],
      0,
    ],
    [
      'of a byte is one',
      [
        [0, 0],
        [60, 1 / MIB],
      ],
      1 / MIB,
    ],
    [
      'of a log that lost all its blocks is not known',
      [
        [0, 50, 50],
        [60, 90, 0],
      ],
      null,
    ],
    [
      'of a log that had no blocks is what it has now',
      [
        [0, 10, 0],
        [60, 90, 5],
      ],
      5,
    ],
  ])('%s', async (_, all, mib) => {
    const { perfdata } = await looks(all);
    expect(/ growth=([0-9]+)B/.exec(perfdata)?.[1] ?? null).toBe(mib === null ? null : String(mib * MIB));
    expect(perfdata.includes('full_in=')).toBe(mib !== null && mib > 0);
  });

  it('that is none fills nothing, however long that would take', async () => {
    const none: readonly Look[] = [
      [0, 10],
      [60, 10],
    ];
    expect((await looks(none, '--full-in', '@0:')).code).toBe(0);
    const some: readonly Look[] = [
      [0, 10],
      [60, 11],
    ];
    expect((await looks(some, '--full-in', '@0:')).code).toBe(1);
  });

  it('within the first five minutes is not said of a log that is too big either', async () => {
    const of = (minutes: number): readonly Look[] => [
      [0, 2000],
      [minutes, 2010],
    ];
    expect((await looks(of(4))).long).not.toContain('grows by');
    expect((await looks(of(60))).long).toContain('grows by 10 MiB an hour');
  });

  it('fills no file system of which nobody could tell the space', async () => {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    const look = async (minutes: number, mib: number) => {
      const host = { logs: { [log('a')]: { size: mib * MIB } }, epochSeconds: START + 60 * minutes };
      const lines = consoleHost(host).flatMap((line, index, all) => {
        if (all[index - 1]?.startsWith('ok statfs ') === true) return [];
        return [line.replace(/^ok statfs /, 'failed statfs ')];
      });
      return await replay(plugin, lines, '--state-dir', state);
    };
    await look(0, 10);
    const { code, text } = await look(60, 20);
    rmSync(state, { recursive: true });
    expect(code).toBe(0);
    expect(text).toContain(` growth=${10 * MIB}B`);
    expect(text).not.toContain('full_in');
  });

  const row = [log('a'), 0, 0];
  const sample = (at: unknown, logs: unknown) => ({ at, logs });
  const good = sample(START - 3600, [row]);
  it.each<readonly [string, unknown, unknown, boolean]>([
    ['what was written', good, good, true],
    ['rows that are none beside it', sample(START - 3600, [5, null, [7, 1, 1], row]), good, true],
    ['a size that is no number', sample(START - 3600, [[log('a'), '0', 0]]), good, false],
    ['space that is no number', sample(START - 3600, [[log('a'), 0, null]]), good, false],
    ['a size below 0', sample(START - 3600, [[log('a'), -1, 0]]), good, false],
    ['space below 0', sample(START - 3600, [[log('a'), 0, -1]]), good, false],
    ['a time that is a text', sample(String(START - 3600), [row]), good, false],
    ['no rows', sample(START - 3600, { length: 0 }), good, false],
    ['no next sample', good, null, false],
    ['no base', null, good, false],
  ])('is measured from a memory with %s only where that is sound', async (_, base, next, isKnown) => {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    const host = { logs: { [log('a')]: { size: 90 * MIB } } };
    await check(host, '--state-dir', state);
    const value = { epochSeconds: START - 3600, bootId: '', value: { base, next } };
    writeFileSync(join(state, readdirSync(state)[0] ?? ''), JSON.stringify(value));
    const { perfdata } = await check(host, '--state-dir', state);
    rmSync(state, { recursive: true });
    expect(perfdata.includes(` growth=${90 * MIB}B`)).toBe(isKnown);
    expect(perfdata.includes(' growth=')).toBe(isKnown);
  });

  it('is said of the fastest first, with a repair for ten of them', async () => {
    const state = mkdtempSync(join(tmpdir(), 'state-'));
    const names = Array.from({ length: 12 }, (_, i) => `g${i}`);
    const host = (factor: number, epochSeconds: number, more: ConsoleHost['logs'] = {}): ConsoleHost => ({
      logs: {
        ...Object.fromEntries(
          names.map((name, i) => [log(name), { size: (80 - 5 * i + factor * (i + 1)) * MIB }]),
        ),
        ...more,
      },
      epochSeconds,
    });
    const args = ['--state-dir', state, '--growth', '512KiB', '-w', '~:', '-c', '~:'];
    await check(host(0, START), ...args);
    const { text } = await check(
      host(1, START + 3600, { [log('new')]: { size: 1 } }),
      ...args,
      '--format',
      'json',
    );
    const first = await check(host(1, START + 3600, { [log('new')]: { size: 1 } }), ...args);
    const low = ['--state-dir', state, '--growth', '1.5MiB:', '-w', '~:', '-c', '~:'];
    await check(host(0, START), ...low);
    const slow = await check(host(1, START + 3600, { [log('new')]: { size: 1 } }), ...low);
    rmSync(state, { recursive: true });
    expect(first.line).toContain(`${uuidOf('g11')}: growth in an hour: 12 MiB is outside the range 0:512KiB`);
    expect(first.perfdata).toContain(`growth=${12 * MIB}B`);
    expect(text.match(/growth in an hour/g)).toHaveLength(12);
    expect(text.match(/truncate -s 0/g)).toHaveLength(10);
    for (const [i, name] of names.entries()) expect(text.includes(`truncate -s 0 ${log(name)}`)).toBe(i >= 2);
    expect(text).toContain('grows by 12 MiB an hour');
    expect(slow.line).toContain(`${uuidOf('g0')}: growth in an hour: 1 MiB is outside the range 1.5MiB:`);
    expect(slow.text).not.toContain(`${uuidOf('new')}: growth`);
  });
});

describe('the list of logs', () => {
  it('has fifty lines, what a sparse one is to read, and how many more there are', async () => {
    const sparse = { [log('s')]: { size: 200 * MIB, allocated: 99 * MIB }, '/srv/x.log': { size: 98 * MIB } };
    const small = Array.from({ length: 50 }, (_, i) => [log(`g${i}`), { size: 100 - i }] as const);
    const host = {
      logs: { ...sparse, ...Object.fromEntries(small) },
      qemu: { 5: guest('s') },
      paths: ['/srv/x.log'],
    };
    const { text } = await check(host, '--path', '/srv/x.log', '--format', 'json');
    expect(text).toContain(`s: 99 MiB, sparse: 200 MiB to read (${log('s')})`);
    expect(text).toContain('"/srv/x.log: 98 MiB"');
    expect(text).toContain(`${uuidOf('g47')}: 53 B (`);
    expect(text).not.toContain(`${uuidOf('g48')}: 52 B (`);
    expect(text).toContain('"2 more, none of them larger"');
    const { text: few } = await check(
      { logs: sparse, paths: ['/srv/x.log'] },
      '--path',
      '/srv/x.log',
      '--format',
      'json',
    );
    expect(few).not.toContain('none of them larger');
  });
});

describe('what is closed, and to whom that can be told', () => {
  const path = `/srv/guests/${uuidOf('web1')}/console.log`;
  it.each([
    ['a folder of instances that only --path names', path, 'web1'],
    ['the same in capitals', `/srv/guests/${uuidOf('web1').toUpperCase()}/console.log`, 'web1'],
    [
      'a folder of nobody',
      `/srv/guests/${uuidOf('gone')}/console.log`,
      `/srv/guests/${uuidOf('gone')}/console.log`,
    ],
    ['a log of libvirt', '/var/log/libvirt/qemu/web1.log', 'web1'],
  ])('is no reason not to tell whose a log is: %s', async (_, name, subject) => {
    const host = {
      qemu: { 5: guest('web1') },
      logs: { [name]: { size: 2 * GIB } },
      paths: ['/srv/guests/*/*'],
    };
    const { line, long } = await check(host, '--path', '/srv/guests/*/*');
    expect(line).toContain(`CRITICAL - ${subject}: size of a console log`);
    expect(long.includes(`uuid ${uuidOf('web1')}`)).toBe(subject === 'web1');
  });

  it('is no folder with another ending than that of a move', async () => {
    for (const end of ['_old', '_deleted']) {
      const other = `${NOVA}/${uuidOf('web1')}${end}/console.log`;
      expect((await check({ logs: { [other]: { size: 1 } } })).text).toContain('belongs to no guest');
    }
  });

  it.each([
    ['denied', 0],
    ['absent', 0],
    ['failed', 3],
  ])('are processes, %s: state %i', async (why, code) => {
    const lines = consoleHost({ logs: { [log('a')]: { size: 1 } } });
    const at = lines.findIndex((line) => line.startsWith('ok processes '));
    const { code: status, text } = await replay(
      plugin,
      lines.toSpliced(at, 2, (lines[at] ?? '').replace('ok', why)),
    );
    expect(text.includes('running guests not seen')).toBe(code === 0);
    expect(status).toBe(code);
  });

  it.each([
    [0, false],
    [1000, true],
  ])('are open files, to user %i, who is told that root sees them: %s', async (uid, isTold) => {
    const host = {
      uid,
      qemu: { 4711: guest('a'), 4712: guest('b') },
      open: { 4711: 'denied' as const, 4712: 'denied' as const },
    };
    const { text } = await check(host, '-v', '--open-files-denied', 'warning');
    expect(text).toContain('open files of 2 processes not looked at');
    expect(text.includes('root can see deleted logs that are still open')).toBe(isTold);
  });

  it.each([
    [0, false],
    [1000, true],
  ])('are logs, to user %i, who is told to run as root: %s', async (uid, isTold) => {
    const { long, code } = await check({ uid, logs: { [log('a')]: 'denied' as const } });
    expect(long.includes('Run the check as root')).toBe(isTold);
    expect(long).toContain(`[UNKNOWN] ${log('a')}: permission denied\n`);
    expect(code).toBe(3);
  });

  it.each([
    ['timedOut', [], 3],
    ['timedOut', ['--timeout', '10:critical'], 2],
    ['failed', ['--timeout', '10:critical'], 3],
  ])('are logs, %s, with %j: state %i, and root would see no more', async (why, args, code) => {
    const lines = consoleHost({ uid: 1000, logs: { [log('a')]: { size: 1 } } });
    const glob = '/var/log/xen/guest/*';
    const at = lines.indexOf(`ok each ${glob}`);
    const outcome = await replay(plugin, lines.toSpliced(at, 1, `${why} each ${glob}`), ...args);
    expect(outcome.text).toContain(`[${code === 2 ? 'CRITICAL' : 'UNKNOWN'}] ${glob}: `);
    expect(outcome.text).not.toContain('Run the check as root');
    expect(outcome.code).toBe(code);
  });

  it.each<readonly [string, ConsoleHost['qemu'], number, string]>([
    ['that nobody may read', { 5: null }, 0, '[OK] running guests not seen: /proc/5/cmdline'],
    ['that its process has rewritten', { 5: Buffer.from('kvm: guest a') }, 3, '[UNKNOWN] /proc/5/cmdline'],
    ['that its process has rewritten beside one that nobody may read', { 5: null, 6: Buffer.from('kvm: guest a') }, 3, '[UNKNOWN] /proc/5/cmdline'],
  ])('is a command line %s', async (_, qemu = {}, code, text) => {
    const outcome = await check({ uid: 1000, qemu, logs: { [log('a')]: { size: 1 } } });
    expect(outcome.text).toContain(text);
    expect(outcome.code).toBe(code);
  }); // prettier-ignore
});

describe('several things that could not be looked at', () => {
  const two = { qemu: { 4711: guest('a'), 4712: guest('b') }, logs: { [log('a')]: { size: 1 } } };
  const answering = (host: ConsoleHost, question: string, why: string): string[] => {
    const lines = consoleHost(host);
    const at = lines.indexOf(`ok ${question}`);
    if (at < 0) throw new Error(`not asked: ${question}`);
    return lines.toSpliced(at, 1, `${why} ${question}`);
  };

  it.each([
    ['denied', [], 0],
    ['failed', [], 3],
    ['timedOut', [], 3],
    ['failed', ['--timeout', '10:critical'], 3],
    ['timedOut', ['--timeout', '10:critical'], 2],
  ] as const)('are open files, closed and %s, with %j: state %i', async (why, args, code) => {
    const host = { ...two, open: { 4711: 'denied' as const } };
    const lines = answering(host, 'each /proc/4712/fd/*', why);
    const { code: status, text } = await replay(plugin, lines, ...args);
    expect(text).toContain('open files of 2 processes not looked at');
    expect(status).toBe(code);
  });

  it('are links: the first, and how many more there are', async () => {
    const link = { size: 20, type: 'link' as const };
    const three = { [log('a')]: link, [log('b')]: link, [log('c')]: link };
    expect((await check({ logs: three })).line).toContain(
      ': is a symbolic link and was not followed (2 more like it), give',
    );
    expect((await check({ logs: { [log('a')]: link } })).line).toContain(
      'is a symbolic link and was not followed, give',
    );
  });
});
