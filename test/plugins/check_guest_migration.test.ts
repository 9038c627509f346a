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
  ROOT_MOUNT,
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

/** The recording, with a failure instead of one answer of a machine's. */
function without(lines: readonly string[], question: string, machine = '', why = 'denied'): string[] {
  const from = machine === '' ? 0 : lines.indexOf(`machine ${machine}`);
  const at = lines.indexOf(`ok ${question}`, from);
  const answered = lines.slice(at + 1).findIndex((line) => !line.startsWith('  '));
  expect(Math.min(from, at, answered)).toBeGreaterThanOrEqual(0);
  return [...lines.slice(0, at), `${why} ${question}`, ...lines.slice(at + 1 + answered)];
}

/** /proc/cpuinfo of another kind of machine than x86. */
const NO_FLAGS = 'processor\t: 0\nBogoMIPS\t: 50.00\n';
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
    expect(line).toContain(`host cannot be emptied: 0 of 1 guest can move. a: ${text}`);
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
    // What can move does not count, and a range says nothing of what is no guest that cannot move.
    const beside = { qemu: { ...host.qemu, 2: guest('b') } };
    expect(await check(beside, {}, '-w', '1')).toMatchObject({ code: 0 });
    const defined = (gib: number) => ({ definitions: { b: definition('b', '', `<memory unit='GiB'>${gib}</memory>`) } });
    expect(await check({ qemu: { 1: guest('b') }, ...defined(1) }, { jill: defined(2) }, '-w', '5')).toMatchObject({ code: 1 });
  }); // prettier-ignore

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

  it('of which only the record of libvirt tells is judged by that', async () => {
    const recorded = (cpu: string, disks: string): MigrationHostParts => {
      const xml = definition('a', cpu).replace('</devices>', `${disks}</devices>`).replace(/^<!--.*-->/s, '');
      return { qemu: { 1: null }, live: { a: `<domstatus state='running' pid='1'>${xml}</domstatus>` } };
    };
    const local = "<disk type='file' device='disk'><source file='/srv/hot.img'/></disk>";
    await expectSaid(1, ['a: local disk /srv/hot.img', '\n  virsh domblklist a\n'], { ...recorded('', local), files: { '/srv/hot.img': { device: ROOT_DEVICE } } });
    const pooled = recorded('', "<disk type='volume' device='disk'><source pool='vms' volume='a'/></disk>");
    await expectSaid(3, ['a: cannot tell where its volume vms/a lies |'], pooled);
    await expectSaid(0, ['1 of 1 guest can move'], pooled, {}, '--shared', 'vms/*');
    for (const mode of ['host-passthrough', 'maximum'])
      await expectSaid(0, ['a: CPU of this host passed through'], recorded(`<cpu mode='${mode}'/>`, ''));
    await expectSaid(0, ['!passed through'], recorded("<cpu mode='host-model'/>", ''));
  }); // prettier-ignore

  it.each([
    ['is closed to this user', 'denied', 0, 'permission denied', 1],
    ['does not answer in time', 'timedOut', 2, 'did not answer in time', 2],
    ['cannot be read', 'failed', 3, 'could not be read', 3],
  ])('may have snapshots where their folder %s', async (_, why, code, words, strict) => {
    const closed = migrationHosts({ qemu: { 1: guest('a') }, snapshots: 'denied' });
    const folder = '/var/lib/libvirt/qemu/snapshot';
    const lines = closed.map((line) => line.replace(`unlisted denied ${folder}`, `unlisted ${why} ${folder}`));
    const args = ['-t', '8:critical'];
    const told = await replay(plugin, lines, ...args);
    expect(told.text).toContain(`snapshots not read: ${folder}: ${words}`);
    expect(told.text).toMatch(/^\[[A-Z]+\] snapshots not read: /m);
    expect(told.code).toBe(code);
    expect(await replay(plugin, lines, ...args, '--definitions-denied', 'warning')).toMatchObject({ code: strict });
  }); // prettier-ignore
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
    const here = { qemu: { 1: guest('a', '-cpu', 'host') } };
    const lines = without(migrationHosts(here, { jill: {} }), 'bytes head /proc/cpuinfo');
    const { code, text } = await replay(plugin, lines, '--partner', 'jill');
    expect(text).toContain('the CPU: not compared: ');
    expect(text).toContain('a: CPU of this host passed through: moves only to a host with the same');
    expect(code).toBe(3);
    // Alone, nobody asks for it.
    expect(await replay(plugin, lines)).toMatchObject({ code: 0 });
    const silent = { unreachable: 'no route to host' };
    const both = without(migrationHosts(here, { kaya: silent, jill: {} }), 'bytes head /proc/cpuinfo');
    const some = await replay(plugin, both, '--partner', 'kaya', '--partner', 'jill');
    expect(some.text).toContain('the CPU: not compared: ');
    const none = await replay(plugin, both, '--partner', 'kaya');
    expect(none.text).not.toContain('the CPU: not compared');
  });

  it.each([
    ['bytes head /proc/cpuinfo', '/proc/cpuinfo'],
    ['bytes head /proc/meminfo', '/proc/meminfo'],
    ['list /sys/class/net', '/sys/class/net'],
  ])('is not said to have what nobody could see there: %s', async (question, path) => {
    const whole = migrationHosts({ qemu: { 1: guest('a') } }, { jill: {} });
    const args = ['--partner', 'jill', '--not-compared', 'ok', '-t', '8:critical', '-v'];
    const denied = await replay(plugin, without(whole, question, 'jill'), ...args);
    expect(denied.text).toContain(`jill: not compared: ${path}: permission denied`);
    expect(denied.code).toBe(3);
    const late = await replay(plugin, without(whole, question, 'jill', 'timedOut'), ...args);
    expect(late.text).toContain(`jill: not compared: ${path}: did not answer in time`);
    expect(late.code).toBe(2);
    const left = path === '/proc/meminfo' ? 'its memory is not known' : '63 GiB left';
    expect(denied.text).toContain(`\njill takes 1 guest with 1 GiB, ${left}: a\n`);
  });

  it('whose CPU is of another kind is not compared, and that alone may be taken for fine', async () => {
    const others = { jill: { cpuinfo: NO_FLAGS } };
    const here = { qemu: { 1: guest('a') } };
    expect(await check(here, others)).toMatchObject({ code: 3 });
    expect(await check(here, others, '--not-compared', 'ok')).toMatchObject({ code: 0 });
  });

  it('is not compared with a guest whose command line tells no CPU', async () => {
    const xml = definition('a', '').replace(/^<!--.*-->/s, '');
    const live = { a: `<domstatus state='running' pid='1'>${xml}</domstatus>` };
    const { code, line, text } = await check({ qemu: { 1: null }, live }, { jill: { virsh: KNOWS } });
    expect(line).toContain('not all was seen: 0 of 1 guest can move');
    expect(text).toContain('a: cannot tell whether jill has the CPU that it needs: ');
    expect(code).toBe(3);
    const silent = await check({ qemu: { 1: null }, live }, { jill: {} });
    expect(silent.text).toContain('jill: not compared: virsh -q -r -c qemu:///system capabilities: ');
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
      'host cannot be emptied: 2 of 3 guests can move, 1 to jill, 1 to kaya. c: 1 GiB of memory, 0 B left on jill and 0 B left on kaya',
    );
  });

  it('have each the half that the other cannot take', async () => {
    const two = { qemu: { 1: guest('a', ...BRIDGED), 2: guest('b', '-netdev', 'bridge,br=br8,id=n') } };
    const { code, text } = await check(two, { jill: { devices: ['br7'] }, kaya: { devices: ['br8'] } }, '-v');
    expect(code).toBe(0);
    expect(text).toContain('jill takes 1 guest with 1 GiB, 63 GiB left: a');
    expect(text).toContain('kaya takes 1 guest with 1 GiB, 63 GiB left: b');
  });

  it.each([
    ['the largest first', ['-m', '1024'], ['-m', '2048'], ['-m', '3072'], 'jill takes 1 guest with 3 GiB, 0 B left: c'],
    ['what can go to one only before that', ['-m', '3072'], ['-m', '1024'], ['-m', '1024', ...BRIDGED], 'kaya takes 1 guest with 3 GiB, 0 B left: a'],
    ['what nobody knows the size of, without keeping room for it', [], ['-m', '3072'], ['-m', '3072'], 'jill takes 2 guests with 3 GiB, 0 B left: a, b'],
  ])('take %s', async (_, a, b, c, plan) => {
    const sized = (name: string, args: string[]): string[] => [...guest(name).filter((word) => word !== '-m' && word !== '1024'), ...args];
    const qemu = { 1: sized('a', a), 2: sized('b', b), 3: sized('c', c) };
    const availableKib = 3 * 2 ** 20;
    await expectSaid(0, ['all 3 guests can move', plan], { qemu }, { jill: { devices: ['br7'], availableKib }, kaya: { devices: ['lo'], availableKib } }, '-v');
  }); // prettier-ignore

  it('count nothing for a guest of unknown size', async () => {
    const argv = guest('a').filter((word) => word !== '-m' && word !== '1024');
    await expectSaid(
      0,
      ['jill takes 1 guest with 0 B, 64 GiB left: a'],
      { qemu: { 1: argv } },
      { jill: {} },
      '-v',
    );
  });

  it('are said to have what they had when its turn came to a guest that found no room', async () => {
    const here = { qemu: { 1: guest('a', '-m', '3072'), 2: guest('b', '-m', '2048'), 3: guest('c', '-m', '1024') } };
    const { line } = await check(here, { jill: { availableKib: 4 * 2 ** 20 } });
    expect(line).toContain('2 of 3 guests can move. b: 2 GiB of memory, 1 GiB left on jill');
  }); // prettier-ignore

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

const SAN = (unit: Readonly<Record<string, { bus?: string; slaves?: string[]; dm?: string }>>): MigrationHostParts => ({ files: { '/dev/x': { block: Object.keys(unit)[0] ?? '' } }, blocks: unit }); // prettier-ignore
const bus = (path: string): string => `../../devices/${path}`;
const interfaces = (xml: string): string => definition('a', '').replace('</devices>', `${xml}</devices>`);
const BRIDGED_BY = interfaces("<interface type='direct'><source dev='eth9' mode='bridge'/></interface>");
const NETWORKED = interfaces("<interface type='network'><source network='default'/></interface>");

/** What is printed, and what is not: a text after `!`. */
async function expectSaid(code: number, texts: readonly string[], ...given: Parameters<typeof check>) {
  const said = await check(...given);
  for (const text of texts)
    if (text.startsWith('!')) expect(said.text).not.toContain(text.slice(1));
    else expect(said.text).toContain(text);
  expect(said.code).toBe(code);
}

describe('what a partner is compared in', () => {
  const passed = ['-cpu', 'host'];
  const custom = (model: string, usable: string, ...blockers: string[]): NonNullable<MigrationHostParts['virsh']> => ({ domcapabilities: { out: `<domainCapabilities><cpu><mode name='custom'><model usable='${usable}'>${model}</model>${blockers.length === 0 ? '' : `<blockers model='${model}'>${blockers.map((name) => `<feature name='${name}'/>`).join('')}</blockers>`}</mode></cpu></domainCapabilities>` } }); // prettier-ignore
  const both = (flags: string): MigrationHostParts => ({ cpuinfo: cpuinfo(flags) });
  const nfs = (type: string, inode: number): MigrationHostParts => ({ mounts: [NFS_MOUNT.replace('nfs4', type)], files: { '/srv/nfs/a': { device: NFS_DEVICE, inode } } }); // prettier-ignore
  const onNfs = disk('/srv/nfs/a');
  const onDrbd = (inode: number): MigrationHostParts => ({ mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { block: 'drbd7', inode } }, blocks: { drbd7: { bus: bus('virtual/block/drbd7') } } }); // prettier-ignore
  const withoutUuid = (name: string): string => definition(name, '').replace(/<uuid>.*<\/uuid>/, '');

  it.each<[string, number, string[], MigrationHostParts, MigrationHostParts, string[]]>([
    ['features of a CPU passed through, in their order, three of them', 1, passed, both('fpu c b a'), both('fpu'), ['CPU features a, b, c missing on jill', '(the CPU of this host is passed through, pid 1)', '!more', '!missing:']],
    ['more than three', 1, passed, both('fpu d c b a'), both('fpu'), ['CPU features a, b, c and 1 more missing on jill', '(missing: a b c d, the CPU of this host is passed through, pid 1)']],
    ['all features that the CPU `max` has', 1, ['-cpu', 'max'], both('fpu avx2'), both('fpu'), ['CPU feature avx2 missing on jill']],
    ['features that only end or begin like those that no guest gets', 1, passed, both('fpu rtm smep'), both('fpu'), ['CPU features rtm, smep missing on jill']],
    // Both are given to guests (kvm_set_cpu_caps in arch/x86/kvm/cpuid.c, leaf 7, EDX).
    ['features of Knights Mill alone', 1, passed, both('fpu avx512_4fmaps avx512_4vnniw'), both('fpu'), ['CPU features avx512_4fmaps, avx512_4vnniw missing on jill']],
    ['what no guest gets', 0, passed, both('fpu hwp hwp_epp cqm cqm_llc tm tm2 sev sev_es cat_l2 cdp_l3 perfctr_core'), both('fpu'), ['1 of 1 guest can move']],
    ['another model of the same CPU features', 0, passed, { cpuinfo: cpuinfo('fpu', 'GenuineIntel', '85') }, { cpuinfo: cpuinfo('fpu', 'GenuineIntel', '106') }, ['a: CPU of this host passed through: GenuineIntel 85 here, GenuineIntel 106 on jill', '!moves only to a host with the same']],
    ['the same model', 0, passed, {}, {}, ['1 of 1 guest can move', '!passed through']],
    ['a CPU without features to compare, whose guest needs some', 3, ['-cpu', 'Haswell'], {}, { cpuinfo: NO_FLAGS }, ['jill: not compared: ', '!missing on jill']],
    ['a CPU passed through that cannot be compared', 3, passed, {}, { cpuinfo: NO_FLAGS }, ['jill: not compared: ', 'a: CPU of this host passed through: moves only to a host with the same']],
    ['a feature that is set for all CPUs', 1, ['-cpu', 'Westmere', '-global', 'Westmere-x86_64-cpu.avx512f=on'], both('fpu avx512f'), both('fpu'), ['CPU feature avx512f missing on jill', 'CPU model Westmere']],
    ['a model that libvirt knows without its version', 0, ['-cpu', 'SapphireRapids-v12'], {}, { virsh: custom('SapphireRapids', 'yes') }, ['1 of 1 guest can move']],
    ['a model that libvirt does not name', 3, ['-cpu', 'SapphireRapids'], {}, { virsh: custom('Haswell', 'yes') }, ['cannot tell whether jill has the CPU model SapphireRapids']],
    ['a model with a blocker that this host has', 1, ['-cpu', 'Haswell'], both('fpu hle'), { ...both('fpu hle'), virsh: custom('Haswell', 'no', 'hle', 'rtm') }, ['CPU model Haswell not usable on jill', '(hle is missing there, as virsh domcapabilities says, pid 1)']],
    ['a model with a blocker that this host lacks as well', 0, ['-cpu', 'Haswell'], both('fpu'), { ...both('fpu'), virsh: custom('Haswell', 'no', 'hle') }, ['1 of 1 guest can move']],
    ['a disk that qemu itself reaches over the network', 0, disk('rbd:pool/a'), {}, {}, ['1 of 1 guest can move']],
    ['a disk that is given twice', 1, [...onNfs, ...onNfs], NFS, { mounts: [NFS_MOUNT] }, ['can move. a: disk /srv/nfs/a not there on jill |']],
    ['two disks', 1, [...onNfs, ...disk('/srv/nfs/b')], { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { device: NFS_DEVICE }, '/srv/nfs/b': { device: NFS_DEVICE } } }, { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': { device: NFS_DEVICE } } }, ['can move. a: disk /srv/nfs/b not there on jill |', 'blocked_disk=1;']],
    ['a disk where the mounts cannot be read there', 3, onNfs, NFS, { ...NFS, mounts: ['garbage'] }, ['a: cannot tell whether jill has its disk /srv/nfs/a: /proc/self/mountinfo: is not understood', '0 of 1 guest can move']],
    ['a device of DRBD on hosts whose files are all on NFS', 0, disk('/srv/nfs/a'), onDrbd(1), onDrbd(2), ['1 of 1 guest can move']],
    ['a file that may not be looked at here', 0, onNfs, { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': 'denied' } }, NFS, ['1 of 1 guest can move']],
    ['the machine type, of a host without libvirt', 0, ['-machine', 'pc-i440fx-9.9'], {}, {}, ['1 of 1 guest can move', '!machine type']],
    ['the machine type', 1, ['-machine', 'pc-i440fx-9.9'], {}, { virsh: KNOWS }, ['machine type pc-i440fx-9.9 not known on jill', 'Bring qemu to the same version on both hosts\n']],
    ['a definition there that makes no sense', 3, [], { definitions: { a: definition('a', '') } }, { definitions: { a: 'garbage' } }, ['jill: not compared: /etc/libvirt/qemu/a.xml: is not understood', '!not defined on jill']],
    ['a namesake without a uuid', 0, [], { definitions: { a: definition('a', '') } }, { definitions: { a: withoutUuid('a') } }, ['1 of 1 guest can move', '!another', '!defined']],
    ['definitions that may not be read there, of a guest of libvirt', 3, [...LIBVIRT], {}, { definitions: 'denied', virsh: KNOWS }, ['jill: not compared: /etc/libvirt/qemu: permission denied', '!not compared: virsh']],
    ['an image', 1, ['-drive', 'file=/srv/nfs/a,media=cdrom'], NFS, { mounts: [NFS_MOUNT] }, ['a: ISO /srv/nfs/a not there on jill', 'blocked_disk=0', 'blocked_image=1']],
    ['a disk that only this host has', 1, disk('/srv/l'), { files: { '/srv/l': { device: ROOT_DEVICE } } }, {}, ['can move. a: local disk /srv/l |', '(ext4 on /dev/sda1, pid 1)', '!on jill']],
    ['a disk on a file system of its own there', 1, onNfs, NFS, { files: { '/srv/nfs/a': { device: ROOT_DEVICE } } }, ['disk /srv/nfs/a local on jill', '(there: ext4 on /dev/sda1, pid 1)']],
    ['a disk that may not be looked at there, on the same file system', 0, onNfs, NFS, { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': 'denied' } }, ['1 of 1 guest can move']],
    ['a disk that does not answer there', 3, onNfs, NFS, { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': 'timedOut' } }, ['a: cannot tell whether jill has its disk /srv/nfs/a: ', '0 of 1 guest can move', 'not all was seen']],
    ['a device that may not be looked at there', 3, disk('/dev/x'), SAN({ drbd7: { bus: bus('virtual/block/drbd7') } }), { files: { '/dev/x': 'denied' } }, ['a: cannot tell whether jill has its disk /dev/x: a device that is not in /sys/class/block']],
    ['a file with another number on nfs', 1, onNfs, nfs('nfs', 1), nfs('nfs', 2), ['disk /srv/nfs/a another file on jill', '(there: nfs, pid 1)']],
    ['a file with another number on gfs', 1, onNfs, nfs('gfs', 1), nfs('gfs', 2), ['disk /srv/nfs/a another file on jill']],
    ['a file with another number on CIFS, which makes its own', 0, onNfs, nfs('cifs', 1), nfs('cifs', 2), ['1 of 1 guest can move']],
    ['a file with another number on fuse.ceph, which makes its own', 0, onNfs, nfs('fuse.ceph', 1), nfs('fuse.ceph', 2), ['1 of 1 guest can move']],
    ['a device of the network', 1, [...LIBVIRT], { definitions: { a: BRIDGED_BY } }, { definitions: { a: BRIDGED_BY }, virsh: KNOWS }, ['a: network device eth9 missing on jill']],
    ['a network of libvirt', 1, [...LIBVIRT], { definitions: { a: NETWORKED } }, { definitions: { a: NETWORKED }, virsh: { ...KNOWS, 'net-list --name': { out: 'other\n' } } }, ['a: network default missing on jill']],
    ['a network of libvirt, where it does not answer', 3, [...LIBVIRT], { definitions: { a: NETWORKED } }, { definitions: { a: NETWORKED }, virsh: { capabilities: KNOWS.capabilities } }, ['jill: not compared: ', '!network default missing']],
    ['no network of libvirt, where it does not answer', 0, [...LIBVIRT], {}, { virsh: { capabilities: KNOWS.capabilities } }, ['1 of 1 guest can move']],
    ['a definition of another name, by its uuid', 1, [], { definitions: { a: definition('a', '') } }, { definitions: { aa: definition('aa', ''), b: definition('b', '', '', uuidOf('a')) } }, ['a: defined otherwise on jill: name', '(/etc/libvirt/qemu/a.xml here, /etc/libvirt/qemu/b.xml there, pid 1)', 'Make both definitions the same\n  virsh dumpxml --inactive a\n  virsh edit a\n']],
    ['a definition after that of others', 0, [], { definitions: { b: definition('a', '') } }, { definitions: { a: definition('other', ''), b: definition('a', '') } }, ['1 of 1 guest can move', '!defined']],
    ['a namesake', 1, [], {}, { definitions: { a: definition('a', '', '', uuidOf('other')) } }, ['another a defined on jill', `(uuid ${uuidOf('other')} there, ${uuidOf('a')} here, pid 1)`, 'blocked_definition=1;']],
    ['definitions that may not be read there', 3, [], { definitions: { a: definition('a', '') } }, { definitions: 'denied' }, ['jill: not compared: /etc/libvirt/qemu: permission denied', '!not defined on jill']],
    ['definitions that may not be read there, of a guest that has none', 0, [], {}, { definitions: 'denied' }, ['1 of 1 guest can move', '!/etc/libvirt/qemu']],
    ['a CPU model', 1, ['-cpu', 'Westmere,+avx512f'], both('fpu avx512f'), both('fpu'), ['Give the guest a CPU model that both hosts have (virsh cpu-baseline), shut it down on the host and start it again\n']],
    ['what KVM gives on any host', 0, passed, both('fpu x2apic tsc_deadline_timer tsc_adjust arat umip hypervisor'), both('fpu'), ['1 of 1 guest can move', '!missing']],
    ['huge pages', 1, ['-mem-path', '/dev/hugepages/a'], {}, {}, ['a: 1 GiB of huge pages, 0 B left on jill', '(when the guests before it have arrived, pid 1)']],
  ])('is told: %s', async (_, code, args, own, far, texts) => {
    await expectSaid(code, texts, { qemu: { 1: guest('a', ...args) }, ...own }, { jill: far }, '-v');
  }); // prettier-ignore

  it('is its name, of a guest that has no uuid', async () => {
    const argv = guest('a').filter((word) => word !== '-uuid' && word !== uuidOf('a'));
    const own = { qemu: { 1: argv }, definitions: { a: definition('a', '') } };
    const far = { definitions: { '0': withoutUuid('other'), a: definition('a', '') } };
    await expectSaid(0, ['1 of 1 guest can move', '!defined'], own, { jill: far });
    await expectSaid(2, ['(pid 1 here, running, pid 1 on jill, running,'], own, { jill: { ...far, qemu: { 1: argv } } });
  }); // prettier-ignore

  it('is what only one of the guests needs, too', async () => {
    const other = guest('b', ...LIBVIRT);
    const networked = { qemu: { 1: guest('a', ...LIBVIRT), 2: other }, definitions: { a: NETWORKED } };
    await expectSaid(3, ['jill: not compared: virsh -q -r -c qemu:///system net-list'], networked, { jill: { virsh: { capabilities: KNOWS.capabilities } } });
    const defined = { qemu: { 1: guest('a'), 2: guest('b') }, definitions: { a: definition('a', '') } };
    await expectSaid(3, ['jill: not compared: /etc/libvirt/qemu: permission denied'], defined, { jill: { definitions: 'denied' } });
  }); // prettier-ignore

  it('is what is left of the huge pages', async () => {
    const huge = (name: string, mib: number): string[] => [...guest(name), '-m', `${mib}`, '-mem-path', '/dev/hugepages/x'];
    const qemu = { 1: huge('a', 1024), 2: huge('b', 2048) };
    await expectSaid(1, ['1 of 2 guests can move. a: 1 GiB of huge pages, 512 MiB left on jill'], { qemu }, { jill: { hugePages: 1280 } });
  }); // prettier-ignore

  it('is only whether it is there, of a disk that the administrator knows to be shared', async () => {
    const here = { qemu: { 1: guest('a', ...disk('/san/a')) }, files: { '/san/a': { device: ROOT_DEVICE } } };
    const shared = ['--shared', '/san/*'];
    await expectSaid(1, ['a: disk /san/a not there on jill'], here, { jill: {} }, ...shared);
    await expectSaid(0, ['1 of 1 guest can move'], here, { jill: { files: here.files } }, ...shared);
  });

  it('is looked for on the partners that have nothing else against a guest, and its room is kept for it', async () => {
    const small = { devices: ['br7'], availableKib: 2 ** 19 };
    await expectSaid(1, ['a: 1 GiB of memory, 512 MiB left on kaya', '!left on jill'], { qemu: { 1: guest('a', ...BRIDGED) } }, { jill: {}, kaya: small });
    const unknown = { qemu: { 1: guest('a', '-cpu', 'SapphireRapids') } };
    await expectSaid(0, ['kaya takes 1 guest with 1 GiB', 'jill takes 0 guests with 0 B, 64 GiB left\n'], unknown, { jill: {}, kaya: { virsh: custom('SapphireRapids', 'yes') } }, '-v');
    // What stays, or is there already, needs no room: it is larger and would come first.
    const room = { jill: { availableKib: 2 ** 20 } };
    const stuck = { qemu: { 1: guest('a', '-m', '2048', '-cpu', 'Haswell,+invtsc'), 2: guest('b') } };
    await expectSaid(1, ['1 of 2 guests can move. a: invtsc', 'jill takes 1 guest with 1 GiB, 0 B left: b', 'a: invtsc\n', 'b: can move to jill (0 disks)', 'blocked=1;', 'blocked_memory=0'], stuck, room, '-v');
    const twice = { qemu: { 1: guest('a', '-m', '1024'), 2: guest('b') } };
    await expectSaid(2, ['1 of 2 guests can move', 'jill takes 1 guest with 1 GiB, 0 B left: b', 'a: runs on two hosts', 'movable=1;', 'blocked=1;'], twice, { jill: { ...room.jill, qemu: { 1: guest('a', '-m', '1024') } } }, '-v');
  }); // prettier-ignore

  it('is asked of each that answers, and is not told where none does', async () => {
    const passing = { qemu: { 1: guest('a', ...passed) } };
    await expectSaid(3, ['!moves only to a host with the same', 'jill: not compared: '], passing, { jill: { cpuinfo: NO_FLAGS }, kaya: {} });
    await expectSaid(3, ['kaya: not compared: virsh'], { qemu: { 1: guest('a', ...LIBVIRT), 2: guest('b') } }, { jill: { virsh: KNOWS }, kaya: {} }, '-v');
  }); // prettier-ignore
});

describe('what the host of a guest tells', () => {
  it('is rated by -t where a disk, and the mounts, do not answer in time', async () => {
    const qemu = { 1: guest('a', ...disk('/srv/nfs/a')) };
    const silent: MigrationHostParts = { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': 'timedOut' } };
    const late = ['-t', '8:critical'];
    await expectSaid(2, ['is shared'], { qemu, ...silent }, {}, ...late);
    await expectSaid(2, ['jill has its disk'], { qemu, ...NFS }, { jill: silent }, ...late);
    const whole = migrationHosts({ qemu, ...NFS }, { jill: NFS });
    for (const [why, code] of [['timedOut', 2], ['denied', 3]] as const)
      for (const [machine, args] of [['', []], ['jill', ['--partner', 'jill']]] as const) {
        const lines = without(whole, 'bytes whole /proc/self/mountinfo', machine, why);
        expect(await replay(plugin, lines, ...args, ...late)).toMatchObject({ code });
      }
  }); // prettier-ignore

  it('is not that a file is local of which no mount is seen, as in a chroot', async () => {
    const host = { qemu: { 1: guest('a', ...disk('/srv/a')) }, mounts: [NFS_MOUNT], files: { '/srv/a': { device: ROOT_DEVICE } } };
    const lines = migrationHosts(host).filter((line) => !line.includes(ROOT_MOUNT));
    const { code, text } = await replay(plugin, lines);
    expect(text).toContain('a: cannot tell whether its disk /srv/a is shared: a file system that is not known');
    expect(code).toBe(3);
  }); // prettier-ignore

  it.each(['gfs', 'fuse.quobyte', 'fuse.juicefs', 'fuse.JuiceFS', 'fuse.ceph', 'fuse.ceph-fuse'])(
    'is that a file on %s is shared',
    async (type) => {
      const host = { ...NFS, mounts: [NFS_MOUNT.replace('nfs4', type)] };
      await expectSaid(0, ['1 of 1 guest can move'], { qemu: { 1: guest('a', ...disk('/srv/nfs/a')) }, ...host });
      // Those of a cluster have one cache for all hosts.
      const libvirt = { qemu: { 1: guest('a', ...disk('/srv/nfs/a'), ...LIBVIRT) }, ...host };
      const isCoherent = type === 'gfs' || type.startsWith('fuse.ceph');
      await expectSaid(isCoherent ? 0 : 1, [], libvirt);
    },
  ); // prettier-ignore

  it.each<[string, number, string[], MigrationHostParts, string[]]>([
    ['DRBD below device mapper', 0, disk('/dev/x'), SAN({ 'dm-0': { slaves: ['drbd0'], dm: 'x' }, drbd0: { bus: bus('virtual/block/drbd0') } }), ['1 of 1 guest can move', '!local']],
    ['Fibre Channel', 0, disk('/dev/x'), SAN({ sdb: { bus: bus('pci0000:00/host1/rport-1:0-2/target1:0:0/1:0:0:0/block/sdb') } }), ['1 of 1 guest can move']],
    ['the twelfth session of iSCSI', 0, disk('/dev/x'), SAN({ sdb: { bus: bus('platform/host3/session12/target3:0:0/3:0:0:0/block/sdb') } }), ['1 of 1 guest can move']],
    ['NVMe over Fabrics', 0, disk('/dev/x'), SAN({ nvme1n1: { bus: bus('virtual/nvme-fabrics/ctl/nvme1/nvme1n1') } }), ['1 of 1 guest can move']],
    ['NVMe over Fabrics by several paths', 0, disk('/dev/x'), SAN({ nvme10n1: { bus: bus('virtual/nvme-subsystem/nvme-subsys10/nvme10n1') }, nvme10c2n1: { bus: bus('virtual/nvme-fabrics/ctl/nvme2/nvme10c2n1') }, nvme10c13n1: { bus: bus('virtual/nvme-fabrics/ctl/nvme13/nvme10c13n1') }, nvme0n1: {}, nvme0c0n1: { bus: bus('pci0000:ae/0000:ae:05.5/nvme/nvme0/nvme0c0n1') }, nvme10c2n11: {}, nvme110c2n1: {} }), ['1 of 1 guest can move']],
    ['a partition of that', 0, disk('/dev/x'), SAN({ nvme1n1p12: { bus: bus('virtual/nvme-subsystem/nvme-subsys1/nvme1n1/nvme1n1p12') }, nvme1c2n1: { bus: bus('virtual/nvme-fabrics/ctl/nvme2/nvme1c2n1') } }), ['1 of 1 guest can move']],
    ['NVMe of this host by several paths', 1, disk('/dev/x'), SAN({ nvme7n1p12: { bus: bus('virtual/nvme-subsystem/nvme-subsys7/nvme7n1/nvme7n1p12') }, nvme7c17n1: { bus: bus('pci0000:ae/0000:ae:05.5/nvme/nvme17/nvme7c17n1') }, nvme7c8n1: { bus: bus('virtual/nvme-fabrics/ctl/nvme8/nvme7c8n1') } }), ['local disk /dev/x', '(nvme7n1p12, pid 1)']],
    ['NVMe of which no path is seen', 1, disk('/dev/x'), SAN({ nvme0n1: { bus: bus('virtual/nvme-subsystem/nvme-subsys0/nvme0n1') } }), ['local disk /dev/x']],
    ['NBD and RBD together', 0, disk('/dev/x'), SAN({ 'dm-0': { slaves: ['nbd0', 'rbd0'], dm: 'x' }, nbd0: { bus: bus('virtual/block/nbd0') }, rbd0: { bus: bus('rbd/0/block/rbd0') } }), ['1 of 1 guest can move']],
    ['a mirror of a local disk and one of iSCSI', 1, disk('/dev/x'), SAN({ 'dm-0': { slaves: ['sda', 'sdb'], dm: 'x' }, sda: { bus: bus('pci0000:00/ata1/block/sda') }, sdb: { bus: bus('platform/host3/session1/block/sdb') } }), ['a: local disk /dev/x', '(device mapper on sda on iSCSI, pid 1)']],
    ['a device that is not in /sys', 3, disk('/dev/y'), { files: { '/dev/y': { block: 'sdz' } } }, ['a: cannot tell whether its disk /dev/y is shared: a device that is not in /sys/class/block']],
    ['a device of DRBD that is not in /sys', 0, disk('/dev/drbd1'), { files: { '/dev/drbd1': { block: 'other' } } }, ['1 of 1 guest can move']],
    ['a device of RBD that is not in /sys', 0, disk('/dev/rbd/p/a'), { files: { '/dev/rbd/p/a': { block: 'other' } } }, ['1 of 1 guest can move']],
    ['a device of iSCSI that is not in /sys', 0, disk('/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.x-lun-0'), { files: { '/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-iqn.x-lun-0': { block: 'other' } } }, ['1 of 1 guest can move']],
    ['a local device by its path', 3, disk('/dev/disk/by-path/pci-0000:00:1f.2-ata-1'), { files: { '/dev/disk/by-path/pci-0000:00:1f.2-ata-1': { block: 'other' } } }, ['cannot tell whether its disk ']],
    ['all that is below a device', 1, disk('/dev/x'), SAN({ 'dm-0': { slaves: ['drbd0', 'rbd0', 'nbd0', 'sda', 'sdb', 'nvme1n1'], dm: 'x' }, drbd0: {}, rbd0: {}, nbd0: {}, sda: {}, sdb: { bus: bus('pci0000:00/host1/rport-1:0-2/target1:0:0/1:0:0:0/block/sdb') }, nvme1n1: { bus: bus('virtual/nvme-fabrics/ctl/nvme1/nvme1n1') } }), ['(device mapper on DRBD on Ceph RBD on NBD on sda on Fibre Channel on NVMe over Fabrics, pid 1)']],
    ['a device of which what is below is gone', 1, disk('/dev/x'), SAN({ 'dm-0': { slaves: ['sdb'], dm: 'x' } }), ['a: local disk /dev/x', '(device mapper, pid 1)']],
    ['devices that stand on each other, which no kernel lets happen', 1, disk('/dev/x'), SAN({ 'dm-0': { slaves: ['dm-1'], dm: 'x' }, 'dm-1': { slaves: ['dm-0'], dm: 'y' } }), ['a: local disk /dev/x']],
    ['a device that is no device mapper', 1, disk('/dev/x'), SAN({ sda: { bus: bus('pci0000:00/ata1/block/sda') } }), ['(sda, pid 1)']],
    ['a device of which the file lies elsewhere', 0, disk('/srv/x'), { files: { '/srv/x': { block: 'drbd0' } }, blocks: { drbd0: {} } }, ['1 of 1 guest can move']],
    ['a device that is not in /sys, elsewhere than in /dev', 3, disk('/srv/dev/drbd1'), { files: { '/srv/dev/drbd1': { block: 'other' } } }, ['is shared: a device that is not in /sys/class/block']],
    ['a file that lies in /dev', 1, disk('/dev/shm/x'), { mounts: ['26 25 0:26 / /dev/shm rw - tmpfs tmpfs rw'], files: { '/dev/shm/x': { device: 26 } } }, ['a: local disk /dev/shm/x', '(tmpfs, pid 1)']],
    ['a disk by a path that depends on where qemu was started', 3, disk('a.img'), {}, ['not all was seen: 0 of 1 guest can move. a: cannot tell where its disk a.img lies']],
    ['a disk where the mounts cannot be read', 3, disk('/srv/a'), { mounts: ['garbage'], files: { '/srv/a': { device: ROOT_DEVICE } } }, ['a: cannot tell whether its disk /srv/a is shared: /proc/self/mountinfo: is not understood']],
    ['a target of iSCSI that qemu itself reaches', 0, disk('iscsi://10.0.0.1/iqn.2003-01.org.example.pool:domain:a:b/1'), {}, ['1 of 1 guest can move']],
    ['a disk that does not answer', 3, disk('/srv/nfs/a'), { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': 'timedOut' } }, ['\na: cannot tell whether its disk /srv/nfs/a is shared: ', 'a: cannot tell whether its disk /srv/nfs/a is shared: /srv/nfs/a: ', '0 of 1 guest can move', 'not all was seen']],
    ['a disk that may not be looked at, on NFS', 0, disk('/srv/nfs/a'), { mounts: [NFS_MOUNT], files: { '/srv/nfs/a': 'denied' } }, ['1 of 1 guest can move']],
    ['a disk that is gone', 1, disk('/srv/a'), { files: { '/srv/a': 'absent' } }, ['a: disk /srv/a is not there', 'blocked_disk=1', 'blocked_image=0']],
    ['an image that is gone', 1, ['-drive', 'file=/iso/a,media=cdrom'], { files: { '/iso/a': 'absent' } }, ['a: ISO /iso/a is not there', 'blocked_disk=0', 'blocked_image=1']],
    ['a disk of qemu alone', 1, disk('/srv/l'), { files: { '/srv/l': { device: ROOT_DEVICE } } }, ['Put the disk on storage that both hosts reach', '!virsh', '!qm ', '!xl ']],
    ['a disk of libvirt', 1, [...disk('/srv/l'), ...LIBVIRT], { files: { '/srv/l': { device: ROOT_DEVICE } } }, ['or copy it along when the guest moves (--copy-storage-all)', '\n  virsh domblklist a\n', '!change-media']],
    ['a disk of a guest that libvirt has defined', 1, disk('/srv/l'), { definitions: { a: definition('a', '') }, files: { '/srv/l': { device: ROOT_DEVICE } } }, ['\n  virsh domblklist a\n']],
    ['an image of libvirt', 1, ['-drive', 'file=/iso/a,media=cdrom', ...LIBVIRT], { files: { '/iso/a': { device: ROOT_DEVICE } } }, ['Take the image out of the drive', '\n  virsh domblklist a\n  virsh change-media a TARGET --eject --live --config\n']],
    ['a disk of Proxmox', 1, [...disk('/srv/l'), '-id', '100'], { files: { '/srv/l': { device: ROOT_DEVICE } } }, ['Put the disk on storage that both hosts reach (move disk), or copy it along when the guest moves\n  qm migrate 100 TARGET --online --with-local-disks\n', '!virsh']],
    ['an image of Proxmox', 1, ['-drive', 'file=/iso/a,media=cdrom', '-id', '100'], { files: { '/iso/a': { device: ROOT_DEVICE } } }, ['\n  qm config 100\n  qm set 100 --DRIVE none,media=cdrom\n']],
    ['a cache that libvirt takes for unsafe', 1, [...disk('/srv/nfs/a'), ...LIBVIRT], NFS, ['a: cache writeback of /srv/nfs/a', '(libvirt moves it with --unsafe only, pid 1)', "Set cache='none' at the driver of the disk, then shut the guest down and start it again\n  virsh edit a\n"]],
    ['another cache that libvirt takes for unsafe', 1, [...disk('/srv/nfs/a', ',cache=writethrough'), ...LIBVIRT], NFS, ['a: cache writethrough of /srv/nfs/a']],
    ['the same cache with a newer libvirt', 0, ['-blockdev', '{"driver":"file","filename":"/srv/nfs/a","node-name":"n"}', '-blockdev', '{"driver":"raw","file":"n","node-name":"f"}', '-device', 'virtio-blk-pci,drive=f', ...LIBVIRT], NFS, ['a: can move (1 disk)']],
    ['a cache that is none', 0, [...disk('/srv/nfs/a', ',cache=none'), ...LIBVIRT], NFS, ['1 of 1 guest can move']],
    ['a cache that is written through to the disk', 0, [...disk('/srv/nfs/a', ',cache=directsync'), ...LIBVIRT], NFS, ['1 of 1 guest can move']],
    ['a disk that is only read', 0, [...disk('/srv/nfs/a', ',readonly=on'), ...LIBVIRT], NFS, ['1 of 1 guest can move']],
    ['a file system with one cache for all hosts', 0, [...disk('/srv/nfs/a'), ...LIBVIRT], { ...NFS, mounts: [NFS_MOUNT.replace('nfs4', 'ceph')] }, ['1 of 1 guest can move']],
    ['one snapshot', 1, [], { snapshots: { a: ['one.xml', 'x'] } }, ['a: 1 snapshot ', '!1 snapshots', 'libvirt moves no guest with snapshots: merge or delete them\n  virsh snapshot-list a\n']],
    ['snapshots that only libvirt tells of', 1, [], { snapshots: 'denied', virsh: { 'list --all --uuid --with-snapshot': { out: `${uuidOf('a')}\n\n` } } }, ['can move. a: snapshots |', '!not read']],
    ['no snapshots of its own that libvirt tells of', 0, [], { snapshots: 'denied', virsh: { 'list --all --uuid --with-snapshot': { out: `${uuidOf('b')}\n\n` } } }, ['1 of 1 guest can move', '!not read']],
    ['the CPU `max`', 0, ['-cpu', 'max'], {}, ['a: CPU of this host passed through: moves only to a host with the same', '\na: can move (0 disks)\n']],
    ['the same obstacle twice', 1, ['-virtfs', 'local,path=/srv/x,mount_tag=x,security_model=none', '-virtfs', 'local,path=/srv/x,mount_tag=y,security_model=none'], {}, ['can move. a: 9p folder /srv/x |']],
    ['invtsc', 1, ['-cpu', 'Haswell,+invtsc'], {}, ['(it runs with +invtsc, see check_invtsc, pid 1)', 'out of the -cpu option']],
    ['two disks that can move', 0, [...disk('/srv/nfs/a'), ...disk('rbd:p/b')], NFS, ['a: can move (2 disks)']],
    ['one disk that can move', 0, disk('/srv/nfs/a'), NFS, ['a: can move (1 disk)']],
  ])('is told: %s', async (_, code, args, own, texts) => {
    await expectSaid(code, texts, { qemu: { 1: guest('a', ...args) }, ...own }, {}, '-v');
  }); // prettier-ignore

  it('is not counted where it was not seen whole', async () => {
    const unclear = guest('u', ...disk('/dev/y'));
    const parts = { files: { '/dev/y': { block: 'sdz' } } };
    await expectSaid(3, ['not all was seen: 1 of 2 guests can move', 'guests=2;;;0 movable=1;;;0', '!blocked=', '!blocked_disk='], { qemu: { 1: unclear, 2: guest('b') }, ...parts });
    await expectSaid(1, ['host cannot be emptied: 1 of 3 guests can move', 'movable=1;;;0 blocked=1;;;0 blocked_invtsc=1', '!blocked_disk='], { qemu: { 1: unclear, 2: guest('b'), 3: guest('c', '-cpu', 'Haswell,+invtsc') }, ...parts });
    const stuckToo = { qemu: { 1: [...unclear, '-cpu', 'Haswell,+invtsc'], 2: guest('b') }, ...parts };
    await expectSaid(1, ['host cannot be emptied: 1 of 2 guests can move', '\nu: invtsc and cannot tell whether its disk /dev/y is shared'], stuckToo, {}, '-v');
    await expectSaid(3, ['not all was seen: 1 of 1 guest can move', '!guests=0', '!movable=', '!blocked='], { uid: 65534, isHidden: true, qemu: { 1: guest('a') } });
    await expectSaid(0, ['guests=2;;;0 movable=2;;;0 blocked=0;', 'all 2 guests can move'], { qemu: { 1: guest('a'), 2: guest('b') } });
  }); // prettier-ignore
});

describe('a copy on a partner', () => {
  const on = (word: string | null, ...more: string[]): MigrationHostParts => ({ qemu: { 1: guest('a', ...LIBVIRT, ...more) }, virsh: { ...KNOWS, ...(word === null ? {} : { [`domstate ${uuidOf('a')}`]: { out: `${word}\n\n` } }) } }); // prettier-ignore

  it.each<[string, number, MigrationHostParts, MigrationHostParts, string[]]>([
    ['running on both', 2, on('running'), on('running'), [`(uuid ${uuidOf('a')}, pid 1 here, running, pid 1 on jill, running, seen at two looks)`, 'Stop the copy that is wrong at once, on the host where it runs (here or on jill), then check its file systems\n  virsh destroy a\n', '0 of 1 guest can move']],
    ['paused there', 0, on('running'), on('paused', '-incoming', 'defer'), ['a: also on jill, paused on jill: a migration under way, or a copy left behind', 'can move to jill']],
    ['paused here', 0, on('paused'), on('running', '-incoming', 'defer'), ['a: also on jill, paused here: a migration under way, or a copy left behind', 'can move to jill']],
    ['of Proxmox', 2, { qemu: { 1: guest('a', '-id', '100') } }, { qemu: { 1: guest('a', '-id', '100') } }, ['\n  qm stop 100\n', '!virsh destroy']],
    ['of nobody known', 2, { qemu: { 1: guest('a') } }, { qemu: { 1: guest('a') } }, ['!virsh', '!qm stop']],
    ['of which nobody can tell', 3, { qemu: { 1: guest('a') } }, { qemu: { 1: guest('a', '-incoming', 'defer') } }, [`(uuid ${uuidOf('a')}, pid 1 here, running, pid 1 on jill, unknown, seen at two looks, virsh domstate tells on either host)`]],
  ])('is told: %s', async (_, code, here, there, texts) => {
    await expectSaid(code, texts, here, { jill: there }, '-v');
  }); // prettier-ignore
});
