/** DHCP clients and servers that are gone or stopped, and leases that nobody renews. */
import { DHCP_ACCESS } from '../lib/facts/dhcp-access.ts';
import { gatherDhcp } from '../lib/facts/dhcp-gather.ts';
import { flag, names, range, rangeIn } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { judgeDhcp } from '../lib/rules/dhcp.ts';

export default definePlugin({
  name: 'check_dhcp_liveness',
  summary: 'finds DHCP clients and servers that are gone or stopped, and leases that nobody renews',
  description: [
    'A DHCP client that has died is not noticed: the address stays on the interface until its lease ends, and then the machine ' +
      'drops off the network, hours or days after the cause. A server that hangs is noticed by its clients, one after the other. ' +
      'A process of that name in the process list is no proof: it may be stopped, wait for answers that never come, or belong ' +
      'to a container.',
    "The check looks at this host's own clients (dhclient, dhcpcd, udhcpc, NetworkManager, systemd-networkd), at their leases and " +
      'at the addresses that are really there; and at each dnsmasq that serves DHCP, in every network namespace, at the networks ' +
      'of libvirt, neutron and nova-network that should have one, and at its log: a client that asks again and again and is ' +
      'answered each time does not hear the answers. Which of these there are is found out.',
  ],
  options: {
    client: flag('look at clients only, and there must be one'),
    server: flag('look at servers only, and there must be one'),
    'require-client': names('this interface must have a client', 'IFACE'),
    'require-server': names('this network, or interface, must have a server'),
    ignore: names('leave out this interface, or network, name or glob'),
    overdue: rangeIn(
      's',
      'how late a renewal may be, counted from T1 (half of the lease); by default until T2 (seven eighths of it), or 15 minutes ' +
        'if that is sooner',
    ),
    pool: range('how many percent of the addresses of a server may be leased'),
    log: {
      type: 'value',
      placeholder: 'FILE',
      help: 'the log of the servers, where it is not found by itself; the word none: look at no log',
      parse: (text) => text,
    },
  },
  kinds: {
    'no-client': {
      state: 'critical',
      meaning: 'an interface is on DHCP and no client runs that would renew its lease',
    },
    'client-stopped': { state: 'critical', meaning: 'a client is there and stopped (state T)' },
    expired: { state: 'critical', meaning: 'a lease has expired and the client has not renewed it' },
    address: {
      state: 'critical',
      meaning:
        'a client runs, and the leased address is not on its interface; or it has had no lease for a minute, with a carrier',
    },
    late: {
      state: 'warning',
      meaning: 'a lease was not renewed in time (T2, or T1 and 15 minutes, or what --overdue says)',
    },
    clock: { state: 'warning', meaning: 'a lease begins in the future: the clock was set back' },
    'no-server': {
      state: 'critical',
      meaning:
        "a network (of libvirt, neutron, nova-network, or dnsmasq's own service) should have a DHCP server and none runs",
    },
    'server-stopped': { state: 'critical', meaning: 'a server is there and stopped (state T)' },
    'not-listening': {
      state: 'critical',
      meaning: 'a server does not listen on the DHCP port in its network namespace',
    },
    'stale-leases': {
      state: 'critical',
      meaning:
        'a server lists leases 10 minutes after they expired: dnsmasq removes them at once, so it does not work',
    },
    deaf: { state: 'warning', meaning: 'a client asks again and again while the server answers each time' },
    'pid-file': { state: 'warning', meaning: 'the pid file of a server names another process' },
    deleted: { state: 'warning', meaning: 'a server runs from an executable that was replaced or removed' },
    'pool-use': {
      state: 'warning',
      meaning: 'the percentage of addresses that are leased leaves the range of --pool',
    },
    required: {
      state: 'critical',
      meaning: 'what --require-client, --require-server, --client or --server ask for is not there',
    },
  },
  metrics: {
    clients: { unit: '', meaning: 'interfaces with a running DHCP client', min: 0 },
    servers: { unit: '', meaning: 'DHCP servers', min: 0 },
    leases: { unit: '', meaning: 'leases that servers have given and that have not expired', min: 0 },
    lease_remaining: { unit: 's', meaning: 'what is left of the lease that ends first', min: 0 },
    lease_left: {
      unit: '%',
      of: 'interface',
      meaning: 'what is left of a lease of this host',
      min: 0,
      max: 100,
    },
    pool: { unit: '%', of: 'server', meaning: 'addresses of a server that are leased', min: 0, max: 100 },
    deaf: { unit: '', meaning: 'clients that hear no answers', min: 0 },
  },
  main: 'lease_left',
  looksFor: 'DHCP clients or servers',
  interval: '1m',
  access: DHCP_ACCESS,
  examples: [
    { args: '', does: 'the clients and servers that are there' },
    { args: '--client --require-client eth0', does: 'clients only, and eth0 must have one' },
    {
      args: '-w 25: -c 10:',
      does: 'WARNING with less than a quarter of a lease left, CRITICAL below a tenth',
    },
    { args: '--overdue 5m', does: 'WARNING when a renewal is more than 5 minutes late' },
    {
      args: '--server --pool 90 --log /var/log/dnsmasq.log',
      does: 'servers only, with their pools and this log',
    },
    { args: '--none critical', does: 'there must be something of DHCP' },
  ],

  gather(host, { client, server, log }) {
    const both = client === server;
    return gatherDhcp(host, { clients: both || client, servers: both || server, log });
  },

  judge(facts, options) {
    return judgeDhcp(facts, {
      ...options,
      requiredClients: options['require-client'],
      requiredServers: options['require-server'],
    });
  },
});
