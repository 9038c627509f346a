/** What a guest of Xen is made of: from what libxl keeps, and the same from what stands in xl.cfg. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FormatError } from '../../lib/parsers/text.ts';
import { parseXlCfg } from '../../lib/parsers/xl-cfg.ts';
import { parseXlListLong } from '../../lib/parsers/xl-list.ts';
import { xenHardware, type Json } from '../../lib/parsers/xen-hardware.ts';

/**
 * Printed by `xl -N create` of Xen 4.17.7 (Debian 12) for such a setting behind BEGINNING; the calls of the real xl to
 * the hypervisor were answered by a preloaded library.
 */
const BEGINNING = 'name="a"\nmemory=64\ntype="hvm"\n';
const OF_XL = JSON.parse(
  readFileSync(join(dirname(dirname(fileURLToPath(import.meta.url))), 'fixtures/xl-create.json'), 'utf8'),
) as readonly { readonly setting: string; readonly config: Json }[];

it.each(OF_XL)('xl.cfg with $setting is made of the same as what xl makes of it', ({ setting, config }) => {
  const { name, isNoMigrate, cpuidInvtsc, isTscEmulated, isCpuidSet, hardware } = parseXlCfg(
    `${BEGINNING}${setting}\n`,
  );
  const [kept] = [...parseXlListLong(JSON.stringify([{ domid: 1, config }])).values()];
  expect({ name, isNoMigrate, cpuidInvtsc, isTscEmulated, isCpuidSet, hardware, uuid: null }).toEqual(kept);
});

const DISK = { device: 'disk', format: 'raw', cache: null, isReadOnly: false };

/** Hand-made after xl.cfg(5) and xl-disk-configuration(5), and libxlu_disk_l.l of Xen 4.17. */
describe('what stands in xl.cfg', () => {
  const passed = (what: string) => ({ obstacles: [{ kind: 'passthrough', what }] });
  it.each<[string, object]>([
    ["disk=['phy:/dev/a,xvda,w']\ndisk+=['phy:/dev/b,xvdb,w']", { disks: [{ path: '/dev/a' }, { path: '/dev/b' }] }],
    ["disk=['/srv/raw:/a,raw,xvda','/srv/file:/b,raw,xvdb','/srv/drbd:c,raw,xvdc']", { disks: [{ path: '/srv/raw:/a' }, { path: '/srv/file:/b' }, { path: '/srv/drbd:c' }] }],
    ["disk=['/srv/a=b.img,raw,xvda','/srv/target=a.img,raw,xvdb']", { disks: [{ path: '/srv/a=b.img' }, { path: '/srv/target=a.img' }] }],
    ["disk=['qcow:/srv/a,xvda']", { disks: [{ path: '/srv/a', format: 'qcow' }] }],
    ["disk=['/dev/a,raw,xvda,direct-io-safe,discard,no-discard,colo,trusted,untrusted,w']", { disks: [{ path: '/dev/a', isReadOnly: false }] }],
    ["disk=['/dev/a,raw,xvda,backend=,w']", { disks: [{ path: '/dev/a', isReadOnly: false }] }],
    ["disk=[['/dev/a,raw,xvda']]", { disks: [] }],
    ["pci=['0000:0A:1F.7','x']", { obstacles: [{ what: 'PCI device 0000:0a:1f.7' }, { what: 'PCI device x' }] }],
    ["usbdevice='host:1.2'", { obstacles: [{ kind: 'left-behind', what: 'USB device of the host' }] }],
    ["device_model_args_pv=['-device','nvme']", { obstacles: [{ what: 'device nvme' }] }],
    ["device_model_args_hvm=['-device','nvme']", { obstacles: [{ what: 'device nvme' }] }],
    ["dtdev=['/soc/eth']", passed('device /soc/eth')],
    ["pvcalls=['backend=Domain-0']", { obstacles: [{ kind: 'device', what: 'sockets of the host (pvcalls)' }] }],
    ["irqs=['3']", passed('interrupts of the host')],
    ["iomem=['fec00,1']", passed('I/O memory of the host')],
    ['memory=0', { memoryBytes: null }],
    ["memory='lots'", { memoryBytes: null }],
    ['memory=1', { memoryBytes: 2 ** 20 }],
  ])('%j is hardware', (setting, expected) => {
    expect(parseXlCfg(`${BEGINNING}${setting}\n`).hardware).toMatchObject(expected);
  }); // prettier-ignore

  // These take minutes where they are read by the square of their length.
  it.each(['cpuid', 'vif', 'disk', 'pci'])('is read whatever the length of a text of %s', (key) => {
    expect(parseXlCfg(`${BEGINNING}${key}=['${'x'.repeat(500_000)}']\n`).name).toBe('a');
  });

  it('is refused with a disk that has no path and is no drive', () => {
    expect(() => parseXlCfg(`${BEGINNING}disk=[',raw,xvda,w']\n`)).toThrow(new FormatError('disks', 'a disk without a path'));
  }); // prettier-ignore
});

describe('what libxl keeps', () => {
  it.each<[string, Json, Json]>([
    ['memory at its most', { b_info: { max_memkb: 1024, target_memkb: 512 } }, { memoryBytes: 2 ** 20 }],
    ['no memory that is told', { b_info: {} }, { memoryBytes: null }],
    ['a disk', { disks: [{ pdev_path: '/dev/a', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: '/dev/a', remote: null }] }],
    ['a disk that is only read', { disks: [{ pdev_path: '/dev/a', format: 'raw' }] }, { disks: [{ ...DISK, isReadOnly: true, path: '/dev/a', remote: null }] }],
    ['a disk on Ceph, without its key', { disks: [{ pdev_path: 'rbd:p/i:id=x:key=SECRET', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'rbd:p/i' }] }],
    ['a disk that DRBD’s script makes', { disks: [{ pdev_path: 'r0', script: '/etc/xen/scripts/block-drbd', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'drbd:r0' }] }],
    ['a disk that another script makes', { disks: [{ pdev_path: 'r0', script: 'block-mine', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'script:block-mine:r0' }] }],
    ['a disk that a script makes whose name holds that of DRBD’s', { disks: ['my-block-drbd', '/x/block-drbd-old'].map((script) => ({ pdev_path: 'r0', script, format: 'raw' })) }, { disks: [{ remote: 'script:my-block-drbd:r0' }, { remote: 'script:block-drbd-old:r0' }] }],
    ['a disk without a format', { disks: [{ pdev_path: '/dev/a', readwrite: 1 }] }, { disks: [{ ...DISK, format: null, path: '/dev/a', remote: null }] }],
    ['disks of Domain-0, however it is named', { disks: [{ backend_domname: '' }, { backend_domname: 'Domain-0' }, { backend_domid: 0 }].map((back) => ({ ...back, pdev_path: '/dev/a', format: 'raw' })) }, { disks: [{ path: '/dev/a' }, { path: '/dev/a' }, { path: '/dev/a' }] }],
    ['disks of domains without a name', { disks: [1, 7].map((backend_domid) => ({ backend_domid, pdev_path: '/dev/a', format: 'raw' })) }, { disks: [{ path: null, remote: 'domain:domain 1:/dev/a' }, { path: null, remote: 'domain:domain 7:/dev/a' }] }],
    ['a disk of another domain', { disks: [{ pdev_path: '/dev/a', backend_domname: 'stor', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'domain:stor:/dev/a' }] }],
    ['an ISO', { disks: [{ pdev_path: '/a.iso', format: 'raw', is_cdrom: 1, removable: 1 }] }, { disks: [{ ...DISK, device: 'cdrom', isReadOnly: true, path: '/a.iso', remote: null }] }],
    ['an ISO in a drive that writes', { disks: [{ pdev_path: '/a.iso', format: 'raw', is_cdrom: 1, readwrite: 1 }] }, { disks: [{ device: 'cdrom', isReadOnly: true }] }],
    ['an empty place', { disks: [{ pdev_path: '', format: 'empty' }] }, { disks: [] }],
    ['an empty drive of a format', { disks: [{ format: 'raw', is_cdrom: 1 }] }, { disks: [] }],
    ['an empty drive', { disks: [{ pdev_path: '', format: 'empty', is_cdrom: 1 }] }, { disks: [] }],
    ['a bridge', { nics: [{ devid: 0, bridge: 'xenbr0' }, { devid: 1 }] }, { networks: [{ kind: 'bridge', name: 'xenbr0' }] }],
    ['a network without a bridge', { nics: [{ devid: 0, bridge: '' }] }, { networks: [] }],
    ['a bridge of another domain', { nics: [{ bridge: 'xenbr0', backend_domid: 3 }] }, { networks: [] }],
    ['a PCI device', { pcidevs: [{ func: 1, dev: 18, bus: 6 }] }, { obstacles: [{ kind: 'passthrough', what: 'PCI device 0000:06:12.1' }] }],
    ['a PCI device of another segment', { pcidevs: [{ domain: 1, bus: 255 }] }, { obstacles: [{ kind: 'passthrough', what: 'PCI device 0001:ff:00.0' }] }],
    ['a PCI device by its name', { pcidevs: [{ name: 'foo' }] }, { obstacles: [{ kind: 'passthrough', what: 'PCI device foo' }] }],
    ['USB devices that are not told whole', { usbdevs: [{}, { 'type.hostdev': { hostbus: 1 } }, { 'type.hostdev': { hostaddr: 3 } }] }, { obstacles: [{ what: 'USB device' }, { what: 'USB device' }, { what: 'USB device' }] }],
    ['a USB device', { usbdevs: [{ 'type.hostdev': { hostbus: 1, hostaddr: 3 } }] }, { obstacles: [{ kind: 'passthrough', what: 'USB device 1.3' }] }],
    ['a device of the device tree', { dtdevs: [{ path: '/soc/eth' }] }, { obstacles: [{ kind: 'passthrough', what: 'device /soc/eth' }] }],
    ['I/O ports', { b_info: { ioports: [{ first: 760, number: 8 }] } }, { obstacles: [{ kind: 'passthrough', what: 'I/O ports of the host' }] }],
    ['a folder', { p9s: [{ tag: 'x', path: '/srv/x' }] }, { obstacles: [{ kind: 'folder', what: '9p folder /srv/x' }] }],
    ['a vTPM of a domain without a name', { vtpms: [{ backend_domid: 5 }, {}] }, { obstacles: [{ kind: 'device', what: 'vTPM of domain 5' }, { kind: 'device', what: 'vTPM of domain 0' }] }],
    ['a vTPM', { vtpms: [{ backend_domname: 'tpm' }] }, { obstacles: [{ kind: 'device', what: 'vTPM of tpm' }] }],
    ['a USB device of its device model', { b_info: { 'type.hvm': { usbdevice: 'host:1.2' } } }, { obstacles: [{ kind: 'left-behind', what: 'USB device of the host' }] }],
    ['a USB device among those of its device model', { b_info: { 'type.hvm': { usbdevice_list: ['tablet', 'host:1.2'] } } }, { obstacles: [{ kind: 'left-behind', what: 'USB device of the host' }] }],
    ['a disk and a bridge of its device model', { b_info: { extra_hvm: ['-drive', 'file=/a.img', '-netdev', 'bridge,id=n,br=br4'] } }, { disks: [{ path: '/a.img' }], networks: [{ kind: 'bridge', name: 'br4' }] }],
    ['arguments of another device model', { b_info: { extra_pv: ['-device', 'nvme'] } }, { obstacles: [{ what: 'device nvme' }] }],
    ['no device for a tablet', { b_info: { 'type.hvm': { usbdevice_list: ['tablet'] } } }, { obstacles: [] }],
    ['arguments of its device model', { b_info: { extra: ['-device', 'vfio-pci,host=06:00.0'] } }, { obstacles: [{ kind: 'passthrough', what: 'PCI device 06:00.0' }] }],
    ['nothing where there is null', { disks: null, b_info: null }, { disks: [], memoryBytes: null }],
    ['nothing', {}, { disks: [], networks: [], obstacles: [], memoryBytes: null, hugePages: false, machine: null }],
  ])('has %s', (_, config, expected) => {
    expect(xenHardware(config)).toMatchObject(expected);
  }); // prettier-ignore

  it.each<[string, Json, string, string]>([
    ['disks that are no list', { disks: {} }, 'disks', 'expected a list'],
    ['a disk that is a text', { disks: ['/dev/a'] }, 'disks', 'expected an object'],
    ['a disk that is a list', { disks: [[]] }, 'disks', 'expected an object'],
    ['a disk that is null', { disks: [null] }, 'disks', 'expected an object'],
    ['a disk without a path', { disks: [{ format: 'raw', readwrite: 1 }] }, 'disks', 'a disk without a path'],
    ['a PCI device without numbers', { pcidevs: [{ bus: 'x' }] }, 'pcidevs', 'bus is no number'],
    ['a USB device that is a text', { usbdevs: [{ 'type.hostdev': 'x' }] }, 'usbdevs', 'expected an object'],
    ['arguments that are no texts', { b_info: { extra: [1] } }, 'extra', 'expected texts'],
    ['USB devices that are no texts', { b_info: { 'type.hvm': { usbdevice_list: [1] } } }, 'usbdevice_list', 'expected texts'],
    ['b_info that is a text', { b_info: 'x' }, 'b_info', 'expected an object'],
    ['type.hvm that is a text', { b_info: { 'type.hvm': 'x' } }, 'type.hvm', 'expected an object'],
  ])('is refused, not passed over, with %s', (_, config, place, problem) => {
    expect(() => xenHardware(config)).toThrow(new FormatError(place, problem));
  }); // prettier-ignore

  it('never throws anything but FormatError', () => {
    const names = ['disks', 'nics', 'pcidevs', 'usbdevs', 'p9s', 'vtpms', 'dtdevs', 'b_info'];
    const values = fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(fc.constantFrom('pdev_path', 'script', 'bus', 'bridge', 'path'), fc.jsonValue()))); // prettier-ignore
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values), (config) => {
        try {
          xenHardware(config);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
