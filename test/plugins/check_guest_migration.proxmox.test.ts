/** check_guest_migration on hosts of Proxmox: what Proxmox itself looks at, its configurations and its storages. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_guest_migration.ts';
import { migrationHosts, ROOT_DEVICE, type MigrationHostParts } from '../migration-host.ts';
import { replay } from '../plugin-test.ts';

async function check(host: MigrationHostParts, partner?: MigrationHostParts, ...args: string[]) {
  const lines = migrationHosts(host, partner === undefined ? {} : { jill: partner });
  const { code, text } = await replay(plugin, lines, ...(partner === undefined ? [] : ['--partner', 'jill']), ...args); // prettier-ignore
  const [line = ''] = text.split(' | ');
  return { code, line, text };
}

/** As config_to_command in PVE/QemuServer.pm begins it. */
function kvm(...more: string[]): string[] {
  return [
    '/usr/bin/kvm',
    '-id',
    '100',
    '-name',
    'win,debug-threads=on',
    '-no-shutdown',
    '-m',
    '512',
    ...more,
  ];
}

const STORAGES =
  'lvmthin: local-lvm\n\tvgname pve\n\nlvm: san\n\tvgname san\n\tshared 1\n\tnodes kvm1,jill\n\nnetapp: exotic\n\turl x\n';

function host(conf: string, ...more: string[]): MigrationHostParts {
  return { qemu: { 9: kvm(...more) }, proxmox: { 100: `name: win\n${conf}` }, storages: STORAGES };
}

const HEALTHY = 'GUEST_MIGRATION OK - host can be emptied: 1 of 1 guest can move';

describe('a guest of Proxmox', () => {
  it.each<[string, string, string[], string, string]>([
    ['a disk on a storage of this host', 'scsi0: local-lvm:vm-100-disk-0,size=1G', [], 'local disk local-lvm:vm-100-disk-0', 'qm migrate 100 NODE --online --with-local-disks'],
    ['a disk that nothing uses any more', 'unused0: local-lvm:vm-100-disk-9', [], 'local disk local-lvm:vm-100-disk-9', 'qm move-disk 100 unused0 STORAGE'],
    ['a device of this host', 'scsi1: /dev/disk/by-id/x', [], 'local disk /dev/disk/by-id/x', ''],
    ['an ISO', 'ide2: local:iso/a.iso,media=cdrom', [], 'ISO local:iso/a.iso only here', 'qm set 100 --ide2 none,media=cdrom'],
    ['the drive of this host', 'ide2: cdrom,media=cdrom', [], 'the CD drive of this host', 'qm set 100 --ide2 none,media=cdrom'],
    ['a local disk in a snapshot', 'scsi0: san:vm-100-disk-0\n\n[old]\nscsi1: local-lvm:vm-100-disk-1', [], 'local disk local-lvm:vm-100-disk-1', 'qm delsnapshot 100 old'],
    ['a serial port', 'serial0: /dev/ttyS0', [], 'serial0 /dev/ttyS0', ''],
    ['a USB device', '', ['-device', 'usb-host,bus=xhci.0,port=1,vendorid=0x1234,productid=0x5678'], 'USB device of the host passed through', ''],
    ['a PCI device', '', ['-device', 'vfio-pci,host=0000:06:12.1,id=hostpci0'], 'PCI device 0000:06:12.1 passed through', ''],
  ])('with %s is said not to move', async (_, conf, args, text, command) => {
    const { code, line, text: whole } = await check(host(conf, ...args));
    expect(line).toContain(`host cannot be emptied: 0 of 1 guest can move. win: ${text}`);
    expect(code).toBe(1);
    expect(whole).toContain(command);
    expect(whole).not.toContain('virsh');
  }); // prettier-ignore

  it.each<[string, string, string[], MigrationHostParts['files']]>([
    ['a disk on shared LVM, which looks local', 'scsi0: san:vm-100-disk-0', ['-drive', 'file=/dev/san/vm-100-disk-0,if=none,id=d'], { '/dev/san/vm-100-disk-0': { block: 'dm-9' } }],
    ['the drive of cloud-init', 'ide0: local-lvm:vm-100-cloudinit,media=cdrom', [], {}],
    ['an empty drive', 'ide2: none,media=cdrom', [], {}],
    ['a device that all nodes have', 'scsi1: /dev/disk/by-id/x,shared=1', [], {}],
    ['a serial port for its console', 'serial0: socket', [], {}],
    ['a snapshot on shared storage', 'scsi0: san:vm-100-disk-0\n\n[old]\nscsi0: san:vm-100-disk-0', [], {}],
    ['a local disk that is only pending', 'scsi0: san:vm-100-disk-0\n\n[PENDING]\nscsi1: local-lvm:vm-100-disk-1', [], {}],
    ['a device that hands its state on', '', ['-device', 'vfio-pci,host=0000:06:12.1,enable-migration=on'], {}],
  ])('with %s is said to move', async (_, conf, args, files) => {
    const { code, line } = await check({ ...host(conf, ...args), ...(files === undefined ? {} : { files }) });
    expect({ code, line }).toEqual({ code: 0, line: HEALTHY });
  }); // prettier-ignore

  it.each([
    ['a type that is not known', 'exotic', 'the storage exotic is of a type that is not known'],
    ['no known storage', 'gone', 'the storage gone is not in /etc/pve/storage.cfg'],
  ])('with a disk on %s is UNKNOWN', async (_, name, text) => {
    const { code, line } = await check(host(`scsi0: ${name}:vm-100-disk-0`));
    expect(code).toBe(3);
    expect(line).toContain('not all was seen: 0 of 1 guest can move');
    expect(line).toContain(text);
    expect(
      await check(host(`scsi0: ${name}:vm-100-disk-0`), undefined, '--shared', `${name}:*`),
    ).toMatchObject({ code: 0 });
  });

  it.each<[string, string, string[]]>([
    ['a disk', 'scsi0: local-lvm:vm-100-disk-0', ['(scsi0, the storage local-lvm is not shared, pid 9)', 'Move the disk to a storage that all nodes have, or copy it along when the guest moves\n  qm move-disk 100 scsi0 STORAGE\n  qm migrate 100 NODE --online --with-local-disks\n']],
    ['an image', 'ide2: local:iso/a.iso,media=cdrom', ['(ide2, the storage local is not shared, pid 9)', 'Take the image out of the drive\n  qm set 100 --ide2 none,media=cdrom\n']],
    ['a device', 'scsi1: /dev/disk/by-id/x', ['(scsi1, of this host, pid 9)']],
    ['a snapshot', '[old]\nscsi1: local-lvm:vm-100-disk-1', ['(scsi1 of the snapshot old, the storage local-lvm is not shared, pid 9)', 'Proxmox moves no running guest of which a snapshot has a local disk or image: delete the snapshot\n  qm delsnapshot 100 old\n']],
  ])('is told where it has %s that keeps it here, and how that is mended', async (_, conf, texts) => {
    const { text } = await check(host(conf));
    for (const one of texts) expect(text).toContain(one);
  }); // prettier-ignore

  it('whose disk qemu itself reaches over the network is on the storage that has it', async () => {
    const rbd = host('scsi0: san:vm-100-disk-0', '-drive', 'file=rbd:pool/vm-100-disk-0:conf=/etc/pve/ceph.conf,if=none,id=d'); // prettier-ignore
    const { code, line } = await check({ ...rbd, files: { '/dev/x': 'absent' } });
    expect({ code, line }).toEqual({ code: 0, line: HEALTHY });
  });

  it('is alone judged by storages, not a guest beside it that somebody started by hand', async () => {
    const files = { '/srv/l': { device: ROOT_DEVICE } };
    const byHand = ['/usr/bin/kvm', '-name', 'own', '-m', '512', '-drive', 'file=/srv/l,if=none,id=d'];
    const { line } = await check({ ...host('scsi0: san:x'), qemu: { 9: kvm(), 10: byHand }, files });
    expect(line).toContain('1 of 2 guests can move. own: local disk /srv/l');
  });

  it('whose disk is gone is told so, wherever it was', async () => {
    const gone = host('scsi0: san:vm-100-disk-0', '-drive', 'file=/dev/san/vm-100-disk-0,if=none,id=d');
    const { code, line } = await check({ ...gone, files: { '/dev/san/vm-100-disk-0': 'absent' } });
    expect(line).toContain('win: disk /dev/san/vm-100-disk-0 is not there');
    expect(code).toBe(1);
  });

  it.each<[string, Partial<MigrationHostParts>]>([
    ['its configuration', { proxmox: 'denied' }],
    ['the storages', { storages: 'denied' }],
  ])('is judged by what its disks lie on where this user may not read %s', async (_, closed) => {
    const files = { '/var/lib/vz/a': { device: ROOT_DEVICE } };
    const local = host('scsi0: san:x', '-drive', 'file=/var/lib/vz/a,if=none,id=d');
    const { code, line } = await check({ ...local, files, ...closed });
    expect(line).toContain('win: local disk /var/lib/vz/a');
    expect(code).toBe(1);
  });
});

describe('a node that is to take guests of Proxmox', () => {
  const bare = { devices: ['lo', 'vmbr0'] };
  it('must have the bridge, and the storage where not all nodes do', async () => {
    const one = host('net0: virtio=BC:24:11:00:00:01,bridge=vmbr0\nscsi0: san:vm-100-disk-0');
    expect(await check(one, bare)).toMatchObject({ code: 0, line: HEALTHY });
    const bridge = await check(one, { devices: ['lo'] });
    expect(bridge.line).toContain('win: bridge vmbr0 missing on jill');
    const elsewhere = await check({ ...one, storages: STORAGES.replace('kvm1,jill', 'kaya') }, bare);
    expect(elsewhere.line).toContain('win: storage san not on jill');
    expect(elsewhere.text).toContain('(node kvm1, pid 9)');
    expect(elsewhere.code).toBe(1);
    // A storage that is not shared keeps the guest here already.
    const local = {
      ...host('scsi0: local-lvm:vm-100-disk-0'),
      storages: STORAGES.replace('\tvgname pve', '\tvgname pve\n\tnodes kaya'),
    };
    const said = await check(local, bare);
    expect(said.text).toContain('win: local disk local-lvm:vm-100-disk-0');
    expect(said.text).not.toContain('not on jill');
  });

  it('takes one of two guests of the same name where it has room for one', async () => {
    const two = {
      qemu: { 9: kvm(), 10: kvm().map((word) => (word === '100' ? '101' : word)) },
      proxmox: { 100: 'name: win\n', 101: 'name: win\n' },
      storages: STORAGES,
    };
    const { line, text } = await check(two, { ...bare, availableKib: 600 * 1024 }, '-v');
    expect(line).toContain('1 of 2 guests can move. win: 512 MiB of memory, 88 MiB left on jill');
    expect(text).toContain('\njill takes 1 guest with 512 MiB, 88 MiB left: win\n');
  });

  it('need not have its definition, nor minds that another guest is called the same', async () => {
    const same = {
      ...bare,
      proxmox: { 200: 'name: win\nsmbios1: uuid=4507aaf2-e0db-005c-e863-2016f2779ae8\n' },
    };
    const { code, line } = await check(host('smbios1: uuid=4507aaf2-e0db-005c-e863-2016f2779ae9'), same);
    expect({ code, line }).toEqual({ code: 0, line: HEALTHY });
  });
});
