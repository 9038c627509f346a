/** check_dhcp_liveness on hosts of all kinds: every state it can give, and the healthy hosts that look similar. */

import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_dhcp_liveness.ts';
import { device, dhcpHost, NOW, type DhcpHost, type Proc } from '../dhcp-host.ts';
import { replay } from '../plugin-test.ts';

async function check(host: DhcpHost, ...args: string[]) {
  const log = args.includes('--log') ? args[args.indexOf('--log') + 1] : undefined;
  const { code, text } = await replay(plugin, await dhcpHost(host, log), ...args);
  const [first = '', ...rest] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line: line.replace(/^DHCP_LIVENESS /, ''), perfdata, long: rest.join('\n'), text };
}

/** As dhclient writes it: weekday, date, time, in UTC. */
function date(at: number): string {
  const time = new Date(at * 1000);
  return `${time.getUTCDay()} ${time.toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')}`;
}

interface Times {
  readonly obtained?: number;
  readonly seconds?: number;
  readonly address?: string;
  readonly name?: string;
}

/** A lease that was obtained so many seconds ago, by default a minute; T1 is half of it, T2 seven eighths. */
function lease({ obtained = -60, seconds = 3600, address = '10.0.0.5', name = 'eth0' }: Times = {}): string {
  const at = (after: number): string => date(NOW + obtained + after);
  return `lease {
  interface "${name}";
  fixed-address ${address};
  option dhcp-lease-time ${seconds};
  option host-name "x; lease { interface \\"eth9\\"; }";
  renew ${at(seconds / 2)};
  rebind ${at((seconds * 7) / 8)};
  expire ${at(seconds)};
}
`;
}

const lease6 = (name = 'eth0'): string => `lease6 {\n interface "${name}";\n ia-na aa:bb:cc:dd {\n starts ${NOW - 60};\n renew 1000;\n rebind 2000;\n iaaddr 2001:db8::5 {\n starts ${NOW - 60};\n preferred-life 3000;\n max-life 4000;\n }\n }\n}\n`; // prettier-ignore

const FILE = '/var/lib/dhcp/dhclient.eth0.leases';
const DHCLIENT: Proc = { argv: ['/sbin/dhclient', '-4', '-v', '-i', '-pf', '/run/dhclient.eth0.pid', '-lf', FILE, '-I', '-df', '/var/lib/dhcp/dhclient6.eth0.leases', 'eth0'] }; // prettier-ignore
const ETH0 = (left: number | null = 3540): string =>
  JSON.stringify([device('eth0', 2, [['10.0.0.5', left]])]);
const CLIENT: DhcpHost = { processes: { 100: DHCLIENT }, files: { [FILE]: lease() }, ip: ETH0() };
const DEAD: DhcpHost = { ...CLIENT, processes: {} };

const DNSMASQ: Proc = {
  argv: ['/usr/sbin/dnsmasq', '--conf-file=/var/lib/libvirt/dnsmasq/default.conf', '--leasefile-ro', '--dhcp-script=/usr/lib/libvirt/libvirt_leaseshelper'],
  ports: [67, 53],
}; // prettier-ignore
const NETWORK = `<networkstatus><network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip></network></networkstatus>`;
const LIBVIRT_FILES = {
  '/run/libvirt/network/default.xml': NETWORK,
  '/run/libvirt/network/default.pid': '200\n',
  '/var/lib/libvirt/dnsmasq/default.conf': 'strict-order\ninterface=virbr0\npid-file=/run/libvirt/network/default.pid\ndhcp-range=192.168.122.2,192.168.122.254\nlog-facility=/var/log/dnsmasq.log\n',
  '/var/lib/libvirt/dnsmasq/virbr0.status': `[{"ip-address":"192.168.122.133","mac-address":"52:54:00:83:69:b7","expiry-time":${NOW + 100}},{"ip-address":"192.168.122.134","mac-address":"52:54:00:83:69:b8","expiry-time":${NOW - 9000}}]`,
  '/var/log/dnsmasq.log': '',
}; // prettier-ignore
const LIBVIRT: DhcpHost = {
  processes: { 200: DNSMASQ, 201: { ...DNSMASQ, ppid: 200, ports: [] } },
  files: LIBVIRT_FILES,
};

const NM: Proc = { argv: ['/usr/sbin/NetworkManager', '--no-daemon'] };
const NM_LEASE = '/var/lib/NetworkManager/internal-11111111-2222-3333-4444-555555555555-eth0.lease';
const nmDevice = (lease = ''): string =>
  `[device]\nmanaged=true\nconnection-uuid=11111111-2222-3333-4444-555555555555\n${lease}`;
const nmLease = (seconds: number): string =>
  `\n[dhcp4]\ndhcp4.dhcp_lease_time=${seconds}\ndhcp4.ip_address=10.0.0.5\n`;

/** What dhcpcd keeps of an answer that gives an hour, and neither T1 nor T2. */
const PACKET = Buffer.concat([
  Buffer.from([2]), Buffer.alloc(15), Buffer.from([10, 0, 0, 5]), Buffer.alloc(216),
  Buffer.from([0x63, 0x82, 0x53, 0x63, 53, 1, 5, 51, 4, 0, 0, 0x0e, 0x10, 255]),
]); // prettier-ignore

describe('a healthy host', () => {
  it.each<[string, DhcpHost]>([
    ['dhclient that has renewed', CLIENT],
    ['no DHCP at all', {}],
    ['a lease that never ends', { ...CLIENT, files: { [FILE]: lease().replace(/(renew|rebind|expire) .*;/g, '$1 never;').replace('3600', '4294967295') } }],
    ['an infinite lease that ends in 2156', { ...CLIENT, files: { [FILE]: lease().replace(/(renew|rebind|expire) .*;/g, '$1 0 2156/10/17 20:41:21;').replace('3600', '4294967295') } }],
    ['an infinite lease whose client is gone', { ...DEAD, ip: ETH0(null), files: { [FILE]: lease().replace(/(renew|rebind|expire) .*;/g, '$1 never;') } }],
    ['a lease past T1, and before T2', { ...CLIENT, files: { [FILE]: lease({ obtained: -1900 }) } }],
    ['a lease before the one that holds', { ...CLIENT, files: { [FILE]: lease({ obtained: -9000, address: '10.0.0.9' }) + lease() } }],
    ['a half-written block at the end', { ...CLIENT, files: { [FILE]: `${lease()}lease {\n  interface "eth0";\n  fixed-address 10.0.` } }],
    ['what an installer left, the address static now', { ...DEAD, ip: ETH0(null), files: { [FILE]: lease({ obtained: -9_000_000 }) } }],
    ['what an installer left, another address now', { files: { [FILE]: lease({ obtained: -9_000_000 }) }, ip: JSON.stringify([device('eth0', 2, [['192.0.2.1', null]])]) }],
    ['a lease of this boot, another address now', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [['192.0.2.1', null]])]) }],
    ['an interface that was taken down', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [], 'BROADCAST')]) }],
    ['a lease that was given back', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [])]), files: { [FILE]: lease() + lease().replace(/(renew|rebind|expire) .*;/g, `$1 ${date(NOW - 5)};`) } }],
    ['a lease of an interface that is not there any more', { ...DEAD, ip: JSON.stringify([device('eth1', 3, [])]) }],
    ['dhclient without a cable', { ...CLIENT, files: {}, ip: JSON.stringify([device('eth0', 2, [], 'UP')]) }],
    ['an expired lease without a cable', { ...CLIENT, files: { [FILE]: lease({ obtained: -9000 }) }, ip: JSON.stringify([device('eth0', 2, [], 'UP')]) }],
    ['dhclient in its first minute', { ...CLIENT, files: {}, processes: { 100: { ...DHCLIENT, ageSeconds: 5 } }, ip: JSON.stringify([device('eth0', 2, [])]) }],
    ['dhclient for all interfaces', { ...CLIENT, processes: { 100: { argv: ['dhclient'] } } }],
    ['systemd-networkd in charge', { processes: { 50: { argv: ['/lib/systemd/systemd-networkd'] } }, ip: ETH0(), files: { '/run/systemd/netif/leases/2': '# This is private data. Do not parse.\nADDRESS=10.0.0.5\nT1=30min\nT2=52min 30s\nLIFETIME=1h\n' } }],
    ['NetworkManager in charge, after dhclient was', { processes: { 50: { argv: ['/usr/sbin/NetworkManager', '--no-daemon'] } }, ip: ETH0(), files: { [FILE]: lease(), '/run/NetworkManager/devices/2': '[device]\nmanaged=true\n', '/var/lib/NetworkManager/internal-11111111-2222-3333-4444-555555555555-eth0.lease': '# This is private data. Do not parse.\nADDRESS=10.0.0.5\n' } }],
    ['systemd-networkd, whose file is as old as its first lease', { processes: { 50: { argv: ['/usr/lib/systemd/systemd-networkd'] } }, ip: ETH0(), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nT1=1800\nT2=3150\nLIFETIME=3600\n' }, times: { '/run/systemd/netif/leases/2': NOW - 400_000 } }],
    ['NetworkManager with a lease that says how long it is', { processes: { 50: NM }, ip: ETH0(), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)), [NM_LEASE]: 'ADDRESS=10.0.0.5\n' } }],
    ['NetworkManager, whose connection has an address of its own now', { processes: { 50: NM }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.99', null]])]), files: { '/run/NetworkManager/devices/2': nmDevice(), [NM_LEASE]: 'ADDRESS=10.0.0.5\n' } }],
    ['NetworkManager, whose connection was ended', { processes: { 50: NM }, ip: JSON.stringify([device('eth0', 2, [])]), files: { '/run/NetworkManager/devices/2': '[device]\nmanaged=true\n', [NM_LEASE]: 'ADDRESS=10.0.0.5\n' } }],
    ['NetworkManager, whose device had another lease elsewhere', { processes: { 50: NM }, ip: ETH0(), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)), [NM_LEASE]: 'ADDRESS=10.0.0.5\n', [NM_LEASE.replace('11111111', '99999999')]: 'ADDRESS=192.0.2.7\n' } }],
    ['an older NetworkManager, which says of no lease how long it is', { processes: { 50: NM }, ip: ETH0(), files: { '/run/NetworkManager/devices/2': nmDevice(), [NM_LEASE]: 'ADDRESS=10.0.0.5\n', [NM_LEASE.replace('11111111', '99999999')]: 'ADDRESS=192.0.2.7\n' } }],
    ['dhcpcd, a minute after an answer', { processes: { 50: { argv: ['dhcpcd: eth0 [ip4]'], program: 'dhcpcd' } }, ip: ETH0(), files: { '/var/lib/dhcpcd/eth0.lease': PACKET }, times: { '/var/lib/dhcpcd/eth0.lease': NOW - 60 } }],
    ["NetworkManager's dhclient", { processes: { 50: { argv: ['/usr/sbin/NetworkManager'] }, 51: { argv: ['/sbin/dhclient', '-d', '-q', '-sf', '/usr/lib/NetworkManager/nm-dhcp-helper', '-pf', '/run/NetworkManager/dhclient-eth0.pid', '-lf', '/var/lib/NetworkManager/dhclient-1-eth0.lease', '-cf', '/x', 'eth0'] } }, ip: ETH0(), files: { '/var/lib/NetworkManager/dhclient-1-eth0.lease': lease() } }],
    ['a client nobody knows, on the port of clients', { ip: ETH0(), files: { '/proc/net/udp': '   sl  local_address\n  1: 00000000:0044 00000000:0000 07 0:0 0:0 0 0 0 77 2 0 0\n' } }],
    ['an SLAAC address', { ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', 3600]])]) }],
    ['without ip, from the table of the kernel', { ...CLIENT, ip: null, files: { [FILE]: lease(), '/proc/net/fib_trie': 'Local:\n  |-- 10.0.0.5\n     /32 host LOCAL\n' } }],
    ['a network of libvirt', LIBVIRT],
    ['a network of libvirt without DHCP', { files: { '/run/libvirt/network/isolated.xml': '<network><name>isolated</name></network>' } }],
    ['dnsmasq for names only', { processes: { 200: { argv: ['/usr/sbin/dnsmasq', '-k', '--port=53', '--conf-file=/dev/null'] } } }],
    ['dnsmasq by its default configuration, for names only', { processes: { 200: { argv: ['/usr/sbin/dnsmasq', '-x', '/run/dnsmasq/dnsmasq.pid'] } }, files: { '/etc/dnsmasq.conf': '# dhcp-range=10.0.0.2,10.0.0.9\nport=53\n' } }],
    ['neutron, infinite leases', { processes: { 300: { argv: ['dnsmasq', '--no-hosts', '--pid-file=/var/lib/neutron/dhcp/7d9a/pid', '--dhcp-leasefile=/var/lib/neutron/dhcp/7d9a/leases', '--dhcp-range=set:subnet-7d9a,10.0.0.0,static,255.255.255.0,86400s', '--conf-file=/dev/null', '--log-facility=/var/log/dnsmasq.log'], netns: 'net:[7]', ports: [67] } }, files: { '/var/lib/neutron/dhcp/7d9a/pid': '300', '/var/lib/neutron/dhcp/7d9a/leases': '0 fa:16:3e:aa:bb:cc 10.0.0.5 host-10-0-0-5 *\n', '/var/log/dnsmasq.log': '' } }],
    ['a quiet night', { processes: { 200: { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.2,10.0.0.9', '-l', '/var/lib/misc/dnsmasq.leases', '-8', '/var/log/dnsmasq.log'], ports: [67] } }, files: { '/var/lib/misc/dnsmasq.leases': `${NOW + 5} 52:54:00:00:00:01 10.0.0.3 * *\nduid 00:01\n`, '/var/log/dnsmasq.log': '' }, times: { '/var/lib/misc/dnsmasq.leases': NOW - 50_000, '/var/log/dnsmasq.log': NOW - 50_000 } }],
    ['a host without a clock, leases by their length', { processes: { 200: { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.2,10.0.0.9', '-l', '/tmp/dhcp.leases', '-8', '/var/log/dnsmasq.log'], ports: [67] } }, files: { '/tmp/dhcp.leases': '3600 52:54:00:00:00:01 10.0.0.3 * *\n', '/var/log/dnsmasq.log': '' } }],
    ['nova-network has left a pid file, and no bridge', { files: { '/var/lib/nova/networks/nova-br100.pid': '4711\n' } }],
  ])('is OK: %s', async (_, host) => {
    const { code, text } = await check(host);
    expect({ code, text }).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('without any says how many processes it has looked at, and no numbers', async () => {
    expect(await check({ processes: { 77: { argv: ['sshd'] } } })).toMatchObject({
      code: 0,
      line: expect.stringMatching(
        /^OK - no DHCP clients or servers: [1-9] processes, none of them one that is looked at$/,
      ) as unknown,
      perfdata: '',
    });
  });

  it('says the state in one line, and the numbers', async () => {
    expect(await check({ ...LIBVIRT, ...CLIENT, files: { ...CLIENT.files, ...LIBVIRT_FILES }, processes: { ...CLIENT.processes, ...LIBVIRT.processes } })).toMatchObject({
      line: 'OK - 1 client, shortest lease 59 min, 1 server',
      perfdata: 'clients=1;;;0 servers=1;;;0 leases=1;;;0 lease_remaining=3540s;;;0 eth0_lease_left=98%;;;0;100 default_pool=0%;;;0;100 deaf=0;;;0',
    });
  }); // prettier-ignore
});

describe('a client', () => {
  it.each<[string, DhcpHost, string]>([
    ['was killed', DEAD, 'CRITICAL - eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['was killed, another one runs in a container', { ...CLIENT, processes: { 100: { ...DHCLIENT, netns: 'net:[99]' } } }, 'CRITICAL - eth0: no DHCP client is running'],
    ['was killed, one in a container is seen by an unprivileged user', { ...CLIENT, uid: 65534, processes: { 100: { ...DHCLIENT, netns: null, nspid: '100\t7' } } }, 'CRITICAL - eth0: no DHCP client is running'],
    ['was killed, one of docker is seen by an unprivileged user', { ...CLIENT, uid: 65534, processes: { 100: { ...DHCLIENT, netns: null, cgroup: '/system.slice/docker-0a.scope' } } }, 'CRITICAL - eth0: no DHCP client is running'],
    ['was killed, one of another interface runs', { ...CLIENT, processes: { 100: { argv: ['dhclient', 'eth1'] } } }, 'CRITICAL - eth0: no DHCP client is running'],
    ['was killed, and the address ran out', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [])]), files: { [FILE]: lease({ obtained: -4000 }) } }, 'which ended 6 min ago'],
    ['kept its lease elsewhere', { ip: ETH0() }, 'CRITICAL - eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ends in 59 min'],
    ['is missing by configuration', { ip: ETH0(null), files: { '/etc/network/interfaces': 'auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n' } }, 'CRITICAL - eth0: no DHCP client is running, /etc/network/interfaces wants one'],
    ['is missing by an ifcfg file', { ip: ETH0(null), files: { '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE="eth0"\nBOOTPROTO=dhcp\nONBOOT=yes\n' } }, 'ifcfg-eth0 wants one'],
    ['networkd is not running', { ip: ETH0(), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nLIFETIME=1h\n' } }, 'CRITICAL - eth0: no DHCP client'],
    ['is stopped', { ...CLIENT, processes: { 100: { ...DHCLIENT, state: 'T' } } }, 'CRITICAL - eth0: dhclient (pid 100) is stopped and renews nothing, the lease ends in 59 min'],
    ['has let its lease expire', { ...CLIENT, files: { [FILE]: lease({ obtained: -4000 }) } }, 'CRITICAL - eth0: the lease of 10.0.0.5 expired 6 min ago, the address is still in use, dhclient (pid 100) has not renewed it'],
    ['is past T2', { ...CLIENT, files: { [FILE]: lease({ obtained: -3200 }) } }, 'WARNING - eth0: the lease of 10.0.0.5 should have been renewed 23 min ago, past T2, it ends in 6 min'],
    ['is 15 minutes past T1', { ...CLIENT, files: { [FILE]: lease({ obtained: -44_200, seconds: 86_400 }) } }, 'WARNING - eth0: the lease of 10.0.0.5 should have been renewed 16 min ago, it ends in'],
    ['is systemd-networkd, and past T2', { processes: { 50: { argv: ['/usr/lib/systemd/systemd-networkd'] } }, ip: ETH0(300), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nT1=1800\nT2=3150\nLIFETIME=3600\n' } }, 'WARNING - eth0: the lease of 10.0.0.5 should have been renewed 25 min ago, past T2, it ends in 5 min'],
    ['is NetworkManager, and past T2', { processes: { 50: NM }, ip: ETH0(300), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)) } }, 'WARNING - eth0: the lease of 10.0.0.5 should have been renewed 25 min ago, past T2, it ends in 5 min'],
    ['is NetworkManager, whose address is gone', { processes: { 50: NM }, ip: JSON.stringify([device('eth0', 2, [])]), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)) } }, 'CRITICAL - eth0: the leased address 10.0.0.5 is not there, the interface has none'],
    ['is dhcpcd, and past T2 of a lease without timers', { processes: { 50: { argv: ['dhcpcd: eth0 [ip4]'], program: 'dhcpcd' } }, ip: ETH0(300), files: { '/var/lib/dhcpcd/eth0.lease': PACKET }, times: { '/var/lib/dhcpcd/eth0.lease': NOW - 3300 } }, 'WARNING - eth0: the lease of 10.0.0.5 should have been renewed 25 min ago, past T2, it ends in 5 min'],
    ['has another address', { ...CLIENT, ip: JSON.stringify([device('eth0', 2, [['10.0.0.77', null]])]) }, 'CRITICAL - eth0: the leased address 10.0.0.5 is not there, but 10.0.0.77'],
    ['has no address', { ...CLIENT, ip: JSON.stringify([device('eth0', 2, [])]) }, 'is not there, the interface has none'],
    ['never had a lease', { ...CLIENT, files: {}, ip: JSON.stringify([device('eth0', 2, [])]) }, 'CRITICAL - eth0: has no address, dhclient (pid 100) runs for 60 min without a lease'],
    ['has a lease of the future', { ...CLIENT, files: { [FILE]: lease({ obtained: 7200 }) } }, 'WARNING - eth0: its lease begins 2 h in the future, the clock was set back'],
    ['of IPv6 is past its life', { processes: { 100: { argv: ['dhclient', '-6', '-lf', FILE, 'eth0'] } }, ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', 9]])]), files: { [FILE]: `lease6 {\n interface "eth0";\n ia-na aa:bb:cc:dd {\n starts ${NOW - 5000};\n renew 1000;\n rebind 2000;\n iaaddr 2001:db8::5 {\n starts ${NOW - 5000};\n preferred-life 3000;\n max-life 4000;\n }\n }\n}\n` } }, 'CRITICAL - eth0: the lease of 2001:db8::5 expired 16 min ago'],
  ])('that %s', async (_, host, expected) => {
    const { line, code } = await check(host);
    expect(line).toContain(expected);
    expect(code).toBe(line.startsWith('WARNING') ? 1 : 2);
  }); // prettier-ignore

  it('is required, or forced, and may be left out', async () => {
    expect((await check({}, '--require-client', 'eth0')).line).toContain(
      'eth0: no DHCP client, --require-client wants one',
    );
    expect((await check(CLIENT, '--require-client', 'eth0')).code).toBe(0);
    expect((await check({}, '--client')).line).toContain('CRITICAL - no DHCP client');
    expect((await check(DEAD, '--server')).line).toContain('CRITICAL - no DHCP server (--server)');
    expect((await check(DEAD, '--ignore', 'eth*')).code).toBe(0);
    expect((await check(DEAD, '--no-client', 'warning')).code).toBe(1);
  });

  it('may have a lease without an end', async () => {
    const endless = { processes: { 50: NM }, ip: ETH0(null), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(4294967295)) } };
    expect(await check(endless, '-w', '50:')).toMatchObject({ code: 0, perfdata: expect.stringContaining('eth0_lease_left=100%') as unknown });
    const networkd = { processes: { 50: { argv: ['/usr/lib/systemd/systemd-networkd'] } }, ip: ETH0(null), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\n' } };
    expect(await check(networkd, '-w', '50:')).toMatchObject({ code: 0, perfdata: expect.stringContaining('eth0_lease_left=100%') as unknown });
  }); // prettier-ignore

  it('has its own limits', async () => {
    const late = { ...CLIENT, files: { [FILE]: lease({ obtained: -1900 }) } };
    expect((await check(late, '--overdue', '1m')).line).toContain(
      'should have been renewed 100 s ago, outside 0:60 s',
    );
    expect((await check(late, '--overdue', '2m')).code).toBe(0);
    expect((await check(late, '-w', '50:')).line).toContain(
      'WARNING - eth0: what is left of a lease of this host: 47%',
    );
    expect((await check(late, '-c', '50:')).code).toBe(2);
    expect((await check(CLIENT, '-c', '50:')).code).toBe(0);
  });

  it('has its repair, quoted', async () => {
    expect((await check(DEAD)).long).toContain(`  dhclient -4 -pf /run/dhclient.eth0.pid -lf ${FILE} eth0\n`);
    const nm = { ip: ETH0(), files: { '/var/lib/NetworkManager/dhclient-1-eth0.lease': lease() } };
    expect((await check(nm)).long).toContain('  systemctl restart NetworkManager\n');
    const own = { argv: ['/sbin/dhclient', '-d', '-sf', '/usr/lib/NetworkManager/nm-dhcp-helper', '-lf', '/var/lib/NetworkManager/dhclient-1-eth0.lease', 'eth0'] };
    const bare = { processes: { 50: NM, 51: own }, ip: JSON.stringify([device('eth0', 2, [])]), files: nm.files };
    expect((await check(bare)).long).toContain('  nmcli device reapply eth0\n');
    const networkd = { ip: ETH0(), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nLIFETIME=1h\n' } };
    expect((await check(networkd)).long).toContain('  systemctl restart systemd-networkd\n');
    const zombie = { ...DEAD, files: { ...DEAD.files, '/run/dhclient.eth0.pid': '77\n', '/proc/77/stat': '77 (dhclient) Z 1 0\n' } };
    expect((await check(zombie)).long).toContain('/run/dhclient.eth0.pid names process 77, which is a zombie');
  }); // prettier-ignore

  it('has the repair of the client whose lease it is, where others run on its interface', async () => {
    const path = '/var/lib/dhcp/dhclient.leases';
    const bare = (processes: NonNullable<DhcpHost['processes']>): DhcpHost => ({
      ...{ processes, ip: JSON.stringify([device('eth0', 2, [])]), files: { [path]: lease() } },
    });
    const dhclient = { argv: ['dhclient', 'eth0'] };
    const two = (await check(bare({ 100: dhclient, 101: { argv: ['udhcpc', '-i', 'eth0'] } }))).long;
    expect(two).toContain(`\n  kill 100\n  dhclient -4 -lf ${path} eth0\n`);
    expect(two).not.toContain('kill 101');
    const own = { argv: ['dhclient', '-sf', '/usr/lib/NetworkManager/nm-dhcp-helper', 'eth0'] };
    expect((await check(bare({ 50: NM, 100: dhclient, 101: own }))).long).toContain('  nmcli device reapply eth0\n');
  }); // prettier-ignore
});

describe('a server', () => {
  const OWN: Proc = { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.10,10.0.0.19,1h', '-i', 'br100', '-l', '/var/lib/misc/dnsmasq.leases', '-x', '/run/d.pid', '-8', '/var/log/dnsmasq.log'], ports: [67] }; // prettier-ignore
  const files = { '/run/d.pid': '200\n', '/var/lib/misc/dnsmasq.leases': '', '/var/log/dnsmasq.log': '' };
  const host = (proc: Partial<Proc>, more: DhcpHost['files'] = {}): DhcpHost => ({ processes: { 200: { ...OWN, ...proc } }, files: { ...files, ...more } }); // prettier-ignore

  it.each<[string, DhcpHost, string]>([
    ['of a network of libvirt is gone', { files: LIBVIRT_FILES }, 'CRITICAL - libvirt network default: no dnsmasq is running'],
    ['of a network to be started with the host is not there', { files: { '/etc/libvirt/qemu/networks/autostart/default.xml': NETWORK } }, 'CRITICAL - libvirt network default: no dnsmasq is running'],
    ['of neutron is gone', { files: { '/var/lib/neutron/dhcp/7d9a/pid': '4711' } }, 'CRITICAL - neutron network 7d9a: no dnsmasq is running'],
    ['of nova-network is gone', { files: { '/var/lib/nova/networks/nova-br100.pid': '4711', '/sys/class/net/br100/bridge/x': '' } }, 'CRITICAL - nova network br100: no dnsmasq is running'],
    ['of the system is gone', { files: { '/run/dnsmasq/dnsmasq.pid': '4711', '/etc/dnsmasq.d/lan.conf': 'dhcp-range=10.0.0.2,10.0.0.9\n' } }, 'CRITICAL - dnsmasq: no dnsmasq is running'],
    ['is stopped', host({ state: 'T' }), 'CRITICAL - br100: dnsmasq (pid 200) is stopped and answers nobody'],
    ['does not listen', host({ ports: [53] }), 'CRITICAL - br100: dnsmasq (pid 200) has a dhcp-range and does not listen'],
    ['lists what has expired', host({}, { '/var/lib/misc/dnsmasq.leases': `${NOW - 1200} 52:54:00:00:00:01 10.0.0.11 * *\n` }), 'CRITICAL - br100: 1 lease expired up to 20 min ago and is still listed'],
    ['has a pid file of another', host({}, { '/run/d.pid': '4711\n' }), 'WARNING - br100: dnsmasq is process 200, its pid file /run/d.pid names 4711'],
    ['was replaced', host({ exe: '/usr/sbin/dnsmasq (deleted)' }), 'WARNING - br100: dnsmasq (pid 200) runs from an executable that was replaced or removed'],
    ['was replaced by rpm', host({ exe: '/usr/sbin/dnsmasq;557576d7 (deleted)' }), 'WARNING - br100: dnsmasq (pid 200) runs from'],
  ])('that %s', async (_, one, expected) => {
    const { line, code } = await check(one);
    expect(line).toContain(expected);
    expect(code).toBe(line.startsWith('WARNING') ? 1 : 2);
  }); // prettier-ignore

  it('in a container has its files there', async () => {
    const inside = host({ mountns: 'mnt:[9]' }, { '/proc/200/root/run/d.pid': '1\n', '/proc/200/root/var/log/dnsmasq.log': '' });
    expect((await check(inside)).line).toContain('its pid file /proc/200/root/run/d.pid names 1');
  }); // prettier-ignore

  it('is measured by its pool, and required', async () => {
    const rows = Array.from(
      { length: 9 },
      (_, i) => `${NOW + 60} 52:54:00:00:00:0${i} 10.0.0.1${i} * *\n`,
    ).join('');
    const full = host({}, { '/var/lib/misc/dnsmasq.leases': `${rows}0 52:54:00:00:00:aa 10.0.0.200 * *\n` });
    const { line, perfdata } = await check(full, '--pool', '80');
    expect(line).toContain('WARNING - br100: 90% of its addresses are leased (10 leases), outside 0:80%');
    expect(perfdata).toContain('leases=10;;;0 br100_pool=90%;;;0;100');
    expect((await check(full)).code).toBe(0);
    expect((await check(full, '--require-server', 'br100')).code).toBe(0);
    expect((await check(full, '--require-server', 'br200')).code).toBe(2);
  });
});

describe('the conversation', () => {
  const MAC = '52:54:00:12:34:56';
  /** Stamps of syslog, in the zone of Vienna in winter. */
  const stamp = (at: number): string => `${new Date((at + 3600) * 1000).toUTCString().replace(/^..., (..) (...) .... (.*) GMT$/, '$2 $1 $3')} kvm1`; // prettier-ignore
  const pair = (at: number, mac = MAC): string =>
    `${stamp(at)} dnsmasq-dhcp[200]: DHCPREQUEST(br100) 10.0.0.5 ${mac} \n${stamp(at)} dnsmasq-dhcp[200]: DHCPACK(br100) 10.0.0.5 ${mac} vm | ; <b>\n`;
  const start = (at: number): string =>
    `${stamp(at)} dnsmasq-dhcp[200]: DHCPDISCOVER(br100) ${MAC} \n${stamp(at)} dnsmasq-dhcp[200]: DHCPOFFER(br100) 10.0.0.5 ${MAC} \n`;
  const host = (log: string, lease = '120s', last = NOW): DhcpHost => ({
    processes: { 200: { argv: ['dnsmasq', '--conf-file=', '-C', '/dev/null', `--dhcp-range=set:novanetwork,10.0.0.2,static,255.255.255.0,${lease}`, '-i', 'br100', '--leasefile-ro'], ports: [67] } },
    files: { '/var/log/syslog': log },
    times: { '/var/log/syslog': last },
  }); // prettier-ignore
  const requests = (...ago: number[]): string => ago.map((seconds) => pair(NOW - seconds)).join('');

  it('of a client that hears no answers is found, with leases of 120 s', async () => {
    const { line, code, long, perfdata } = await check(host(requests(180, 120, 60, 48, 37, 21, 3)));
    expect(code).toBe(1);
    expect(line).toContain(`client ${MAC} on br100: hears no answers: 5 requests in 57 s, each answered (it would renew every 60 s)`);
    expect(long).toContain(`  tcpdump -eni br100 ether host ${MAC} and udp port 68\n`);
    expect(perfdata).toContain('deaf=1');
    expect(`${line}${long}`).not.toContain('vm ');
  }); // prettier-ignore

  it('is followed where the stamps of the log have changed their form', async () => {
    const iso = (ago: number): string => pair(NOW - ago).replaceAll(stamp(NOW - ago), `${new Date((NOW - ago) * 1000).toISOString().slice(0, 19)}+00:00 kvm1`); // prettier-ignore
    expect((await check(host(iso(41) + iso(22) + requests(3)))).line).toContain(
      'hears no answers: 3 requests in 38 s',
    );
  });

  it('of a client that searches for a server and takes no offer is found', async () => {
    const log = [60, 50, 40, 30, 20, 10].map((ago) => start(NOW - ago)).join('');
    expect((await check(host(log))).line).toContain(
      `client ${MAC} on br100: hears no answers: 6 searches for a server in 50 s`,
    );
  });

  it.each<[string, DhcpHost]>([
    ['renewals every 60 s', host(requests(240, 180, 120, 60, 1))],
    ['renewals that come early, at three quarters of T1', host(requests(180, 135, 90, 45, 1))],
    ['one request that was lost', host(requests(180, 120, 60, 50))],
    ['a client that was deaf and has heard since', host(requests(400, 390, 380, 370, 360, 60), '1h')],
    ['a client that was deaf and is silent', host(requests(400, 390, 380, 370), '1h')],
    [
      'a network boot, an installer, and its system',
      host([90, 70, 50, 20].map((ago) => start(NOW - ago) + pair(NOW - ago)).join('')),
    ],
    [
      'a relay that sends everything three times',
      host([120, 60, 1].map((ago) => pair(NOW - ago).repeat(3)).join('')),
    ],
    [
      'other clients at the same time',
      host([30, 20, 10, 5].map((ago, i) => pair(NOW - ago, `52:54:00:00:00:0${i}`)).join('')),
    ],
    ['a log of last year', host(requests(30, 20, 10), '120s', NOW - 31_536_000)],
    ['requests that were refused', host(requests(30, 20, 10).replaceAll('DHCPACK', 'DHCPNAK'))],
  ])('that is healthy is not taken for it: %s', async (_, one) => {
    const { code, text } = await check(one);
    expect({ code, text }).toMatchObject({ code: 0 });
  });

  it('is read from the journal where no syslog has it, from a file that is named, and from none', async () => {
    const journal = [41, 22, 3].map((ago) => `${NOW - ago}.5 kvm1 dnsmasq-dhcp[200]: DHCPREQUEST(br100) 10.0.0.5 ${MAC}\n${NOW - ago}.6 kvm1 dnsmasq-dhcp[200]: DHCPACK(br100) 10.0.0.5 ${MAC}\n`).join('');
    expect((await check({ ...host(''), journal })).line).toContain('hears no answers: 3 requests in 38 s');
    const named = { ...host(''), files: { '/var/log/other': requests(41, 22, 3) } };
    expect((await check(named, '--log', '/var/log/other')).line).toContain('hears no answers');
    expect((await check(host(requests(41, 22, 3)), '--log', 'none')).code).toBe(0);
    expect((await check(named, '--log', '/var/log/gone')).line).toContain('UNKNOWN - /var/log/gone: is not there');
  }); // prettier-ignore

  it('that cannot be read is UNKNOWN, and does not hide a fault', async () => {
    const denied = { ...host(''), files: { '/var/log/syslog': { why: 'denied' as const } } };
    expect((await check(denied)).line).toContain('UNKNOWN - /var/log/syslog: permission denied, run it as root or with --sudo');
    const also = { ...denied, files: { ...denied.files, [FILE]: lease() }, ip: ETH0() };
    expect((await check(also)).line).toContain('CRITICAL - eth0: no DHCP client is running');
  }); // prettier-ignore
});

describe('a role that is not wanted', () => {
  /** As it would be recorded by a run that never asked that. */
  const without = async (host: DhcpHost, question: RegExp): Promise<string[]> => {
    let isGone = false;
    return (await dhcpHost(host)).filter((line) => {
      if (!line.startsWith('  ')) isGone = question.test(line);
      return !isGone;
    });
  };

  it('is not asked about: no ip is run for servers, no network of libvirt is read for clients', async () => {
    const noIp = await without(LIBVIRT, /^ok run ip -j addr/);
    expect((await replay(plugin, noIp, '--server')).code).toBe(0);
    expect((await replay(plugin, noIp)).code).toBe(3);
    const noLibvirt = await without(CLIENT, /libvirt/);
    expect((await replay(plugin, noLibvirt, '--client')).code).toBe(0);
    expect((await replay(plugin, noLibvirt)).code).toBe(3);
  });
});

describe('what cannot be read', () => {
  it.each<[string, DhcpHost, string]>([
    ['garbage in a lease file', { ...CLIENT, files: { [FILE]: '\u0001\u0002 what' } }, `UNKNOWN - ${FILE}: is not understood`],
    ['a date that is none', { ...CLIENT, files: { [FILE]: lease().replace(/expire .*;/, 'expire soon;') } }, `UNKNOWN - ${FILE}: is not understood`],
    ['a closed lease file', { ...CLIENT, files: { [FILE]: { why: 'denied' } } }, `UNKNOWN - ${FILE}: permission denied, run it as root`],
    ['a closed folder of leases', { ip: '[]', files: { '/var/lib/dhclient': { why: 'denied' } } }, 'UNKNOWN - /var/lib/dhclient: permission denied'],
    ['a lease file without an end', { ...CLIENT, files: { [FILE]: lease().repeat(5000) } }, 'too big'],
    ['ip that prints nonsense', { ...CLIENT, ip: '{' , files: { [FILE]: lease(), '/proc/net/fib_trie': '' } }, 'UNKNOWN'],
    ['hidden processes', { ...CLIENT, processes: {}, ip: '[]', files: { '/proc/1/comm': { why: 'absent' } } }, 'UNKNOWN - /proc: permission denied'],
    ['a network of libvirt that is no XML', { files: { '/run/libvirt/network/default.xml': '<net' } }, 'UNKNOWN - /run/libvirt/network/default.xml: is not understood'],
    ['a closed pid file of a client', { ip: '[]', files: { '/run/udhcpc.v1.pid': { why: 'denied' } } }, 'UNKNOWN - /run/udhcpc.v1.pid: permission denied'],
    ['a closed folder of nova’s bridge', { files: { '/var/lib/nova/networks/nova-br100.pid': '4711', '/sys/class/net/br100': { why: 'denied' } } }, 'UNKNOWN - /sys/class/net/br100'],
    ['a closed configuration of dnsmasq', { processes: { 200: { argv: ['dnsmasq', '-C', '/etc/x.conf'] } }, files: { '/etc/x.conf': { why: 'denied' } } }, 'UNKNOWN - /etc/x.conf: permission denied'],
  ])('is UNKNOWN: %s', async (_, one, expected) => {
    const { code, line } = await check(one);
    expect(line).toContain(expected);
    expect(line).not.toContain('no DHCP clients or servers');
    expect(code).toBe(3);
    const { text } = await check(one, '--format', 'json');
    const { findings } = JSON.parse(text) as { readonly findings: readonly { readonly kind: string; readonly state: string }[] };
    expect(findings.find(({ state }) => state === 'unknown')?.kind).toBe('unseen');
    expect(findings.map(({ kind }) => kind)).not.toContain('none');
  }); // prettier-ignore

  it('has the state of --timeout where it did not answer in time, and no advice to be root', async () => {
    for (const [why, code] of [['timedOut', 2], ['failed', 3], ['denied', 3]] as const) {
      const result = await check({ ...CLIENT, files: { [FILE]: { why } } }, '--timeout', '10:critical');
      expect([why, result.code, result.text.includes('run it as root')]).toEqual([why, code, why === 'denied']);
    }
  }); // prettier-ignore

  it('an empty lease file is a client without a lease', async () => {
    expect(
      (await check({ ...CLIENT, files: { [FILE]: '' }, ip: JSON.stringify([device('eth0', 2, [])]) })).code,
    ).toBe(2);
  });
});

describe('the bounds and the words of a client', () => {
  const bare = (flags?: string): string => JSON.stringify([device('eth0', 2, [], flags)]);
  const statically = JSON.stringify([device('eth0', 2, [['10.0.0.5', null]])]);
  const aged = (ageSeconds: number, text: string): DhcpHost => ({ ...CLIENT, ip: bare(), processes: { 100: { ...DHCLIENT, ageSeconds } }, files: { [FILE]: text } }); // prettier-ignore
  const ofBefore = lease({ obtained: -900_000 });
  const networkd: Proc = { argv: ['/usr/lib/systemd/systemd-networkd'] };
  const withoutTimers = (text: string, ...names: string[]): string => text.replace(new RegExp(`^ +(?:${names.join('|')}) .*\n`, 'gm'), ''); // prettier-ignore
  const PREFIX = (ago: number): string => lease6().replaceAll(/ starts [0-9]+/g, ` starts ${NOW - ago}`).replace('ia-na', 'ia-pd').replace('iaaddr 2001:db8::5', 'iaprefix 2001:db8:5::/48'); // prettier-ignore
  const ENDLESS = lease().replace(/(renew|rebind|expire) .*;/g, '$1 never;');
  const DHCLIENT6: Proc = { argv: ['dhclient', '-6', '-lf', '/var/lib/dhcp/dhclient6.eth0.leases', 'eth0'] };

  it.each<[string, DhcpHost, readonly string[], number, string]>([
    ['a required interface that is there', { ip: statically }, ['--require-client', 'eth0'], 2, 'eth0: no DHCP client, --require-client wants one'],
    ['a required interface that is not there', { ip: '[]' }, ['--require-client', 'eth0'], 2, 'eth0: no DHCP client, --require-client wants one (there is no such interface)'],
    ['a required interface where nobody can tell', { ip: null }, ['--require-client', 'eth0'], 2, 'eth0: no DHCP client, --require-client wants one'],
    ['a client that is traced', { ...CLIENT, processes: { 100: { ...DHCLIENT, state: 't' } } }, [], 2, 'eth0: dhclient (pid 100) is stopped and renews nothing, the lease ends in 59 min'],
    ['a stopped client whose lease never ends', { ...CLIENT, ip: ETH0(null), processes: { 100: { ...DHCLIENT, state: 'T' } }, files: { [FILE]: lease().replace(/(renew|rebind|expire) .*;/g, '$1 never;') } }, [], 2, 'eth0: dhclient (pid 100) is stopped and renews nothing'],
    ['a lease of before the boot, the client in its first minute', aged(59, ofBefore), [], 0, '1 client, shortest lease 0 s'],
    ['a lease of before the boot, the client past its first minute', aged(60, ofBefore), [], 2, 'eth0: the lease of 10.0.0.5 expired 10 d ago, dhclient (pid 100) has not renewed it'],
    ['a lease of this boot, the client in its first minute', aged(5, lease({ obtained: -4000 })), [], 2, 'eth0: the lease of 10.0.0.5 expired 6 min ago, dhclient (pid 100) has not renewed it'],
    ['a lease that does not say since when, the client in its first minute', aged(5, lease({ obtained: -4000 }).replace(/option dhcp-lease-time .*\n/, '')), [], 2, 'eth0: the lease of 10.0.0.5 expired 6 min ago, dhclient (pid 100) has not renewed it'],
    ['a lease of before the boot whose address is held, the client in its first minute', { ...aged(5, ofBefore), ip: statically }, [], 2, 'eth0: the lease of 10.0.0.5 expired 10 d ago, the address is still in use, dhclient (pid 100) has not renewed it'],
    ['an expired lease whose address is held without a cable', { ...CLIENT, files: { [FILE]: lease({ obtained: -4000 }) }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', null]], 'UP')]) }, [], 2, 'eth0: the lease of 10.0.0.5 expired 6 min ago, the address is still in use, dhclient (pid 100) has not renewed it'],
    ['a lease that ends now', { ...CLIENT, files: { [FILE]: withoutTimers(lease({ obtained: -3600 }), 'renew') } }, [], 0, '1 client, shortest lease 0 s'],
    ['a lease that begins in 60 s', { ...CLIENT, files: { [FILE]: lease({ obtained: 60 }) } }, [], 0, '1 client, shortest lease 61 min'],
    ['a lease that begins in 61 s', { ...CLIENT, files: { [FILE]: lease({ obtained: 61 }) } }, [], 1, 'eth0: its lease begins 61 s in the future, the clock was set back: when it is renewed is not known'],
    ['15 minutes past T1', { ...CLIENT, files: { [FILE]: lease({ obtained: -44_100, seconds: 86_400 }) } }, [], 0, '1 client, shortest lease 11 h 45 min'],
    ['a second more than 15 minutes past T1, of a lease without T2', { ...CLIENT, files: { [FILE]: withoutTimers(lease({ obtained: -44_101, seconds: 86_400 }), 'rebind') } }, [], 1, 'eth0: the lease of 10.0.0.5 should have been renewed 15 min ago, it ends in 11 h 44 min'],
    ['a lease whose address is held, on a host without ip', { ...DEAD, ip: null, files: { [FILE]: lease(), '/proc/net/fib_trie': 'Local:\n  |-- 10.0.0.5\n     /32 host LOCAL\n' } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['a lease whose address is not held, on a host without ip', { ...DEAD, ip: null }, [], 0, 'no DHCP clients or servers'],
    ['what is wanted of an interface that is down', { ip: bare('BROADCAST'), files: { '/etc/network/interfaces': 'auto eth0\niface eth0 inet dhcp\n' } }, [], 0, 'no DHCP clients or servers'],
    ['an address that is counted down, the port of clients held by that of another interface', { processes: { 100: { argv: ['dhclient', 'eth1'] } }, ip: ETH0(), files: { '/proc/net/udp': '   sl  local_address\n  1: 00000000:0044 00000000:0000 07 0:0 0:0 0 0 0 77 2 0 0\n' } }, [], 2, 'eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ends in 59 min'],
    ['T2 that is now', { ...CLIENT, files: { [FILE]: lease({ obtained: -3150 }) } }, [], 1, 'eth0: the lease of 10.0.0.5 should have been renewed 22 min ago, it ends in 7 min'],
    ['a renewal that is not due, of one that is to be late by a minute at least', { ...CLIENT, files: { [FILE]: lease({ obtained: -1700 }) } }, ['--overdue', '60:600'], 0, '1 client, shortest lease 31 min'],
    ['a late lease without a cable', { ...CLIENT, files: { [FILE]: lease({ obtained: -3200 }) }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 400]], 'UP')]) }, [], 0, '1 client, shortest lease 6 min'],
    ['another address without a cable', { ...CLIENT, ip: JSON.stringify([device('eth0', 2, [['10.0.0.77', null]], 'UP')]) }, [], 0, '1 client, shortest lease 59 min'],
    ['a lease of this boot, one client of two in its first minute', { ...CLIENT, ip: bare(), processes: { 100: { ...DHCLIENT, ageSeconds: 5 }, 101: { ...DHCLIENT, ageSeconds: 5000 } }, files: { [FILE]: ofBefore } }, [], 2, 'eth0: the lease of 10.0.0.5 expired 10 d ago, dhclient (pid 100), dhclient (pid 101) has not renewed it'],
    ['an address of IPv6 in capitals', { processes: { 100: DHCLIENT6 }, ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', 3940]])]), files: { '/var/lib/dhcp/dhclient6.eth0.leases': lease6().replaceAll('2001:db8', '2001:DB8') } }, [], 0, '1 client, shortest lease 65 min'],
    ['a lease that was given back, whose client searches', { ...CLIENT, ip: bare(), files: { [FILE]: lease().replace(/(renew|rebind|expire) .*;/g, `$1 ${date(NOW - 5)};`) } }, [], 2, 'eth0: has no address, dhclient (pid 100) runs for 60 min without a lease'],
    ['15 s past the T1 and T2 of a short lease', { ...CLIENT, files: { [FILE]: lease({ obtained: -31, seconds: 32 }) } }, [], 0, '1 client, shortest lease 1 s'],
    ['16 s past the T1 and T2 of a short lease', { ...CLIENT, files: { [FILE]: lease({ obtained: -34, seconds: 36 }) } }, [], 1, 'eth0: the lease of 10.0.0.5 should have been renewed 16 s ago, past T2, it ends in 2 s'],
    ['the wait of the first try, at its end', { ...aged(60, '') }, [], 2, 'eth0: has no address, dhclient (pid 100) runs for 60 s without a lease'],
    ['nothing but an address that the interface gave itself', { ...aged(3600, ''), ip: JSON.stringify([device('eth0', 2, [['169.254.7.7', null], ['2001:db8::7', null]])]) }, [], 2, 'eth0: has no address, dhclient (pid 100) runs for 60 min without a lease'],
    ['an address that was set by hand, the client without a lease', { ...aged(3600, ''), ip: statically }, [], 0, '1 client'],
    ['a lease of IPv6 on a host without ip', { processes: { 100: DHCLIENT6 }, ip: null, files: { '/var/lib/dhcp/dhclient6.eth0.leases': lease6() } }, [], 0, '1 client, shortest lease 65 min'],
    ['a lease of IPv6 whose address is gone', { processes: { 100: DHCLIENT6 }, ip: bare(), files: { '/var/lib/dhcp/dhclient6.eth0.leases': lease6() } }, [], 2, 'eth0: the leased address 2001:db8::5 is not there, the interface has none (dhclient (pid 100))'],
    ['a lease whose address is of another interface', { ...CLIENT, ip: JSON.stringify([device('eth0', 2, []), device('eth1', 3, [['10.0.0.5', null]])]) }, [], 2, 'eth0: the leased address 10.0.0.5 is not there, the interface has none (dhclient (pid 100))'],
    ['a lease whose address is not there, on a host without ip', { ...CLIENT, ip: null }, [], 2, 'eth0: the leased address 10.0.0.5 is not there, the interface has none (dhclient (pid 100))'],
    ['an address that is counted down beside one that is not', { ip: JSON.stringify([device('eth0', 2, [['192.0.2.1', null], ['10.0.0.5', 3540]])]) }, [], 2, 'eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ends in 59 min'],
    ['a client whose age cannot be told, without a lease', { ...CLIENT, ip: bare(), files: { [FILE]: '', '/proc/100/stat': { why: 'denied' } } }, [], 2, 'eth0: has no address, dhclient (pid 100) runs without a lease, and 1 more'],
    ['a lease of before the boot, and a client whose age cannot be told', { ...CLIENT, ip: bare(), files: { [FILE]: ofBefore, '/proc/100/stat': { why: 'denied' } } }, [], 2, 'eth0: the lease of 10.0.0.5 expired 10 d ago, dhclient (pid 100) has not renewed it, and 1 more'],
    ['no lease, one client of two in its first minute', { ...CLIENT, ip: bare(), processes: { 100: { ...DHCLIENT, ageSeconds: 5 }, 101: { ...DHCLIENT, ageSeconds: 5000 } }, files: { [FILE]: '' } }, [], 0, '1 client'],
    ['a lease of the second of the boot, the client in its first minute', aged(5, lease({ obtained: -864_000 })), [], 2, 'eth0: the lease of 10.0.0.5 expired 9 d ago, dhclient (pid 100) has not renewed it'],
    ['a lease without T2, a minute past T1', { ...CLIENT, files: { [FILE]: withoutTimers(lease({ obtained: -1900 }), 'rebind') } }, [], 0, '1 client, shortest lease 28 min'],
    ['a renewal that is due now', { ...CLIENT, files: { [FILE]: lease({ obtained: -1800 }) } }, ['--overdue', '60:600'], 0, '1 client, shortest lease 30 min'],
    ['a renewal that was due a second ago, of one that is to be late by a minute at least', { ...CLIENT, files: { [FILE]: lease({ obtained: -1801 }) } }, ['--overdue', '60:600'], 1, 'eth0: the lease of 10.0.0.5 should have been renewed 1 s ago, outside 60:600 s, it ends in 29 min'],
    ['a lease of IPv6 without an end that is late', { processes: { 100: DHCLIENT6 }, ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', null]])]), files: { '/var/lib/dhcp/dhclient6.eth0.leases': lease6().replaceAll(/ starts [0-9]+/g, ` starts ${NOW - 1500}`).replace('4000', '4294967295') } }, [], 0, '1 client'],
    ['a lease of IPv6 without an end that is past T2', { processes: { 100: DHCLIENT6 }, ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', null]])]), files: { '/var/lib/dhcp/dhclient6.eth0.leases': lease6().replaceAll(/ starts [0-9]+/g, ` starts ${NOW - 2060}`).replace('4000', '4294967295') } }, [], 1, 'eth0: the lease of 2001:db8::5 should have been renewed 17 min ago, past T2'],
    ['a lease of an interface that was renamed since', { ...DEAD, ip: JSON.stringify([device('eth1', 2, [['10.0.0.5', null]])]) }, [], 0, 'no DHCP clients or servers'],
    ['a client of IPv6 without a lease, beside an address of the link', { processes: { 100: DHCLIENT6 }, ip: JSON.stringify([device('eth0', 2, [['fe80::1', null]])]).replace('"global"', '"link"') }, [], 2, 'eth0: has no address, dhclient (pid 100) runs for 60 min without a lease'],
    ['dhcpcd of both families, without a lease', { processes: { 50: { argv: ['dhcpcd', 'eth0'] } }, ip: bare() }, [], 2, 'eth0: has no address, dhcpcd (pid 50) runs for 60 min without a lease'],
    ['systemd-networkd, beside another address that is counted down', { processes: { 50: networkd }, ip: JSON.stringify([device('eth0', 2, [['192.0.2.1', 100], ['10.0.0.5', 3540]])]), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nT1=1800\nT2=3150\nLIFETIME=3600\n' } }, [], 0, '1 client, shortest lease 59 min'],
    ['systemd-networkd past T2, beside a lease that dhclient left', { processes: { 50: networkd }, ip: ETH0(300), files: { [FILE]: lease(), '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nT1=1800\nT2=3150\nLIFETIME=3600\n' } }, [], 1, 'eth0: the lease of 10.0.0.5 should have been renewed 25 min ago, past T2, it ends in 5 min'],
    ['systemd-networkd, which is gone, and a lease without an end', { ip: ETH0(null), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\n' } }, [], 0, 'no DHCP clients or servers'],
    ['NetworkManager that says nothing of its devices', { processes: { 50: NM }, ip: ETH0() }, [], 0, '1 client, shortest lease 59 min'],
    ['NetworkManager on a host without ip, whose address is not there', { processes: { 50: NM }, ip: null, files: { [NM_LEASE]: 'ADDRESS=10.0.0.5\n' } }, [], 2, 'eth0: the leased address 10.0.0.5 is not there, the interface has none (NetworkManager (pid 50))'],
    ['two clients, each with a file of its own', { ...CLIENT, ip: statically, processes: { 100: DHCLIENT, 101: { argv: ['dhclient', '-lf', '/var/lib/dhcp/other.leases', 'eth0'] } }, files: { [FILE]: lease({ obtained: -9000 }), '/var/lib/dhcp/other.leases': lease() } }, [], 0, '1 client, shortest lease 59 min'],
    ['another address with the same end, given before', { ...CLIENT, files: { [FILE]: lease({ address: '10.0.0.9' }) + lease() } }, [], 0, '1 client, shortest lease 59 min'],
    ['a lease without an end, behind one that has one', { ...DEAD, ip: statically, files: { [FILE]: lease(), '/var/lib/dhcp/dhclient.leases': ENDLESS } }, [], 0, 'no DHCP clients or servers'],
    ['a lease without an end, before one that has one', { ...DEAD, ip: statically, files: { [FILE]: ENDLESS, '/var/lib/dhcp/dhclient.leases': lease() } }, [], 0, 'no DHCP clients or servers'],
    ['an address that is counted down, and the lease of another from before the boot', { ...DEAD, files: { [FILE]: lease({ obtained: -900_000, seconds: 2_000_000, address: '10.0.0.9' }) } }, [], 2, 'eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ends in 12 d'],
    ['an address that is counted down, and its lease from before the boot', { ...DEAD, files: { [FILE]: lease({ obtained: -900_000, seconds: 2_000_000 }) } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 12 d'],
    ['a lease of this boot, whose address is another interface’s now', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [['192.0.2.1', null]]), device('eth1', 3, [['10.0.0.5', null]])]) }, [], 0, 'no DHCP clients or servers'],
    ['what is wanted of another interface', { ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', null]]), device('eth1', 3, [], 'BROADCAST')]), files: { '/etc/network/interfaces': 'auto eth1\niface eth1 inet dhcp\n', '/run/dhclient.eth0.pid': '77' } }, [], 0, 'no DHCP clients or servers'],
    ['what is wanted of IPv6 only', { ip: statically, files: { '/etc/network/interfaces': 'auto eth0\niface eth0 inet6 dhcp\n', '/run/dhclient.eth0.pid': '77' } }, [], 2, 'eth0: no DHCP client is running, /etc/network/interfaces wants one'],
    ...([[120, '120 s'], [121, '2 min'], [7199, '119 min'], [7200, '2 h'], [172_799, '47 h 59 min'], [172_800, '2 d']] as const).map(([left, text]): [string, DhcpHost, readonly string[], number, string] => [`${left} s`, { ip: ETH0(left) }, [], 2, `eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ends in ${text}`]),
    ['a lease of this boot, beside another interface', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', null]]), device('eth1', 3, [['192.0.2.1', null]])]) }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['dhclient for all interfaces, of which NetworkManager manages none', { ...CLIENT, processes: { 100: { argv: ['dhclient'] } }, files: { ...CLIENT.files, '/run/NetworkManager/devices/2': '[device]\nmanaged=false\n' } }, [], 0, '1 client, shortest lease 59 min'],
    ['dhclient past T2, beside a lease that systemd-networkd left', { processes: { 100: { argv: ['dhclient', 'eth0'] } }, ip: ETH0(400), files: { '/var/lib/dhcp/dhclient.leases': lease({ obtained: -3200 }), '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nLIFETIME=36000\n' } }, [], 1, 'eth0: the lease of 10.0.0.5 should have been renewed 23 min ago, past T2, it ends in 6 min'],
    ['an older NetworkManager, which is gone', { ip: ETH0(), files: { '/run/NetworkManager/devices/2': nmDevice(), [NM_LEASE]: 'ADDRESS=10.0.0.5\n' } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['systemd-networkd, whose address is gone', { processes: { 50: networkd }, ip: bare(), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nLIFETIME=3600\n' } }, [], 2, 'eth0: the leased address 10.0.0.5 is not there, the interface has none (systemd-networkd (pid 50))'],
    ['a prefix', { processes: { 100: DHCLIENT6 }, ip: bare(), files: { '/var/lib/dhcp/dhclient6.eth0.leases': PREFIX(60) } }, [], 0, '1 client, shortest lease 65 min'],
    ['a prefix that is late', { processes: { 100: DHCLIENT6 }, ip: bare(), files: { '/var/lib/dhcp/dhclient6.eth0.leases': PREFIX(2100) } }, [], 1, 'eth0: the lease of an address should have been renewed 18 min ago, past T2, it ends in 31 min'],
    ['a prefix that expired', { processes: { 100: DHCLIENT6 }, ip: bare(), files: { '/var/lib/dhcp/dhclient6.eth0.leases': PREFIX(4100) } }, [], 2, 'eth0: the lease of an address expired 100 s ago, dhclient (pid 100) has not renewed it'],
    ['a prefix whose client is gone', { ip: bare(), files: { '/var/lib/dhcp/dhclient6.eth0.leases': PREFIX(60) } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of an address, which ends in 65 min'],
    ['an address that is counted down, a second before its end', { ip: ETH0(1) }, [], 2, 'eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ends in 1 s'],
    ['an address that is counted down to its end', { ip: ETH0(0) }, [], 2, 'eth0: no DHCP client is running, nobody renews its address 10.0.0.5, which ended 0 s ago'],
    ['only the client of IPv6 is left', { ...CLIENT, processes: { 101: DHCLIENT6 }, files: { ...CLIENT.files, '/var/lib/dhcp/dhclient6.eth0.leases': lease6() }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540], ['2001:db8::5', 3940]])]) }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['systemd-networkd, beside a lease of dhclient', { ...DEAD, processes: { 50: networkd } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['NetworkManager, which does not manage the device of dhclient', { ...DEAD, processes: { 50: NM }, files: { [FILE]: lease(), '/run/NetworkManager/devices/2': '[device]\nmanaged=false\n' } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['a client whose own file is empty, beside the lease of another', { ...aged(3600, ''), files: { [FILE]: '', '/var/lib/dhcp/dhclient.leases': lease() } }, [], 2, 'eth0: has no address, dhclient (pid 100) runs for 60 min without a lease'],
    ['two interfaces, each with its own lease', { processes: { 100: { argv: ['dhclient', 'eth0', 'eth1'] } }, files: { '/var/lib/dhcp/dhclient.leases': lease() + lease({ name: 'eth1', address: '10.0.1.5' }) }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540]]), device('eth1', 3, [['10.0.1.5', 3540]])]) }, [], 0, '2 clients, shortest lease 59 min'],
    ['an address that was set by hand and is that of a lease of this boot', { ...DEAD, ip: statically }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['a lease that was given in the second of the boot', { ...DEAD, ip: statically, files: { [FILE]: lease({ obtained: -864_001, seconds: 900_000 }) } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 9 h 59 min'],
    ['a lease that was given two seconds before the boot', { ...DEAD, ip: statically, files: { [FILE]: lease({ obtained: -864_002, seconds: 900_000 }) } }, [], 0, 'no DHCP clients or servers'],
    ['what is wanted of IPv6, beside an address of SLAAC', { ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', 3540]])]), files: { '/etc/network/interfaces': 'auto eth0\niface eth0 inet6 dhcp\n' } }, [], 2, 'eth0: no DHCP client is running, /etc/network/interfaces wants one, which ends in 59 min'],
    ['the latest lease of those that a dead client left', { ...DEAD, ip: bare(), files: { [FILE]: lease({ obtained: -4000, address: '10.0.0.9' }), '/var/lib/dhcp/dhclient.leases': lease(), '/var/lib/dhclient/dhclient.leases': lease({ obtained: -3700, address: '10.0.0.8' }) } }, [], 2, 'eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min'],
    ['udhcpc, of which a pid file and an address are left', { ip: statically, files: { '/run/udhcpc.eth0.pid': '77\n' } }, [], 2, 'eth0: no DHCP client is running, /run/udhcpc.eth0.pid says that there was one'],
    ['udhcpc, of which a pid file is left and no address', { ip: bare(), files: { '/run/udhcpc.eth0.pid': '77\n' } }, [], 0, 'no DHCP clients or servers'],
    ['a pid file of udhcpc, and the address of another interface', { ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', null]]), device('eth1', 3, [])]), files: { '/run/udhcpc.eth1.pid': '77\n', '/run/dhclient.eth0.pid': '78\n' } }, [], 0, 'no DHCP clients or servers'],
  ])('are told: %s', async (_, host, args, expected, text) => {
    const { code, line } = await check(host, ...args);
    const first = line.replace(/^[A-Z]+ - /, '').replace(/\. [0-9] client.*$|: [0-9]+ processes.*$/, '');
    expect(`${code} ${first}`).toBe(`${expected} ${text}`);
  }); // prettier-ignore

  const pid = (state: string): DhcpHost => ({ ...DEAD, files: { ...DEAD.files, '/run/dhclient.br0.pid': '76\n', '/run/dhclient.eth0.pid': '77\n', ...(state === '' ? {} : { '/proc/77/stat': `77 (x) ${state} 1 0\n` }) } }); // prettier-ignore
  const INTERFACES = 'auto eth1 eth0\niface eth1 inet dhcp\niface eth0 inet dhcp\n';

  it.each<[string, DhcpHost, readonly string[]]>([
    ['where the lease is', DEAD, [`eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min (lease in ${FILE}, obtained by dhclient)`]],
    ['a process that is gone', pid(''), [`eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min (lease in ${FILE}, obtained by dhclient, /run/dhclient.eth0.pid names process 77, which is gone)`, `  dhclient -4 -pf /run/dhclient.eth0.pid -lf ${FILE} eth0`]],
    ['a process that is another one', pid('S'), [`eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min (lease in ${FILE}, obtained by dhclient, /run/dhclient.eth0.pid names process 77, which is another one)`]],
    ['a stopped client is let go on', { ...CLIENT, processes: { 100: { ...DHCLIENT, state: 'T' } } }, ['Let it go on (it was stopped by a signal, or is being traced)', '  kill -CONT 100']],
    ['ifupdown', { ip: statically, files: { '/etc/network/interfaces': 'auto eth0\niface eth0 inet dhcp\n' } }, ['Start the client again, and find out what ended it (the log around that time, the OOM killer)', '  ifup --force eth0']],
    ['ifupdown, after another interface', { ip: statically, files: { '/etc/network/interfaces': INTERFACES } }, ['  ifup --force eth0']],
    ['network scripts', { ip: statically, files: { '/etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE="eth0"\nBOOTPROTO=dhcp\nONBOOT=yes\n' } }, ['  ifup eth0']],
    ['dhclient, beside the configuration of another interface', { ...DEAD, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540]]), device('eth1', 3, [], 'BROADCAST')]), files: { ...DEAD.files, '/etc/network/interfaces': 'auto eth1\niface eth1 inet dhcp\n' } }, [`  dhclient -4 -pf /run/dhclient.eth0.pid -lf ${FILE} eth0`]],
    ['dhclient, with the pid file that it had', { ...DEAD, files: { ...DEAD.files, '/run/dhclient-eth0.pid': '77\n' } }, [`  dhclient -4 -pf /run/dhclient-eth0.pid -lf ${FILE} eth0`]],
    ['dhclient, of which there is nothing', { ip: ETH0() }, ['  dhclient -4 -pf /run/dhclient.eth0.pid eth0']],
    ['dhclient of IPv6, beside that of IPv4', { ...CLIENT, files: { ...CLIENT.files, '/run/dhclient.eth0.pid': '100', '/var/lib/dhcp/dhclient6.eth0.leases': lease6() }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540], ['2001:db8::5', 3940]])]) }, ['eth0: no DHCP client is running, nobody renews its lease of 2001:db8::5, which ends in 65 min (lease in /var/lib/dhcp/dhclient6.eth0.leases, obtained by dhclient)', '  dhclient -6 -pf /run/dhclient6.eth0.pid -lf /var/lib/dhcp/dhclient6.eth0.leases eth0']],
    ['dhclient of IPv6, with the pid file that it had', { files: { '/run/dhclient.eth0.pid': '76', '/run/dhclient6-eth0.pid': '77', '/var/lib/dhcp/dhclient6.eth0.leases': lease6() }, ip: JSON.stringify([device('eth0', 2, [['2001:db8::5', 3940]])]) }, ['eth0: no DHCP client is running, nobody renews its lease of 2001:db8::5, which ends in 65 min (lease in /var/lib/dhcp/dhclient6.eth0.leases, obtained by dhclient, /run/dhclient6-eth0.pid names process 77, which is gone)', '  dhclient -6 -pf /run/dhclient6-eth0.pid -lf /var/lib/dhcp/dhclient6.eth0.leases eth0']],
    ['dhclient, beside the pid file of that of IPv6', { ...DEAD, files: { ...DEAD.files, '/run/dhclient6.eth0.pid': '77' } }, [`eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 59 min (lease in ${FILE}, obtained by dhclient)`, `  dhclient -4 -pf /run/dhclient.eth0.pid -lf ${FILE} eth0`]],
    ['dhcpcd, whose process is gone', { ip: ETH0(), files: { '/var/lib/dhcpcd/eth0.lease': PACKET, '/run/dhcpcd/eth0-4.pid': '77' } }, ['eth0: no DHCP client is running, nobody renews its lease of 10.0.0.5, which ends in 60 min (lease in /var/lib/dhcpcd/eth0.lease, obtained by dhcpcd, /run/dhcpcd/eth0-4.pid names process 77, which is gone)']],
    ['NetworkManager', { ip: ETH0(), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)) } }, ['  systemctl restart NetworkManager']],
    ['dhcpcd', { ip: ETH0(), files: { '/var/lib/dhcpcd/eth0.lease': PACKET } }, ['  dhcpcd eth0']],
    ['udhcpc', { ip: statically, files: { '/run/udhcpc.eth0.pid': '77\n' } }, ['  udhcpc -b -p /run/udhcpc.eth0.pid -i eth0']],
    ['systemd-networkd, whose address is gone', { processes: { 50: networkd }, ip: bare(), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nLIFETIME=3600\n' } }, ['  networkctl renew eth0']],
    ['NetworkManager, whose address is gone', { processes: { 50: NM }, ip: bare(), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)) } }, ['  nmcli device reapply eth0']],
    ['dhcpcd, whose address is gone', { processes: { 50: { argv: ['dhcpcd: eth0 [ip4]'], program: 'dhcpcd' } }, ip: bare(), files: { '/var/lib/dhcpcd/eth0.lease': PACKET } }, ['Have the client set it up again', '  dhcpcd --rebind eth0']],
    ['dhclient, whose address is gone', { ...CLIENT, ip: bare() }, ['  kill 100', `  dhclient -4 -lf ${FILE} eth0`, `eth0: the leased address 10.0.0.5 is not there, the interface has none (dhclient (pid 100)) (lease in ${FILE})`]],
    ['dhclient of IPv6, whose address is gone', { processes: { 100: DHCLIENT6 }, ip: bare(), files: { '/var/lib/dhcp/dhclient6.eth0.leases': lease6() } }, ['  kill 100', '  dhclient -6 -lf /var/lib/dhcp/dhclient6.eth0.leases eth0']],
    ['dhclient, whose lease expired', { ...CLIENT, files: { [FILE]: lease({ obtained: -4000 }) } }, ['See whether requests leave and answers arrive, then ask the server that gave the lease', '  tcpdump -eni eth0 udp port 67 or udp port 68', '  ip addr show dev eth0', `eth0: the lease of 10.0.0.5 expired 6 min ago, the address is still in use, dhclient (pid 100) has not renewed it (lease in ${FILE})`]],
    ['dhclient, which is late', { ...CLIENT, files: { [FILE]: lease({ obtained: -3200 }) } }, [`eth0: the lease of 10.0.0.5 should have been renewed 23 min ago, past T2, it ends in 6 min (dhclient (pid 100) runs, lease in ${FILE})`, '  tcpdump -eni eth0 udp port 67 or udp port 68']],
    ['the item of what NetworkManager says, beside what it has left', { processes: { 50: NM }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.99', null], ['10.0.0.5', 3540]])]), files: { '/run/NetworkManager/devices/2': nmDevice(nmLease(3600)), [NM_LEASE.replace('11111111', '99999999')]: 'ADDRESS=10.0.0.99\n' } }, ['eth0: NetworkManager (pid 50), 10.0.0.5, 59 min left']],
    ['the item of two clients', { ...CLIENT, processes: { 100: DHCLIENT, 101: DHCLIENT } }, ['eth0: dhclient (pid 100), dhclient (pid 101), 10.0.0.5, 59 min left']],
    ['the item of a client', CLIENT, ['eth0: dhclient (pid 100), 10.0.0.5, 59 min left']],
    ['the item of a lease whose address is gone', { ...CLIENT, ip: bare() }, ['eth0: dhclient (pid 100), 10.0.0.5, 59 min left']],
    ['the item of an address without a lease', { ip: statically, files: { '/run/udhcpc.eth0.pid': '77\n' } }, ['eth0: no client, 10.0.0.5']],
    ['the item of a client without an address', aged(5, ''), ['eth0: dhclient (pid 100), no address']],
  ])('are in what is said below: %s', async (_, host, expected) => {
    const lines = (await check(host, '-v')).long.split('\n').map((line) => line.replace(/^(?:\[\w+\]|\*|-) /, ''));
    expect(lines).toEqual(expect.arrayContaining([...expected]));
  }); // prettier-ignore

  it.each<[string, Proc, readonly string[]]>([
    ['systemd-networkd', networkd, ['networkctl renew eth0']],
    ['dhclient', DHCLIENT, ['kill 100', `dhclient -4 -lf ${FILE} eth0`]],
  ])('that was set up by a clock of the future are renewed: %s', async (_, proc, commands) => {
    const files = { [FILE]: lease({ obtained: 7200 }), '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nT1=1800\nT2=3150\nLIFETIME=3600\n' };
    const { long } = await check({ processes: { 100: proc }, files, ip: ETH0(10_740), times: { '/run/systemd/netif/leases/2': NOW + 7200 } });
    expect(long).toContain('when it is renewed is not known (lease in /');
    expect(long).toContain(['Renew it, so that its times are those of the clock', ...commands].join('\n  '));
  }); // prettier-ignore

  it.each<[string, DhcpHost, string]>([
    ['a lease of no length', { ...CLIENT, files: { [FILE]: lease().replace(' 3600;', ' 0;') } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=3540s;;;0'],
    ['a lease of a length that is not said', { ...CLIENT, files: { [FILE]: lease().replace(/option dhcp-lease-time .*\n/, '') } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=3540s;;;0'],
    ['a lease that was given back', { ...CLIENT, ip: bare(), processes: { 100: { ...DHCLIENT, ageSeconds: 5 } }, files: { [FILE]: lease().replace(/(renew|rebind|expire) .*;/g, `$1 ${date(NOW + 5)};`) } }, 'clients=1;;;0 servers=0;;;0'],
    ['systemd-networkd, whose address is gone', { processes: { 50: networkd }, ip: bare(), files: { '/run/systemd/netif/leases/2': 'ADDRESS=10.0.0.5\nLIFETIME=3600\n' } }, 'clients=1;;;0 servers=0;;;0'],
    ['an older NetworkManager, which says of no lease how long it is', { processes: { 50: NM }, ip: ETH0(), files: { '/run/NetworkManager/devices/2': nmDevice(), [NM_LEASE]: 'ADDRESS=10.0.0.5\n' } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=3540s;;;0'],
    ['dhclient for all interfaces, and what is left of some that are gone', { processes: { 100: { argv: ['dhclient'] } }, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540]]), device('eth1', 3, [['192.0.2.1', null]]), device('eth2', 4, [['2001:db8::5', 3600]])]), files: { '/var/lib/dhcp/dhclient.leases': lease() + lease({ name: 'eth7' }), '/etc/network/interfaces': 'auto eth8\niface eth8 inet dhcp\n', '/run/dhclient.eth9.pid': '77', '/run/dhclient.pid': '100' } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=3540s;;;0 eth0_lease_left=98%;;;0;100'],
    ['dhclient for all interfaces, on a host without ip', { processes: { 100: { argv: ['dhclient'] } }, ip: null, files: { '/var/lib/dhcp/dhclient.leases': lease(), '/run/dhclient.pid': '100', '/proc/net/fib_trie': 'Local:\n  |-- 10.0.0.5\n     /32 host LOCAL\n' } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=3540s;;;0 eth0_lease_left=98%;;;0;100'],
    ['a client that was killed', DEAD, 'clients=0;;;0 servers=0;;;0 lease_remaining=3540s;;;0 eth0_lease_left=98%;;;0;100'],
    ['a client that runs and one that was killed', { ...CLIENT, ip: JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540]]), device('eth1', 3, [['10.0.1.5', 100]])]) }, 'clients=1;;;0 servers=0;;;0 lease_remaining=100s;;;0 eth0_lease_left=98%;;;0;100'],
    ['a lease of the future', { ...CLIENT, files: { [FILE]: lease({ obtained: 7200 }) } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=10800s;;;0 eth0_lease_left=100%;;;0;100'],
    ['a lease that expired', { ...CLIENT, files: { [FILE]: lease({ obtained: -4000 }) } }, 'clients=1;;;0 servers=0;;;0 lease_remaining=0s;;;0 eth0_lease_left=0%;;;0;100'],
  ])('are in the numbers: %s', async (_, host, expected) => {
    expect((await check(host)).perfdata).toBe(expected);
  }); // prettier-ignore
});

it('lists interfaces in their order, IPv4 first', async () => {
  const six = lease6('eth2');
  const host: DhcpHost = {
    processes: { 100: { argv: ['dhclient', 'eth10', 'eth2'] }, 101: { argv: ['dhclient', '-6', 'eth2'] } },
    files: { '/var/lib/dhcp/dhclient.leases': lease({ name: 'eth10' }) + lease({ name: 'eth2' }), '/var/lib/dhcp/dhclient6.leases': six },
    ip: JSON.stringify([device('eth10', 3, [['10.0.0.5', null]]), device('eth2', 2, [['10.0.0.5', null], ['2001:db8::5', null]])]),
  }; // prettier-ignore
  expect((await check(host, '-v')).long.trimEnd().split('\n')).toEqual([
    'eth2: dhclient (pid 100), 10.0.0.5, 59 min left',
    'eth2: dhclient (pid 101), 2001:db8::5, 65 min left',
    'eth10: dhclient (pid 100), 10.0.0.5, 59 min left',
  ]);
});

it('counts the clients that run, and says the lease that ends first', async () => {
  const ip = JSON.stringify([device('eth0', 2, [['10.0.0.5', 3540]]), device('eth1', 3, [['10.0.1.5', 100]])]); // prettier-ignore
  expect((await check({ ...CLIENT, ip })).line).toMatch(/\. 1 client, shortest lease 100 s$/);
  expect((await check({ ...CLIENT, ip, processes: {} })).line).toMatch(/\. 0 clients, shortest lease 100 s$/);
});

describe('the bounds and the words of a server', () => {
  const argv = ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.10,10.0.0.19,1h', '-F', '10.0.1.10,10.0.1.19,1h', '-i', 'br100', '-l', '/var/lib/misc/dnsmasq.leases', '-8', '/var/log/dnsmasq.log']; // prettier-ignore
  const host = (leases: string, more: Partial<Proc> = {}): DhcpHost => ({ processes: { 200: { argv, ports: [67], ...more } }, files: { '/var/lib/misc/dnsmasq.leases': leases, '/var/log/dnsmasq.log': '' } }); // prettier-ignore
  const row = (expiresIn: number, address: string): string => `${NOW + expiresIn} 52:54:00:00:00:01 ${address} * *\n`; // prettier-ignore
  const nova = { '/var/lib/nova/networks/nova-br100.pid': '4711', '/sys/class/net/br100/bridge/x': '' };

  it.each<[string, DhcpHost, readonly string[], number, string]>([
    ['a server that is traced', host('', { state: 't' }), [], 2, 'br100: dnsmasq (pid 200) is stopped and answers nobody'],
    ['a lease that expired ten minutes ago', host(row(-600, '10.0.0.11')), [], 0, '1 server'],
    ['a lease that ends now', host(row(0, '10.0.0.11') + row(1, '10.0.0.12')), ['--pool', '4'], 1, 'br100: 5% of its addresses are leased (1 lease), outside 0:4%'],
    ['one of two servers that is wanted', { ...LIBVIRT, processes: { ...LIBVIRT.processes, 300: { argv: [...argv.slice(0, -4)], ports: [67] } } }, ['--require-server', 'default'], 0, '2 servers'],
    ['one that did a second before, beside others', host(row(-601, '10.0.0.11') + row(-1300, '10.0.0.12') + row(-5, '10.0.0.13')), [], 2, 'br100: 2 leases expired up to 21 min ago and are still listed: dnsmasq (pid 200) does not work, or cannot write /var/lib/misc/dnsmasq.leases'],
    ['addresses in either range, at their ends, and beyond them', host(['0.10', '0.19', '1.10', '1.19', '0.9', '0.20'].map((end) => row(60, `10.0.${end}`)).join('')), ['--pool', '19'], 1, 'br100: 20% of its addresses are leased (6 leases), outside 0:19%'],
    ['a server that keeps no leases, and a bound for them', { ...LIBVIRT, files: { ...LIBVIRT_FILES, '/var/lib/libvirt/dnsmasq/virbr0.status': { why: 'absent' } } }, ['--pool', '19'], 0, '1 server'],
    ['a pool of one address that is leased', { ...host(row(60, '10.0.0.10')), processes: { 200: { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.10,10.0.0.10,1h', ...argv.slice(7)], ports: [67] } } }, ['--pool', '99'], 1, 'br100: 100% of its addresses are leased (1 lease), outside 0:99%'],
    ['a server of static addresses, and a bound for pools', { ...host(row(60, '10.0.0.10')), processes: { 200: { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.0,static,1h', ...argv.slice(7)], ports: [67] } } }, ['--pool', '10:80'], 0, '1 server'],
    ['a pool that is used as much as it should be', host(row(60, '10.0.0.11')), ['--pool', '5:80'], 0, '1 server'],
    ['a network of libvirt whose pid files say nothing', { ...LIBVIRT, files: { ...LIBVIRT_FILES, '/run/libvirt/network/default.pid': '', '/var/lib/libvirt/dnsmasq/default.conf': LIBVIRT_FILES['/var/lib/libvirt/dnsmasq/default.conf'].replace(/pid-file=.*\n/, '') } }, [], 0, '1 server'],
    ['what is wanted and not there', host(''), ['--require-server', 'br200'], 2, 'br200: no DHCP server, --require-server wants one'],
    ['what is wanted by its interface', LIBVIRT, ['--require-server', 'virbr0'], 0, '1 server'],
    ['what is wanted by its name', LIBVIRT, ['--require-server', 'default'], 0, '1 server'],
    ['a server that is ignored', LIBVIRT, ['--ignore', 'default'], 0, 'no DHCP clients or servers'],
    ['a network that is ignored', { files: LIBVIRT_FILES }, ['--ignore', 'default'], 0, 'no DHCP clients or servers'],
    ['a network of nova whose server has its pid file elsewhere, and its process', { processes: { 4711: { argv, ports: [67] } }, files: { ...nova, '/var/lib/misc/dnsmasq.leases': '', '/var/log/dnsmasq.log': '' } }, [], 0, '1 server'],
    ['a network of libvirt that another one of libvirt serves', { ...LIBVIRT, files: { ...LIBVIRT_FILES, '/run/libvirt/network/second.xml': NETWORK.replace('default', 'second') } }, [], 2, 'libvirt network second: no dnsmasq is running, clients get and renew no leases'],
    ['a network of nova that has the name of one of libvirt', { ...LIBVIRT, files: { ...LIBVIRT_FILES, '/var/lib/nova/networks/nova-default.pid': '4711', '/sys/class/net/default/bridge/x': '' } }, [], 2, 'nova network default: no dnsmasq is running, clients get and renew no leases'],
    ['dnsmasq of the system, whose pid file is below /var/run', { processes: { 200: { argv: [...argv, '-x', '/var/run/dnsmasq/dnsmasq.pid'], ports: [67] } }, files: { ...host('').files, '/run/dnsmasq/dnsmasq.pid': '', '/etc/dnsmasq.d/lan.conf': 'dhcp-range=10.0.0.2,10.0.0.9\n' } }, [], 0, '1 server'],
  ])('are told: %s', async (_, one, args, expected, text) => {
    const { code, line } = await check(one, ...args);
    const first = line.replace(/^[A-Z]+ - /, '').replace(/\. [0-9] server.*$|: [0-9]+ processes.*$/, '');
    expect(`${code} ${first}`).toBe(`${expected} ${text}`);
  }); // prettier-ignore

  const GONE = 'no dnsmasq is running, clients get and renew no leases';
  it.each<[string, DhcpHost, readonly string[]]>([
    ['a network of libvirt whose server is gone', { files: LIBVIRT_FILES }, [`libvirt network default: ${GONE} (the network is active (/run/libvirt/network/default.xml), process 200 of its pid file is gone (/run/libvirt/network/default.pid))`, 'Start the network again (the interfaces of its guests lose their bridge until they are attached or started again)', '  virsh net-destroy default', '  virsh net-start default']],
    ['one that has no pid file yet', { files: { '/etc/libvirt/qemu/networks/autostart/default.xml': NETWORK } }, [`libvirt network default: ${GONE} (the network is to be started with the host (/etc/libvirt/qemu/networks/autostart/default.xml), its pid file names no process (/run/libvirt/network/default.pid))`]],
    ['one whose pid file is empty', { files: { ...LIBVIRT_FILES, '/run/libvirt/network/default.pid': '' } }, [`libvirt network default: ${GONE} (the network is active (/run/libvirt/network/default.xml), its pid file names no process (/run/libvirt/network/default.pid))`]],
    ['a network of neutron', { files: { '/var/lib/neutron/dhcp/7d9a/pid': '77', '/proc/77/stat': '77 (x) Z 1 0\n' } }, [`neutron network 7d9a: ${GONE} (neutron's agent has started it (/var/lib/neutron/dhcp/7d9a/pid), process 77 of its pid file is a zombie (/var/lib/neutron/dhcp/7d9a/pid))`, 'The agent starts what is missing', '  systemctl restart neutron-dhcp-agent']],
    ['a network of nova', { files: { ...nova, '/proc/4711/stat': '4711 (x) S 1 0\n' } }, [`nova network br100: ${GONE} (nova-network has started it (/var/lib/nova/networks/nova-br100.pid) and the bridge is there, process 4711 of its pid file is another program (/var/lib/nova/networks/nova-br100.pid))`, 'nova-network starts what is missing', '  systemctl restart nova-network']],
    ['dnsmasq that does not listen', host('', { ports: [53] }), ['Start it again, and find out what ended it', '  systemctl restart dnsmasq']],
    ['dnsmasq that is stopped', host('', { state: 'T' }), ['Let it go on (it was stopped by a signal, or is being traced)', '  kill -CONT 200']],
    ['dnsmasq that was replaced', host('', { exe: '/usr/sbin/dnsmasq (deleted)' }), ['  systemctl restart dnsmasq']],
    ['dnsmasq that lists what has expired', host(row(-700, '10.0.0.11')), ['  systemctl restart dnsmasq']],
    ['the item of a server', host(row(60, '10.0.0.11')), ['br100: dnsmasq (pid 200), 1 lease, 5% of the pool']],
    ['the item of a server whose leases are not known', { ...LIBVIRT, files: { ...LIBVIRT_FILES, '/var/lib/libvirt/dnsmasq/virbr0.status': { why: 'absent' } } }, ['libvirt network default: dnsmasq (pid 200), leases not known']],
  ])('are in what is said below: %s', async (_, one, expected) => {
    const lines = (await check(one, '-v')).long.split('\n').map((line) => line.replace(/^(?:\[\w+\]|\*|-) /, ''));
    expect(lines).toEqual(expect.arrayContaining([...expected]));
  }); // prettier-ignore

  it('are in the numbers and lines of a server alone', async () => {
    const { perfdata, long } = await check(LIBVIRT, '--server', '-v');
    expect(perfdata).toBe('servers=1;;;0 leases=1;;;0 default_pool=0%;;;0;100 deaf=0;;;0');
    expect(long.trimEnd()).toBe('libvirt network default: dnsmasq (pid 200), 1 lease, 0% of the pool');
  });

  it('say nothing of leases and pools of servers that keep none', async () => {
    const quiet: Proc = { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.0,static,1h', '--leasefile-ro', '-8', '/var/log/dnsmasq.log'], ports: [67] };
    const { perfdata } = await check({ processes: { 200: { ...quiet, argv: [...quiet.argv, '-i', 'br1'] }, 201: { ...quiet, argv: [...quiet.argv, '-i', 'br2'] } }, files: { '/var/log/dnsmasq.log': '' } });
    expect(perfdata).toBe('clients=0;;;0 servers=2;;;0 deaf=0;;;0');
  }); // prettier-ignore

  it('say nothing of deaf clients where no log can be found', async () => {
    const { perfdata, long } = await check({ processes: { 200: { argv: argv.slice(0, -2), ports: [67] } }, files: { '/var/lib/misc/dnsmasq.leases': '' } }, '-v');
    expect(perfdata).toBe('clients=0;;;0 servers=1;;;0 leases=0;;;0 br100_pool=0%;;;0;100');
    expect(long).toContain('no log of a server found in syslog, the journal (--log)');
  }); // prettier-ignore
});

describe('the bounds of a conversation', () => {
  const MAC = '52:54:00:12:34:56';
  /** By seconds before now: what dnsmasq has logged then. */
  const log = (...rows: readonly (readonly [number, string, number?])[]): string =>
    rows.map(([ago, message, pid = 200]) => `${new Date((NOW - ago) * 1000).toISOString().slice(0, 19)}+00:00 kvm1 dnsmasq-dhcp[${pid}]: DHCP${message}(br100) 10.0.0.5 ${MAC}\n`).join(''); // prettier-ignore
  const asked = (...ago: readonly number[]) => ago.flatMap((at) => [[at, 'REQUEST'], [at, 'ACK']] as const); // prettier-ignore
  const commands = [`tcpdump -eni br100 ether host ${MAC} and udp port 68`, 'bridge fdb show br br100', 'nft list ruleset', 'iptables -t mangle -S POSTROUTING']; // prettier-ignore
  const found = (...ago: readonly number[]) => ago.flatMap((at) => [[at, 'DISCOVER'], [at, 'OFFER']] as const); // prettier-ignore
  const server = (lease: string, name = 'br100'): Proc => ({ argv: ['dnsmasq', '-C', '/dev/null', `--dhcp-range=10.0.0.2,static,255.255.255.0,${lease}`, '-i', name, '--leasefile-ro'], ports: [67] }); // prettier-ignore
  const host = (text: string, lease = '120s', more: DhcpHost['processes'] = {}): DhcpHost => ({ processes: { 200: server(lease), ...more }, files: { '/var/log/syslog': text } }); // prettier-ignore
  const deaf = (count: number, what: string, every = ''): string => `hears no answers: ${count} ${what}, each answered${every}`; // prettier-ignore
  const MINUTE = ' (it would renew every 60 s)';

  it.each<[string, DhcpHost, string]>([
    ['three requests', host(log(...asked(22, 12, 2))), deaf(3, 'requests in 20 s', MINUTE)],
    ['two requests', host(log(...asked(12, 2))), ''],
    ['five searches', host(log(...found(50, 40, 30, 20, 10))), deaf(5, 'searches for a server in 40 s')],
    ['four searches', host(log(...found(40, 30, 20, 10))), ''],
    ['searches after an offer that was taken', host(log(...found(80, 70, 60), [60, 'REQUEST'], [60, 'ACK'], ...found(40, 30, 20, 10))), ''],
    ['three requests within two seconds', host(log(...asked(4, 3, 2))), deaf(3, 'requests in 2 s', MINUTE)],
    ['five searches within four seconds', host(log(...found(5, 4, 3, 2, 1))), deaf(5, 'searches for a server in 4 s')],
    ['two requests that a relay sends twice', host(log(...asked(22, 22, 2, 2))), ''],
    ['three searches that a relay sends three times', host(log(...found(30, 30, 30, 20, 20, 20, 10, 10, 10))), ''],
    ['an answer whose request is not in the log any more', host(log([32, 'ACK'], ...asked(22, 12))), ''],
    ['requests before and after a search', host(log(...asked(62, 52, 42), ...found(32), ...asked(22, 12))), ''],
    ['a server that was started anew, with longer leases', host(log([127, 'REQUEST', 300], [127, 'ACK', 300], ...asked(85, 43, 1)), '1h', { 300: server('120s', 'br200') }), deaf(4, 'requests in 2 min', ' (it would renew every 30 min)')],
    ['T1 that an option says', host(log(...asked(9, 5, 1)), '1h', { 200: { ...server('1h'), argv: [...server('1h').argv, '--dhcp-option=option:T1,6'] } }), deaf(3, 'requests in 8 s', ' (it would renew every 6 s)')],
    ['T1 that an option says, a second more between requests', host(log(...asked(11, 6, 1)), '1h', { 200: { ...server('1h'), argv: [...server('1h').argv, '--dhcp-option=option:T1,6'] } }), ''],
    ['the answer to one request, and to others that ask for no address', host(log(...asked(32), [22, 'INFORM'], [22, 'ACK'], [12, 'INFORM'], [12, 'ACK'])), ''],
    ['requests before and after one that was refused', host(log(...asked(42, 32), [27, 'NAK'], ...asked(22, 12))), ''],
    ['requests before and after an address was given back', host(log(...asked(42, 32), [27, 'RELEASE'], ...asked(22, 12))), ''],
    ['searches before and after an offer that was declined', host(log(...found(60, 50, 40), [45, 'DECLINE'], ...found(40, 30, 20, 10))), ''],
    ['two thirds of T1 between requests', host(log(...asked(81, 41, 1))), deaf(3, 'requests in 80 s', MINUTE)],
    ['a second more between requests', host(log(...asked(83, 42, 1))), ''],
    ['150 s between requests, of a long lease', host(log(...asked(301, 151, 1)), '1h'), deaf(3, 'requests in 5 min', ' (it would renew every 30 min)')],
    ['151 s between requests, of a long lease', host(log(...asked(303, 152, 1)), '1h'), ''],
    ['five searches that have ended', host(log(...found(90, 80, 70, 60, 50))), ''],
    ['the shorter one of two leases of a server', host(log(...asked(83, 42, 1)), '1h', { 200: { ...server('1h'), argv: [...server('1h').argv, '--dhcp-host=52:54:00:00:00:01,10.0.0.9,120s'] } }), ''],
    ['a lease that never ends', host(log(...asked(203, 102, 1)), 'infinite'), deaf(3, 'requests in 3 min')],
    ['silence for twice the longest gap and 5 s', host(log(...asked(45, 35, 25))), deaf(3, 'requests in 20 s', MINUTE)],
    ['silence for a second longer', host(log(...asked(46, 36, 26))), ''],
    ['a clock of the log that is a minute ahead', host(log(...asked(-40, -50, -60))), deaf(3, 'requests in 20 s', MINUTE)],
    ['a clock of the log that is further ahead', host(log(...asked(-41, -51, -61))), ''],
    ['the lease of the server that has written the line', host(log(...asked(85, 43, 1)), '1h', { 300: server('120s', 'br200') }), deaf(3, 'requests in 84 s', ' (it would renew every 30 min)')],
    ['the shortest lease, where a server has written it that runs no more', host(log(...asked(22, 12, 2).map(([ago, message]) => [ago, message, 199] as const)), '1h', { 300: server('120s', 'br200') }), deaf(3, 'requests in 20 s', MINUTE)],
  ])('are told: %s', async (_, one, expected) => {
    const { code, line } = await check(one);
    const text = line.replace(/^[A-Z]+ - /, '').replace(/^client [0-9a-f:]+ on br100: /, '').replace(/(?:\. )?[0-9] servers?$/, '');
    expect(`${code} ${text}`).toBe(`${expected === '' ? 0 : 1} ${expected}`);
  }); // prettier-ignore

  it.each([
    [20, ' client 52:54:00:12:34:56 on br100: hears no answers: 3 requests in 40 s, each answered'],
    [21, ' no DHCP clients or servers: 1 processes, none of them one that is looked at'],
  ])('are told of a log that is named, where no server runs: %i s between requests', async (gap, text) => {
    const files = { '/var/log/syslog': log(...asked(1 + 2 * gap, 1 + gap, 1)) };
    expect((await check({ files }, '--log', '/var/log/syslog')).line.replace(/^[A-Z]+ -/, '')).toBe(text);
  });

  it('are not told of an interface that is ignored', async () => {
    expect((await check(host(log(...asked(22, 12, 2))), '--ignore', 'br100')).code).toBe(0);
    const named = { files: { '/var/log/syslog': log(...asked(22, 12, 2)) } };
    expect((await check(named, '--log', '/var/log/syslog', '--ignore', 'br*')).code).toBe(0);
  });

  it('are told of each client once, in the order of their addresses', async () => {
    const deafOnes = ['52:54:00:12:34:9a', MAC, '52:54:00:12:34:99'].map((mac) => log(...asked(22, 12, 2)).replaceAll(MAC, mac)).join('');
    const { files, ...more } = host(deafOnes);
    const own: Proc = { ...server('120s'), argv: [...server('120s').argv, '-8', '/var/log/dnsmasq.log'] };
    const { line, perfdata } = await check({ ...more, processes: { 200: server('120s'), 201: own }, files: { ...files, '/var/log/dnsmasq.log': deafOnes } });
    expect(line.match(/52(?::[0-9a-f]{2}){5}/g)).toEqual(['52:54:00:12:34:9a', MAC, '52:54:00:12:34:99']);
    expect(perfdata).toContain('deaf=3');
  }); // prettier-ignore

  it('are told with the log that shows it', async () => {
    const { long } = await check(host(log(...asked(22, 12, 2))), '-v');
    expect(long).toContain(`${deaf(3, 'requests in 20 s', MINUTE)} (seen in /var/log/syslog)\n`);
    expect(long).toContain(commands.map((one) => `\n  ${one}`).join(''));
    expect(long).toMatch(
      /\nThe answers are lost between server and client\. .* a checksum that the client refuses\n/,
    );
  });
});
