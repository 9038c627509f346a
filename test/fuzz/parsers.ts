/**
 * What the fuzzer feeds: every function that makes something of bytes or text which this suite did not write. Its test reads this
 * file: a function that a module of lib/parsers exports and that is not called here is missed there.
 */
import type { Performance } from '../../lib/report/metric.ts';
import { parseRange, printRange } from '../../lib/report/range.ts';
import { labelFor, printPerformance } from '../../lib/report/perfdata.ts';
import { cleanText, cutText, shellQuote } from '../../lib/report/text.ts';
import { parseRangeIn, inUnits } from '../../lib/report/units.ts';
import { globMatcher } from '../../lib/glob.ts';
import { parseMountinfo as parseMounts } from '../../lib/host/mounts.ts';
import { knownName, meansHost } from '../../lib/host/known-names.ts';
import { parseContent, parseRecording, printContent, printRecording } from '../../lib/host/recording.ts';
import { openMachines } from '../../lib/host/recordings.ts';
import { redact, redactOutput } from '../../lib/host/redact.ts';
import { decodeBatch } from '../../lib/host/sh-answers.ts';
import { escapeField, unescapeField, unquote } from '../../lib/host/sh-quoting.ts';
import { parseDestination } from '../../lib/host/ssh-settings.ts';
import { parseAssignments } from '../../lib/parsers/assignments.ts';
import { countOf, fieldsOf, knownSpeed, need, needOneOf, speedOf } from '../../lib/parsers/bond-fields.ts';
import { parsePartnerMac } from '../../lib/parsers/bond-ip-link.ts';
import * as bondSysfs from '../../lib/parsers/bond-sysfs.ts';
import { placeOfCgroup } from '../../lib/parsers/cgroup.ts';
import { featuresOfModel, kernelFlag } from '../../lib/parsers/cpu-models.ts';
import { parseDeathTally } from '../../lib/parsers/death-tally.ts';
import { parseDhclientLeases } from '../../lib/parsers/dhclient-leases.ts';
import { dhclientStatements, dhclientTokens } from '../../lib/parsers/dhclient-tokens.ts';
import { parseClientCommand } from '../../lib/parsers/dhcp-client-argv.ts';
import { parseIfcfg, parseInterfaces } from '../../lib/parsers/dhcp-interfaces.ts';
import { parseDhcpPacket } from '../../lib/parsers/dhcp-packet.ts';
import * as dnsmasq from '../../lib/parsers/dnsmasq-config.ts';
import { parseDnsmasqLeases, parseLibvirtLeases } from '../../lib/parsers/dnsmasq-leases.ts';
import { parseDnsmasqLog } from '../../lib/parsers/dnsmasq-log.ts';
import { ipv4Number, parseDhcpRange, parseLeaseTime } from '../../lib/parsers/dnsmasq-range.ts';
import { domainHardware } from '../../lib/parsers/domain-hardware.ts';
import { definitionInvtsc } from '../../lib/parsers/domain-invtsc.ts';
import { parseDomainXml } from '../../lib/parsers/domain-xml.ts';
import { parseInstalled } from '../../lib/parsers/dpkg-log.ts';
import { parseDpkgStatus } from '../../lib/parsers/dpkg-status.ts';
import { compareDpkgVersions, compareNumbers } from '../../lib/parsers/dpkg-version.ts';
import { parseEthtool, speedOfMode } from '../../lib/parsers/ethtool-settings.ts';
import { parseFibTrie } from '../../lib/parsers/fib-trie.ts';
import { isStuckFormat } from '../../lib/parsers/guest-hardware.ts';
import { parseIpAddr } from '../../lib/parsers/ip-addr.ts';
import { parseArray, parseIpLink, recordOf } from '../../lib/parsers/ip-link.ts';
import { parseIpNetns } from '../../lib/parsers/ip-netns.ts';
import { buildVersion } from '../../lib/parsers/kernel-build.ts';
import { flavourOfRpm, releaseOfDpkg, splitRelease } from '../../lib/parsers/kernel-release.ts';
import { parseKnownHosts } from '../../lib/parsers/known-hosts.ts';
import { parseLastWords } from '../../lib/parsers/last-words.ts';
import { parseBootEntry, parseLoaderLines } from '../../lib/parsers/boot-entry.ts';
import { parseEfiText } from '../../lib/parsers/efi-text.ts';
import { parseNetDev, parseUevent } from '../../lib/parsers/net-device.ts';
import { parseNmDevice } from '../../lib/parsers/nm-device.ts';
import { proxmoxHardware } from '../../lib/parsers/proxmox-hardware.ts';
import { parseProxmoxStorage } from '../../lib/parsers/proxmox-storage.ts';
import { listOf, objectOf, xenHardware } from '../../lib/parsers/xen-hardware.ts';
import { libxlConfig, type Setting } from '../../lib/parsers/xl-devices.ts';
import { parseXlInfo } from '../../lib/parsers/xl-info.ts';
import { parseCpuModels, parseMachineTypes } from '../../lib/parsers/libvirt-capabilities.ts';
import { parseLibvirtConf } from '../../lib/parsers/libvirt-conf.ts';
import { parseLibvirtNetwork } from '../../lib/parsers/libvirt-network.ts';
import { parseLogrotate } from '../../lib/parsers/logrotate.ts';
import { mountAbove, parseMountinfo, plain } from '../../lib/parsers/mountinfo.ts';
import { parseSavedLease } from '../../lib/parsers/networkd-lease.ts';
import { osloList, osloValue, parseOsloConfig } from '../../lib/parsers/oslo-config.ts';
import { parseProcCmdline } from '../../lib/parsers/proc-cmdline.ts';
import { parseCpuinfo } from '../../lib/parsers/proc-cpuinfo.ts';
import { parseFdInfo } from '../../lib/parsers/proc-fdinfo.ts';
import { isCodePath, isOldCode, originalPath, parseDeletedMapping } from '../../lib/parsers/proc-maps.ts';
import { parseMeminfo } from '../../lib/parsers/proc-meminfo.ts';
import { parseProcNetBonding } from '../../lib/parsers/proc-net-bonding.ts';
import { parseProcNetUdp } from '../../lib/parsers/proc-net-udp.ts';
import { parseProcNetVlan } from '../../lib/parsers/proc-net-vlan.ts';
import { parseProcStat } from '../../lib/parsers/proc-stat.ts';
import * as proxmox from '../../lib/parsers/proxmox-conf.ts';
import { isQemuProgram, parseQemuArgv } from '../../lib/parsers/qemu-argv.ts';
import { qemuConsoleFiles } from '../../lib/parsers/qemu-consoles.ts';
import { decideInvtsc, globalSettings, invtscOf, parseQemuCpu } from '../../lib/parsers/qemu-cpu.ts';
import { diskOf, optsOf, qemuHardware } from '../../lib/parsers/qemu-hardware.ts';
import { deviceObstacle, objectObstacle } from '../../lib/parsers/qemu-obstacles.ts';
import { walkQemuOptions } from '../../lib/parsers/qemu-options.ts';
import { isBoolean, isOn, lastOpt, parseQemuOpts, printQemuOpts } from '../../lib/parsers/qemu-opts.ts';
import { parseRpmQuery } from '../../lib/parsers/rpm-query.ts';
import { compareRpmVersions, rpmvercmp } from '../../lib/parsers/rpm-version.ts';
import { parseRunScript } from '../../lib/parsers/run-script.ts';
import { parseSuperviseStatus, SUPERVISORS, taiSeconds } from '../../lib/parsers/supervise-status.ts';
import { decodeUtf8, quote, splitNul, integerOf } from '../../lib/parsers/text.ts';
import { xenInvtsc } from '../../lib/parsers/xen-config.ts';
import { parseXlCfg } from '../../lib/parsers/xl-cfg.ts';
import { domainOf, domainRows, parseXlList, parseXlListLong } from '../../lib/parsers/xl-list.ts';
import { parseXmList } from '../../lib/parsers/xm-list.ts';
import { parseXml } from '../../lib/parsers/xml.ts';
import { readByAll } from '../readers/all.ts';

export interface Fuzzed {
  /** The modules that are meant: their words and headers, and the samples of their tests, are what inputs are made of. */
  readonly modules: readonly string[];
  /** The answers in recordings that are inputs of it. */
  readonly answers?: RegExp;
  /** Besides; bytes as latin1. */
  readonly samples?: readonly string[];
  /** What may be thrown besides FormatError. */
  readonly mayThrow?: string;
  readonly parse: (bytes: Buffer) => unknown;
}

const text = (module: string, parse: (text: string) => unknown, answers?: RegExp): Fuzzed => ({
  modules: [`lib/parsers/${module}.ts`],
  ...(answers === undefined ? {} : { answers }),
  parse: (bytes) => parse(decodeUtf8(bytes)),
});

const binary = (module: string, parse: (bytes: Uint8Array) => unknown, answers?: RegExp): Fuzzed => ({
  modules: [`lib/parsers/${module}.ts`],
  ...(answers === undefined ? {} : { answers }),
  parse,
});

/** Text in two or more parts, for what takes several. */
const parts = (text: string): string[] => text.split(/[\n\0]/);

/** What does not hold for one of its inputs is a fault of the parser, and no FormatError. */
function hold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`does not hold: ${what}`);
}

/** Each order has two sides, and everything is as great as itself. */
function ordered(a: string, b: string, compare: (a: string, b: string) => number): number {
  const order = Math.sign(compare(a, b));
  hold(order === -Math.sign(compare(b, a)), 'a < b is b > a');
  hold(compare(a, a) === 0, 'a is equal to a');
  return order;
}

function qemu(argv: readonly string[]): unknown {
  const line = parseQemuArgv(argv);
  const opts = line.options.map(({ value }) => optsOf(value ?? '', 'driver'));
  return [
    line,
    isQemuProgram(line.program),
    qemuHardware(line),
    qemuConsoleFiles(line.options),
    invtscOf(line.cpu, line.globals),
    opts.map((one) => [deviceObstacle(one), objectObstacle(one), isStuckFormat(one.get('format') ?? null)]),
    walkQemuOptions(argv),
  ];
}

async function domain(text: string): Promise<unknown> {
  const definition = await parseDomainXml(text);
  return [definition, definitionInvtsc(definition), domainHardware(await parseXml(text))];
}

/** Where the marks of one batch stand is not the input's to say. */
const SECRET = { nonce: '0123456789ab', prefix: '/.//./.' };

const BATCH = {
  file: { op: 'bytes', path: '/etc/x', max: 64, part: 'head' },
  lines: { op: 'lines', path: '/etc/x', containing: 'a', max: 64 },
  list: { op: 'list', path: '/etc' },
  stat: { op: 'stat', path: '/etc/x', follow: false },
  link: { op: 'link', path: '/etc/x' },
  statfs: { op: 'statfs', path: '/etc' },
  fifo: { op: 'fifo', path: '/etc/x' },
  run: { op: 'run', tool: 'ip', args: ['addr'] },
  each: { op: 'each', glob: '/etc/*', want: { file: { op: 'bytes', path: 'x', max: 64, part: 'head' } } },
  processes: {
    op: 'processes',
    programs: ['kvm'],
    minThreads: 1,
    want: { file: { op: 'bytes', path: 'cmdline', max: 64, part: 'head' } },
  },
} as const;

/** As `program.sh` prints it; its errors stand on the last line here. */
const BATCH_OUTPUT = [
  '\n#0123456789ab clock 1764000000.5\t86400.5\tboot\t0\t0\tkvm1\n',
  '\n#0123456789ab bytes head 64\n==> /.//./.\u002fetc/x <==\ncontent\n\n',
  '\n#0123456789ab lines\n/.//./.\u002fetc/x:a line\n\n#0123456789ab lined a\n',
  '\n#0123456789ab stat\n81a4 0 0 7 8 1 2049 1234 1764000000 1764000000 /.//./.\u002fetc/x\n',
  '\n#0123456789ab statfs\nef53 4096 100 50 40 30 20 /.//./.\u002fetc\n',
  '\n#0123456789ab link\n/.//./.\u002fetc/x -> y\n\n#0123456789ab list /etc\nx\ny\n\n#0123456789ab fifo reader /etc/x\n',
  '\n#0123456789ab stdout\nout\n\n#0123456789ab ran 7 0\n\n#0123456789ab stderr 7 words\n',
  '\n#0123456789ab match 8 /etc/a\n\n#0123456789ab unlisted 8 /etc/b\n\n#0123456789ab process 9 42\n',
  '\n#0123456789ab undecided 9 43\n\n#0123456789ab scanned 9 7\n\n#0123456789ab done\n',
  "\0head: cannot open '/.//./.\u002fetc/x' for reading: Permission denied",
].join('');

function batch(text: string): unknown {
  const [stdout = '', stderr = ''] = text.split('\0');
  return decodeBatch(BATCH, Buffer.from(stdout), `${stderr}\n#${SECRET.nonce} done\n`, SECRET);
}

/** Whatever things are called and measure, all consumers read the same of it. */
function perfdata(text: string): unknown {
  const list = parts(text).map((part): Performance => {
    const [item = '', value = '', max = ''] = part.split('=');
    return {
      label: labelFor({ metric: 'x', item }),
      value: Number(value),
      unit: 's',
      min: 0,
      max: Number(max),
    };
  });
  const printed = printPerformance(list);
  const { problems } = readByAll(printed === '' ? 'X OK - x\n' : `X OK - x | ${printed}\n`);
  hold(
    problems.every((problem) => /longer than|NRPE/.test(problem)),
    problems.join(', '),
  );
  return printed;
}

/** What was printed is read as what it was. */
function recording(text: string): unknown {
  const looks = parseRecording(text, 'x');
  if (!looks.ok) return looks;
  const again = parseRecording(printRecording(looks.value), 'x');
  hold(again.ok && again.value.length === looks.value.length, 'printed, it has the same looks');
  return [looks, openMachines(text, 'x')];
}

function recordedBytes(bytes: Buffer): unknown {
  const lines = printContent(bytes);
  hold(parseContent(lines).equals(bytes), 'content comes back as it was');
  return [lines, parseContent(decodeUtf8(bytes).split('\n'))];
}

/** What was taken out once is not there to be taken out. */
function redacted(bytes: Buffer): unknown {
  return ['/proc/1/cmdline', '/x.xml', '/etc/nova/nova.conf', '/service/x/run', '/etc/pve/x.conf']
    .map((path) => Buffer.from(redact(path, bytes)).toString('latin1'))
    .concat(redactOutput(decodeUtf8(bytes)));
}

const PARSERS: Readonly<Record<string, Fuzzed>> = {
  assignments: text('assignments', parseAssignments, /os-release|cmdline$/),
  'bond fields': text(
    'bond-fields',
    (text) => {
      const fields = fieldsOf(text);
      return [fields, need(fields, 'MII Status', 'x'), needOneOf(fields, ['Link Failure Count', 'Speed'])];
    },
    /\/bonding\//,
  ),
  'bond speed': text('bond-fields', (text) => knownSpeed(speedOf(text) ?? 0), /speed$/),
  'bond count': text('bond-fields', countOf, /miimon$/),
  'partner of ip link': text('bond-ip-link', parsePartnerMac, /run ip .*link/),
  ...Object.fromEntries(
    (
      [
        bondSysfs.parseBondMode,
        bondSysfs.parseWord,
        bondSysfs.parseSlaves,
        bondSysfs.parseSpeed,
        bondSysfs.parseCount,
        bondSysfs.parseLinkState,
        bondSysfs.parseDuplex,
        bondSysfs.parseIsSwitchedOn,
        bondSysfs.parseCarrier,
        bondSysfs.parseIsInSync,
      ] as const
    ).map((parse) => [parse.name, text('bond-sysfs', parse, /\/sys\/class\/net\/bond/)]),
  ),
  'boot entry': text(
    'boot-entry',
    (text) => [parseBootEntry(text.split('\n')[0] ?? '', text), parseLoaderLines(text)],
    /loader/,
  ),
  'EFI text': binary('efi-text', parseEfiText, /efivars/),
  'event file of a device': text('net-device', parseUevent, /\/sys\/class\/net\/.*uevent$/),
  'list of devices': text('net-device', parseNetDev, /\/proc\/net\/dev$/),
  'device of NetworkManager': text('nm-device', parseNmDevice, /NetworkManager\/devices/),
  'Proxmox storage': text('proxmox-storage', parseProxmoxStorage, /storage.cfg/),
  'xl info': text('xl-info', parseXlInfo, /run xl info/),
  'libxl JSON': {
    ...text('xen-hardware', (text) => {
      const [config] = listOf(parseArray(text, 'x'), 'x');
      return xenHardware(objectOf(objectOf(config, 'x')['config'], 'config'));
    }),
    modules: ['lib/parsers/xen-hardware.ts', 'lib/parsers/xl-list.ts'],
  },
  'devices of Proxmox and xl': {
    ...text('xl-devices', (text) => {
      const settings = parseAssignments(text);
      const disk = settings.get('disk') ?? '';
      return [
        proxmoxHardware(settings, new Map([['old', settings]])),
        xenHardware(libxlConfig(new Map<string, Setting>([...settings, ['disk', disk.split(' ')]]))),
        diskOf(disk, { device: 'disk', format: null, cache: null, isReadOnly: false }),
      ];
    }),
    modules: ['lib/parsers/xl-devices.ts', 'lib/parsers/proxmox-hardware.ts', 'lib/parsers/qemu-hardware.ts'],
  },
  cgroup: text('cgroup', placeOfCgroup, /cgroup$/),
  'cpu models': text('cpu-models', (text) => [featuresOfModel(text), kernelFlag(text)]),
  'death tally': binary('death-tally', parseDeathTally, /death_tally$/),
  dhclient: text('dhclient-leases', parseDhclientLeases, /dhclient.*lease/),
  'dhclient tokens': text(
    'dhclient-tokens',
    (text) => [dhclientTokens(text), dhclientStatements(text)],
    /dhclient.*lease/,
  ),
  'dhcp clients': binary(
    'dhcp-client-argv',
    (bytes) => {
      const [program = '', ...argv] = splitNul(bytes);
      return parseClientCommand(program, argv);
    },
    /cmdline$/,
  ),
  interfaces: text(
    'dhcp-interfaces',
    (text) => [parseInterfaces(text), parseIfcfg(text, 'ifcfg-eth0')],
    /interfaces|ifcfg/,
  ),
  'dhcp packet': {
    ...binary('dhcp-packet', parseDhcpPacket, /dhcpcd.*lease/),
    samples: [
      `\x02${'\0'.repeat(235)}\x63\x82\x53\x63\x35\x01\x05\x33\x04\0\0\x0e\x10\x3a\x04\0\0\x07\x08\xff`,
    ],
  },
  'dnsmasq arguments': binary(
    'dnsmasq-config',
    (bytes) => dnsmasq.dnsmasqOptions(dnsmasq.dnsmasqArguments(splitNul(bytes))),
    /cmdline$/,
  ),
  'dnsmasq file': text(
    'dnsmasq-config',
    (text) => dnsmasq.dnsmasqOptions(dnsmasq.dnsmasqFile(text)),
    /dnsmasq.*conf$/,
  ),
  'dnsmasq conf-dir': text('dnsmasq-config', (text) => {
    const [option = '', ...names] = parts(text);
    const { folder, takes } = dnsmasq.confDirFilter(option);
    return [folder, names.map(takes)];
  }),
  'dnsmasq leases': text('dnsmasq-leases', parseDnsmasqLeases, /dnsmasq.leases/),
  'libvirt leases': {
    ...text('dnsmasq-leases', parseLibvirtLeases),
    samples: ['[{"ip-address":"192.168.122.2","mac-address":"52:54:00:00:00:01","expiry-time":1764000000}]'],
  },
  'dnsmasq log': text('dnsmasq-log', (text) => parseDnsmasqLog(text, 2026), /dnsmasq.log/),
  'dhcp range': text('dnsmasq-range', (text) => [
    parseDhcpRange(text),
    parseLeaseTime(text),
    /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/.test(text) ? ipv4Number(text) : null,
  ]),
  'domain XML': {
    ...text('domain-xml', domain, /\.xml$|dumpxml/),
    modules: [
      'lib/parsers/domain-xml.ts',
      'lib/parsers/domain-hardware.ts',
      'lib/parsers/domain-invtsc.ts',
      'lib/parsers/xml.ts',
    ],
  },
  'dpkg log': text('dpkg-log', parseInstalled, /dpkg.log/),
  'dpkg status': binary(
    'dpkg-status',
    (bytes) => parseDpkgStatus(bytes, ['linux-image-', 'qemu-system-']),
    /dpkg.status/,
  ),
  'dpkg versions': text('dpkg-version', (text) => {
    const [a = '', b = ''] = parts(text);
    return [ordered(a, b, compareDpkgVersions), ordered(a, b, compareNumbers)];
  }),
  ethtool: text('ethtool-settings', parseEthtool, /run ethtool/),
  'ethtool mode': text('ethtool-settings', speedOfMode),
  'fib trie': text('fib-trie', parseFibTrie, /fib_trie/),
  'ip addr': text('ip-addr', parseIpAddr, /run ip .*addr/),
  'ip link': text('ip-link', parseIpLink, /run ip .*link/),
  'ip JSON': text(
    'ip-link',
    (text) => parseArray(text, 'x').map((one) => Object.values(recordOf(one) ?? {}).map(integerOf)),
    /run ip/,
  ),
  'ip netns': text('ip-netns', parseIpNetns, /run ip netns/),
  'kernel build': text('kernel-build', (text) => {
    const [build = '', release = ''] = parts(text);
    return buildVersion(build, release);
  }),
  'kernel release': text(
    'kernel-release',
    (text) => [splitRelease(text), releaseOfDpkg(text), flavourOfRpm(text)],
    /osrelease/,
  ),
  known_hosts: text('known-hosts', parseKnownHosts),
  'last words': binary('last-words', parseLastWords, /cmdline$/),
  'libvirt machines': text('libvirt-capabilities', parseMachineTypes, /capabilities/),
  'libvirt CPUs': text('libvirt-capabilities', parseCpuModels, /domcapabilities/),
  'libvirt.conf': text('libvirt-conf', parseLibvirtConf, /\/libvirt\/.*conf$/),
  'libvirt network': text('libvirt-network', parseLibvirtNetwork, /net-dumpxml/),
  logrotate: text('logrotate', parseLogrotate, /logrotate/),
  mountinfo: text('mountinfo', (text) => mountAbove('/var/lib/x', parseMountinfo(text)), /mountinfo/),
  plain: text('mountinfo', plain, /mountinfo/),
  'networkd lease': text('networkd-lease', parseSavedLease, /netif|NetworkManager/),
  'oslo.config': text(
    'oslo-config',
    (text) => {
      const config = parseOsloConfig(text);
      const keys = [...config.keys()].slice(0, 20).map((key) => key.split(/[^\w]/).at(-1) ?? '');
      return [config, keys.map((key) => osloList(osloValue([config, config], 'DEFAULT', key) ?? ''))];
    },
    /nova|neutron/,
  ),
  'proc cmdline': binary('proc-cmdline', parseProcCmdline, /cmdline$/),
  cpuinfo: text('proc-cpuinfo', parseCpuinfo, /cpuinfo/),
  fdinfo: text('proc-fdinfo', parseFdInfo, /fdinfo/),
  'proc maps': text(
    'proc-maps',
    (text) => {
      const mapping = parseDeletedMapping(text);
      return mapping === null
        ? null
        : [mapping, isOldCode(mapping), isCodePath(mapping.path), originalPath(mapping.path)];
    },
    /maps$/,
  ),
  meminfo: text('proc-meminfo', parseMeminfo, /meminfo/),
  'proc net bonding': text('proc-net-bonding', parseProcNetBonding, /proc\/net\/bonding/),
  'proc net udp': text('proc-net-udp', parseProcNetUdp, /net\/udp/),
  'proc net vlan': text('proc-net-vlan', parseProcNetVlan, /net\/vlan/),
  'proc stat': text('proc-stat', parseProcStat, /proc\/[0-9]+\/stat$/),
  'Proxmox guest': text(
    'proxmox-conf',
    (text) => {
      const conf = proxmox.parseProxmoxConf(text);
      return [conf, proxmox.proxmoxQemuArgs(conf, new Map()), proxmox.shellWords(text)];
    },
    /etc\/pve/,
  ),
  'Proxmox CPUs': text('proxmox-conf', proxmox.parseProxmoxCpuModels, /cpu-models/),
  'qemu command line': {
    ...binary('qemu-argv', (bytes) => qemu(splitNul(bytes)), /cmdline$/),
    modules: ['argv', 'consoles', 'cpu', 'hardware', 'obstacles', 'options', 'opts'].map(
      (name) => `lib/parsers/qemu-${name}.ts`,
    ),
  },
  'qemu CPU': text('qemu-cpu', (text) => {
    const { model, settings } = parseQemuCpu(text);
    return [settings, decideInvtsc(model, settings), globalSettings(model, [])];
  }),
  'qemu options': text('qemu-opts', (text) => {
    const opts = parseQemuOpts(text, 'driver');
    hold(
      opts.some(([key]) => key === '' || key.includes('=') || key.includes(',')) ||
        JSON.stringify(parseQemuOpts(printQemuOpts(opts))) === JSON.stringify(opts),
      'printed, they are the same',
    );
    hold(isBoolean(text) || !isOn(text), 'what is on is a boolean');
    return [opts, lastOpt(opts, 'id')];
  }),
  'rpm query': text('rpm-query', parseRpmQuery, /run rpm/),
  'rpm versions': text('rpm-version', (text) => {
    const [a = '', b = ''] = parts(text);
    return [ordered(a, b, compareRpmVersions), ordered(a, b, rpmvercmp)];
  }),
  'run script': binary('run-script', parseRunScript, /\/run$/),
  'supervise status': binary(
    'supervise-status',
    (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const seconds = bytes.length < 8 ? null : taiSeconds(view, 0);
      return [seconds, parseSuperviseStatus(bytes)];
    },
    /supervise\/status/,
  ),
  ...Object.fromEntries(
    SUPERVISORS.map((one) => [
      `status of ${one}`,
      binary('supervise-status', (bytes) => parseSuperviseStatus(bytes, one), /supervise\/status/),
    ]),
  ),
  texts: binary('text', (bytes) => [quote(decodeUtf8(bytes)), splitNul(bytes)]),
  'xl.cfg': {
    ...text('xl-cfg', (text) => xenInvtsc(parseXlCfg(text)), /etc\/xen/),
    modules: ['lib/parsers/xl-cfg.ts', 'lib/parsers/xen-config.ts'],
  },
  'xl list': text('xl-list', (text) => [parseXlList(text), domainRows(text).map(domainOf)], /run xl list$/),
  'xl list -l': text('xl-list', parseXlListLong, /run xl list -l/),
  'xm list': text('xm-list', parseXmList, /run xm list/),
};

const OTHERS: Readonly<Record<string, Fuzzed>> = {
  range: {
    modules: ['lib/report/range.ts'],
    mayThrow: 'RangeSyntaxError',
    parse: (bytes) => {
      const range = parseRange(decodeUtf8(bytes));
      hold(
        JSON.stringify(parseRange(printRange(range))) === JSON.stringify(range),
        'printed, it is the same',
      );
      return printRange(range);
    },
  },
  'range in units': {
    modules: ['lib/report/units.ts'],
    mayThrow: 'RangeSyntaxError',
    parse: (bytes) => {
      const range = parseRangeIn('B', decodeUtf8(bytes));
      return [printRange(range), inUnits('B', Number.isFinite(range.end) ? range.end : 0)];
    },
  },
  perfdata: { modules: ['lib/report/perfdata.ts'], parse: (bytes) => perfdata(decodeUtf8(bytes)) },
  'report text': {
    modules: ['lib/report/text.ts'],
    parse: (bytes) => {
      const clean = cleanText(decodeUtf8(bytes));
      const cut = cutText(clean, 100);
      hold(Buffer.byteLength(cut) <= 100, 'it is cut to 100 bytes');
      hold(cleanText(clean) === clean, 'clean text stays as it is');
      return [clean, cut, shellQuote(decodeUtf8(bytes.subarray(0, 4096)))];
    },
  },
  glob: {
    modules: ['lib/glob.ts'],
    parse: (bytes) => {
      const [pattern = '', ...names] = parts(decodeUtf8(bytes));
      return names.map(globMatcher(pattern.slice(0, 64)));
    },
  },
  mounts: {
    modules: ['lib/host/mounts.ts'],
    answers: /mountinfo/,
    parse: (bytes) => parseMounts(decodeUtf8(bytes)),
  },
  'names of hosts': {
    modules: ['lib/host/known-names.ts', 'lib/parsers/known-hosts.ts'],
    parse: (bytes) => {
      const names = decodeUtf8(bytes).split('\0');
      return names.map((hosts) => meansHost(hosts, knownName('Kvm1.example.net', 2222)));
    },
  },
  destination: {
    modules: ['lib/host/ssh-settings.ts'],
    parse: (bytes) => parseDestination(decodeUtf8(bytes)),
  },
  recording: { modules: ['lib/host/recording.ts'], parse: (bytes) => recording(decodeUtf8(bytes)) },
  'content in a recording': { modules: ['lib/host/recording.ts'], answers: /cmdline$/, parse: recordedBytes },
  'what the shell program prints': {
    modules: ['lib/host/sh-output.ts', 'lib/host/sh-answers.ts', 'lib/host/errno.ts'],
    samples: [BATCH_OUTPUT],
    parse: (bytes) => batch(decodeUtf8(bytes)),
  },
  'fields of the shell program': {
    modules: ['lib/host/sh-quoting.ts'],
    parse: (bytes) => {
      const text = decodeUtf8(bytes);
      hold(unescapeField(escapeField(text)) === text, 'a field comes back as it was');
      return [unescapeField(text), unquote(text)];
    },
  },
  secrets: {
    modules: ['lib/host/redact.ts', 'lib/host/redact-guests.ts', 'lib/host/redact-oslo.ts'],
    answers: /cmdline$|xml|\/run$|conf/,
    parse: redacted,
  },
};

export const FUZZED: Readonly<Record<string, Fuzzed>> = { ...PARSERS, ...OTHERS };
