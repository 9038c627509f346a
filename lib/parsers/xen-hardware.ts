/**
 * The disks, networks and devices of a guest of Xen, from the configuration that libxl keeps of it (libxl_domain_config in
 * tools/libs/light/libxl_types.idl, as `xl list -l` prints it; xl.cfg is brought into the same form by xl-devices.ts).
 *
 *     "b_info": { "max_memkb": 1048576, "extra": [ "-device", "nvme" ], "irqs": [ 3 ],
 *                 "type.hvm": { "usbdevice_list": [ "host:1.2", "tablet" ] } },
 *     "disks": [ { "pdev_path": "/dev/vg/acrux", "vdev": "xvda", "backend": "phy", "format": "raw", "readwrite": 1 },
 *                { "pdev_path": "res0", "vdev": "xvdb", "format": "raw", "script": "block-drbd", "readwrite": 1 } ],
 *     "nics": [ { "devid": 0, "bridge": "xenbr1" } ],
 *     "pcidevs": [ { "func": 1, "dev": 18, "bus": 6, "vfunc_mask": 1 } ],
 *     "p9s": [ { "tag": "share", "path": "/srv/share" } ],
 *     "usbdevs": [ { "type.hostdev": { "hostbus": 1, "hostaddr": 3 } } ]
 *
 * - What is 0, false or empty is left out: a disk without `readwrite` is read-only, a PCI device without `func` is .0.
 * - `script` makes the device of a disk, so that its path is no path but what the script understands. A disk of a `backend_domname`
 *   lies in another domain of the same host.
 * - The hypervisor tracks no memory that a device writes to: it refuses to migrate a guest with one (paging_log_dirty_enable in
 *   xen/arch/x86/mm/paging.c). The other side makes all devices of the configuration anew, and fails where one is missing.
 * - Skipped: consoles, sound, and the formats of disks, since Xen starts another qemu on the other side.
 */
import type { GuestDisk, GuestHardware, GuestNetwork, Obstacle } from './guest-hardware.ts';
import { parseQemuArgv } from './qemu-argv.ts';
import { diskOf, qemuHardware } from './qemu-hardware.ts';
import { FormatError, integerOf } from './text.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Throws FormatError where a list is none, or a disk is not told whole. */
export function xenHardware(config: Json): GuestHardware {
  const built = objectOf(config['b_info'] ?? {}, 'b_info');
  const hvm = objectOf(built['type.hvm'] ?? {}, 'type.hvm');
  const extra = qemuHardware(parseQemuArgv(['qemu', ...extraOf(built)]));
  const each = (name: string): readonly Json[] => objectsOf(config[name], name);
  return {
    disks: [...each('disks').flatMap(xenDisk), ...extra.disks],
    obstacles: [
      ...each('pcidevs').map(pciDevice),
      ...each('dtdevs').map((one) => passed(`device ${textOf(one['path'])}`)),
      ...each('usbdevs').map(usbDevice),
      ...hostResources(built),
      ...each('p9s').map((one): Obstacle => ({ kind: 'folder', what: `9p folder ${textOf(one['path'])}` })),
      ...each('vtpms').map((one): Obstacle => ({ kind: 'device', what: `vTPM of ${domainOf(one)}` })),
      ...each('pvcallsifs').map((): Obstacle => ({ kind: 'device', what: 'sockets of the host (pvcalls)' })),
      ...usbNames(hvm)
        .filter((name) => name.startsWith('host:'))
        .map((): Obstacle => ({ kind: 'left-behind', what: 'USB device of the host' })),
      ...extra.obstacles,
    ],
    networks: [...each('nics').flatMap(networkOf), ...extra.networks],
    memoryBytes: memoryOf(built),
    hugePages: false,
    machine: null,
  };
}

/** Where the disk is somewhere else than in a path of Domain-0's: what stands for it, for GuestDisk's `remote`. */
function xenDisk(disk: Json): GuestDisk[] {
  const { pdev_path: given, format, script, readwrite } = disk;
  const isDrive = disk['is_cdrom'] === 1;
  const path = textOf(given);
  if (path === '' && (format === 'empty' || isDrive)) return [];
  if (path === '') throw new FormatError('disks', 'a disk without a path');
  const kind = {
    device: isDrive ? ('cdrom' as const) : ('disk' as const),
    format: typeof format === 'string' ? format : null,
    cache: null,
    isReadOnly: isDrive || readwrite !== 1,
  };
  if (isElsewhere(disk)) return [{ ...kind, path: null, remote: `domain:${domainOf(disk)}:${path}` }];
  if (typeof script === 'string') return [{ ...kind, path: null, remote: `${scriptOf(script)}:${path}` }];
  return diskOf(path, kind);
}

/** The scripts of Xen that reach another machine (tools/hotplug/Linux), as protocols; others decide for themselves. */
function scriptOf(script: string): string {
  const name = script.slice(script.lastIndexOf('/') + 1);
  return /^block-(drbd|iscsi|nbd|enbd|rbd)$/.exec(name)?.[1] ?? `script:${name}`;
}

function isElsewhere(device: Json): boolean {
  const { backend_domname: name, backend_domid: id } = device;
  return (
    (typeof name === 'string' && name !== '' && name !== 'Domain-0') || (typeof id === 'number' && id > 0)
  );
}

function domainOf({ backend_domname: name, backend_domid: id }: Json): string {
  return typeof name === 'string' ? name : `domain ${typeof id === 'number' ? id : 0}`;
}

function pciDevice(device: Json): Obstacle {
  const { name } = device;
  const part = (key: string, digits: number): string => {
    const number = integerOf(device[key] ?? 0);
    if (number === null) throw new FormatError('pcidevs', `${key} is no number`);
    return number.toString(16).padStart(digits, '0');
  };
  const where =
    typeof name === 'string'
      ? name
      : `${part('domain', 4)}:${part('bus', 2)}:${part('dev', 2)}.${part('func', 1)}`;
  return passed(`PCI device ${where}`);
}

function usbDevice(device: Json): Obstacle {
  const { hostbus, hostaddr } = objectOf(device['type.hostdev'] ?? {}, 'usbdevs');
  const at = typeof hostbus === 'number' && typeof hostaddr === 'number' ? ` ${hostbus}.${hostaddr}` : '';
  return passed(`USB device${at}`);
}

function hostResources(built: Json): Obstacle[] {
  const words = { ioports: 'I/O ports', irqs: 'interrupts', iomem: 'I/O memory' };
  return Object.entries(words).flatMap(([key, word]) =>
    listOf(built[key], key).length === 0 ? [] : [passed(`${word} of the host`)],
  );
}

function passed(what: string): Obstacle {
  return { kind: 'passthrough', what };
}

/** A network of a driver domain is not one of the host's. */
function networkOf(nic: Json): GuestNetwork[] {
  const { bridge } = nic;
  return typeof bridge === 'string' && bridge !== '' && !isElsewhere(nic)
    ? [{ kind: 'bridge', name: bridge }]
    : [];
}

function memoryOf(built: Json): number | null {
  const kib = integerOf(built['max_memkb']);
  return kib !== null && kib > 0 ? kib * 1024 : null;
}

function extraOf(built: Json): readonly string[] {
  return ['extra', 'extra_pv', 'extra_hvm'].flatMap((key) => textsOf(built[key], key));
}

function usbNames({ usbdevice, usbdevice_list: list }: Json): readonly string[] {
  return [...textsOf(list, 'usbdevice_list'), ...(typeof usbdevice === 'string' ? [usbdevice] : [])];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function objectOf(value: unknown, place: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FormatError(place, 'expected an object');
  return value as Json;
}

export function listOf(value: unknown, place: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new FormatError(place, 'expected a list');
  return value as readonly unknown[];
}

function objectsOf(value: unknown, place: string): readonly Json[] {
  return listOf(value, place).map((one) => objectOf(one, place));
}

function textsOf(value: unknown, place: string): readonly string[] {
  return listOf(value, place).map((one) => {
    if (typeof one !== 'string') throw new FormatError(place, 'expected texts');
    return one;
  });
}
