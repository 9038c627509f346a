/** Proxmox's storages, and what of a configuration decides whether its guest moves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseProxmoxConf } from '../../lib/parsers/proxmox-conf.ts';
import { parseProxmoxStorage } from '../../lib/parsers/proxmox-storage.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// Hand-made after the examples of https://pve.proxmox.com/wiki/Storage and PVE/Storage/Plugin.pm.
const STORAGE = `dir: local
	path /var/lib/vz
	content iso,vztmpl,backup

lvmthin: local-lvm
	thinpool data
	vgname pve

lvm: san
	vgname san
	content images
	shared 1
	nodes jill,kaya

nfs: filer
	path /mnt/pve/filer
	server 10.0.0.10
	export /vms

dir: cluster
	path /mnt/gfs2
	shared 1
	disable

netapp: exotic
	url https://x
`;

describe('the storages of Proxmox', () => {
  it('are shared by their type, or because the administrator says so', () => {
    expect(Object.fromEntries(parseProxmoxStorage(STORAGE))).toEqual({
      local: { isShared: false, nodes: null },
      'local-lvm': { isShared: false, nodes: null },
      san: { isShared: true, nodes: ['jill', 'kaya'] },
      filer: { isShared: true, nodes: null },
      cluster: { isShared: true, nodes: null },
      exotic: { isShared: null, nodes: null },
    });
  });

  it('hold the local one, even where nothing is written down', () => {
    expect([...parseProxmoxStorage('')]).toEqual([['local', { isShared: false, nodes: null }]]);
  });

  it.each([
    ...['nfs', 'cifs', 'rbd', 'cephfs', 'glusterfs', 'iscsi', 'iscsidirect', 'pbs'].map((type): [string, boolean] => [`${type}: a`, true]),
    ...['dir', 'lvm', 'lvmthin', 'zfspool', 'btrfs'].map((type): [string, boolean] => [`${type}: a`, false]),
    ...['xnfs', 'nfsx', 'xdir', 'dirx'].map((type): [string, null] => [`${type}: a`, null]),
    ...['1', 'yes', 'on', 'true', 'YES'].map((word): [string, boolean] => [`dir:a\n   shared   ${word}  `, true]),
    ...['0', 'no', '', 'x1', '10', 'yesterday'].map((word): [string, boolean] => [`dir: a\n\tshared ${word}`, false]),
    ['NFS: a', true],
    ['Dir: a', false],
    ['x: a', null],
    ['dir: a\n\tdisable 1\n\tprune-backups\n\tx 1\n\tMyKey 1', false],
    ['#\n\n   \ndir: a\n#\n\tshared 1', true],
  ])('are shared by %j: %j', (text, isShared) => {
    expect(parseProxmoxStorage(text).get('a')).toEqual({ isShared, nodes: null });
  }); // prettier-ignore

  it.each([
    ['jill, ,kaya;', ['jill', 'kaya']],
    ['jill', ['jill']],
    ['', []],
  ])('are on the nodes %j only', (nodes, expected) => {
    expect(parseProxmoxStorage(`lvm: a\n\tnodes ${nodes}\n`).get('a')).toEqual({
      isShared: false,
      nodes: expected,
    });
  });

  it.each(['b c', 'dir', 'dir:', 'dir: b c', '\tnodes;b', '\0\0'])(
    'are refused where a line is none: %j',
    (text) => {
      expect(() => parseProxmoxStorage(`dir: a\n${text}\n`)).toThrow(
        new FormatError('line 2', 'expected a property of a storage'),
      );
    },
  );

  it('are refused with a property before the first', () => {
    expect(() => parseProxmoxStorage('\tpath /x\n')).toThrow('line 1: expected a property');
  });

  it('never throw anything but FormatError', () => {
    const line = fc.constantFrom('dir: a', '\tshared 1', '\tnodes', '', '#', 'x', '\t', 'nfs:b');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(line).map((all) => all.join('\n')),
        ),
        (text) => {
          try {
            parseProxmoxStorage(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
    );
  });
});

describe('what Proxmox looks at before it moves a guest', () => {
  const of = (text: string) => parseProxmoxConf(`memory: 512\n${text}`).hardware;
  const drive = { isCdrom: false, isDeclaredShared: false, snapshot: null };

  it.each([
    ['scsi0: local-lvm:vm-100-disk-0,size=32G', [{ ...drive, key: 'scsi0', volume: 'local-lvm:vm-100-disk-0' }]],
    ['virtio1: size=1G,file=san:vm-100-disk-1', [{ ...drive, key: 'virtio1', volume: 'san:vm-100-disk-1' }]],
    ['ide2: local:iso/a.iso,media=cdrom', [{ ...drive, key: 'ide2', volume: 'local:iso/a.iso', isCdrom: true }]],
    ['ide2: cdrom', [{ ...drive, key: 'ide2', volume: 'cdrom', isCdrom: true }]],
    ['ide2: none', [{ ...drive, key: 'ide2', volume: 'none', isCdrom: true }]],
    ['virtio15: volume=a:1,size=1G', [{ ...drive, key: 'virtio15', volume: 'a:1' }]],
    ['scsi0: size=1G\nscsi1:\nscsi: a:1\nscsi0x: a:1\nxscsi0: a:1', []],
    ['scsi0: a:1\nscsi1: a:2\n\n[old]\nscsi0: a:1', [
      { ...drive, key: 'scsi0', volume: 'a:1' },
      { ...drive, key: 'scsi1', volume: 'a:2' },
    ]],
    ['ide2: none,media=cdrom', [{ ...drive, key: 'ide2', volume: 'none', isCdrom: true }]],
    ['sata0: /dev/sde,shared=1', [{ ...drive, key: 'sata0', volume: '/dev/sde', isDeclaredShared: true }]],
    ['unused0: local-lvm:vm-100-disk-9', [{ ...drive, key: 'unused0', volume: 'local-lvm:vm-100-disk-9' }]],
    ['efidisk0: local-lvm:vm-100-disk-2,efitype=4m', [{ ...drive, key: 'efidisk0', volume: 'local-lvm:vm-100-disk-2' }]],
    ['scsihw: virtio-scsi-pci\nboot: order=scsi0', []],
    ['scsi0: a:1\n\n[PENDING]\nscsi0: b:2\nscsi1: b:3', [{ ...drive, key: 'scsi0', volume: 'a:1' }]],
    ['scsi0: a:1\n\n[old]\nscsi0: a:1\nide2: local:iso/a.iso,media=cdrom', [
      { ...drive, key: 'scsi0', volume: 'a:1' },
      { ...drive, key: 'ide2', volume: 'local:iso/a.iso', isCdrom: true, snapshot: 'old' },
    ]],
    ['scsi0: a:1\n\n[special:cloudinit]\nide2: b:2', [{ ...drive, key: 'scsi0', volume: 'a:1' }]],
  ])('is a drive: %j', (text, drives) => {
    expect(of(text).drives).toEqual(drives);
  }); // prettier-ignore

  it('are bridges and ports of the host', () => {
    const { bridges, ports } = of(
      'net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20\nnet1: e1000=BC:24:11:00:00:02\nserial0: /dev/ttyS0\nserial1: socket\nparallel0: /dev/parport0',
    );
    expect(bridges).toEqual(['vmbr0']);
    expect(ports).toEqual(['serial0 /dev/ttyS0', 'parallel0 /dev/parport0']);
  });

  it('are no bridges and ports by settings with other names', () => {
    const { bridges, ports } = of(
      'net10: e1000,bridge=vmbr1\nnet: e1000,bridge=a\nnet0x: e1000,bridge=a\nxnet0: e1000,bridge=a\ndescription: x,bridge=a\n' +
        'serial10: /dev/ttyS1\nserial: /dev/a\nserial0x: /dev/a\nxserial0: /dev/a\n',
    );
    expect(bridges).toEqual(['vmbr1']);
    expect(ports).toEqual(['serial10 /dev/ttyS1']);
  });
});
