/** Every check of the registry, and the command for all of them, under what a host does to a process: the verdict is the same, or one line says what was in the way. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { NAME as SUITE } from '../../lib/cli/suite/commands.ts';
import { run } from '../../lib/host/ask.ts';
import { Deadline } from '../../lib/host/deadline.ts';
import { LocalHost } from '../../lib/host/local.ts';
import { parseRecording, printRecording, type Look } from '../../lib/host/recording.ts';
import { readByAll } from '../readers/all.ts';
import { folderOf, incidentOf, recorded } from '../recordings.ts';
import { declarationOf, installAll, NAMES } from './all-checks.ts';
import { lab, scratch } from './lab.ts';
import { runPlugin, type RunOptions } from './process.ts';

const PROGRAMS = [...NAMES, SUITE];
let bin: string;
/** What all checks find their incidents in. */
let everything: string;

beforeAll(async () => {
  bin = await installAll();
  everything = join(scratch(), 'everything');
  writeFileSync(everything, mergedIncidents());
});

/** As if all had happened on the host of the first: what the same question was answered with there counts. */
function mergedIncidents(): string {
  const looks = NAMES.flatMap((name): readonly Look[] => {
    const parsed = parseRecording(recorded(name, incident(name).name), name);
    if (!parsed.ok) throw new Error(`${name}: ${parsed.detail}`);
    return parsed.value.slice(0, 1);
  });
  const [first] = looks;
  if (first === undefined) throw new Error('no incidents');
  const byKey = new Map(looks.flatMap(({ entries }) => entries.map((entry) => [entry.key, entry] as const)));
  return printRecording([{ ...first, entries: [...byKey.values()] }]);
}

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How each check ends. `script` is for sh: the command is "$@". */
async function ends(
  script: string,
  argsOf: (name: string) => readonly string[] | Promise<readonly string[]>,
  options: RunOptions = {},
  names: readonly string[] = PROGRAMS,
): Promise<Readonly<Record<string, End>>> {
  const all: Record<string, End> = {};
  for (const name of names) {
    const command = [process.execPath, join(bin, name), ...(await argsOf(name))];
    const { code, stdout, stderr } = await runPlugin(['sh', '-c', script, 'sh', ...command], [], {
      timeoutSeconds: 60,
      ...options,
    });
    all[name] = { code, stdout, stderr };
  }
  return all;
}

/** A recording in which the check finds something. */
function incident(name: string) {
  const found = incidentOf(name);
  if (found === null) throw new Error(`test/recordings/${name} has no recording of a fault`);
  return found;
}

function fileOf(name: string): string {
  return name === SUITE ? everything : `${folderOf(name)}/${incident(name).name}.txt`;
}

function replay(name: string, file = fileOf(name)): readonly string[] {
  const options = name === SUITE ? [] : incident(name).options;
  return ['--replay', file, ...options.filter((word) => word !== '-v'), '-v'];
}

const usual = (): Promise<Readonly<Record<string, End>>> => ends('exec "$@"', (name) => replay(name));
const codesOf = (all: Readonly<Record<string, End>>): Readonly<Record<string, number | null>> =>
  Object.fromEntries(Object.entries(all).map(([name, { code }]) => [name, code]));

/** 0 to 3, output that all consumers read the same, nothing on standard error. */
function expectVerdicts(all: Readonly<Record<string, End>>): void {
  for (const [name, { code, stdout, stderr }] of Object.entries(all)) {
    expect({ name, isVerdict: [0, 1, 2, 3].includes(code ?? -1), stderr, stdout }).toMatchObject({
      isVerdict: true,
      stderr: '',
    });
    // That of the command for all is for people.
    if (name === SUITE)
      expect(stdout).toMatch(/\n\n[^\n]+: [A-Z]+\. [^\n]*\n(?:the recording was not written: [^\n]*\n)?$/);
    else expect({ name, problems: readByAll(stdout).problems }).toEqual({ name, problems: [] });
  }
}

describe('the surroundings change no verdict', () => {
  let usually: Readonly<Record<string, End>>;

  beforeAll(async () => {
    usually = await usual();
    expectVerdicts(usually);
    for (const [name, { code }] of Object.entries(usually))
      expect({ name, code }).not.toMatchObject({ code: 0 });
  });

  it.each([
    ['standard input and standard error closed', 'exec "$@" <&- 2>&-'],
    ['no environment at all', 'exec env -i "$@"'],
    ['HOME unset, PATH empty', 'unset HOME; PATH=; exec "$@"'],
    ['the locale C', 'export LC_ALL=C; exec "$@"'],
    ['a locale with commas in its numbers', 'export LC_ALL=de_DE.UTF-8 LANGUAGE=de; exec "$@"'],
    ['a locale that is written from the right', 'export LC_ALL=ar_EG.UTF-8; exec "$@"'],
    ['a locale that is not there', 'export LC_ALL=xx_YY.nothing; exec "$@"'],
    [
      'a folder that was removed',
      'mkdir -p "$TMPDIR/gone" && cd "$TMPDIR/gone" && rmdir "$TMPDIR/gone" && exec "$@"',
    ],
    ['a mask for new files of 0', 'umask 0; exec "$@"'],
    ['a mask that takes everything away', 'umask 777; exec "$@"'],
    ['every signal ignored', 'exec env --ignore-signal "$@"'],
    ['SIGPIPE ignored', 'exec env --ignore-signal=PIPE "$@"'],
    ['every signal blocked', 'exec env --block-signal "$@"'],
    // With 17 node itself does not start.
    ['24 open files', 'ulimit -n 24; exec "$@"'],
    ['no core, no file to be written', 'ulimit -c 0; ulimit -f 0; exec "$@"'],
    ['no priority', 'exec nice -n 19 "$@"'],
    ['NODE_OPTIONS for 64 MiB', 'export NODE_OPTIONS=--max-old-space-size=64; exec "$@"'],
    ['a reader of one page', 'exec python3 "$SLOW" "$@"'],
  ])('%s', async (_, script) => {
    const folder = scratch();
    writeFileSync(join(folder, 'slow.py'), SLOW_READER);
    const env = { TMPDIR: folder, SLOW: join(folder, 'slow.py') };
    expect(await ends(script, replay, { env })).toEqual(usually);
  });

  it('the exit code alone tells where there is no standard output', async () => {
    expect(codesOf(await ends('exec "$@" >&-', replay))).toEqual(codesOf(usually));
    expect(codesOf(await ends('exec "$@" <&- >&- 2>&-', replay))).toEqual(codesOf(usually));
  });

  it('output that no device takes is UNKNOWN', async () => {
    for (const [name, { code }] of Object.entries(await ends('exec "$@" >/dev/full', replay)))
      expect({ name, code }).toEqual({ name, code: 3 });
  });

  it('another time zone changes no state', async () => {
    for (const zone of ['Asia/Kathmandu', ':/dev/null', '', 'XXX-24:59:59'])
      expect(codesOf(await ends(`export TZ='${zone}'; exec "$@"`, replay))).toEqual(codesOf(usually));
  });
});

lab(['localedef', 'locale', '/usr/share/i18n/locales/de_DE', 'dpkg-query'], 'German', () => {
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const LOCPATH = scratch();
    await runPlugin(['localedef', '-i', 'de_DE', '-f', 'UTF-8', join(LOCPATH, 'de_DE.UTF-8')]);
    env = { LOCPATH, LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', LANGUAGE: 'de' };
    const { stdout } = await runPlugin(['locale', 'decimal_point'], [], { env });
    expect(stdout).toBe(',\n');
  });

  it('is not what the checks speak', async () => {
    expect(await ends('exec "$@"', replay, { env })).toEqual(await usual());
  });

  it('is not what the tools speak that they run', async () => {
    const [tool, ...args] = ['dpkg-query', '-W', 'no-such-package'] as const;
    const [english, german] = await Promise.all([
      runPlugin([tool], args, { env: { LC_ALL: 'C' } }),
      runPlugin([tool], args, { env }),
    ]);
    expect(german.stderr).not.toBe(english.stderr);
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
      const { ran } = await new LocalHost(new Deadline(20)).ask({ ran: run(tool, ...args) });
      expect(ran).toMatchObject({ ok: true, value: { status: 1, stderr: english.stderr } });
    } finally {
      process.env = before;
    }
  });
});

/** Its own standard output is a pipe of one page, the smallest that Linux makes, and is read 100 bytes at a time. */
const SLOW_READER = `
import fcntl, os, subprocess, sys, time
read, write = os.pipe()
fcntl.fcntl(write, 1031, 1024)
child = subprocess.Popen(sys.argv[1:], stdout=write)
os.close(write)
while True:
    piece = os.read(read, 100)
    if not piece:
        break
    os.write(1, piece)
    time.sleep(0.001)
sys.exit(child.wait())
`;

describe('a clock', () => {
  it.each([
    ['a year behind what files and starts of processes say', -365 * 86_400],
    ['a year before it', 365 * 86_400],
    ['at its beginning', -Infinity],
  ])('%s is no bug, and nothing is younger than nothing', async (_, shift) => {
    const folder = scratch();
    const all = await ends('exec "$@"', (name) => {
      const text = readFileSync(fileOf(name), 'utf8').replaceAll(
        /^clock ([0-9.]+)/gm,
        (__, now: string) => `clock ${Math.max(1, Number(now) + shift)}`,
      );
      writeFileSync(join(folder, name), text);
      return replay(name, join(folder, name));
    });
    expectVerdicts(all);
    for (const [name, { stdout }] of Object.entries(all)) {
      expect({ name, stdout }).not.toMatchObject({
        stdout: expect.stringMatching(/please report|NaN|Infinity/) as string,
      });
      // What is left of an MTU can be negative; no time is.
      expect({ name, negative: /=-[0-9.]+(?:s|ms|c)\b/.exec(stdout.split('\n')[0] ?? '')?.[0] }).toEqual({
        name,
      });
    }
  });
});

async function rememberers(): Promise<readonly string[]> {
  const all = await Promise.all(NAMES.map(declarationOf));
  return all.filter(({ remembers }) => remembers === true).map(({ name }) => name);
}

describe('a folder for the memory', () => {
  it('that ten runs use at the same time stays whole', async () => {
    const folder = scratch();
    const names = await rememberers();
    expect(names.length).toBeGreaterThan(1);
    for (const name of [...names, SUITE]) {
      const args = [...replay(name), '--state-dir', folder];
      const first = await runPlugin(join(bin, name), args);
      const all = await Promise.all(Array.from({ length: 10 }, () => runPlugin(join(bin, name), args)));
      for (const { code, stderr } of all)
        expect({ name, code, stderr }).toEqual({ name, code: first.code, stderr: '' });
    }
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(/^check_\w+@.*-[0-9a-f]{8}\.json$/);
      expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toMatchObject({
        bootId: expect.any(String) as string,
      });
    }
  });

  it('is for its owner only, whatever the mask for new files is', async () => {
    const folder = join(scratch(), 'new');
    const names = await rememberers();
    expectVerdicts(
      await ends('umask 0; exec "$@"', (name) => [...replay(name), '--state-dir', folder], {}, names),
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('with something enormous or a FIFO in the place of the file is a first run again', async () => {
    for (const spoil of [
      'truncate -s 1900M "$1"',
      'rm "$1"; mkfifo "$1"',
      'rm "$1"; mkdir "$1"',
      'rm "$1"; ln -s /dev/zero "$1"',
    ]) {
      for (const name of await rememberers()) {
        const folder = scratch();
        const args = [...replay(name), '--state-dir', folder];
        const first = await runPlugin(join(bin, name), args);
        for (const file of readdirSync(folder))
          await runPlugin(['sh', '-c', spoil, 'sh', join(folder, file)]);
        const again = await runPlugin(join(bin, name), args, {
          env: { NODE_OPTIONS: '--max-old-space-size=64' },
        });
        // What cannot be replaced is said beside what was found.
        expect({ name, spoil, code: again.code, stderr: again.stderr }).toEqual({
          name,
          spoil,
          code: first.code,
          stderr: '',
        });
      }
    }
  });
});

lab(['root', 'setpriv', 'prlimit'], 'a user who may start hardly any process', () => {
  /** What runs a tool needs the threads that read files for node, too. */
  const POOL = 'require("fs").stat("/", () => undefined)';

  it('gets a verdict as soon as node itself starts', async () => {
    // Nobody's, so that no other process counts.
    const limited = (limit: number): string =>
      `exec setpriv --reuid 54321 --regid 54321 --clear-groups prlimit --nproc=${limit} "$@"`;
    let limit = 6;
    const starts = async (): Promise<boolean> =>
      (await runPlugin(['sh', '-c', limited(limit), 'sh', process.execPath, '-e', POOL])).code === 0;
    while (!(await starts())) limit += 1;
    expectVerdicts(await ends(limited(limit), () => ['-t', '20'], { cwd: '/' }));
  });
});

const MOUNTS = ['root', 'unshare', 'mount'];

lab(MOUNTS, 'a disk', () => {
  const FULL = 'mount -t tmpfs -o size=4k none "$D" && head -c 4096 /dev/zero > "$D/fill"; exec "$@"';
  const READ_ONLY = 'mount -t tmpfs -o ro none "$D"; exec "$@"';

  it.each([
    ['full', FULL],
    ['read-only', READ_ONLY],
  ])('that is %s hides no finding: recordings', async (_, script) => {
    const folder = scratch();
    const options = { env: { D: folder } };
    const all = await ends(
      `exec unshare -m sh -c '${script}' sh "$@"`,
      (name) => [...replay(name), '--record', join(folder, name)],
      options,
    );
    expect(codesOf(all)).toEqual(codesOf(await usual()));
    expectVerdicts(all);
    for (const [name, { stdout }] of Object.entries(all))
      expect({ name, stdout }).toMatchObject({
        stdout: expect.stringContaining('the recording was not written') as string,
      });
  });

  it.each([
    ['full', FULL, 'ENOSPC'],
    ['read-only', READ_ONLY, 'EROFS'],
  ])('that is %s hides no finding: the memory', async (_, script, why) => {
    const folder = scratch();
    const names = await rememberers();
    const options = { env: { D: folder } };
    const all = await ends(
      `exec unshare -m sh -c '${script}' sh "$@"`,
      (name) => [...replay(name), '--state-dir', folder],
      options,
      names,
    );
    expectVerdicts(all);
    const usually = await usual();
    for (const [name, { code, stdout }] of Object.entries(all)) {
      expect({ name, code }).toEqual({ name, code: usually[name]?.code });
      expect(stdout).toContain(`cannot remember anything: ${folder}/${name}@`);
      expect(stdout).toContain(why);
    }
  });
});

/** A machine with 5000 guests, as /proc shows them, and with files much longer than they ever are. */
function hugeTree(): string {
  const root = scratch();
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const cpu = `host,${Array.from({ length: 200 }, (_, i) => `+feature-${i}`).join(',')}`;
  for (let pid = 1000; pid < 6000; pid += 1) {
    const argv = [
      '/usr/bin/qemu-system-x86_64',
      '-name',
      `guest=g${pid},debug-threads=on`,
      '-cpu',
      cpu,
      '-uuid',
      uuidOf(pid),
    ];
    put(`proc/${pid}/cmdline`, `${argv.join('\0')}\0`);
    put(
      `proc/${pid}/stat`,
      `${pid} (qemu-system-x86) S 1 ${pid} ${pid} 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 1000 0 0 ${'0 '.repeat(28)}0\n`,
    );
    symlinkSync('/usr/bin/qemu-system-x86_64', join(root, `proc/${pid}/exe`));
  }
  put('proc/stat', 'cpu 0 0\nbtime 1764000000\n');
  put('proc/uptime', '86400.5 1.0\n');
  put('proc/sys/kernel/random/boot_id', 'x\n');
  put('proc/sys/kernel/hostname', 'kvm1\n');
  put('proc/sys/kernel/osrelease', '6.1.0-37-amd64\n');
  put('proc/sys/kernel/version', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)\n');
  put('proc/self/mountinfo', '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n'.repeat(100_000));
  put('proc/net/udp', '  sl  local_address\n'.repeat(200_000));
  put('proc/net/fib_trie', '     |-- 10.0.0.1\n'.repeat(200_000));
  put('proc/net/vlan/config', 'VLAN Dev name    | VLAN ID\n'.repeat(200_000));
  const others = 'Package: lib-other\nStatus: install ok installed\nVersion: 1\n\n'.repeat(200_000);
  const kernel = 'Package: linux-image-6.1.0-37-amd64\nStatus: install ok installed\nVersion: 6.1.140-1\n\n';
  put('var/lib/dpkg/status', others + kernel);
  put('var/lib/dhcp/dhclient.eth0.leases', 'lease {\n  interface "eth0";\n}\n'.repeat(200_000));
  put('etc/libvirt/qemu/huge.xml', `<domain>${'<a>'.repeat(2_000_000)}`);
  put('boot/vmlinuz-6.1.0-37-amd64', '');
  return root;
}

const uuidOf = (pid: number): string => `4507aaf2-e0db-005c-e863-${String(pid).padStart(12, '0')}`;

describe('a machine of 5000 guests and files of many megabytes', () => {
  let root: string;
  beforeAll(() => {
    root = hugeTree();
  });

  it.each(PROGRAMS)('is judged by %s in 64 MiB of heap, or one line says what was too much', async (name) => {
    const env = { NODE_OPTIONS: '--max-old-space-size=64' };
    const all = await ends('exec "$@"', () => ['--root', root, '-v', '-t', '50'], { env }, [name]);
    expectVerdicts(all);
    if (name === 'check_invtsc') expect(all[name]?.stdout).toContain('5000');
  });
});
