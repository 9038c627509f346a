/** check_dhcp_liveness, built, on real clients and servers that talk to each other; and what Icinga 2 makes of it. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, beforeEach, expect, it } from 'vitest';

import { gatherDhcp } from '../../lib/facts/dhcp-gather.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { clock, identity } from '../../lib/host/local.ts';
import { RecordingHost } from '../../lib/host/replay.ts';
import { askShellChild } from '../../lib/host/sh-child.ts';
import module from '../../plugins/check_dhcp_liveness.ts';
import { bundleAll } from '../../tools/bundle.mjs';
import { replay } from '../plugin-test.ts';
import { keep } from '../recordings.ts';
import { DHCP, startDhcpHost, type DhcpHost } from './dhcp.ts';
import {
  MANAGERS,
  startGuest,
  startLibvirtNetwork,
  startNeutronNetwork,
  startNovaNetwork,
  startNetworkd,
  startNetworkManager,
} from './dhcp-managers.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { findProgram, lab, scratch, until } from './lab.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

let plugin: string;
let host: DhcpHost;

beforeAll(async () => {
  const folder = scratch();
  await bundleAll('check_dhcp_liveness', folder);
  plugin = join(folder, 'bin/check_dhcp_liveness');
});

async function check(...args: string[]) {
  const { code, signal, stdout, stderr } = await host.run([plugin, ...args]);
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  const [first = ''] = stdout.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  if (process.env['SHOW'] === '1') console.log(`${code} ${stdout}`);
  return { code, line, perfdata, text: stdout };
}

/** The same, recorded: what the recording says when it is replayed is what was said live. With RECORD=1 it is kept. */
async function scene(name: string) {
  const file = join(host.folder, `${name}.txt`);
  const answer = await check('--record', file);
  const recording = readFileSync(file, 'utf8');
  const replayed = await replay(module, recording);
  expect({ name, text: `${replayed.code} ${replayed.text}` }).toEqual({
    name,
    text: `${answer.code} ${answer.text}`,
  });
  if (process.env['RECORD'] === '1') {
    // Control groups of the machine that it was recorded on are nobody's affair.
    const text = recording.replace(/^( {2}\|[0-9]{1,2}:[^:]*:)\/.*$/gm, '$1/');
    const outcome = `${answer.code} ${answer.text.split('\n')[0] ?? ''}`;
    keep(module.name, name, text, { options: [], outcome });
  }
  return answer;
}

/** The first answer with that state. */
function untilState(code: number, ...args: string[]) {
  return until(
    async () => {
      const answer = await check(...args);
      return answer.code === code ? answer : null;
    },
    { seconds: 40, what: `state ${code}`, everyMs: 300 },
  );
}

async function dropAnswers(): Promise<void> {
  await host.sh('ip netns exec srv nft add table netdev f');
  await host.sh(
    "ip netns exec srv nft add chain netdev f e '{ type filter hook egress device v0 priority 0; }'",
  );
  await host.sh('ip netns exec srv nft add rule netdev f e udp sport 67 drop');
}

async function heal(): Promise<void> {
  await host.sh('ip netns exec srv nft flush ruleset');
}

lab(DHCP, 'real clients and servers', () => {
  beforeEach(async () => {
    host = await startDhcpHost();
  });

  it('a host without any is OK, and not where there must be something', async () => {
    expect(await check()).toMatchObject({ code: 0 });
    expect(await check('--none', 'critical')).toMatchObject({ code: 2 });
    expect(await check('--client')).toMatchObject({ code: 2 });
    expect((await check('--require-server', 'br100')).line).toContain('br100: no DHCP server');
  });

  it('dhclient that renews every 3 seconds is OK, and does not look like one that hears no answers', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await until(() => host.output('dnsmasq.log').split('DHCPACK').length > 5, { seconds: 40, what: 'five renewals' });
    const { code, line, perfdata } = await scene('healthy');
    expect({ code, line }).toMatchObject({ code: 0 });
    expect(line).toContain('DHCP_LIVENESS OK - 1 client, ');
    expect(perfdata).toMatch(/^clients=1;;;0 servers=1;;;0 leases=1;;;0 lease_remaining=1[0-9]{2}s;;;0 v1_lease_left=[0-9]{2,3}%/);
    expect(perfdata).toContain('deaf=0');
  });

  it('dhclient that was killed while its lease is valid is CRITICAL, with the repair, which repairs it', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -9 dhclient');
    const { code, line, text } = await scene('killed');
    expect(code).toBe(2);
    expect(line).toMatch(/v1: no DHCP client is running, nobody renews its lease of 10\.98\.0\.\d+, which ends in 1\d\d s/);
    const repair = 'dhclient -4 -pf /run/dhclient.v1.pid -lf /var/lib/dhcp/dhclient.v1.leases v1';
    expect(text).toContain(`  ${repair}\n`);
    await host.sh(`${repair} >/dev/null 2>&1`);
    expect(await check()).toMatchObject({ code: 0 });
  });

  it('dhclient in another network namespace does not stand in for the one that was killed', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -9 dhclient');
    await host.sh('ip netns add other && ip -n other link add v1 type veth peer name v2 && ip -n other link set v1 up');
    await host.start('other.log', `ip netns exec other dhclient -d -lf /run/other.leases -pf /run/other.pid v1`);
    await until(() => host.output('other.log').includes('DHCPDISCOVER'), { seconds: 10, what: 'another dhclient' });
    expect((await check()).line).toContain('v1: no DHCP client is running');
  });

  it('a lease that was given back needs no client', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('dhclient -r -pf /run/dhclient.v1.pid -lf /var/lib/dhcp/dhclient.v1.leases v1');
    expect(await check()).toMatchObject({ code: 0 });
  });

  it('a host where only a shell is says the same', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -9 dhclient');
    const recorder = new RecordingHost({
      async ask(want) {
        const shell = [host.enter[0] ?? '', ...host.enter.slice(1), '/bin/sh'] as const;
        const answers = await askShellChild(want, 'the shell', new Deadline(30), shell);
        if (!answers.ok) throw new Error(answers.detail);
        return { ...answers.value, now: clock(), who: identity() } as never;
      },
    });
    await gatherDhcp(recorder, { clients: true, servers: true, log: undefined });
    const { code, text } = await replay(module, recorder.text(''));
    const { text: live } = await check();
    const timeless = (all: string): string => all.replace(/[0-9]+(?= s\b|s;|%)/g, 'N');
    expect({ code, text: timeless(text) }).toEqual({ code: 2, text: timeless(live) });
  });

  it('dhclient that was stopped is CRITICAL', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -STOP dhclient');
    const { code, line } = await scene('stopped');
    expect(code).toBe(2);
    expect(line).toMatch(/v1: dhclient \(pid \d+\) is stopped and renews nothing/);
  });

  it('an address that somebody has removed is CRITICAL', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -STOP dnsmasq; sleep 0.5; ip addr flush dev v1');
    const { code, text } = await check('--client');
    expect(code).toBe(2);
    expect(text).toContain('is not there, the interface has none');
  });

  it('a server that was stopped is CRITICAL, one that is gone with a pid file too where it is required', async () => {
    await host.dnsmasq();
    await host.sh('pkill -STOP dnsmasq');
    const stopped = await scene('server-stopped');
    expect(stopped.code).toBe(2);
    expect(stopped.line).toMatch(/v0: dnsmasq \(pid \d+\) is stopped and answers nobody/);
    await host.sh('pkill -CONT dnsmasq');
    expect(await check()).toMatchObject({ code: 0 });
    await host.sh('pkill -9 dnsmasq');
    expect(await check('--require-server', 'v0')).toMatchObject({ code: 2 });
  });

  it('a server that is gone makes renewals overdue', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -9 dnsmasq');
    const { line } = await untilState(1, '--overdue', '5');
    expect(line).toMatch(/v1: the lease of 10\.98\.0\.\d+ should have been renewed \d+ s ago, outside 0:5 s, it ends in 1\d\d s/);
    expect(await check()).toMatchObject({ code: 0 });
  });

  it('answers that are dropped on the wire are found in the log of the server, and heal', async () => {
    await host.dnsmasq();
    await host.dhclient();
    await dropAnswers();
    await untilState(1);
    const { line, text } = await scene('deaf');
    expect(line).toMatch(
      /client [0-9a-f:]{17} on v0: hears no answers: \d requests in \d+ s, each answered \(it would renew every 3 s\)/,
    );
    expect(text).toMatch(/ {2}tcpdump -eni v0 ether host [0-9a-f:]{17} and udp port 68\n/);
    await heal();
    await untilState(0);
  });

  it('answers that are dropped are found with leases of an hour as well', async () => {
    await host.dnsmasq('--dhcp-range=10.98.0.10,10.98.0.50,1h');
    // As half an hour later: the client alone thinks that it is time to renew.
    await host.dhclient('initial-delay 0;\ninitial-interval 3;\nbackoff-cutoff 4;\nsupersede dhcp-renewal-time 4;\n');
    await dropAnswers();
    await untilState(1);
    const { line } = await scene('deaf-hour');
    expect(line).toMatch(/client [0-9a-f:]{17} on v0: hears no answers: \d requests in \d+ s, each answered \(it would renew every 30 min\)/);
  });

  it('a lease that has expired is CRITICAL though its client runs', async () => {
    // The shortest lease that dnsmasq gives is two minutes; a clock that stands still for the client makes it end at once.
    await host.dnsmasq();
    await host.dhclient();
    await host.sh('pkill -STOP dnsmasq; pkill -STOP dhclient');
    const file = '/var/lib/dhcp/dhclient.v1.leases';
    const past = (await host.sh("date -u -d '-10 seconds' '+%w %Y/%m/%d %H:%M:%S'")).trim();
    await host.sh(`sed -i 's#expire .*;#expire ${past};#' ${file}`);
    const { code, text } = await check();
    expect(code).toBe(2);
    expect(text).toMatch(/v1: the lease of 10\.98\.0\.\d+ expired \d+ s ago, the address is still in use, dhclient/);
  });

  it('dhcpcd is found with its lease, and missed', async () => {
    await host.dnsmasq();
    await host.start('dhcpcd.log', 'dhcpcd -B -4 -d --noarp -C resolv.conf v1');
    await until(async () => (await host.sh('ip -4 addr show dev v1')).includes('10.98.0.'), { seconds: 20, what: 'an address' });
    const healthy = await check('-v');
    expect({ code: healthy.code, text: healthy.text }).toMatchObject({ code: 0 });
    expect(healthy.text).toMatch(/v1: dhcpcd \(pid \d+\), 10\.98\.0\.\d+, 1\d\d s left/);
    await scene('dhcpcd');
    await host.sh('pkill -9 dhcpcd');
    const { code, text } = await scene('dhcpcd-killed');
    expect(code).toBe(2);
    expect(text).toContain('  dhcpcd v1\n');
  });

  it('udhcpc is found though it keeps no lease, and missed', async () => {
    await host.dnsmasq();
    const script = join(host.folder, 'udhcpc.sh');
    writeFileSync(script, '#!/bin/sh\n[ -n "$ip" ] && ip addr replace $ip/24 dev $interface\nexit 0\n', { mode: 0o755 });
    await host.start('udhcpc.log', `udhcpc -f -i v1 -s ${script} -T 1 -p /run/udhcpc.v1.pid`);
    await until(async () => (await host.sh('ip -4 addr show dev v1')).includes('10.98.0.'), { seconds: 20, what: 'an address' });
    const healthy = await check('-v');
    expect({ code: healthy.code, text: healthy.text }).toMatchObject({ code: 0 });
    expect(healthy.text).toMatch(/v1: udhcpc \(pid \d+\), 10\.98\.0\.\d+/);
    await host.sh('pkill -9 udhcpc');
    const { code, text } = await scene('udhcpc-killed');
    expect(code).toBe(2);
    expect(text).toContain('  udhcpc -b -p /run/udhcpc.v1.pid -i v1\n');
  });
}); // prettier-ignore

/** So many answers of dnsmasq on the other side. */
function untilAnswers(count: number): Promise<true> {
  return until(() => host.output('dnsmasq.log').split('DHCPACK').length > count || null, {
    seconds: 40,
    what: `${count} answers`,
  });
}

lab([...DHCP, ...MANAGERS], 'real managers of networks', () => {
  beforeEach(async () => {
    host = await startDhcpHost();
  });

  it('systemd-networkd is found with its lease, and missed', async () => {
    await host.dnsmasq();
    await startNetworkd(host);
    await untilAnswers(3);
    const healthy = await check('-v');
    expect(healthy.text).toMatch(/^v1: systemd-networkd \(pid \d+\), 10\.98\.0\.\d+, 1\d\d s left$/m);
    expect(healthy.perfdata).toMatch(/^clients=1;;;0 .* v1_lease_left=[0-9]{2,3}%/);
    expect((await scene('networkd')).code).toBe(0);
    await host.sh('pkill -9 systemd-network');
    const { code, line, text } = await scene('networkd-killed');
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toMatch(/v1: no DHCP client is running, nobody renews its lease of 10\.98\.0\.\d+, which ends in \d+ s/);
    expect(text).toContain('  systemctl restart systemd-networkd\n');
  });

  it('systemd-networkd that renews is not late, and is when it hears nothing', async () => {
    await host.dnsmasq();
    await startNetworkd(host);
    // The file is as old as the first answer, however often the lease is renewed.
    await untilAnswers(5);
    expect(await check('--overdue', '5')).toMatchObject({ code: 0 });
    await host.sh('pkill -9 dnsmasq');
    const { line } = await untilState(1, '--overdue', '5');
    expect(line).toMatch(/v1: the lease of 10\.98\.0\.\d+ should have been renewed \d+ s ago, outside 0:5 s, it ends in \d+ s/);
  });

  it.each(['internal', 'dhclient'] as const)('NetworkManager with its client %s is found with its lease, and missed', async (client) => {
    await host.dnsmasq();
    await startNetworkManager(host, client);
    await untilAnswers(3);
    const healthy = await check('-v');
    expect(healthy.text).toMatch(/^v1: (?:NetworkManager|dhclient) \(pid \d+\), 10\.98\.0\.\d+, 1\d\d s left$/m);
    expect((await scene(`nm-${client}`)).code).toBe(0);
    await host.sh('pkill -9 NetworkManager; pkill -9 dhclient; :');
    const { code, line, text } = await scene(`nm-${client}-killed`);
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toMatch(/v1: no DHCP client is running, nobody renews its lease of 10\.98\.0\.\d+, which ends in \d+ s/);
    expect(text).toContain('  systemctl restart NetworkManager\n');
  });

  it('NetworkManager whose lease files are older than its connection is OK', async () => {
    await host.dnsmasq();
    await startNetworkManager(host, 'internal');
    await host.sh('nmcli connection down v1');
    expect((await scene('nm-down')).code).toBe(0);
    await host.sh('nmcli connection modify v1 ipv4.method manual ipv4.addresses 10.98.0.99/24 && nmcli connection up v1');
    expect(await host.sh('cat /var/lib/NetworkManager/internal-*.lease')).toContain('ADDRESS=10.98.0.');
    expect((await scene('nm-static')).code).toBe(0);
  });

  it("libvirt's network is found with its leases, and missed", async () => {
    const virsh = await startLibvirtNetwork(host);
    await startGuest(host, 'virbr0');
    await until(async () => (await host.sh('cat /var/lib/libvirt/dnsmasq/virbr0.status')).includes('192.168.122.'), { seconds: 20, what: 'a lease' });
    const healthy = await check('-v');
    expect({ code: healthy.code, text: healthy.text }).toMatchObject({ code: 0 });
    expect(healthy.text).toMatch(/^libvirt network default: dnsmasq \(pid \d+\), 1 lease, 0% of the pool$/m);
    expect((await scene('libvirt')).code).toBe(0);
    // Its parent has to notice first: until then it is a zombie.
    await host.sh('pkill -9 dnsmasq; while pgrep -x dnsmasq >/dev/null; do sleep 0.1; done');
    const { code, line, text } = await scene('libvirt-killed');
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain('libvirt network default: no dnsmasq is running, clients get and renew no leases');
    for (const command of ['net-destroy default', 'net-start default']) {
      expect(text).toContain(`  virsh ${command}\n`);
      await virsh(command);
    }
    expect(await check()).toMatchObject({ code: 0 });
  });

  it("neutron's network is found in its namespace, and missed", async () => {
    const uuid = await startNeutronNetwork(host);
    const healthy = await check('-v', '--require-server', uuid);
    expect({ code: healthy.code, text: healthy.text }).toMatchObject({ code: 0 });
    expect(healthy.text).toContain(`\nneutron network ${uuid}: dnsmasq (pid `);
    expect((await scene('neutron')).code).toBe(0);
    await host.sh('pkill -9 dnsmasq');
    const { code, line, text } = await scene('neutron-killed');
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain(`neutron network ${uuid}: no dnsmasq is running, clients get and renew no leases`);
    expect(text).toContain('  systemctl restart neutron-dhcp-agent\n');
  });

  it("nova-network's bridge is found with its server, and missed", async () => {
    await startNovaNetwork(host);
    const healthy = await check('-v', '--require-server', 'br100');
    expect({ code: healthy.code, text: healthy.text }).toMatchObject({ code: 0 });
    expect(healthy.text).toContain('\nnova network br100: dnsmasq (pid ');
    expect((await scene('nova')).code).toBe(0);
    await host.sh('pkill -9 dnsmasq');
    const { code, line } = await scene('nova-killed');
    expect({ code, line }).toMatchObject({ code: 2 });
    expect(line).toContain('nova network br100: no dnsmasq is running, clients get and renew no leases');
    await host.sh('ip link del br100');
    expect(await check()).toMatchObject({ code: 0 });
  });
}); // prettier-ignore

lab([...DHCP, ...ICINGA, 'chgrp'], 'a real Icinga 2', () => {
  it('is red when dhclient is killed, and green when it is back', async () => {
    host = await startDhcpHost();
    await host.dnsmasq();
    await host.dhclient();
    // Icinga runs checks as the user nagios, who may not enter namespaces: a key to this one, for its group only.
    const key = join(host.folder, 'nsenter');
    copyFileSync(findProgram('nsenter') ?? '', key);
    await host.sh(`chgrp nagios ${key} && chmod 4750 ${key}`);
    const [, ...enter] = host.enter.slice(0, -1);
    const command = [key, ...enter, '-S', '0', '-G', '0', '--', plugin];
    const generated = readFileSync(join(top, 'icinga-conf/icinga2/dhcp_liveness.conf'), 'utf8');
    const icinga = await startIcinga({
      pluginDir: join(plugin, '..'),
      config: `${generated}
object CheckCommand "dhcp_there" {
  import "dhcp_liveness"
  command = ${JSON.stringify(command)}
}
object Host "h" { check_command = "dummy" }
object Service "dhcp" {
  host_name = "h"
  check_command = "dhcp_there"
  vars.dhcp_liveness_require_client = [ "v1" ]
}`,
    });
    expect(await icinga.check('h!dhcp')).toMatchObject({ state: 0, exit_status: 0 });
    await host.sh('pkill -9 dhclient');
    const red = await icinga.check('h!dhcp');
    expect(red).toMatchObject({ state: 2, exit_status: 2 });
    expect(red.output).toContain(
      'DHCP_LIVENESS CRITICAL - v1: no DHCP client is running, nobody renews its lease',
    );
    expect(red.performance_data).toContain('clients=0;;;0');
    await host.dhclient();
    const green = await icinga.check('h!dhcp');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
    expect(green.performance_data).toContain('clients=1;;;0');
    await icinga.stop();
  }, 120_000);
});
