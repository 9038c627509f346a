/** check_invtsc on recorded hosts of Proxmox: what qemu was started with, and what Proxmox will start it with. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_invtsc.ts';
import { guestHost, type GuestHost } from '../guest-host.ts';
import { replay } from '../plugin-test.ts';

async function check(host: GuestHost, ...args: string[]) {
  const { code, text } = await replay(plugin, guestHost(host), ...args);
  return { code, line: text.split('\n')[0] ?? '', text };
}

/** As config_to_command in PVE/QemuServer.pm begins it. */
function kvm(id: number, name: string, cpu: string): string[] {
  return [
    '/usr/bin/kvm',
    '-id',
    String(id),
    '-name',
    `${name},debug-threads=on`,
    '-no-shutdown',
    '-cpu',
    cpu,
  ];
}

const STUCK = { 9: kvm(100, 'win', 'host,+invtsc') };
const CLEAN = { 9: kvm(100, 'win', 'host') };

describe('a guest of Proxmox', () => {
  it('with invtsc in its args is a WARNING with the commands of Proxmox', async () => {
    const { code, line, text } = await check({
      qemu: STUCK,
      proxmox: { 100: "args: -cpu 'host,+invtsc'\nname: win\n" },
    });
    expect(code).toBe(1);
    expect(line).toContain('win: runs with +invtsc, cannot be live-migrated, its definition has it too');
    expect(text).toContain("  qm set 100 --args '-cpu '\\''host'\\'''\n  qm shutdown 100\n  qm start 100");
    expect(text).not.toContain('virsh');
  });

  it('needs a power cycle when its configuration is clean, and is OK after it', async () => {
    const proxmox = { 100: 'cpu: host\nname: win\n' };
    const { code, line, text } = await check({ qemu: STUCK, proxmox });
    expect(code).toBe(1);
    expect(line).toContain('until it is shut down and started');
    expect(text).toContain('  qm shutdown 100\n  qm start 100');
    expect(text).not.toContain('qm set');
    expect(await check({ qemu: CLEAN, proxmox })).toMatchObject({ code: 0 });
  });

  it('has what is pending at its next start', async () => {
    const dirty = 'args: -cpu host,+invtsc\nname: win\n\n[PENDING]\ndelete: args\n';
    expect((await check({ qemu: STUCK, proxmox: { 100: dirty } })).line).toContain('until it is shut down');
    const soon = 'name: win\n\n[PENDING]\nargs: -cpu host,+invtsc\n';
    const { code, line } = await check({ qemu: CLEAN, proxmox: { 100: soon } });
    expect(code).toBe(1);
    expect(line).toContain(
      'win: runs without invtsc, but its definition has +invtsc: stuck after its next start',
    );
  });

  it('with a CPU model of the administrator is judged by it', async () => {
    const host = { qemu: CLEAN, proxmox: { 100: 'cpu: custom-fast\nname: win\n' } };
    const cpuModels = 'cpu-model: fast\n\tflags +invtsc\n\treported-model host\n';
    const { code, text } = await check({ ...host, cpuModels });
    expect(code).toBe(1);
    expect(text).toContain(
      'Take +invtsc out of the CPU model fast in /etc/pve/virtual-guest/cpu-models.conf',
    );
    const missing = await check(host);
    expect(missing.code).toBe(3);
    expect(missing.text).toContain('its CPU model is not in /etc/pve/virtual-guest/cpu-models.conf');
  });

  it('is known by its number: names are not unique', async () => {
    const proxmox = { 100: 'name: win\n', 101: 'name: win\nargs: -cpu host,+invtsc\n' };
    const { code, text } = await check({ qemu: CLEAN, proxmox });
    expect(code).toBe(0);
    expect(text).toContain('win: not running here, its definition has +invtsc');
  });

  it.each([
    ['a snapshot with it', 'name: win\n\n[old]\nargs: -cpu host,+invtsc\n'],
    ['a note of it', '#args%3A -cpu host,+invtsc\nname: win\n'],
    ['it switched off', 'name: win\nargs: -cpu host,-invtsc\n'],
    ['a fixed frequency', 'name: win\nargs: -cpu host,+invtsc,tsc-frequency=3600000000\n'],
    ['a name like it', 'name: invtsc\ncpu: host\n'],
  ])('is OK with a healthy look-alike: %s', async (_, conf) => {
    expect(await check({ qemu: CLEAN, proxmox: { 100: conf } })).toMatchObject({ code: 0 });
  });

  it('a template does not count', async () => {
    const proxmox = { 100: 'name: win\n', 900: 'name: golden\ntemplate: 1\nargs: -cpu host,+invtsc\n' };
    expect((await check({ qemu: CLEAN, proxmox })).text).not.toContain('golden');
  });

  it('with a flag among those of the CPU loses it alone', async () => {
    const proxmox = { 100: 'name: win\ncpu: host,flags=+invtsc\n' };
    expect((await check({ qemu: STUCK, proxmox })).text).toContain('  qm set 100 --cpu host\n');
    // What is left has a `;`, which is the end of a command to whoever copies it.
    const more = { 100: 'name: win\ncpu: host,flags=+aes;+invtsc;-pcid\n' };
    expect((await check({ qemu: STUCK, proxmox: more })).text).toContain('  qm config 100\n');
  });

  it('is seen by those who may not read its configuration, which is said', async () => {
    const { code, text } = await check({ uid: 1000, qemu: CLEAN, proxmox: 'denied' });
    expect(code).toBe(0);
    expect(text).toContain('definitions not read: /etc/pve/qemu-server: permission denied');
    expect((await check({ uid: 1000, qemu: STUCK, proxmox: 'denied' })).text).toContain('  qm config 100\n');
  });

  it.each(['', '#\n', 'garbage', 'name: a\n\0\0'])(
    'with a broken configuration is UNKNOWN: %j',
    async (conf) => {
      const { code, text } = await check({ qemu: CLEAN, proxmox: { 100: conf } });
      expect(code).toBe(3);
      expect(text).toContain('/etc/pve/qemu-server/100.conf');
    },
  );
});
