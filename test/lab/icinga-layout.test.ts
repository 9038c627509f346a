/** What icinga-conf/icinga2/README.md says, done as it is written there: one machine, and the layout for 100 hypervisors. */
import { chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { top } from '../../tools/bundle.mjs';
import { generated, installAll, NAMES, serviceOf, sudoersFor } from './all-checks.ts';
import { nagios } from './as-nagios.ts';
import { makeAuthority } from './authority.ts';
import { ICINGA, startNode, untilConnected, type IcingaNode } from './icinga2-node.ts';
import { lab, scratch, until } from './lab.ts';
import { runPlugin } from './process.ts';

const PAGE = readFileSync(join(top, 'icinga-conf/icinga2/README.md'), 'utf8');
/** What is indented: commands and configuration, in their order. */
const BLOCKS = [...PAGE.matchAll(/(?:^ {4,}.*\n|^\n(?= {4}))+/gm)].map(([block]) =>
  block.replace(/^ {4}/gm, ''),
);

/** The block that holds a text. */
function blockWith(text: string): string {
  const found = BLOCKS.filter((block) => block.includes(text));
  const [block] = found;
  if (block === undefined || found.length > 1) throw new Error(`${found.length} blocks with ${text}`);
  return block;
}

lab(['root', 'icinga2', 'chown'], 'the configuration of the package', () => {
  it('is valid with the line that the page adds to it, and has every service of the host', async () => {
    const etc = join(scratch(), 'etc');
    cpSync('/etc/icinga2', etc, { recursive: true });
    const add = (file: string, text: string): void => writeFileSync(join(etc, file), text, { flag: 'a' });
    for (const [path, text] of Object.entries(generated('hypervisor-checks'))) {
      mkdirSync(join(etc, 'hypervisor-checks'), { recursive: true });
      add(path, text);
    }
    add('icinga2.conf', blockWith('include "hypervisor-checks/'));
    const [example = ''] =
      /object Host "jill" \{[^]*?\n\/\/ {3}\}/.exec(generated('')['/services.conf'] ?? '') ?? [];
    // An agent would need its endpoint.
    add('conf.d/hosts.conf', `${example.replace(/^\/\/ {3}/gm, '').replace('"agent"', '"local"')}\n`);
    const places = ['Data', 'Cache', 'Log', 'Spool'].flatMap((name) => [
      '-D',
      `${name}Dir=${join(etc, name)}`,
    ]);
    const own = [
      '-D',
      `ConfigDir=${etc}`,
      '-D',
      `ZonesDir=${etc}/zones.d`,
      '-D',
      `InitRunDir=${etc}`,
      ...places,
    ];
    for (const name of ['Data', 'Cache', 'Log', 'Spool']) mkdirSync(join(etc, name));
    await runPlugin(['chown', '-R', 'nagios:nagios', etc]);
    const made = await runPlugin(['icinga2', 'daemon', '-C', '-c', join(etc, 'icinga2.conf'), ...own]);
    expect(made, made.stdout).toMatchObject({ code: 0 });
    const { stdout } = await runPlugin([
      'icinga2',
      'object',
      'list',
      '--type',
      'Service',
      '--name',
      'jill!*',
      ...own,
    ]);
    const services = [...stdout.matchAll(/^Object 'jill!(\w+)' of type 'Service'/gm)].map(([, name]) => name);
    const expected = NAMES.map(serviceOf).filter((name) => name !== 'vlan_mtu');
    expect(services.filter((name) => expected.includes(name ?? '')).sort()).toEqual(expected);
    expect(services).not.toContain('vlan_mtu');
  });
});

lab([...ICINGA, 'sudo'], 'the layout for 100 hypervisors', () => {
  let master: IcingaNode;
  let satellites: IcingaNode[];

  beforeAll(async () => {
    const bin = await installAll();
    const memory = scratch();
    const { uid, gid } = nagios();
    chownSync(memory, uid, gid);
    // A network of this machine's own, with the port that everybody has.
    const network = `127.${process.pid % 250}.${Math.floor(Math.random() * 250)}.`;
    const here = (text: string): string =>
      text.replaceAll('192.0.2.', network).replaceAll('/var/lib/hypervisor-checks', memory);
    const zones = here(blockWith('object Endpoint "sat1"'));
    const [forAll = ''] = zones.split(/(?=^for )/m);
    const folders = { pluginDir: '/usr/lib/nagios/plugins', contribDir: bin };
    const common = { authority: await makeAuthority(), port: 5665, ...folders };
    master = await startNode({
      ...common,
      name: 'master1',
      address: `${network}1`,
      zones,
      files: {
        'objects.conf': '',
        // In zones.d every file is read, so that the one that includes the others would define them twice.
        ...generated('zones.d/global-templates', ['hypervisor-checks.conf']),
        'zones.d/site-a/hypervisors.conf': here(blockWith('object HostGroup')),
      },
    });
    const obedient = { ...common, obeys: true, files: { 'objects.conf': '' } };
    // Both, since one alone waits 30 s for the other before it checks anything (ApiListener::UpdateObjectAuthority); one after
    // the other, since two that have nothing yet bring each other that.
    satellites = [];
    for (const [name, number] of [
      ['sat1', 11],
      ['sat2', 12],
    ] as const) {
      const satellite = await startNode({ ...obedient, name, address: `${network}${number}`, zones });
      await untilItHas(satellite, 'services/jill07!invtsc');
      satellites.push(satellite);
    }
    const own = here(blockWith('object Endpoint "jill07"'));
    const agent = await startNode({
      ...obedient,
      name: 'jill07',
      address: `${network}107`,
      zones: forAll + own,
      prepare: `mount --make-rprivate / && mount --bind ${sudoersFor(bin)} /etc/sudoers.d`,
    });
    await untilItHas(agent, 'checkcommands/invtsc');
    for (const satellite of satellites) await untilConnected(satellite, 'jill07');
    for (const name of ['sat1', 'sat2']) await untilConnected(master, name);
  });

  it('has every service of every hypervisor, in the zone of the satellites', async () => {
    for (const satellite of satellites) {
      const { results } = (await satellite.get('/v1/objects/services?attrs=host_name&attrs=zone')) as {
        results: { attrs: { host_name: string; zone: string } }[];
      };
      expect(new Set(results.map(({ attrs }) => attrs.host_name)).size).toBe(100);
      expect(results.length).toBe(100 * NAMES.length);
      expect(new Set(results.map(({ attrs }) => attrs.zone))).toEqual(new Set(['site-a']));
    }
  });

  it.each(NAMES)('brings what %s sees from the agent through the satellite to the master', async (name) => {
    const result = await master.check(`jill07!${serviceOf(name)}`, { by: satellites });
    expect(result).toMatchObject({ check_source: 'jill07', exit_status: result.state });
    expect(result.output).toMatch(/^[A-Z_0-9]+ (OK|WARNING|CRITICAL|UNKNOWN) - /);
    // Both are set for all hosts on the page.
    expect(result.output).not.toMatch(/sudo:|state-dir/);
  });
});

/** It receives objects, validates them, and starts again. */
async function untilItHas(node: IcingaNode, object: string): Promise<void> {
  const has = (): Promise<boolean> => node.get(`/v1/objects/${object}`).then(Boolean, () => false);
  await until(has, { seconds: 60, what: () => `${object}\n${node.log()}` });
}
