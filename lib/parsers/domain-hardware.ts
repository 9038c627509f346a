/**
 * The disks, networks and devices of a guest from libvirt's definition (https://libvirt.org/formatdomain.html#devices).
 *
 *     <memory unit='KiB'>4194304</memory>
 *     <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>
 *     <disk type='file' device='disk'>
 *       <driver name='qemu' type='qcow2' cache='none'/><source file='/srv/a.qcow2' index='1'/>
 *       <backingStore type='file' index='2'><format type='raw'/><source file='/srv/base.img'/><backingStore/></backingStore>
 *       <target dev='vda' bus='virtio'/>
 *     </disk>
 *     <interface type='bridge'><source bridge='br0'/></interface>
 *     <hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x06' slot='0x12' function='0x1'/></source></hostdev>
 *
 * - An empty drive has no <source>. The backing images of a running guest are elements within each other.
 * - <teaming type='transient'> is a passed device that libvirt takes out before it migrates.
 * - `volume` names a pool of libvirt's: its path is in a definition not, and in the record of a running guest `file` is.
 */
import type { GuestDisk, GuestHardware, GuestNetwork, Obstacle } from './guest-hardware.ts';
import { isStuckFormat } from './guest-hardware.ts';
import type { XmlElement } from './xml.ts';

/** Total: elements that make no sense are no hardware. */
export function domainHardware(domain: XmlElement): GuestHardware {
  const devices = domain.children('devices');
  const all = (name: string): readonly XmlElement[] => devices.flatMap((one) => one.children(name));
  const disks = all('disk').flatMap((disk) => diskOf(disk));
  return {
    disks,
    obstacles: [
      ...all('hostdev').flatMap(hostdevOf),
      ...all('interface').flatMap(passedInterface),
      ...all('filesystem').map(folderOf),
      ...all('shmem')
        .filter((one) => one.attribute('role') !== 'master')
        .map((): Obstacle => ({ kind: 'device', what: 'shared memory (ivshmem)' })),
      ...all('tpm')
        .filter((one) => one.children('backend')[0]?.attribute('type') === 'passthrough')
        .map((): Obstacle => ({ kind: 'device', what: 'TPM of the host' })),
      ...domain
        .children('launchSecurity')
        .map((one): Obstacle => ({ kind: 'device', what: `encrypted memory (${one.attribute('type')})` })),
      ...disks
        .filter(({ format }) => isStuckFormat(format))
        .map(({ format }): Obstacle => ({ kind: 'device', what: `disk format ${format ?? ''}` })),
      ...all('disk').flatMap(oddDisk),
    ],
    networks: all('interface').flatMap(networkOf),
    memoryBytes: memoryOf(domain.children('memory')[0]),
    hugePages: domain.children('memoryBacking').some((one) => one.children('hugepages').length > 0),
    machine: orNull(domain.children('os')[0]?.children('type')[0]?.attribute('machine') ?? ''),
  };
}

function diskOf(disk: XmlElement): GuestDisk[] {
  const driver = disk.children('driver')[0];
  const said = disk.attribute('device');
  const device = said === 'cdrom' || said === 'floppy' ? said : 'disk';
  const isReadOnly = device === 'cdrom' || disk.children('readonly').length > 0;
  const own = sourceOf(disk, {
    device,
    format: orNull(driver?.attribute('type') ?? ''),
    cache: orNull(driver?.attribute('cache') ?? ''),
    isReadOnly,
  });
  return [...own, ...backingOf(disk, device)];
}

function backingOf(element: XmlElement, device: GuestDisk['device']): GuestDisk[] {
  return element.children('backingStore').flatMap((store) => [
    ...sourceOf(store, {
      device,
      format: orNull(store.children('format')[0]?.attribute('type') ?? ''),
      cache: null,
      isReadOnly: true,
    }),
    ...backingOf(store, device),
  ]);
}

function sourceOf(element: XmlElement, kind: Omit<GuestDisk, 'path' | 'remote'>): GuestDisk[] {
  const source = element.children('source')[0];
  if (source === undefined) return [];
  const path = ['file', 'dev', 'dir'].map((key) => source.attribute(key)).find((one) => one !== '');
  if (path !== undefined) return [{ ...kind, path, remote: null }];
  const protocol = source.attribute('protocol');
  if (protocol !== '') return [{ ...kind, path: null, remote: `${protocol}:${source.attribute('name')}` }];
  const volume = source.attribute('volume');
  return volume === '' ? [] : [{ ...kind, path: null, remote: `pool:${source.attribute('pool')}/${volume}` }];
}

/** Disks that are no images: a controller of NVMe passed through, a vDPA device, one whose changes are thrown away. */
function oddDisk(disk: XmlElement): Obstacle[] {
  const type = disk.attribute('type');
  if (type === 'nvme') return [{ kind: 'passthrough', what: 'NVMe disk of the host' }];
  if (type === 'vhostvdpa') return [{ kind: 'device', what: 'vDPA disk' }];
  return disk.children('transient').length > 0 ? [{ kind: 'device', what: 'transient disk' }] : [];
}

function hostdevOf(hostdev: XmlElement): Obstacle[] {
  if (isTransient(hostdev)) return [];
  const type = hostdev.attribute('type');
  if (type === 'usb') return [{ kind: 'left-behind', what: 'USB device of the host' }];
  const address = hostdev.children('source')[0]?.children('address')[0];
  const what =
    type === 'pci'
      ? `PCI device ${pciAddress(address)}`
      : `${type} device ${address?.attribute('uuid') ?? ''}`;
  return [{ kind: 'passthrough', what: what.trim() }];
}

/** libvirt writes all of its digits (virPCIDeviceAddressFormat in src/conf/device_conf.c). */
function pciAddress(address: XmlElement | undefined): string {
  const part = (key: string): string => (address?.attribute(key) ?? '').replace('0x', '');
  return `${part('domain')}:${part('bus')}:${part('slot')}.${part('function')}`;
}

function passedInterface(one: XmlElement): Obstacle[] {
  const type = one.attribute('type');
  if (type === 'vdpa') return [{ kind: 'device', what: 'vDPA network device' }];
  if (type !== 'hostdev' || isTransient(one)) return [];
  const address = one.children('source')[0]?.children('address')[0];
  return [{ kind: 'passthrough', what: `PCI device ${pciAddress(address)}` }];
}

function isTransient(element: XmlElement): boolean {
  return element.children('teaming').some((one) => one.attribute('type') === 'transient');
}

function folderOf(one: XmlElement): Obstacle {
  const driver = one.children('driver')[0]?.attribute('type') === 'virtiofs' ? 'virtiofs' : '9p';
  const target = one.children('target')[0]?.attribute('dir') ?? '';
  return { kind: 'folder', what: `${driver} folder ${target}` };
}

function networkOf(one: XmlElement): GuestNetwork[] {
  const source = one.children('source')[0];
  const by = (kind: GuestNetwork['kind'], name = ''): GuestNetwork[] => (name === '' ? [] : [{ kind, name }]);
  switch (one.attribute('type')) {
    case 'bridge':
      return by('bridge', source?.attribute('bridge'));
    case 'network':
      return by('network', source?.attribute('network'));
    case 'direct':
      return by('device', source?.attribute('dev'));
    default:
      return [];
  }
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1, bytes: 1, '': 2 ** 10, k: 2 ** 10, kib: 2 ** 10, kb: 1e3, m: 2 ** 20, mib: 2 ** 20, mb: 1e6,
  g: 2 ** 30, gib: 2 ** 30, gb: 1e9, t: 2 ** 40, tib: 2 ** 40, tb: 1e12,
}; // prettier-ignore

/** Without a unit it is KiB. */
function memoryOf(memory: XmlElement | undefined): number | null {
  const unit = UNITS[memory?.attribute('unit').toLowerCase() ?? ''];
  const text = memory?.text.trim() ?? '';
  return unit === undefined || !/^[0-9]{1,15}$/.test(text) ? null : Number(text) * unit;
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
