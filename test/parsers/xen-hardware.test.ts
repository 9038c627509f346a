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

describe('what libxl keeps', () => {
  it.each<[string, Json, Json]>([
    ['memory at its most', { b_info: { max_memkb: 1024, target_memkb: 512 } }, { memoryBytes: 2 ** 20 }],
    ['no memory that is told', { b_info: {} }, { memoryBytes: null }],
    ['a disk', { disks: [{ pdev_path: '/dev/a', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: '/dev/a', remote: null }] }],
    ['a disk that is only read', { disks: [{ pdev_path: '/dev/a', format: 'raw' }] }, { disks: [{ ...DISK, isReadOnly: true, path: '/dev/a', remote: null }] }],
    ['a disk on Ceph, without its key', { disks: [{ pdev_path: 'rbd:p/i:id=x:key=SECRET', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'rbd:p/i' }] }],
    ['a disk that DRBD’s script makes', { disks: [{ pdev_path: 'r0', script: '/etc/xen/scripts/block-drbd', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'drbd:r0' }] }],
    ['a disk that another script makes', { disks: [{ pdev_path: 'r0', script: 'block-mine', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'script:block-mine:r0' }] }],
    ['a disk of another domain', { disks: [{ pdev_path: '/dev/a', backend_domname: 'stor', format: 'raw', readwrite: 1 }] }, { disks: [{ ...DISK, path: null, remote: 'domain:stor:/dev/a' }] }],
    ['an ISO', { disks: [{ pdev_path: '/a.iso', format: 'raw', is_cdrom: 1, removable: 1 }] }, { disks: [{ ...DISK, device: 'cdrom', isReadOnly: true, path: '/a.iso', remote: null }] }],
    ['an empty drive', { disks: [{ pdev_path: '', format: 'empty', is_cdrom: 1 }] }, { disks: [] }],
    ['a bridge', { nics: [{ devid: 0, bridge: 'xenbr0' }, { devid: 1 }] }, { networks: [{ kind: 'bridge', name: 'xenbr0' }] }],
    ['a bridge of another domain', { nics: [{ bridge: 'xenbr0', backend_domid: 3 }] }, { networks: [] }],
    ['a PCI device', { pcidevs: [{ func: 1, dev: 18, bus: 6 }] }, { obstacles: [{ kind: 'passthrough', what: 'PCI device 0000:06:12.1' }] }],
    ['a USB device', { usbdevs: [{ 'type.hostdev': { hostbus: 1, hostaddr: 3 } }] }, { obstacles: [{ kind: 'passthrough', what: 'USB device 1.3' }] }],
    ['a device of the device tree', { dtdevs: [{ path: '/soc/eth' }] }, { obstacles: [{ kind: 'passthrough', what: 'device /soc/eth' }] }],
    ['I/O ports', { b_info: { ioports: [{ first: 760, number: 8 }] } }, { obstacles: [{ kind: 'passthrough', what: 'I/O ports of the host' }] }],
    ['a folder', { p9s: [{ tag: 'x', path: '/srv/x' }] }, { obstacles: [{ kind: 'folder', what: '9p folder /srv/x' }] }],
    ['a vTPM', { vtpms: [{ backend_domname: 'tpm' }] }, { obstacles: [{ kind: 'device', what: 'vTPM of tpm' }] }],
    ['a USB device of its device model', { b_info: { 'type.hvm': { usbdevice: 'host:1.2' } } }, { obstacles: [{ kind: 'left-behind', what: 'USB device of the host' }] }],
    ['no device for a tablet', { b_info: { 'type.hvm': { usbdevice_list: ['tablet'] } } }, { obstacles: [] }],
    ['arguments of its device model', { b_info: { extra: ['-device', 'vfio-pci,host=06:00.0'] } }, { obstacles: [{ kind: 'passthrough', what: 'PCI device 06:00.0' }] }],
    ['nothing', {}, { disks: [], networks: [], obstacles: [], memoryBytes: null }],
  ])('has %s', (_, config, expected) => {
    expect(xenHardware(config)).toMatchObject(expected);
  }); // prettier-ignore

  it.each<[string, Json]>([
    ['disks that are no list', { disks: {} }],
    ['a disk that is none', { disks: ['/dev/a'] }],
    ['a disk without a path', { disks: [{ format: 'raw', readwrite: 1 }] }],
    ['a PCI device without numbers', { pcidevs: [{ bus: 'x' }] }],
    ['arguments that are no texts', { b_info: { extra: [1] } }],
    ['b_info that is a text', { b_info: 'x' }],
  ])('is refused, not passed over, with %s', (_, config) => {
    expect(() => xenHardware(config)).toThrow(FormatError);
  });

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
