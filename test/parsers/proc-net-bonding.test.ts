import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BOND_MODES, LINK_STATES, parseProcNetBonding } from '../../lib/parsers/proc-net-bonding.ts';
import { FormatError } from '../../lib/parsers/text.ts';
import { procText } from '../bond-host.ts';

// Linux 6.1 in User Mode Linux, as recorded in test/recordings/check_bond_speed.
const FAILED_OVER = `Ethernet Channel Bonding Driver: v6.1.176

Bonding Mode: fault-tolerance (active-backup)
Primary Slave: tap0 (primary_reselect always)
Currently Active Slave: tap1
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0

Slave Interface: tap0
MII Status: down
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 1
Permanent HW addr: 7a:04:60:2c:d8:5f
Slave queue ID: 0

Slave Interface: tap1
MII Status: up
Speed: 1000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 6a:53:8f:d3:cb:21
Slave queue ID: 0
`;

// Hand-made after bond_info_show_master() of drivers/net/bonding/bond_main.c in Linux 2.6.18: no speed, duplex or queue.
const OLD = `Ethernet Channel Bonding Driver: v3.4.0-1 (October 7, 2008)

Bonding Mode: fault-tolerance (active-backup)
Primary Slave: eth0
Currently Active Slave: eth0
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0

Slave Interface: eth0
MII Status: up
Link Failure Count: 0
Permanent HW addr: 00:1e:c9:00:00:01
`;

// Linux 6.1, 802.3ad, as root.
const LACP = `Ethernet Channel Bonding Driver: v6.1.176

Bonding Mode: IEEE 802.3ad Dynamic link aggregation
Transmit Hash Policy: layer2 (0)
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0

802.3ad info
LACP active: on
LACP rate: fast
Min links: 0
Aggregator selection policy (ad_select): stable
System priority: 65535
System MAC address: 12:c3:d6:8c:f7:17
Active Aggregator Info:
	Aggregator ID: 1
	Number of ports: 1
	Actor Key: 15
	Partner Key: 15
	Partner Mac Address: b2:9f:35:19:9a:13

Slave Interface: near1
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 1
Permanent HW addr: 6a:08:d3:88:7d:bb
Slave queue ID: 0
Aggregator ID: 2
Actor Churn State: monitoring
Partner Churn State: churned
Actor Churned Count: 0
Partner Churned Count: 0
details actor lacp pdu:
    system priority: 65535
    system mac address: 12:c3:d6:8c:f7:17
    port key: 15
    port state: 7
details partner lacp pdu:
    system priority: 65535
    system mac address: aa:40:92:68:87:18
`;

const TWO_PORTS = procText({ mode: '802.3ad', slaves: { eth0: {}, eth1: {} } });

describe('/proc/net/bonding/BOND', () => {
  it('is the bond and its slaves, each with a state and a speed of its own', () => {
    expect(parseProcNetBonding(FAILED_OVER)).toEqual({
      mode: 'active-backup',
      primary: 'tap0',
      primaryReselect: 'always',
      activeSlave: 'tap1',
      isUp: true,
      miimonMs: 100,
      updelayMs: 0,
      arpIntervalMs: 0,
      partnerMac: null,
      slaves: [
        { name: 'tap0', link: 'down', speedMbps: 10000, duplex: 'full', linkFailures: 1, permanentAddress: '7a:04:60:2c:d8:5f', aggregatorId: null, actorChurn: null, partnerChurn: null },
        { name: 'tap1', link: 'up', speedMbps: 1000, duplex: 'full', linkFailures: 0, permanentAddress: '6a:53:8f:d3:cb:21', aggregatorId: null, actorChurn: null, partnerChurn: null },
      ],
    }); // prettier-ignore
  });

  it('has no speeds in old kernels, and no policy of the primary', () => {
    const bond = parseProcNetBonding(OLD);
    expect(bond).toMatchObject({ primary: 'eth0', primaryReselect: null, activeSlave: 'eth0' });
    expect(bond.slaves).toMatchObject([{ name: 'eth0', speedMbps: null, duplex: null }]);
  });

  it('tells root the partner, and the aggregator of a slave apart from that of the bond', () => {
    const bond = parseProcNetBonding(LACP);
    expect(bond).toMatchObject({
      mode: '802.3ad',
      activeSlave: null,
      primary: null,
      partnerMac: 'b2:9f:35:19:9a:13',
    });
    expect(bond.slaves).toMatchObject([
      { aggregatorId: 2, actorChurn: 'monitoring', partnerChurn: 'churned' },
    ]);
  });

  it('tells churn only of slaves with an aggregator, and none in old kernels', () => {
    const second = TWO_PORTS.lastIndexOf('Aggregator ID');
    const without = parseProcNetBonding(`${TWO_PORTS.slice(0, second)}Aggregator ID: N/A\n`);
    expect(without.slaves).toMatchObject([{ actorChurn: 'none' }, { aggregatorId: null, actorChurn: null }]);
    const old = parseProcNetBonding(TWO_PORTS.replaceAll(/^.* Churn.*\n/gm, ''));
    expect(old.slaves).toMatchObject([{ aggregatorId: 1, actorChurn: null }, { aggregatorId: 1, actorChurn: null }]);
  }); // prettier-ignore

  it.each([
    ['load balancing (round-robin)', 'balance-rr', null],
    ['fault-tolerance (active-backup)', 'active-backup', 'tap1'],
    ['load balancing (xor)', 'balance-xor', null],
    ['fault-tolerance (broadcast)', 'broadcast', null],
    ['transmit load balancing', 'balance-tlb', 'tap1'],
    ['adaptive load balancing', 'balance-alb', 'tap1'],
  ])('of %s is %s, its active slave %j', (words, mode, activeSlave) => {
    const text = FAILED_OVER.replace('fault-tolerance (active-backup)', words);
    expect(parseProcNetBonding(text)).toMatchObject({ mode, activeSlave });
  });

  it('may call its slaves ports or links', () => {
    const ports = FAILED_OVER.replaceAll('Slave Interface', 'Port Interface').replace('Active Slave', 'Active Port');
    expect(parseProcNetBonding(ports)).toEqual(parseProcNetBonding(FAILED_OVER));
    expect(parseProcNetBonding(FAILED_OVER.replaceAll('Slave Interface', 'Link Interface'))).toEqual(parseProcNetBonding(FAILED_OVER));
  }); // prettier-ignore

  it.each(['up', 'going down', 'down', 'going back'])('has a slave that is %s, at half duplex', (link) => {
    const text = FAILED_OVER.replace('MII Status: down', `MII Status: ${link}`).replace('Duplex: full', 'Duplex: half');
    expect(parseProcNetBonding(text).slaves[0]).toMatchObject({ link, duplex: 'half' });
  }); // prettier-ignore

  it('has a speed without its unit as well', () => {
    expect(parseProcNetBonding(FAILED_OVER.replace('10000 Mbps', '10000')).slaves[0]?.speedMbps).toBe(10000);
  });

  it.each(['Unknown', '-1 Mbps', '0 Mbps', '65535 Mbps', '4294967295 Mbps'])(
    'does not know the speed %s',
    (speed) => {
      const text = FAILED_OVER.replace('Speed: 1000 Mbps', `Speed: ${speed}`);
      expect(parseProcNetBonding(text).slaves.map(({ speedMbps }) => speedMbps)).toEqual([10000, null]);
    },
  );

  it('has no active slave and no primary where it says None, but for a slave of that name', () => {
    const none = FAILED_OVER.replace('Active Slave: tap1', 'Active Slave: None').replace(/Primary Slave: .*/, 'Primary Slave: None');
    expect(parseProcNetBonding(none)).toMatchObject({ activeSlave: null, primary: null });
    expect(parseProcNetBonding(none.replace('Interface: tap1', 'Interface: None'))).toMatchObject({ activeSlave: 'None', primary: 'None' });
  }); // prettier-ignore

  it('may follow the address of the active slave', () => {
    const text = FAILED_OVER.replace('(active-backup)', '(active-backup) (fail_over_mac active)');
    expect(parseProcNetBonding(text).mode).toBe('active-backup');
  });

  it('monitors by ARP where it says so', () => {
    const text = FAILED_OVER.replace(
      '\n\nSlave Interface: tap0',
      '\nARP Polling Interval (ms): 1000\nARP Missed Max: 2\nARP IP target/s (n.n.n.n form): 192.0.2.1\n\nSlave Interface: tap0',
    );
    expect(parseProcNetBonding(text).arpIntervalMs).toBe(1000);
  });

  it.each([
    ['nothing', '', 'bond: the file is empty'],
    ['garbage', '<html>\n', 'bond: does not begin with "Ethernet Channel Bonding Driver: ", found "<html>'],
    ['another mode', FAILED_OVER.replace('fault-tolerance (active-backup)', 'active-backup'), 'Bonding Mode: no mode of the bonding driver, found "active-backup"'],
    ['a policy without its name', FAILED_OVER.replace('(active-backup)', '(active-backup) (fail_over_mac )'), 'Bonding Mode: no mode'],
    ['another state', FAILED_OVER.replace('MII Status: down', 'MII Status: sideways'), 'tap0, MII Status: no state of a link, found "sideways"'],
    ['a cut line', FAILED_OVER.slice(0, -3), 'bond: ends within a line, it is cut off'],
    ['a cut slave', FAILED_OVER.slice(0, FAILED_OVER.lastIndexOf('Permanent')), 'has no "Slave queue ID"'],
    ['a slave that lacks what the other has', FAILED_OVER.slice(0, FAILED_OVER.lastIndexOf('Slave queue')), 'has no "Slave queue ID"'],
    ['a head without its mode', FAILED_OVER.replace(/Bonding Mode.*\n/, ''), 'bond: has no "Bonding Mode"'],
    ['a head without its state', FAILED_OVER.replace(/MII Status.*\n/, ''), 'bond: has no "MII Status"'],
    ['a head without its interval', FAILED_OVER.replace(/MII Polling.*\n/, ''), 'bond: has no "MII Polling Interval (ms)"'],
    ['a head without its first delay', FAILED_OVER.replace(/Up Delay.*\n/, ''), 'bond: has no "Up Delay (ms)"'],
    ['a cut head', FAILED_OVER.slice(0, FAILED_OVER.indexOf('Up Delay')), 'bond: has no "Down Delay (ms)"'],
    ['a cut head without slaves', procText({ slaves: {} }).replace(/Up Delay[^]*/, ''), 'has no "Down Delay (ms)"'],
    ['a cut aggregator', LACP.slice(0, LACP.lastIndexOf('Aggregator ID')), 'has no "Aggregator ID"'],
    ['a cut churn state', TWO_PORTS.slice(0, TWO_PORTS.lastIndexOf('Partner Churn State')), 'has no "Partner Churn State"'],
    ['a cut churn count', TWO_PORTS.slice(0, TWO_PORTS.lastIndexOf('Partner Churned')), 'has no "Partner Churned Count"'],
    ['a slave twice', FAILED_OVER.replace('Interface: tap0', 'Interface: tap1'), 'bond: has a slave twice'],
    ['an active slave that is none', FAILED_OVER.slice(0, FAILED_OVER.indexOf('\nSlave Interface: tap1')), 'bond: lacks its active slave, found "tap1"'],
    ['a cut head of 802.3ad', procText({ mode: '802.3ad', slaves: {} }).replace(/LACP rate[^]*/, ''), 'has no "LACP rate"'],
    ['no active slave', FAILED_OVER.replace(/Currently.*\n/, ''), 'bond: has no "Currently Active Slave"'],
    ['a slave without its speed', FAILED_OVER.replace('Speed: 1000 Mbps\n', ''), 'has no "Speed"'],
    ['a slave without its duplex', FAILED_OVER.replace('Duplex: full\n', ''), 'has no "Duplex"'],
    ['a slave without its churn state', TWO_PORTS.replace(/Actor Churn State.*\n/, ''), 'has no "Actor Churn State"'],
    ['a slave without its churn count', TWO_PORTS.replace(/Actor Churned Count.*\n/, ''), 'has no "Actor Churned Count"'],
    ['a slave of two words', FAILED_OVER.replace('Interface: tap0', 'Interface: tap 0'), 'Slave Interface: no name, found "tap 0"'],
    ['a slave of no word', FAILED_OVER.replace('Interface: tap0', 'Interface: '), 'no name'],
    ['a count behind something', FAILED_OVER.replace('Failure Count: 1', 'Failure Count: x1'), 'bond: no number, found "x1"'],
    ['a count before something', FAILED_OVER.replace('Failure Count: 1', 'Failure Count: 1x'), 'no number'],
    ['a speed behind something', FAILED_OVER.replace('10000 Mbps', 'x10000 Mbps'), 'Speed: no number of Mbps, found'],
    ['a speed of another unit', FAILED_OVER.replace('10000 Mbps', '10000 Mbps?'), 'no number of Mbps'],
    ['a speed of nothing', FAILED_OVER.replace('Speed: 1000 Mbps', 'Speed:'), 'no number of Mbps, found ""'],
    ['a speed of words', FAILED_OVER.replace('10000 Mbps', 'fast'), 'no number of Mbps'],
  ])('is an error: %s', (_, text, message) => {
    expect(() => parseProcNetBonding(text)).toThrow(FormatError);
    expect(() => parseProcNetBonding(text)).toThrow(message);
  }); // prettier-ignore

  it('is read back as the kernel prints it', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.:-]{0,13}$/);
    const slave = fc.record({
      link: fc.constantFrom(...LINK_STATES),
      speed: fc.constantFrom(null, 100, 1000, 2500, 10000, 400000),
      failures: fc.nat(),
    });
    fc.assert(
      fc.property(fc.constantFrom(...BOND_MODES), fc.dictionary(name, slave), fc.nat(), (mode, slaves, miimon) => {
        const bond = parseProcNetBonding(procText({ mode, slaves, miimon }));
        expect(bond).toMatchObject({ mode, miimonMs: miimon });
        expect(bond.slaves.map(({ name: one }) => one)).toEqual(Object.keys(slaves));
        expect(bond.slaves.map(({ link }) => link)).toEqual(Object.values(slaves).map(({ link }) => link));
        expect(bond.slaves.map(({ speedMbps }) => speedMbps)).toEqual(Object.values(slaves).map(({ speed }) => speed));
      }),
    );
  }); // prettier-ignore

  it('throws nothing but FormatError', () => {
    const lines = [...new Set([...LACP.split('\n'), ...FAILED_OVER.split('\n')])];
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(fc.constantFrom(...lines), fc.string())).map((some) => [lines[0], ...some, ''].join('\n')),
    );
    fc.assert(
      fc.property(text, (any) => {
        try {
          parseProcNetBonding(any);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  }); // prettier-ignore
});
