/**
 * The devices that a configuration of xl's names (xl.cfg(5), xl-disk-configuration(5); tools/libs/util/libxlu_disk_l.l and
 * parse_config_data in tools/xl/xl_parse.c), in the form that libxl keeps: what xl itself would hand to it.
 *
 *     disk = [ 'phy:/dev/vg/acrux,xvda,w', '/srv/b.img,raw,xvdb,ro', 'format=raw,vdev=hdc,devtype=cdrom,target=/iso/a.iso' ]
 *     vif = [ 'mac=00:16:3e:00:00:01,bridge=xenbr1', '' ]
 *     pci = [ '0000:06:12.1,permissive=1', '07:00.0' ]
 *
 * - A disk may begin with the old kinds (`phy:`, `tap:aio:`), without a place for the format then; or with the name of a script
 *   (`drbd:`). `target=` is last and takes all that follows.
 * - Values have no blanks around them: xl refuses or ignores what has.
 */
import type { Json } from './xen-hardware.ts';

/** What a setting may be: `a = "x"`, `a = [ "x", "y" ]`. */
export type Setting = string | readonly Setting[];

export function libxlConfig(settings: ReadonlyMap<string, Setting>): Json {
  const lines = (key: string): readonly string[] => {
    const value = settings.get(key);
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  };
  const maximum = Number(settings.get('maxmem') ?? settings.get('memory') ?? 0);
  const usb = settings.get('usbdevice');
  return {
    b_info: {
      ...(maximum > 0 ? { max_memkb: maximum * 1024 } : {}),
      extra: [
        ...lines('device_model_args'),
        ...lines('device_model_args_pv'),
        ...lines('device_model_args_hvm'),
      ],
      ioports: lines('ioports'),
      irqs: lines('irqs'),
      iomem: lines('iomem'),
      'type.hvm': { usbdevice_list: typeof usb === 'string' ? [usb] : lines('usbdevice') },
    },
    disks: lines('disk').map(diskOf),
    nics: lines('vif').map((line) => keyed(line, { bridge: 'bridge', backend: 'backend_domname' })),
    pcidevs: lines('pci').map(pciOf),
    dtdevs: lines('dtdev').map((path) => ({ path })),
    usbdevs: lines('usbdev').map(usbOf),
    vtpms: lines('vtpm').map((line) => keyed(line, { backend: 'backend_domname' })),
    p9s: lines('p9').map((line) => keyed(line, { path: 'path', tag: 'tag', backend: 'backend_domname' })),
    pvcallsifs: lines('pvcalls').map(() => ({})),
  };
}

/** The values of `key=value` pairs, under the names that libxl has for them. */
function keyed(line: string, names: Readonly<Record<string, string>>): Json {
  const found: Record<string, string> = {};
  for (const part of line.split(',')) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
    const name = names[key];
    if (name !== undefined) found[name] = value;
  }
  return found;
}

const FORMATS = /^(raw|qcow2?|vhd|qed):(?=\/)/;
const OLD_KINDS = /^(?:tapdisk|tap2?|aio|ioemu|file|phy):/;
const SCRIPTS = /^(iscsi|e?nbd|drbd|dmmd|npiv):/;

function diskOf(text: string): Json {
  const disk: Record<string, string | number> = {};
  const [, before = text, target] = /^(|.*?,)target=(.*)$/s.exec(text) ?? [];
  if (target !== undefined) disk['pdev_path'] = target;
  const places = target === undefined ? ['target', 'format', 'vdev', 'access'] : ['format', 'vdev', 'access'];
  let access = 'rw';
  for (const [index, part] of before.split(',').entries()) {
    const [, key, value = ''] = /^([a-z-]+)=(.*)$/s.exec(part) ?? [];
    if (part === 'cdrom' || part === 'devtype=cdrom') disk['is_cdrom'] = 1;
    else if (key !== undefined) setPart(disk, key, value);
    else if (!BARE.includes(part) && (part !== '' || index < places.length)) {
      const place = places.shift();
      if (place === 'target') Object.assign(disk, oldTarget(part, places));
      else if (place === 'access') access = part;
      else if (place !== undefined && part !== '') setPart(disk, place, part);
    }
  }
  const given = disk['access'] ?? access;
  delete disk['access'];
  const isWritable = given === 'rw' || given === 'w' || given === '';
  if (isWritable && disk['is_cdrom'] !== 1) disk['readwrite'] = 1;
  const byDefault = disk['is_cdrom'] === 1 && (disk['pdev_path'] ?? '') === '' ? 'empty' : 'raw';
  return { format: byDefault, ...disk };
}

const BARE = ['direct-io-safe', 'discard', 'no-discard', 'colo', 'trusted', 'untrusted'];

function setPart(disk: Record<string, string | number>, key: string, value: string): void {
  if (key === 'format' || key === 'script' || key === 'access') disk[key] = value;
  if (key === 'backend') disk['backend_domname'] = value;
  if (key !== 'vdev') return;
  const [name = '', kind] = value.split(':');
  disk['vdev'] = name;
  if (kind === 'cdrom') disk['is_cdrom'] = 1;
}

/** With what stands before the path taken off; the place of the format goes with it. */
function oldTarget(text: string, places: string[]): Record<string, string> {
  let path = text;
  const found: Record<string, string> = {};
  const script = SCRIPTS.exec(path)?.[1];
  if (script !== undefined) {
    path = path.slice(script.length + 1);
    found['script'] = `block-${script}`;
  }
  for (;;) {
    const [kind] = OLD_KINDS.exec(path) ?? [];
    const [whole, format] = FORMATS.exec(path) ?? [];
    if (kind === undefined && whole === undefined) break;
    path = path.slice((kind ?? whole ?? '').length);
    if (format !== undefined) found['format'] = format;
  }
  if (path !== text) places.splice(places.indexOf('format'), 1);
  return { ...found, pdev_path: path };
}

const PCI = /^(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7]|\*)(?:@.*)?$/i;

function pciOf(line: string): Json {
  const [first = ''] = line.split(',');
  const given = keyed(line, { bdf: 'bdf', name: 'name' });
  if (typeof given['name'] === 'string') return { name: given['name'] };
  const [, domain = '0', bus, device, func] =
    PCI.exec(typeof given['bdf'] === 'string' ? given['bdf'] : first) ?? [];
  // What is written wrongly is refused by xl: such a guest does not run.
  if (bus === undefined || device === undefined) return { name: first };
  const hex = (digits: string): number => Number.parseInt(digits, 16);
  return {
    ...(hex(domain) === 0 ? {} : { domain: hex(domain) }),
    bus: hex(bus),
    dev: hex(device),
    func: func === '*' || func === undefined ? 0 : hex(func),
  };
}

function usbOf(line: string): Json {
  const { hostbus, hostaddr } = keyed(line, { hostbus: 'hostbus', hostaddr: 'hostaddr' });
  return { 'type.hostdev': { hostbus: Number(hostbus), hostaddr: Number(hostaddr) } };
}
