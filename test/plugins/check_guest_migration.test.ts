/** check_guest_migration on recorded hosts, alone and with partners: every reason, and what only looks like one. */

import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_guest_migration.ts';
import { definition, uuidOf } from '../guest-host.ts';
import {
  cpuinfo,
  disk,
  guest,
  migrationHosts,
  NFS_DEVICE,
  NFS_MOUNT,
  ROOT_DEVICE,
  type MigrationHostParts,
} from '../migration-host.ts';
import { replay } from '../plugin-test.ts';

type Others = Parameters<typeof migrationHosts>[1];

async function check(host: MigrationHostParts, others: Others = {}, ...args: string[]) {
  const partners = Object.keys(others).flatMap((name) => ['--partner', name]);
  const { code, text } = await replay(plugin, migrationHosts(host, others), ...partners, ...args);
  const [first = '', ...rest] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line, perfdata, long: rest.join('\n'), text };
}

const HEALTHY = 'GUEST_MIGRATION OK - host can be emptied: 1 of 1 guest can move';

describe('a guest', () => {
  it.each<[string, string[], MigrationHostParts, string]>([
    ['invtsc', ['-cpu', 'Haswell,+invtsc'], {}, 'invtsc'],
    ['a local file', disk('/srv/swap.img'), { files: { '/srv/swap.img': { device: ROOT_DEVICE } } }, 'local disk /srv/swap.img'],
    ['a missing file', disk('/srv/gone.img'), { files: { '/srv/gone.img': 'absent' } }, 'disk /srv/gone.img is not there'],
    ['LVM on a local disk', disk('/dev/vg0/a'), { files: { '/dev/vg0/a': { block: 'dm-0' } }, blocks: { 'dm-0': { slaves: ['sda2'], dm: 'vg0-a' }, sda2: { bus: '../../devices/pci0000:00/ata1/host0/target0:0:0/block/sda/sda2' } } }, 'local disk /dev/vg0/a'],
    ['an ISO of this host', ['-drive', 'file=/iso/a.iso,media=cdrom'], { files: { '/iso/a.iso': { device: ROOT_DEVICE } } }, 'ISO /iso/a.iso only here'],
    ['a PCI device', ['-device', '{"driver":"vfio-pci","host":"0000:06:12.1"}'], {}, 'PCI device 0000:06:12.1 passed through'],
    ['virtiofs', ['-device', 'vhost-user-fs-pci,chardev=c,tag=data'], {}, 'virtiofs folder data'],
    ['9p', ['-virtfs', 'local,path=/srv/x,mount_tag=x,security_model=none'], {}, '9p folder /srv/x'],
    ['shared memory', ['-device', 'ivshmem-plain,memdev=m'], {}, 'shared memory (ivshmem)'],
    ['SEV', ['-object', '{"qom-type":"sev-guest","id":"s"}'], {}, 'encrypted memory (sev-guest)'],
    ['the TPM of the host', ['-tpmdev', 'passthrough,id=t'], {}, 'TPM of the host'],
    ['nvme', ['-device', 'nvme,serial=x,drive=d'], {}, 'device nvme'],
    ['hv-passthrough', ['-cpu', 'host,hv-passthrough'], {}, 'CPU flag hv-passthrough'],
    ['snapshots', [], { snapshots: { a: ['one.xml', 'two.xml'] } }, '2 snapshots'],
    ['an old cache mode', [...disk('/srv/nfs/a', ',cache=writeback'), '-chardev', 'socket,id=charmonitor'], { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { device: NFS_DEVICE } } }, 'cache writeback of /srv/nfs/a'],
  ])('with %s is said not to move', async (_, args, host, text) => {
    const { code, line } = await check({ qemu: { 1: guest('a', ...args) }, ...host });
    expect(line).toContain(`a: ${text}`);
    expect(code).toBe(1);
  }); // prettier-ignore

  it.each<[string, string[], MigrationHostParts]>([
    ['a CPU model', ['-cpu', 'Haswell'], {}],
    ['DRBD', disk('/dev/drbd/by-res/a/0'), { files: { '/dev/drbd/by-res/a/0': { block: 'drbd7' } }, blocks: { drbd7: { bus: '../../devices/virtual/block/drbd7' } } }],
    ['NFS', disk('/srv/nfs/a.img', ',cache=none'), { mounts: [NFS_MOUNT], files: { '/srv/nfs/a.img': { device: NFS_DEVICE } } }],
    ['a link to NFS', disk('/var/a.img'), { mounts: [NFS_MOUNT], files: { '/var/a.img': { device: NFS_DEVICE } } }],
    ['RBD', disk('rbd:pool/a:id=x:key=SECRET'), {}],
    ['LVM on iSCSI', disk('/dev/mapper/san-a'), { files: { '/dev/mapper/san-a': { block: 'dm-3' } }, blocks: { 'dm-3': { slaves: ['sdb'], dm: 'san-a' }, sdb: { bus: '../../devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sdb' } } }],
    ['a role of master', ['-device', 'ivshmem-plain,memdev=m,master=on'], {}],
    ['an emulated TPM', ['-tpmdev', 'emulator,id=t,chardev=c'], {}],
    ['the flash of its firmware', ['-drive', 'file=/usr/share/OVMF/CODE.fd,if=pflash,readonly=on'], {}],
    ['the snapshots of another guest', [], { snapshots: { b: ['one.xml'], a: [] } }],
  ])('with %s is said to move', async (_, args, host) => {
    const { code, line, text } = await check({ qemu: { 1: guest('a', ...args) }, ...host });
    expect({ code, line }).toEqual({ code: 0, line: HEALTHY });
    expect(text).not.toContain('SECRET');
  }); // prettier-ignore

  it('is named with all its reasons, in the line and below it', async () => {
    const argv = guest('acrux', '-cpu', 'Haswell,+invtsc', ...disk('/srv/swap.img'));
    const { code, line, long, perfdata } = await check({
      qemu: { 1: argv, 2: guest('dubhe', ...disk('/srv/swap.img')), 3: guest('enif') },
      files: { '/srv/swap.img': { device: ROOT_DEVICE } },
    });
    expect(code).toBe(1);
    expect(line).toBe(
      'GUEST_MIGRATION WARNING - host cannot be emptied: 1 of 3 guests can move. acrux: invtsc and local disk /srv/swap.img, dubhe: local disk /srv/swap.img',
    );
    expect(long).toContain('ext4 on /dev/sda1');
    expect(perfdata).toContain('guests=3;;;0 movable=1;;;0 blocked=2;;;0 blocked_invtsc=1;;;0');
    expect(perfdata).toContain('blocked_disk=2');
  });

  it('may stay where a range allows it, and is said all the same', async () => {
    const host = { qemu: { 1: guest('a', '-cpu', 'Haswell,+invtsc') } };
    const { code, line } = await check(host, {}, '-w', '1', '-c', '3');
    expect(code).toBe(0);
    expect(line).toContain('host cannot be emptied: 0 of 1 guest can move');
    expect(line).toContain('invtsc');
    expect(await check(host, {}, '-w', '0', '-c', '0')).toMatchObject({ code: 2 });
    expect(await check(host, {}, '--invtsc', 'ok')).toMatchObject({ code: 0 });
  });

  it('has a disk that the administrator knows to be shared', async () => {
    const host = { qemu: { 1: guest('a', ...disk('/san/a')) }, files: { '/san/a': { device: ROOT_DEVICE } } };
    expect(await check(host)).toMatchObject({ code: 1 });
    expect(await check(host, {}, '--shared', '/san/*')).toMatchObject({ code: 0 });
  });

  it('is judged by what libvirt records of it now, rather than what it was started with', async () => {
    const xml = definition('a', '').replace(
      '</devices>',
      "<disk type='file' device='disk'><source file='/srv/hot.img'/></disk></devices>",
    );
    const live = { a: `<domstatus state='running' pid='1'>${xml.replace(/^<!--.*-->/s, '')}</domstatus>` };
    const files = { '/srv/hot.img': { device: ROOT_DEVICE } };
    const { line } = await check({ qemu: { 1: guest('a', ...disk('/srv/unplugged')) }, live, files });
    expect(line).toContain('a: local disk /srv/hot.img');
    expect(line).not.toContain('unplugged');
  });
});

const NFS = { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { device: NFS_DEVICE, inode: 9 } } };
const BRIDGED = ['-netdev', 'bridge,br=br7,id=n'];
const CAPABILITIES =
  "<capabilities><guest><arch name='x86_64'><machine canonical='pc-i440fx-7.2'>pc</machine><machine>pc-i440fx-7.2</machine></arch></guest></capabilities>";
const LIBVIRT = ['-chardev', 'socket,id=charmonitor'];
const KNOWS = {
  capabilities: { out: CAPABILITIES },
  domcapabilities: { out: '<domainCapabilities/>' },
  'net-list --name': { out: 'default\n' },
};

describe('a partner', () => {
  it('that has everything takes the guest', async () => {
    const { code, line, text } = await check(
      { qemu: { 1: guest('a', ...disk('/srv/nfs/a')) }, ...NFS },
      { jill: NFS },
      '-v',
    );
    expect({ code, line }).toEqual({ code: 0, line: HEALTHY });
    expect(text).toContain('jill takes 1 guest with 1 GiB, 63 GiB left: a');
  });

  it.each<[string, string[], MigrationHostParts, MigrationHostParts, string]>([
    ['a CPU feature', ['-cpu', 'Westmere,+avx512f'], { cpuinfo: cpuinfo('fpu avx512f') }, { cpuinfo: cpuinfo('fpu') }, 'CPU feature avx512f missing on jill'],
    ['a feature of the model', ['-cpu', 'Skylake-Server'], { cpuinfo: cpuinfo('fpu avx2 avx512f') }, { cpuinfo: cpuinfo('fpu avx2') }, 'CPU feature avx512f missing on jill'],
    ['features of the CPU passed through', ['-cpu', 'host'], { cpuinfo: cpuinfo('fpu a b c d') }, { cpuinfo: cpuinfo('fpu') }, 'CPU features a, b, c and 1 more missing on jill'],
    ['the vendor of the CPU passed through', ['-cpu', 'host'], {}, { cpuinfo: cpuinfo('fpu sse2 avx', 'AuthenticAMD') }, 'CPU of AuthenticAMD on jill, of GenuineIntel here, passed through'],
    ['a feature as qemu calls it', ['-cpu', 'Westmere,+avx512vnni'], { cpuinfo: cpuinfo('fpu avx512_vnni') }, { cpuinfo: cpuinfo('fpu') }, 'CPU feature avx512_vnni missing on jill'],
    ['what the model needs of mitigations', ['-cpu', 'Haswell-IBRS'], { cpuinfo: cpuinfo('fpu ibrs') }, { cpuinfo: cpuinfo('fpu') }, 'CPU feature ibrs missing on jill'],
    ['a usable CPU model', ['-cpu', 'Opteron_G3'], {}, { virsh: { domcapabilities: { out: "<domainCapabilities><cpu><mode name='custom'><model usable='no'>Opteron_G3</model></mode></cpu></domainCapabilities>" } } }, 'CPU model Opteron_G3 not usable on jill'],
    ['the bridge', BRIDGED, {}, { devices: ['lo'] }, 'bridge br7 missing on jill'],
    ['the disk', disk('/srv/nfs/a'), NFS, { mounts: [NFS_MOUNT] }, 'disk /srv/nfs/a not there on jill'],
    ['the file system', disk('/srv/nfs/a'), NFS, { files: { '/srv/nfs/a': { device: ROOT_DEVICE } } }, 'disk /srv/nfs/a local on jill'],
    ['the same file', disk('/srv/nfs/a'), NFS, { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { device: NFS_DEVICE, inode: 5 } } }, 'disk /srv/nfs/a another file on jill'],
    ['the machine type', ['-machine', 'pc-i440fx-9.9'], {}, { virsh: KNOWS }, 'machine type pc-i440fx-9.9 not known on jill'],
    ['memory', ['-m', '4096'], {}, { availableKib: 2 ** 20 }, '4 GiB of memory, 1 GiB left on jill'],
    ['a namesake', [], {}, { definitions: { a: definition('a', '', '', uuidOf('other')) } }, 'another a defined on jill'],
  ])('without %s does not take it', async (_, args, own, far, text) => {
    const { code, line } = await check({ qemu: { 1: guest('a', ...args) }, ...own }, { jill: far });
    expect(line).toContain(`host cannot be emptied: 0 of 1 guest can move. a: ${text}`);
    expect(code).toBe(1);
  }); // prettier-ignore

  it.each<[string, string[], MigrationHostParts, MigrationHostParts]>([
    ['a feature that neither host has', ['-cpu', 'Westmere,+avx512f'], {}, {}],
    ['a feature that the guest does without', ['-cpu', 'Skylake-Server,-avx512f'], { cpuinfo: cpuinfo('fpu avx512f') }, { cpuinfo: cpuinfo('fpu') }],
    ['a CPU that is emulated', ['-cpu', 'max', 'EMULATED'], { cpuinfo: cpuinfo('fpu avx512f') }, { cpuinfo: cpuinfo('fpu') }],
    ['what KVM emulates anyway', ['-cpu', 'Westmere,+x2apic'], { cpuinfo: cpuinfo('x2apic') }, { cpuinfo: cpuinfo('fpu') }],
    ['power management', ['-cpu', 'host'], { cpuinfo: cpuinfo('fpu hwp_epp dtherm') }, { cpuinfo: cpuinfo('fpu') }],
    ['a model with a blocker that the guest has switched off', ['-cpu', 'Haswell,-hle'], { cpuinfo: cpuinfo('hle') }, { virsh: { domcapabilities: { out: "<domainCapabilities><cpu><mode name='custom'><model usable='no'>Haswell</model><blockers model='Haswell'><feature name='hle'/></blockers></mode></cpu></domainCapabilities>" } } }],
    ['the bridge under the same name', BRIDGED, {}, { devices: ['br7'] }],
    ['the machine type by its short name', ['-machine', 'pc'], {}, { virsh: KNOWS }],
    ['the network of libvirt', LIBVIRT, { definitions: { a: definition('a', '').replace('</devices>', "<interface type='network'><source network='default'/></interface></devices>") } }, { virsh: KNOWS }],
  ])('takes it in spite of %s', async (_, args, own, far) => {
    const argv = guest('a', ...args).map((word, _, all) => (word === 'kvm' && all.includes('EMULATED') ? 'tcg' : word));
    const { code, line } = await check({ qemu: { 1: argv }, ...own }, { jill: far });
    expect({ code, line: line.slice(0, HEALTHY.length) }).toEqual({ code: 0, line: HEALTHY });
  }); // prettier-ignore

  it('whose definition differs is a WARNING that names what differs, and keeps nothing from moving', async () => {
    const one = {
      definitions: { a: definition('a', "<cpu mode='host-model'/>", "<memory unit='GiB'>1</memory>") },
    };
    const two = {
      definitions: { a: definition('a', "<cpu mode='host-passthrough'/>", "<memory unit='GiB'>2</memory>") },
    };
    const { code, line } = await check({ qemu: { 1: guest('a') }, ...one }, { jill: two });
    expect(code).toBe(1);
    expect(line).toBe(
      'GUEST_MIGRATION WARNING - host can be emptied: 1 of 1 guest can move. a: defined otherwise on jill: CPU, memory',
    );
    expect(await check({ qemu: { 1: guest('a') }, ...one }, { jill: one })).toMatchObject({ code: 0 });
    const absent = await check({ qemu: { 1: guest('a') }, ...one }, { jill: {} });
    expect(absent.code).toBe(0);
    expect(absent.line).toContain('not defined on jill');
  });

  it('that cannot be reached is UNKNOWN, and hides no reason', async () => {
    const unreachable = { jill: { unreachable: 'connection refused' } };
    const { code, line } = await check({ qemu: { 1: guest('a') } }, unreachable);
    expect(code).toBe(3);
    expect(line).toContain('jill: could not be looked at: connection refused');
    const both = await check({ qemu: { 1: guest('a', '-cpu', 'Haswell,+invtsc') } }, unreachable);
    expect(both.text).toContain('a: invtsc');
    expect(both.line).toContain('a: invtsc');
    expect(both.line).toContain('jill: could not be looked at');
  });

  it('is not compared with a CPU of this host that nobody could see', async () => {
    const lines = migrationHosts({ qemu: { 1: guest('a') } }, { jill: {} });
    const at = lines.indexOf('ok bytes head /proc/cpuinfo');
    lines.splice(at, 1, 'denied bytes head /proc/cpuinfo');
    while (lines[at + 1]?.startsWith('  ') === true) lines.splice(at + 1, 1);
    const { code, text } = await replay(plugin, lines, '--partner', 'jill');
    expect(text).toContain('the CPU: not compared: ');
    expect(code).toBe(3);
    // Alone, nobody asks for it.
    expect(await replay(plugin, lines)).toMatchObject({ code: 0 });
  });

  it('is not compared with a guest whose command line tells no CPU', async () => {
    const xml = definition('a', '').replace(/^<!--.*-->/s, '');
    const live = { a: `<domstatus state='running' pid='1'>${xml}</domstatus>` };
    const { code, text } = await check({ qemu: { 1: null }, live }, { jill: { virsh: KNOWS } });
    expect(text).toContain('a: cannot tell whether jill has the CPU that it needs: ');
    expect(code).toBe(3);
  });

  it('is not said to have a CPU model that nobody knows', async () => {
    const host = { qemu: { 1: guest('a', '-cpu', 'SapphireRapids') } };
    const { code, line } = await check(host, { jill: {} });
    expect(line).toContain('a: cannot tell whether jill has the CPU model SapphireRapids');
    expect(code).toBe(3);
    const out = "<domainCapabilities><cpu><mode name='custom'><model usable='yes'>SapphireRapids</model></mode></cpu></domainCapabilities>"; // prettier-ignore
    expect(await check(host, { jill: { virsh: { domcapabilities: { out } } } })).toMatchObject({ code: 0 });
  });

  it('that is this host itself is refused, instead of finding each guest twice', async () => {
    const lines = migrationHosts({ qemu: { 1: guest('a') } }, { jill: { qemu: { 1: guest('a') } } });
    const same = lines.map((line) => line.replace('boot-of-jill', 'boot-of-here'));
    const { code, text } = await replay(plugin, same, '--partner', 'jill');
    expect(code).toBe(3);
    expect(text).toContain('it is this host itself');
  });

  it('is asked for what only libvirt tells where its guests are of libvirt', async () => {
    const { code, text } = await check({ qemu: { 1: guest('a', ...LIBVIRT) } }, { jill: {} });
    expect(code).toBe(3);
    expect(text).toContain('not compared');
    expect(
      await check({ qemu: { 1: guest('a', ...LIBVIRT) } }, { jill: {} }, '--not-compared', 'ok'),
    ).toMatchObject({ code: 0 });
    expect(await check({ qemu: { 1: guest('a', ...LIBVIRT) } }, { jill: { virsh: KNOWS } })).toMatchObject({
      code: 0,
    });
  });
});

describe('two partners', () => {
  const here = {
    qemu: { 1: guest('a', '-m', '3072'), 2: guest('b', '-m', '2048'), 3: guest('c', '-m', '1024') },
  };
  it('share the guests as their memory allows', async () => {
    const { code, line, text } = await check(
      here,
      { jill: { availableKib: 3 * 2 ** 20 }, kaya: { availableKib: 4 * 2 ** 20 } },
      '-v',
    );
    expect(code).toBe(0);
    expect(line).toBe(
      'GUEST_MIGRATION OK - host can be emptied: all 3 guests can move, 2 to jill, 1 to kaya',
    );
    expect(text).toContain('jill takes 2 guests with 3 GiB, 0 B left: b, c');
    expect(text).toContain('kaya takes 1 guest with 3 GiB, 1 GiB left: a');
  });

  it('that have too little memory together leave some behind', async () => {
    const { code, line } = await check(here, {
      jill: { availableKib: 2 ** 21 },
      kaya: { availableKib: 3 * 2 ** 20 },
    });
    expect(code).toBe(1);
    expect(line).toContain(
      'host cannot be emptied: 2 of 3 guests can move, 1 to jill, 1 to kaya. c: 1 GiB of memory, ',
    );
  });

  it('have each the half that the other cannot take', async () => {
    const two = { qemu: { 1: guest('a', ...BRIDGED), 2: guest('b', '-netdev', 'bridge,br=br8,id=n') } };
    const { code, text } = await check(two, { jill: { devices: ['br7'] }, kaya: { devices: ['br8'] } }, '-v');
    expect(code).toBe(0);
    expect(text).toContain('jill takes 1 guest with 1 GiB, 63 GiB left: a');
    expect(text).toContain('kaya takes 1 guest with 1 GiB, 63 GiB left: b');
  });

  it('of which one cannot be reached leave what the other takes', async () => {
    const { code, text } = await check(here, { jill: {}, kaya: { unreachable: 'no route to host' } }, '-v');
    expect(code).toBe(3);
    expect(text).toContain('jill takes 3 guests');
    expect(text).toContain('kaya: could not be looked at: no route to host');
  });
});

describe('a guest on two hosts', () => {
  const running = (): MigrationHostParts => ({ qemu: { 1: guest('a') } });
  const state = (word: string): MigrationHostParts => ({
    qemu: { 1: guest('a', ...LIBVIRT) },
    virsh: { ...KNOWS, [`domstate ${uuidOf('a')}`]: { out: `${word}\n\n` } },
  });
  const incoming = (word?: string): MigrationHostParts => ({
    ...(word === undefined ? {} : state(word)),
    qemu: { 1: guest('a', ...(word === undefined ? [] : LIBVIRT), '-incoming', 'defer') },
  });

  it('that runs on both is CRITICAL', async () => {
    const { code, line, long } = await check(running(), { jill: running() });
    expect(code).toBe(2);
    expect(line).toMatch(
      /^GUEST_MIGRATION CRITICAL - a: runs here and on jill at the same time, both write to its disks/,
    );
    expect(long).toContain(uuidOf('a'));
  });

  it('is CRITICAL although one was once migrated to', async () => {
    expect(await check(incoming('running'), { jill: state('running') })).toMatchObject({ code: 2 });
  });

  it.each<[string, MigrationHostParts, MigrationHostParts]>([
    ['paused there, to be migrated to', state('running'), incoming('paused')],
    ['paused here, migrated away', state('paused'), incoming('running')],
    ['gone here at a second look', { ...running(), later: {} }, running()],
    ['gone there at a second look', running(), { ...running(), later: {} }],
    [
      'another guest of that name',
      running(),
      { qemu: { 1: guest('b').map((word) => word.replace('guest=b,', 'guest=a,')) } },
    ],
  ])('is no split brain: %s', async (_, here, there) => {
    expect(await check(here, { jill: there })).toMatchObject({ code: 0 });
  });

  it('that nobody can tell to run or to wait is UNKNOWN', async () => {
    const { code, text } = await check(running(), { jill: incoming() });
    expect(code).toBe(3);
    expect(text).toContain('cannot tell whether it is a migration under way or runs on both');
  });

  it('is CRITICAL beside a partner that cannot be reached', async () => {
    expect(await check(running(), { jill: running(), kaya: { unreachable: 'x' } })).toMatchObject({
      code: 2,
    });
  });
});
