/** check_guest_migration on Xen hosts, as libxl tells of their guests. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_guest_migration.ts';
import { cpuinfo, guest, migrationHosts, NFS_DEVICE, NFS_MOUNT, ROOT_DEVICE, type MigrationHostParts } from '../migration-host.ts'; // prettier-ignore
import { replay } from '../plugin-test.ts';
import { xlList, xlListLong, type Built } from '../xen-host.ts';

async function check(host: MigrationHostParts, partner?: MigrationHostParts, ...args: string[]) {
  const lines = migrationHosts(host, partner === undefined ? {} : { jill: partner });
  const { code, text } = await replay(plugin, lines, ...(partner === undefined ? [] : ['--partner', 'jill']), ...args); // prettier-ignore
  const [line = ''] = text.split(' | ');
  return { code, line, text };
}

/** A Xen host with these domains, `a` the first of them. */
function xen(...domains: readonly Built[]): MigrationHostParts {
  const names = domains.map(({ name }, index) => name ?? String.fromCharCode(97 + index));
  const by = <T>(of: (index: number) => T): Record<number, T> =>
    Object.fromEntries(names.map((_, index) => [index + 1, of(index)]));
  const list = xlList(by((index) => names[index] ?? ''));
  const long = xlListLong(by((index) => ({ ...domains[index], name: names[index] ?? '' })));
  return { xen: { list: { out: list }, long: { out: long } }, freeMib: 4096 };
}

const disk = (path: string, more: object = {}) => ({
  disks: [{ pdev_path: path, vdev: 'xvda', backend: 'phy', format: 'raw', readwrite: 1, ...more }],
});
const LOCAL = { blocks: { 'dm-0': { slaves: ['sda2'], dm: 'vg-a' }, sda2: { bus: '../../devices/pci0000:00/ata1/block/sda/sda2' } }, files: { '/dev/vg/a': { block: 'dm-0' } } }; // prettier-ignore
const NFS = { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { device: NFS_DEVICE, inode: 9 } } };
const HEALTHY = 'GUEST_MIGRATION OK - host can be emptied: 1 of 1 guest can move';

describe('a guest of Xen', () => {
  it.each<[string, Built, MigrationHostParts, string]>([
    ['nomigrate', { disable_migrate: 'True' }, {}, 'invtsc'],
    ['the feature in cpuid', { cpuid: 1 }, {}, 'invtsc'],
    ['a PCI device', { devices: { pcidevs: [{ func: 1, dev: 18, bus: 6 }] } }, {}, 'PCI device 0000:06:12.1 passed through'],
    ['LVM on a local disk', { devices: disk('/dev/vg/a') }, LOCAL, 'local disk /dev/vg/a'],
    ['a local file', { devices: disk('/srv/a.img', { backend: 'qdisk' }) }, { files: { '/srv/a.img': { device: ROOT_DEVICE } } }, 'local disk /srv/a.img'],
    ['an ISO', { devices: disk('/iso/a', { is_cdrom: 1, removable: 1 }) }, { files: { '/iso/a': { device: ROOT_DEVICE } } }, 'ISO /iso/a only here'],
    ['a missing disk', { devices: disk('/dev/vg/gone') }, { files: { '/dev/vg/gone': 'absent' } }, 'disk /dev/vg/gone is not there'],
    ['a folder', { devices: { p9s: [{ tag: 'x', path: '/srv/x' }] } }, {}, '9p folder /srv/x'],
    ['a USB device', { devices: { usbdevs: [{ 'type.hostdev': { hostbus: 1, hostaddr: 3 } }] } }, {}, 'USB device 1.3 passed through'],
  ])('with %s is said not to move', async (_, built, host, text) => {
    const { code, line } = await check({ ...xen(built), ...host });
    expect(line).toContain(`host cannot be emptied: 0 of 1 guest can move. a: ${text}`);
    expect(code).toBe(1);
  }); // prettier-ignore

  it.each<[string, Built, MigrationHostParts]>([
    ['nothing in its way', {}, {}],
    ['an emulated clock', { cpuid: 1, tsc_mode: 'always_emulate' }, {}],
    ['DRBD by its script', { devices: disk('res0', { script: 'block-drbd' }) }, {}],
    ['Ceph', { devices: disk('rbd:pool/a:id=x:key=SECRET', { backend: 'qdisk' }) }, {}],
    ['NFS', { devices: disk('/srv/nfs/a') }, NFS],
    ['an empty drive', { devices: { disks: [{ pdev_path: '', vdev: 'hdc', format: 'empty', is_cdrom: 1 }] } }, {}],
  ])('with %s is said to move', async (_, built, host) => {
    const { code, line, text } = await check({ ...xen(built), ...host });
    expect({ code, line }).toEqual({ code: 0, line: HEALTHY });
    expect(text).not.toContain('SECRET');
  }); // prettier-ignore

  it.each<[string, Built, string]>([
    ['that somebody’s script makes', { devices: disk('x', { script: 'block-mine' }) }, 'cannot tell where its disk x lies: the script block-mine decides that'],
    ['of another domain', { devices: disk('/dev/a', { backend_domname: 'stor' }) }, 'cannot tell where its disk /dev/a lies: it is in stor'],
  ])('with a disk %s is UNKNOWN', async (_, built, text) => {
    const { code, line } = await check(xen(built));
    expect(code).toBe(3);
    expect(line).toContain(`not all was seen: 0 of 1 guest can move. a: ${text}`);
    const path = text.includes('/dev/a') ? '/dev/a' : 'x';
    expect(await check(xen(built), undefined, '--shared', path)).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('whose configuration nobody tells is UNKNOWN, and says what was asked', async () => {
    const { xen: answers = {} } = xen({});
    const { code, line } = await check({
      xen: { ...answers, long: { status: 1, err: 'libxl: error: denied\n' } },
    });
    expect(line).toContain('not all was seen: 0 of 1 guest can move. a: cannot tell whether it can move: xl list -l');
    expect(code).toBe(3);
    const silent = migrationHosts(xen({}), { jill: xen() });
    const at = silent.indexOf('ok run xl list -l');
    expect(silent[at + 1]).toBe('  exit 0');
    const until = silent.findIndex((one, index) => index > at && !one.startsWith('  '));
    silent.splice(at, until - at, 'timedOut run xl list -l');
    const late = await replay(plugin, silent, '--partner', 'jill', '-t', '8:critical');
    expect(late.text).toContain('a: cannot tell whether it can move: xl list -l: did not answer in time');
    expect(late.code).toBe(2);
    expect(await check({ xen: { ...answers, long: { status: 1, err: 'x\n' } } }, xen(), '-t', '8:critical')).toMatchObject({ code: 3 });
  }); // prettier-ignore

  it('is mended with the tools of Xen', async () => {
    const { text } = await check({
      ...xen({ devices: { disks: [...disk('/dev/vg/a').disks, ...disk('/iso/a', { is_cdrom: 1 }).disks] }, disable_migrate: 'True' }),
      ...LOCAL,
      files: { ...LOCAL.files, '/iso/a': { device: ROOT_DEVICE } },
    }); // prettier-ignore
    expect(text).toContain('Put the disk on storage that both hosts reach\n  xl block-list a\n');
    expect(text).toContain('Take the image out of the drive\n  xl block-list a\n  xl cd-eject a VDEV\n');
    expect(text).toContain('xl shutdown -w a');
    expect(text).toContain('Xen domain 1');
    expect(text).not.toMatch(/virsh|pid 0/);
  });
});

describe('a partner of a Xen host', () => {
  const one = { ...xen({}), cpuinfo: cpuinfo('fpu avx512f') };
  it('takes the guest where Xen has the memory, whatever Domain-0 has', async () => {
    const other = { ...xen(), cpuinfo: cpuinfo('fpu avx512f'), availableKib: 1024 };
    const { code, text } = await check(one, other, '-v');
    expect(code, text).toBe(0);
    expect(text).toContain('jill takes 1 guest with 512 MiB, 3.5 GiB left: a');
    const small = await check(one, { ...other, freeMib: 100 });
    expect(small.line).toContain('a: 512 MiB of memory, 100 MiB left on jill');
    expect(small.code).toBe(1);
  });

  it('takes none without Xen, and none of a host without', async () => {
    const bare = await check(one, { cpuinfo: cpuinfo('fpu avx512f') });
    expect(bare.line).toContain('a: no Xen on jill');
    expect(bare.code).toBe(1);
    const kvm = await check({ qemu: { 1: guest('a') } }, xen());
    expect(kvm.line).toContain('a: Xen on jill, no KVM');
    expect(kvm.code).toBe(1);
  });

  it('must have the features of the CPU, unless they are set by hand', async () => {
    const other = { ...xen(), cpuinfo: cpuinfo('fpu') };
    const lacking = await check(one, other);
    expect(lacking.line).toContain('a: CPU feature avx512f missing on jill');
    expect(lacking.code).toBe(1);
    const hidden = await check({ ...one, ...xen({ cpuid: 0 }) }, other);
    expect(hidden.code).toBe(0);
    expect(hidden.text).toContain('a: CPU feature avx512f missing on jill, unless its cpuid hides them');
    const blind = await check(one, { ...other, cpuinfo: 'processor\t: 0\n' });
    expect(blind.text).toContain('jill: not compared: /proc/cpuinfo: is not understood');
    expect(blind.code).toBe(3);
  });

  it.each([
    ['nomigrate', 'nomigrate = 1', ''],
    ['the feature in cpuid', 'cpuid = "host,invtsc=1"', 'cpuid = "host,invtsc=0"'],
    ['the clock', 'tsc_mode = "always_emulate"', ''],
    ['another feature in cpuid', 'cpuid = "host,pae=0"', ''],
  ])('is told what differs in the configuration there: %s', async (_, here, there) => {
    const defined = (parts: MigrationHostParts, line: string): MigrationHostParts => ({ ...parts, xen: { ...parts.xen, cfg: { a: `name = "a"\nmemory = 512\n${line}\n` } } });
    const own = { ...defined(xen({}), here), cpuinfo: one.cpuinfo };
    const { code, line, text } = await check(own, { ...defined(xen(), there), cpuinfo: one.cpuinfo });
    expect(line).toContain('1 of 1 guest can move. a: defined otherwise on jill: CPU');
    expect(text).toContain('(/etc/xen/a.cfg here, /etc/xen/a.cfg there, Xen domain 1)');
    expect(text).not.toContain('virsh');
    expect(code).toBe(1);
    expect(await check(own, { ...defined(xen(), here), cpuinfo: one.cpuinfo })).toMatchObject({ code: 0 });
    const larger = await check(own, { ...defined(xen(), `${there}\nmemory = 1024`), cpuinfo: one.cpuinfo });
    expect(larger.line).toContain('a: defined otherwise on jill: memory, CPU');
  }); // prettier-ignore

  it('whose memory or guests cannot be told is UNKNOWN', async () => {
    const { xen: answers = {} } = xen();
    const silent = { cpuinfo: one.cpuinfo, xen: { ...answers, list: { status: 1, err: 'no\n' } } };
    const { code, text } = await check(one, silent);
    expect(code).toBe(3);
    expect(text).toContain('jill: what runs there: ');
  });
});

describe('a guest on two Xen hosts', () => {
  const uuid = '4507aaf2-e0db-005c-e863-2016f2779ae8';
  const state = (name: string, six: string): string => xlList({ 1: name }, six);
  it('that runs on both is CRITICAL', async () => {
    const { code, line, text } = await check(xen({ uuid }, {}), xen({ uuid }));
    expect(line).toMatch(/^GUEST_MIGRATION CRITICAL - a: runs here and on jill at the same time/);
    expect(code).toBe(2);
    expect(text).toContain('xl destroy a');
    // The other guest of this host is no twin of anything.
    expect(text).toContain('1 of 2 guests can move');
  });

  it.each<[string, string, string]>([
    ['paused there, to be migrated to', state('a', 'r-----'), state('a--incoming', '--p---')],
    ['shut down here, migrated away', state('a--migratedaway', '---ss-'), state('a', '-b----')],
    ['gone here at a second look', xlList({}), state('a', '-b----')],
  ])('is no split brain: %s', async (_, here, there) => {
    const one = { ...xen({ uuid }), xlLater: here };
    const other = { ...xen({ uuid }), xlLater: there };
    expect(await check(one, other)).toMatchObject({ code: 0 });
  });

  it('that cannot be looked at again is UNKNOWN, not gone', async () => {
    const { code, text } = await check(xen({ uuid }), { ...xen({ uuid }), xlLater: 'garbage' });
    expect(code).toBe(3);
    expect(text).toContain('cannot tell whether it is a migration under way or runs on both');
    expect(text).not.toContain('virsh');
  });
});
