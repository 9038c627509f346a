/** check_invtsc on recorded hosts: every state it can give, and the healthy hosts that look similar. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_invtsc.ts';
import { definition, guestHost, uuidOf, type GuestHost } from '../guest-host.ts';
import { replay } from '../plugin-test.ts';
import { expecting, keep, recorded } from '../recordings.ts';
import { xlList, xlListLong, type Built } from '../xen-host.ts';

// The command line of the incident, as the host's process list showed it; abridged where the report is ("...").
const ACRUX = [
  '/usr/libexec/qemu-kvm', '-name', 'acrux', '-S', '-M', 'rhel6.6.0', '-cpu',
  'SandyBridge,+invtsc,+erms,+smep,+fsgsbase,+pdpe1gb,+rdrand,+f16c,+osxsave,+dca,+pcid,+pdcm,+xtpr,+tm2,+est,+smx,+vmx,' +
    '+ds_cpl,+monitor,+dtes64,+pbe,+tm,+ht,+ss,+acpi,+ds,+vme',
  '-enable-kvm', '-m', '24576', '-uuid', '4507aaf2-e0db-005c-e863-2016f2779ae8',
  '-drive', 'file=/dev/drbd/by-res/acrux.uberspace.de/0,if=none,id=drive-virtio-disk0',
]; // prettier-ignore
const ACRUX_UUID = '4507aaf2-e0db-005c-e863-2016f2779ae8';

/** A guest as libvirt starts it today. */
function qemu(name: string, cpu: string, ...more: string[]): string[] {
  return ['/usr/bin/qemu-system-x86_64', '-name', `guest=${name},debug-threads=on`, '-S', '-accel', 'kvm', '-cpu', cpu, '-uuid', uuidOf(name), ...more]; // prettier-ignore
}

const CLEAN = "<cpu mode='host-model' check='partial'/>";
const REQUIRED = "<cpu mode='custom'><model>Haswell</model><feature policy='require' name='invtsc'/></cpu>";

async function check(host: GuestHost, ...args: string[]) {
  const { code, text } = await replay(plugin, guestHost(host), ...args);
  const [first = '', ...rest] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line, perfdata, long: rest.join('\n'), text };
}

describe('a guest that runs with invtsc', () => {
  it('is a WARNING that names it and the repair', async () => {
    const { code, line, long, perfdata } = await check({
      qemu: { 4711: ACRUX },
      definitions: { acrux: definition('acrux', REQUIRED, '', ACRUX_UUID) },
    });
    expect(code).toBe(1);
    expect(line).toMatch(/^INVTSC WARNING - acrux: runs with \+invtsc, cannot be live-migrated/);
    expect(long).toContain('uuid 4507aaf2-e0db-005c-e863-2016f2779ae8');
    expect(long).toContain('pid 4711');
    expect(long).toContain('  virsh edit acrux\n  virsh shutdown acrux\n  virsh start acrux');
    expect(long).toContain('a reboot inside the guest is not enough');
    expect(perfdata).toBe('guests=1;;;0 with_invtsc=1;;;0 power_cycles=0;;;0 next_start=1;;;0');
  });

  it('says that a power cycle is pending when its definition is clean already', async () => {
    const host = {
      qemu: { 4711: ACRUX },
      definitions: { acrux: definition('acrux', CLEAN, '', ACRUX_UUID) },
    };
    const { code, line, long, perfdata } = await check(host);
    expect(code).toBe(1);
    expect(line).toContain(
      'acrux: runs with +invtsc, cannot be live-migrated until it is shut down and started',
    );
    expect(long).not.toContain('virsh edit');
    expect(perfdata).toContain('power_cycles=1');
    // An acknowledged power cycle must not hide a new guest with invtsc.
    expect(await check(host, '--power-cycle', 'ok')).toMatchObject({ code: 0 });
    const two = { ...host, qemu: { 4711: ACRUX, 4712: qemu('dubhe', 'Haswell,invtsc=on') } };
    expect(await check(two, '--power-cycle', 'ok')).toMatchObject({ code: 1 });
  });

  it.each([
    ['Haswell,+invtsc'], ['Haswell,invtsc=on'], ['Haswell,invtsc'], ['Haswell,invtsc=off,+invtsc'],
    ['host,migratable=off'], ['host,migratable=no,+kvm_pv_eoi'], ['max,migratable=off'], ['host,+invtsc'],
  ])('is found with -cpu %s', async (cpu) => {
    expect(await check({ qemu: { 1: qemu('a', cpu) } })).toMatchObject({ code: 1 });
  }); // prettier-ignore

  it.each([
    ['a named model', 'Haswell'],
    ['minus wins over plus in any order', 'Haswell,-invtsc,+invtsc'],
    ['switched off', 'Haswell,invtsc=off'],
    ['the host with its migratable features', 'host'],
    ['the same, written out', 'host,migratable=on'],
    ['passed through without it', 'host,migratable=off,-invtsc'],
    ['a name that only contains the word', 'Haswell,vendor=invtsc'],
  ])('is not seen in a healthy look-alike: %s', async (_, cpu) => {
    const { code, line, perfdata } = await check({ qemu: { 1: qemu('a', cpu) } });
    expect({ code, line }).toEqual({ code: 0, line: 'INVTSC OK - 1 guest runs here, none with invtsc' });
    expect(perfdata).toContain('with_invtsc=0');
  });

  it('is not seen where the CPU that is passed through has no invariant TSC', async () => {
    const host = { qemu: { 1: qemu('a', 'host,migratable=off') }, cpuFlags: 'fpu constant_tsc' };
    expect(await check(host)).toMatchObject({ code: 0 });
    // Named, it counts: the definition is wrong for every host.
    expect(await check({ ...host, qemu: { 1: qemu('a', 'Haswell,+invtsc') } })).toMatchObject({ code: 1 });
  });

  it('can migrate with a fixed TSC frequency, which is said', async () => {
    const host = { qemu: { 1: qemu('a', 'Haswell,invtsc=on,tsc-frequency=2400000000') } };
    const { code, text, perfdata } = await check(host);
    expect(code).toBe(0);
    expect(text).toContain('2400000000 Hz');
    expect(perfdata).toContain('with_invtsc=0');
    expect(await check(host, '--tsc-frequency', 'warning')).toMatchObject({ code: 1 });
  });

  it('is known by the last -cpu alone', async () => {
    const twice = [...qemu('a', 'Haswell,+invtsc'), '-cpu', 'Haswell'];
    expect(await check({ qemu: { 1: twice } })).toMatchObject({ code: 0 });
    const reverse = [...qemu('a', 'Haswell'), '-cpu', 'Westmere,+invtsc'];
    expect(await check({ qemu: { 1: reverse } })).toMatchObject({ code: 1 });
  });

  it('says when it is emulated, where the feature has no effect yet', async () => {
    const tcg = ['qemu-system-x86_64', '-name', 'a', '-accel', 'tcg', '-cpu', 'Westmere,+invtsc'];
    const { code, long } = await check({ qemu: { 1: tcg } });
    expect(code).toBe(1);
    expect(long).toContain('emulated (TCG), it takes effect under KVM'.replace(',', ':'));
  });

  it('has the repair of the tool that started it', async () => {
    const proxmox = ['/usr/bin/kvm', '-id', '100', '-name', 'web,debug-threads=on', '-cpu', 'kvm64,+invtsc'];
    const { line, long } = await check({ qemu: { 1: proxmox }, 'no-definitions': true } as GuestHost);
    expect(line).toContain('web: ');
    expect(long).toContain('qm shutdown 100');
    const bare = await check({ qemu: { 1: ['qemu-kvm', '-name', 'x', '-cpu', 'host,+invtsc'] } });
    expect(bare.long).toContain('Take +invtsc out of the -cpu option');
  });

  it('is named so that a shell and a monitoring system read it well', async () => {
    const name = "a|b;c<d> $(reboot) 'x'";
    const { long } = await check({
      qemu: { 1: ['qemu-kvm', '-name', `guest=${name}`, '-cpu', 'host,+invtsc'] },
      definitions: { x: definition(name.replace('<', '&lt;'), REQUIRED) },
    });
    expect(long).toContain('virsh edit $');
    expect(long).not.toContain('virsh edit a');
  });
});

describe('a definition', () => {
  it('that will give invtsc to a clean guest is a WARNING', async () => {
    const host = { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: definition('a', REQUIRED) } };
    const { code, line, perfdata } = await check(host);
    expect(code).toBe(1);
    expect(line).toContain('a: runs without invtsc, but its definition has');
    expect(perfdata).toContain('with_invtsc=0;;;0');
    expect(perfdata).toContain('next_start=1');
    expect(await check(host, '--next-start', 'ok')).toMatchObject({ code: 0 });
    expect(await check(host, '--no-definitions')).toMatchObject({ code: 0 });
  });

  it('of a guest that runs elsewhere is said, not alarmed', async () => {
    const host = {
      qemu: { 1: qemu('a', 'Haswell') },
      definitions: { a: definition('a', CLEAN), b: definition('b', REQUIRED) },
    };
    const { code, text } = await check(host);
    expect(code).toBe(0);
    expect(text).toContain('b: not running here, its definition has');
    expect(await check(host, '--defined', 'critical')).toMatchObject({ code: 2 });
  });

  it.each([
    ["<cpu mode='host-passthrough' check='none' migratable='on'/>", ''],
    ["<cpu><model>Haswell</model><feature policy='disable' name='invtsc'/></cpu>", ''],
    ["<cpu><model>Haswell</model><feature policy='forbid' name='invtsc'/></cpu>", ''],
    ["<cpu><model>Haswell</model><feature policy='optional' name='invtsc'/></cpu>", ''],
    [REQUIRED, "<clock offset='utc'><timer name='tsc' frequency='4567890000'/></clock>"],
    ['', "<metadata><x:feature xmlns:x='urn:x' policy='require' name='invtsc'/></metadata>"],
  ])('that keeps a guest movable is clean: %s %s', async (cpu, more) => {
    const host = { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: definition('a', cpu, more) } };
    const { code, perfdata } = await check(host);
    expect(code).toBe(0);
    expect(perfdata).toContain('next_start=0');
  });

  it.each([
    ["<cpu><model>Haswell</model><feature name='invtsc'/></cpu>", ''],
    ["<cpu><model>Haswell</model><feature policy='force' name='invtsc'/></cpu>", ''],
    ["<cpu mode='host-passthrough' migratable='off'/>", ''],
    [REQUIRED, "<clock offset='utc'><timer name='tsc' present='yes'/></clock>"],
    [
      CLEAN,
      "<qemu:commandline><qemu:arg value='-cpu'/><qemu:arg value='Westmere,+invtsc'/></qemu:commandline>",
    ],
  ])('that will keep it from moving is found: %s %s', async (cpu, more) => {
    const host = { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: definition('a', cpu, more) } };
    expect(await check(host)).toMatchObject({ code: 1 });
  });

  it('that nobody can read is UNKNOWN, and hides no guest with invtsc', async () => {
    const broken = { a: '<domain><name>a</name' };
    expect(await check({ qemu: { 1: qemu('a', 'Haswell') }, definitions: broken })).toMatchObject({
      code: 3,
    });
    const both = await check({ qemu: { 1: qemu('a', 'Haswell,+invtsc') }, definitions: broken });
    expect(both.code).toBe(1);
    expect(both.long).toContain('/etc/libvirt/qemu/a.xml');
  });

  it('is not a list of what the host could do', async () => {
    const capabilities = "<capabilities><host><cpu><feature name='invtsc'/></cpu></host></capabilities>";
    const { code, text } = await check({ qemu: {}, definitions: { capabilities } });
    expect(code).toBe(3);
    expect(text).not.toContain('has invtsc');
  });
});

describe('an unprivileged user', () => {
  const guests = { 1: qemu('a', 'Haswell') };

  it('is told that definitions were not read, and how to read them', async () => {
    const { code, text } = await check({ uid: 65534, qemu: guests, definitions: 'denied' });
    expect(code).toBe(0);
    expect(text).toContain('/etc/libvirt/qemu: permission denied');
    expect(text).toContain('run the check as root, or let libvirt answer');
    const strict = await check(
      { uid: 65534, qemu: guests, definitions: 'denied' },
      '--definitions-denied',
      'warning',
    );
    expect(strict.code).toBe(1);
  });

  it('is told how to repair a guest of libvirt although its definition was not seen', async () => {
    const monitor = ['-chardev', 'socket,id=charmonitor,path=/var/lib/libvirt/qemu/domain-1-a/monitor.sock'];
    const host = { uid: 65534, definitions: 'denied', cpuFlags: '' } as const;
    const libvirts = await check({ ...host, qemu: { 1: [...qemu('a', 'Haswell,+invtsc'), ...monitor] } });
    expect(libvirts.long).toMatch(/Take the feature with the name 'invtsc' out of the definition/);
    expect(libvirts.long).toContain('\n  virsh edit a\n  virsh shutdown a\n  virsh start a');
    const byHand = await check({ ...host, qemu: { 1: qemu('a', 'Haswell,+invtsc') } });
    expect(byHand.long).toContain('out of the -cpu option that the guest is started with');
  });

  it('is not told a number of guests where one could not be seen', async () => {
    const { code, line, perfdata } = await check({ uid: 65534, qemu: { 7: null } });
    expect(code).toBe(3);
    expect(line).not.toMatch(/0 guests|none/);
    expect(perfdata).not.toMatch(/(?:guests|with_invtsc)=0/);
    const one = await check({ uid: 65534, qemu: { 7: null, 8: qemu('a', 'Haswell,+invtsc') } });
    expect(one).toMatchObject({ code: 1 });
    expect(one.line).toContain('1 guest was seen, 1 with invtsc');
    expect(one.perfdata).toMatch(/guests=1\S* with_invtsc=1/);
  });

  it('gets them from the read-only connection of libvirt', async () => {
    const ids = [uuidOf('a'), uuidOf('b')];
    const { code, text } = await check({
      uid: 65534,
      qemu: guests,
      definitions: 'denied',
      virsh: {
        'list --all --uuid': { out: `${ids.join('\n')}\n\n` },
        [`dumpxml\\x20--inactive\\x20${ids[0] ?? ''};\\x20dumpxml\\x20--inactive\\x20${ids[1] ?? ''}`]: {
          out: `${definition('a', REQUIRED)}\n${definition('b', CLEAN)}\n`,
        },
      },
    });
    expect(code).toBe(1);
    expect(text).toContain('a: runs without invtsc, but its definition has');
    expect(text).not.toContain('permission denied');
  });

  it('to whom processes are hidden cannot know, which is UNKNOWN', async () => {
    const { code, line } = await check({ uid: 65534, scanned: 3, isHidden: true, definitions: 'denied' });
    expect(code).toBe(3);
    expect(line).toContain('hidepid');
    const own = await check({ uid: 65534, qemu: { 1: qemu('a', 'host,+invtsc') }, isHidden: true });
    expect(own.code).toBe(1);
  });
});

describe('what cannot be told', () => {
  it('is UNKNOWN for a guest whose command line may not be read', async () => {
    const { code, line } = await check({ qemu: { 7: null } });
    expect(code).toBe(3);
    expect(line).toContain('/proc/7/cmdline');
  });

  it('is told by libvirt where the command line was cut or rewritten', async () => {
    const name = 'a';
    const rewritten = Buffer.from('qemu-system-x86_64: guest a');
    const live = {
      a: `<domstatus state='running' reason='booted' pid='7'>${definition(name, REQUIRED).replace(/^<!--.*-->/s, '')}</domstatus>`,
    };
    expect(await check({ qemu: { 7: rewritten } })).toMatchObject({ code: 3 });
    expect(await check({ qemu: { 7: rewritten }, live })).toMatchObject({ code: 1 });
  });

  it('is UNKNOWN where /proc itself cannot be read', async () => {
    const { code, text } = await replay(plugin, [
      'hypervisor-checks recording 1',
      'look 1',
      'denied list /proc',
    ]);
    expect(code).toBe(3);
    expect(text).toContain('is not in the recording');
  });

  /** With the first line that begins so answered otherwise. */
  async function answered(host: GuestHost, question: string, why: string, ...args: string[]) {
    const lines = guestHost(host);
    const at = lines.findIndex((line) => line.replace(/^[a-z]+ /i, '').startsWith(question));
    expect(at).toBeGreaterThan(0);
    let end = at + 1;
    while (lines[end]?.startsWith('  ') === true) end += 1;
    const spoiled = lines.toSpliced(at, end - at, `${why} ${(lines[at] ?? '').replace(/^[a-z]+ /i, '')}`);
    const { text } = await replay(plugin, spoiled, '--format', 'json', ...args);
    const { state, findings, performance } = JSON.parse(text) as {
      readonly state: string;
      readonly findings: readonly { readonly kind: string; readonly text: string }[];
      readonly performance: readonly { readonly label: string }[];
    };
    return {
      state,
      kind: findings[0]?.kind,
      text: findings[0]?.text,
      labels: performance.map(({ label }) => label),
    };
  }

  it.each([
    ['denied', 'unknown', '/proc: permission denied'],
    ['failed', 'unknown', '/proc: could not be read'],
    ['timedOut', 'critical', '/proc: did not answer in time'],
  ])('is that there are no guests, where the look at processes is %s', async (why, state, text) => {
    const host = { definitions: { a: definition('a', CLEAN) } };
    const said = await answered(host, 'processes qemu', why, '--timeout', '10:critical');
    expect(said).toMatchObject({ state, kind: 'unseen', text });
    expect(said.labels).not.toContain('guests');
  });

  it.each([
    ['denied', 'ok', 'definitions-denied'],
    ['failed', 'unknown', 'unseen'],
    ['timedOut', 'critical', 'unseen'],
  ])('is what guests have in closed definitions, and in others that are %s', async (why, state, kind) => {
    const host: GuestHost = {
      uid: 65534,
      qemu: { 1: qemu('a', 'Haswell') },
      definitions: 'denied',
      proxmox: 'denied',
    };
    const said = await answered(host, 'each /etc/pve/qemu-server/', why, '--timeout', '10:critical');
    expect(said).toMatchObject({ state, kind });
  });

  it('is left out when the process has ended meanwhile', async () => {
    expect(await check({ qemu: { 7: Buffer.from('') } })).toMatchObject({ code: 0 });
  });
});

describe('other programs', () => {
  it.each([
    ["libvirt's capability probe", ['/usr/bin/qemu-system-x86_64', '-S', '-no-user-config', '-nodefaults', '-nographic', '-machine', 'none,accel=kvm:tcg']],
    ['a device model of Xen', ['/usr/lib/xen-4.17/bin/qemu-system-i386', '-xen-domid', '5', '-name', 'x', '-cpu', 'host,+invtsc']],
    ['a script', ['/bin/sh', '/usr/bin/kvm', '-cpu', 'host,+invtsc']],
  ])('are no guests: %s', async (_, argv) => {
    const { code, line } = await check({ qemu: { 1: argv } });
    expect(code).toBe(0);
    expect(line).toContain('no guests: 101 processes, none of them a qemu guest');
  }); // prettier-ignore
});

describe('nothing at all', () => {
  it('is OK and said, or what --none says', async () => {
    expect(await check({})).toMatchObject({ code: 0 });
    expect(await check({}, '--none', 'critical')).toMatchObject({ code: 2 });
  });
});

describe('names', () => {
  const host = {
    qemu: { 1: qemu('web-1', 'host,+invtsc'), 2: qemu('web-2', 'Haswell'), 3: qemu('db-1', 'host,+invtsc') },
  };

  it('choose and leave out guests', async () => {
    expect((await check(host, '--guest', 'web-*')).perfdata).toContain('guests=2;;;0 with_invtsc=1');
    expect((await check(host, '--ignore', '*-1')).code).toBe(0);
    expect((await check(host, '--guest', 'web-2', '--guest', 'db-1', '--ignore', 'db-*')).perfdata).toContain(
      'guests=1',
    );
    const none = await check(host, '--guest', 'nobody-*');
    expect(none).toMatchObject({
      code: 0,
      line: 'INVTSC OK - no guests: none of the 3 guests here is chosen by --guest and --ignore',
    });
  });
});

describe('a guest given by its whole name', () => {
  it('that is neither running nor defined is UNKNOWN: a typing error must not stay green', async () => {
    const host = {
      qemu: { 1: qemu('acrux', 'Haswell') },
      definitions: { dubhe: definition('dubhe', CLEAN) },
    };
    const { code, line } = await check(host, '--guest', 'acrxu');
    expect({ code, line }).toMatchObject({ code: 3 });
    expect(line).toContain('acrxu: is neither running nor defined here');
    expect(await check(host, '--guest', 'acrxu', '--missing', 'critical')).toMatchObject({ code: 2 });
    expect(await check(host, '--guest', 'dubhe')).toMatchObject({ code: 0 });
    expect(await check(host, '--guest', 'acrux')).toMatchObject({ code: 0 });
  });

  it('is judged with its definition, whatever that is called', async () => {
    const renamed = definition('acrux-old', REQUIRED, '', uuidOf('acrux'));
    const host = { qemu: { 1: qemu('acrux', 'Haswell') }, definitions: { 'acrux-old': renamed } };
    expect(await check(host)).toMatchObject({ code: 1 });
    expect(await check(host, '--guest', 'acrux')).toMatchObject({ code: 1 });
  });
});

describe('processes that hang in the kernel', () => {
  it('and could not be told are said, not alarmed, unless asked to', async () => {
    const host = { uid: 65534, qemu: { 1: qemu('a', 'Haswell') }, undecided: [4711, 4712] };
    const { code, text } = await check(host);
    expect(code).toBe(0);
    expect(text).toContain('2 processes hang in the kernel and could not be told to be guests or not');
    expect(text).toContain('pid 4711, 4712');
    expect(await check(host, '--undecided', 'unknown')).toMatchObject({ code: 3 });
    expect((await check({ undecided: [7] })).text).toContain('1 process hangs in the kernel');
  });
});

describe('a definition that passes the CPU through', () => {
  const passed = "<cpu mode='host-passthrough' migratable='off'/>";

  it('counts only where the host has the feature', async () => {
    const host = { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: definition('a', passed) } };
    expect(await check(host)).toMatchObject({ code: 1 });
    expect(await check({ ...host, cpuFlags: 'fpu constant_tsc' })).toMatchObject({ code: 0 });
    const elsewhere = { definitions: { a: definition('a', passed) }, cpuFlags: 'fpu' };
    expect(await check(elsewhere, '--defined', 'critical')).toMatchObject({ code: 0 });
  });
});

describe('libvirt that answers nonsense', () => {
  it('is UNKNOWN, unlike libvirt that does not answer', async () => {
    const id = uuidOf('a');
    const host = { uid: 65534, qemu: { 1: qemu('a', 'Haswell') }, definitions: 'denied' } as const;
    const list = { 'list --all --uuid': { out: `${id}\n` } };
    const dump = `dumpxml\\x20--inactive\\x20${id}`;
    expect(
      await check({ ...host, virsh: { ...list, [dump]: { out: '<domain><name>a</nam' } } }),
    ).toMatchObject({ code: 3 });
    expect(
      await check({ ...host, virsh: { 'list --all --uuid': { status: 1, err: 'error: no\n' } } }),
    ).toMatchObject({ code: 0 });
  });
});

describe('thresholds', () => {
  it('add to the states of the findings', async () => {
    const host = { qemu: { 1: qemu('a', 'host,+invtsc'), 2: qemu('b', 'host,+invtsc') } };
    expect(await check(host, '--running', 'ok')).toMatchObject({ code: 0 });
    expect(await check(host, '--running', 'ok', '-w', '1')).toMatchObject({ code: 1 });
    const red = await check(host, '-w', '0', '-c', '1');
    expect(red.code).toBe(2);
    expect(red.perfdata).toContain('with_invtsc=2;0;1;0');
  });
});

describe('the incident', () => {
  it('names all 24 guests, in what a monitoring system takes', async () => {
    const { text } = await replay(plugin, recorded(plugin.name, 'incident'));
    for (const name of INCIDENT) expect(text).toContain(name);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
    expect(text).toContain('guests=24;;;0 with_invtsc=24');
  });

  // RECORD=1 makes them anew.
  it('is recorded as it is built here', () => {
    const cpu = ACRUX[7] ?? '';
    const before = INCIDENT.map((name, index) => (index === 0 ? ACRUX : qemu(name, cpu)));
    const after = INCIDENT.map((name) => qemu(name, cpu.replace(',+invtsc', '')));
    const names = (guests: readonly (readonly string[])[]) =>
      Object.fromEntries(guests.map((argv, index) => [4711 + index, argv]));
    const comment = [
      '# Hand-made: the first command line is the one of the incident, as its host showed it, without the parts that its',
      '# report left out; the other 23 guests have the same CPU and are called by libvirt as it calls them today.',
    ];
    for (const [name, guests, outcome] of [
      [
        'incident',
        before,
        '1 INVTSC WARNING - acrux: runs with +invtsc, cannot be live-migrated, its definition has it too, and 23 more: ' +
          `${INCIDENT.slice(1, 13).join(', ')}, ... 24 guests run here, 24 with invtsc`,
      ],
      [
        'repaired',
        after,
        '0 INVTSC OK - 24 guests run here, none with invtsc | guests=24;;;0 with_invtsc=0;;;0 power_cycles=0;;;0 next_start=0;;;0',
      ],
    ] as const) {
      const element = name === 'incident' ? REQUIRED : CLEAN;
      const uuid = (guest: string): string => (guest === 'acrux' ? ACRUX_UUID : uuidOf(guest));
      const definitions = Object.fromEntries(
        INCIDENT.map((one) => [one, definition(one, element, '', uuid(one))]),
      );
      const [first = '', ...rest] = guestHost({ qemu: names(guests), definitions });
      const text = [first, ...comment, ...rest, 'end', ''].join('\n');
      const expected = { options: [], outcome };
      if (process.env['RECORD'] === '1') keep(plugin.name, name, text, expected);
      expect(recorded(plugin.name, name)).toBe(expecting(text, expected));
    }
  });
});

const INCIDENT = [
  'acrux', 'adhara', 'alcor', 'aldebaran', 'algol', 'alhena', 'alioth', 'alkaid', 'almach', 'alnair', 'alnilam', 'alphard',
  'altair', 'ankaa', 'antares', 'arcturus', 'atria', 'bellatrix', 'betelgeuse', 'canopus', 'capella', 'castor', 'deneb', 'dubhe',
]; // prettier-ignore

describe('what is said below line 1', () => {
  const LIVE = `<domstatus state='running' reason='booted' pid='1'>${definition('a', REQUIRED).replace(/^<!--.*-->/s, '')}</domstatus>`;
  const STUCK = { 9: ['/usr/bin/kvm', '-id', '100', '-name', 'a,debug-threads=on', '-no-shutdown', '-cpu', 'host,+invtsc'] }; // prettier-ignore
  const xen = (built: Built, cfg: string | null): GuestHost => ({ xen: { list: { out: xlList({ 1: 'a' }) }, long: { out: xlListLong({ 1: { name: 'a', ...built } }) }, cfg: cfg === null ? {} : { a: `name = "a"\nmemory = 512\n${cfg}\n` } } }); // prettier-ignore

  it.each<[string, number, GuestHost, string[], string[]]>([
    ['a definition that has it too', 1, { qemu: { 1: qemu('a', 'Haswell,+invtsc') }, definitions: { a: definition('a', REQUIRED) } }, [], [
      `[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (uuid ${uuidOf('a')}, pid 1, seen in its command line: +invtsc, /etc/libvirt/qemu/a.xml has feature policy='require' name='invtsc')`,
      `Take the feature with the name 'invtsc' out of the definition, then shut down on the host and start again (a reboot inside the guest is not enough)`,
      '  virsh edit a',
      '  virsh shutdown a',
      '  virsh start a',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 1)',
    ]],
    ['a clean definition', 1, { qemu: { 1: qemu('a', 'Haswell,+invtsc') }, definitions: { a: definition('a', CLEAN) } }, [], [
      `[WARNING] a: runs with +invtsc, cannot be live-migrated until it is shut down and started (uuid ${uuidOf('a')}, pid 1, seen in its command line: +invtsc, /etc/libvirt/qemu/a.xml is clean)`,
      'The definition is clean: shut down on the host and start again (a reboot inside the guest is not enough)',
      '  virsh shutdown a',
      '  virsh start a',
      'a: runs with +invtsc, cannot be live-migrated until it is shut down and started (pid 1)',
    ]],
    ['a CPU passed through', 1, { qemu: { 1: qemu('a', 'host,migratable=off') }, definitions: { a: definition('a', "<cpu mode='host-passthrough' migratable='off'/>") } }, [], [
      `[WARNING] a: runs with migratable=off, cannot be live-migrated, its definition has it too (uuid ${uuidOf('a')}, pid 1, seen in its command line: migratable=off, /etc/libvirt/qemu/a.xml has cpu mode='host-passthrough' migratable='off')`,
      `Set migratable='on' at the cpu element of the definition, then shut down on the host and start again (a reboot inside the guest is not enough)`,
      '  virsh edit a',
      '  virsh shutdown a',
      '  virsh start a',
      'a: runs with migratable=off, cannot be live-migrated, its definition has it too (pid 1)',
    ]],
    ['a guest that was started by hand', 1, { qemu: { 1: qemu('a', 'Haswell,+invtsc') } }, [], [
      `[WARNING] a: runs with +invtsc, cannot be live-migrated (uuid ${uuidOf('a')}, pid 1, seen in its command line: +invtsc, no definition seen)`,
      'Take +invtsc out of the -cpu option that the guest is started with, shut it down and start it again (a reboot inside the guest is not enough)',
      'a: runs with +invtsc, cannot be live-migrated (pid 1)',
    ]],
    ['a guest that libvirt runs without a definition', 1, { qemu: { 1: qemu('a', 'Haswell,+invtsc') }, live: { a: LIVE } }, [], [
      `[WARNING] a: runs with +invtsc, cannot be live-migrated (uuid ${uuidOf('a')}, pid 1, seen in its command line: +invtsc, no definition seen)`,
      `Take the feature with the name 'invtsc' out of the definition, then shut down on the host and start again (a reboot inside the guest is not enough)`,
      '  virsh edit a',
      '  virsh shutdown a',
      '  virsh start a',
      'a: runs with +invtsc, cannot be live-migrated (pid 1)',
    ]],
    ['a command line that does not tell', 1, { qemu: { 1: Buffer.from('qemu-system-x86_64: guest a') }, live: { a: LIVE } }, [], [
      `[WARNING] a: runs with feature policy='require' name='invtsc', cannot be live-migrated (uuid ${uuidOf('a')}, pid 1, no definition seen)`,
      `Take the feature with the name 'invtsc' out of the definition, then shut down on the host and start again (a reboot inside the guest is not enough)`,
      '  virsh edit a',
      '  virsh shutdown a',
      '  virsh start a',
      `a: runs with feature policy='require' name='invtsc', cannot be live-migrated (pid 1)`,
    ]],
    ['a guest that will have it', 1, { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: definition('a', REQUIRED) } }, [], [
      `[WARNING] a: runs without invtsc, but its definition has feature policy='require' name='invtsc': stuck after its next start (uuid ${uuidOf('a')}, pid 1, /etc/libvirt/qemu/a.xml has feature policy='require' name='invtsc')`,
      `Take the feature with the name 'invtsc' out of the definition, the running guest needs nothing`,
      '  virsh edit a',
      `a: runs without invtsc, but its definition has feature policy='require' name='invtsc': stuck after its next start (pid 1)`,
    ]],
    ['a clean guest', 0, { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: definition('a', CLEAN) } }, [], [
      'a: clean (pid 1)',
    ]],
    ['a definition of a guest that does not run', 0, { definitions: { a: definition('a', REQUIRED) } }, [], [
      `[OK] a: not running here, its definition has feature policy='require' name='invtsc' (/etc/libvirt/qemu/a.xml)`,
      `Take the feature with the name 'invtsc' out of the definition, before it is started`,
      '  virsh edit a',
      'a: not running here, defined in /etc/libvirt/qemu/a.xml',
    ]],
    ['an emulated guest', 1, { qemu: { 1: ['qemu-system-x86_64', '-name', 'a', '-accel', 'tcg', '-cpu', 'Westmere,+invtsc'] } }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated (pid 1, seen in its command line: +invtsc, emulated (TCG): it takes effect under KVM, no definition seen)',
      'Take +invtsc out of the -cpu option that the guest is started with, shut it down and start it again (a reboot inside the guest is not enough)',
      'a: runs with +invtsc, cannot be live-migrated (pid 1)',
    ]],
    ['an emulated guest without it', 1, { qemu: { 1: ['qemu-system-x86_64', '-name', 'a', '-accel', 'tcg', '-cpu', 'Westmere'] }, definitions: { a: definition('a', REQUIRED) } }, [], [
      `[WARNING] a: runs without invtsc, but its definition has feature policy='require' name='invtsc': stuck after its next start (pid 1, /etc/libvirt/qemu/a.xml has feature policy='require' name='invtsc')`,
      `Take the feature with the name 'invtsc' out of the definition, the running guest needs nothing`,
      '  virsh edit a',
      `a: runs without invtsc, but its definition has feature policy='require' name='invtsc': stuck after its next start (pid 1)`,
    ]],
    ['a guest of Proxmox whose configuration is closed', 1, { uid: 1000, qemu: STUCK, proxmox: 'denied' }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated (pid 9, seen in its command line: +invtsc, no definition seen)',
      '[OK] definitions not read: /etc/pve/qemu-server: permission denied (run the check as root, or let libvirt answer (virsh and its read-only socket))',
      'Take invtsc out of the CPU type or the args of the configuration, then stop and start the guest (a reboot inside the guest is not enough)',
      '  qm config 100',
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated (pid 9)',
    ]],
    ['a CPU type of Proxmox', 1, { qemu: STUCK, proxmox: { 100: 'name: a\ncpu: host,flags=+invtsc\n' } }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9, seen in its command line: +invtsc, /etc/pve/qemu-server/100.conf has +invtsc)',
      'Take +invtsc out of the CPU type or the args of the configuration, then stop and start the guest (a reboot inside the guest is not enough)',
      '  qm set 100 --cpu host',
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9)',
    ]],
    ['arguments of Proxmox', 1, { qemu: STUCK, proxmox: { 100: 'name: a\nargs: -cpu host,invtsc,migratable=off -s\n' } }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9, seen in its command line: +invtsc, /etc/pve/qemu-server/100.conf has invtsc)',
      'Take +invtsc out of the CPU type or the args of the configuration, then stop and start the guest (a reboot inside the guest is not enough)',
      `  qm set 100 --args '-cpu host -s'`,
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9)',
    ]],
    ['flags of Proxmox', 1, { qemu: STUCK, proxmox: { 100: 'name: a\ncpu: host,flags=+invtsc;+aes\n' } }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9, seen in its command line: +invtsc, /etc/pve/qemu-server/100.conf has +invtsc)',
      'Take +invtsc out of the CPU type or the args of the configuration, then stop and start the guest (a reboot inside the guest is not enough)',
      `  qm set 100 --cpu $'host\\x2cflags=+aes'`,
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9)',
    ]],
    ['flags of Proxmox, the last of them', 1, { qemu: STUCK, proxmox: { 100: 'name: a\ncpu: host,flags=+aes;+invtsc\n' } }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9, seen in its command line: +invtsc, /etc/pve/qemu-server/100.conf has +invtsc)',
      'Take +invtsc out of the CPU type or the args of the configuration, then stop and start the guest (a reboot inside the guest is not enough)',
      `  qm set 100 --cpu $'host\\x2cflags=+aes'`,
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9)',
    ]],
    ['a CPU model of Proxmox beside own flags', 1, { qemu: STUCK, proxmox: { 100: 'name: a\ncpu: custom-fast,flags=+invtsc\n' }, cpuModels: 'cpu-model: fast\n\treported-model host\n' }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9, seen in its command line: +invtsc, /etc/pve/qemu-server/100.conf has +invtsc)',
      'Take +invtsc out of the CPU type or the args of the configuration, then stop and start the guest (a reboot inside the guest is not enough)',
      '  qm set 100 --cpu custom-fast',
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9)',
    ]],
    ['a CPU model of Proxmox', 1, { qemu: STUCK, proxmox: { 100: 'name: a\ncpu: custom-fast\n' }, cpuModels: 'cpu-model: fast\n\tflags +invtsc\n\treported-model host\n' }, [], [
      '[WARNING] a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9, seen in its command line: +invtsc, /etc/pve/qemu-server/100.conf has +invtsc)',
      'Take +invtsc out of the CPU model fast in /etc/pve/virtual-guest/cpu-models.conf, then stop and start the guest (a reboot inside the guest is not enough)',
      '  qm config 100',
      '  qm shutdown 100',
      '  qm start 100',
      'a: runs with +invtsc, cannot be live-migrated, its definition has it too (pid 9)',
    ]],
    ['a guest of Xen', 1, xen({ disable_migrate: 'True' }, 'nomigrate = 1'), [], [
      '[WARNING] a: runs with nomigrate=1, cannot be live-migrated, its definition has it too (uuid 07ae8823-eaba-4d1b-b52e-000000000001, Xen domain 1, seen in xl list -l, /etc/xen/a.cfg has nomigrate=1)',
      'Take nomigrate=1 out of /etc/xen/a.cfg, then shut down on the host and start again (a reboot inside the guest is not enough)',
      '  xl shutdown -w a',
      '  xl create /etc/xen/a.cfg',
      'a: runs with nomigrate=1, cannot be live-migrated, its definition has it too (Xen domain 1)',
    ]],
    ['a guest of Xen without a configuration', 1, xen({ disable_migrate: 'True' }, null), [], [
      '[WARNING] a: runs with nomigrate=1, cannot be live-migrated (uuid 07ae8823-eaba-4d1b-b52e-000000000001, Xen domain 1, seen in xl list -l, no definition seen)',
      'Take nomigrate=1 out of what it is created from, then shut down on the host and start again (a reboot inside the guest is not enough)',
      '  xl shutdown -w a',
      'a: runs with nomigrate=1, cannot be live-migrated (Xen domain 1)',
    ]],
    ['a guest of Xen with a clean one', 1, xen({ disable_migrate: 'True' }, 'nomigrate = 0'), [], [
      '[WARNING] a: runs with nomigrate=1, cannot be live-migrated until it is shut down and started (uuid 07ae8823-eaba-4d1b-b52e-000000000001, Xen domain 1, seen in xl list -l, /etc/xen/a.cfg is clean)',
      'The definition is clean: shut down on the host and start again (a reboot inside the guest is not enough)',
      '  xl shutdown -w a',
      '  xl create /etc/xen/a.cfg',
      'a: runs with nomigrate=1, cannot be live-migrated until it is shut down and started (Xen domain 1)',
    ]],
    ['a clean guest of Xen', 0, xen({}, 'nomigrate = 0'), [], [
      'a: clean (Xen domain 1)',
    ]],
    ['processes that are hidden, and a guest that may be one of them', 3, { uid: 65534, isHidden: true, qemu: { 1: qemu('a', 'Haswell') } }, ['--guest', 'nobody'], [
      '[UNKNOWN] /proc: permission denied (the processes of other users are hidden by its mount option hidepid)',
      'Run the check as root (--sudo), or give its user the group of the mount option gid= of /proc',
    ]],
    ['a process that cannot be told, and a guest that may be it', 3, { qemu: { 7: null, 1: qemu('a', 'Haswell') } }, ['--guest', 'nobody'], [
      '[UNKNOWN] /proc/7/cmdline (qemu): permission denied',
    ]],
    ['ten of twelve processes that hang', 0, { uid: 65534, undecided: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }, [], [
      '[OK] 12 processes hang in the kernel and could not be told to be guests or not (pid 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, root can tell)',
      '[OK] no guests: 100 processes, none of them a qemu guest',
    ]],
    ['a process that hangs, to root', 0, { undecided: [7] }, [], [
      '[OK] 1 process hangs in the kernel and could not be told to be guests or not (pid 7)',
      '[OK] no guests: 100 processes, none of them a qemu guest',
    ]],
    ['definitions that are closed', 0, { uid: 65534, qemu: { 1: qemu('a', 'Haswell') }, definitions: 'denied' }, [], [
      '[OK] definitions not read: /etc/libvirt/qemu: permission denied (1 more like it) (virsh -q -r -c qemu:///system list --all --uuid: is not there (no such command), run the check as root, or let libvirt answer (virsh and its read-only socket))',
      'a: clean (pid 1)',
    ]],
    ['definitions that are closed to root', 0, { qemu: { 1: qemu('a', 'Haswell') }, definitions: 'denied' }, [], [
      '[OK] definitions not read: /etc/libvirt/qemu: permission denied (1 more like it) (virsh -q -r -c qemu:///system list --all --uuid: is not there (no such command))',
      'a: clean (pid 1)',
    ]],
    ['definitions that are closed, and a virsh that fails', 0, { uid: 65534, qemu: { 1: qemu('a', 'Haswell') }, definitions: 'denied', virsh: { 'list --all --uuid': { status: 1, err: 'error: no\n' } } }, [], [
      '[OK] definitions not read: /etc/libvirt/qemu: permission denied (1 more like it) (virsh -r -c qemu:///system: could not be read (no), run the check as root, or let libvirt answer (virsh and its read-only socket))',
      'a: clean (pid 1)',
    ]],
    ['two definitions that make no sense', 3, { qemu: { 1: qemu('a', 'Haswell') }, definitions: { a: '<domain><name>a</name', b: '<dom' } }, [], [
      '[UNKNOWN] definitions not read: /etc/libvirt/qemu/a.xml: is not understood (XML, line 1, column 22: not well-formed (InvalidTag)) (1 more like it)',
      'a: clean (pid 1)',
    ]],
    ['definitions that are closed, and one that makes no sense', 3, { qemu: { 1: qemu('a', 'Haswell') }, definitions: 'denied', proxmox: { 100: 'garbage' } }, [], [
      '[UNKNOWN] definitions not read: /etc/libvirt/qemu: permission denied (2 more like it) (virsh -q -r -c qemu:///system list --all --uuid: is not there (no such command))',
      'a: clean (pid 1)',
    ]],
  ])('is its evidence and its repair: %s', async (_, code, host, args, expected) => {
    const said = await check(host, '-v', ...args);
    expect(said.long.trimEnd().split('\n')).toEqual(expected);
    expect(said.code).toBe(code);
  }); // prettier-ignore
});
