/**
 * check_uptime_kernel, built, in releases of Debian with packages of kernels that their own dpkg and rpm have installed, by chroot and
 * from outside; on processes that really hold deleted files; beside needrestart; and through a real Icinga 2.
 */
import {
  copyFileSync,
  existsSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { release as uname, version as buildOf } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, it } from 'vitest';

import { askShellChild } from '../../lib/host/sh-child.ts';
import type { Want, Answers } from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import type { Clock, Host, Identity } from '../../lib/host/host.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { parseKernelAge } from '../../lib/rules/kernel-age.ts';
import plugin from '../../plugins/check_uptime_kernel.ts';
import { bundleAll } from '../../tools/bundle.mjs';
import { replay } from '../plugin-test.ts';
import { keep } from '../recordings.ts';
import { ICINGA, startIcinga } from './icinga2.ts';
import {
  inRoot,
  installDeb,
  installRpm,
  isMachine,
  KERNEL_ROOT,
  kernelRoot,
  succeed,
  type Look,
  type Suite,
} from './kernel-root.ts';
import { atEnd, lab, scratch, until } from './lab.ts';
import { runPlugin, spawnProcess } from './process.ts';
import { QEMU, startQemu } from './qemu.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const DAY_MS = 86_400_000;
let folder: string;

beforeAll(async () => {
  folder = scratch();
  await bundleAll('check_uptime_kernel', folder);
  if (!isMachine()) throw new Error('the lab of kernels needs a machine, this is a container');
});

/** The first line without performance data and what changes from run to run, and the state. */
type Said = readonly [code: number | null, line: string];

function said({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }): Said {
  expect(stderr).toBe('');
  const line = stdout.split('\n')[0]?.split(' | ')[0] ?? '';
  return [
    code,
    line
      .replace('UPTIME_KERNEL ', '')
      .replace(/up [0-9.]+ \w+/, 'up T')
      // Of other tests.
      .replace(/, [0-9]+ guests?(?=$|\. )/, '')
      .replace(/for [0-9.]+ (?:s|min)\b/, 'for 0 s'),
  ];
}

/** The check in the root by chroot, from outside with --root, and on what was recorded there: all must say the same. */
async function both(root: string, look: Look = {}, name = '', ...args: readonly string[]): Promise<Said> {
  const checks = join(root, 'opt/checks');
  if (!existsSync(join(checks, 'bin'))) cpSync(folder, checks, { recursive: true });
  const all = ['--no-old-code', ...args];
  const file = join(scratch(), 'recording.txt');
  const command = [join(folder, 'bin/check_uptime_kernel'), '--root', root, '--record', file, ...all];
  const [inside, outside] = (
    await Promise.all([
      inRoot(root, true, ['/opt/checks/bin/check_uptime_kernel', ...all], look),
      inRoot(root, false, command, look),
    ])
  ).map(said);
  if (inside === undefined) throw new Error('it has said nothing');
  expect({ outside }).toEqual({ outside: inside });
  const { code, text } = await replay(plugin, readFileSync(file, 'utf8'), ...all);
  expect({ replayed: said({ code, stdout: text, stderr: '' }) }).toEqual({ replayed: inside });
  if (process.env['RECORD'] === '1' && name !== '') {
    const outcome = `${code} ${text.split('\n')[0] ?? ''}`;
    keep(plugin.name, name, readFileSync(file, 'utf8'), { options: all, outcome });
  }
  return inside;
}

interface Names {
  readonly old: readonly [release: string, version: string];
  readonly middle: readonly [release: string, version: string];
  readonly fresh: readonly [release: string, version: string];
}

const NAMES: Readonly<Record<Suite, Names>> = {
  bookworm: {
    old: ['6.1.0-9-amd64', '6.1.27-1'],
    middle: ['6.1.0-35-amd64', '6.1.137-1'],
    fresh: ['6.1.0-37-amd64', '6.1.140-1'],
  },
  trixie: {
    old: ['6.12.9+deb13-amd64', '6.12.9-1'],
    middle: ['6.12.38+deb13-amd64', '6.12.38-1'],
    fresh: ['6.12.41+deb13-amd64', '6.12.41-1'],
  },
};

function unameOf([release, version]: readonly [string, string]): Look {
  return { uname: [release, `#1 SMP PREEMPT_DYNAMIC Debian ${version} (2025-05-22)`] };
}

/** Nobody waits for weeks: what dpkg has written about an installation is dated back. */
function dateBack(root: string, days: number): void {
  const log = join(root, 'var/log/dpkg.log');
  const at = new Date(Date.now() - days * DAY_MS);
  const stamp = at.toISOString().slice(0, 19).replace('T', ' ');
  writeFileSync(log, readFileSync(log, 'utf8').replaceAll(/^[-0-9]{10} [0-9:]{8}/gm, stamp));
  for (const release of Object.values(NAMES).flatMap(({ old, middle, fresh }) => [
    old[0],
    middle[0],
    fresh[0],
  ])) {
    try {
      utimesSync(join(root, `var/lib/dpkg/info/linux-image-${release}.list`), at, at);
    } catch {
      // Not one of this root.
    }
  }
}

/** Of the package monitoring-plugins-contrib. */
const CONTRIB = '/usr/lib/nagios/plugins';

lab([...KERNEL_ROOT, `${CONTRIB}/check_running_kernel`, 'busybox'], 'kernels that dpkg has installed', () => {
  it.each(['bookworm', 'trixie'] as const)(
    'are judged in %s',
    async (suite) => {
      const root = await kernelRoot(suite);
      const { old, middle, fresh } = NAMES[suite];
      const install = async (
        [release, version]: readonly [string, string],
        isBroken = false,
      ): Promise<void> => {
        const { code, stderr } = await installDeb(root, { release, version, isBroken });
        if ((code !== 0) !== isBroken) throw new Error(stderr);
      };
      const running = unameOf(old);
      const seen: Record<string, Said> = {};
      await install(old);
      await installDeb(root, {
        release: fresh[0],
        version: fresh[1],
        name: 'linux-image-amd64',
        isMeta: true,
      });
      seen['newest runs'] = await both(root, running);
      await install(middle);
      seen['pending'] = await both(root, running);
      dateBack(root, 20);
      await install(fresh);
      seen['waiting since the first'] = await both(root, running);
      await inRoot(root, true, ['dpkg', '-r', `linux-image-${middle[0]}`]);
      seen['the first is removed'] = await both(root, running);
      dateBack(root, 90);
      seen['overdue'] = await both(root, running, suite === 'bookworm' ? 'overdue' : '');
      seen['rebooted'] = await both(root, unameOf(fresh));
      await install([fresh[0], `${fresh[1]}+b1`]);
      seen['rebuilt'] = await both(root, unameOf(fresh));
      rmSync(join(root, `boot/initrd.img-${fresh[0]}`));
      seen['no initrd'] = await both(
        root,
        unameOf([fresh[0], `${fresh[1]}+b1`]),
        suite === 'trixie' ? 'no-initrd' : '',
      );
      await install([fresh[0], `${fresh[1]}+b2`], true);
      seen['half-configured'] = await both(root, unameOf([fresh[0], `${fresh[1]}+b2`]));
      await inRoot(root, true, ['dpkg', '-r', '--force-all', `linux-image-${fresh[0]}`]);
      seen['older installed'] = await both(root, unameOf(fresh));
      const waits = (release: string, days: string): string =>
        `kernel: ${old[0]} runs, ${release} has been waiting for a reboot for ${days}`;
      expect(seen).toEqual({
        'newest runs': [0, `OK - up T, kernel ${old[0]}`],
        pending: [0, `OK - up T, kernel ${old[0]}. Not alarmed: ${waits(middle[0], '0 s')}`],
        'waiting since the first': [
          1,
          `WARNING - ${waits(fresh[0], '20 d, at most 14 d is allowed')}. up T, kernel ${old[0]}`,
        ],
        'the first is removed': [
          1,
          `WARNING - ${waits(fresh[0], '20 d, at most 14 d is allowed')}. up T, kernel ${old[0]}`,
        ],
        overdue: [
          2,
          `CRITICAL - ${waits(fresh[0], '90 d, at most 60 d is allowed')}. up T, kernel ${old[0]}`,
        ],
        rebooted: [0, `OK - up T, kernel ${fresh[0]}`],
        rebuilt: [
          0,
          `OK - up T, kernel ${fresh[0]}. Not alarmed: kernel: ${fresh[0]} runs as built for ${fresh[1]}, its update ${fresh[1]}+b1 has been waiting for a reboot for 0 s`,
        ],
        'no initrd': [
          1,
          `WARNING - ${fresh[0]}: the newest kernel has no initrd in /boot where the others have one: it may not find its disks. up T, kernel ${fresh[0]}`,
        ],
        // As on a disk that was full when the initrd was to be made: there is none, and dpkg knows that it has not finished.
        'half-configured': [
          1,
          `WARNING - ${fresh[0]}: the newest kernel has no initrd in /boot where the others have one: it may not find its disks, and 1 more: linux-image-${fresh[0]}. up T, kernel ${fresh[0]}`,
        ],
        'older installed': [
          1,
          expect.stringContaining(
            `kernel: ${fresh[0]} runs and is not installed any more, the newest installed is older: a reboot goes back to ${old[0]}`,
          ),
        ],
      });
    },
    60_000,
  );

  it('are judged for the kernel that really runs here; needrestart and check_running_kernel agree, and alarm at once', async () => {
    const root = await kernelRoot('bookworm');
    const running = uname();
    const newer = running.replace(
      /^([0-9]+\.[0-9]+\.)([0-9]+)/,
      (_, start: string, patch: string) => `${start}${Number(patch) + 1}`,
    );
    // needrestart asks the kernel itself, so that only its own name will do; its images are those of the root.
    const beside = async (): Promise<string> => {
      const { stdout } = await inRoot(root, false, [
        'sh',
        '-c',
        'mount --bind "$ROOT/boot" /boot && exec needrestart -b -k',
      ]);
      return stdout.match(/^NEEDRESTART-K(?:STA|EXP): .*$/gm)?.join(', ') ?? '';
    };
    const plugin = async (): Promise<string> => {
      const script = `mount --bind "$ROOT/boot" /boot && exec ${CONTRIB}/check_running_kernel`;
      return (await inRoot(root, false, ['sh', '-c', script])).stdout.replace(
        / (?:image|kernel image): .*/s,
        '',
      );
    };
    // Both compare all that the image says of itself with what runs.
    const banner = readFileSync('/proc/version', 'utf8').trimEnd();
    await installDeb(root, { release: running, version: '1-1', build: buildOf(), banner });
    expect(await both(root)).toEqual([0, `OK - up T, kernel ${running}`]);
    expect(await plugin()).toBe('OK: Running kernel matches on disk');
    // check_running_kernel goes by the times of the images, in whole seconds.
    const before = Date.now() / 1000 - 60;
    utimesSync(join(root, `boot/vmlinuz-${running}`), before, before);
    await installDeb(root, { release: newer, version: '2-1' });
    expect(await both(root)).toEqual([
      0,
      `OK - up T, kernel ${running}. Not alarmed: kernel: ${running} runs, ${newer} has been waiting for a reboot for 0 s`,
    ]);
    // Status 3 is an upgrade of the version, which needrestart -p makes CRITICAL in the minute of the installation.
    expect(await beside()).toBe(`NEEDRESTART-KEXP: ${newer}, NEEDRESTART-KSTA: 3`);
    // It takes any image in /boot that is newer by its time for the one that should run, and knows no age either.
    expect(await plugin()).toBe('WARNING: Running kernel does not match on-disk');
    expect((await both(root, {}, '', '--pending', 'critical'))[0]).toBe(2);
    // An image that no package has any more still counts for needrestart, which looks at files only.
    copyFileSync(join(root, `boot/vmlinuz-${newer}`), join(root, 'opt/image'));
    await inRoot(root, true, ['dpkg', '-r', `linux-image-${newer}`]);
    expect(await beside()).toBe(`NEEDRESTART-KEXP: ${running}, NEEDRESTART-KSTA: 1`);
    copyFileSync(join(root, 'opt/image'), join(root, `boot/vmlinuz-${newer}`));
    expect(await beside()).toBe(`NEEDRESTART-KEXP: ${newer}, NEEDRESTART-KSTA: 3`);
    expect(await both(root)).toEqual([0, `OK - up T, kernel ${running}`]);
  }, 120_000);

  it('of rpm are known from its database, and from the files where it is not run', async () => {
    const root = await kernelRoot('bookworm');
    renameSync(join(root, 'var/lib/dpkg'), join(root, 'var/lib/no-dpkg'));
    mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
    const look: Look = {
      uname: ['5.14.0-70.13.1.el9_0.x86_64', '#1 SMP PREEMPT Thu Apr 14 12:42:38 EDT 2022'],
    };
    mkdirSync(join(root, 'etc/rpm'), { recursive: true });
    // Debian's rpm keeps the database of each user in his home; the others have one for all.
    writeFileSync(join(root, 'etc/rpm/macros'), '%_dbpath /var/lib/rpm\n');
    await installRpm(root, 'kernel-core', '5.14.0', '70.13.1.el9_0');
    expect(await both(root, look)).toEqual([0, 'OK - up T, kernel 5.14.0-70.13.1.el9_0.x86_64']);
    await installRpm(root, 'kernel-core', '5.14.0', '427.13.1.el9_4');
    expect(await both(root, look)).toEqual([
      0,
      'OK - up T, kernel 5.14.0-70.13.1.el9_0.x86_64. Not alarmed: kernel: 5.14.0-70.13.1.el9_0.x86_64 runs, ' +
        '5.14.0-427.13.1.el9_4.x86_64 has been waiting for a reboot for 0 s',
    ]);
    expect((await both(root, { uname: ['5.14.0-427.13.1.el9_4.x86_64', '#1 SMP'] }))[0]).toBe(0);
  }, 120_000);
});

const OPTIONS = { 'kernel-age': parseKernelAge('14,60'), 'no-old-code': false, ignore: [] };

/** This machine as a shell sees it: what another machine, or root behind sudo, is asked through. */
class ShellHost implements Host {
  readonly #local = new LocalHost(new Deadline(30));
  async ask<const W extends Want>(
    want: W,
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    const { now, who } = await this.#local.ask({});
    const answers = await askShellChild(want, 'here', new Deadline(30));
    if (!answers.ok) throw new Error(JSON.stringify(answers));
    return { ...(answers.value as Answers<W>), now, who };
  }
}

/** What is below /tmp is never called old code: programs put things there to delete them. */
function outsideOfTmp(): string {
  const path = mkdtempSync('/opt/hypervisor-checks-');
  atEnd(() => rmSync(path, { recursive: true }));
  return path;
}

async function check(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runPlugin(join(folder, 'bin/check_uptime_kernel'), args);
  return stdout.split('\n');
}

lab([...QEMU, 'root', 'needrestart', `${CONTRIB}/check_libs`], 'old code in memory', () => {
  it('of a deleted program, a replaced library and a guest on a replaced qemu is found, needrestart says none of it, and check_libs the library', async () => {
    const place = outsideOfTmp();
    const at = (name: string): string => join(place, name);
    copyFileSync('/bin/sleep', at('agent'));
    copyFileSync('/bin/sleep', at('healthy'));
    const lib = 'lib/libz.so.1';
    mkdirSync(at('lib'));
    copyFileSync('/lib/x86_64-linux-gnu/libz.so.1', at(lib));
    const agent = spawnProcess([at('agent'), '1000']);
    const healthy = spawnProcess([at('healthy'), '1000']);
    const daemon = spawnProcess(['sleep', '1001'], { env: { LD_PRELOAD: at(lib) } });
    copyFileSync('/usr/bin/qemu-system-x86_64', at('qemu-system-x86_64'));
    const guest = await startQemu({
      exe: at('qemu-system-x86_64'),
      args: ['-name', 'guest=acrux', '-L', '/usr/share/seabios'],
      // A copy looks for its modules, and its firmware, beside itself.
      env: { QEMU_MODULE_DIR: '/usr/lib/x86_64-linux-gnu/qemu' },
    });
    await until(() => readFileSync(`/proc/${daemon.pid}/maps`, 'utf8').includes(at(lib)), {
      seconds: 5,
      what: 'the library',
    });
    const before = await check();
    expect(before.filter((line) => line.includes(place))).toEqual([]);

    rmSync(at('agent'));
    // As package managers do: a new file takes the name of the old one.
    for (const name of [lib, 'qemu-system-x86_64']) {
      copyFileSync(at(name), at('new'));
      renameSync(at('new'), at(name));
    }
    const after = await check();
    const lines = after.filter((line) => line.includes(place));
    expect(lines).toEqual([
      `[WARNING] acrux: runs on a replaced qemu until it is migrated or power-cycled (pid ${guest.pid}, replaced ${at('qemu-system-x86_64')})`,
      `[WARNING] agent: runs old code: deleted ${at('agent')} (pid ${agent.pid})`,
      `[WARNING] sleep: runs old code: replaced ${at(lib)} (pid ${daemon.pid})`,
    ]);
    expect(after[0]).toContain('UPTIME_KERNEL WARNING - ');
    expect(after.join('\n')).not.toContain(`${healthy.pid}`);
    const facts = await plugin.gather(new ShellHost(), OPTIONS, () => {
      throw new Error('it looks at one machine');
    });
    const throughShell = plugin
      .judge(facts, OPTIONS, null)
      .findings.filter(({ text }) => text.includes(place));
    expect(throughShell.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['old-code', 'agent'],
      ['old-code', 'sleep'],
    ]);
    expect(plugin.judge(facts, OPTIONS, null).findings).toContainEqual(
      expect.objectContaining({ kind: 'old-guests', subject: 'acrux' }),
    );
    expect((await check('--no-old-code')).filter((line) => line.includes(place))).toEqual([]);
    // needrestart reports services of init only: a program and a guest that somebody has started are nobody's.
    const { stdout } = await runPlugin(['needrestart', '-p', '-l'], [], { timeoutSeconds: 60 });
    expect(stdout).toContain('Services: none');
    // check_libs passes over processes whose program is gone, so that the agent and the guest are none to it, and looks for files
    // below a lib/ only; it names processes, no services, and counts mappings that are not executed.
    const libs = await runPlugin([`${CONTRIB}/check_libs`], [], { timeoutSeconds: 60 });
    expect(libs.stdout).toMatch(
      new RegExp(`libs linked that were upgraded: .*sleep \\([^)]*\\b${daemon.pid}\\b`),
    );
    expect(libs.stdout).not.toMatch(new RegExp(`\\b(?:${agent.pid}|${guest.pid})\\b`));

    // Another user sees its own processes, and is told that it does not see those of others.
    const nobody = await runPlugin([
      'setpriv',
      '--reuid',
      '65534',
      '--regid',
      '65534',
      '--clear-groups',
      join(folder, 'bin/check_uptime_kernel'),
    ]);
    expect(nobody.stdout).toContain('(root sees all)');
    expect(nobody.stdout).not.toContain(place);
    for (const process of [agent, healthy, daemon, guest]) await process.stop();
    expect((await check()).filter((line) => line.includes(place))).toEqual([]);
  }, 120_000);
});

lab([...KERNEL_ROOT, ...ICINGA], 'Icinga 2', () => {
  it('runs the check from the generated command: red while the new kernel waits, green after the reboot', async () => {
    const root = await kernelRoot('trixie');
    const { middle, fresh } = NAMES.trixie;
    for (const [release, version] of [middle, fresh]) await installDeb(root, { release, version });
    dateBack(root, 30);
    // The root of a machine that is not this one: its /proc as files.
    const boot = ([release, version]: readonly [string, string]): void => {
      const files = {
        'sys/kernel/osrelease': release,
        'sys/kernel/version': `#1 SMP PREEMPT_DYNAMIC Debian ${version} (2025-05-22)`,
        uptime: '86400.00 1000.00',
        '1/comm': 'systemd',
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, 'proc', path)), { recursive: true });
        writeFileSync(join(root, 'proc', path), `${text}\n`);
      }
    };
    boot(middle);
    await succeed([
      'chmod',
      '-R',
      'o+rX',
      join(root, 'proc'),
      join(root, 'boot'),
      join(root, 'var/lib/dpkg'),
    ]);
    const generated = readFileSync(join(top, 'icinga-conf/icinga2/uptime_kernel.conf'), 'utf8');
    const icinga = await startIcinga({
      pluginDir: join(folder, 'bin'),
      config: `${generated}
object Host "h" { check_command = "dummy" }
object Service "kernel" {
  host_name = "h"
  check_command = "uptime_kernel"
  vars.uptime_kernel_root = "${root}"
  vars.uptime_kernel_warning = "180d"
  vars.uptime_kernel_no_old_code = true
}`,
    });
    const red = await icinga.check('h!kernel');
    expect(red).toMatchObject({ state: 1, exit_status: 1 });
    expect(red.output).toContain(
      `kernel: ${middle[0]} runs, ${fresh[0]} has been waiting for a reboot for 30 d`,
    );
    expect(red.performance_data).toEqual([
      'uptime=86400s;15552000;;0',
      expect.stringMatching(/^kernel_waits=30/),
      'guests=0;;;0',
    ]);
    boot(fresh);
    const green = await icinga.check('h!kernel');
    expect(green).toMatchObject({ state: 0, exit_status: 0 });
    expect(green.performance_data).toEqual([
      'uptime=86400s;15552000;;0',
      'kernel_waits=0;;;0',
      'guests=0;;;0',
    ]);
    await icinga.stop();
  }, 120_000);
});
