/** Icinga 2 as the judge: a master, an agent in its own zone, and hosts over SSH and NRPE, all from the generated files. */
import { chmodSync, chownSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { icingaCommand } from '../../lib/generate/icinga2.ts';
import {
  declarationOf,
  generated,
  generatedFor,
  installAll,
  labelsOf,
  metricOf,
  NAMES,
  serviceOf,
  sudoersFor,
} from './all-checks.ts';
import { alone, nagios, read, sameSaid, type Said } from './as-nagios.ts';
import { FUSE, hungMount } from './fuse.ts';
import { startCluster, type Cluster } from './icinga2-cluster.ts';
import { ICINGA, type CheckResult } from './icinga2-node.ts';
import { lab, scratch } from './lab.ts';
import misbehaving from './misbehaving-plugin.ts';
import { CLIENT, NRPE, startNrpe } from './nrpe.ts';
import { runPlugin } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';
import { SSHD, startSshd, type Sshd } from './sshd.ts';

lab([...ICINGA, ...SSHD, ...NRPE, ...QEMU, ...FUSE, 'sudo'], 'a master with an agent', () => {
  let bin: string;
  let cluster: Cluster;
  let sshd: Sshd;
  let sshConfig: string;
  let mount: Awaited<ReturnType<typeof hungMount>>;

  const asRoot = async (name: string): Promise<Said> =>
    read(await runPlugin(join(bin, name), [], { cwd: '/' }));

  /** The service's result in Icinga, which must be what the check says by itself. */
  const asInIcinga = (alone: () => Promise<Said>, service: string): Promise<CheckResult> =>
    sameSaid(alone, () => cluster.master.check(service), service);

  beforeAll(async () => {
    bin = await installAll();
    sshd = await startSshd();
    sshConfig = sshd.configuration();
    mount = await hungMount(scratch(), { file: 'text' });
    chmodSync(dirname(mount.path), 0o755);
    const { uid, gid } = nagios();
    for (const file of [sshConfig, sshd.identity]) chownSync(file, uid, gid);
    const files = {
      ...generated('hypervisor-checks'),
      'objects.conf': 'include "hypervisor-checks/hypervisor-checks.conf"\ninclude "misbehaving.conf"\n',
      // A check that reads the file it is told to, installed like the others.
      'misbehaving.conf': icingaCommand(misbehaving),
    };
    const nrpe = await startNrpe({
      files: { 'hypervisor-checks.cfg': generatedFor(bin, 'nrpe/hypervisor-checks.cfg') },
      prepare: `mount --make-rprivate / && mount --bind ${sudoersFor(bin)} /etc/sudoers.d`,
    });
    cluster = await startCluster({
      agentName: 'jill',
      pluginDir: '/usr/lib/nagios/plugins',
      contribDir: bin,
      master: { ...files, 'zones.d/master/hosts.conf': hosts(sshConfig, mount.path, nrpe.port) },
      agent: files,
    });
  });

  it('has a service for every check on every host that has the variable', async () => {
    const { results } = (await cluster.master.get('/v1/objects/services?attrs=name&attrs=host_name')) as {
      results: { attrs: { name: string; host_name: string } }[];
    };
    const ofHost = (host: string): string[] =>
      results
        .filter(({ attrs }) => attrs.host_name === host)
        .map(({ attrs }) => attrs.name)
        .sort();
    const all = NAMES.map(serviceOf).sort();
    expect(ofHost('jill').filter((name) => !name.startsWith('hung'))).toEqual(all);
    for (const host of ['far', 'old', 'plain']) expect(ofHost(host)).toEqual(all);
    expect(ofHost('here')).toEqual(all.filter((name) => name !== 'vlan_mtu'));
    expect(ofHost('other')).toEqual([]);
  });

  it.each(NAMES)('runs %s on the agent, and gets what the check says', async (name) => {
    const plugin = join(bin, name);
    const args = name === 'check_invtsc' ? ['--guest', 'lab-cluster*'] : [];
    const result = await asInIcinga(() => alone(plugin, args), `jill!${serviceOf(name)}`);
    expect(result).toMatchObject({ check_source: 'jill', exit_status: result.state });
    const declaration = await declarationOf(name);
    for (const label of labelsOf(result.performance_data)) {
      expect(metricOf(label, declaration), `${label} among the metrics of ${name}`).toBeDefined();
    }
  });

  it.each(NAMES)(
    'runs %s over SSH from the master, and gets what the check says to root there',
    async (name) => {
      const args = ['--host', 'far', '--ssh-config', sshConfig];
      const result = await asInIcinga(() => asRoot(name), `far!${serviceOf(name)}`);
      expect(result.command).toEqual([join(bin, name), ...args]);
      expect(result).toMatchObject({ check_source: 'master', exit_status: result.state });
      expect(result.output).not.toContain('far: ');
    },
  );

  it.each(NAMES)(
    'runs %s through NRPE, as root where root sees more, and gets what the check says',
    async (name) => {
      const isRoot = (await declarationOf(name)).access.root !== '';
      const ask = (): Promise<Said> => (isRoot ? asRoot(name) : alone(join(bin, name)));
      const result = await asInIcinga(ask, `old!${serviceOf(name)}`);
      const command = isRoot ? `${name}_sudo` : name;
      expect(result.command?.[0]).toBe(CLIENT);
      expect(result.command?.join(' ')).toContain(` -c ${command} `);
      expect(result).toMatchObject({ check_source: 'master', exit_status: result.state });
    },
  );

  it('turns red with a guest on the agent and green without it', async () => {
    const guest = await startQemu({ args: ['-name', 'lab-cluster', '-cpu', 'qemu64,+invtsc'] });
    const red = await cluster.master.check('jill!invtsc');
    expect(red).toMatchObject({ state: 1, exit_status: 1, check_source: 'jill' });
    expect(red.output).toContain('INVTSC WARNING - lab-cluster: runs with +invtsc');
    expect(red.performance_data.slice(0, 2)).toEqual(['guests=1;;;0', 'with_invtsc=1;;;0']);
    for (const object of ['here!invtsc', 'plain!invtsc']) {
      const { state, output } = await cluster.master.check(object);
      expect({ state, found: output.includes('lab-cluster') }, object).toEqual({ state: 1, found: true });
    }
    await guest.stop();
    const green = await cluster.master.check('jill!invtsc');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
  });

  it('has the answer of a check that hangs: the check knows what it hangs at', async () => {
    await mount.hang();
    try {
      const own = await cluster.master.check('jill!hung-own');
      expect(own).toMatchObject({ state: 3, exit_status: 3, check_source: 'jill' });
      expect(own.output).toMatch(/^MISBEHAVING UNKNOWN - .*: did not answer in time/);
      // check_timeout of the service, before the check's own: it is ended from outside, and still says where it was.
      // Icinga sends SIGTERM then, and SIGKILL after a tenth of that time, which must be enough on a busy machine.
      const ended = await cluster.master.check('jill!hung-ended');
      expect(ended).toMatchObject({ state: 3, check_source: 'jill' });
      expect(ended.output).toBe(
        `<Timeout exceeded.>MISBEHAVING UNKNOWN - ended by SIGTERM while reading ${mount.path} (fuse)`,
      );
    } finally {
      await mount.heal();
    }
  });
});

function hosts(sshConfig: string, hung: string, nrpePort: number): string {
  return `
object Host "jill" {
  check_command = "dummy"
  address = "127.0.0.1"
  vars.hypervisor = "agent"
  vars.invtsc_guest = "lab-cluster*"
}
object Host "far" {
  check_command = "dummy"
  address = "far"
  vars.hypervisor = "ssh"
  vars.hypervisor_ssh_config = "${sshConfig}"
}
object Host "here" {
  check_command = "dummy"
  vars.hypervisor = "local"
  vars.hypervisor_without = [ "vlan_mtu" ]
  vars.invtsc_guest = [ "lab-cluster*", "none" ]
}
template Host "with-nrpe" {
  check_command = "dummy"
  address = "127.0.0.1"
  vars.hypervisor = "nrpe"
  vars.nrpe_port = ${nrpePort}
}
object Host "old" {
  import "with-nrpe"
  vars.hypervisor_sudo = true
}
object Host "plain" {
  import "with-nrpe"
}
object Host "other" {
  check_command = "dummy"
}
template Service "hung" {
  import "hypervisor-check"
  host_name = "jill"
  check_command = "misbehaving"
  command_endpoint = "jill"
  vars.misbehaving_file = "${hung}/file"
}
object Service "hung-own" {
  import "hung"
  vars.misbehaving_timeout = 1
}
object Service "hung-ended" {
  import "hung"
  vars.misbehaving_timeout = 60
  check_timeout = 6s
}
`;
}
