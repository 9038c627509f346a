/** Every check over SSH finds what it finds on the machine itself: on one with bonds and VLANs, ill ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, it } from 'vitest';

import { bundleLate, bundleProgram, bundleVendor, finishFolder } from '../../tools/bundle.mjs';
import { plugins } from '../../plugins/index.ts';
import { lab, scratch } from './lab.ts';
import { RESIDENT } from './resident.ts';
import { makeKey } from './sshd.ts';
import { parseChecks, runInUml, UML } from './uml.ts';

let folder: string;
beforeAll(async () => {
  folder = scratch();
  await bundleVendor(folder);
  await bundleLate(folder);
  await bundleProgram('resident', folder, RESIDENT);
  finishFolder(folder);
}, 60_000);

const HOST = `
mount -t tmpfs etc-ssh /etc/ssh
# Else the shell of each connection would do all that this machine's own root has in .bashrc.
mount -t tmpfs root /root
mkdir -p /run/sshd
ip link set dev lo up
taps tap0 tap1
speed tap0 10000
speed tap1 1000
ip link add bond0 type bond mode active-backup miimon 100
for slave in tap0 tap1; do ip link set dev $slave master bond0; done
ip link set dev bond0 type bond active_slave tap1
ip link set dev bond0 up
ip link add bond1 type bond
ip link set dev bond1 up
ip link add link bond0 name vlan20 type vlan id 20
ip link add link vlan20 name vlan100 type vlan id 100
ip link set dev vlan20 up
ip link set dev vlan100 up
ip link add name br100 type bridge
ip link set dev vlan100 master br100
settle
"$(command -v sshd || echo /usr/sbin/sshd)" -f "$PWD/sshd_config"
until (exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null; do pause 0.1; done
`;

/** What a check says as JSON, without what is never the same at two looks. */
function said(output: string): unknown {
  // Processes come and go, sshd's among them.
  const text = output
    .replace(/\d+ processes/g, 'N processes')
    .replace(/\b\d+(?:\.\d+)? (s|min|h)\b/g, 'N $1');
  return JSON.parse(text, (_, value: unknown) =>
    // Seconds that pass between the two.
    typeof value === 'object' && value !== null && 'unit' in value && value.unit === 's'
      ? { ...value, value: 'N' }
      : value,
  );
}

lab([...UML, 'sshd', 'ssh-keygen'], 'a host over SSH', () => {
  it('is judged as on the host itself by every check', { timeout: 300_000 }, async () => {
    const at = (name: string): string => join(folder, name);
    const host = makeKey(at('host_key'), 'ed25519');
    writeFileSync(at('authorized'), `${makeKey(at('identity'), 'ed25519')}\n`);
    writeFileSync(at('known_hosts'), `127.0.0.1 ${host}\n`);
    const daemon = ['ListenAddress 127.0.0.1', `HostKey ${at('host_key')}`, `AuthorizedKeysFile ${at('authorized')}`, 'StrictModes no', 'UsePAM no', 'PidFile none']; // prettier-ignore
    writeFileSync(at('sshd_config'), `${daemon.join('\n')}\n`);
    const client = ['Host far', 'HostName 127.0.0.1', 'User root', `UserKnownHostsFile ${at('known_hosts')}`, `IdentityFile ${at('identity')}`, 'IdentitiesOnly yes']; // prettier-ignore
    writeFileSync(at('config'), `${client.join('\n')}\n`, { mode: 0o600 });
    const looks = Object.keys(plugins).flatMap((name) => [
      `ask root ${name} -v -t 30 --format json`,
      `ask root ${name} -v -t 30 --format json --host far --ssh-config ${at('config')}`,
    ]);
    const { code, stdout, stderr } = await runInUml({
      script: `${HOST}\n${looks.join('\n')}\n`,
      folder,
      env: { PLUGINS: at('bin') },
      seconds: 200,
    });
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout });
    const checks = parseChecks(stdout);
    expect(checks).toHaveLength(2 * Object.keys(plugins).length);
    const states: Record<string, number> = {};
    for (const [index, name] of Object.keys(plugins).entries()) {
      const [here, there] = [checks[2 * index], checks[2 * index + 1]];
      states[name] = here?.code ?? -1;
      expect(said(there?.output ?? ''), name).toEqual(said(here?.output ?? ''));
      expect(there?.code, name).toBe(here?.code);
    }
    // The host is ill, so that equality is worth something.
    expect(states).toMatchObject({ check_bond_speed: 2, check_vlan_mtu: 1 });
  });
});
