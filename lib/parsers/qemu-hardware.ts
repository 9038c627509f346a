/**
 * The disks, networks and devices of a guest from qemu's command line (qemu(1); docs/system/qemu-block-drivers).
 *
 *     -drive file=/dev/drbd/by-res/acrux/0,if=none,id=drive-virtio-disk0,format=raw,cache=none
 *     -blockdev {"driver":"file","filename":"/srv/a.qcow2","node-name":"libvirt-1-storage","cache":{"direct":true,"no-flush":false}}
 *     -blockdev {"node-name":"libvirt-1-format","driver":"qcow2","file":"libvirt-1-storage","backing":null}
 *     -device {"driver":"vfio-pci","host":"0000:06:12.1","id":"hostdev0"}
 *     -netdev bridge,br=br0,id=n0
 *
 * - A value is a list of `key=value`, or JSON (qemu 6.0, libvirt 6.10 and later), where nothing is escaped by doubling.
 * - The firmware's flash (-drive if=pflash, libvirt's nodes `libvirt-pflash0-storage`) moves with the guest's memory.
 * - The tap devices of libvirt come as numbers of open files: their bridge is not in the command line.
 * - Not here: what was plugged in later, and what -readconfig brings.
 */
import { isStuckFormat, type GuestDisk, type GuestHardware, type GuestNetwork } from './guest-hardware.ts';
import { deviceObstacle, objectObstacle } from './qemu-obstacles.ts';
import type { QemuCommandLine } from './qemu-argv.ts';
import { parseQemuCpu } from './qemu-cpu.ts';
import { isOn, parseQemuOpts } from './qemu-opts.ts';

export type Opts = ReadonlyMap<string, string>;

/** Total: what makes no sense is no hardware. */
export function qemuHardware(line: QemuCommandLine): GuestHardware {
  const all = (name: string, implied: string): Opts[] =>
    line.options.flatMap(({ name: of, value }) => (of === name ? [optsOf(value ?? '', implied)] : []));
  const devices = all('device', 'driver');
  const drives = all('drive', 'file');
  const blockdevs = all('blockdev', 'driver');
  const disks = [
    ...drives.flatMap((opts) => driveOf(opts, devices)),
    ...blockdevs.flatMap((opts) => nodeOf(opts, blockdevs, devices)),
    ...line.options.flatMap(({ name, value }) => shortDisk(name, value ?? '')),
  ];
  const stuck = [...drives.map((one) => one.get('format')), ...blockdevs.map((one) => one.get('driver'))];
  return {
    disks,
    obstacles: [
      ...devices.flatMap((opts) => deviceObstacle(opts) ?? []),
      ...[
        ...all('object', 'qom-type'),
        ...all('tpmdev', 'type'),
        ...all('netdev', 'type'),
        ...all('chardev', 'backend'),
      ].flatMap((opts) => objectObstacle(opts) ?? []),
      ...all('virtfs', 'fsdriver').map((opts) => folder(opts.get('path'))),
      ...(hasHvPassthrough(line) ? [{ kind: 'device' as const, what: 'CPU flag hv-passthrough' }] : []),
      ...stuck
        .filter((format): format is string => isStuckFormat(format ?? null))
        .map((format) => ({ kind: 'device' as const, what: `disk format ${format}` })),
    ],
    networks: [...all('netdev', 'type'), ...all('net', 'type'), ...all('nic', 'type')].flatMap(networkOf),
    memoryBytes: memoryOf(all('m', 'size')),
    hugePages: line.options.some(({ value }) => /(?:^|=|")\/[^,"=]*hugepages/.test(value ?? '')),
    machine: line.machine,
  };
}

function folder(path: string | undefined) {
  return { kind: 'folder' as const, what: `9p folder ${path ?? ''}`.trimEnd() };
}

function hasHvPassthrough({ cpu }: QemuCommandLine): boolean {
  return isOn(parseQemuCpu(cpu ?? '').props.get('hv-passthrough'));
}

/** Keys of objects in JSON are joined with dots, as qemu's own flat form has them. */
export function optsOf(text: string, implied: string): Opts {
  if (!text.startsWith('{')) return new Map(parseQemuOpts(text, implied));
  try {
    return new Map(flattened(JSON.parse(text), ''));
  } catch {
    return new Map();
  }
}

function flattened(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'number') return [[path, String(value)]];
  if (typeof value === 'boolean') return [[path, value ? 'on' : 'off']];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    flattened(inner, path === '' ? key : `${path}.${key}`),
  );
}

function driveOf(opts: Opts, devices: readonly Opts[]): GuestDisk[] {
  const file = opts.get('file') ?? opts.get('file.filename') ?? '';
  if (opts.get('if') === 'pflash') return [];
  const user = devices.find((one) => one.get('drive') === (opts.get('id') ?? ''));
  const device = opts.get('media') === 'cdrom' ? 'cdrom' : kindOf(user, opts.get('if'));
  return diskOf(file, {
    device,
    format: opts.get('format') ?? null,
    cache: opts.get('cache') ?? null,
    isReadOnly: device === 'cdrom' || isOn(opts.get('readonly') ?? opts.get('read-only')),
  });
}

function kindOf(user: Opts | undefined, bus = ''): GuestDisk['device'] {
  const driver = user?.get('driver') ?? bus;
  return /-cd$|cdrom/.test(driver) ? 'cdrom' : driver === 'floppy' ? 'floppy' : 'disk';
}

type Kind = Omit<GuestDisk, 'path' | 'remote'>;

const PROTOCOL = /^([a-z][a-z0-9_+-]+):(.*)/s;

/** What `file=` may name: a path, a path behind its driver, JSON, or a protocol of qemu's own. */
export function diskOf(file: string, kind: Kind): GuestDisk[] {
  if (file === '') return [];
  const json = /^json:(\{.*)/s.exec(file)?.[1];
  if (json !== undefined) return protocolNode(optsOf(json, 'driver'), kind);
  const [, protocol, rest = ''] = PROTOCOL.exec(file) ?? [];
  if (protocol === undefined) return [{ ...kind, path: file, remote: null }];
  if (LOCAL_DRIVERS.includes(protocol)) {
    return [{ ...kind, path: rest.replace(/^\/\/(?=\/)/, ''), remote: null }];
  }
  // Behind the first colon rbd takes options, among them its key; a URL may hold a user and a password.
  const name = protocol === 'rbd' ? rest.split(':', 1)[0] : rest.replace(/^\/\/[^/]*@/, '//');
  return [{ ...kind, path: null, remote: `${protocol}:${name ?? ''}` }];
}

const LOCAL_DRIVERS = ['file', 'host_device', 'host_cdrom'];
const FAR_DRIVERS = [
  'rbd',
  'nbd',
  'iscsi',
  'gluster',
  'nfs',
  'http',
  'https',
  'ftp',
  'ftps',
  'ssh',
  'sheepdog',
  'vxhs',
];

function nodeOf(opts: Opts, nodes: readonly Opts[], devices: readonly Opts[]): GuestDisk[] {
  const name = opts.get('node-name') ?? '';
  if (/pflash/.test(name)) return [];
  const above = nodes.find((one) => one.get('file') === name);
  const names = [name, above?.get('node-name')];
  const device = kindOf(devices.find((one) => one.has('drive') && names.includes(one.get('drive'))));
  return protocolNode(opts, {
    device,
    format: above?.get('driver') ?? null,
    cache: isOn(opts.get('cache.direct')) ? 'none' : null,
    isReadOnly: device === 'cdrom' || isOn(opts.get('read-only')),
  });
}

/** A node that reads from somewhere; a node of a format may have such a one inside (`file.driver`). */
function protocolNode(opts: Opts, kind: Kind): GuestDisk[] {
  const inner = opts.has('file.driver') ? 'file.' : '';
  const driver = opts.get(`${inner}driver`) ?? '';
  const key = (name: string): string => opts.get(inner + name) ?? '';
  if (LOCAL_DRIVERS.includes(driver)) return [{ ...kind, path: key('filename'), remote: null }];
  if (!FAR_DRIVERS.includes(driver)) return [];
  const name =
    driver === 'rbd' ? `${key('pool')}/${key('image')}` : key('path') + key('export') + key('target');
  return [{ ...kind, path: null, remote: `${driver}:${name}` }];
}

function shortDisk(name: string, value: string): GuestDisk[] {
  if (!/^(?:cdrom|fd[ab]|hd[a-d]|sd|mtdblock)$/.test(name)) return [];
  const device = name === 'cdrom' ? 'cdrom' : name.startsWith('fd') ? 'floppy' : 'disk';
  return diskOf(value, { device, format: null, cache: null, isReadOnly: device === 'cdrom' });
}

function networkOf(opts: Opts): GuestNetwork[] {
  const bridge = opts.get('br') ?? (opts.get('type') === 'bridge' ? 'br0' : undefined);
  return bridge === undefined ? [] : [{ kind: 'bridge', name: bridge }];
}

/** Without a unit it is MiB. */
function memoryOf(given: readonly Opts[]): number | null {
  const text = given.at(-1)?.get('size') ?? '';
  const [, number, suffix = 'm'] = /^([0-9]{1,18}(?:\.[0-9]*)?)([bkmgt])?$/i.exec(text) ?? [];
  return number === undefined ? null : Number(number) * 1024 ** 'bkmgt'.indexOf(suffix.toLowerCase());
}
