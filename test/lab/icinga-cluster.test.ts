/** Icinga 2 as the judge: a master, an agent in its own zone, and hosts over SSH and NRPE, all from the generated files. */
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { bundlePlugin, top } from '../../tools/bundle.mjs';
import { icingaCommand } from '../../lib/generate/icinga2.ts';
import { declarationOf, generated, installAll, labelsOf, metricOf, NAMES, serviceOf } from './all-checks.ts';
import { alone, nagios, withoutNumbers, type Said } from './as-nagios.ts';
import { makeAuthority } from './authority.ts';
import { FUSE, hungMount } from './fuse.ts';
import { freePort } from './icinga2-api.ts';
import { startCluster, type Cluster } from './icinga2-cluster.ts';
import { ICINGA, startNode, untilConnected, type CheckResult, type IcingaNode } from './icinga2-node.ts';
import { lab, scratch, until } from './lab.ts';
import misbehaving from './misbehaving-plugin.ts';
import { QEMU, startQemu } from './qemu.ts';
import { SSHD, startSshd, type Sshd } from './sshd.ts';

function said({ state, output, performance_data }: CheckResult): Said {
  return { state, output, performance_data };
}

/** Icinga's result, which must be what the check says by itself. The machine lives: a process more between the two runs is no fault. */
async function sameAsAlone(node: IcingaNode, object: string, plugin: string, args: readonly string[]) {
  for (let trial = 1; ; trial++) {
    const expected = withoutNumbers(await alone(plugin, args));
    const result = await node.check(object);
    const got = withoutNumbers(said(result));
    if (trial < 3 && JSON.stringify(got) !== JSON.stringify(expected)) continue;
    expect(got, object).toEqual(expected);
    return result;
  }
}

lab([...ICINGA, ...SSHD, ...QEMU, ...FUSE], 'a master with an agent', () => {
  let bin: string;
  let cluster: Cluster;
  let sshd: Sshd;
  let sshConfig: string;
  let mount: Awaited<ReturnType<typeof hungMount>>;

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
    await bundlePlugin('check_misbehaving', dirname(bin), './test/lab/misbehaving-plugin.ts');
    cluster = await startCluster({
      agentName: 'jill',
      pluginDir: '/usr/lib/nagios/plugins',
      contribDir: bin,
      master: { ...files, 'zones.d/master/hosts.conf': hosts(sshConfig, mount.path) },
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
    expect(ofHost('far')).toEqual(all);
    expect(ofHost('here')).toEqual(all.filter((name) => name !== 'vlan_mtu'));
    expect(ofHost('other')).toEqual([]);
  });

  it.each(NAMES)('runs %s on the agent, and gets what the check says', async (name) => {
    const plugin = join(bin, name);
    const args = name === 'check_invtsc' ? ['--guest', 'lab-cluster*'] : [];
    const result = await sameAsAlone(cluster.master, `jill!${serviceOf(name)}`, plugin, args);
    expect(result).toMatchObject({ check_source: 'jill', exit_status: result.state });
    const declaration = await declarationOf(name);
    for (const label of labelsOf(result.performance_data)) {
      expect(metricOf(label, declaration), `${label} among the metrics of ${name}`).toBeDefined();
    }
  });

  it.each(NAMES)('runs %s over SSH from the master, and gets what the check says', async (name) => {
    const args = ['--host', 'far', '--ssh-config', sshConfig];
    const result = await sameAsAlone(cluster.master, `far!${serviceOf(name)}`, join(bin, name), args);
    expect(result.command).toEqual([join(bin, name), ...args]);
    expect(result).toMatchObject({ check_source: 'master', exit_status: result.state });
    expect(result.output).not.toContain('far: ');
  });

  it('turns red with a guest on the agent and green without it', async () => {
    const guest = await startQemu({ args: ['-name', 'lab-cluster', '-cpu', 'qemu64,+invtsc'] });
    const red = await cluster.master.check('jill!invtsc');
    expect(red).toMatchObject({ state: 1, exit_status: 1, check_source: 'jill' });
    expect(red.output).toContain('INVTSC WARNING - lab-cluster: runs with +invtsc');
    expect(red.performance_data.slice(0, 2)).toEqual(['guests=1;;;0', 'with_invtsc=1;;;0']);
    const { state, output } = await cluster.master.check('here!invtsc');
    expect({ state, found: output.includes('lab-cluster') }).toEqual({ state: 1, found: true });
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

lab(ICINGA, 'a global zone', () => {
  it('brings the definitions to an agent that has none', async () => {
    const bin = await installAll();
    const master = {
      // In zones.d every file is read, so that the one that includes the others would define them twice.
      ...generated('zones.d/global-templates', ['hypervisor-checks.conf']),
      'zones.d/master/hosts.conf': `
object Host "jill" {
  check_command = "dummy"
  vars.hypervisor = "agent"
}`,
    };
    const folders = { pluginDir: '/usr/lib/nagios/plugins', contribDir: bin };
    const cluster = await startCluster({ agentName: 'jill', ...folders, master, agent: {} });
    // It receives them, validates them, and starts again.
    const has = async (): Promise<boolean> =>
      await cluster.agent.get('/v1/objects/checkcommands/invtsc').then(Boolean, () => false);
    await until(has, { seconds: 40, what: () => `the definitions\n${cluster.agent.log()}` });
    await untilConnected(cluster.master, 'jill');
    for (const name of NAMES) {
      const result = await cluster.master.check(`jill!${serviceOf(name)}`);
      expect(result).toMatchObject({ check_source: 'jill', exit_status: result.state });
      expect(result.output).toMatch(/^[A-Z_0-9]+ (OK|WARNING|CRITICAL|UNKNOWN) - /);
    }
  });
});

lab(ICINGA, 'the layout for 100 hypervisors', () => {
  it('is one that Icinga takes as the page has it', async () => {
    const page = readFileSync(join(top, 'icinga-conf/icinga2/README.md'), 'utf8');
    const blocks = [...page.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm)].map(([block]) =>
      block.replace(/^ {4}/gm, ''),
    );
    const [zones = '', hosts = ''] = blocks.filter((block) => block.includes('object '));
    const bin = await installAll();
    const satellite = await startNode({
      name: 'sat1',
      authority: await makeAuthority(),
      port: await freePort(),
      zones,
      pluginDir: '/usr/lib/nagios/plugins',
      contribDir: bin,
      files: {
        ...generated('hypervisor-checks'),
        'templates.conf': 'template Host "generic-host" { check_command = "dummy" }',
        'objects.conf': 'include "hypervisor-checks/hypervisor-checks.conf"\ninclude "templates.conf"\n',
        'zones.d/site-a/hypervisors.conf': hosts,
      },
    });
    const { results } = (await satellite.get(
      '/v1/objects/services?attrs=host_name&attrs=zone&attrs=vars',
    )) as {
      results: { name: string; attrs: { host_name: string; zone: string; vars: Record<string, unknown> } }[];
    };
    expect(new Set(results.map(({ attrs }) => attrs.host_name)).size).toBe(100);
    expect(results.length).toBe(100 * NAMES.length);
    const found = results.find(({ name }) => name === 'jill07!bond_speed');
    expect(found?.attrs).toMatchObject({
      zone: 'site-a',
      vars: { bond_speed_sudo: true, bond_speed_state_dir: '/var/lib/hypervisor-checks' },
    });
  });
});

function hosts(sshConfig: string, hung: string): string {
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
  check_timeout = 2s
}
`;
}
