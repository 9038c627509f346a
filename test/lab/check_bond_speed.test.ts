/**
 * check_bond_speed, built, on bonds of a real kernel. With RECORD=1 what it saw there is written to
 * test/recordings/check_bond_speed, for the tests that have no such kernel at hand.
 */
import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import plugin from '../../plugins/check_bond_speed.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { lab, scratch } from './lab.ts';
import { plant } from './plant.ts';
import { installForScenes, playScenes, type Expected } from './scenes.ts';
import { UML } from './uml.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const RECORDINGS = fileURLToPath(new URL('../recordings/check_bond_speed', import.meta.url));

/** An empty /etc, cables, and bonds of them. */
const FUNCTIONS = `
mount -t tmpfs etc /etc
clean() {
  local masters name batch=
  read -r -a masters </sys/class/net/bonding_masters || true
  for name in "\${masters[@]}"; do batch+="link del $name"$'\\n'; done
  ip -batch - <<<"$batch"
}
bond() { # bond NAME 'OPTIONS' SLAVES...: enslaved in this order
  local name=$1 slave batch="link add name $1 type bond $2"$'\\n'
  shift 2
  for slave in "$@"; do batch+="link set dev $slave down"$'\\n'"link set dev $slave master $name"$'\\n'; done
  ip -batch - <<<"\${batch}link set dev $name up"
  pause 0.5
}
primary() { # primary NAME ALWAYS...: of bond0
  ip link set dev bond0 type bond primary "$1" primary_reselect "\${2:-always}"
}
pair() { # two cables, a fast one and a slow one
  taps tap0 tap1
  speed tap0 10000
  speed tap1 1000
}
`;

const ASYMMETRIC = `
pair
scene none
ip link add bond0 type bond
scene unused
scene unused-but-named --bond bond0
ip link set dev bond0 up
scene empty
clean
bond bond0 'mode active-backup miimon 100' tap0 tap1
primary tap0
scene healthy -w 10000:
nobody healthy-as-nobody
carrier tap0 0
scene failover
nobody failover-as-nobody -w 10000: -c 100:
carrier tap0 1
scene back-always
for how in better failure; do
  primary tap0 $how
  carrier tap0 0
  carrier tap0 1
  scene back-$how
done
ip link set dev bond0 type bond active_slave tap0
scene failure-but-fast
carrier tap0 0
carrier tap1 0
scene both-down
nobody both-down-as-nobody
carrier tap0 1
carrier tap1 1
primary tap1
scene primary-slow
primary tap0
ip link set dev bond0 type bond updelay 60000
carrier tap0 0
carrier tap0 1
scene just-back
ip link set dev bond0 type bond updelay 0
carrier tap0 0
carrier tap0 1
ip link set dev tap0 nomaster
scene released
clean
bond bond0 'mode active-backup miimon 100' tap1 tap0
scene never-primary
cat /sys/class/net/bond0/bonding/active_slave
ip link set dev bond0 type bond active_slave tap0
scene no-primary
ip link set dev tap0 down
ip link set dev tap1 down
pause 0.5
scene switched-off
clean
bond bond0 'mode active-backup' tap0 tap1
primary tap0
scene blind
carrier tap0 0
scene blind-and-lost
carrier tap0 1
clean
bond bond0 'mode active-backup miimon 600000' tap0 tap1
primary tap0
ip link set dev tap0 carrier off
until [ "$(cat /sys/class/net/tap0/carrier)" = 0 ]; do pause 0.1; done
scene unnoticed
carrier tap0 1
clean
speed tap1 10000 half
bond bond0 'mode active-backup miimon 100' tap0 tap1
scene half-duplex
`;

/** The port that comes back slow, seen by a check that remembers. */
const REMEMBERED = `
pair
bond bond0 'mode active-backup miimon 100' tap0 tap1
primary tap0
scene memory-1-fast --state-dir $PWD/state
carrier tap0 0
speed tap0 1000
scene memory-2-failover --state-dir $PWD/state
scene memory-3-failover-later --state-dir $PWD/state
carrier tap0 1
scene memory-4-back-slow --state-dir $PWD/state
scene back-slow-without-memory
scene memory-4-expected --expect tap0=1G --expect tap1=1000 --expect bond0=1000
scene memory-4-not-expected --expect tap0=10G --expect tap7=1G --expect bond7=1000
speed tap0 10000
scene memory-5-repaired --state-dir $PWD/state
`;

const MANY = `
taps tap0 tap1 tap2 tap3 tap4 tap5 tap6 tap7 tap8 tap9
for n in 0 2 4 6 8; do speed tap$n 10000; speed tap$((n + 1)) 1000; done
for n in 0 2 4 6 8; do
  bond bond$((n / 2)) 'mode active-backup miimon 100' tap$n tap$((n + 1))
  ip link set dev bond$((n / 2)) type bond primary tap$n
done
pause 0.5
scene five
carrier tap6 0
scene five-one-slow
scene five-one-ignored --ignore bond3
ip link set dev bond1 type bond active_slave tap3
scene five-two-slow -w 5000:
carrier tap6 1
clean
for n in 0 1 2 3 4 5 6 7 8 9; do speed tap$n 1000; done
mkdir -p /etc/sysconfig/network-scripts
echo 'BONDING_OPTS="mode=active-backup miimon=100"' >/etc/sysconfig/network-scripts/ifcfg-storage
speed tap0 10000
bond storage 'mode active-backup miimon 100' tap1 tap0
scene storage
ask root check_bond_speed >/run/said
sed -n '/^  ip /p' /run/said >/run/repair
cat /run/repair
bash -eu /run/repair
pause 0.3
scene storage-repaired
carrier tap0 0
scene storage-failover
ip link set dev storage down
scene storage-off
carrier tap0 1
clean
speed tap0 1000
bond rr 'mode balance-rr miimon 100' tap0 tap1
bond xor 'mode balance-xor miimon 100' tap2 tap3
bond cast 'mode broadcast miimon 100' tap4 tap5
bond tlb 'mode balance-tlb miimon 100' tap6 tap7
bond alb 'mode balance-alb miimon 100' tap8 tap9
scene modes -w 1000:2000
clean
bond byarp 'mode active-backup arp_interval 100 arp_ip_target 192.0.2.1' tap0 tap1
pause 1
scene arp
`;

const LACP = `
taps tap0 tap1
speed tap0 10000
speed tap1 1000
bond bond0 'mode 802.3ad miimon 100' tap0 tap1
scene lacp-alone
nobody lacp-alone-as-nobody
clean
for n in 0 1; do ip link add near$n type veth peer name far$n; done
bond lacp0 'mode 802.3ad miimon 100 lacp_rate fast' near0 near1
bond peer 'mode 802.3ad miimon 100 lacp_rate fast' far0 far1
ports() {
  local n=0
  until [ "$(cat /sys/class/net/lacp0/bonding/ad_num_ports)" = $1 ] && ! grep -q ^00:00 /sys/class/net/lacp0/bonding/ad_partner_mac; do
    n=$((n + 1))
    [ $n -lt 200 ]
    pause 0.1
  done
}
ports 2
scene lacp --bond lacp0
nobody lacp-as-nobody --bond lacp0
ip link set dev far1 nomaster
bond other 'mode 802.3ad miimon 100 lacp_rate fast' far1
ports 1
until [ "$(cat /sys/class/net/near0/bonding_slave/ad_aggregator_id)" != "$(cat /sys/class/net/near1/bonding_slave/ad_aggregator_id)" ]; do pause 0.1; done
scene lacp-split --bond lacp0
nobody lacp-split-as-nobody --bond lacp0
# After a minute the port of the idle aggregator is churned, and stays so when it is in use.
until grep -q 'Actor Churn State: churned' /proc/net/bonding/lacp0; do pause 1; done
scene lacp-churned --bond lacp0
ip link set dev near0 nomaster
port() { cat /sys/class/net/near1/bonding_slave/ad_$1_oper_port_state; }
until [ $(($(port actor) & $(port partner) & 8)) = 8 ]; do pause 0.1; done
pause 3
cat /proc/net/bonding/lacp0
scene lacp-in-sync --bond lacp0 --min-slaves 1
nobody lacp-in-sync-as-nobody --bond lacp0 --min-slaves 1
`;

let folder: string;

beforeAll(async () => {
  folder = await installForScenes('check_bond_speed');
});

async function scenes(script: string, expected: Expected): Promise<string> {
  return playScenes({
    ...{ plugin, folder, expected, compared: withoutNumbers, settles: false },
    script: FUNCTIONS + script,
  });
}

function withoutNumbers(line: string): string {
  return withoutTime(line.split(' | ')[0] ?? '');
}

function withoutTime(line: string): string {
  return line.replace(/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC/, 'TIME');
}

lab(UML, 'bonds of a real kernel', () => {
  it('of a fast and a slow slave', async () => {
    await scenes(ASYMMETRIC, {
      none: [0, 'OK - no bonds: 3 network devices, none of them a bond that is looked at'],
      unused: [0, 'OK - bond0: has no slaves and is switched off, nothing uses it'],
      'unused-but-named': [2, 'CRITICAL - bond0: is expected, but switched off and without slaves. 1 bond, 0 of 0 slaves up'],
      empty: [2, 'CRITICAL - bond0: is switched on and has no slaves. 1 bond, 0 of 0 slaves up'],
      healthy: [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'healthy-as-nobody': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      failover: [1, 'WARNING - bond0: runs on tap1 at 1000 Mb/s because tap0 (10000 Mb/s) is down, and 1 more. 1 bond, 1 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'failover-as-nobody': [1, 'WARNING - bond0: runs on tap1 at 1000 Mb/s because tap0 (10000 Mb/s) is down, and 2 more. 1 bond, 1 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'back-always': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'back-better': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'back-failure': [1, 'WARNING - bond0: tap1 is active at 1000 Mb/s while tap0 is up at 10000 Mb/s: primary_reselect=failure keeps tap1 until it fails (by design). 1 bond, 2 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'failure-but-fast': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'both-down': [2, 'CRITICAL - bond0: is down, all slaves lost their link together (tap0, tap1): look at the switch (err-disable, BPDU guard). 1 bond, 0 of 2 slaves up'],
      'both-down-as-nobody': [2, 'CRITICAL - bond0: is down, all slaves lost their link together (tap0, tap1): look at the switch (err-disable, BPDU guard). 1 bond, 0 of 2 slaves up'],
      'primary-slow': [1, 'WARNING - bond0: tap1 is active at 1000 Mb/s while tap0 is up at 10000 Mb/s: the slow tap1 is the primary, and 1 more. 1 bond, 2 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'just-back': [1, 'WARNING - bond0: tap1 is active at 1000 Mb/s while tap0 is up at 10000 Mb/s: tap0 has only just come back (updelay 60000 ms), and 1 more. 1 bond, 1 of 2 slaves up, tap1 active at 1000 Mb/s'],
      released: [1, 'WARNING - bond0: has only 1 slave (tap1), expected at least 2. 1 bond, 1 of 1 slave up, tap1 active at 1000 Mb/s'],
      'never-primary': [1, 'WARNING - bond0: tap1 is active at 1000 Mb/s while tap0 is up at 10000 Mb/s: no primary is set, and 1 more. 1 bond, 2 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'no-primary': [1, 'WARNING - bond0: nothing keeps the fast tap0 (10000 Mb/s) active: no primary is set. 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'switched-off': [2, 'CRITICAL - bond0: is down, all slaves are switched off (tap1, tap0). 1 bond, 0 of 2 slaves up'],
      blind: [1, 'WARNING - bond0: does not monitor its links (miimon 0, no ARP interval): it never notices that a slave is lost. 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'blind-and-lost': [2, 'CRITICAL - bond0: the active slave tap0 has no carrier, and without link monitoring the bond does not notice, and 1 more. 1 bond, 1 of 2 slaves up'],
      unnoticed: [2, 'CRITICAL - bond0: the active slave tap0 has no carrier, and with use_carrier=0 or a long miimon the bond does not notice. 1 bond, 1 of 2 slaves up'],
      'half-duplex': [1, 'WARNING - bond0: tap1 runs half duplex at 10000 Mb/s: one end is set by hand, or the cable is bad. 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
    }); // prettier-ignore
  }, 400_000);

  it('whose fast slave came back slow', async () => {
    await scenes(REMEMBERED, {
      'memory-1-fast': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'memory-2-failover': [1, 'WARNING - bond0: runs on tap1 at 1000 Mb/s because tap0 (10000 Mb/s) is down, and 1 more. 1 bond, 1 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'memory-3-failover-later': [1, 'WARNING - bond0: runs on tap1 at 1000 Mb/s because tap0 (10000 Mb/s) is down, seen since TIME, and 1 more. 1 bond, 1 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'memory-4-back-slow': [1, 'WARNING - bond0: tap0 is up at 1000 Mb/s, it has been at 10000 Mb/s before. 1 bond, 2 of 2 slaves up, tap0 active at 1000 Mb/s'],
      'back-slow-without-memory': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 1000 Mb/s'],
      'memory-4-expected': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 1000 Mb/s'],
      'memory-4-not-expected': [2, 'CRITICAL - bond7: expected and not there: no bond, and no slave of one that is looked at, has that name, and 2 more: tap7, tap0. 1 bond, 2 of 2 slaves up, tap0 active at 1000 Mb/s'],
      'memory-5-repaired': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
    }); // prettier-ignore
  }, 400_000);

  it('by any name, in any number, in any mode', async () => {
    await scenes(MANY, {
      five: [0, 'OK - 5 bonds, 10 of 10 slaves up'],
      'five-one-slow': [1, 'WARNING - bond3: runs on tap7 at 1000 Mb/s because tap6 (10000 Mb/s) is down, and 1 more. 5 bonds, 9 of 10 slaves up'],
      'five-one-ignored': [0, 'OK - 4 bonds, 8 of 8 slaves up'],
      'five-two-slow': [1, 'WARNING - bond1: tap3 is active at 1000 Mb/s while tap2 is up at 10000 Mb/s: somebody has set the active slave by hand, or the change is under way, and 4 more: bond3. 5 bonds, 9 of 10 slaves up'],
      storage: [1, 'WARNING - storage: tap1 is active at 1000 Mb/s while tap0 is up at 10000 Mb/s: no primary is set, and 1 more. 1 bond, 2 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'storage-repaired': [0, 'OK - 1 bond, 2 of 2 slaves up, tap0 active at 10000 Mb/s'],
      'storage-failover': [1, 'WARNING - storage: runs on tap1 at 1000 Mb/s because tap0 (10000 Mb/s) is down, and 1 more. 1 bond, 1 of 2 slaves up, tap1 active at 1000 Mb/s'],
      'storage-off': [2, 'CRITICAL - storage: is switched off, with 2 slaves (tap1, tap0). 1 bond, 1 of 2 slaves up'],
      modes: [0, 'OK - 5 bonds, 10 of 10 slaves up'],
      arp: [2, 'CRITICAL - byarp: is down, no ARP target answers on any slave (tap0, tap1), their carrier is there: look at the targets and the switch. 1 bond, 0 of 2 slaves up'],
    }); // prettier-ignore
  }, 400_000);

  it('that speak LACP', async () => {
    const stdout = await scenes(LACP, {
      'lacp-alone': [1, 'WARNING - bond0: the other end does not speak LACP (partner 00:00:00:00:00:00). 1 bond, 2 of 2 slaves up, 10000 Mb/s'],
      'lacp-alone-as-nobody': [1, 'WARNING - bond0: the other end does not speak LACP (partner 00:00:00:00:00:00). 1 bond, 2 of 2 slaves up, 10000 Mb/s'],
      lacp: [0, 'OK - 1 bond, 2 of 2 slaves up, 20000 Mb/s'],
      'lacp-as-nobody': [0, 'OK - 1 bond, 2 of 2 slaves up, 20000 Mb/s'],
      'lacp-split': [1, 'WARNING - lacp0: slaves in different aggregators, only one is used: near0 in 1, near1 in 2. 1 bond, 2 of 2 slaves up, 10000 Mb/s'],
      'lacp-split-as-nobody': [1, 'WARNING - lacp0: slaves in different aggregators, only one is used: near0 in 1, near1 in 2. 1 bond, 2 of 2 slaves up, 10000 Mb/s'],
      'lacp-churned': [1, 'WARNING - lacp0: slaves in different aggregators, only one is used: near0 in 1, near1 in 2. 1 bond, 2 of 2 slaves up, 10000 Mb/s'],
      'lacp-in-sync': [0, 'OK - 1 bond, 1 of 1 slave up, 10000 Mb/s'],
      'lacp-in-sync-as-nobody': [0, 'OK - 1 bond, 1 of 1 slave up, 10000 Mb/s'],
    }); // prettier-ignore
    // What the kernel still said of the port that was in use.
    expect(stdout).toContain('Churn State: churned');
  }, 400_000);
});

lab(ICINGA, 'Icinga 2', () => {
  it('runs the check from the generated command: red on failover, green on return', async () => {
    const generated = readFileSync(join(top, 'icinga-conf/icinga2/bond_speed.conf'), 'utf8');
    const host = join(scratch(), 'host');
    const state = scratch();
    chmodSync(state, 0o777);
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "bonds" {
  host_name = "h"
  check_command = "bond_speed"
  vars.bond_speed_root = "${host}"
  vars.bond_speed_state_dir = "${state}/memory"
  vars.bond_speed_expect = [ "bond0=1G", "tap1=1000" ]
  vars.bond_speed_warning = "10000:"
  vars.bond_speed_critical = "500:"
}`,
    });
    plant(join(RECORDINGS, 'healthy.txt'), host);
    const before = await icinga.check('h!bonds');
    expect(before.command).toEqual([
      join(folder, 'bin/check_bond_speed'),
      ...['--critical', '500:', '--expect', 'bond0=1G', '--expect', 'tap1=1000', '--root', host],
      ...['--state-dir', `${state}/memory`, '--warning', '10000:'],
    ]);
    expect(before).toMatchObject({ state: 0, exit_status: 0 });

    plant(join(RECORDINGS, 'failover.txt'), host);
    await icinga.check('h!bonds');
    const red = await icinga.check('h!bonds');
    expect(red).toMatchObject({ state: 1, exit_status: 1 });
    expect(withoutTime(red.output)).toContain(
      'BOND_SPEED WARNING - bond0: runs on tap1 at 1000 Mb/s because tap0 (10000 Mb/s) is down, seen since TIME, and 2 more.',
    );
    expect(red.performance_data).toEqual(
      expect.arrayContaining([
        'bond0_speed=1000;10000:;500:;0',
        'bond0_slaves_up=1;;;0;2',
        'bond0_link_failures=1c;;;0',
      ]),
    );

    plant(join(RECORDINGS, 'both-down.txt'), host);
    const down = await icinga.check('h!bonds');
    expect(down).toMatchObject({ state: 2, exit_status: 2 });
    expect(down.output).toContain('look at the switch (err-disable, BPDU guard)');

    plant(join(RECORDINGS, 'back-always.txt'), host);
    const green = await icinga.check('h!bonds');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
    expect(green.performance_data).toContain('bond0_speed=10000;10000:;500:;0');
    await icinga.stop();
  }, 120_000);
});
