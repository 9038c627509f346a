import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  confDirFilter,
  dnsmasqArguments,
  dnsmasqFile,
  dnsmasqOptions,
} from '../../lib/parsers/dnsmasq-config.ts';
import { parseDnsmasqLeases, parseLibvirtLeases } from '../../lib/parsers/dnsmasq-leases.ts';
import { parseDnsmasqLog } from '../../lib/parsers/dnsmasq-log.ts';
import { parseDhcpRange } from '../../lib/parsers/dnsmasq-range.ts';
import { parseLibvirtNetwork } from '../../lib/parsers/libvirt-network.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('a range', () => {
  it.each([
    ['10.98.0.10,10.98.0.50,2m', { start: '10.98.0.10', end: '10.98.0.50', size: 41, leaseSeconds: 120 }],
    ['192.168.122.2,192.168.122.254', { size: 253, leaseSeconds: 3600 }],
    ['10.0.0.2,10.0.0.9,255.255.255.0', { size: 8, leaseSeconds: 3600 }],
    ['10.0.0.2,10.0.0.9,30', { size: 8, leaseSeconds: 120 }],
    [
      'set:subnet-7d9a,10.0.0.0,static,255.255.255.0,86400s',
      { start: '10.0.0.0', end: null, size: null, leaseSeconds: 86400 },
    ],
    ['tag0,192.168.0.2,static,120s', { start: '192.168.0.2', size: null, leaseSeconds: 120 }],
    ['10.0.0.2,10.0.0.9,infinite', { leaseSeconds: null }],
    ['10.0.0.2,10.0.0.9,2d', { leaseSeconds: 172800 }],
    ['10.0.0.2,10.0.0.9,1w', { leaseSeconds: 604800 }],
    ['10.0.0.2,10.0.0.9,12H', { leaseSeconds: 43200 }],
    ['10.0.0.2', { start: '10.0.0.2', end: null, size: null, leaseSeconds: 3600 }],
    ['2001:db8::10,2001:db8::50,64,12h', { family: 6, end: '2001:db8::50', size: null, leaseSeconds: 43200 }],
    ['10.0.0.10,10.0.1.50', { size: 297, leaseSeconds: 3600 }],
    ['10.0.0.9,10.0.0.2', { size: 0 }],
    [' 10.0.0.2 , 10.0.0.9 , 5m ', { start: '10.0.0.2', end: '10.0.0.9', leaseSeconds: 300 }],
    // Tags that look like addresses from one side.
    ...['set:1.2.3.4', '1.2.3.4.5', '1.2.3.4x', 'set:a::b', 'a::x'].map((tag): [string, object] => [
      `${tag},10.0.0.2,10.0.0.9`,
      { family: 4, start: '10.0.0.2', size: 8 },
    ]),
    ['2001:db8::10,2001:db8::50,64', { family: 6, leaseSeconds: 3600 }],
    ['2001:db8::10,2001:db8::50,64,86400', { family: 6, leaseSeconds: 86400 }],
    [
      '2001:db8:0:0:0:0:0:10,2001:db8:0:0:0:0:0:50,64,12h',
      { family: 6, start: '2001:db8:0:0:0:0:0:10', end: '2001:db8:0:0:0:0:0:50', leaseSeconds: 43200 },
    ],
    ['::1,constructor:eth0,ra-only,64', { family: 6, end: null, leaseSeconds: 3600 }],
  ])('%s', (text, expected) => {
    expect(parseDhcpRange(text)).toMatchObject(expected);
  });

  it.each(['', 'interface:eth0', 'set:x'])('is none: %j', (text) => {
    expect(parseDhcpRange(text)).toBeNull();
  });
});

it('options are those of the command line and of files', () => {
  const args = ['-k', '--conf-file=/dev/null', '-F', '10.0.0.2,10.0.0.9,2m', '--dhcp-range', '10.1.0.2,10.1.0.9', '-C/etc/x', '-x', '/run/d.pid', '--leasefile-ro', '-8', '-', '--dhcp-option=tag:a,option:T1,3', '-O', '58,1m', '--dhcp-host=52:54:00:00:00:01,10.0.0.3,10m', '--domain', '--quiet-dhcp'];
  expect(dnsmasqOptions(dnsmasqArguments(args))).toMatchObject({
    files: ['/dev/null', '/etc/x'], pidFile: '/run/d.pid', isLeaseFileReadOnly: true, logFacility: '-', renewalSeconds: 3, hostSeconds: [600], isQuiet: true,
    ranges: [{ start: '10.0.0.2' }, { start: '10.1.0.2' }],
  });
  const file = '# dhcp-range=10.0.0.1,10.0.0.2\n dhcp-range = 10.0.0.2,10.0.0.9 # here\ninterface=virbr0\nleasefile-ro\nlog-facility="/var/log/d.log"\n';
  expect(dnsmasqOptions(dnsmasqFile(file))).toMatchObject({ interfaces: ['virbr0'], isLeaseFileReadOnly: true, logFacility: '/var/log/d.log', ranges: [{ start: '10.0.0.2' }] });
  expect(() => dnsmasqFile('\0')).toThrow(new FormatError('dnsmasq configuration', 'holds NUL bytes, it is no text'));
}); // prettier-ignore

const NO_OPTIONS = { ranges: [], pidFile: null, leaseFile: null, isLeaseFileReadOnly: false, logFacility: null, isQuiet: false, interfaces: [], renewalSeconds: null, hostSeconds: [], usesOtherPort: false, files: [], folders: [] }; // prettier-ignore

describe('options', () => {
  it.each([
    [[], {}],
    [['x--quiet-dhcp', '--quiet-dhcpX', 'x-9'], {}],
    [['--pid-file='], { pidFile: '' }],
    [['--dhcp-range=interface:eth0', '--dhcp-option=3,1.2.3.4', '--dhcp-option=5,7', '--dhcp-host=x'], {}],
    [['--dhcp-leasefile=/a', '--dhcp-lease=/b'], { leaseFile: '/a' }],
    [['--dhcp-lease=/b'], { leaseFile: '/b' }],
    [['-l', '/l', '-9', '-G', 'aa,10m', '-7', '/d', '-O', '58,1m', '-i', 'lo', '-x/p'], { leaseFile: '/l', isLeaseFileReadOnly: true, hostSeconds: [600], folders: ['/d'], renewalSeconds: 60, interfaces: ['lo'], pidFile: '/p' }],
    // As `dnsmasq --test` of 2.90 takes its words.
    [['--dhcp-option-force', '58,5', '--log-facility', '-', '--conf-dir', '/d', '--dhcp-host', 'aa,10m'], { renewalSeconds: 5, logFacility: '-', folders: ['/d'], hostSeconds: [600] }],
    [['--pid-file', '--dhcp-leasefile', '--conf-file', '--quiet-dhcp'], { pidFile: '', leaseFile: '', files: [''], isQuiet: true }],
    [['--dhcp-alternate-port'], { usesOtherPort: true }],
    [['--dhcp-host=aa, 10m ', '--conf-file= /x ', '--conf-dir=/d,*.conf'], { hostSeconds: [600], files: ['/x'], folders: ['/d,*.conf'] }],
    [['--dhcp-option= option:T1 , 7 '], { renewalSeconds: 7 }],
    [['--dhcp-option=58,7'], { renewalSeconds: 7 }],
    [['--dhcp-option-force=58,5', '--dhcp-option=58,7'], { renewalSeconds: 5 }],
    [['option:T1x,5', 'xoption:T1,5', '58x,5', '158,5', '58'].map((text) => `--dhcp-option=${text}`), {}],
  ])('%j on a command line are %j', (args, expected) => {
    expect(dnsmasqOptions(dnsmasqArguments(args))).toEqual({ ...NO_OPTIONS, ...expected });
  }); // prettier-ignore

  it.each([
    ['interface=virbr1 # here\ninterface=virbr2 #\ninterface=br#3\n', { interfaces: ['virbr1', 'virbr2', 'br#3'] }],
    ['pid-file = /x  \n', { pidFile: '/x' }],
    ['!leasefile-ro\nquiet-dhcp x\n', {}],
    ['log-facility=\n', { logFacility: '' }],
    ['log-facility=""\n', { logFacility: '' }],
    ['log-facility=/a"b"\npid-file="a"b\n', { logFacility: '/a"b"', pidFile: '"a"b' }],
  ])('%j in a file are %j', (text, expected) => {
    expect(dnsmasqOptions(dnsmasqFile(text))).toEqual({ ...NO_OPTIONS, ...expected });
  }); // prettier-ignore
});

it('a folder of files leaves out what it is told, and what editors leave behind', () => {
  const { folder, takes } = confDirFilter('/etc/dnsmasq.d/,.dpkg-dist,.dpkg-old');
  expect([folder, ...['a', 'a.conf', 'a.dpkg-old', 'a~', '.a', '#a#'].filter(takes)]).toEqual(['/etc/dnsmasq.d', 'a', 'a.conf']); // prettier-ignore
  expect(['a', 'a.conf'].filter(confDirFilter('/x,*.conf').takes)).toEqual(['a.conf']);
  expect(['a', 'a.conf', 'aconf', 'a.cnf'].filter(confDirFilter('/x,*.conf,*.cnf').takes)).toEqual([
    'a.conf',
    'a.cnf',
  ]);
  expect(['a', 'a#b'].filter(confDirFilter('/x,').takes)).toEqual(['a', 'a#b']);
  expect(confDirFilter('/x//').folder).toBe('/x');
});

describe('the leases', () => {
  it('of dnsmasq', () => {
    const text = '1795262994 3a:90:8e:f1:92:2a 10.98.0.29 * *\n0 fa:16:3e:aa:bb:cc 10.0.0.5 host *\nduid 00:01\n1424258400 1234567 2001:db8::5 host 00:01\n3600 06-00:11 10.0.0.6 * *\n17952';
    expect(parseDnsmasqLeases(text)).toEqual([
      { address: '10.98.0.29', expiresAt: 1795262994 },
      { address: '10.0.0.5', expiresAt: null },
      { address: '2001:db8::5', expiresAt: 1424258400 },
      { address: '10.0.0.6', expiresAt: null },
    ]);
    expect(parseDnsmasqLeases('')).toEqual([]);
    for (const none of ['duid 00:01:00:01\n', '17952', '\n']) expect(parseDnsmasqLeases(none)).toEqual([]);
    for (const other of ['x5', 'x duid 1', 'duidx', 'garbage\n123']) expect(() => parseDnsmasqLeases(other)).toThrow(FormatError);
    expect(() => parseDnsmasqLeases('\u0001 garbage\n')).toThrow(new FormatError('dnsmasq.leases', 'no line is a lease'));
  }); // prettier-ignore

  it('of dnsmasq are the lines that are whole, of times that are times', () => {
    const damaged = ['x1795262994 a 10.0.0.1 * *', '1795262994x a 10.0.0.1 * *', '1795262994 a x10.0.0.1 * *', '1795262994 a 10.0.0.1x * *', 'garbage'];
    const first = '100000000 a 10.0.0.7 * *';
    expect(parseDnsmasqLeases([...damaged, first, '99999999 a 10.0.0.8 * *'].join('\n'))).toEqual([
      { address: '10.0.0.7', expiresAt: 100000000 },
      { address: '10.0.0.8', expiresAt: null },
    ]);
  }); // prettier-ignore

  it('of libvirt', () => {
    expect(parseLibvirtLeases('')).toEqual([]);
    expect(parseLibvirtLeases('[{"ip-address":"192.168.122.133","expiry-time":1424258362},{"ip-address":"192.168.122.4","expiry-time":0},{},1]')).toEqual([
      { address: '192.168.122.133', expiresAt: 1424258362 },
      { address: '192.168.122.4', expiresAt: null },
    ]);
    for (const text of ['{', '{}']) expect(() => parseLibvirtLeases(text)).toThrow(FormatError);
    expect(() => parseLibvirtLeases('{}')).toThrow('leases of libvirt: no JSON array');
  }); // prettier-ignore
});

describe('a log', () => {
  const event = { pid: 13, message: 'ACK', interfaceName: 'v0', mac: '3a:90:8e:f1:92:2a' };
  it.each([
    ['of its own', 'Nov 21 12:07:45 dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a ', Date.UTC(2026, 10, 21, 12, 7, 45) / 1000, true],
    ['with transactions', 'Nov  1 12:07:45 dnsmasq-dhcp[13]: 2570886966 DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a vm', Date.UTC(2026, 10, 1, 12, 7, 45) / 1000, true],
    ['of syslog', 'Nov 21 12:07:45 kvm1 dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a', Date.UTC(2026, 10, 21, 12, 7, 45) / 1000, true],
    ['of January', 'Jan  5 12:07:45 dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a', Date.UTC(2026, 0, 5, 12, 7, 45) / 1000, true],
    ['of syslog, with zone', '2026-11-21T13:07:45.500000+01:00 kvm1 dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a', Date.UTC(2026, 10, 21, 12, 7, 45) / 1000 + 0.5, false],
    ['of the journal', '1795262865.250000 kvm1 dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a', 1795262865.25, false],
  ])('%s', (_, line, at, isLocal) => {
    expect(parseDnsmasqLog(`${line}\n`, 2026)).toEqual({ events: [{ ...event, at, isLocal }], lastAt: at, isLocal });
  }); // prettier-ignore

  it('has other lines, which tell its last time', () => {
    const text = 'Nov 21 12:07:45 kvm1 sshd[1]: dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a\ngarbage\nXxx 99 99:99:99 dnsmasq-dhcp[13]: DHCPACK(v0) 3a:90:8e:f1:92:2a\nNov 21 12:07:46 kvm1 cron[1]: x\n';
    expect(parseDnsmasqLog(text, 2026)).toMatchObject({ events: [], lastAt: Date.UTC(2026, 10, 21, 12, 7, 46) / 1000 });
  }); // prettier-ignore
});

it.each(['Nov 21 12345678', 'Xyz 21 12:07:45', '2026-99-21T13:07:45Z'])('a log has no time by a stamp like %s', (stamp) => {
  const text = `${stamp} dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a`;
  expect(parseDnsmasqLog(text, 2026)).toMatchObject({ events: [], lastAt: null });
}); // prettier-ignore

it('a network of libvirt serves DHCP or does not', async () => {
  const ip = "<ip address='192.168.122.1'><dhcp><range/></dhcp></ip>";
  expect(await parseLibvirtNetwork(`<network><name>a</name><bridge name='virbr0'/>${ip}</network>`)).toEqual({ name: 'a', bridge: 'virbr0', servesDhcp: true });
  expect(await parseLibvirtNetwork(`<networkstatus><network><name>a</name></network></networkstatus>`)).toEqual({ name: 'a', bridge: '', servesDhcp: false });
  expect(await parseLibvirtNetwork(`<network><name>a</name><ip address='192.168.122.1'/></network>`)).toMatchObject({ servesDhcp: false });
  await expect(parseLibvirtNetwork('')).rejects.toThrow(FormatError);
  for (const text of ['<domain><name>a</name></domain>', '<network/>', '<networkstatus/>'])
    await expect(parseLibvirtNetwork(text)).rejects.toThrow(new FormatError('network of libvirt', 'no network with a name'));
}); // prettier-ignore

it('none of them throws anything but FormatError', () => {
  const parsers = [parseDhcpRange, parseDnsmasqLeases, parseLibvirtLeases, (text: string) => dnsmasqOptions(dnsmasqFile(text)), (text: string) => dnsmasqOptions(dnsmasqArguments(text.split(' '))), (text: string) => parseDnsmasqLog(text, 2026)]; // prettier-ignore
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
