/** check_invtsc on recorded hosts of Xen: the fault, its repair, the healthy look-alikes, and what cannot be seen. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_invtsc.ts';
import { guestHost, type GuestHost, type XenAnswers } from '../guest-host.ts';
import { replay } from '../plugin-test.ts';
import { xlList, xlListLong, type Built } from '../xen-host.ts';

async function check(host: GuestHost, ...args: string[]) {
  const { code, text } = await replay(plugin, guestHost(host), ...args);
  return { code, line: text.split('\n')[0] ?? '', text };
}

/** A host with one guest, acrux, that was created so and has this configuration. */
function acrux(built: Built, cfg: string | null, more: XenAnswers = {}): GuestHost {
  return {
    xen: {
      list: { out: xlList({ 1: 'acrux' }) },
      long: { out: xlListLong({ 1: { name: 'acrux', ...built } }) },
      cfg: cfg === null ? {} : { acrux: `name = "acrux"\nmemory = 512\n${cfg}\n` },
      ...more,
    },
  };
}

describe('a guest of Xen', () => {
  it('that may not be migrated is a WARNING with the repair', async () => {
    const { code, line, text } = await check(acrux({ disable_migrate: 'True' }, 'nomigrate = 1'));
    expect(code).toBe(1);
    expect(line).toContain(
      'INVTSC WARNING - acrux: runs with nomigrate=1, cannot be live-migrated, its definition has it too',
    );
    expect(line).toContain('guests=1;;;0 with_invtsc=1;;;0 power_cycles=0;;;0 next_start=1;;;0');
    expect(text).toContain('Xen domain 1');
    expect(text).toContain('Take nomigrate=1 out of /etc/xen/acrux.cfg, then shut down on the host');
    expect(text).toContain('  xl shutdown -w acrux\n  xl create /etc/xen/acrux.cfg');
    expect(text).not.toContain('virsh');
  });

  it('needs a power cycle when its configuration is clean already, and is OK after it', async () => {
    const { code, line, text } = await check(acrux({ disable_migrate: 'True' }, 'nomigrate = 0'));
    expect(code).toBe(1);
    expect(line).toContain(
      'acrux: runs with nomigrate=1, cannot be live-migrated until it is shut down and started',
    );
    expect(text).toContain('The definition is clean');
    const after = await check(acrux({ disable_migrate: 'False' }, 'nomigrate = 0'));
    expect(after.code).toBe(0);
    expect(after.line).toContain('INVTSC OK - 1 guest runs here, none with invtsc');
  });

  it('that was given invtsc by cpuid is a WARNING', async () => {
    const { code, line } = await check(acrux({ cpuid: 1 }, "cpuid = 'host,invtsc=1'"));
    expect(code).toBe(1);
    expect(line).toContain('acrux: runs with invtsc=1 in cpuid');
  });

  it('will be stuck after its next start', async () => {
    const { code, line, text } = await check(acrux({}, 'nomigrate = 1'));
    expect(code).toBe(1);
    expect(line).toContain('acrux: runs without invtsc, but its definition has nomigrate=1: stuck after');
    expect(text).toContain('Take nomigrate=1 out of /etc/xen/acrux.cfg, the running guest needs nothing');
  });

  it('that does not run is said, and no alarm', async () => {
    const host = acrux({}, '');
    const cfg = { ...host.xen?.cfg, dubhe: 'name = "dubhe"\nnomigrate = 1\n' };
    const { code, text } = await check({ xen: { ...host.xen, cfg } });
    expect(code).toBe(0);
    expect(text).toContain('dubhe: not running here, its definition has nomigrate=1');
  });

  it.each<[string, Built, string]>([
    ['nothing set', {}, ''],
    ['a comment', {}, '# nomigrate = 1'],
    ['the feature refused', { cpuid: 0 }, "cpuid = 'host,invtsc=0'"],
    ['an emulated clock', { cpuid: 1, tsc_mode: 'always_emulate' }, "cpuid = 'host,invtsc=1'\ntsc_mode = 'always_emulate'"],
    ['a name with the word', {}, 'disk = [ "phy:/dev/vg/nomigrate=1,xvda,w" ]'],
  ])('is OK with a healthy look-alike: %s', async (_, built, cfg) => {
    expect(await check(acrux(built, cfg))).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('is not there twice because of the device model that serves it', async () => {
    const qemu = { 99: ['/usr/lib/xen-4.17/bin/qemu-system-i386', '-xen-domid', '1', '-name', 'acrux'] };
    const { code, line } = await check({ ...acrux({}, ''), qemu });
    expect(code).toBe(0);
    expect(line).toContain('guests=1;');
  });

  it('stands beside those of KVM', async () => {
    const qemu = { 7: ['qemu-kvm', '-name', 'web', '-cpu', 'host,+invtsc'] };
    const { line } = await check({ ...acrux({}, ''), qemu });
    expect(line).toContain('web: runs with +invtsc');
    expect(line).toContain('guests=2;');
  });

  it('is no guest while it dies, nor is Domain-0', async () => {
    const { text } = await check({
      xen: { list: { out: xlList({ 3: '(null)' }, '--ps-d') }, long: { out: '[\n\n]\n' } },
    });
    expect(text).toContain('INVTSC OK - no guests: ');
  });
});

describe('what cannot be seen on a Xen host is UNKNOWN', () => {
  // Printed by xl 4.17 without a hypervisor, and as another user.
  const err =
    'xencall: error: Could not obtain handle on privileged command interface: Permission denied\n' +
    'libxl: error: libxl.c:102:libxl_ctx_alloc: cannot open libxc handle: Permission denied\ncannot init xl context\n';
  it.each<[string, XenAnswers, RegExp]>([
    ['xl refuses', { list: { status: 1, err }, long: { status: 1, err } }, /xl list: permission denied/],
    ['xl fails', { list: { status: 1, err: 'cannot init xl context\n' } }, /xl list: could not be read \(cannot init/],
    ['no tool', {}, /xl list: is not there \(neither xl nor xm\)/],
    ['garbage', { list: { out: 'oh no\n' } }, /xl list: is not understood/],
    ['nothing', { list: { out: '' } }, /xl list: is not understood/],
    ['a cut list', { list: { out: xlList({ 1: 'acrux' }).slice(0, -9) } }, /xl list: is not understood/],
    ['no configurations', { list: { out: xlList({ 1: 'acrux' }) }, long: { out: '[\n\n]\n' } }, /acrux: cannot tell .*libxl does not know/],
    ['old s-expressions', { list: { out: xlList({ 1: 'acrux' }) }, long: { out: '(domain\n)\n' } }, /acrux: cannot tell .*xl list -l: is not understood/],
    ['xm, which does not tell', { xm: { out: xlList({ 1: 'acrux' }) } }, /acrux: cannot tell .*xm does not tell/],
  ])('%s', async (_, xen, text) => {
    const result = await check({ xen });
    expect(result.code, result.text).toBe(3);
    expect(result.line).toMatch(text);
    expect((await check({ xen }, '--format', 'json')).text).toContain('{"kind":"unseen","state":"unknown"');
  }); // prettier-ignore

  it('and never hides a fault', async () => {
    const qemu = { 7: ['qemu-kvm', '-name', 'web', '-cpu', 'host,+invtsc'] };
    expect(await check({ qemu, xen: { list: { status: 1 } } }, '--running', 'critical')).toMatchObject({
      code: 2,
    });
  });

  it('a configuration that xl would not take', async () => {
    const { code, text } = await check(acrux({}, 'import os'));
    expect(code).toBe(3);
    expect(text).toContain('/etc/xen/acrux.cfg');
    expect(text).toContain('line 3: not a setting');
  });
});

describe('what is no Xen host', () => {
  it.each<[string, XenAnswers]>([
    ['a guest of Xen, with the tools', { capabilities: '', list: { status: 1, err: 'no\n' } }],
    ['a guest of Xen, without', { capabilities: null }],
  ])('is not asked for guests: %s', async (_, xen) => {
    const { code, text } = await check({ xen });
    expect(code).toBe(0);
    expect(text).toContain('no guests');
  });
});
