/** Disks, networks and obstacles of a guest from libvirt's definition. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { domainHardware } from '../../lib/parsers/domain-hardware.ts';
import { FormatError } from '../../lib/parsers/text.ts';
import { parseXml } from '../../lib/parsers/xml.ts';

const of = async (devices: string, more = '') =>
  domainHardware(
    await parseXml(`<domain type='kvm'><name>a</name>${more}<devices>${devices}</devices></domain>`),
  );
const DISK = { path: null, remote: null, device: 'disk', format: null, cache: null, isReadOnly: false };

describe('a disk', () => {
  it.each<[string, string, object[]]>([
    ['of a file', "<disk type='file' device='disk'><driver type='qcow2' cache='none'/><source file='/srv/a'/></disk>", [{ ...DISK, path: '/srv/a', format: 'qcow2', cache: 'none' }]],
    ['of a block device', "<disk type='block'><source dev='/dev/vg/a'/><readonly/></disk>", [{ ...DISK, path: '/dev/vg/a', isReadOnly: true }]],
    ['of a CD', "<disk type='file' device='cdrom'><source file='/a.iso'/></disk>", [{ ...DISK, path: '/a.iso', device: 'cdrom', isReadOnly: true }]],
    ['of a floppy', "<disk type='file' device='floppy'><source file='/a.img'/></disk>", [{ ...DISK, path: '/a.img', device: 'floppy' }]],
    ['of a folder', "<disk type='dir'><source dir='/srv/fat'/></disk>", [{ ...DISK, path: '/srv/fat' }]],
    ['of NVMe, which is no image', "<disk type='nvme'><source type='pci' namespace='1'/></disk>", []],
    ['of an empty drive', "<disk type='file' device='cdrom'><target dev='sda'/></disk>", []],
    ['of Ceph', "<disk type='network'><source protocol='rbd' name='p/i'><host name='x'/></source></disk>", [{ ...DISK, remote: 'rbd:p/i' }]],
    ['of a pool', "<disk type='volume'><source pool='p' volume='v'/></disk>", [{ ...DISK, remote: 'pool:p/v' }]],
    ['with all that it builds on', "<disk type='file'><source file='/a'/><backingStore type='file'><source file='/b'/><backingStore type='file'><format type='raw'/><source file='/c'/></backingStore></backingStore></disk>", [{ ...DISK, path: '/a' }, { ...DISK, path: '/b', isReadOnly: true }, { ...DISK, path: '/c', format: 'raw', isReadOnly: true }]],
    ['with what it builds on', "<disk type='file'><source file='/a'/><backingStore type='file'><format type='raw'/><source file='/base'/><backingStore/></backingStore></disk>", [{ ...DISK, path: '/a' }, { ...DISK, path: '/base', format: 'raw', isReadOnly: true }]],
  ])('%s', async (_, xml, disks) => {
    expect((await of(xml)).disks).toEqual(disks);
  }); // prettier-ignore
});

describe('an obstacle', () => {
  const address = "<source><address domain='0x0000' bus='0x06' slot='0x12' function='0x1'/></source>";
  it.each<[string, string, string, string]>([
    ['a PCI device', `<hostdev type='pci'>${address}</hostdev>`, 'passthrough', 'PCI device 0000:06:12.1'],
    ['a PCI device of another domain', `<hostdev type='pci'>${address.replace('0x0000', '0x0001')}</hostdev>`, 'passthrough', 'PCI device 0001:06:12.1'],
    ['a SCSI device', "<hostdev type='scsi'><source><adapter name='scsi_host0'/></source></hostdev>", 'passthrough', 'scsi device'],
    ['a card that stays', `<interface type='hostdev'>${address}<teaming type='persistent'/></interface>`, 'passthrough', 'PCI device 0000:06:12.1'],
    ['a vDPA disk', "<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/></disk>", 'device', 'vDPA disk'],
    ['a mediated device', "<hostdev type='mdev'><source><address uuid='4507'/></source></hostdev>", 'passthrough', 'mdev device 4507'],
    ['a USB device', "<hostdev type='usb'><source/></hostdev>", 'left-behind', 'USB device of the host'],
    ['a network card', `<interface type='hostdev'>${address}</interface>`, 'passthrough', 'PCI device 0000:06:12.1'],
    ['vDPA', "<interface type='vdpa'><source dev='/dev/x'/></interface>", 'device', 'vDPA network device'],
    ['a folder', "<filesystem><source dir='/srv'/><target dir='x'/></filesystem>", 'folder', '9p folder x'],
    ['virtiofs', "<filesystem><driver type='virtiofs'/><target dir='x'/></filesystem>", 'folder', 'virtiofs folder x'],
    ['shared memory', "<shmem name='x'/>", 'device', 'shared memory (ivshmem)'],
    ['the TPM of the host', "<tpm><backend type='passthrough'/></tpm>", 'device', 'TPM of the host'],
    ['NVMe', "<disk type='nvme'><source type='pci'/></disk>", 'passthrough', 'NVMe disk of the host'],
    ['a disk whose changes are lost', "<disk type='file'><source file='/a'/><transient/></disk>", 'device', 'transient disk'],
    ['a format', "<disk type='file'><driver type='vmdk'/><source file='/a'/></disk>", 'device', 'disk format vmdk'],
  ])('is %s', async (_, xml, kind, what) => {
    expect((await of(xml)).obstacles).toEqual([{ kind, what }]);
  }); // prettier-ignore

  it('may be told of what lacks its address or target', async () => {
    const { obstacles } = await of("<hostdev type='pci'/><interface type='hostdev'/><filesystem/>");
    expect(obstacles.map(({ what }) => what)).toEqual(['PCI device ::.', 'PCI device ::.', '9p folder ']);
  });

  it('is encrypted memory', async () => {
    const { obstacles } = await of('', "<launchSecurity type='sev'/>");
    expect(obstacles).toEqual([{ kind: 'device', what: 'encrypted memory (sev)' }]);
  });

  it.each<[string, string]>([
    ['a card that libvirt takes out first', `<interface type='hostdev'>${address}<teaming type='transient' persistent='x'/></interface>`],
    ['a device that libvirt takes out first', `<hostdev type='pci'>${address}<teaming type='transient' persistent='x'/></hostdev>`],
    ['shared memory of the one that takes it along', "<shmem name='x' role='master'/>"],
    ['a card of a bridge', "<interface type='bridge'><source bridge='br0'/></interface>"],
    ['an emulated TPM', "<tpm><backend type='emulator'/></tpm>"],
  ])('is not %s', async (_, xml) => {
    expect((await of(xml)).obstacles).toEqual([]);
  }); // prettier-ignore
});

describe('what a guest needs of its host', () => {
  it('is networks, a machine, memory and huge pages', async () => {
    const { networks, machine, memoryBytes, hugePages } = await of(
      "<interface type='bridge'><source bridge='br0'/></interface><interface type='network'><source network='default'/></interface><interface type='direct'><source dev='eth0'/></interface><interface type='user'/><interface type='bridge'/>",
      "<memory unit='GiB'>2</memory><memoryBacking><hugepages/></memoryBacking><os><type machine='pc-q35-7.2'>hvm</type></os>",
    );
    expect(networks).toEqual([
      { kind: 'bridge', name: 'br0' },
      { kind: 'network', name: 'default' },
      { kind: 'device', name: 'eth0' },
    ]);
    expect({ machine, memoryBytes, hugePages }).toEqual({
      machine: 'pc-q35-7.2',
      memoryBytes: 2 ** 31,
      hugePages: true,
    });
  });

  it('is no huge pages where the memory is locked only', async () => {
    const { hugePages } = await of('', '<memoryBacking><locked/></memoryBacking>');
    expect(hugePages).toBe(false);
  });

  // Units of https://libvirt.org/formatdomain.html#memory-allocation.
  it.each([
    ...[
      ['b 7', 'bytes 7', 7],
      ['KB 3', 3_000],
      ['k 3', 'KiB 3', 3_072],
      ['MB 3', 3_000_000],
      ['M 3', 'MiB 3', 3_145_728],
      ['GB 3', 3_000_000_000],
      ['G 3', 'GiB 3', 3_221_225_472],
      ['TB 3', 3_000_000_000_000],
      ['T 3', 'TiB 3', 3_298_534_883_328],
    ].flatMap((row) => row.slice(0, -1).map((said): [string, number] => [`<memory unit='${String(said).replace(' ', "'>")}</memory>`, Number(row.at(-1))])),
    ['<memory>1024</memory>', 2 ** 20],
    ['<memory>-1</memory>', null],
    ['<memory>1 GiB</memory>', null],
    ["<memory unit='x'>1</memory>", null],
    ['<memory>much</memory>', null],
    ['', null],
  ])('is memory: %s', async (xml, bytes) => {
    expect((await of('', xml)).memoryBytes).toBe(bytes);
  }); // prettier-ignore

  it('is found in any definition without another error than that of its format', async () => {
    const name = fc.constantFrom('disk', 'source', 'hostdev', 'interface', 'address', 'backingStore', 'tpm', 'memory'); // prettier-ignore
    const attribute = fc.tuple(fc.constantFrom('type', 'device', 'file', 'unit', 'bus'), fc.stringMatching(/^[a-z0-9]*$/)); // prettier-ignore
    const element: fc.Arbitrary<string> = fc.letrec<{ one: string }>((tie) => ({
      one: fc
        .tuple(name, fc.uniqueArray(attribute, { selector: ([key]) => key, maxLength: 3 }), fc.oneof({ depthSize: 'small' }, fc.constant(''), fc.array(tie('one'), { maxLength: 3 }).map((all) => all.join('')))) // prettier-ignore
        .map(([tag, all, inner]) => `<${tag}${all.map(([key, value]) => ` ${key}='${value}'`).join('')}>${inner}</${tag}>`), // prettier-ignore
    })).one;
    await fc.assert(
      fc.asyncProperty(fc.array(element, { maxLength: 4 }), async (all) => {
        try {
          await of(all.join(''), all[0] ?? '');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
