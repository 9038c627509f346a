/** The network checks, built, on drivers of real network cards: what they say of speed, cable and link modes is their own. */
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { lab, scratch } from './lab.ts';
import { MACHINE, runInMachine } from './machine.ts';
import { parseChecks } from './uml.ts';

const SCRIPT = `
check() {
  local name=$1 code=0 output
  shift
  output=$("$BIN/$name" "$@") || code=$?
  printf '== %s\\n%s\\n-> %d\\n' "$name" "$output" "$code"
}
ip link add bond0 type bond mode active-backup miimon 100
for slave in eth0 eth1; do ip link set dev $slave master bond0; done
ip link set dev bond0 type bond primary eth0
ip link set dev bond0 up
ip link set dev eth2 up
# e1000 tells of its cable up to three seconds later.
sleep 4
check check_bond_speed
cable eth0 off
sleep 1
check check_bond_speed
cable eth0 on
sleep 1
check check_bond_speed

ip link add link eth2 name vlan20 type vlan id 20
ip link add link vlan20 name vlan100 type vlan id 100
ip link set dev vlan20 up
ip link set dev vlan100 up
check check_vlan_mtu
ip link delete dev vlan100
ip link add link eth2 name vlan100 mtu 1500 type vlan id 100
ip link set dev vlan100 up
check check_vlan_mtu
`;

lab(MACHINE, 'network cards of real models', () => {
  it('are told apart by their speed, and their drivers named', async () => {
    const folder = scratch();
    for (const name of ['check_bond_speed', 'check_vlan_mtu']) await bundleAll(name, folder);
    const stdout = await runInMachine({
      folder,
      cards: ['virtio-net-pci,speed=10000,duplex=full', 'e1000', 'e1000e'],
      script: `BIN=${join(folder, 'bin')}\n${SCRIPT}`,
      seconds: 240,
    });
    const said = parseChecks(stdout).map(({ code, output }) => [code, output.split(' | ')[0]]);
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
      [0, 'VLAN_MTU OK - 2 VLAN devices, none stacked, smallest headroom 0 bytes'],
    ]);
    expect(stdout).toContain('driver e1000e');
  }, 300_000);
});
