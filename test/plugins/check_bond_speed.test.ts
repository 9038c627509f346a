/** check_bond_speed on recorded hosts: every state it can give, and the healthy hosts that look similar. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_bond_speed.ts';
import { BOND_MODES } from '../../lib/parsers/proc-net-bonding.ts';
import { bondHost, procText, settings, type BondHost, type TestBond, type TestSlave } from '../bond-host.ts';
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

/** The host with files of sysfs that did not answer, or why else they have no content. */
async function checkWithout(paths: readonly string[], host: BondHost, args: readonly string[] = [], why = 'failed') {
  let isGone = false;
  const lines = bondHost(host).flatMap((line) => {
    if (line.startsWith('  ')) return isGone ? [] : [line];
    isGone = paths.some((path) => line === `ok bytes head ${path}`);
    return [isGone ? line.replace(/^ok/, why) : line];
  });
  return said(await replay(plugin, lines, ...args));
} // prettier-ignore

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
    ['802.3ad, the other end churned once and in sync since', { mode: '802.3ad', slaves: { eth0: FAST, eth1: { ...FAST, partnerChurn: 'churned', ports: [5, 61] } } }],
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
    ['two are faster', { active: 'eth1', slaves: { eth0: FAST, eth1: SLOW, eth2: FAST } }, 'no primary is set'],
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
    expect((await check(failover)).long).toContain('(it returns to eth0 by itself, with a short outage)');
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
    ['an active slave that somebody has switched off', { ...PAIR, miimon: 0, slaves: { eth0: { ...FAST, isOff: true }, eth1: SLOW } }, 'the active slave eth0 is switched off, and without link monitoring the bond does not notice'],
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

describe('a bond that is only half down', () => {
  const dead = { ...FAST, link: 'down' } as const;
  const unseen = { ...FAST, hasCarrier: false } as const;

  it.each<[string, TestBond, number, string]>([
    ['down, though a slave is up', { ...PAIR, isUp: false, slaves: { eth0: FAST, eth1: { ...SLOW, link: 'down' } } }, 2, 'CRITICAL - bond0: is down, although eth0 is up. 1 bond, 1 of 2 slaves up'],
    ['with one slave, which is not active', { active: null, slaves: { eth0: FAST } }, 2, 'CRITICAL - bond0: has no active slave (eth0 up), and 1 more. 1 bond, 1 of 1 slave up'],
    ['with an active slave in its downdelay', { ...PAIR, active: 'eth0', slaves: { eth0: { ...FAST, link: 'going down' }, eth1: SLOW } }, 1, 'WARNING - bond0: the primary eth0 is going down (downdelay). 1 bond, 1 of 2 slaves up'],
    ['with an active slave in its downdelay when the monitoring ended', { ...PAIR, miimon: 0, active: 'eth0', slaves: { eth0: { ...FAST, link: 'going down' }, eth1: SLOW } }, 2, 'CRITICAL - bond0: the active slave eth0 has no carrier, and without link monitoring the bond does not notice, and 1 more. 1 bond, 1 of 2 slaves up'],
    ['with a slow active slave in its downdelay', { ...PAIR, active: 'eth1', slaves: { eth0: FAST, eth1: { ...SLOW, link: 'going down' } } }, 1, 'WARNING - bond0: eth1 is going down (downdelay). 1 bond, 1 of 2 slaves up'],
    ['with a fast slave down, and the slow one in its downdelay', { ...PAIR, active: 'eth1', slaves: { eth0: dead, eth1: { ...SLOW, link: 'going down' }, eth2: SLOW } }, 1, 'WARNING - bond0: the primary eth0 is down: has no carrier, eth1 is active at 1000 Mb/s, and 1 more. 1 bond, 1 of 3 slaves up'],
    ['with a fast slave down, on one of no known speed', { ...PAIR, slaves: { eth0: dead, eth1: { speed: null } } }, 1, 'WARNING - bond0: the primary eth0 is down: has no carrier, eth1 is active at unknown speed. 1 bond, 1 of 2 slaves up'],
    ['with a slave down and all others in use', { mode: '802.3ad', slaves: { eth0: FAST, eth1: dead } }, 1, 'WARNING - bond0: eth1 is down: has no carrier. 1 bond, 1 of 2 slaves up, 10000 Mb/s'],
  ])('is rated as what it is: %s', async (_, bond, code, line) => {
    expect(await check(bond)).toMatchObject({ code, line });
  }); // prettier-ignore

  it.each<[string, TestBond, string, string]>([
    ['whose slaves have carrier again', { slaves: { eth0: { ...dead, hasCarrier: true }, eth1: { ...dead, hasCarrier: true } } }, 'is down, all slaves lost their link together', '(eth0 has carrier, the bond does not accept it, eth1 has carrier, the bond does not accept it)'],
    ['that has noticed one of two', { isUp: true, slaves: { eth0: dead, eth1: unseen } }, 'takes itself for up, but all slaves lost their link together', '(eth0 has no carrier, eth1 has no carrier, but the bond takes it for up, with use_carrier=0 or a long miimon the bond does not notice)'],
    ['that is down itself and takes a slave for up', { mode: '802.3ad', isUp: false, slaves: { eth0: unseen, eth1: unseen } }, 'is down, all slaves lost their link together', '(eth0 has no carrier, but the bond takes it for up, eth1 has no carrier, but the bond takes it for up)'],
  ])('is down with all its slaves: one %s', async (_, bond, text, detail) => {
    const { code, line, long } = await check(bond);
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain(`CRITICAL - bond0: ${text}`);
    expect(long).toContain(detail);
  }); // prettier-ignore

  it('is down in a kernel that tells nothing but /proc', async () => {
    const { code, long } = await check({ bonds: { bond0: { slaves: { eth0: dead, eth1: dead } } }, hasSysfs: false });
    expect(code).toBe(2);
    expect(long).toContain('(eth0 has no link, eth1 has no link)');
  });

  it('is not known to be unused where only /proc tells of it', async () => {
    expect(await check({ bonds: { bond0: { slaves: {} } }, hasSysfs: false })).toMatchObject({
      code: 3,
      line: expect.stringContaining('UNKNOWN - bond0: has no slaves, and whether it is switched on cannot be told') as string,
    });
  });

  it('is CRITICAL as far as it is known', async () => {
    const head = procText({ slaves: { eth0: dead, eth1: dead } });
    const cut = head.slice(0, head.indexOf('\nSlave Interface: eth1'));
    const partly = await check({ slaves: { eth0: dead, eth1: dead }, proc: cut });
    expect(partly).toMatchObject({ code: 2, line: 'CRITICAL - bond0: is down, and 1 more. 1 bond' });
    const of = (active: string | null): BondHost => ({ bonds: { bond0: { active, proc: '', slaves: { eth0: FAST } } } });
    const noSlaves = await checkWithout(['/sys/class/net/bond0/bonding/slaves'], of(null));
    expect(noSlaves).toMatchObject({ code: 2, line: 'CRITICAL - bond0: has no active slave, and 1 more. 1 bond' });
    const noState = await checkWithout(['/sys/class/net/eth0/bonding_slave/mii_status'], of(null));
    expect(noState.line).toContain('CRITICAL - bond0: has no active slave (eth0 unknown)');
  });

  it('is one whose updelay, or whose active slave, nobody can tell', async () => {
    const path = '/sys/class/net/bond0/bonding';
    const back: TestBond = { ...PAIR, proc: '', active: 'eth1', slaves: { eth0: { ...FAST, link: 'going back' }, eth1: SLOW } };
    const { long } = await checkWithout([`${path}/updelay`], { bonds: { bond0: back } });
    expect(long).toContain('while eth0 is up at 10000 Mb/s: eth0 has only just come back (updelay ? ms)');
    expect(long).toContain('the primary eth0 is coming back (updelay ? ms), eth1 is active at 1000 Mb/s');
    const known = await check(back);
    expect(known.long).toContain('the primary eth0 is coming back (updelay 0 ms)');
    const slow = { ...PAIR, proc: '', primary: 'eth1' };
    const unknown = await checkWithout([`${path}/active_slave`], { bonds: { bond0: slow } });
    expect(unknown.long).toContain('[WARNING] bond0: nothing keeps the fast eth0 (10000 Mb/s) active: the primary is the slow eth1 (1000 Mb/s)\n');
  });

  it('has the state of --timeout where a file did not answer in time', async () => {
    const late = (...args: string[]) => checkWithout(['/sys/class/net/eth1/speed'], { bonds: { bond0: PAIR } }, args, 'timedOut');
    expect((await late()).code).toBe(3);
    expect((await late('--timeout', '10:critical')).code).toBe(2);
    const garbage = await check({ ...PAIR, proc: '' }, '--timeout', '10:critical');
    expect(garbage.code).toBe(3);
  });

  it('is said without failures of links that nobody can tell', async () => {
    const host = { bonds: { bond0: { ...PAIR, proc: '', slaves: { eth0: FAST, eth1: dead } } } };
    const path = '/sys/class/net/eth1/bonding_slave/link_failure_count';
    expect((await check(host)).long).toContain('link failures: 0');
    const { long, perfdata } = await checkWithout([path], host);
    expect(long).toContain('[WARNING] bond0: eth1 is down: has no carrier, eth0 is active at 10000 Mb/s\n');
    const other = await checkWithout([path.replace('eth1', 'eth0')], host);
    for (const numbers of [perfdata, other.perfdata]) {
      expect(numbers).toContain('bond0_slaves=2;');
      expect(numbers).not.toContain('link_failures');
    }
  });

  it('has a slave in no aggregator', async () => {
    const { text } = await check({ mode: '802.3ad', proc: '', partner: '02:aa:00:00:00:01', slaves: { eth0: { ...FAST, aggregator: 1 }, eth1: FAST } });
    expect(text).toContain('slaves in different aggregators, only one is used: eth0 in 1, eth1 in none');
  });
}); // prettier-ignore

describe('the speed of a bond', () => {
  const UNKNOWN = { speed: null };
  const lost = { ...FAST, hasCarrier: false } as const;
  const unlike = { eth0: { ...FAST, aggregator: 1 }, eth1: { ...SLOW, aggregator: 2 } };
  it.each<[TestBond, string]>([
    [{ mode: 'broadcast', slaves: { eth0: FAST, eth1: SLOW } }, 'bond0: broadcast, 1000 Mb/s, eth0 up 10000 Mb/s full, eth1 up 1000 Mb/s full'],
    [{ mode: 'broadcast', slaves: { eth0: UNKNOWN, eth1: SLOW } }, 'bond0: broadcast, unknown speed, eth0 up unknown speed, eth1 up 1000 Mb/s full'],
    [{ mode: 'broadcast', slaves: { eth0: FAST } }, 'bond0: broadcast, 10000 Mb/s, eth0 up 10000 Mb/s full'],
    [{ mode: 'broadcast', slaves: { eth0: lost } }, 'bond0: broadcast, unknown speed, eth0 down 10000 Mb/s full'],
    [{ mode: 'balance-rr', slaves: { eth0: FAST, eth1: SLOW } }, 'bond0: balance-rr, 11000 Mb/s, eth0 up 10000 Mb/s full, eth1 up 1000 Mb/s full'],
    [{ mode: 'balance-rr', slaves: { eth0: UNKNOWN, eth1: SLOW } }, 'bond0: balance-rr, unknown speed, eth0 up unknown speed, eth1 up 1000 Mb/s full'],
    [{ mode: 'balance-rr', slaves: { eth0: lost } }, 'bond0: balance-rr, unknown speed, eth0 down 10000 Mb/s full'],
    [{ mode: '802.3ad', slaves: unlike }, 'bond0: 802.3ad, 10000 Mb/s, eth0 up 10000 Mb/s full, eth1 up 1000 Mb/s full'],
    [{ mode: '802.3ad', slaves: { ...unlike, eth0: { ...UNKNOWN, aggregator: 1 } } }, 'bond0: 802.3ad, unknown speed, eth0 up unknown speed, eth1 up 1000 Mb/s full'],
    [{ mode: '802.3ad', slaves: { eth0: lost } }, 'bond0: 802.3ad, unknown speed, eth0 down 10000 Mb/s full'],
    [{ slaves: { eth0: FAST, eth1: FAST } }, 'bond0: active-backup, eth0 active, 10000 Mb/s, eth0 up 10000 Mb/s full, eth1 up 10000 Mb/s full'],
    [{ isOff: true, slaves: { eth0: FAST } }, 'bond0: active-backup, eth0 active, unknown speed, eth0 up 10000 Mb/s full'],
    [{ slaves: {} }, 'bond0: active-backup, unknown speed, no slaves'],
  ])('is that of what carries traffic, of all that is known: %j', async (bond, line) => {
    expect(`\n${(await check(bond, '-v')).long}\n`).toContain(`\n${line}\n`);
  }); // prettier-ignore

  it('is listed by the names of bonds, counted as people do', async () => {
    const bond = (name: string): TestBond => ({ slaves: { [`${name}a`]: FAST, [`${name}b`]: FAST } });
    const { long } = await check({ bonds: { bond10: bond('x'), bond2: bond('y') } }, '-v');
    expect(long).toMatch(/^bond2: .*\nbond10: /);
  });

  it('is not known of a bond of which nothing could be read', async () => {
    const host = { bonds: { bond0: { ...PAIR, proc: '' } } };
    const of = async (...names: string[]) => (await checkWithout(names.map((name) => `/sys/class/net/${name}`), host, ['-v'])).long;
    expect(await of('bond0/bonding/mode', 'bond0/bonding/primary')).toContain('\nbond0: unknown mode, unknown speed, eth0 up 10000 Mb/s full, ');
    expect(await of('bond0/bonding/primary_reselect')).toContain('active-backup, eth0 active, 10000 Mb/s, primary eth0, eth0 up 10000 Mb/s full, ');
    expect(await of('eth1/bonding_slave/mii_status')).toContain(', eth1 unknown 1000 Mb/s full\n');
  }); // prettier-ignore
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
    ['churned at the other end', { mode: '802.3ad', slaves: { eth0: FAST, eth1: { ...FAST, partnerChurn: 'churned', ports: [61, 5] } } }, 'LACP does not settle (churned): eth1'],
    ['churned, in a kernel that does not tell the states of ports', { mode: '802.3ad', slaves: { eth0: FAST, eth1: { ...FAST, churn: 'churned', ports: null } } }, 'LACP does not settle (churned): eth1'],
    ['unequal speeds under LACP', { mode: '802.3ad', slaves: { eth0: FAST, eth1: SLOW } }, 'slaves of unequal speed: eth0 (10000 Mb/s), eth1 (1000 Mb/s)'],
  ])('is WARNING: %s', async (_, bond, text) => {
    const { code, line } = await check(bond);
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain(`WARNING - bond0: ${text}`);
  }); // prettier-ignore

  it('is told so of any bond but one without slaves, or of which not all are known', async () => {
    const [monitors, only] = ['does not monitor its links', 'has only'];
    expect((await check({ miimon: 0, slaves: { eth0: FAST } })).text).toContain(monitors);
    expect((await check({ miimon: 0, slaves: {} })).text).not.toContain(monitors);
    expect((await check({ slaves: {} })).text).not.toContain(only);
    // Added between the two looks.
    const { code, text } = await check({
      mode: 'balance-rr',
      slaves: { eth0: FAST },
      proc: procText({ mode: 'balance-rr', isUp: true, slaves: {} }),
    });
    expect({ code, text }).toMatchObject({ code: 3 });
    expect(text).not.toContain(only);
  });

  it('as many slaves as it should have is the administrator’s to say', async () => {
    expect((await check({ slaves: { eth1: SLOW } }, '--min-slaves', '1')).code).toBe(0);
    expect((await check(PAIR, '--min-slaves', '3')).line).toContain('has only 2 slaves (eth0, eth1), expected at least 3');
    for (const text of ['two', '2x', 'x2', '2000'])
      expect((await check(PAIR, '--min-slaves', text)).line).toContain(`"${text}" is not a number of slaves`);
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
    expect(long).toContain('(ethtool: both ends advertise a faster mode)');
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
    ['eth1=1', 0, 'OK'],
    ['eth1=1Gbs', 0, 'OK'],
    ['eth1=1gbit', 0, 'OK'],
    ['a/eth1=1G', 3, '"a/eth1=1G" is not NAME=SPEED'],
    ['eth1=1Gx', 3, '"eth1=1Gx" is not NAME=SPEED'],
    ['eth0=25G', 1, 'WARNING - eth0: is at 10000 Mb/s, expected 25000 Mb/s'],
    ['bond0=40G', 1, 'WARNING - bond0: is at 10000 Mb/s, expected 40000 Mb/s'],
    ['eth1=2.5G', 1, 'WARNING - eth1: is at 1000 Mb/s, expected 2500 Mb/s'],
    [
      'bond1=10G',
      2,
      'CRITICAL - bond1: expected and not there: no bond, and no slave of one that is looked at, has that name. 1 bond',
    ],
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

  it('may be a slave of any of several bonds whose slaves nobody can tell', async () => {
    const blind: TestBond = { ...PAIR, proc: '', isInSysfs: false };
    const { text } = await check({ bonds: { bond0: blind, bond1: blind } }, '--expect', 'eth9=10G');
    expect(text).toContain('[UNKNOWN] eth9: bond0, bond1 may have it as a slave, not all slaves are known');
  });

  it('is said to be missing where one bond could not be read, but all could be listed', async () => {
    const { code, text } = await check({ ...PAIR, proc: '' }, '--expect', 'bond9=1G');
    expect({ code, text }).toMatchObject({ code: 2 });
    expect(text).toContain('[CRITICAL] bond9: expected and not there');
  });

  it.each<[string, string]>([
    ['eth0', '[WARNING] eth0: is at 10000 Mb/s, expected 40000 Mb/s'],
    ['eth3', '[WARNING] eth3: is down, expected 40000 Mb/s'],
    ['eth4', '[WARNING] eth4: is at 1000 Mb/s, expected 40000 Mb/s'],
  ])('is looked for in every bond: %s', async (name, text) => {
    const second: TestBond = { slaves: { eth2: FAST, eth3: { ...FAST, link: 'down' }, eth4: SLOW } };
    const outcome = await check({ bonds: { bond0: PAIR, bond1: second } }, '--expect', `${name}=40G`);
    expect(outcome.text).toContain(text);
  });

  it.each<[string, TestBond]>([
    ['says so itself', { mode: '802.3ad', isUp: false, slaves: { eth0: FAST, eth1: FAST } }],
    ['is switched off', { ...PAIR, isOff: true }],
    ['has no slave with carrier, and has not noticed', { miimon: 0, slaves: { eth0: { ...FAST, hasCarrier: false } } }],
  ])('is not met by a bond that %s', async (_, bond) => {
    expect((await check(bond, '--expect', 'bond0=1G')).text).toContain('[WARNING] bond0: is down, expected 1000 Mb/s');
  }); // prettier-ignore

  it('is not called down where nobody knows a slave', async () => {
    const paths = ['slaves', 'active_slave'].map((name) => `/sys/class/net/bond0/bonding/${name}`);
    const { code, text } = await checkWithout(paths, { bonds: { bond0: { ...PAIR, proc: '' } } }, ['--expect', 'bond0=1G']);
    expect({ code, text }).toMatchObject({ code: 3 });
    expect(text).toContain('[UNKNOWN] bond0: its speed is not known, expected 1000 Mb/s');
  }); // prettier-ignore

  it('of one slave says nothing of the speed that another could have', async () => {
    const all = '100baseT/Full\n1000baseT/Full\n10000baseT/Full';
    const slow: TestBond = { slaves: { eth0: { ...SLOW, ethtool: settings('eth0', all, all) }, eth1: SLOW } };
    const { code, line } = await check(slow, '--expect', 'eth1=1G');
    expect({ code, line }).toMatchObject({ code: 1 });
    expect(line).toContain('eth0 is up at 1000 Mb/s, both ends could do 10000 Mb/s');
  });

  it('holds for a bond that --ignore leaves out otherwise', async () => {
    expect(await check(PAIR, '--ignore', 'bond*', '--expect', 'bond0=10G')).toMatchObject({ code: 0 });
  });

  it('is a bond that --bond names, not one that a glob could match', async () => {
    expect((await check(PAIR, '--bond', 'bond9')).line).toBe(
      'CRITICAL - bond9: expected and not there: no bond has that name',
    );
    expect(await check(PAIR, '--bond', 'bond0')).toMatchObject({ code: 0 });
    expect((await check(PAIR, '--bond', 'bond0', '--bond', 'bond9')).line).toContain(
      'CRITICAL - bond9: expected and not there: no bond has that name. 1 bond',
    );
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

  it('knows no time from a run in which something else was wrong', async () => {
    const other: TestBond = { ...PAIR, active: 'eth1' };
    const outcomes = await runs('other', at(1764000000, other), at(1764003600, down), at(1764007200, down));
    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(outcomes[1]?.line).not.toContain('since');
    expect(outcomes[2]?.line).toContain('is down, seen since 2025-11-24 17:00 UTC');
  });

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
    ['networkd, a file for each slave', { '/run/systemd/netif/links/2': 'NETWORK_FILE=/etc/systemd/network/30-bond0.network\n', '/run/systemd/netif/links/3': 'NETWORK_FILE=/etc/systemd/network/20-eth0.network\n', '/run/systemd/netif/links/4': 'NETWORK_FILE=/etc/systemd/network/20-eth1.network\n' }, '# and for good, in /etc/systemd/network/20-eth0.network, section Network: PrimarySlave=true'],
    ['networkd, the files of the slaves not known', { '/run/systemd/netif/links/2': 'NETWORK_FILE=/etc/systemd/network/30-bond0.network\n' }, '# and for good, in the .network file of eth0, section Network: PrimarySlave=true'],
    ['networkd, one file for both slaves', { '/run/systemd/netif/links/2': 'NETWORK_FILE=/etc/systemd/network/30-bond0.network\n', '/run/systemd/netif/links/3': 'NETWORK_FILE=/etc/systemd/network/20-slaves.network\n', '/run/systemd/netif/links/4': 'NETWORK_FILE=/etc/systemd/network/20-slaves.network\n' }, '# and for good, in a .network file of its own for eth0 (/etc/systemd/network/20-slaves.network is shared), section Network: Bond=bond0 and PrimarySlave=true'],
    ['NetworkManager', { '/run/NetworkManager/devices/2': `[device]\nmanaged=true\nconnection-uuid=${uuid}\n` }, `# and for good:\n  nmcli connection modify ${uuid} +bond.options primary=eth0`],
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
    expect(kept.long).toContain('Make eth0 active again at a good time (changing the active slave costs a short outage), with primary_reselect=always it would have come back by itself\n');
    expect(kept.long).toContain('# only if that is wanted, in the .netdev file of bond0, section Bond: PrimaryReselectPolicy=always');
  }); // prettier-ignore

  it.each<[string, NonNullable<BondHost['config']>, string, string]>([
    ['netplan', { '/run/NetworkManager/system-connections': ['netplan-bond0.nmconnection'] }, '# and for good:\n  netplan set bonds.bond0.parameters.mii-monitor-interval=100\n', '# only if that is wanted:\n  netplan set bonds.bond0.parameters.primary-reselect-policy=always\n'],
    ['ifupdown', { '/run/network/ifstate': 'bond0=bond0\n' }, 'iface bond0: bond-miimon 100\n', 'iface bond0: bond-primary-reselect always\n'],
  ])('call the options as the system does: %s', async (_, config, monitoring, policy) => {
    const blind = await check({ bonds: { bond0: { ...PAIR, miimon: 0 } }, config });
    expect(blind.long).toContain(`Let it look at its links ten times a second\n  ip link set dev bond0 type bond miimon 100\n`);
    expect(blind.long).toContain(monitoring);
    const kept = await check({ bonds: { bond0: { ...PAIR, reselect: 'failure', active: 'eth1' } }, config });
    expect(kept.long).toContain(policy);
  }); // prettier-ignore

  it('escape for netplan the dots of a name, which it takes for levels', async () => {
    const config = { '/run/NetworkManager/system-connections': ['netplan-bond.lan.nmconnection'] };
    const { long } = await check({ bonds: { 'bond.lan': wrong }, config });
    expect(long).toContain(String.raw`netplan set 'bonds.bond\.lan.parameters.primary=eth0'`);
  });

  it.each<[string, TestBond]>([
    ['no primary is set', { slaves: { eth0: FAST, eth1: SLOW } }],
    ['the slow one is the primary', { primary: 'eth1', slaves: { eth0: FAST, eth1: SLOW } }],
    ['a third one is the primary', { primary: 'eth2', slaves: { eth0: FAST, eth1: SLOW, eth2: { speed: 100 } } }],
  ])('make the fastest the primary in balance-alb too, where %s', async (_, bond) => {
    const { long } = await check({ ...bond, mode: 'balance-alb', active: 'eth1' });
    expect(long).toContain('so that the bond goes back to it (changing the active slave costs a short outage)\n  ip link set dev bond0 type bond primary eth0\n');
  }); // prettier-ignore

  const dead = { ...FAST, link: 'down' } as const;
  it.each<[string, TestBond, string]>([
    ['switched off', { ...PAIR, isOff: true }, 'Switch it on, unless it is meant\n  ip link set dev bond0 up\n'],
    ['without slaves', { slaves: {} }, 'Add its slaves again: ip link set dev SLAVE master BOND, with the slave switched off\n'],
    ['with one slave', { slaves: { eth0: FAST } }, 'Add the missing slave again: ip link set dev SLAVE master BOND, with the slave switched off (--min-slaves 1 if one is meant)\n'],
    ['with slaves switched off', { slaves: { eth0: { ...dead, isOff: true }, 'b$': { ...dead, isOff: true } } }, "Switch the slaves on\n  ip link set dev eth0 up\n  ip link set dev 'b$' up\n"],
    ['with ARP targets that do not answer', { miimon: 0, arp: 1000, slaves: { eth0: { ...dead, hasCarrier: true } } }, '(arp_ip_target may be wrong or gone)\n'],
    ['whose ports a switch may have shut down', { slaves: { eth0: dead, eth1: dead } }, 'err-disabled) until somebody enables it again'],
    ['without a partner', { mode: '802.3ad', partner: '00:00:00:00:00:00', slaves: { eth0: FAST, eth1: FAST } }, 'Look at the switch: all ports in one active LACP channel group, on one switch or one stack, at one speed\n'],
    ['with half duplex', { slaves: { eth0: { speed: 100, duplex: 'half' }, eth1: { speed: 100 } } }, 'Let both ends negotiate (a short outage of that port)\n  ethtool -s eth0 autoneg on\n'],
  ])('are said of a bond %s', async (_, bond, text) => {
    expect((await check(bond)).long).toContain(text);
  }); // prettier-ignore
});

function of(count: number, slave: TestSlave): TestBond[] {
  return Array.from({ length: count }, () => ({ slaves: { a: slave, b: slave } }));
}

function printedIn(perfdata: string): (string | undefined)[] {
  return Array.from(perfdata.matchAll(/(\S+)_slaves=/g), ([, name]) => name);
}

describe('what is said beside it', () => {
  it('names the slave that is down, what switches it on, and how often it has failed', async () => {
    const off = await check({ slaves: { eth0: FAST, eth1: { ...FAST, isOff: true, link: 'down', failures: 3 } } });
    expect(off.line).toContain('bond0: eth1 is down: is switched off, eth0 is active at 10000 Mb/s');
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

  it('has no numbers of all together where not all could be listed', async () => {
    const bonds = { bond0: { slaves: { a: FAST, b: FAST } }, bond1: { slaves: { c: FAST, d: FAST } } };
    const glob = 'each /proc/net/bonding/*';
    const lines = bondHost({ bonds }).map((line) => (line === `ok ${glob}` ? `denied ${glob}` : line));
    const { perfdata } = said(await replay(plugin, lines));
    expect(perfdata).toContain('bond1_slaves=2;;;0');
    expect(perfdata).not.toMatch(/ slaves=| bonds=/);
  });

  it('has failures of links of any number of slaves but none', async () => {
    expect((await check({ slaves: { a: FAST } })).perfdata).toContain('bond0_link_failures=0c');
    expect((await check({ slaves: {} })).perfdata).not.toContain('link_failures');
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
    expect(printedIn(perfdata)).toHaveLength(10);
    expect(printedIn(perfdata)).toEqual(expect.arrayContaining(['bond17', 'bond18', 'bond19']));
  });

  it.each<[string, TestBond[], number[]]>([
    ['the slow, which come first', [...of(10, SLOW), ...of(5, FAST)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['the slow, which come last', [...of(5, FAST), ...of(10, SLOW)], [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
    ['those of no known speed, which come first', [...of(10, { speed: null }), ...of(5, SLOW)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['those of no known speed, which come last', [...of(5, SLOW), ...of(10, { speed: null })], [5, 6, 7, 8, 9, 10, 11, 12, 13, 14]],
    ['those with failures', [...of(3, FAST), ...of(10, { ...FAST, failures: 1 }), ...of(2, FAST)], [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ])('has the numbers of ten of fifteen bonds: %s', async (_, list, worst) => {
    const bonds = Object.fromEntries(list.map((bond, n) => [`bond${n}`, { slaves: { [`a${n}`]: bond.slaves['a'] ?? {}, [`b${n}`]: bond.slaves['b'] ?? {} } }]));
    expect(printedIn((await check({ bonds })).perfdata)).toEqual(worst.map((n) => `bond${n}`));
  });

  it('counts failures that nobody can tell as none', async () => {
    const bonds = Object.fromEntries(
      Array.from({ length: 11 }, (_, n) => [`bond${n}`, { ...(n === 0 ? { proc: '' } : {}), slaves: { [`a${n}`]: { ...FAST, failures: 1 } } }]),
    );
    const { perfdata } = await checkWithout(['/sys/class/net/a0/bonding_slave/link_failure_count'], { bonds });
    expect(printedIn(perfdata)).toEqual(['bond1', 'bond2', 'bond3', 'bond4', 'bond5', 'bond6', 'bond7', 'bond8', 'bond9', 'bond10']);
  });
}); // prettier-ignore
