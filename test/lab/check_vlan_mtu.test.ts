/**
 * check_vlan_mtu, built, on VLANs, bonds and bridges of a real kernel. With RECORD=1 what it saw there is written to
 * test/recordings/check_vlan_mtu, for the tests that have no such kernel at hand.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import plugin from '../../plugins/check_vlan_mtu.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { lab, scratch } from './lab.ts';
import { plant } from './plant.ts';
import { installForScenes, playScenes, type Expected } from './scenes.ts';
import { UML } from './uml.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const RECORDINGS = fileURLToPath(new URL('../recordings/check_vlan_mtu', import.meta.url));

/** Nothing but two cables, a bond of them that is up, and an empty /etc. */
const FUNCTIONS = `
mount -t tmpfs etc /etc
mkdir -p /etc/nova
taps tap0 tap1
clean() {
  local path batch=
  for path in /run/netns/*; do if [ -e "$path" ]; then batch+="netns del \${path##*/}"$'\\n'; fi; done
  for path in /sys/class/net/*; do
    case \${path##*/} in lo | tap* | bonding_masters) ;; *) batch+="link del \${path##*/}"$'\\n' ;; esac
  done
  # Some go with another one.
  ip -force -batch - <<<"$batch" 2>/dev/null || true
  ip -batch - <<TAPS
link set dev tap0 mtu 1500 up
link set dev tap1 mtu 1500 up
TAPS
  if [ -e /etc/nova/nova.conf ]; then rm /etc/nova/nova.conf; fi
}
bond() {
  clean
  ip -batch - <<BOND
link add bond0 type bond mode active-backup miimon 100
link set dev tap0 down
link set dev tap0 master bond0
link set dev tap1 down
link set dev tap1 master bond0
link set dev bond0 up
BOND
}
vlan() { # vlan NAME ON ID [MTU] [PROTOCOL]
  ip link add link "$2" name "$1" mtu "\${4:-1500}" up type vlan protocol "\${5:-802.1Q}" id "$3"
}
# Runs the commands of the first repair that is printed, or of its alternative.
repair() {
  local part='/^  # or/,$d'
  if [ "$1" = alternative ]; then part='1,/^  # or/d'; fi
  ask root check_vlan_mtu --stacked-config ok >/run/said
  sed -e "$part" -e '/^  ip /!d' /run/said >/run/repair
  [ -s /run/repair ]
  bash -eu /run/repair
}
# Runs the commands of all repairs that are printed, in their order, without their alternatives.
repairs() {
  ask root check_vlan_mtu >/run/said
  sed -n -e '/^  # or/,/^[^ ]/d' -e '/^  ip /p' /run/said >/run/repair
  [ -s /run/repair ]
  bash -eu /run/repair
}
sent() { # sent NAME: how many packets
  cat "/sys/class/net/$1/statistics/tx_packets"
}
`;

/** The incident of an OpenStack compute node, before and after. */
const INCIDENT = `
bond
vlan vlan20 bond0 20
echo '[DEFAULT]' >/etc/nova/nova.conf
echo 'vlan_interface=vlan20' >>/etc/nova/nova.conf
scene configured
ip link add br100 type bridge
vlan vlan100 vlan20 100
ip link set dev vlan100 master br100
ip link set dev br100 up
scene incident
chmod 600 /etc/nova/nova.conf
nobody incident-as-nobody
ip link show dev vlan100
repair first
sed -i s/vlan20/bond0/ /etc/nova/nova.conf
ip -d link show dev vlan100
scene repaired
ip link del vlan100
vlan vlan100 vlan20 100
rm /etc/nova/nova.conf
repair alternative
scene raised
cat /sys/class/net/tap1/mtu
`;

const CHAINS = `
bond
ip link set dev bond0 mtu 9000
vlan vlan20 bond0 20 8000
vlan vlan100 vlan20 100
scene jumbo
bond
vlan vlan20 bond0 20
scene plain
vlan vlan100 vlan20 100
vlan vlan7 vlan100 7
scene three-tags
repair first
scene three-tags-repaired
bond
vlan vlan20 bond0 20 1500 802.1ad
vlan vlan100 vlan20 100
scene provider
repair first
scene provider-repaired
clean
vlan vlan20 tap0 20
ip link add br20 type bridge
ip link set dev vlan20 master br20
ip link set dev br20 up
vlan vlan5 br20 5
scene bridge
nobody bridge-as-nobody
bond
ip link set dev bond0 mtu 9000
vlan vlan20 bond0 20 9000
ip link set dev tap1 mtu 1500
scene slave
repair first
scene slave-repaired
clean
vlan vlan20 tap0 20
carrier tap0 0
scene no-carrier
ip link set dev tap0 down
scene down
scene down-included --include-down
carrier tap0 1
`;

/** Two bridges with a veth pair between them; what is sent on one must be seen to leave through the other. */
const JOINED = `
clean
vlan v20 tap0 20
ip link add br1 type bridge
ip link add br2 type bridge
ip link add ve1 type veth peer name ve2
ip link set dev v20 master br2
ip link set dev ve2 master br2
ip link set dev ve1 master br1
for name in br1 br2 ve1 ve2; do ip link set dev $name up; done
vlan v100 br1 100
scene joined
nobody joined-as-nobody
ip address add 192.0.2.1/24 dev v100
before=$(sent v20)
echo >/dev/udp/192.0.2.2/9
settle
echo "sent through v20: $(($(sent v20) > before))"
repair first
scene joined-repaired
clean
ip link add ve1 type veth peer name ve2
ip link add br0 type bridge
for name in tap0 ve1; do ip link set dev $name master br0; done
for name in br0 ve1 ve2; do ip link set dev $name up; done
vlan v5 br0 5
scene container
`;

const STEPS = `
clean
vlan v1 tap0 1
vlan v2 v1 2
vlan v3 v2 3
scene ladder
scene allowed -w -8:
scene absent --vlan v4
repairs
scene ladder-later
repairs
scene ladder-repaired
clean
vlan v10 tap0 10
vlan v20 tap0 20
vlan in10 v10 100
vlan in20 v20 100
scene twice
repairs
scene twice-later
clean
vlan v20 tap0 20
mkdir -p /etc/neutron/plugins/ml2 /etc/neutron/conf.d/common
echo '[linux_bridge]' | tee /etc/neutron/plugins/ml2/ml2_conf.ini /etc/neutron/plugins/ml2/linuxbridge_agent.ini /etc/neutron/conf.d/common/a.conf
echo 'physical_interface_mappings = physnet1:v20' >>/etc/neutron/plugins/ml2/ml2_conf.ini
echo 'physical_interface_mappings = physnet1:tap0' >>/etc/neutron/plugins/ml2/linuxbridge_agent.ini
scene overridden
echo 'physical_interface_mappings = physnet1:v20' >>/etc/neutron/conf.d/common/a.conf
scene folder
`;

const MANY = `
bond
vlan vlan20 bond0 20
seq 500 | sed 's/.*/link add link vlan20 name t& up type vlan id &/' | ip -batch -
scene many
nobody many-as-nobody
ip link set dev bond0 mtu 1504
scene many-raised
`;

const NAMESPACES = `
clean
vlan host5 tap0 5
ip netns add blue
ip -n blue link set dev lo up
ip link set dev tap1 netns blue
ip -n blue link set dev tap1 up
ip -n blue link add link tap1 name v1 up type vlan id 1
ip -n blue link add link v1 name v2 up type vlan id 2
scene own
scene all --netns all
scene named --netns 'bl*'
nobody all-as-nobody --netns all
ip -n blue link del v1
ip link add link tap0 name far30 type vlan id 30
ip link set dev far30 netns blue
ip -n blue link set dev far30 up
ip -n blue link add link far30 name far31 up type vlan id 31
scene outside-in --netns all
ip netns exec blue bash -eu -c '. "$0"; check check_vlan_mtu --record "$PWD/rec/inside.txt"' "$PRELUDE"
nsenter --net=/run/netns/blue bash -eu -c '. "$0"; check check_vlan_mtu --record "$PWD/rec/entered.txt"' "$PRELUDE"
ip -n blue link del far30
ip -n blue link add link tap1 name near40 type vlan id 40
ip -n blue link set dev near40 netns 1
ip link set dev near40 up
vlan near41 near40 41
scene inside-out --netns blue
scene inside-out-own
`;

const CONFIG_OF_VLAN20 =
  '/etc/nova/nova.conf: vlan_interface = vlan20 is itself a VLAN on bond0: tenants sit inside another VLAN';
const TOO_LONG = 'needs 1504: full-size frames are 4 bytes too long with 2 tags';
const perfdata = (vlans: number, stacked: number, headroom?: number): string =>
  ` | vlans=${vlans};;;0 stacked=${stacked};;;0${headroom === undefined ? '' : ` headroom=${headroom}B`}`;

let folder: string;

beforeAll(async () => {
  folder = await installForScenes('check_vlan_mtu');
});

/** The recordings that are small enough are kept; 500 devices have too much to say. */
async function scenes(script: string, expected: Expected): Promise<string> {
  return playScenes({
    plugin,
    folder,
    script: FUNCTIONS + script,
    expected,
    settles: true,
    mostBytes: 60_000,
  });
}

lab(UML, 'VLANs of a real kernel', () => {
  it('as in the incident are red, for any user, and green after either of the printed repairs', async () => {
    const stdout = await scenes(INCIDENT, {
      configured: [1, `WARNING - ${CONFIG_OF_VLAN20}. 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      incident: [1, `WARNING - ${CONFIG_OF_VLAN20}, and 1 more: vlan100 (1500) on vlan20 (1500) on bond0 (1500) needs 1504. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(2, 1, -4)}`],
      'incident-as-nobody': [1, `WARNING - vlan100 (1500) on vlan20 (1500) on bond0 (1500) ${TOO_LONG}. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(2, 1, -4)}`],
      repaired: [0, `OK - 2 VLAN devices, none stacked, smallest headroom 0 bytes${perfdata(2, 0, 0)}`],
      raised: [0, `OK - 2 VLAN devices, 1 stacked, smallest headroom 0 bytes${perfdata(2, 1, 0)}`],
    }); // prettier-ignore
    // As the incident's own output showed it, and as it should be.
    expect(stdout).toMatch(/vlan100@vlan20: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 .* master br100/);
    expect(stdout).toMatch(/vlan100@bond0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 .* master br100/);
    expect(stdout).toMatch(/^1504$/m);
  }, 400_000);

  it('are followed through bonds, bridges and more tags', async () => {
    await scenes(CHAINS, {
      jumbo: [0, `OK - 2 VLAN devices, 1 stacked, smallest headroom 1000 bytes${perfdata(2, 1, 1000)}`],
      plain: [0, `OK - 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      'three-tags': [1, `WARNING - vlan7 (1500) on vlan100 (1500) on vlan20 (1500) on bond0 (1500) needs 1508: full-size frames are 8 bytes too long with 3 tags, and 1 more. 3 VLAN devices, 2 stacked, smallest headroom -8 bytes${perfdata(3, 2, -8)}`],
      'three-tags-repaired': [1, `WARNING - vlan100 (1500) on vlan20 (1500) on bond0 (1500) ${TOO_LONG}. 3 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(3, 1, -4)}`],
      provider: [1, `WARNING - vlan100 (1500) on vlan20 (1500) on bond0 (1500) ${TOO_LONG}. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(2, 1, -4)}`],
      'provider-repaired': [0, `OK - 2 VLAN devices, 1 stacked, smallest headroom 0 bytes${perfdata(2, 1, 0)}`],
      bridge: [1, `WARNING - vlan5 (1500) on br20 (1500) on vlan20 (1500) on tap0 (1500) ${TOO_LONG}. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(2, 1, -4)}`],
      'bridge-as-nobody': [1, `WARNING - vlan5 (1500) on br20 (1500) on vlan20 (1500) on tap0 (1500) ${TOO_LONG}. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(2, 1, -4)}`],
      slave: [1, `WARNING - vlan20 (9000) on bond0 (9000) on tap1 (1500): tap1 passes 1500 only, larger frames are lost there. 1 VLAN device, none stacked, smallest headroom -7500 bytes${perfdata(1, 0, -7500)}`],
      'slave-repaired': [0, `OK - 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      'no-carrier': [1, `WARNING - vlan20 on tap0: tap0 has no carrier, nothing gets through. 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      // The kernel switches a VLAN off together with what it stands on.
      down: [0, `OK - no VLAN devices to look at: of 1, 1 down and 0 left out${perfdata(0, 0)}`],
      'down-included': [1, `WARNING - vlan20 on tap0: tap0 is down, nothing gets through. 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
    }); // prettier-ignore
  }, 400_000);

  it('are followed over a veth pair into another bridge', async () => {
    const joined = [1, `WARNING - v100 (1500) on br1 (1500) on ve1 (1500) on ve2 (1500) on br2 (1500) on v20 (1500) on tap0 (1500) ${TOO_LONG}. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(2, 1, -4)}`] as const; // prettier-ignore
    const stdout = await scenes(JOINED, {
      joined,
      'joined-as-nobody': joined,
      'joined-repaired': [0, `OK - 2 VLAN devices, none stacked, smallest headroom 0 bytes${perfdata(2, 0, 0)}`],
      // A tap is the port of a guest, and the veth one of a container: nothing leaves the host.
      container: [0, `OK - 1 VLAN device, none stacked${perfdata(1, 0)}`],
    }); // prettier-ignore
    expect(stdout).toContain('sent through v20: 1\n');
  }, 400_000);

  it('are repaired in steps that delete nothing on the side, and are what neutron reads last', async () => {
    const ladder = 'v3 (1500) on v2 (1500) on v1 (1500) on tap0 (1500) needs 1508';
    await scenes(STEPS, {
      ladder: [1, `WARNING - v2 (1500) on v1 (1500) on tap0 (1500) ${TOO_LONG}, and 1 more: ${ladder}. 3 VLAN devices, 2 stacked, smallest headroom -8 bytes${perfdata(3, 2, -8)}`],
      allowed: [0, `OK - 3 VLAN devices, 2 stacked, smallest headroom -8 bytes. Not alarmed: v2 (1500) on v1 (1500) on tap0 (1500) ${TOO_LONG}, and 1 more${perfdata(3, 2, -8)};-8:`],
      absent: [2, `CRITICAL - v4: expected and not there: no VLAN device has that name${perfdata(0, 0)}`],
      'ladder-later': [1, `WARNING - v2 (1500) on v1 (1500) on tap0 (1500) ${TOO_LONG}. 3 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(3, 1, -4)}`],
      'ladder-repaired': [0, `OK - 3 VLAN devices, none stacked, smallest headroom 0 bytes${perfdata(3, 0, 0)}`],
      twice: [1, `WARNING - in10 (1500) on v10 (1500) on tap0 (1500) ${TOO_LONG}, and 1 more: in20 (1500) on v20 (1500) on tap0 (1500) needs 1504. 4 VLAN devices, 2 stacked, smallest headroom -4 bytes${perfdata(4, 2, -4)}`],
      'twice-later': [1, `WARNING - in20 (1500) on v20 (1500) on tap0 (1500) ${TOO_LONG}. 4 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(4, 1, -4)}`],
      overridden: [0, `OK - 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      folder: [1, `WARNING - /etc/neutron/conf.d/common/a.conf: physical_interface_mappings = physnet1:v20 is itself a VLAN on tap0: tenants sit inside another VLAN. 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
    }); // prettier-ignore
  }, 400_000);

  it('are counted when there are 500', async () => {
    const many = [1, `WARNING - t1 (1500) on vlan20 (1500) on bond0 (1500) ${TOO_LONG}, and those of 499 more on vlan20. 501 VLAN devices, 500 stacked, smallest headroom -4 bytes${perfdata(501, 500, -4)}`] as const; // prettier-ignore
    await scenes(MANY, {
      many,
      'many-as-nobody': many,
      'many-raised': [0, `OK - 501 VLAN devices, 500 stacked, smallest headroom 0 bytes${perfdata(501, 500, 0)}`],
    }); // prettier-ignore
  }, 400_000);

  it('are found in other network namespaces, and on both sides of a border', async () => {
    const inside = [3, `UNKNOWN - far30: stands on tap0 of another network namespace, how many tags are below is not known. 2 VLAN devices, none stacked${perfdata(2, 0)}`] as const; // prettier-ignore
    const blue = [1, `WARNING - v2 (1500) in blue on v1 (1500) on tap1 (1500) ${TOO_LONG}. 3 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(3, 1, -4)}`] as const; // prettier-ignore
    await scenes(NAMESPACES, {
      own: [0, `OK - 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      all: blue,
      named: blue,
      'all-as-nobody': [3, `UNKNOWN - ip -n blue -d -j link: permission denied (setting the network namespace "blue" failed: Operation not permitted). 1 VLAN device, none stacked, smallest headroom 0 bytes${perfdata(1, 0, 0)}`],
      'outside-in': [1, `WARNING - far31 (1500) in blue on far30 (1500) on tap0 (1500) of the host ${TOO_LONG}. 3 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(3, 1, -4)}`],
      inside,
      // Here /sys still shows the host's devices.
      entered: inside,
      'inside-out': [1, `WARNING - near41 (1500) on near40 (1500) on tap1 (1500) in blue ${TOO_LONG}. 3 VLAN devices, 1 stacked, smallest headroom -4 bytes${perfdata(3, 1, -4)}`],
      'inside-out-own': [3, `UNKNOWN - near40: stands on tap1 of another network namespace, how many tags are below is not known. 3 VLAN devices, none stacked, smallest headroom 0 bytes${perfdata(3, 0, 0)}`],
    }); // prettier-ignore
  }, 400_000);
});

lab(ICINGA, 'Icinga 2', () => {
  it('runs the check from the generated command: red with a VLAN on a VLAN, green when it is attached to the bond', async () => {
    const generated = readFileSync(join(top, 'icinga-conf/icinga2/vlan_mtu.conf'), 'utf8');
    const host = join(scratch(), 'host');
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "vlans" {
  host_name = "h"
  check_command = "vlan_mtu"
  vars.vlan_mtu_root = "${host}"
  vars.vlan_mtu_critical = "-100:"
  vars.vlan_mtu_ignore = [ "lab-*" ]
}`,
    });
    plant(join(RECORDINGS, 'incident.txt'), host);
    const red = await icinga.check('h!vlans');
    expect(red.command).toEqual([
      join(folder, 'bin/check_vlan_mtu'),
      ...['--critical', '-100:', '--ignore', 'lab-*', '--root', host],
    ]);
    expect(red).toMatchObject({ state: 1, exit_status: 1 });
    expect(red.output).toContain('vlan100 (1500) on vlan20 (1500) on bond0 (1500) needs 1504');
    expect(red.performance_data).toEqual(['vlans=2;;;0', 'stacked=1;;;0', 'headroom=-4B;;-100:']);

    plant(join(RECORDINGS, 'repaired.txt'), host);
    const green = await icinga.check('h!vlans');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
    expect(green.performance_data).toEqual(['vlans=2;;;0', 'stacked=0;;;0', 'headroom=0B;;-100:']);
    await icinga.stop();
  }, 120_000);
});
