/** Who else brings DHCP to a host: systemd-networkd and NetworkManager as clients, libvirt, neutron and nova-network as servers. */
import type { DhcpHost } from './dhcp.ts';
import { until, type Need } from './lab.ts';

export const MANAGERS: readonly Need[] = [
  '/usr/lib/systemd/systemd-networkd',
  'dbus-daemon',
  'NetworkManager',
  'libvirtd',
  'virsh',
];

async function untilAddress(host: DhcpHost, log: string): Promise<void> {
  await until(async () => (await host.sh('ip -4 addr show dev v1')).includes('10.98.0.'), {
    seconds: 30,
    what: () => `an address: ${host.output(log)}`,
    everyMs: 100,
  });
}

export async function startNetworkd(host: DhcpHost): Promise<void> {
  const network = '[Match]\\nName=v1\\n[Network]\\nDHCP=ipv4\\nLinkLocalAddressing=no\\n';
  await host.sh(`mkdir -p /run/systemd/network && printf '${network}' >/run/systemd/network/10-v1.network`);
  await host.start('networkd.log', '/usr/lib/systemd/systemd-networkd');
  await untilAddress(host, 'networkd.log');
}

/** @param client its own, or the dhclient that it starts */
export async function startNetworkManager(host: DhcpHost, client: 'internal' | 'dhclient'): Promise<void> {
  const files = {
    'nm.conf': `[main]\\nplugins=keyfile\\ndhcp=${client}\\nauth-polkit=false\\ndns=none\\n`,
    'NetworkManager/system-connections/v1.nmconnection':
      '[connection]\\nid=v1\\nuuid=11111111-2222-3333-4444-555555555555\\ntype=ethernet\\ninterface-name=v1\\n' +
      '[ipv4]\\nmethod=auto\\n[ipv6]\\nmethod=disabled\\n',
  };
  await host.sh(
    'mkdir -p /run/dbus /run/NetworkManager/system-connections && dbus-daemon --system --fork --nopidfile',
  );
  for (const [file, text] of Object.entries(files))
    await host.sh(`umask 077; printf '${text}' >/run/${file}`);
  const own =
    '--config=/run/nm.conf --config-dir=/run/none --system-config-dir=/run/none --intern-config=/run/intern.conf';
  await host.start('nm.log', `NetworkManager --no-daemon ${own}`);
  await untilAddress(host, 'nm.log');
}

const NETWORK = `<network><name>default</name><forward mode="open"/><bridge name="virbr0" stp="off"/>
<ip address="192.168.122.1" netmask="255.255.255.0"><dhcp><range start="192.168.122.2" end="192.168.122.254"/></dhcp></ip></network>`;

/** A libvirtd of this host alone, with the network `default`; what runs a virsh command there. */
export async function startLibvirtNetwork(host: DhcpHost): Promise<(command: string) => Promise<string>> {
  const virsh = (command: string): Promise<string> => host.sh(`virsh -q -c network:///system ${command}`);
  await host.sh('mount -t tmpfs none /etc/libvirt/qemu && mount -t tmpfs none /var/cache/libvirt');
  await host.sh(`printf 'auth_unix_ro = "none"\\nauth_unix_rw = "none"\\n' >/run/libvirtd.conf`);
  await host.sh(`printf '%s' '${NETWORK}' >/run/network.xml`);
  await host.start('libvirtd.log', 'libvirtd --config /run/libvirtd.conf');
  await until(
    () =>
      virsh('net-list').then(
        () => true,
        () => false,
      ),
    {
      seconds: 30,
      what: () => `libvirtd: ${host.output('libvirtd.log')}`,
      everyMs: 200,
    },
  );
  await virsh('net-define /run/network.xml');
  await virsh('net-autostart default');
  await virsh('net-start default');
  return virsh;
}

const UUID = '7d9a2f0e-3c41-4b5e-9d7c-1f2a3b4c5d6e';

/**
 * dnsmasq as neutron's agent starts it (Dnsmasq in neutron/agent/linux/dhcp.py), in a namespace of its own: the agent itself needs a
 * controller and a message broker, and only its command line and its files are seen by others.
 */
export async function startNeutronNetwork(host: DhcpHost): Promise<string> {
  const folder = `/var/lib/neutron/dhcp/${UUID}`;
  await host.sh(
    `mkdir -p ${folder} && ip netns add qdhcp-${UUID} && touch ${folder}/host ${folder}/addn_hosts ${folder}/opts`,
  );
  await host.sh(`ip link add tap1 type veth peer name ns-1 netns qdhcp-${UUID} && ip link set tap1 up`);
  await host.sh(`ip -n qdhcp-${UUID} addr add 10.0.0.2/24 dev ns-1 && ip -n qdhcp-${UUID} link set ns-1 up`);
  await host.sh(`echo 0 fa:16:3e:aa:bb:cc 10.0.0.5 host-10-0-0-5 '*' >${folder}/leases`);
  const files = `--pid-file=${folder}/pid --dhcp-hostsfile=${folder}/host --addn-hosts=${folder}/addn_hosts --dhcp-optsfile=${folder}/opts --dhcp-leasefile=${folder}/leases`;
  const range = `--dhcp-range=set:subnet-${UUID},10.0.0.0,static,255.255.255.0,86400s --dhcp-lease-max=256`;
  await host.sh(
    `ip netns exec qdhcp-${UUID} dnsmasq --no-hosts --no-resolv ${files} --dhcp-match=set:ipxe,175 --bind-interfaces --interface=ns-1 ${range} --conf-file=/dev/null --domain=openstacklocal`,
  );
  return UUID;
}

/** dnsmasq as nova-network started it (restart_dhcp in nova/network/linux_net.py), its bridge and its files. */
export async function startNovaNetwork(host: DhcpHost): Promise<void> {
  const folder = '/var/lib/nova/networks';
  await host.sh(`mkdir -p ${folder} && touch ${folder}/nova-br100.conf ${folder}/nova-br100.opts`);
  await host.sh('ip link add br100 type bridge && ip addr add 10.0.0.1/24 dev br100 && ip link set br100 up');
  const files = `--pid-file=${folder}/nova-br100.pid --dhcp-optsfile=${folder}/nova-br100.opts --dhcp-hostsfile=${folder}/nova-br100.conf`;
  const range = '--dhcp-range=set:novanetwork,10.0.0.2,static,255.255.255.0,120s --dhcp-lease-max=256';
  await host.sh(
    `dnsmasq --strict-order --bind-interfaces --conf-file= ${files} --listen-address=10.0.0.1 --except-interface=lo ${range} --dhcp-script=/bin/true --no-hosts --leasefile-ro`,
  );
}

/** A guest of a bridge, as a network namespace whose dhclient has a lease. */
export async function startGuest(host: DhcpHost, bridge: string): Promise<void> {
  const guest = 'ip netns exec guest';
  await host.sh(`ip netns add guest && ip link add tap0 type veth peer name e0 netns guest`);
  await host.sh(`ip link set tap0 master ${bridge} up && ip -n guest link set e0 up`);
  const files = '-sf /bin/true -pf /run/guest.pid -lf /run/guest.leases';
  await host.start('guest.log', `${guest} dhclient -d -v ${files} e0`);
  await until(() => host.output('guest.log').includes('bound to'), {
    seconds: 30,
    what: () => `a guest's lease: ${host.output('guest.log')}`,
  });
}
