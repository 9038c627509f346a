/**
 * A host with DHCP on it: network, processes, mounts and /run of its own, a veth pair to a second network namespace, and in these
 * real clients and servers. All of it ends with its first process, whatever the test did: the kernel kills the rest of a process
 * namespace with that (pid_namespaces(7)).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { scratch, until, type Need } from './lab.ts';
import { runPlugin, spawnProcess, untilUp, type Ran } from './process.ts';

export const DHCP: readonly Need[] = [
  'root', 'perl', 'ip', 'unshare', 'nsenter', 'mount', 'nft', 'dnsmasq', 'dhclient', 'dhcpcd', 'udhcpc',
]; // prettier-ignore

/** The shortest lease that dnsmasq gives, and clients that renew it long before its half. */
const SHORT = '--dhcp-range=10.98.0.10,10.98.0.50,2m --dhcp-option=option:T1,3 --dhcp-option=option:T2,100';
const IMPATIENT = 'initial-interval 1;\nbackoff-cutoff 2;\nretry 5;\ninitial-delay 0;\n';

/** The server's address; its interface is v0 in the namespace `srv`, the client's is v1. */
export const SERVER = '10.98.0.1';

// The client's side is where the host's own processes are. Files of clients are in memory, and gone with the mounts; /var/log is
// the folder that the test reads. systemd-networkd and NetworkManager wait for udev where they may write to /sys.
const SETUP = `
set -e
mount -t tmpfs none /run
mount -t tmpfs none /var/lib
mount -t sysfs -o ro none /sys
mkdir -p /run/netns
cd /var/lib && mkdir dhcp dhcpcd misc NetworkManager libvirt neutron nova
mount --bind "$1" /var/log
ip link set lo up
ip netns add srv
ip link add v1 type veth peer name v0 netns srv
ip -n srv addr add ${SERVER}/24 dev v0
ip -n srv link set v0 up
ip -n srv link set lo up
ip link set v1 up
touch "$1/ready"
while :; do sleep 0.2; done
`;

export interface DhcpHost {
  readonly folder: string;
  /** Runs a shell command on the client's side, waits for its end and expects success. */
  sh(command: string): Promise<string>;
  /** Starts something that goes on, with its output in a file of the folder. */
  start(name: string, command: string): Promise<void>;
  /** Runs the plugin there. */
  run(argv: readonly string[]): Promise<Ran>;
  /** How a shell outside enters it. */
  readonly enter: readonly string[];
  /** dnsmasq on the other side. */
  dnsmasq(range?: string): Promise<void>;
  /** @param settings of dhclient.conf(5) */
  dhclient(settings?: string): Promise<void>;
  output(name: string): string;
  stop(): Promise<void>;
}

export async function startDhcpHost(): Promise<DhcpHost> {
  const folder = join(scratch(), 'dhcp');
  mkdirSync(folder);
  const own = ['--net', '--pid', '--fork', '--kill-child', '--mount', '--uts', '--mount-proc'];
  const running = spawnProcess(['unshare', ...own, 'sh', '-c', SETUP, 'sh', folder], { keeper: true });
  await untilUp(running, () => existsSync(join(folder, 'ready')), { seconds: 20, what: 'namespaces' });
  const init = childOf(childOf(running.pid));
  const enter = ['nsenter', '-t', String(init), '--net', '--pid', '--mount', '--uts', '--'];
  const output = (name: string): string => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const sh = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await runPlugin([...enter, 'sh', '-c', command]);
    if (code !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
    return stdout;
  };
  const start = async (name: string, command: string): Promise<void> => {
    await sh(`${command} >>'${join(folder, name)}' 2>&1 </dev/null & :`);
  };
  return {
    folder,
    enter,
    sh,
    start,
    output,
    run: (argv) => runPlugin([...enter, ...argv]),
    async dnsmasq(range = SHORT) {
      const options = [
        '-k --conf-file=/dev/null --port=0 --interface=v0 --bind-interfaces --user=root --no-ping --dhcp-authoritative',
        range,
        '--dhcp-leasefile=/var/lib/misc/dnsmasq.leases --pid-file=/run/dnsmasq.pid --log-facility=/var/log/dnsmasq.log',
      ];
      await start('dnsmasq.out', `ip netns exec srv dnsmasq ${options.join(' ')}`);
      await until(() => /DHCP, IP range|started/.test(output('dnsmasq.log')), {
        seconds: 10,
        what: () => `dnsmasq: ${output('dnsmasq.out')}`,
      });
    },
    async dhclient(settings = IMPATIENT) {
      writeFileSync(join(folder, 'dhclient.conf'), settings);
      const files = '-pf /run/dhclient.v1.pid -lf /var/lib/dhcp/dhclient.v1.leases';
      await start('dhclient.log', `dhclient -d -v -cf ${folder}/dhclient.conf ${files} v1`);
      await until(() => output('dhclient.log').includes('bound to'), {
        seconds: 20,
        what: () => `dhclient: ${output('dhclient.log')}`,
      });
      // The script that sets the address ends a moment later.
      await until(async () => (await sh('ip -4 addr show dev v1')).includes('10.98.0.'), {
        seconds: 10,
        what: 'an address',
      });
    },
    async stop() {
      await running.stop();
    },
  };
}

/** A keeper has one child, and so has unshare. */
function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(children[0]);
}
