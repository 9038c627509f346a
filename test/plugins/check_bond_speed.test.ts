/** check_bond_speed on recorded hosts: every state it can give, and the healthy hosts that look similar. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_bond_speed.ts';
import { BOND_MODES } from '../../lib/parsers/proc-net-bonding.ts';
import { bondHost, procText, settings, type BondHost, type TestBond } from '../bond-host.ts';
import { replay } from '../plugin-test.ts';

async function check(host: BondHost | TestBond, ...args: string[]) {
  const lines = bondHost('bonds' in host ? host : { bonds: { bond0: host } });
  return said(await replay(plugin, lines, ...args));
}

function said({ code, text }: { readonly code: number; readonly text: string }) {
  const [first = '', ...rest] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line: line.replace(/^BOND_SPEED /, ''), perfdata, long: rest.join('\n'), text };
}

const FAST = { speed: 10000 };
const SLOW = { speed: 1000 };
const PAIR: TestBond = { primary: 'eth0', slaves: { eth0: FAST, eth1: SLOW } };

describe('a healthy bond', () => {
  it.each<[string, TestBond]>([
    ['a fast and a slow slave, the fast one active and primary', PAIR],
    ['equal slaves without a primary', { slaves: { eth0: FAST, eth1: FAST } }],
    ['equal slaves, the primary not active (better, failure)', { primary: 'eth0', reselect: 'better', active: 'eth1', slaves: { eth0: FAST, eth1: FAST } }],
    ['two fast ones and a slow one, either fast one the primary', { primary: 'eth1', active: 'eth0', slaves: { eth0: FAST, eth1: FAST, eth2: SLOW } }],
    ['speeds that nobody knows (virtio)', { slaves: { eth0: { speed: null }, eth1: { speed: null } } }],
    ['one speed that nobody knows', { active: 'eth1', slaves: { eth0: { speed: null }, eth1: SLOW } }],
    ['a primary whose speed nobody knows', { primary: 'eth0', slaves: { eth0: { speed: null }, eth1: SLOW, eth2: FAST }, active: 'eth2' }],
    ['ARP monitoring', { ...PAIR, miimon: 0, arp: 1000 }],
    ['802.3ad with a partner', { mode: '802.3ad', partner: '02:aa:00:00:00:01', slaves: { eth0: FAST, eth1: FAST } }],
    ['802.3ad, the partner hidden', { mode: '802.3ad', slaves: { eth0: FAST, eth1: FAST } }],
    ['round robin', { mode: 'balance-rr', slaves: { eth0: SLOW, eth1: SLOW } }],
    ['802.3ad, churned once and in sync since', { mode: '802.3ad', slaves: { eth0: FAST, eth1: { ...FAST, churn: 'churned' } } }],
    ['a slave called None', { active: 'None', slaves: { None: FAST, eth1: FAST } }],
  ])('is OK: %s', async (_, bond) => {
    const { code, text } = await check(bond);
    expect({ code, text }).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('says the state in one line, and the numbers', async () => {
    expect(await check(PAIR)).toMatchObject({
      line: 'OK - 1 bond, 2 of 2 slaves up, eth0 active at 10000 Mb/s',
      perfdata:
        'bond0_speed=10000;;;0 bond0_slaves_up=2;;;0;2 bond0_slaves=2;;;0 bond0_link_failures=0c;;;0 bonds=1;;;0',
    });
  });

  it('is one line with -v', async () => {
    const { long } = await check(PAIR, '-v');
    expect(long).toContain(
      'bond0: active-backup, eth0 active, 10000 Mb/s, primary eth0 (always), eth0 up 10000 Mb/s full, eth1 up 1000 Mb/s full',
    );
  });

  it('is found by any name, in all seven modes, with the speed of what it uses', async () => {
    const bonds = Object.fromEntries(
      BOND_MODES.map((mode, n) => [`net-${n}`, { mode, slaves: { [`a${n}`]: SLOW, [`b${n}`]: SLOW } }]),
    );
    const { code, perfdata, line } = await check({ bonds });
    expect({ code, line }).toEqual({ code: 0, line: 'OK - 7 bonds, 14 of 14 slaves up' });
    const speeds = Array.from(perfdata.matchAll(/_speed=([0-9]+)/g), ([, speed]) => Number(speed));
    expect(speeds).toEqual([2000, 1000, 2000, 1000, 2000, 2000, 2000]);
  });

  it('is none at all: said, or as --none has it', async () => {
    expect(await check({ bonds: {} })).toMatchObject({ code: 0, line: expect.stringContaining('OK - no bonds: 1 network device') as string });
    expect(await check({ bonds: {} }, '--none', 'critical')).toMatchObject({ code: 2 });
  }); // prettier-ignore
});

describe('a slower slave that is active while a faster one is up', () => {
  it.each<[string, TestBond, string]>([
    ['no primary is set', { active: 'eth1', slaves: { eth0: FAST, eth1: SLOW } }, 'no primary is set'],
    ['the slow one is the primary', { primary: 'eth1', active: 'eth1', slaves: { eth0: FAST, eth1: SLOW } }, 'the slow eth1 is the primary'],
    ['the primary is a third one', { primary: 'eth2', active: 'eth1', slaves: { eth0: FAST, eth1: SLOW, eth2: { speed: 100 } } }, 'the primary is eth2, which is not the fastest'],
    ['failure keeps it', { ...PAIR, reselect: 'failure', active: 'eth1' }, 'primary_reselect=failure keeps eth1 until it fails (by design)'],
    ['better does not see it', { ...PAIR, reselect: 'better', active: 'eth1' }, 'primary_reselect=better looks at the speed only when a link changes'],
    ['set by hand', { ...PAIR, active: 'eth1' }, 'somebody has set the active slave by hand, or the change is under way'],
    ['updelay', { ...PAIR, updelay: 30000, slaves: { eth0: { ...FAST, link: 'going back' }, eth1: SLOW } }, 'eth0 has only just come back (updelay 30000 ms)'],
  ])('is WARNING, with the reason: %s', async (_, bond, why) => {
    const { code, line } = await check(bond);
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain(`WARNING - bond0: eth1 is active at 1000 Mb/s while eth0 is up at 10000 Mb/s: ${why}`);
  }); // prettier-ignore

  it('counts by what the device says now, not by what the bond was told', async () => {
    const stale: TestBond = {
      primary: 'eth0',
      slaves: { eth0: { speed: 100, oldSpeed: 10000 }, eth1: SLOW },
    };
    expect((await check(stale)).line).toContain('eth0 is active at 100 Mb/s while eth1 is up at 1000 Mb/s');
  });

  it('counts no speed that only the bond was told, of a device that is up and does not know its own', async () => {
    const lost: TestBond = {
      primary: 'eth0',
      slaves: { eth0: { speed: null, oldSpeed: 10000 }, eth1: SLOW },
    };
    expect((await check(lost)).line).toBe('OK - 1 bond, 2 of 2 slaves up');
    expect((await check(lost, '-w', '10000:')).code).toBe(3);
    expect((await check({ bonds: { bond0: lost }, hasSysfs: false }, '-w', '10000:')).code).toBe(0);
  });

  it('is in balance-alb as well', async () => {
    const bond: TestBond = { ...PAIR, mode: 'balance-alb', active: 'eth1' };
    expect((await check(bond)).code).toBe(1);
  });

  it('is the administrator’s to rate', async () => {
    const bond: TestBond = { ...PAIR, reselect: 'failure', active: 'eth1' };
    const { code, line } = await check(bond, '--slower-active', 'ok');
    expect({ code, line }).toMatchObject({ code: 0 });
    expect(line).toContain('Not alarmed: bond0: eth1 is active');
  });
});

describe('a faster slave that is down', () => {
  const failover: TestBond = {
    ...PAIR,
    slaves: { eth0: { ...FAST, link: 'down', failures: 1 }, eth1: SLOW },
  };

  it('is WARNING: what it runs on and why', async () => {
    const { code, line, text } = await check(failover);
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain('bond0: runs on eth1 at 1000 Mb/s because eth0 (10000 Mb/s) is down, and 1 more');
    expect(text).toContain('the primary eth0 is down: has no carrier');
  });

  it('does not count with its old speed: it is not the one that should be active', async () => {
    expect((await check(failover)).text).not.toContain('while eth0 is up');
  });

  it('is said to stay away where nothing brings it back', async () => {
    const stay = { slaves: failover.slaves };
    expect((await check(stay)).text).toContain('it stays on eth1 when eth0 is back: eth0 is not the primary');
    expect((await check({ ...failover, reselect: 'failure' })).text).toContain('primary_reselect=failure');
  });

  it('is only a slave that is down where nobody knows its speed', async () => {
    const { line } = await check({ ...PAIR, slaves: { eth0: { speed: null, link: 'down' }, eth1: SLOW } });
    expect(line).toContain('bond0: the primary eth0 is down: has no carrier, eth1 is active at 1000 Mb/s');
  });

  it.each([['going down'], ['going back']] as const)('or %s is no slave to count on', async (link) => {
    const { code, text } = await check({ ...PAIR, slaves: { eth0: FAST, eth1: { ...SLOW, link } } });
    expect({ code, text }).toMatchObject({ code: 1 });
    expect(text).toContain(link === 'going down' ? 'eth1 is going down' : 'eth1 is coming back');
    expect(
      (await check({ ...PAIR, slaves: { eth0: FAST, eth1: { ...SLOW, link } } }, '--slave-down', 'ok')).code,
    ).toBe(0);
  });
});

describe('a bond that is down', () => {
  const lost: TestBond = {
    ...PAIR,
    slaves: { eth0: { ...FAST, link: 'down' }, eth1: { ...SLOW, link: 'down' } },
  };

  it('with all slaves lost together is CRITICAL, and a matter of the switch', async () => {
    const { code, line, long } = await check(lost);
    expect(code).toBe(2);
    expect(line).toBe(
      'CRITICAL - bond0: is down, all slaves lost their link together (eth0, eth1): look at the switch (err-disable, BPDU guard). 1 bond, 0 of 2 slaves up',
    );
    expect(long).toContain('spanning-tree packets of a guest');
  });

  it.each<[string, TestBond, string]>([
    ['one slave, lost', { slaves: { eth0: { ...FAST, link: 'down' } } }, 'its only slave eth0 lost its link: look at the switch'],
    ['slaves switched off', { slaves: { eth0: { ...FAST, link: 'down', isOff: true }, eth1: { link: 'down', isOff: true } } }, 'all slaves are switched off (eth0, eth1)'],
    ['switched off', { ...PAIR, isOff: true }, 'is switched off, with 2 slaves (eth0, eth1)'],
    ['no active slave', { ...PAIR, active: null }, 'has no active slave (eth0 up, eth1 up)'],
    ['no slaves', { slaves: {} }, 'is switched on and has no slaves'],
    ['no aggregator', { mode: '802.3ad', isUp: false, slaves: { eth0: FAST, eth1: FAST } }, 'is down, although eth0, eth1 is up, look at min_links and at LACP on the switch'],
    ['ARP targets', { ...lost, miimon: 0, arp: 1000, slaves: { eth0: { link: 'down', hasCarrier: true }, eth1: { link: 'down', hasCarrier: true } } }, 'no ARP target answers on any slave'],
    ['an active slave without carrier that nobody looks at', { ...PAIR, miimon: 0, slaves: { eth0: { ...FAST, hasCarrier: false }, eth1: SLOW } }, 'the active slave eth0 has no carrier, and without link monitoring the bond does not notice'],
    ['an active slave without carrier that the bond takes for up', { ...PAIR, slaves: { eth0: { ...FAST, hasCarrier: false }, eth1: SLOW } }, 'the active slave eth0 has no carrier, and with use_carrier=0 or a long miimon the bond does not notice'],
    ['an active slave without carrier, ARP monitoring', { ...PAIR, miimon: 0, arp: 60000, slaves: { eth0: { ...FAST, hasCarrier: false }, eth1: SLOW } }, 'the active slave eth0 has no carrier, and the ARP monitor has not noticed'],
    ['all slaves without carrier that the bond takes for up', { ...PAIR, slaves: { eth0: { ...FAST, hasCarrier: false }, eth1: { ...SLOW, hasCarrier: false } } }, 'takes itself for up, but all slaves lost their link together (eth0, eth1): look at the switch'],
  ])('is CRITICAL: %s', async (_, bond, text) => {
    const { code, line } = await check(bond);
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain(`CRITICAL - bond0: `);
    expect(line).toContain(text);
  }); // prettier-ignore

  it('and switched off and empty, as loading the module makes it, is said and not alarmed', async () => {
    const empty: TestBond = { mode: 'balance-rr', miimon: 0, isOff: true, slaves: {} };
    const { code, line, perfdata } = await check(empty, '-w', '1000:');
    expect({ code, line }).toEqual({ code: 0, line: 'OK - bond0: has no slaves and is switched off, nothing uses it' });
    expect(perfdata).not.toContain('speed');
    const beside = await check({ bonds: { bond0: empty, storage: PAIR } }, '-w', '1000:');
    expect(beside).toMatchObject({ code: 0, line: expect.stringContaining('Not alarmed: bond0: has no slaves') as string });
    expect((await check(empty, '--unused', 'warning')).code).toBe(1);
  }); // prettier-ignore

  it('and switched off and empty is CRITICAL for who has asked for it by its name', async () => {
    const empty: TestBond = { isOff: true, slaves: {} };
    for (const args of [
      ['--bond', 'bond0'],
      ['--expect', 'bond0=1G'],
    ]) {
      const { code, line } = await check(empty, ...args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(line).toContain('CRITICAL - bond0: is expected, but switched off and without slaves');
    }
    expect((await check(empty, '--bond', 'bond*')).code).toBe(0);
    expect((await check({ bonds: { bond0: empty, bond1: PAIR } }, '--expect', 'bond1=1G')).code).toBe(0);
  });

  it('is not named as slaves that are down once more', async () => {
    expect((await check(lost)).text).not.toContain('[WARNING]');
  });
});

describe('a bond that has lost what keeps it fast or redundant', () => {
  it.each<[string, TestBond, string]>([
    ['no primary, the fast one active by luck', { slaves: { eth0: FAST, eth1: SLOW } }, 'nothing keeps the fast eth0 (10000 Mb/s) active: no primary is set'],
    ['one slave only', { slaves: { eth1: SLOW } }, 'has only 1 slave (eth1), expected at least 2'],
    ['no link monitoring', { ...PAIR, miimon: 0 }, 'does not monitor its links (miimon 0, no ARP interval): it never notices that a slave is lost'],
    ['half duplex', { slaves: { eth0: { speed: 100, duplex: 'half' }, eth1: { speed: 100 } } }, 'eth0 runs half duplex at 100 Mb/s'],
    ['no partner', { mode: '802.3ad', partner: '00:00:00:00:00:00', slaves: { eth0: FAST, eth1: FAST } }, 'the other end does not speak LACP (partner 00:00:00:00:00:00)'],
    ['two aggregators', { mode: '802.3ad', slaves: { eth0: { ...FAST, aggregator: 1 }, eth1: { ...FAST, aggregator: 2 } } }, 'slaves in different aggregators, only one is used: eth0 in 1, eth1 in 2'],
    ['churned', { mode: '802.3ad', slaves: { eth0: FAST, eth1: { ...FAST, churn: 'churned', ports: [5, 61] } } }, 'LACP does not settle (churned): eth1'],
    ['churned, in a kernel that does not tell the states of ports', { mode: '802.3ad', slaves: { eth0: FAST, eth1: { ...FAST, churn: 'churned', ports: null } } }, 'LACP does not settle (churned): eth1'],
    ['unequal speeds under LACP', { mode: '802.3ad', slaves: { eth0: FAST, eth1: SLOW } }, 'slaves of unequal speed: eth0 (10000 Mb/s), eth1 (1000 Mb/s)'],
  ])('is WARNING: %s', async (_, bond, text) => {
    const { code, line } = await check(bond);
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain(`WARNING - bond0: ${text}`);
  }); // prettier-ignore

  it('as many slaves as it should have is the administrator’s to say', async () => {
    expect((await check({ slaves: { eth1: SLOW } }, '--min-slaves', '1')).code).toBe(0);
    expect((await check(PAIR, '--min-slaves', '3')).line).toContain('has only 2 slaves (eth0, eth1), expected at least 3');
    expect((await check(PAIR, '--min-slaves', 'two')).line).toContain('"two" is not a number of slaves');
  }); // prettier-ignore

  const ip = (mac: string): string =>
    JSON.stringify([{ ifname: 'bond0', linkinfo: { info_kind: 'bond', info_data: { mode: '802.3ad', ad_info: { aggregator: 1, partner_mac: mac } } } }]); // prettier-ignore
  const bonds = { bond0: { mode: '802.3ad', slaves: { eth0: FAST, eth1: FAST } } } as const;

  it('says what is wrong with a slave that the bond takes for up', async () => {
    const { code, line } = await check({
      ...PAIR,
      slaves: { eth0: FAST, eth1: { ...SLOW, hasCarrier: false } },
    });
    expect({ code, line }).toEqual({
      code: 1,
      line: 'WARNING - bond0: eth1 is down: has no carrier, but the bond takes it for up, eth0 is active at 10000 Mb/s. 1 bond, 1 of 2 slaves up, eth0 active at 10000 Mb/s',
    });
  });

  it.each<[string, string]>([
    ['garbage', 'garbage'],
    ['nothing', ''],
    ['cut off', ip('02:aa:00:00:00:01').slice(0, 40)],
    ['no bond', '[{"ifname":"bond0"}]'],
  ])('cannot tell the partner where ip says %s', async (_, out) => {
    const { code, line } = await check({ bonds, uid: 65534, ip: { bond0: out } });
    expect({ code, line }).toMatchObject({ code: 3 });
    expect(line).toContain('UNKNOWN - bond0: ip -d -j link show dev bond0: is not understood');
  });

  it('does without ip where it is too old for JSON, and not where it crashes', async () => {
    expect((await check({ bonds, uid: 65534, ip: { bond0: { status: 255, out: '' } } })).code).toBe(0);
    const crashed = await check({ bonds, uid: 65534, ip: { bond0: { status: 139, out: '' } } });
    expect(crashed).toMatchObject({ code: 3, line: expect.stringContaining('ended by signal 11') as string });
  });

  it('shows a user who is not root the partner, through ip', async () => {
    const nobody = await check({ bonds, uid: 65534, ip: { bond0: ip('00:00:00:00:00:00') } });
    expect(nobody.line).toContain('the other end does not speak LACP');
    expect(await check({ bonds, uid: 65534, ip: { bond0: ip('02:aa:00:00:00:01') } })).toMatchObject({ code: 0 });
  }); // prettier-ignore
});

describe('a port that is slower than it could be', () => {
  const ALL = '100baseT/Full\n1000baseT/Full\n10000baseT/Full';
  const slow = (advertised?: string, partner?: string): TestBond => ({
    slaves: { eth0: { ...SLOW, ethtool: settings('eth0', advertised, partner) }, eth1: SLOW },
  });

  it('is WARNING where both ends offer more', async () => {
    const { code, line, long } = await check(
      slow(ALL, '100baseT/Half 100baseT/Full\n1000baseT/Full 10000baseT/Full'),
    );
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain('WARNING - bond0: eth0 is up at 1000 Mb/s, both ends could do 10000 Mb/s');
    expect(long).toContain('  ethtool -r eth0');
  });

  it.each([
    ['a slower switch port', ALL, '100baseT/Full 1000baseT/Full'],
    ['a NIC that was told to offer less', '1000baseT/Full', ALL],
    ['a partner that says nothing', ALL, undefined],
    ['modes that only one end has', '10000baseKR/Full', '10000baseT/Full'],
    ['modes that nobody reports', undefined, undefined],
  ])('is healthy with %s', async (_, advertised, partner) => {
    expect(await check(slow(advertised, partner))).toMatchObject({ code: 0 });
  });

  const both = settings('eth0', ALL, ALL);

  it('is not known, wherever the output of ethtool is cut', async () => {
    // What comes after the modes is not looked at.
    for (let end = 0; end <= both.indexOf('Speed: '); end += 1) {
      const { code, text } = await check({
        slaves: { eth0: { ...SLOW, ethtool: both.slice(0, end) }, eth1: SLOW },
      });
      expect({ end, code }).toEqual({ end, code: 3 });
      expect(text).toContain('[UNKNOWN] bond0: ethtool eth0: is not understood');
    }
  });

  it.each<[string, string | { status: number; out: string }, number]>([
    ['garbage', '@@@@\n', 3],
    ['garbage and an error', { status: 1, out: '@@@@\n' }, 3],
    ['nothing', '', 3],
    ['nothing and an error', { status: 75, out: '' }, 0],
    ['that it knows nothing', { status: 75, out: 'No data available\n' }, 0],
    ['nothing and crashes', { status: 134, out: '' }, 3],
    ['all, and that it may not see the rest', { status: 1, out: both }, 1],
  ])('is rated by what ethtool says: %s', async (_, ethtool, code) => {
    const outcome = await check({ slaves: { eth0: { ...SLOW, ethtool }, eth1: SLOW } });
    expect(outcome.code, outcome.text).toBe(code);
  });

  it('needs no ethtool', async () => {
    expect(await check({ slaves: { eth0: { ...SLOW, ethtool: null }, eth1: SLOW } })).toMatchObject({
      code: 0,
    });
  });

  it('is as somebody said it should be', async () => {
    expect(await check(slow(ALL, ALL), '--expect', 'eth0=1G')).toMatchObject({ code: 0 });
  });

  it('is not as somebody said it should be at least', async () => {
    const { code, line } = await check(slow(ALL, ALL), '--expect', 'eth0=100M');
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain('eth0 is up at 1000 Mb/s, both ends could do 10000 Mb/s');
  });
});

describe('what is expected', () => {
  it.each([
    ['bond0=10000', 0, 'OK'],
    ['eth0=10G', 0, 'OK'],
    ['eth1=1Gb/s', 0, 'OK'],
    ['eth1=100M', 0, 'OK'],
    ['eth0=25G', 1, 'WARNING - eth0: is at 10000 Mb/s, expected 25000 Mb/s'],
    ['bond0=40G', 1, 'WARNING - bond0: is at 10000 Mb/s, expected 40000 Mb/s'],
    ['eth1=2.5G', 1, 'WARNING - eth1: is at 1000 Mb/s, expected 2500 Mb/s'],
    ['bond1=10G', 2, 'CRITICAL - bond1: expected and not there: no bond'],
    [
      'lo=10G',
      2,
      'CRITICAL - lo: expected and not there: the device is no bond, and no slave of one that is looked at. 1 bond',
    ],
    ['bond0', 3, '"bond0" is not NAME=SPEED in Mb/s, such as bond0=10000 or eth0=10G'],
    ['bond0=fast', 3, '"bond0=fast" is not NAME=SPEED'],
    ['bond0=0', 3, '"bond0=0" is not NAME=SPEED'],
    ['=10', 3, '"=10" is not NAME=SPEED'],
  ])('%s', async (expected, code, line) => {
    const outcome = await check(PAIR, '--expect', expected);
    expect({ code: outcome.code, line: outcome.line }).toEqual({
      code,
      line: expect.stringContaining(line) as string,
    });
  });

  it('is not met by what is down, and not known of what does not tell its speed', async () => {
    const down: TestBond = { ...PAIR, slaves: { eth0: { ...FAST, link: 'down' }, eth1: SLOW } };
    expect((await check(down, '--expect', 'eth0=10G')).text).toContain(
      '[WARNING] eth0: is down, expected 10000 Mb/s',
    );
    const unknown: TestBond = { slaves: { eth0: { speed: null }, eth1: { speed: null } } };
    for (const name of ['eth0', 'bond0']) {
      expect(await check(unknown, '--expect', `${name}=1G`)).toMatchObject({
        code: 3,
        line: expect.stringContaining(
          `UNKNOWN - ${name}: its speed is not known, expected 1000 Mb/s`,
        ) as string,
      });
    }
  });

  it('may be a slave of a bond whose slaves nobody can tell', async () => {
    const blind: TestBond = { ...PAIR, proc: '', isInSysfs: false };
    const { code, text } = await check(
      { bonds: { bond0: blind, bond1: { slaves: { a: {}, b: {} } } } },
      '--expect',
      'eth0=10G',
    );
    expect({ code, text }).toMatchObject({ code: 3 });
    expect(text).toContain('[UNKNOWN] eth0: bond0 may have it as a slave, not all slaves are known');
  });

  it('holds for a bond that --ignore leaves out otherwise', async () => {
    expect(await check(PAIR, '--ignore', 'bond*', '--expect', 'bond0=10G')).toMatchObject({ code: 0 });
  });

  it('is a bond that --bond names, not one that a glob could match', async () => {
    expect((await check(PAIR, '--bond', 'bond9')).line).toContain('CRITICAL - bond9: expected and not there');
    expect(await check(PAIR, '--bond', 'team*')).toMatchObject({ code: 0 });
  });
});

describe('thresholds', () => {
  it('are ranges on the speed of the active slave, or of all together', async () => {
    expect(await check(PAIR, '-w', '10000:')).toMatchObject({ code: 0 });
    expect((await check(PAIR, '-w', '25000:')).line).toContain('10000 is outside the warning range 25000:');
    const both: TestBond = { mode: 'balance-xor', slaves: { eth0: SLOW, eth1: SLOW } };
    expect(await check(both, '-c', '2000:')).toMatchObject({ code: 0 });
    expect((await check(both, '-c', '2001:')).code).toBe(2);
  });

  it('make a speed that is not known UNKNOWN', async () => {
    const unknown: TestBond = { slaves: { eth0: { speed: null }, eth1: { speed: null } } };
    expect((await check(unknown)).code).toBe(0);
    expect((await check(unknown, '-w', '1000:')).code).toBe(3);
  });

  it('hold for every bond, while the numbers of a hundred are bounded', async () => {
    const bonds = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`bond${n}`, { slaves: { [`a${n}`]: n === 7 ? { speed: 40000 } : FAST, [`b${n}`]: n === 7 ? { speed: 40000 } : FAST } }]),
    );
    const { code, line, perfdata } = await check({ bonds }, '-w', '10000:20000');
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain('bond7: Mb/s of the active slave');
    expect(perfdata.split(' ').length).toBe(44);
    expect(perfdata).toContain(' slaves_up=200;;;0');
  }); // prettier-ignore
});

describe('memory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function runs(name: string, ...hosts: BondHost[]) {
    const outcomes = [];
    for (const host of hosts) outcomes.push(await check(host, '--state-dir', join(folder, name)));
    return outcomes;
  }

  const at = (epochSeconds: number, bond: TestBond): BondHost => ({ epochSeconds, bonds: { bond0: bond } });
  const down: TestBond = { ...PAIR, slaves: { eth0: { speed: null, link: 'down' }, eth1: SLOW } };

  it('knows since when a bond runs on its slow slave, and the speed of the one that is down', async () => {
    const outcomes = await runs('since', at(1764000000, PAIR), at(1764003600, down), at(1764007200, down), at(1764010800, PAIR), at(1764014400, down));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 1, 1, 0, 1]);
    expect(outcomes[1]?.line).toContain('runs on eth1 at 1000 Mb/s because eth0 (10000 Mb/s) is down, and');
    expect(outcomes[2]?.line).toContain('is down, seen since 2025-11-24 17:00 UTC');
    expect(outcomes[4]?.line).not.toContain('since');
  }); // prettier-ignore

  it('finds a port that came back slower, until it is as fast again', async () => {
    const back: TestBond = { slaves: { eth0: SLOW, eth1: SLOW } };
    const outcomes = await runs('back', at(1, PAIR), at(2, back), at(3, back), at(4, PAIR));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 1, 1, 0]);
    expect(outcomes[2]?.line).toContain('eth0 is up at 1000 Mb/s, it has been at 10000 Mb/s before');
  });

  it('of a slave is kept while it is out of the bond', async () => {
    const out: TestBond = { slaves: { eth1: SLOW } };
    const outcomes = await runs(
      'out',
      at(1, PAIR),
      at(2, out),
      at(3, { slaves: { eth0: SLOW, eth1: SLOW } }),
    );
    expect(outcomes[2]?.line).toContain('it has been at 10000 Mb/s before');
  });
});

describe('what could not be looked at', () => {
  const whole = procText(PAIR);
  const cutAfterSlave = whole.slice(0, whole.indexOf('\nSlave Interface: eth1'));

  it.each([
    ['garbage', '<html>\n'],
    ['an empty file', ''],
    ['a file cut within a line', whole.slice(0, -12)],
    ['a file cut within a slave', whole.slice(0, whole.lastIndexOf('Link Failure'))],
    ['a file cut after a slave', cutAfterSlave],
    ['a file cut in its head', whole.slice(0, whole.indexOf('MII Polling'))],
    ['a vanished file', null],
  ])('is UNKNOWN and names the file: %s', async (_, proc) => {
    expect(proc).not.toBe(whole);
    const { code, line } = await check({ ...PAIR, proc });
    expect({ code, line }).toEqual({ code: 3, line: expect.stringContaining('UNKNOWN - bond0: /proc/net/bonding/bond0: ') as string });
  }); // prettier-ignore

  it('has no number of slaves', async () => {
    const { code, line, perfdata } = await check({ ...PAIR, proc: '', isInSysfs: false });
    expect(code).toBe(3);
    expect(line).not.toMatch(/slaves? up/);
    expect(perfdata).toBe('bonds=1;;;0');
    const beside = await check({ bonds: { bond0: { ...PAIR, proc: '', isInSysfs: false }, bond1: PAIR } });
    expect(beside.perfdata).toContain('bond1_slaves_up=2');
    expect(beside.perfdata).not.toMatch(/(?:^| )slaves(?:_up)?=/);
  });

  it('is UNKNOWN for any place where the file is cut', async () => {
    for (let end = 0; end < whole.length; end += 1) {
      const proc = whole.slice(0, end);
      // Without its last line, which says nothing that is looked at.
      if (whole.slice(end).trim() === 'Slave queue ID: 0') continue;
      expect({ end, code: (await check({ ...PAIR, proc })).code }).toEqual({ end, code: 3 });
    }
  });

  it.each([0, 65534])('is UNKNOWN for any place where the file of an 802.3ad bond is cut (user %i)', async (uid) => {
    const bond = { mode: '802.3ad', slaves: { eth0: { ...FAST, aggregator: 1 }, eth1: { ...FAST, aggregator: 1 } }, ...(uid === 0 ? { partner: '02:aa:00:00:00:01' } : {}) } as const;
    const lacp = procText(bond);
    for (let end = 0; end < lacp.length; end += 1) {
      expect({ end, code: (await check({ bonds: { bond0: { ...bond, proc: lacp.slice(0, end) } }, uid })).code }).toEqual({ end, code: 3 });
    }
  }); // prettier-ignore

  it('hides no fault that the other source shows', async () => {
    const { code, text } = await check({ ...PAIR, active: 'eth1', proc: '' });
    expect(code).toBe(1);
    expect(text).toContain('eth1 is active at 1000 Mb/s while eth0 is up at 10000 Mb/s');
    expect(text).toContain('[UNKNOWN] bond0: /proc/net/bonding/bond0');
    const lost: TestBond = { slaves: { eth0: { link: 'down' }, eth1: { link: 'down' } }, proc: '' };
    expect((await check(lost)).code).toBe(2);
  });

  it('is a bond that only one of the two sources knows', async () => {
    expect((await check({ ...PAIR, isInSysfs: false })).line).toContain('UNKNOWN - bond0: /sys/class/net/bond0/bonding: vanished');
  }); // prettier-ignore

  it('is nothing that matters where there is no sysfs at all', async () => {
    expect(await check({ bonds: { bond0: PAIR }, hasSysfs: false })).toMatchObject({ code: 0 });
    expect(await check({ bonds: {}, hasSysfs: false })).toMatchObject({ code: 3 });
  });

  it.each(['/sys/class/net/*/bonding', '/proc/net/bonding/*'])('is %s as a whole', async (glob) => {
    const lines = bondHost({ bonds: { bond0: PAIR } }).map((line) =>
      line === `ok each ${glob}` ? `denied each ${glob}` : line,
    );
    const { code, text } = await replay(plugin, lines, '--expect', 'bond9=1G');
    expect(code).toBe(3);
    expect(text).toContain(`${glob}: permission denied`);
  });

  it.each(['speed', 'flags', 'duplex', 'carrier'])('is garbage in the %s of a slave', async (what) => {
    const path = `/sys/class/net/eth0/${what}`;
    const lines = bondHost({ bonds: { bond0: PAIR } });
    const index = lines.indexOf(`ok bytes head ${path}`);
    lines[index + 1] = '  |garbage';
    const { code, text } = await replay(plugin, lines);
    expect({ code, text }).toMatchObject({ code: 3 });
    expect(text).toContain(`${path}: is not understood`);
  });

  it('does not matter for bonds that are left out', async () => {
    expect(await check({ bonds: { bond0: { ...PAIR, proc: '' }, bond1: PAIR } }, '--ignore', 'bond0')).toMatchObject({ code: 0 });
  }); // prettier-ignore
});

describe('repairs', () => {
  const wrong: TestBond = { active: 'eth1', slaves: { eth0: FAST, eth1: SLOW } };
  // Devices: lo 1, bond0 2, eth0 3, eth1 4.
  const uuid = '0e2c1d3a-1111-2222-3333-444444444444';
  it.each<[string, NonNullable<BondHost['config']>, string]>([
    ['ifcfg', { '/etc/sysconfig/network-scripts': ['ifcfg-bond0', 'ifcfg-lo'] }, '# and for good, in /etc/sysconfig/network-scripts/ifcfg-bond0: BONDING_OPTS with primary=eth0'],
    ['SUSE', { '/etc/sysconfig/network': ['ifcfg-bond0'] }, '# and for good, in /etc/sysconfig/network/ifcfg-bond0: BONDING_MODULE_OPTS with primary=eth0'],
    ['ifupdown', { '/run/network/ifstate': 'lo=lo\nbond0=bond0\n' }, '# and for good, in /etc/network/interfaces, iface bond0: bond-primary eth0'],
    ['ifupdown2', { '/usr/sbin/ifreload': '', '/etc/network/interfaces': '' }, '# and for good, in /etc/network/interfaces, iface bond0: bond-primary eth0'],
    ['netplan', { '/run/systemd/netif/links/2': 'ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/10-netplan-bond0.network\n' }, '# and for good:\n  netplan set bonds.bond0.parameters.primary=eth0'],
    ['netplan with NetworkManager', { '/run/NetworkManager/system-connections': ['netplan-bond0.nmconnection'] }, 'netplan set bonds.bond0.parameters.primary=eth0'],
    ['networkd', { '/run/systemd/netif/links/2': 'NETWORK_FILE=/etc/systemd/network/30-bond0.network\n', '/run/systemd/netif/links/3': 'NETWORK_FILE=/etc/systemd/network/20-eth0.network\n' }, '# and for good, in /etc/systemd/network/20-eth0.network, section Network: PrimarySlave=true'],
    ['networkd, one file for both slaves', { '/run/systemd/netif/links/2': 'NETWORK_FILE=/etc/systemd/network/30-bond0.network\n', '/run/systemd/netif/links/3': 'NETWORK_FILE=/etc/systemd/network/20-slaves.network\n', '/run/systemd/netif/links/4': 'NETWORK_FILE=/etc/systemd/network/20-slaves.network\n' }, '# and for good, in a .network file of its own for eth0 (/etc/systemd/network/20-slaves.network is shared), section Network: Bond=bond0 and PrimarySlave=true'],
    ['NetworkManager', { '/run/NetworkManager/devices/2': `[device]\nmanaged=true\nconnection-uuid=${uuid}\n` }, `nmcli connection modify ${uuid} +bond.options primary=eth0`],
    ['a device that NetworkManager leaves alone', { '/run/NetworkManager/devices/2': `[device]\nmanaged=false\nconnection-uuid=${uuid}\n` }, '# and for good, where bond0 is set up: primary=eth0'],
  ])('are for the system that the host uses: %s', async (_, config, lasting) => {
    const { long } = await check({ bonds: { bond0: wrong }, config });
    expect(long).toContain('costs a short outage');
    expect(long).toContain('  ip link set dev bond0 type bond primary eth0\n');
    expect(long).toContain(lasting);
  }); // prettier-ignore

  it('quote names', async () => {
    const { long } = await check({
      bonds: { "b'$(x)": { active: 'b&', slaves: { 'a*': FAST, 'b&': SLOW } } },
    });
    expect(long).toMatch(/ip link set dev \$?'b.*' type bond primary \$?'a.*'\n/);
  });

  it('of link monitoring and of the policy as well', async () => {
    const config = { '/run/systemd/netif/links/2': 'NETWORK_FILE=/etc/systemd/network/30-bond0.network\n' };
    const blind = await check({ bonds: { bond0: { ...PAIR, miimon: 0 } }, config });
    expect(blind.long).toContain('  ip link set dev bond0 type bond miimon 100\n');
    expect(blind.long).toContain('the .netdev file of bond0, section Bond: MIIMonitorSec=100ms');
    const kept = await check({ bonds: { bond0: { ...PAIR, reselect: 'failure', active: 'eth1' } }, config });
    expect(kept.long).toContain('  ip link set dev bond0 type bond active_slave eth0\n');
    expect(kept.long).toContain('# only if that is wanted, in the .netdev file of bond0, section Bond: PrimaryReselectPolicy=always');
  }); // prettier-ignore
});

describe('what is said beside it', () => {
  it('names the slave that is down, what switches it on, and how often it has failed', async () => {
    const off = await check({ slaves: { eth0: FAST, eth1: { ...FAST, isOff: true, link: 'down', failures: 3 } } });
    expect(off.long).toContain('(link failures: 3)');
    expect(off.long).toContain('Switch the slave on\n  ip link set dev eth1 up\n');
    const lost = await check({ slaves: { eth0: FAST, eth1: { ...FAST, link: 'down' } } });
    expect(lost.line).toContain('bond0: eth1 is down: has no carrier');
    expect(lost.long).not.toContain('Switch the slave on');
  });

  it('tells of each slave that was lost, and of what the bond has not noticed', async () => {
    const both = await check({ slaves: { eth0: { ...FAST, link: 'down' }, eth1: { ...FAST, link: 'down' } } });
    expect(both.long).toContain('(eth0 has no carrier, eth1 has no carrier)');
    const unnoticed = await check({
      miimon: 0,
      isUp: true,
      slaves: { eth0: { ...FAST, hasCarrier: false }, eth1: { ...FAST, hasCarrier: false } },
    });
    expect(unnoticed.line).toContain('takes itself for up, but all slaves lost their link together');
    expect(unnoticed.long).toContain('eth1 has no carrier, but the bond takes it for up, without link monitoring the bond does not notice)');
    // Between two interrupts: the slaves have been seen to be lost, the bond itself not yet.
    const early = await check({ isUp: true, slaves: { eth0: { ...FAST, link: 'down' }, eth1: { ...FAST, link: 'down' } } });
    expect(early.line).toContain('bond0: is down, all slaves lost their link together');
  });

  it('does not blame ARP targets where one slave has no carrier', async () => {
    const lost = { ...FAST, link: 'down' } as const;
    const { line } = await check({ miimon: 0, arp: 1000, isUp: false, slaves: { eth0: { ...lost, hasCarrier: true }, eth1: { ...lost, hasCarrier: false } } });
    expect(line).toContain('all slaves lost their link together (eth0, eth1)');
  });

  it('says how the fast slave becomes active again where nobody knows why it is not', async () => {
    const { long } = await check({ ...PAIR, active: 'eth1' });
    expect(long).toContain('Make eth0 active again (changing the active slave costs a short outage)\n  ip link set dev bond0 type bond active_slave eth0\n');
  });

  it('says of a slow primary which it is, and what is active now', async () => {
    const { line, long } = await check({ ...PAIR, primary: 'eth1', active: 'eth0' });
    expect(line).toContain('nothing keeps the fast eth0 (10000 Mb/s) active: the primary is the slow eth1 (1000 Mb/s)');
    expect(long).toContain('(active now: eth0)');
  });

  it('has the same repair once for the slow slave and for the primary', async () => {
    const { long } = await check({ slaves: { eth0: FAST, eth1: SLOW }, active: 'eth1' });
    expect(long.match(/^\[WARNING\]/gm)).toHaveLength(2);
    expect(long.match(/^Make eth0 the primary/gm)).toHaveLength(1);
  });

  it('counts no slave of an aggregate whose speed nobody knows as one of another speed', async () => {
    expect(await check({ mode: '802.3ad', slaves: { eth0: FAST, eth1: { speed: null } } })).toMatchObject({ code: 0 });
    const down = { ...FAST, link: 'down' } as const;
    const dead = await check({ mode: '802.3ad', partner: '00:00:00:00:00:00', slaves: { eth0: down, eth1: down } });
    expect(dead.long).not.toContain('LACP channel group');
  });

  it('has the numbers of all bonds together from the second one on', async () => {
    const one = { slaves: { a: FAST, b: FAST } };
    expect((await check({ bonds: { bond0: one } })).perfdata).not.toContain(' slaves=');
    const { perfdata } = await check({ bonds: { bond0: one, bond1: { slaves: { c: FAST, d: FAST } } } });
    expect(perfdata).toMatch(/ slaves_up=4;;;0 .* slaves=4;;;0 .* link_failures=0c;;;0 .* bonds=2;;;0/);
  });

  it('has the numbers of the worst of many bonds: with slaves down, then slow, then with failures', async () => {
    const bonds = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`bond${n}`, { slaves: { [`a${n}`]: FAST, [`b${n}`]: FAST } }]),
    );
    const { perfdata } = await check({
      bonds: {
        ...bonds,
        bond17: { slaves: { a17: FAST, b17: { ...FAST, failures: 2 } } },
        bond18: { slaves: { a18: SLOW, b18: SLOW } },
        bond19: { slaves: { a19: { speed: 40000 }, b19: { speed: 40000, link: 'down' } } },
      },
    });
    const printed = Array.from(perfdata.matchAll(/(\S+)_slaves=/g), ([, name]) => name);
    expect(printed).toHaveLength(10);
    expect(printed).toEqual(expect.arrayContaining(['bond17', 'bond18', 'bond19']));
  });
}); // prettier-ignore
