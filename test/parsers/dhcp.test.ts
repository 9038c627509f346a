/** The smaller formats of DHCP: what clients keep, where addresses are, and command lines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseClientCommand } from '../../lib/parsers/dhcp-client-argv.ts';
import { parseIfcfg, parseInterfaces } from '../../lib/parsers/dhcp-interfaces.ts';
import { parseDhcpPacket } from '../../lib/parsers/dhcp-packet.ts';
import { parseFibTrie } from '../../lib/parsers/fib-trie.ts';
import { parseIpAddr } from '../../lib/parsers/ip-addr.ts';
import { parseSavedLease } from '../../lib/parsers/networkd-lease.ts';
import { parseNmDevice } from '../../lib/parsers/nm-device.ts';
import { parseProcNetUdp } from '../../lib/parsers/proc-net-udp.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('a lease of systemd-networkd or NetworkManager', () => {
  it.each([
    ['ADDRESS=10.0.0.5\nT1=30min\nT2=52min 30s\nLIFETIME=1h\n', 1800, 3150, 3600],
    ['ADDRESS=10.0.0.5\nT1=1800\nT2=3150\nLIFETIME=3600\n', 1800, 3150, 3600],
    ['# This is private data. Do not parse.\nADDRESS=10.0.0.5\n', null, null, null],
    ['ADDRESS=10.0.0.5\nLIFETIME=1d 12h\n', null, null, 129600],
    ['ADDRESS=10.0.0.5\nLIFETIME=4294967295\n', null, null, null],
    ['ADDRESS=10.0.0.5\nLIFETIME=infinity\n', null, null, null],
    // Every unit that format_timespan of systemd writes.
    ['ADDRESS=10.0.0.5\nT1=500ms\nT2=250us\nLIFETIME=1y 2month 1w\n', 0.5, 0.00025, 37422000],
  ])('%j', (text, t1Seconds, t2Seconds, lifetimeSeconds) => {
    expect(parseSavedLease(text)).toEqual({ address: '10.0.0.5', t1Seconds, t2Seconds, lifetimeSeconds });
  });

  it.each([
    '',
    'NETMASK=255.0.0.0\n',
    'ADDRESS=x y\n',
    'ADDRESS=x10.0.0.5\n',
    'ADDRESS=10.0.0.5x\n',
    ' ADDRESS=10.0.0.5\n',
  ])('refuses %j, without an address', (text) => {
    expect(() => parseSavedLease(text)).toThrow(new FormatError('saved lease', 'no ADDRESS'));
  });

  it.each([
    'soon',
    'x30',
    'x30s',
    '30s!',
    '30.s',
    '1.5',
    '30parsecs',
    'xinfinity',
    'infinityx',
    '1234567890123',
    '',
  ])('refuses T1=%s, which is no time', (span) => {
    expect(() => parseSavedLease(`ADDRESS=10.0.0.5\nT1=${span}\n`)).toThrow(
      new FormatError('saved lease, T1', 'no time span', span),
    );
  });
});

/** As dhcpcd 9.4.1 has kept it: 300 bytes, options at 240. */
function packet(options: readonly number[]): Buffer {
  const bytes = Buffer.alloc(300);
  bytes.set([2, 1, 6, 0], 0);
  bytes.set([10, 98, 0, 29], 16);
  bytes.set([0x63, 0x82, 0x53, 0x63, ...options], 236);
  return bytes;
}

describe('what NetworkManager says of a device', () => {
  const lease = { address: '10.98.0.25', t1Seconds: null, t2Seconds: null, lifetimeSeconds: 120 };
  it.each([
    ['', { isManaged: false, lease: null }],
    ['[device]\nmanaged=true\nnm-owned=false\n', { isManaged: true, lease: null }],
    ['[device]\nmanaged=1\n', { isManaged: true, lease: null }],
    ['[device]\nunmanaged=true\nmanaged=10\n', { isManaged: false, lease: null }],
    ['[dhcp4]\ndhcp4.dhcp_lease_time=120\nxdhcp4.ip_address=10.98.0.25\ndhcp4.ip_address=10.98.0.25x\n', { isManaged: false, lease: null }],
    ['[device]\nmanaged=false\n', { isManaged: false, lease: null }],
    ['[device]\nmanaged=true\n\n[dhcp4]\ndhcp4.dhcp_lease_time=120\ndhcp4.ip_address=10.98.0.25\n', { isManaged: true, lease }],
    [
      '[device]\nmanaged=true\n\n[dhcp4]\ndhcp4.dhcp_lease_time=120\ndhcp4.dhcp_rebinding_time=100\ndhcp4.dhcp_renewal_time=3\ndhcp4.ip_address=10.98.0.25\n',
      { isManaged: true, lease: { ...lease, t1Seconds: 3, t2Seconds: 100 } },
    ],
    ['[dhcp4]\ndhcp4.dhcp_lease_time=4294967295\ndhcp4.ip_address=10.98.0.25\n', { isManaged: false, lease: { ...lease, lifetimeSeconds: null } }],
    ['[dhcp4]\ndhcp4.dhcp_lease_time=120\n', { isManaged: false, lease: null }],
  ])('%j', (text, expected) => {
    expect(parseNmDevice(text)).toEqual(expected);
  }); // prettier-ignore
});

describe('a packet that dhcpcd has kept', () => {
  it('has the address, and its times', () => {
    const options = [53, 1, 5, 54, 4, 10, 98, 0, 1, 51, 4, 0, 0, 0, 120, 58, 4, 0, 0, 0, 3, 59, 4, 0, 0, 0, 100, 255];
    expect(parseDhcpPacket(packet(options))).toEqual({ address: '10.98.0.29', t1Seconds: 3, t2Seconds: 100, lifetimeSeconds: 120 });
  }); // prettier-ignore

  it('may be infinite, and its options may be cut off', () => {
    expect(parseDhcpPacket(packet([51, 4, 255, 255, 255, 255, 255])).lifetimeSeconds).toBeNull();
    expect(parseDhcpPacket(packet([0, 0, 51, 200, 1])).lifetimeSeconds).toBeNull();
  });

  it('has an option that ends where it ends, none behind an end mark, and paddings between', () => {
    const exact = (...options: number[]): Buffer => packet(options).subarray(0, 240 + options.length);
    expect(parseDhcpPacket(exact(51, 4, 0, 0, 0, 120)).lifetimeSeconds).toBe(120);
    expect(parseDhcpPacket(exact(51, 4, 0, 0, 0)).lifetimeSeconds).toBeNull();
    for (const length of [5, 200]) expect(parseDhcpPacket(exact(51, length, 0, 0, 0, 120)).lifetimeSeconds).toBeNull();
    expect(parseDhcpPacket(exact(0, 51, 4, 0, 0, 0, 120, 0, 58, 4, 0, 0, 0, 3))).toMatchObject({ t1Seconds: 3, lifetimeSeconds: 120 });
    expect(parseDhcpPacket(exact(255, 4, 0, 0, 0, 0, 51, 4, 0, 0, 0, 120)).lifetimeSeconds).toBeNull();
    expect(parseDhcpPacket(packet([]).subarray(0, 240)).lifetimeSeconds).toBeNull();
  }); // prettier-ignore

  it.each([
    ['of a client', 0, 1],
    ['with another first byte of the cookie', 236, 0],
    ['with another last byte of the cookie', 239, 0],
  ])('refuses one %s', (_, at, byte) => {
    const bytes = packet([51, 4, 0, 0, 0, 120, 255]);
    bytes[at] = byte;
    expect(() => parseDhcpPacket(bytes)).toThrow(FormatError);
  });

  it('refuses what is none', () => {
    for (const [bytes, problem] of [
      [Buffer.alloc(0), '0 bytes, it has at least 240'],
      [packet([]).subarray(0, 239), '239 bytes, it has at least 240'],
      [Buffer.alloc(300), 'not an answer of a server'],
      [Buffer.alloc(300, 2), 'no magic cookie'],
    ] as const)
      expect(() => parseDhcpPacket(bytes)).toThrow(new FormatError('DHCP packet', problem));
  });
});

// Recorded with iproute2 6.1.
const IP = '[{"ifindex":2,"link_index":2,"ifname":"v1","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"operstate":"UP","link_type":"ether","address":"3a:90:8e:f1:92:2a","addr_info":[{"family":"inet","local":"10.98.0.29","prefixlen":24,"broadcast":"10.98.0.255","scope":"global","dynamic":true,"label":"v1","valid_life_time":118,"preferred_life_time":118},{"family":"inet6","local":"fe80::3890:8eff:fef1:922a","prefixlen":64,"scope":"link","valid_life_time":4294967295,"preferred_life_time":4294967295}]}]'; // prettier-ignore

it('ip tells devices, addresses, and what is counted down', () => {
  expect(parseIpAddr(IP)).toEqual([
    {
      index: 2,
      name: 'v1',
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      addresses: [
        { family: 4, address: '10.98.0.29', prefixLength: 24, scope: 'global', validSeconds: 118 },
        {
          family: 6,
          address: 'fe80::3890:8eff:fef1:922a',
          prefixLength: 64,
          scope: 'link',
          validSeconds: null,
        },
      ],
    },
  ]);
  expect(parseIpAddr('[{}]')).toEqual([]);
  for (const [text, message] of [
    ['{', 'no JSON, found "{"'],
    ['{}', 'no JSON array, found "{}"'],
    ['[{},1]', 'element 1 is no object'],
    ['[{"ifname":"x"}]', 'element 0 has no ifindex or ifname'],
  ] as const)
    expect(() => parseIpAddr(text)).toThrow(`ip -j addr: ${message}`);
});

it('ip tells no more of an address than it says', () => {
  const addresses = [
    { family: 'inet', local: '10.0.0.5' },
    { family: 'inet6', local: 'fe80::1' },
    { family: 'mpls', local: '100' },
    { family: 'inet' },
    null,
  ];
  const device = { ifindex: 3, ifname: 'v2', flags: ['UP', 1], addr_info: addresses };
  const own = { scope: '', validSeconds: null };
  expect(parseIpAddr(JSON.stringify([{}, device]))).toEqual([
    {
      index: 3,
      name: 'v2',
      flags: ['UP'],
      addresses: [
        { family: 4, address: '10.0.0.5', prefixLength: 32, ...own },
        { family: 6, address: 'fe80::1', prefixLength: 128, ...own },
      ],
    },
  ]);
  expect(parseIpAddr('[{"ifindex":3,"ifname":"v2"}]')).toMatchObject([{ flags: [], addresses: [] }]);
  for (const bad of ['[{"ifindex":3}]', '[{"ifname":"v2"}]', '[1]'])
    expect(() => parseIpAddr(bad)).toThrow(FormatError);
});

it('the table of the kernel tells its own addresses, each once', () => {
  const text = 'Main:\n  |-- 10.98.0.29\n     /32 host LOCAL\nLocal:\n  |-- 10.98.0.0\n     /24 link UNICAST\n  |-- 10.98.0.29\n     /32 host LOCAL\n  |-- 10.98.0.255\n     /32 link BROADCAST\n';
  expect(parseFibTrie(text)).toEqual(['10.98.0.29']);
  // Of a table behind a rule of its own (ip rule), as of VRFs.
  expect(parseFibTrie(text.replace('Main:', 'Id 1001:'))).toEqual(['10.98.0.29']);
  for (const bad of ['', 'nothing', 'Id :\n', 'xMain:\n'])
    expect(() => parseFibTrie(bad)).toThrow(new FormatError('/proc/net/fib_trie', 'no table'));
}); // prettier-ignore

it('the sockets of a namespace have their ports', () => {
  const heading = '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            \n';
  const line = ' 3996: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2028889 2 00000000e2467b49 0       \n';
  expect(parseProcNetUdp(heading + line)).toEqual([{ port: 67, inode: 2028889 }]);
  expect(parseProcNetUdp(heading)).toEqual([]);
  for (const bad of ['', 'x']) expect(() => parseProcNetUdp(bad)).toThrow(new FormatError('/proc/net/udp', 'no heading', bad));
  const bad = [
    'nonsense',
    ...['x00000000:0043', '00000000:0043x', '00000000:00430', '00000000:43'].map((address) => line.replace('00000000:0043', address)),
    ...['x2028889', '2028889x', '-1'].map((inode) => line.replace('2028889', inode)),
    line.slice(0, line.indexOf(' 2028889')),
  ];
  for (const one of bad) expect(() => parseProcNetUdp(heading + line + one)).toThrow(new FormatError('/proc/net/udp', 'no socket', one.trim()));
}); // prettier-ignore

it.each<[string, string, readonly string[], readonly string[] | null, number | null]>([
  ['ifupdown', 'dhclient', ['dhclient', '-4', '-v', '-i', '-pf', '/run/p', '-lf', '/l', '-I', '-df', '/d', 'eth0'], ['eth0'], 4],
  ['Red Hat', 'dhclient', ['/sbin/dhclient', '-H', 'host', '-1', '-q', '-lf', '/l', '-pf', '/p', 'eth0'], ['eth0'], 4],
  ['all interfaces', 'dhclient', ['dhclient'], [], 4],
  ['IPv6', 'dhclient', ['dhclient', '-6', 'eth0', 'eth1'], ['eth0', 'eth1'], 6],
  ['giving back', 'dhclient', ['dhclient', '-r', 'eth0'], null, null],
  ['a title of dhcpcd', 'dhcpcd', ['dhcpcd: v1 [ip4]', '', ''], ['v1'], 4],
  ['a helper of dhcpcd', 'dhcpcd', ['dhcpcd: [privileged proxy] v1 [ip4]'], null, null],
  ['the manager of dhcpcd', 'dhcpcd', ['dhcpcd: [manager] [ip4] [ip6]'], [], null],
  ['an older dhcpcd', 'dhcpcd', ['/sbin/dhcpcd', '-q', '-C', 'resolv.conf', 'eth0'], ['eth0'], null],
  ['udhcpc', 'busybox', ['udhcpc', '-n', '-p', '/run/x', '-i', 'eth1'], ['eth1'], 4],
  ['udhcpc without a name', 'busybox', ['busybox', 'udhcpc'], ['eth0'], 4],
  ['another busybox', 'busybox', ['busybox', 'sh'], null, null],
  ['ending another one', 'dhclient', ['dhclient', '-x', 'eth0'], null, null],
  ['dhclient by its build', 'dhclient-4.4', ['dhclient', 'eth0'], ['eth0'], 4],
  ['empty words', 'dhclient', ['dhclient', '', 'eth0'], ['eth0'], 4],
  ['no words', 'dhclient', [], [], 4],
  ['a title of dhcpcd for IPv6', 'dhcpcd', ['dhcpcd: v1 [ip6]'], ['v1'], 6],
  ['a title with nothing but a name', 'dhcpcd', ['dhcpcd: v1  '], ['v1'], null],
  ['a title of dhcpcd for both, its default', 'dhcpcd', ['dhcpcd: v1 [ip4] [ip6]', '', ''], ['v1'], null],
  ['a title of dhcpcd that nobody knows here', 'dhcpcd', ['dhcpcd: v1 v2 [ip4]'], null, null],
  ['the master of an older dhcpcd', 'dhcpcd', ['dhcpcd: [master] [ip4]'], [], 4],
  ['a helper of the manager', 'dhcpcd', ['dhcpcd: [network proxy] [manager]'], null, null],
  ['dhcpcd for IPv4', 'dhcpcd', ['dhcpcd', '-4', 'eth0'], ['eth0'], 4],
  ['dhcpcd for IPv6', 'dhcpcd', ['dhcpcd', '-6', 'eth0'], ['eth0'], 6],
  ['dhcpcd by its build', 'dhcpcd-armv7', ['dhcpcd', '-cx', 'br-c', 'eth0'], ['br-c', 'eth0'], null],
  ['dhcpcd for one interface', 'dhcpcd', ['dhcpcd', 'eth0'], ['eth0'], null],
  ['udhcpc of its own', 'udhcpc', ['/sbin/udhcpc', '-ieth2'], ['eth2'], 4],
  ['udhcpc with the long name', 'udhcpc', ['udhcpc', '--interface', 'eth3'], ['eth3'], 4],
  ['udhcpc with both in one', 'udhcpc', ['udhcpc', '-x', 'hostname:vm-i5', '--interface=eth4'], ['eth4'], 4],
  ['udhcpc with another value in one', 'udhcpc', ['udhcpc', '-p/run/p', '-i', 'eth5'], ['eth5'], 4],
  ['busybox by its build', 'busybox.static', ['/bin/busybox', 'udhcpc', '-i', 'eth1'], ['eth1'], 4],
  ['busybox by its build and name', 'busybox.static', ['busybox.static', 'udhcpc', '-i', 'eth1'], ['eth1'], 4],
  ['busybox at the root', 'busybox', ['/busybox', 'udhcpc', '-i', 'eth1'], ['eth1'], 4],
  ['another busybox by its build', 'busybox.static', ['busybox.static', 'sh'], null, null],
  ['a busybox of another name', 'busybox', ['myudhcpc', '-i', 'eth1'], null, null],
  ['a busybox of a longer name', 'busybox', ['udhcpc6', '-i', 'eth1'], null, null],
  ['what only calls itself udhcpc', 'sh', ['udhcpc'], null, null],
  ['NetworkManager', 'NetworkManager', ['/usr/sbin/NetworkManager', '--no-daemon'], [], null],
  ['systemd-networkd', 'systemd-networkd', ['/lib/systemd/systemd-networkd'], [], null],
  ['another program', 'dnsmasq', ['dnsmasq'], null, null],
])('a command line: %s', (_, program, argv, interfaces, family) => {
  const command = parseClientCommand(program, argv);
  expect(command === null ? null : [command.interfaces, command.family]).toEqual(interfaces === null ? null : [interfaces, family]);
}); // prettier-ignore

it('dhclient says where its leases are, and whether NetworkManager answers for it', () => {
  const command = (...args: string[]) => parseClientCommand('dhclient', ['dhclient', ...args]);
  expect(command('eth0')).toMatchObject({ client: 'dhclient', leaseFile: null, isOfNetworkManager: false });
  expect(command('-lf', '/l', 'eth0')).toMatchObject({ leaseFile: '/l', isOfNetworkManager: false });
  expect(command('-sf', '/usr/lib/nm-dhcp-helper')).toMatchObject({ isOfNetworkManager: true });
  const other = { leaseFile: null, isOfNetworkManager: false };
  expect(parseClientCommand('udhcpc', ['udhcpc'])).toMatchObject({ client: 'udhcpc', ...other });
  expect(parseClientCommand('dhcpcd', ['dhcpcd: v1'])).toMatchObject({ client: 'dhcpcd', ...other });
  expect(parseClientCommand('systemd-networkd', [])).toMatchObject({ client: 'systemd-networkd', ...other });
});

it('configuration says what is started with the host', () => {
  const text = 'auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\nallow-hotplug eth1\niface eth1 inet dhcp\niface eth2 inet static\n';
  expect(parseInterfaces(text)).toEqual([{ name: 'eth0', family: 4 }]);
}); // prettier-ignore

// Continued lines as ifquery of ifupdown 0.8.41 reads them.
it.each<[string, string, readonly string[]]>([
  ['its other word', 'allow-auto eth0\niface eth0 inet dhcp', ['eth0 4']],
  ['both families', ' auto eth0\n iface  eth0 inet\t dhcp\n\tiface eth0 inet6 dhcp', ['eth0 4', 'eth0 6']],
  ['a line that goes on', 'auto lo \\\n eth0 et\\\nh1\niface eth0 inet dhcp\niface eth1 inet dhcp', ['eth0 4', 'eth1 4']],
  ['what is commented out', 'auto eth0\n#iface eth0 inet dhcp\niface eth0 inet static', []],
  ['a template of that name', 'auto eth0\niface eth0 inherits dhcp', []],
])('/etc/network/interfaces: %s', (_, text, expected) => {
  expect(parseInterfaces(text).map(({ name, family }) => `${name} ${family}`)).toEqual(expected);
}); // prettier-ignore

describe('an ifcfg file', () => {
  it.each([
    ['BOOTPROTO="dhcp"', 'eth0'],
    ['DEVICE=br0\nBOOTPROTO=dhcp\nONBOOT=yes', 'br0'],
    ['DEVICE=""\nBOOTPROTO=bootp', 'eth0'],
    ['  BOOTPROTO=DHCP  # as before', 'eth0'],
    ['BOOTPROTO=dhcp6', null],
    ['BOOTPROTO=nodhcp', null],
    ['BOOTPROTO=static', null],
    ['BOOTPROTO=none\n#BOOTPROTO=dhcp', null],
    ['ONBOOT=yes', null],
    // svParseBoolean of NetworkManager's ifcfg-rh plugin: what is neither is yes.
    ...['yes', 'on', 'nonsense', 'tuno'].map((word): [string, string] => [`BOOTPROTO=dhcp\nONBOOT=${word}`, 'eth0']),
    ...['no', 'NO', "'n'", 'false', 'f', '0'].map((word): [string, null] => [`BOOTPROTO=dhcp\nONBOOT=${word}`, null]),
  ])('%j sets up %j', (text, expected) => {
    expect(parseIfcfg(`${text}\n`, 'ifcfg-eth0')).toBe(expected);
  }); // prettier-ignore

  it.each(['ifcfg-eth0~', 'ifcfg-eth0.bak', 'ifcfg-eth0.orig', 'ifcfg-eth0.rpmnew', 'ifcfg-eth0.rpmsave'])(
    'that an editor or rpm left behind counts for nothing: %s',
    (name) => {
      expect(parseIfcfg('DEVICE=eth0\nBOOTPROTO=dhcp\n', name)).toBeNull();
      expect(parseIfcfg('BOOTPROTO=dhcp\n', `${name}2`)).toBe(`${name}2`.slice('ifcfg-'.length));
    },
  );
});

it('none of them throws anything but FormatError', () => {
  const parsers = [parseSavedLease, parseNmDevice, parseIpAddr, parseFibTrie, parseProcNetUdp, parseInterfaces, (text: string) => parseIfcfg(text, 'ifcfg-a'), (text: string) => parseDhcpPacket(Buffer.from(text)), (text: string) => parseClientCommand('dhclient', text.split(' '))]; // prettier-ignore
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...parsers), (text, parse) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});
