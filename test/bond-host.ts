/**
 * Recordings of hosts with bonds, built from a few words about each, for the tests of what a real kernel was not made to say;
 * /proc is printed as drivers/net/bonding/bond_procfs.c does, sysfs as bond_sysfs.c. test/recordings holds what a kernel said.
 */
import { printContent } from '../lib/host/recording.ts';
import { BOND_MODES, HAVE_ACTIVE, type BondMode, type LinkState } from '../lib/parsers/proc-net-bonding.ts';

export interface TestSlave {
  readonly link?: LinkState;
  /** null: Unknown, which sysfs has as -1. */
  readonly speed?: number | null;
  /** What the bonding driver was told, where that is something else. */
  readonly oldSpeed?: number;
  readonly duplex?: 'full' | 'half';
  readonly failures?: number;
  readonly isOff?: boolean;
  /** As the link has it, where nothing else is said. */
  readonly hasCarrier?: boolean;
  readonly aggregator?: number;
  readonly churn?: string;
  /** Of the other end. */
  readonly partnerChurn?: string;
  /** The states of the LACP ports, of this end and of the other; null: an old kernel has no such file. */
  readonly ports?: readonly [number, number] | null;
  /** What ethtool prints, or how it fails; null: there is no ethtool. */
  readonly ethtool?: string | FailedRun | null;
}

export interface FailedRun {
  readonly status: number;
  readonly out: string;
}

export interface TestBond {
  readonly mode?: BondMode;
  readonly primary?: string;
  readonly reselect?: string;
  /** null: None. By default the first that is up, in modes that have one. */
  readonly active?: string | null;
  readonly miimon?: number;
  readonly arp?: number;
  readonly updelay?: number;
  readonly isOff?: boolean;
  readonly isUp?: boolean;
  /** 802.3ad, as root sees it. */
  readonly partner?: string;
  readonly slaves: Readonly<Record<string, TestSlave>>;
  /** What stands in /proc/net/bonding instead; null: no file. */
  readonly proc?: string | null;
  /** False: sysfs does not know it. */
  readonly isInSysfs?: boolean;
}

export interface BondHost {
  readonly bonds: Readonly<Record<string, TestBond>>;
  readonly others?: readonly string[];
  /** Files by their path; with a list of names, folders. */
  readonly config?: Readonly<Record<string, string | readonly string[]>>;
  /** What ip says of 802.3ad bonds, by name. */
  readonly ip?: Readonly<Record<string, string | FailedRun>>;
  readonly uid?: number;
  /** False: no /sys/class/net at all. */
  readonly hasSysfs?: boolean;
  readonly epochSeconds?: number;
}

const MODES_IN_WORDS: Readonly<Record<BondMode, string>> = {
  'balance-rr': 'load balancing (round-robin)',
  'active-backup': 'fault-tolerance (active-backup)',
  'balance-xor': 'load balancing (xor)',
  broadcast: 'fault-tolerance (broadcast)',
  '802.3ad': 'IEEE 802.3ad Dynamic link aggregation',
  'balance-tlb': 'transmit load balancing',
  'balance-alb': 'adaptive load balancing',
};

const FOLDERS = [
  '/etc/sysconfig/network-scripts',
  '/etc/sysconfig/network',
  '/run/NetworkManager/system-connections',
];
const STATED = ['/usr/sbin/ifreload', '/etc/network/interfaces'];
const STAT =
  'type=file mode=420 uid=0 gid=0 sizeBytes=0 allocatedBytes=0 links=1 device=4 inode=1 modifiedAt=0 changedAt=0';

export function bondHost(host: BondHost): string[] {
  const {
    bonds,
    others = ['lo'],
    config = {},
    ip = {},
    uid = 0,
    hasSysfs = true,
    epochSeconds = 1764000000,
  } = host;
  const entries = Object.entries(bonds);
  const slaves = entries.flatMap(([, bond]) =>
    Object.entries(bond.slaves).map((one) => [...one, bond] as const),
  );
  const devices = [...others, ...entries.map(([name]) => name), ...slaves.map(([name]) => name)];
  const indexOf = (name: string): number => devices.indexOf(name) + 1;
  const inProc = entries.filter(([, bond]) => bond.proc !== null);
  const inSysfs = entries.filter(([, bond]) => hasSysfs && bond.isInSysfs !== false);
  return [
    'hypervisor-checks recording 1',
    'look 1',
    `clock ${epochSeconds} uptime=864000 boot=11111111-2222-3333-4444-555555555555`,
    `who uid=${uid} gid=${uid} node=net1`,
    ...(hasSysfs
      ? ['ok list /sys/class/net', ...devices.map((name) => `  ${name}`)]
      : ['absent list /sys/class/net']),
    'ok each /sys/class/net/*/bonding',
    ...inSysfs.map(([name]) => `  match /sys/class/net/${name}/bonding`),
    ...inSysfs.flatMap(([name, bond]) => bondFiles(`/sys/class/net/${name}/bonding`, bond)),
    'ok each /proc/net/bonding/*',
    ...inProc.map(([name]) => `  match /proc/net/bonding/${name}`),
    ...inProc.flatMap(([name, bond]) => file(`whole /proc/net/bonding/${name}`, bond.proc ?? procText(bond))),
    ...entries.flatMap(([name, { isOff = false }]) =>
      hasSysfs
        ? [
            ...file(`head /sys/class/net/${name}/flags`, isOff ? '0x1402\n' : '0x1403\n'),
            ...file(`head /sys/class/net/${name}/ifindex`, `${indexOf(name)}\n`),
          ]
        : ['flags', 'ifindex'].map((what) => `absent bytes head /sys/class/net/${name}/${what}`),
    ),
    ...slaves.flatMap(([name, slave]) => slaveFiles(name, slave, hasSysfs ? indexOf(name) : null)),
    ...slaves.flatMap(([name, slave, { mode }]) =>
      mode === '802.3ad' && [slave.churn, slave.partnerChurn].includes('churned')
        ? portFiles(name, slave, hasSysfs)
        : [],
    ),
    ...slaves.flatMap(([name, { ethtool = settings(name) }]) => ran(`ethtool ${name}`, ethtool)),
    ...entries.flatMap(([name]) => ran(`ip -d -j link show dev ${name}`, ip[name] ?? null)),
    ...FOLDERS.flatMap((path) => {
      const names = config[path];
      return Array.isArray(names)
        ? [`ok list ${path}`, ...names.map((name) => `  ${name}`)]
        : [`absent list ${path}`];
    }),
    ...STATED.flatMap((path) =>
      config[path] === undefined ? [`absent stat ${path}`] : [`ok stat ${path}`, `  ${STAT}`],
    ),
    ...['/run/network/ifstate', ...devices.flatMap((name) => daemonFiles(indexOf(name)))].flatMap((path) => {
      const text = config[path];
      return typeof text === 'string' ? file(`head ${path}`, text) : [`absent bytes head ${path}`];
    }),
  ];
}

function daemonFiles(index: number): string[] {
  return [`/run/systemd/netif/links/${index}`, `/run/NetworkManager/devices/${index}`];
}

function file(key: string, text: string): string[] {
  return [`ok bytes ${key}`, ...printContent(Buffer.from(text)).map((line) => `  ${line}`)];
}

function ran(command: string, answer: string | FailedRun | null): string[] {
  if (answer === null) return [`absent run ${command}`];
  const { status, out } = typeof answer === 'string' ? { status: 0, out: answer } : answer;
  return [
    `ok run ${command}`,
    `  exit ${status}`,
    ...printContent(Buffer.from(out)).map((line) => `  out ${line}`),
  ];
}

/** What ethtool says of a device that does not tell its modes. */
export function settings(name: string, advertised = 'Not reported', partner?: string): string {
  const list = advertised.replaceAll('\n', `\n\t${' '.repeat(24)}`);
  const theirs =
    partner === undefined
      ? ''
      : `\tLink partner advertised link modes:  ${partner.replaceAll('\n', `\n\t${' '.repeat(37)}`)}\n`;
  return (
    `Settings for ${name}:\n\tSupported ports: [ TP ]\n\tSupported link modes:   ${list}\n` +
    `\tSupported pause frame use: Symmetric\n\tAdvertised link modes:  ${list}\n` +
    `\tAdvertised pause frame use: Symmetric\n${theirs}\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tAuto-negotiation: on\n\tLink detected: yes\n`
  );
}

function activeOf({ mode = 'active-backup', active, slaves }: TestBond): string | null {
  if (!HAVE_ACTIVE.includes(mode)) return null;
  if (active !== undefined) return active;
  return Object.entries(slaves).find(([, { link = 'up' }]) => link === 'up')?.[0] ?? null;
}

function isUp({ isUp: up, slaves }: TestBond): boolean {
  return up ?? Object.values(slaves).some(({ link = 'up' }) => link === 'up');
}

/** In the order of bond_info_show_master() and bond_info_show_slave(). */
export function procText(bond: TestBond): string {
  const { mode = 'active-backup', primary, reselect = 'always', miimon = 100, arp = 0, updelay = 0 } = bond;
  const hasActive = HAVE_ACTIVE.includes(mode);
  return [
    'Ethernet Channel Bonding Driver: v6.12.107',
    '',
    `Bonding Mode: ${MODES_IN_WORDS[mode]}`,
    ...(mode === '802.3ad' || mode === 'balance-xor' ? ['Transmit Hash Policy: layer2 (0)'] : []),
    ...(hasActive
      ? [
          `Primary Slave: ${primary === undefined ? 'None' : `${primary} (primary_reselect ${reselect})`}`,
          `Currently Active Slave: ${activeOf(bond) ?? 'None'}`,
        ]
      : []),
    `MII Status: ${isUp(bond) ? 'up' : 'down'}`,
    `MII Polling Interval (ms): ${miimon}`,
    `Up Delay (ms): ${updelay}`,
    'Down Delay (ms): 0',
    'Peer Notification Delay (ms): 0',
    ...(arp === 0
      ? []
      : [
          `ARP Polling Interval (ms): ${arp}`,
          'ARP Missed Max: 2',
          'ARP IP target/s (n.n.n.n form): 192.0.2.1',
        ]),
    ...(mode === '802.3ad' ? aggregator(bond) : []),
    ...Object.entries(bond.slaves).flatMap(([name, slave]) => slaveText(name, slave, mode)),
    '',
  ].join('\n');
}

function aggregator({ partner }: TestBond): string[] {
  return [
    '',
    '802.3ad info',
    'LACP active: on',
    'LACP rate: slow',
    'Min links: 0',
    'Aggregator selection policy (ad_select): stable',
    ...(partner === undefined
      ? []
      : [
          'System priority: 65535',
          'System MAC address: 02:00:00:00:00:01',
          'Active Aggregator Info:',
          '\tAggregator ID: 1',
          `\tPartner Mac Address: ${partner}`,
        ]),
  ];
}

function slaveText(name: string, slave: TestSlave, mode: BondMode): string[] {
  const {
    link = 'up',
    speed = 1000,
    oldSpeed = speed,
    duplex = 'full',
    failures = 0,
    churn = 'none',
    partnerChurn = 'none',
  } = slave;
  return [
    '',
    `Slave Interface: ${name}`,
    `MII Status: ${link}`,
    `Speed: ${oldSpeed === null ? 'Unknown' : `${oldSpeed} Mbps`}`,
    `Duplex: ${speed === null ? 'Unknown' : duplex}`,
    `Link Failure Count: ${failures}`,
    `Permanent HW addr: ${addressOf(name)}`,
    'Slave queue ID: 0',
    ...(mode === '802.3ad'
      ? [
          `Aggregator ID: ${slave.aggregator ?? 1}`,
          `Actor Churn State: ${churn}`,
          `Partner Churn State: ${partnerChurn}`,
          'Actor Churned Count: 0',
          'Partner Churned Count: 0',
        ]
      : []),
  ];
}

function addressOf(name: string): string {
  return `02:${Buffer.from(name.padEnd(5))
    .toString('hex')
    .slice(0, 10)
    .replace(/(..)(?!$)/g, '$1:')}`;
}

function bondFiles(path: string, bond: TestBond): string[] {
  const {
    mode = 'active-backup',
    primary = '',
    reselect = 'always',
    miimon = 100,
    arp = 0,
    updelay = 0,
  } = bond;
  const lined = (text: string): string => (text === '' ? '' : `${text}\n`);
  const files = {
    mode: `${mode} ${BOND_MODES.indexOf(mode)}\n`,
    slaves: lined(Object.keys(bond.slaves).join(' ')),
    active_slave: lined(activeOf(bond) ?? ''),
    primary: lined(primary),
    primary_reselect: `${reselect} ${['always', 'better', 'failure'].indexOf(reselect)}\n`,
    miimon: `${miimon}\n`,
    arp_interval: `${arp}\n`,
    updelay: `${updelay}\n`,
    mii_status: isUp(bond) ? 'up\n' : 'down\n',
    ad_partner_mac: lined(bond.partner ?? ''),
  };
  return Object.entries(files).flatMap(([name, text]) => file(`head ${path}/${name}`, text));
}

/** ad_actor_oper_port_state_show() of bond_sysfs_slave.c: 61 is active, aggregatable, in sync, collecting, distributing. */
function portFiles(name: string, { ports = [61, 61] }: TestSlave, hasSysfs: boolean): string[] {
  return ['actor', 'partner'].flatMap((end, index) => {
    const key = `head /sys/class/net/${name}/bonding_slave/ad_${end}_oper_port_state`;
    return hasSysfs && ports !== null ? file(key, `${ports[index] ?? 0}\n`) : [`absent bytes ${key}`];
  });
}

function slaveFiles(name: string, slave: TestSlave, index: number | null): string[] {
  const { link = 'up', speed = 1000, duplex = 'full', isOff = false, failures = 0 } = slave;
  const hasCarrier = slave.hasCarrier ?? (link === 'up' || link === 'going back');
  const path = `/sys/class/net/${name}`;
  const live = (what: string, text: string): string[] =>
    isOff ? [`failed bytes head ${path}/${what}`, '  #EINVAL'] : file(`head ${path}/${what}`, text);
  if (index === null)
    return ['flags', 'ifindex', 'carrier', 'speed', 'duplex'].map(
      (what) => `absent bytes head ${path}/${what}`,
    );
  return [
    ...file(`head ${path}/flags`, isOff ? '0x1802\n' : '0x1803\n'),
    ...file(`head ${path}/ifindex`, `${index}\n`),
    ...live('carrier', hasCarrier ? '1\n' : '0\n'),
    ...live('speed', `${speed ?? -1}\n`),
    ...live('duplex', speed === null ? 'unknown\n' : `${duplex}\n`),
    ...file(`head ${path}/bonding_slave/mii_status`, `${link}\n`),
    ...file(`head ${path}/bonding_slave/link_failure_count`, `${failures}\n`),
    ...file(`head ${path}/bonding_slave/perm_hwaddr`, `${addressOf(name)}\n`),
    ...file(
      `head ${path}/bonding_slave/ad_aggregator_id`,
      slave.aggregator === undefined ? 'N/A\n' : `${slave.aggregator}\n`,
    ),
  ];
}
