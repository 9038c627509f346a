/** Bonds that are down, run on a slow slave, or have lost what keeps them fast and redundant. */
import { gatherBonds } from '../lib/facts/bond-gather.ts';
import type { Bonds } from '../lib/facts/bonds.ts';
import { isGlob } from '../lib/glob.ts';
import { names } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { counted } from '../lib/rules/bond-down.ts';
import { parseCount, parseExpectation } from '../lib/rules/bond-expect.ts';
import { measureBonds } from '../lib/rules/bond-perfdata.ts';
import { itemOf, judgeBonds } from '../lib/rules/bond-speed.ts';
import { judgeExpected } from '../lib/rules/bond-speeds.ts';
import type { BondView } from '../lib/rules/bond-view.ts';
import { chosen } from '../lib/rules/names.ts';

export default definePlugin({
  name: 'check_bond_speed',
  summary: 'finds bonds that are down, run on a slow slave, or have lost slaves',
  description: [
    'A bond that combines a fast and a slow network card runs as fast as the slave that happens to be active. Without ' +
      'primary= and primary_reselect= nothing makes that the fast one, or brings it back after a failure, and a 10 Gb/s ' +
      'port that came back at 1 Gb/s looks healthy to everybody. The bond itself says nothing of all this: it is up.',
    'The check looks at every bond of the host, in all modes, without being told their names: which slaves are up and how ' +
      'fast, which is active and why, what ethtool says both ends could do, and with --state-dir how fast each slave has ' +
      'been. When all slaves are lost together, the cards are seldom the cause: look at the switch.',
  ],
  options: {
    bond: names('look only at these bonds, name or glob; one given by its whole name must be there'),
    ignore: names('leave these bonds out, name or glob'),
    expect: {
      type: 'repeated',
      placeholder: 'NAME=SPEED',
      help: 'this bond or slave must be there and at least so fast, in Mb/s or with G: bond0=10000, eth0=10G',
      parse: parseExpectation,
    },
    'min-slaves': {
      type: 'value',
      placeholder: 'NUMBER',
      byDefault: '2',
      help: 'how many slaves each bond must have, up or not',
      parse: parseCount,
    },
  },
  kinds: {
    down: { state: 'critical', meaning: 'a bond is down, or has no slave that carries its traffic' },
    absent: {
      state: 'critical',
      meaning: 'a bond or slave given to --expect, or by its whole name to --bond, is not there',
    },
    'slave-down': {
      state: 'warning',
      meaning: 'a slave is down, going down (downdelay), or not yet back (updelay)',
    },
    'slower-active': {
      state: 'warning',
      meaning: 'a slower slave is active while a faster one is up; the message says why',
    },
    'on-slow': {
      state: 'warning',
      meaning: 'a bond runs on a slow slave because the faster one is down; since when, with --state-dir',
    },
    'expected-speed': { state: 'warning', meaning: 'a bond or slave is slower than --expect says' },
    'below-capability': {
      state: 'warning',
      meaning:
        'a slave is slower than both ends advertise (ethtool), or, with --state-dir, than it has been before',
    },
    primary: {
      state: 'warning',
      meaning:
        'an active-backup bond of unequal slaves has no primary, or the slow one: nothing keeps it fast',
    },
    'few-slaves': { state: 'warning', meaning: 'a bond has fewer slaves than --min-slaves' },
    'no-monitoring': {
      state: 'warning',
      meaning:
        'a bond does not monitor its links (miimon 0, no ARP interval), so that it never notices a lost slave',
    },
    'half-duplex': { state: 'warning', meaning: 'a slave runs half duplex' },
    lacp: {
      state: 'warning',
      meaning:
        '802.3ad: no partner, different aggregators, out of sync for a minute (churned), or slaves of unequal speed',
    },
    unused: {
      state: 'ok',
      meaning:
        'a bond without slaves is switched off, as loading the module makes it; one that --bond or --expect names is down',
    },
  },
  metrics: {
    speed: {
      unit: '',
      of: 'bond',
      meaning: 'Mb/s of the active slave, or of all that are up together',
      min: 0,
    },
    slaves_up: {
      unit: '',
      of: 'bond',
      meaning: 'slaves that are up; of several bonds also all together, as slaves_up',
      min: 0,
    },
    slaves: { unit: '', of: 'bond', meaning: 'slaves; also all together', min: 0 },
    link_failures: {
      unit: 'c',
      of: 'bond',
      meaning: 'failures of links since the slaves were added; also all together',
      min: 0,
    },
    bonds: { unit: '', meaning: 'bonds that are in use', min: 0 },
  },
  main: 'speed',
  looksFor: 'bonds',
  interval: '1m',
  access: {
    unprivileged: 'everything; the partner of an 802.3ad bond through sysfs, since /proc hides it',
    root: '',
    reads: [
      '/proc/net/bonding/*',
      '/run/NetworkManager/devices/*',
      '/run/network/ifstate',
      '/run/systemd/netif/links/*',
      '/sys/class/net/*/*',
      '/sys/class/net/*/bonding/*',
      '/sys/class/net/*/bonding_slave/*',
    ],
    secrets: [],
    runs: ['ethtool *', 'ip -d -j link show dev *'],
  },
  remembers: true,
  examples: [
    { args: '', does: 'all bonds of this host' },
    { args: '-w 10000: -c 1000:', does: 'WARNING below 10 Gb/s, CRITICAL below 1 Gb/s' },
    { args: '--expect bond0=10G --expect eth1=1G', does: 'these must be there, and at least so fast' },
    {
      args: '--state-dir /var/lib/hypervisor-checks',
      does: 'also find a port that came back slower than it was, and say since when a bond is slow',
    },
    { args: "--ignore 'bond-lab*' --primary ok", does: 'leave bonds out; do without a primary' },
    { args: '-v', does: 'one line for each bond, with its slaves' },
  ],

  gather(host, options) {
    const isChosen = chosen(options.bond, options.ignore);
    const isExpected = (name: string): boolean => options.expect.some((one) => one.name === name);
    return gatherBonds(host, (name) => isChosen(name) || isExpected(name));
  },

  judge(bonds, options, memory) {
    const { expect: expected, bond: wanted } = options;
    const whole = wanted.filter((name) => !isGlob(name));
    const named = [...whole, ...expected.map(({ name }) => name)];
    const verdict = judgeBonds(bonds, { minSlaves: options['min-slaves'], named, expected }, memory);
    const absent = judgeExpected(bonds, expected, whole);
    const findings = [...verdict.findings, ...absent];
    const used = verdict.views.filter(({ bond }) => !isUnused(bond.name, findings));
    const isListed = bonds.unread.every(({ bond }) => bond !== '');
    const isNothing = verdict.views.length === 0 && findings.length === 0;
    return {
      findings,
      summary: used.length === 0 ? '' : summaryOf(used),
      measurements: isNothing ? [] : measureBonds(used, isListed),
      items: verdict.views.map(itemOf),
      remember: verdict.remember,
      ...(isNothing ? { none: noneOf(bonds) } : {}),
    };
  },
});

function isUnused(
  name: string,
  findings: readonly { readonly kind: string; readonly subject: string }[],
): boolean {
  return findings.some(({ kind, subject }) => kind === 'unused' && subject === name);
}

function summaryOf(used: readonly BondView[]): string {
  const up = used.reduce((sum, view) => sum + view.up.length, 0);
  const all = used.reduce((sum, { bond }) => sum + bond.slaves.length, 0);
  const [first] = used;
  if (!used.every(({ bond }) => bond.areSlavesKnown)) return counted(used.length, 'bond');
  const count = `${counted(used.length, 'bond')}, ${up} of ${counted(all, 'slave')} up`;
  if (used.length > 1 || first === undefined || first.speedMbps === null) return count;
  return `${count}, ${first.active === null ? '' : `${first.active.name} active at `}${first.speedMbps} Mb/s`;
}

function noneOf({ devices }: Bonds): string {
  return `no bonds${devices === null ? '' : `: ${counted(devices.filter((name) => name !== 'bonding_masters').length, 'network device')}, none of them a bond that is looked at`}`;
}
