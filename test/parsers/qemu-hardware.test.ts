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
    ['of -hda', ['-hda', '/srv/a.img'], [{ ...DISK, path: '/srv/a.img' }]],
    ['of -cdrom', ['-cdrom', '/a.iso'], [{ ...DISK, path: '/a.iso', device: 'cdrom', isReadOnly: true }]],
    ['of -fda', ['-fda', '/a.fd'], [{ ...DISK, path: '/a.fd', device: 'floppy' }]],
    ['of two nodes', ['-blockdev', '{"driver":"file","filename":"/srv/a.qcow2","node-name":"s","cache":{"direct":true}}', '-blockdev', '{"node-name":"f","driver":"qcow2","file":"s"}', '-device', 'virtio-blk-pci,drive=f'], [{ ...DISK, path: '/srv/a.qcow2', format: 'qcow2', cache: 'none' }]],
    ['of a node within a node', ['-blockdev', '{"driver":"raw","node-name":"r","file":{"driver":"host_device","filename":"/dev/vg/a"}}'], [{ ...DISK, path: '/dev/vg/a' }]],
    ['of nodes without JSON', ['-blockdev', 'driver=file,filename=/srv/a,node-name=s,read-only=on'], [{ ...DISK, path: '/srv/a', isReadOnly: true }]],
    ['of Ceph, without its key', ['-drive', 'file=rbd:p/i:id=x:key=SECRET,format=raw'], [{ ...DISK, remote: 'rbd:p/i', format: 'raw' }]],
    ['of a URL, without its password', ['-drive', 'file=https://u:SECRET@h/a.iso'], [{ ...DISK, remote: 'https://h/a.iso' }]],
    ['of a node of Ceph', ['-blockdev', '{"driver":"rbd","pool":"p","image":"i","node-name":"s","key-secret":"k"}'], [{ ...DISK, remote: 'rbd:p/i' }]],
    ['behind its driver', ['-drive', 'file=host_device:/dev/vg/a'], [{ ...DISK, path: '/dev/vg/a' }]],
    ['in JSON behind json:', ['-drive', 'file=json:{"driver":"file",,"filename":"/srv/a"}'], [{ ...DISK, path: '/srv/a' }]],
  ])('%s', (_, args, disks) => {
    expect(of(...args).disks).toEqual(disks);
  }); // prettier-ignore

  it.each([
    ['the flash of the firmware', ['-drive', 'file=/OVMF.fd,if=pflash']],
    ['the flash of libvirt', ['-blockdev', '{"driver":"file","filename":"/OVMF.fd","node-name":"libvirt-pflash0-storage"}']],
    ['an empty drive', ['-drive', 'if=none,id=d,media=cdrom']],
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
    ['a USB device', ['-device', 'usb-host,hostbus=1'], 'left-behind', 'USB device of the host'],
    ['virtiofs', ['-device', 'vhost-user-fs-pci,tag=x'], 'folder', 'virtiofs folder x'],
    ['9p', ['-device', 'virtio-9p-pci,mount_tag=x'], 'folder', '9p folder x'],
    ['9p in short', ['-virtfs', 'local,path=/srv,mount_tag=x'], 'folder', '9p folder /srv'],
    ['shared memory', ['-device', 'ivshmem-doorbell,chardev=c'], 'device', 'shared memory (ivshmem)'],
    ['SCSI of the host', ['-device', 'vhost-scsi-pci,wwpn=naa.1'], 'device', 'device vhost-scsi-pci'],
    ['NVMe', ['-device', 'nvme,serial=1'], 'device', 'device nvme'],
    ['3D', ['-device', '{"driver":"virtio-vga-gl"}'], 'device', 'device virtio-vga-gl'],
    ['SEV', ['-object', 'sev-guest,id=s'], 'device', 'encrypted memory (sev-guest)'],
    ['TDX', ['-object', '{"qom-type":"tdx-guest","id":"s"}'], 'device', 'encrypted memory (tdx-guest)'],
    ['the TPM of the host', ['-tpmdev', 'passthrough,id=t'], 'device', 'TPM of the host'],
    ['vDPA', ['-netdev', 'vhost-vdpa,vhostdev=/dev/x,id=n'], 'device', 'vDPA network device'],
    ['an agent of the console', ['-chardev', 'qemu-vdagent,id=v'], 'device', 'chardev qemu-vdagent'],
    ['a format', ['-drive', 'file=/a.vmdk,format=vmdk'], 'device', 'disk format vmdk'],
    ['hv-passthrough', ['-cpu', 'host,hv-passthrough=on'], 'device', 'CPU flag hv-passthrough'],
  ])('is %s', (_, args, kind, what) => {
    expect(of(...args).obstacles).toEqual([{ kind, what }]);
  }); // prettier-ignore

  it.each<[string, string[]]>([
    ['a disk of virtio', ['-device', 'virtio-blk-pci,drive=d']],
    ['a card of virtio', ['-device', 'virtio-net-pci,netdev=n']],
    ['graphics without 3D', ['-device', 'virtio-vga']],
    ['shared memory of the one that takes it along', ['-device', 'ivshmem-plain,master=on']],
    ['SCSI of the host that is said to migrate', ['-device', 'vhost-scsi-pci,migratable=on']],
    ['a PCI device that hands its state on', ['-device', 'vfio-pci,host=06:12.1,enable-migration=on']],
    ['an emulated TPM', ['-tpmdev', 'emulator,id=t,chardev=c']],
    ['a tablet', ['-device', 'usb-tablet']],
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
