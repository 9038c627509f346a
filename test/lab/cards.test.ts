/** The network checks, built, on drivers of real network cards: what they say of speed, cable and link modes is their own. */
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { lab } from './lab.ts';
import { MACHINE, runInMachine } from './machine.ts';
import { installForScenes } from './scenes.ts';
import { parseChecks, PRELUDE } from './uml.ts';

const SCRIPT = `
# ready NAMES: until the drivers have told of the cables, e1000 up to three seconds later, and the bond knows.
ready() {
  local name state
  for name in $1; do
    until { read -r state <"/sys/class/net/$name/carrier"; } 2>/dev/null && [ "$state" = 1 ]; do pause 0.1; done
    if [ ! -e "/sys/class/net/$name/bonding_slave" ]; then continue; fi
    until read -r state <"/sys/class/net/$name/bonding_slave/mii_status" && [ "$state" = up ]; do pause 0.1; done
  done
}
lost() {
  local state=up
  until [ "$state" = down ]; do read -r state <"/sys/class/net/$1/bonding_slave/mii_status"; pause 0.1; done
}
ip link add bond0 type bond mode active-backup miimon 100
for slave in eth0 eth1; do ip link set dev $slave master bond0; done
ip link set dev bond0 type bond primary eth0
ip link set dev bond0 up
ip link set dev eth2 up
ready 'eth0 eth1 eth2'
ask root check_bond_speed -t 60
cable eth0 off
lost eth0
ask root check_bond_speed -t 60
cable eth0 on
ready eth0
ask root check_bond_speed -t 60

ip link add link eth2 name vlan20 type vlan id 20
ip link add link vlan20 name vlan100 type vlan id 100
ip link set dev vlan20 up
ip link set dev vlan100 up
ask root check_vlan_mtu -t 60
ip link delete dev vlan100
ip link add link eth2 name vlan100 mtu 1500 type vlan id 100
ip link set dev vlan100 up
ask root check_vlan_mtu -t 60
# And the program itself, as it is installed.
check check_vlan_mtu -t 60
`;

lab(MACHINE, 'network cards of real models', () => {
  it('are told apart by their speed, and their drivers named', async () => {
    const folder = await installForScenes('check_vlan_mtu');
    const stdout = await runInMachine({
      folder,
      cards: ['virtio-net-pci,speed=10000,duplex=full', 'e1000', 'e1000e'],
      script: `PLUGINS=${join(folder, 'bin')}\n. ${PRELUDE}\n${SCRIPT}`,
      seconds: 240,
    });
    const said = parseChecks(stdout).map(({ code, output }) => [code, output.split(' | ')[0]]);
    const repaired = [0, 'VLAN_MTU OK - 2 VLAN devices, none stacked, smallest headroom 0 bytes'];
    expect(said).toEqual([
      [0, 'BOND_SPEED OK - 1 bond, 2 of 2 slaves up, eth0 active at 10000 Mb/s'],
      [
        1,
        'BOND_SPEED WARNING - bond0: runs on eth1 at 1000 Mb/s because eth0 (10000 Mb/s) is down, and 1 more. ' +
          '1 bond, 1 of 2 slaves up, eth1 active at 1000 Mb/s',
      ],
      [0, 'BOND_SPEED OK - 1 bond, 2 of 2 slaves up, eth0 active at 10000 Mb/s'],
      [
        1,
        'VLAN_MTU WARNING - vlan100 (1500) on vlan20 (1500) on eth2 (1500) needs 1504: full-size frames are 4 bytes too long ' +
          'with 2 tags. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes',
      ],
      repaired,
      repaired,
    ]);
    expect(stdout).toContain('driver e1000e');
  }, 300_000);
});
