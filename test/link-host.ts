/**
 * Recordings of hosts with network devices, built from a few words about each, for the tests of checks that look at them. sysfs
 * and ip say the same of it, as on a real host; test/recordings holds what a real kernel says.
 */
import { printContent } from '../lib/host/recording.ts';
import type { Why } from '../lib/reading.ts';

export interface Device {
  /** '' hardware, which is the default; vlan, bond, bridge, macvlan, tun, veth, team, ... */
  readonly kind?: string;
  readonly mtu?: number;
  readonly maxMtu?: number;
  /** What it stands on. The ports of a bond or bridge name it as their master instead. */
  readonly on?: string;
  readonly master?: string;
  readonly id?: number;
  readonly protocol?: string;
  readonly driver?: string;
  readonly isDown?: boolean;
  readonly hasCarrier?: boolean;
  /** The other end of a veth, in the same namespace. */
  readonly peer?: string;
  /** What it stands on, or its other end, is in another namespace: its number there, and the number of the namespace. */
  readonly elsewhere?: readonly [index: number, netnsId: number];
}

export type Devices = Readonly<Record<string, Device>>;

export interface LinkHost {
  readonly uid?: number;
  readonly devices?: Devices;
  /** Other network namespaces by name: their devices. */
  readonly netns?: Readonly<Record<string, Devices>>;
  /** What `ip -j netns list` says in a namespace, '' the own one. */
  readonly netnsIds?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What ip answers instead, in the own namespace; null: there is no ip. */
  readonly ip?: string | null;
  /** Configuration files by their path; null: this user may not read it. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Globs of configuration files whose folder is closed. */
  readonly closed?: readonly string[];
  /** /proc/net/vlan/config; null, as for everybody but root: denied. */
  readonly vlanConfig?: string | null;
  /** Linux before 3.13: no links lower_NAME and upper_NAME. */
  readonly isOldKernel?: boolean;
  /** Names in /proc/net/dev, where they are others than in sysfs. */
  readonly present?: readonly string[];
  /** What reading /proc/net/dev gives instead: its whole text, or why there is none. */
  readonly procNetDev?: { readonly text: string } | { readonly why: Why };
}

const GLOBS = [
  '/etc/nova/*.conf',
  '/etc/nova/*.conf.d/*.conf',
  '/etc/kolla/nova-*/nova.conf',
  '/etc/neutron/plugins/*/*.ini',
  '/etc/neutron/*.ini',
  '/etc/neutron/*.conf',
  '/etc/neutron/conf.d/common/*.conf',
  '/etc/neutron/conf.d/neutron-linuxbridge-agent/*.conf',
  '/etc/kolla/neutron-*/*.ini',
  '/etc/quantum/plugins/*/*.ini',
];

const LO: Device = { kind: 'loopback', mtu: 65536 };

export function linkHost(host: LinkHost): string[] {
  const { uid = 0, netns = {}, netnsIds = {}, files = {}, closed = [], vlanConfig = null } = host;
  const devices: Devices = { lo: LO, ...host.devices };
  const names = Object.keys(devices);
  const present = (host.present ?? names).map((name) => `${name.padStart(6)}: 0 0\n`);
  const { procNetDev = { text: `Inter-|   Receive |\n face |bytes |\n${present.join('')}` } } = host;
  const text = (key: string, content: string): string[] => [
    `ok bytes ${key}`,
    ...printContent(Buffer.from(content)).map((line) => `  ${line}`),
  ];
  return [
    'hypervisor-checks recording 1',
    'look 1',
    'clock 1764000000 uptime=864000 boot=11111111-2222-3333-4444-555555555555',
    `who uid=${uid} gid=${uid} node=net1`,
    'ok each /sys/class/net/*',
    ...names.map((name) => `  match /sys/class/net/${name}`),
    ...names.flatMap((name) => sysfs(name, devices, host.isOldKernel === true)),
    ...('why' in procNetDev
      ? [`${procNetDev.why} bytes head /proc/net/dev`]
      : text('head /proc/net/dev', procNetDev.text)),
    ...(vlanConfig === null
      ? ['denied bytes whole /proc/net/vlan/config']
      : text('whole /proc/net/vlan/config', vlanConfig)),
    'ok stat /proc/self/ns/net',
    `  ${STAT} inode=1`,
    'ok each /run/netns/*',
    ...Object.keys(netns).map((name) => `  match /run/netns/${name}`),
    ...Object.keys(netns).flatMap((name, index) => [
      `ok stat /run/netns/${name}`,
      `  ${STAT} inode=${index + 2}`,
    ]),
    ...GLOBS.flatMap((glob) => folder(glob, files, closed.includes(glob))),
    ...ran('ip -d -j link', host.ip === undefined ? ipJson(devices) : host.ip),
    ...Object.entries(netns).flatMap(([name, others]) =>
      ran(`ip -n ${name} -d -j link`, uid === 0 ? ipJson({ lo: LO, ...others }) : 'denied'),
    ),
    ...['', ...Object.keys(netns)].flatMap((name) =>
      ran(
        `ip ${name === '' ? '' : `-n ${name} `}-j netns list`,
        netnsJson(Object.keys(netns), netnsIds[name] ?? {}),
      ),
    ),
  ];
}

const STAT =
  'type=file mode=292 uid=0 gid=0 sizeBytes=0 allocatedBytes=0 links=1 device=4 modifiedAt=0 changedAt=0';

function sysfs(name: string, devices: Devices, isOld: boolean): string[] {
  const device = devices[name] ?? {};
  const path = `/sys/class/net/${name}`;
  const { kind = '', mtu = 1500, isDown = false, hasCarrier = true } = device;
  const index = indexOf(name, devices);
  const devtype = ['vlan', 'bond', 'bridge', 'vxlan'].includes(kind) ? `DEVTYPE=${kind}\n` : '';
  const one = (file: string, content: string): string[] => [
    `ok bytes head ${path}/${file}`,
    ...printContent(Buffer.from(content)).map((line) => `  ${line}`),
  ];
  return [
    `ok list ${path}`,
    ...entriesOf(name, devices, isOld).map((entry) => `  ${entry}`),
    ...one('uevent', `${devtype}INTERFACE=${name}\nIFINDEX=${index}\n`),
    ...one('mtu', `${mtu}\n`),
    ...one('flags', isDown ? '0x1002\n' : '0x1003\n'),
    ...(isDown
      ? [`failed bytes head ${path}/carrier`, '  #EINVAL']
      : one('carrier', hasCarrier ? '1\n' : '0\n')),
    ...one('operstate', isDown || !hasCarrier ? 'down\n' : 'up\n'),
    ...one('iflink', `${parentIndex(name, devices)}\n`),
    ...linksOf(name, devices, isOld).flatMap(([file, target]) =>
      target === null ? [`absent link ${path}/${file}`] : [`ok link ${path}/${file}`, `  ${target}`],
    ),
  ];
}

/** What is in the folder of a device and says something of it. */
function entriesOf(name: string, devices: Devices, isOld: boolean): string[] {
  const { kind = '', on, master } = devices[name] ?? {};
  const all = Object.entries(devices);
  const ports = all.filter(([, other]) => other.master === name).map(([port]) => port);
  const lowers = [...(on === undefined ? [] : [on]), ...ports];
  const uppers = [
    ...(master === undefined ? [] : [master]),
    ...all.filter(([, other]) => other.on === name).map(([upper]) => upper),
  ];
  return [
    ...(ENTRIES[kind] ?? []),
    ...(isOld
      ? []
      : [...lowers.map((lower) => `lower_${lower}`), ...uppers.map((upper) => `upper_${upper}`)]),
    ...(kind === 'bond' ? ports.map((port) => `slave_${port}`) : []),
    'mtu',
    'uevent',
  ];
}

const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  '': ['device'],
  tun: ['tun_flags'],
  bond: ['bonding'],
  bridge: ['bridge', 'brif'],
};

function linksOf(name: string, devices: Devices, isOld: boolean): (readonly [string, string | null])[] {
  const { kind = '', master = null, driver = '../../bus/pci/drivers/igb' } = devices[name] ?? {};
  const isBridged = master !== null && devices[master]?.kind === 'bridge';
  const hasMaster = master !== null && !(isOld && isBridged);
  return [
    ['master', hasMaster ? `../${master}` : null],
    ['brport/bridge', isBridged ? `../../${master}` : null],
    ['device/driver', kind === '' ? driver : null],
  ];
}

function parentIndex(name: string, devices: Devices): number {
  const { on, peer, elsewhere } = devices[name] ?? {};
  const other = on ?? peer;
  return other === undefined ? (elsewhere?.[0] ?? indexOf(name, devices)) : indexOf(other, devices);
}

/** What iproute2 prints of the same devices. */
export function ipJson(devices: Devices): string {
  return JSON.stringify(
    Object.entries(devices).map(([name, device]) => ({
      ifindex: indexOf(name, devices),
      ifname: name,
      flags: flagsOf(device),
      mtu: device.mtu ?? 1500,
      max_mtu: device.maxMtu ?? 65535,
      operstate: flagsOf(device).includes('LOWER_UP') ? 'UP' : 'DOWN',
      link_type: device.kind === 'loopback' ? 'loopback' : 'ether',
      // JSON.stringify leaves out what is undefined, as iproute2 does.
      link: device.on ?? device.peer,
      link_index: device.elsewhere?.[0],
      link_netnsid: device.elsewhere?.[1],
      master: device.master,
      ...kindOf(device),
    })),
  );
}

function flagsOf({ isDown = false, hasCarrier = true }: Device): string[] {
  return ['BROADCAST', ...(isDown ? [] : ['UP', ...(hasCarrier ? ['LOWER_UP'] : [])])];
}

function kindOf({ kind = '', protocol = '802.1Q', id = 1 }: Device): object {
  if (kind === 'loopback') return {};
  if (kind === '') return { parentbus: 'pci', parentdev: '0000:01:00.0' };
  const data = kind === 'vlan' ? { info_data: { protocol, id, flags: ['REORDER_HDR'] } } : {};
  return { linkinfo: { info_kind: kind, ...data } };
}

function indexOf(name: string, devices: Devices): number {
  return Object.keys(devices).indexOf(name) + 1;
}

function netnsJson(names: readonly string[], ids: Readonly<Record<string, number>>): string {
  const list = names.map((name) => ({ name, ...(ids[name] === undefined ? {} : { id: ids[name] }) }));
  return list.length === 0 ? '' : JSON.stringify(list);
}

function ran(command: string, out: string | null): string[] {
  if (out === null) return [`absent run ${command}`, '  #no such command'];
  if (out === 'denied') {
    const text = 'setting the network namespace failed: Operation not permitted\n';
    return [
      `ok run ${command}`,
      '  exit 255',
      ...printContent(Buffer.from(text)).map((line) => `  err ${line}`),
    ];
  }
  return [`ok run ${command}`, '  exit 0', ...printContent(Buffer.from(out)).map((line) => `  out ${line}`)];
}

function folder(glob: string, files: NonNullable<LinkHost['files']>, isClosed: boolean): string[] {
  const pattern = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
  const paths = Object.keys(files).filter((path) => pattern.test(path)).sort(); // prettier-ignore
  return [
    `ok each ${glob}`,
    ...paths.map((path) => `  match ${path}`),
    ...(isClosed ? [`  unlisted denied ${glob.slice(0, glob.lastIndexOf('/'))}`] : []),
    ...paths.flatMap((path) => {
      const text = files[path] ?? null;
      if (text === null) return [`denied bytes whole ${path}`];
      return [`ok bytes whole ${path}`, ...printContent(Buffer.from(text)).map((line) => `  ${line}`)];
    }),
  ];
}
