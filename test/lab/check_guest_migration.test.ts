/**
 * check_guest_migration, built, on real qemu processes: this machine and another host, which is an sshd with processes, mounts,
 * definitions and a boot of its own.
 */
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { definition, uuidOf } from '../guest-host.ts';
import { keep } from '../recordings.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import { atEnd, lab, scratch, until } from './lab.ts';
import { domainXml, LIBVIRTD, startLibvirtd } from './libvirt.ts';
import { runPlugin, spawnProcess } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';
import { freePort } from './port.ts';
import { SSHD, startSshd, type Sshd } from './sshd.ts';

let folder: string;
let plugin: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_guest_migration', folder);
  plugin = join(folder, 'bin/check_guest_migration');
});

/** @param here what is done first in a mount namespace of the check's own: other definitions */
async function check(args: readonly string[], here = ':') {
  const argv = [
    'unshare',
    '-m',
    'sh',
    '-c',
    `${here} && exec "$@"`,
    'sh',
    plugin,
    '--guest',
    'lab-*',
    ...args,
  ];
  const { code, stdout, stderr } = await runPlugin(argv);
  expect(stderr).toBe('');
  const [first = ''] = stdout.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line, perfdata, text: stdout };
}

/** With RECORD=1, what the check sees becomes a fixture of the other tests. */
async function record(name: string, args: readonly string[], here = ':'): Promise<void> {
  if (process.env['RECORD'] !== '1') return;
  const file = join(scratch(), 'recording');
  const { code, line, perfdata } = await check([...args, '--record', file], here);
  const options = args.length === 0 ? [] : ['--partner', 'far'];
  const outcome = `${code ?? ''} ${line} | ${perfdata}`;
  keep('check_guest_migration', name, readFileSync(file, 'utf8'), { options, outcome });
}

function image(name: string, where = folder): string {
  const path = join(where, name);
  writeFileSync(path, '');
  truncateSync(path, 1024 * 1024);
  return path;
}

/** Another file in place of one, until the mount namespace ends. */
function instead(path: string, text: string): string {
  const file = join(scratch(), 'file');
  writeFileSync(file, text);
  return `mount --bind ${file} ${path}`;
}

/** Definitions of a host, as libvirt keeps them. */
function defines(...xmls: readonly string[]): string {
  const place = scratch();
  for (const [index, xml] of xmls.entries()) writeFileSync(join(place, `${index}.xml`), xml);
  return `mkdir -p /etc/libvirt/qemu && mount --bind ${place} /etc/libvirt/qemu`;
}

const QEMU_PAUSED = 'qemu-system-x86_64 -S -accel tcg -m 64 -display none -nodefaults -serial null';

let count = 0;

/** A second host: its own processes, boot, and what `prepare` makes of it; `guests` are arguments of its qemus. */
async function otherHost(prepare: readonly string[] = [], guests: readonly string[] = []): Promise<Sshd> {
  count += 1;
  const boot = instead('/proc/sys/kernel/random/boot_id', `99999999-2222-3333-4444-${count + 1e11}\n`);
  const qemus = guests.map((args) => `{ ${QEMU_PAUSED} ${args} & }`);
  return await startSshd({ ownProcesses: true, prepare: [boot, ...prepare, ...qemus].join(' && ') });
}

const partner = (sshd: Sshd): string[] => ['--partner', 'far', '--ssh-config', sshd.configuration()];

const named = (name: string): string => `-name guest=${name},debug-threads=on -uuid ${uuidOf(name)}`;

lab(QEMU, 'real guests', () => {
  it('are told with all that keeps them here', async () => {
    const swap = image('swap.img');
    const iso = image('install.iso');
    const guests: readonly (readonly [string, readonly string[]])[] = [
      ['lab-acrux', ['-cpu', 'SandyBridge,+invtsc']],
      ['lab-dubhe', ['-drive', `file=${swap},format=raw,if=virtio`, '-virtfs', `local,path=${folder},mount_tag=x,security_model=none`]],
      ['lab-enif', ['-drive', `file=${iso},format=raw,media=cdrom`]],
      ['lab-fum', ['-device', 'nvme,serial=1,drive=d', '-drive', `file=${image('nvme.img')},format=raw,if=none,id=d`]],
      ['lab-gem', ['-object', 'memory-backend-file,id=m,size=1M,mem-path=/dev/shm/lab-migration,share=on', '-device', 'ivshmem-plain,memdev=m']],
      ['lab-ham', ['-blockdev', `{"driver":"raw","node-name":"r","file":{"driver":"file","filename":"${image('block.img')}"}}`, '-device', '{"driver":"virtio-blk-pci","drive":"r"}']],
      ['lab-izar', ['-cpu', 'Haswell']],
    ]; // prettier-ignore
    for (const [name, args] of guests) await startQemu({ args: ['-name', name, ...args] });
    const { code, line, perfdata, text } = await check([]);
    expect(line).toContain(
      `GUEST_MIGRATION WARNING - host cannot be emptied: 1 of 7 guests can move. lab-acrux: invtsc, lab-dubhe: 9p folder ${folder} and local disk ${swap}`,
    );
    expect(code).toBe(1);
    expect(text).toContain(`lab-enif: ISO ${iso} only here`);
    expect(text).toContain('lab-fum: device nvme');
    expect(text).toContain('lab-gem: shared memory (ivshmem)');
    expect(text).toContain('lab-ham: local disk');
    await record('blocked', []);
    expect(perfdata).toContain('guests=7;;;0 movable=1;;;0 blocked=6;;;0 blocked_invtsc=1;;;0');
  });

  it('that nothing keeps here can move, and a recording says the same', async () => {
    await startQemu({ args: ['-name', 'lab-izar', '-cpu', 'Haswell'] });
    const file = join(folder, 'recording');
    const live = await check(['--record', file]);
    expect(live.line).toBe('GUEST_MIGRATION OK - host can be emptied: 1 of 1 guest can move');
    expect(await check(['--replay', file])).toEqual(live);
  });
});

lab([...QEMU, ...SSHD, 'sshfs', '/dev/fuse', 'umount'], 'two hosts', () => {
  let shared: string;
  let disk: string;
  beforeAll(async () => {
    const server = await startSshd({ config: ['Subsystem sftp internal-sftp'] });
    shared = join(scratch(), 'shared');
    const behind = scratch();
    mkdirSync(shared);
    disk = image('disk.img', behind).replace(behind, shared);
    // sshfs may end before its mount does, and what is mounted cannot be removed.
    atEnd(async () => {
      await runPlugin(['umount', '-l', shared]);
    });
    const mount = spawnProcess(['sshfs', '-f', '-F', server.configuration(), `far:${behind}`, shared]);
    await until(() => existsSync(disk), {
      seconds: 10,
      what: () => `sshfs\n${mount.output()}`,
    });
  });
  const onShared = (name: string): string[] => [
    ...named(name).split(' '),
    '-drive',
    `file=${disk},format=raw,if=virtio,file.locking=off`,
  ];

  it('that share the disk can take each other’s guests', async () => {
    await startQemu({ args: onShared('lab-a') });
    const far = await otherHost();
    const { code, line, text } = await check(['-v', ...partner(far)]);
    expect(line).toBe('GUEST_MIGRATION OK - host can be emptied: 1 of 1 guest can move');
    expect(code).toBe(0);
    await record('partner', partner(far));
    expect(text).toMatch(/far takes 1 guest with 64 MiB, .* left: lab-a/);
  });

  it.each<[string, (shared: string) => string, string[], string]>([
    ['the disk', (at) => `umount ${at}`, [], 'not there on far'],
    ['the file system', (at) => `umount ${at} && mount -t tmpfs none ${at} && : > ${at}/disk.img`, [], 'local on far'],
    ['memory', () => instead('/proc/meminfo', 'MemFree: 1 kB\nMemAvailable: 1024 kB\n'), [], '64 MiB of memory, 1 MiB left on far'],
    ['a CPU feature', () => instead('/proc/cpuinfo', 'vendor_id\t: GenuineIntel\nflags\t\t: fpu\n'), ['-accel', 'kvm', '-accel', 'tcg', '-cpu', 'Westmere'], 'missing on far'],
  ])('of which the other lacks %s cannot', async (what, prepare, args, text) => {
    await startQemu({ args: [...onShared('lab-a'), ...args] });
    const far = await otherHost([prepare(shared)]);
    const { code, line } = await check(partner(far));
    expect(line).toMatch(/^GUEST_MIGRATION WARNING - host cannot be emptied: 0 of 1 guest can move\. lab-a: /);
    expect(line).toContain(text);
    expect(code).toBe(1);
    await record(`without-${what.replaceAll(' ', '-')}`, partner(far));
  }); // prettier-ignore

  it('have definitions that are compared', async () => {
    await startQemu({ args: onShared('lab-a') });
    const far = await otherHost([defines(definition('lab-a', "<cpu mode='host-passthrough'/>"))]);
    const here = defines(definition('lab-a', "<cpu mode='host-model'/>"));
    const { code, line } = await check(partner(far), here);
    expect(line).toBe(
      'GUEST_MIGRATION WARNING - host can be emptied: 1 of 1 guest can move. lab-a: defined otherwise on far: CPU',
    );
    expect(code).toBe(1);
    await record('definitions-differ', partner(far), here);
    const same = await otherHost([defines(definition('lab-a', "<cpu mode='host-model'/>"))]);
    expect(await check(partner(same), here)).toMatchObject({ code: 0 });
  });

  describe('with the same guest', () => {
    // Processes of a namespace are seen from the one above as well, so both are hosts to themselves.
    const both = async (...more: readonly (readonly string[])[]): Promise<string[]> => {
      const [near, far] = [
        await otherHost([], [onShared('lab-a').join(' ')]),
        await otherHost(
          [],
          more.map((args) => args.join(' ')),
        ),
      ];
      const config = together({ near, far });
      return ['--host', 'near', '--partner', 'far', '--ssh-config', config];
    };
    const seen = async (args: readonly string[]): Promise<Awaited<ReturnType<typeof check>>> =>
      await until(
        async () => {
          const said = await check(args);
          return said.line.includes('lab-a') ? said : null;
        },
        { seconds: 20, what: 'the guest of both hosts' },
      );

    it('running on both are CRITICAL, in words for the one who is called at night', async () => {
      const args = await both(onShared('lab-a'));
      const { code, line, text } = await seen(args);
      expect(line).toBe(
        'GUEST_MIGRATION CRITICAL - lab-a: runs here and on far at the same time, both write to its disks. host cannot be emptied: 0 of 1 guest can move',
      );
      expect(code).toBe(2);
      expect(text).toContain(uuidOf('lab-a'));
      await record('split-brain', args);
      const file = join(folder, 'twins');
      const live = await check([...args, '--record', file]);
      expect(await check(['--partner', 'far', '--replay', file])).toEqual(live);
    });

    it('waiting there to be migrated to are no split brain that anybody could be sure of', async () => {
      const waiting = [...onShared('lab-a'), '-incoming', `tcp:127.0.0.1:${await freePort()}`];
      const { code, line } = await seen(await both(waiting));
      expect(line).toContain(
        'lab-a: also on far: cannot tell whether it is a migration under way or runs on both',
      );
      expect(code).toBe(3);
    });
  });

  it('of which one does not answer are UNKNOWN, and nothing that was found is hidden', async () => {
    await startQemu({ args: [...onShared('lab-a'), '-cpu', 'Haswell,+invtsc'] });
    const far = await otherHost();
    const config = far.configuration();
    await far.running.stop();
    const { code, line } = await check(['--partner', 'far', '--ssh-config', config]);
    expect(line).toContain('lab-a: invtsc');
    expect(line).toContain('far: could not be looked at: ');
    expect(code).toBe(1);
    const healthy = await check(['--partner', 'far', '--ssh-config', config, '--invtsc', 'ok']);
    expect(healthy.code).toBe(3);
    await record('unreachable', ['--partner', 'far', '--ssh-config', config]);
  });
});

lab([...QEMU, ...SSHD], 'two partners', () => {
  it('of one chain each take the half that fits', async () => {
    await startQemu({ args: named('lab-a').split(' ') });
    await startQemu({ args: named('lab-b').split(' ') });
    const has = (kib: number): string => instead('/proc/meminfo', `MemFree: 1 kB\nMemAvailable: ${kib} kB\n`);
    // Room for one guest of 64 MiB on each.
    const [jill, kaya] = [await otherHost([has(70_000)]), await otherHost([has(80_000)])];
    const config = together({ jill, kaya });
    const both = await check(['-v', '--partner', 'jill', '--partner', 'kaya', '--ssh-config', config]);
    expect(both.line).toBe(
      'GUEST_MIGRATION OK - host can be emptied: all 2 guests can move, 1 to jill, 1 to kaya',
    );
    expect(both.code).toBe(0);
    expect(both.text).toMatch(/^jill takes 1 guest with 64 MiB, .* left: lab-[ab]$/m);
    expect(both.text).toMatch(/^kaya takes 1 guest with 64 MiB, .* left: lab-[ab]$/m);
    const one = await check(['--partner', 'jill', '--ssh-config', config]);
    expect(one.line).toMatch(
      /host cannot be emptied: 1 of 2 guests can move\. lab-[ab]: 64 MiB of memory, .* left on jill/,
    );
    expect(one.code).toBe(1);
    await kaya.running.stop();
    const lost = await check(['--partner', 'jill', '--partner', 'kaya', '--ssh-config', config]);
    expect(lost.line).toContain('kaya: could not be looked at: ');
    expect(lost.code).toBe(1);
  });
});

/** One configuration that knows several hosts. */
function together(hosts: Readonly<Record<string, Sshd>>): string {
  const config = join(scratch(), 'config');
  const texts = Object.entries(hosts).map(([name, sshd]) =>
    readFileSync(sshd.configuration(), 'utf8').replace('Host far', `Host ${name}`),
  );
  writeFileSync(config, texts.join(''), { mode: 0o600 });
  return config;
}

lab([...LIBVIRTD, ...SSHD], 'libvirt', () => {
  it(
    'refuses to migrate the guests that the check says cannot move, and no other',
    { timeout: 240_000 },
    async () => {
      const libvirtd = await startLibvirtd(scratch());
      const file = image('libvirt.img');
      const diskOf = (more: string): string => `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='vda' bus='virtio'/>${more}</disk>`; // prettier-ignore
      const guests: Readonly<Record<string, string>> = {
        'lab-clean': '',
        'lab-disk': diskOf(''),
        'lab-shm': "<shmem name='lab-shm'><model type='ivshmem-plain'/><size unit='M'>1</size></shmem>",
        'lab-snap': '',
      };
      for (const [name, devices] of Object.entries(guests)) {
        await libvirtd.define(domainXml({ name, uuid: uuidOf(name), devices }));
        await libvirtd.start(name);
      }
      const made = await libvirtd.virsh('snapshot-create', 'lab-snap', '--redefine', snapshotOf(await libvirtd.virsh('dumpxml', 'lab-snap'))); // prettier-ignore
      expect(made.stderr).toBe('');
      const refused = async (name: string): Promise<string> => {
        // Its first phase asks this host whether the guest may go; only then it is seen that it would stay where it is.
        const { stderr } = await libvirtd.virsh('migrate', '--live', name, 'qemu+unix:///system');
        return /same host/.test(stderr) ? '' : stderr.trim();
      };
      const said = Object.fromEntries(
        await Promise.all(Object.keys(guests).map(async (name) => [name, await refused(name)] as const)),
      );
      const { text } = await check(['-v']);
      for (const [name, why] of Object.entries(said)) {
        expect(text.includes(`${name}: can move`), `${name}: libvirt says "${why}"\n${text}`).toBe(
          why === '',
        );
      }
      expect(said['lab-clean']).toBe('');
      expect(Object.values(said).filter((why) => why !== '')).toHaveLength(3);
    },
  );

  it('tells of a partner what the guests need of it', { timeout: 240_000 }, async () => {
    const libvirtd = await startLibvirtd(scratch());
    await libvirtd.define(domainXml({ name: 'lab-clean', uuid: uuidOf('lab-clean') }));
    await libvirtd.start('lab-clean');
    // The partner asks the same libvirt, and so knows the machine type and has the definition.
    const far = await otherHost();
    const same = await check(partner(far));
    expect(same.line).toBe('GUEST_MIGRATION OK - host can be emptied: 1 of 1 guest can move');
    expect(same.code).toBe(0);
  });
});

/** A snapshot of the guest as it is, whose state libvirt only takes note of. */
function snapshotOf({ stdout }: { readonly stdout: string }): string {
  const path = join(scratch(), 'snapshot.xml');
  writeFileSync(path, `<domainsnapshot><name>one</name><state>shutoff</state><creationTime>1764000000</creationTime>${stdout}</domainsnapshot>`); // prettier-ignore
  return path;
}

lab([...QEMU, ...ICINGA], 'Icinga 2', () => {
  const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  it('runs the check from the generated command', async () => {
    const generated = readFileSync(join(top, 'icinga-conf/icinga2/guest_migration.conf'), 'utf8');
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "move" {
  host_name = "h"
  check_command = "guest_migration"
  vars.guest_migration_guest = [ "lab-icinga*" ]
  vars.guest_migration_critical = "3"
}`,
    });
    await startQemu({ args: ['-name', 'lab-icinga', '-cpu', 'Haswell,+invtsc'] });
    const red = await icinga.check('h!move');
    expect(red).toMatchObject({ state: 1, exit_status: 1 });
    expect(red.output).toContain(
      'GUEST_MIGRATION WARNING - host cannot be emptied: 0 of 1 guest can move. lab-icinga: invtsc',
    );
    expect(red.performance_data).toContain('blocked=1;;3;0');
    await icinga.stop();
  });
});
