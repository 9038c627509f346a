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
  const usb = settings.get('usbdevice');
  return {
    b_info: {
      max_memkb: Number(settings.get('maxmem') ?? settings.get('memory')) * 1024,
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
    p9s: lines('p9').map((line) => keyed(line, { path: 'path' })),
    pvcallsifs: lines('pvcalls').map(() => ({})),
  };
}

/** The values of `key=value` pairs, under the names that libxl has for them. */
function keyed(line: string, names: Readonly<Record<string, string>>): Json {
  const found: Record<string, string> = {};
  for (const part of line.split(',')) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)/s.exec(part) ?? [];
    const name = names[key];
    if (name !== undefined) found[name] = value;
  }
  return found;
}

const FORMATS = /^(raw|qcow2?|vhd|qed):(?=\/)/;
const OLD_KINDS = /^(?:tapdisk|tap2?|aio|ioemu|file|phy):/;
const SCRIPTS = /^(iscsi|e?nbd|drbd|dmmd|npiv):/;

function diskOf(text: string): Json {
  const parts = diskParts(text);
  const of = (key: string): string => parts.get(key) ?? '';
  const isDrive = parts.has('cdrom') || of('devtype') === 'cdrom' || of('vdev').endsWith(':cdrom');
  const isWritable = ['', 'w', 'rw'].includes(of('access'));
  const given = Object.entries({ format: 'format', script: 'script', backend: 'backend_domname' })
    .filter(([key]) => of(key) !== '')
    .map(([key, name]) => [name, of(key)]);
  return {
    pdev_path: of('target'),
    format: 'raw',
    ...(Object.fromEntries(given) as Json),
    ...(isDrive ? { is_cdrom: 1 } : isWritable ? { readwrite: 1 } : {}),
  };
}

const BARE = ['cdrom', 'direct-io-safe', 'discard', 'no-discard', 'colo', 'trusted', 'untrusted'];

/** Each part under its name; some are known by their place. */
function diskParts(text: string): Map<string, string> {
  const [, before = text, target = ''] = /^(|.*?,)target=(.*)/s.exec(text) ?? [];
  const parts = new Map([['target', target]]);
  let places = ['target', 'format', 'vdev', 'access'];
  for (const part of before.split(',')) {
    const [, key, value = ''] = /^([a-z-]+)=(.*)/s.exec(part) ?? [];
    if (key !== undefined) parts.set(key, value);
    else if (BARE.includes(part)) parts.set(part, '');
    else {
      const [place, ...later] = places;
      const old = oldTarget(part);
      places = old === null ? later : later.filter((one) => one !== 'format');
      for (const [name, found] of old ?? [[place ?? '', part]]) if (found !== '') parts.set(name, found);
    }
  }
  return parts;
}

/** With what stands before the path taken off; null where nothing does: only then the format has a place of its own. */
function oldTarget(text: string): readonly (readonly [string, string])[] | null {
  const script = SCRIPTS.exec(text)?.[1];
  const found: [string, string][] = script === undefined ? [] : [['script', `block-${script}`]];
  let path = script === undefined ? text : text.slice(script.length + 1);
  for (;;) {
    const [kind] = OLD_KINDS.exec(path) ?? [];
    const [whole, format] = FORMATS.exec(path) ?? [];
    if (kind === undefined && whole === undefined) break;
    path = path.slice((kind ?? whole ?? '').length);
    if (format !== undefined) found.push(['format', format]);
  }
  return path === text ? null : [...found, ['target', path]];
}

const PCI = /^(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7]|\*)/i;

function pciOf(line: string): Json {
  const [first = ''] = line.split(',');
  const given = keyed(line, { bdf: 'bdf', name: 'name' });
  if (typeof given['name'] === 'string') return { name: given['name'] };
  const [, domain = '0', bus, device, func = '*'] =
    PCI.exec(typeof given['bdf'] === 'string' ? given['bdf'] : first) ?? [];
  // What is written wrongly is refused by xl: such a guest does not run.
  if (bus === undefined || device === undefined) return { name: first };
  const hex = (digits: string): number => Number.parseInt(digits, 16);
  return {
    domain: hex(domain),
    bus: hex(bus),
    dev: hex(device),
    func: func === '*' ? 0 : hex(func),
  };
}

function usbOf(line: string): Json {
  const { hostbus, hostaddr } = keyed(line, { hostbus: 'hostbus', hostaddr: 'hostaddr' });
  return { 'type.hostdev': { hostbus: Number(hostbus), hostaddr: Number(hostaddr) } };
}
