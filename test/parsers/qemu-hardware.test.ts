/** Disks, networks and obstacles of a guest from qemu's command line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseQemuArgv } from '../../lib/parsers/qemu-argv.ts';
import { optsOf, qemuHardware } from '../../lib/parsers/qemu-hardware.ts';

const of = (...args: string[]) => qemuHardware(parseQemuArgv(['qemu-system-x86_64', ...args]));
const DISK = { path: null, remote: null, device: 'disk', format: null, cache: null, isReadOnly: false };

describe('a disk', () => {
  it.each<[string, string[], object[]]>([
    ['of -drive', ['-drive', 'file=/srv/a,,b.img,format=raw,cache=none,if=virtio'], [{ ...DISK, path: '/srv/a,b.img', format: 'raw', cache: 'none' }]],
    ['of -drive for an IDE drive', ['-drive', 'file=/a.iso,if=none,id=d', '-device', 'ide-cd,drive=d'], [{ ...DISK, path: '/a.iso', device: 'cdrom', isReadOnly: true }]],
    ['of -drive beside an IDE drive', ['-drive', 'file=/a.img,if=none,id=d', '-device', 'ide-cd,drive=c', '-device', 'ide-hd,drive=d'], [{ ...DISK, path: '/a.img' }]],
    ['of -drive beside an empty drive', ['-drive', 'file=/a.img,if=virtio', '-device', 'scsi-cd'], [{ ...DISK, path: '/a.img' }]],
    ['of -drive for an ISO', ['-drive', 'file=/a.iso,media=cdrom'], [{ ...DISK, path: '/a.iso', device: 'cdrom', isReadOnly: true }]],
    ['of -drive for a floppy', ['-drive', 'file=/a.fd,if=floppy'], [{ ...DISK, path: '/a.fd', device: 'floppy' }]],
    ['of -drive for a drive of the floppy controller', ['-drive', 'file=/a.fd,if=none,id=d', '-device', 'floppy,drive=d'], [{ ...DISK, path: '/a.fd', device: 'floppy' }]],
    ...['readonly=on', 'read-only=on', 'read-only=true', 'read-only=yes', 'readonly=y'].map((word): [string, string[], object[]] => [`that ${word} protects`, ['-drive', `file=/a.img,${word}`], [{ ...DISK, path: '/a.img', isReadOnly: true }]]),
    ['of -drive in the form of nodes', ['-drive', 'file.driver=host_device,file.filename=/dev/vg/a,if=none'], [{ ...DISK, path: '/dev/vg/a' }]],
    ['with a colon in its path', ['-drive', 'file=/srv/web:1.img'], [{ ...DISK, path: '/srv/web:1.img' }]],
    ['with json: in its path', ['-drive', 'file=/srv/json:{1}.img'], [{ ...DISK, path: '/srv/json:{1}.img' }]],
    ['of a file: URL', ['-drive', 'file=file:///srv/a.img'], [{ ...DISK, path: '/srv/a.img' }]],
    ['of a path with slashes in a row behind file:', ['-drive', 'file=file:/srv///a.img'], [{ ...DISK, path: '/srv///a.img' }]],
    ['of Gluster over TCP', ['-drive', 'file=gluster+tcp://h/gv0/a.img'], [{ ...DISK, remote: 'gluster+tcp://h/gv0/a.img' }]],
    ['of a URL with an at sign behind the host', ['-drive', 'file=https://h/a//b@c.iso'], [{ ...DISK, remote: 'https://h/a//b@c.iso' }]],
    ['of a URL with an empty user', ['-drive', 'file=https://@h/a.iso'], [{ ...DISK, remote: 'https://h/a.iso' }]],
    ['of -hda', ['-hda', '/srv/a.img'], [{ ...DISK, path: '/srv/a.img' }]],
    ['of -cdrom', ['-cdrom', '/a.iso'], [{ ...DISK, path: '/a.iso', device: 'cdrom', isReadOnly: true }]],
    ['of -fda', ['-fda', '/a.fd'], [{ ...DISK, path: '/a.fd', device: 'floppy' }]],
    ['of two nodes', ['-blockdev', '{"driver":"file","filename":"/srv/a.qcow2","node-name":"s","cache":{"direct":true}}', '-blockdev', '{"node-name":"f","driver":"qcow2","file":"s"}', '-device', 'virtio-blk-pci,drive=f'], [{ ...DISK, path: '/srv/a.qcow2', format: 'qcow2', cache: 'none' }]],
    // libvirt writes the backing of the last image of a chain, and from 10.1 on no node for the format raw.
    ['of two nodes that end a chain', ['-blockdev', '{"driver":"file","filename":"/a.qcow2","node-name":"s"}', '-blockdev', '{"node-name":"f","driver":"qcow2","file":"s","backing":null}'], [{ ...DISK, path: '/a.qcow2', format: 'qcow2' }]],
    ['of one node that an IDE drive reads, behind a device without a disk', ['-blockdev', '{"driver":"file","filename":"/a.iso","node-name":"s"}', '-device', 'pcie-root-port,id=p', '-device', 'ide-hd,drive=x', '-device', 'ide-cd,drive=s'], [{ ...DISK, path: '/a.iso', device: 'cdrom', isReadOnly: true }]],
    ['of two nodes that a SCSI drive reads', ['-blockdev', '{"driver":"file","filename":"/a.iso","node-name":"s"}', '-blockdev', '{"node-name":"f","driver":"raw","file":"s"}', '-device', 'scsi-cd,drive=f'], [{ ...DISK, path: '/a.iso', format: 'raw', device: 'cdrom', isReadOnly: true }]],
    ['of a node within a node', ['-blockdev', '{"driver":"raw","node-name":"r","file":{"driver":"host_device","filename":"/dev/vg/a"}}'], [{ ...DISK, path: '/dev/vg/a' }]],
    ['of nodes without JSON', ['-blockdev', 'driver=file,filename=/srv/a,node-name=s,read-only=on'], [{ ...DISK, path: '/srv/a', isReadOnly: true }]],
    ['of the drive of the host, its driver first', ['-blockdev', 'host_cdrom,filename=/dev/sr0,node-name=s'], [{ ...DISK, path: '/dev/sr0' }]],
    ['of Ceph, without its key', ['-drive', 'file=rbd:p/i:id=x:key=SECRET,format=raw'], [{ ...DISK, remote: 'rbd:p/i', format: 'raw' }]],
    ['of a URL, without its password', ['-drive', 'file=https://u:SECRET@h/a.iso'], [{ ...DISK, remote: 'https://h/a.iso' }]],
    ['of a node of Ceph', ['-blockdev', '{"driver":"rbd","pool":"p","image":"i","node-name":"s","key-secret":"k"}'], [{ ...DISK, remote: 'rbd:p/i' }]],
    ['of a node of iSCSI', ['-blockdev', '{"driver":"iscsi","portal":"h:3260","target":"iqn.2026-01.a:b","lun":1,"transport":"tcp","node-name":"s"}'], [{ ...DISK, remote: 'iscsi:iqn.2026-01.a:b' }]],
    ['of a node of NFS', ['-blockdev', '{"driver":"nfs","server":{"host":"h","type":"inet"},"path":"/srv/a","node-name":"s"}'], [{ ...DISK, remote: 'nfs:/srv/a' }]],
    ['of a node of NBD', ['-blockdev', '{"driver":"nbd","server":{"type":"inet","host":"h","port":"10809"},"export":"e","node-name":"s"}'], [{ ...DISK, remote: 'nbd:e' }]],
    ['behind its driver', ['-drive', 'file=host_device:/dev/vg/a'], [{ ...DISK, path: '/dev/vg/a' }]],
    ['in JSON behind json:', ['-drive', 'file=json:{"driver":"file",,"filename":"/srv/a"}'], [{ ...DISK, path: '/srv/a' }]],
  ])('%s', (_, args, disks) => {
    expect(of(...args).disks).toEqual(disks);
  }); // prettier-ignore

  it.each([
    ['the flash of the firmware', ['-drive', 'file=/OVMF.fd,if=pflash']],
    ['the flash of libvirt', ['-blockdev', '{"driver":"file","filename":"/OVMF.fd","node-name":"libvirt-pflash0-storage"}']],
    ['an empty drive', ['-drive', 'if=none,id=d,media=cdrom']],
    ['the geometry of one', ['-hdachs', '10,20,30']],
    ['what is no JSON', ['-blockdev', '{"driver":"file"']],
  ])('is none: %s', (_, args) => {
    expect(of(...args).disks).toEqual([]);
  }); // prettier-ignore
});

describe('an obstacle', () => {
  it.each<[string, string[], string, string]>([
    ['a PCI device', ['-device', 'vfio-pci,host=06:12.1'], 'passthrough', 'PCI device 06:12.1'],
    ['a mediated device', ['-device', 'vfio-pci,sysfsdev=/sys/bus/mdev/devices/4507aaf2'], 'passthrough', 'PCI device 4507aaf2'],
    ['a crypto device of s390', ['-device', 'vfio-ap,sysfsdev=/sys/x/y'], 'passthrough', 'vfio-ap device y'],
    ['a PCI device handed over as an open file', ['-device', 'vfio-pci,fd=22,id=h'], 'passthrough', 'PCI device'],
    ['a PCI device of RHEL 6', ['-device', 'pci-assign,host=06:12.1'], 'passthrough', 'PCI device 06:12.1'],
    ['a USB device', ['-device', 'usb-host,hostbus=1'], 'left-behind', 'USB device of the host'],
    ['virtiofs', ['-device', 'vhost-user-fs-pci,tag=x'], 'folder', 'virtiofs folder x'],
    ['virtiofs without a tag', ['-device', 'vhost-user-fs-pci,chardev=c'], 'folder', 'virtiofs folder'],
    ['9p', ['-device', 'virtio-9p-pci,mount_tag=x'], 'folder', '9p folder x'],
    ['9p in short', ['-virtfs', 'local,path=/srv,mount_tag=x'], 'folder', '9p folder /srv'],
    ['9p behind a proxy', ['-virtfs', 'proxy,sock_fd=3,mount_tag=x'], 'folder', '9p folder'],
    ['shared memory', ['-device', 'ivshmem-doorbell,chardev=c'], 'device', 'shared memory (ivshmem)'],
    ['SCSI of the host', ['-device', 'vhost-scsi-pci,wwpn=naa.1'], 'device', 'device vhost-scsi-pci'],
    ['NVMe', ['-device', 'nvme,serial=1'], 'device', 'device nvme'],
    ['a vsock of the older virtio', ['-device', 'vhost-user-vsock-pci-non-transitional,chardev=c'], 'device', 'device vhost-user-vsock-pci-non-transitional'],
    ['an input device of the host with the older virtio', ['-device', 'virtio-input-host-pci-transitional,evdev=/dev/input/event1'], 'device', 'device virtio-input-host-pci-transitional'],
    ['3D', ['-device', '{"driver":"virtio-vga-gl"}'], 'device', 'device virtio-vga-gl'],
    ['SEV', ['-object', 'sev-guest,id=s'], 'device', 'encrypted memory (sev-guest)'],
    ['SEV-SNP', ['-object', 'sev-snp-guest,id=s'], 'device', 'encrypted memory (sev-snp-guest)'],
    ['protected virtualization of s390', ['-object', 's390-pv-guest,id=s'], 'device', 'encrypted memory (s390-pv-guest)'],
    ['TDX', ['-object', '{"qom-type":"tdx-guest","id":"s"}'], 'device', 'encrypted memory (tdx-guest)'],
    ['the TPM of the host', ['-tpmdev', 'passthrough,id=t'], 'device', 'TPM of the host'],
    ['vDPA', ['-netdev', 'vhost-vdpa,vhostdev=/dev/x,id=n'], 'device', 'vDPA network device'],
    ['an agent of the console', ['-chardev', 'qemu-vdagent,id=v'], 'device', 'chardev qemu-vdagent'],
    ['a format', ['-drive', 'file=/a.vmdk,format=vmdk'], 'device', 'disk format vmdk'],
    ['a format of a node', ['-blockdev', '{"driver":"vmdk","node-name":"f","file":"s"}'], 'device', 'disk format vmdk'],
    ...['hv-passthrough', 'hv-passthrough=yes', 'hv_passthrough=true'].map((flag): [string, string[], string, string] => [flag, ['-cpu', `host,${flag}`], 'device', 'CPU flag hv-passthrough']),
    ['hv-passthrough', ['-cpu', 'host,hv-passthrough=on'], 'device', 'CPU flag hv-passthrough'],
  ])('is %s', (_, args, kind, what) => {
    expect(of(...args).obstacles).toEqual([{ kind, what }]);
  }); // prettier-ignore

  it.each<[string, string[]]>([
    ['a disk of virtio', ['-device', 'virtio-blk-pci,drive=d']],
    ['a card of virtio', ['-device', 'virtio-net-pci,netdev=n']],
    ['graphics without 3D', ['-device', 'virtio-vga']],
    ['shared memory of the one that takes it along', ['-device', 'ivshmem-plain,master=on']],
    ...['on', 'true', 'yes', 'y'].map((on): [string, string[]] => [`SCSI of the host that is said to migrate: ${on}`, ['-device', `vhost-scsi-pci,migratable=${on}`]]),
    ['a namespace of NVMe', ['-device', 'nvme-ns,drive=d']],
    ['the bridge beside the graphics of Intel', ['-device', 'vfio-pci-igd-lpc-bridge']],
    ['an encrypted disk', ['-object', 'secret,id=sev-guest,file=/s']],
    ['a PCI device that hands its state on', ['-device', 'vfio-pci,host=06:12.1,enable-migration=on']],
    ['an emulated TPM', ['-tpmdev', 'emulator,id=t,chardev=c']],
    ['a tablet', ['-device', 'usb-tablet']],
    ['what has no driver', ['-device', '{"id":"x"}']],
    ['hv-passthrough switched off', ['-cpu', 'host,hv-passthrough=off']],
    ['qcow2', ['-drive', 'file=/a,format=qcow2']],
  ])('is not %s', (_, args) => {
    expect(of(...args).obstacles).toEqual([]);
  }); // prettier-ignore
});

describe('what a guest needs of its host', () => {
  it.each<[string[], number | null]>([
    [['-m', '1024'], 2 ** 30],
    [['-m', '1.5G'], 1.5 * 2 ** 30],
    [['-m', '0.125g'], 2 ** 27],
    [['-m', '128.'], 2 ** 27],
    [['-m', '512M'], 2 ** 29],
    [['-m', '1T'], 2 ** 40],
    [['-m', '1048576b'], 2 ** 20],
    [['-m', 'x1'], null],
    [['-m', '1x'], null],
    [['-m', 'size=2048k,slots=4,maxmem=8G'], 2 ** 21],
    [['-m', '1', '-m', '4G'], 2 ** 32],
    [['-m', 'lots'], null],
    [[], null],
  ])('is memory: %j', (args, bytes) => {
    expect(of(...args).memoryBytes).toBe(bytes);
  });

  it('is huge pages, a bridge and a machine', () => {
    const { hugePages, networks, machine } = of(
      '-object', 'memory-backend-file,id=m,mem-path=/dev/hugepages/libvirt/qemu/1,size=1G', '-netdev', 'bridge,id=n', '-net', 'bridge,br=br7', '-M', 'pc-q35-7.2',
    ); // prettier-ignore
    expect({ hugePages, networks, machine }).toEqual({
      hugePages: true,
      networks: [
        { kind: 'bridge', name: 'br0' },
        { kind: 'bridge', name: 'br7' },
      ],
      machine: 'pc-q35-7.2',
    });
    expect(of('-mem-path', '/srv/pages').hugePages).toBe(false);
    expect(of('-mem-path', '/hugepages').hugePages).toBe(true);
    expect(of('-mem-path', '=/'.repeat(200_000)).hugePages).toBe(false);
  });

  it.each<[string[], string[]]>([
    [['-nic', 'bridge,br=br3'], ['br3']],
    [
      ['-nic', 'bridge', '-net', 'bridge'],
      ['br0', 'br0'],
    ],
    [['-netdev', 'tap,id=n,br=br4,helper=/x'], ['br4']],
    [['-netdev', 'user,id=n', '-net', 'nic', '-nic', 'none'], []],
  ])('is a bridge: %j', (args, names) => {
    expect(of(...args).networks).toEqual(names.map((name) => ({ kind: 'bridge', name })));
  });

  it('is found in any command line without an error', () => {
    const word = fc.oneof(
      fc.constantFrom('-drive', '-blockdev', '-device', '-object', '-m', '-netdev', '-cpu', '-virtfs', 'file=json:{', '{"driver":"file"}', '{"file":{"a":[1,null]}}'), // prettier-ignore
      fc.string({ unit: 'binary' }),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (args) => {
        expect(() => of(...args)).not.toThrow();
      }),
    );
  });

  it('has one form for numbers and booleans too', () => {
    expect([
      ...optsOf('{"driver":"iscsi","lun":1,"read-only":false,"cache":{"direct":true}}', 'driver'),
    ]).toEqual([...optsOf('iscsi,lun=1,read-only=off,cache.direct=on', 'driver')]);
  });

  it('has one form: JSON says the same as commas', () => {
    const value = fc.stringMatching(/^[a-z0-9/.:-]{1,12}$/).filter((text) => !['on', 'off', 'true', 'false'].includes(text)); // prettier-ignore
    const options = fc.dictionary(fc.constantFrom('filename', 'node-name', 'pool', 'image'), value);
    fc.assert(
      fc.property(options, (all) => {
        const flat = ['driver=file', ...Object.entries(all).map(([key, text]) => `${key}=${text}`)].join(',');
        expect(new Map(optsOf(flat, 'driver'))).toEqual(new Map(optsOf(JSON.stringify({ driver: 'file', ...all }), 'driver'))); // prettier-ignore
      }),
    );
  });
});
