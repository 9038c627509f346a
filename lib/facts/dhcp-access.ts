/** What is read, and run, to look at DHCP: the declaration of check_dhcp_liveness. */
import type { Access } from '../plugin.ts';

/** Of this path or below the root of its process: `ip netns exec`, and containers, give it mounts of its own. */
const OF_DNSMASQ = [
  '/etc/dnsmasq.conf',
  '/etc/dnsmasq.d/*',
  '/run/*.pid',
  '/run/dnsmasq/*.pid',
  '/run/libvirt/network/*.pid',
  '/var/lib/dnsmasq/dnsmasq.leases',
  '/var/lib/libvirt/dnsmasq/*',
  '/var/lib/misc/dnsmasq.leases',
  '/var/lib/neutron/dhcp/*/*',
  '/var/lib/nova/networks/*.pid',
  '/var/log/dnsmasq*',
];

export const DHCP_ACCESS: Access = {
  unprivileged:
    'clients, leases of dhclient, addresses, processes of all users and their sockets where the host shows them',
  root: 'leases of dhcpcd and NetworkManager, which sockets and which network namespace a process has, networks of libvirt, logs',
  elsewhere: '--log /srv/log/dnsmasq.log',
  reads: [
    ...OF_DNSMASQ,
    '/etc/sysconfig/network-scripts/ifcfg-*',
    '/proc/*/cgroup',
    '/proc/*/cmdline',
    '/proc/*/comm',
    '/proc/*/net/udp',
    '/proc/*/net/udp6',
    ...OF_DNSMASQ.map((path) => `/proc/*/root${path}`),
    '/proc/*/stat',
    '/proc/*/status',
    '/proc/net/fib_trie',
    '/proc/net/udp',
    '/run/NetworkManager/*.pid',
    '/run/NetworkManager/devices/*',
    '/run/dhcpcd/*.pid',
    '/run/libvirt/network/*.xml',
    '/etc/libvirt/qemu/networks/autostart/*.xml',
    '/run/systemd/netif/leases/*',
    '/var/db/dhcpcd/*.lease',
    '/var/lib/NetworkManager/*.lease',
    '/var/lib/dhclient/*',
    '/var/lib/dhcp/*',
    '/var/lib/dhcp3/*',
    '/var/lib/dhcpcd/*.lease',
    '/var/lib/dhcpcd5/*.lease',
  ],
  // Keys of wireless networks, and whatever programs log.
  secrets: [
    '/etc/network/interfaces',
    '/etc/network/interfaces.d/*',
    '/var/log/syslog',
    '/var/log/messages',
    '/var/log/daemon.log',
  ],
  runs: ['ip -j addr', 'journalctl -q --no-pager -o short-unix -t dnsmasq-dhcp -n 5000 --since=-1h'],
};
