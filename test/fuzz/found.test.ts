/** What the fuzzer has found: inputs for which a parser once threw what it must not, or did not come back for minutes. */
import { expect, it } from 'vitest';

import { faultOf } from './fuzz.ts';
import { FUZZED } from './parsers.ts';

/** The clock of a batch that was mangled on its way. */
const CLOCKS = [
  '1764000000.5\t86400 1 2049\tboot\t0\t0\tkvm1',
  '1 176\t\tboot\t0\t0\tkvm1',
  'x\t1\tboot\t0\t0\tkvm1',
];

it.each([
  ['dhcp range', `d${':'.repeat(400_000)}\x01`],
  ['Proxmox guest', `cpu: host${' '.repeat(400_000)}\x01`],
  ['Proxmox CPUs', `cpu-model: a\n    flags${'\t'.repeat(400_000)}\x01`],
  ['Proxmox storage', `nfs: a\n content${' '.repeat(400_000)}\x01`],
  ['boot entry', `title a${' '.repeat(400_000)}\x01`],
  ['assignments', `A=${' '.repeat(400_000)}x`],
  ['range in units', `1e3${'unseen'.repeat(60_000)}\x01`],
  ['ethtool mode', `${'9'.repeat(400)}base`],
  ['qemu command line', `qemu-system-x86_64\0-m\0${'9'.repeat(400)}`],
  // It took minutes, longer than a test may.
  ['range', `@20:1${'9'.repeat(400_000)}x`],
  [
    'what the shell program prints',
    '\n#0123456789ab clock 1764000000.5\t1.5\tb\t0\t0\tkvm1\n#0123456789ab clock 1764000000.5\t1.5\tb\t>\t0\tkvm1\n#0123456789ab done\n',
  ],
  [
    'what the shell program prints',
    `\n#0123456789ab clock 1764000000.5\t${'9'.repeat(400)}\tb\t0\t0\tkvm1\n#0123456789ab done\n`,
  ],
  [
    'what the shell program prints',
    `\n#0123456789ab clock 1764000000.5\t1.5\tb\t0\t0\tkvm1\n\n#0123456789ab stat\n81a4 0 0 7 8 ${'9'.repeat(400)} 2049 1234 1764000000 1764000000 /.//././etc/x\n\n#0123456789ab done\n`,
  ],
  ['qemu CPU', `host,tsc-frequency=2${'9'.repeat(400)}`],
  ['ip addr', '[{"ifindex":1e999,"ifname":"lo"}]'],
  ['ip addr', '[{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"::","prefixlen":1e999}]}]'],
  ['libvirt leases', '[{"ip-address":"10.0.0.1","expiry-time":1e999}]'],
  ['libxl JSON', '[{"config":{"b_info":{"max_memkb":1e999}}}]'],
  ['xl list -l', '[{"domid":1e999,"config":{"c_info":{},"b_info":{}}}]'],
  // One that took exponential time: a rule of such signs is all it needs.
  ['dhclient', `${'#'.repeat(200)}\nlea`],
  ['libvirt.conf', `x = [ ${'#a'.repeat(200)}\n`],
  ['logrotate', '/a '.repeat(400_000)],
  ['bond fields', `Bonding Mode: x\n${'a'.repeat(400_000)}`],
  ['oslo.config', `[DEFAULT]\na = ${'$a '.repeat(100)}\n`],
  ['dpkg log', `2026-08-23 12:57:13 status installed ${'a'.repeat(400_000)}`],
  ['dnsmasq conf-dir', `${'/'.repeat(400_000)}\x01`],
  ['destination', `${'fe80::1%eth0'.repeat(40_000)}\x01`],
  ['kernel release', `6.12.${'1.x86_64+debug'.repeat(70_000)}!`],
  ['secrets', '\r'.repeat(400_000)],
  ['secrets', `a${'\t'.repeat(400_000)}b`],
  ['secrets', '://a:'.repeat(200_000)],
  ['secrets', `x@${'://a:'.repeat(200_000)}`],
  ['secrets', "<entry <qemu:env value='".repeat(50_000)],
  [
    'what the shell program prints',
    '\n#0123456789ab clock 1764000000\t1\tboot\t0\t0\tkvm1\n\n#0123456789ab hasOwnProperty x\n\n#0123456789ab done\n',
  ],
  ...CLOCKS.map((clock): [string, string] => [
    'what the shell program prints',
    `\n#0123456789ab clock ${clock}\n\n#0123456789ab done\n`,
  ]),
])('%s takes what it once did not', async (name, input) => {
  const fuzzed = FUZZED[name];
  expect(fuzzed).toBeDefined();
  if (fuzzed !== undefined) expect(await faultOf(fuzzed, Buffer.from(input))).toBeNull();
});
