/**
 * User Mode Linux: a Linux kernel that runs as an ordinary process, with the bonds, VLANs and bridges that the kernel of
 * a test machine often lacks and that a test must not set up there. It sees the files of this machine (hostfs), so node
 * and the built plugins run inside; it has no network device but its own loopback and what a script creates.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, LAB_PATH, type Need } from './lab.ts';
import { spawnProcess, type Running } from './process.ts';
import { takeTurn } from './turn.ts';

export const UML: readonly Need[] = [
  'linux.uml',
  'bash',
  'ethtool',
  'ip',
  'modprobe',
  'mount',
  'perl',
  'setpriv',
  'timeout',
];

export interface UmlOptions {
  /** Text for bash -eu, run as root; the functions of uml-prelude.sh are there. */
  readonly script: string;
  /** A scratch() folder: the working directory, writable, the same path inside. Everything else of this machine is read-only. */
  readonly folder: string;
  /** Added to a small environment; PLUGINS is the folder of the built plugins. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long the script may take, without the boot; default 60. */
  readonly seconds?: number;
}

export interface UmlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the kernel printed. */
  readonly console: string;
}

/** What scripts have at hand, for bash. */
export const PRELUDE = fileURLToPath(new URL('uml-prelude.sh', import.meta.url));
const PLUGINS = fileURLToPath(new URL('../../dist/bin', import.meta.url));
const MODULES = '/usr/lib/uml/modules';
const BOOT_SECONDS = 40;

/**
 * Boots, runs the script, powers off. Waits for its turn first: one at a time a worker. Throws, with what the kernel
 * and the script printed, where it does not boot or the script takes too long; any exit status of the script is an answer.
 */
export async function runInUml({ script, folder, env = {}, seconds = 60 }: UmlOptions): Promise<UmlResult> {
  // One a worker: there are as many of these as cores, and a kernel keeps one core busy.
  const giveBack = await takeTurn(`uml-${process.env['VITEST_POOL_ID'] ?? '1'}`, { seconds: 170 });
  const home = mkdtempSync(join(resolve(folder), '.uml-'));
  try {
    writeFileSync(join(home, 'script'), script);
    writeFileSync(join(home, 'init'), initText({ home, folder: resolve(folder), env, seconds }), {
      mode: 0o755,
    });
    const running = boot(home);
    await atMost(seconds + BOOT_SECONDS, running.ended);
    await running.stop();
    return resultOf(home, running, seconds);
  } finally {
    rmSync(home, { recursive: true, force: true });
    giveBack();
  }
}

function boot(home: string): Running {
  const argv = [
    // UML is many processes of one group, one for each process inside. With SIGTERM the first ends them all; killed, as
    // spawnProcess has it where the test runner dies, it leaves those behind that are running.
    ...['setpriv', '--pdeathsig', 'TERM', '--'],
    'linux.uml',
    'quiet',
    'mem=512M',
    'root=98:0',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    'con=null',
    'con0=null,fd:1',
    'ssl=null',
    // Half of the boot would be the search for the fastest RAID 6 (lib/raid6/algos.c), which nobody uses here.
    'initcall_blacklist=raid6_select_algo',
    `umid=${basename(home).slice(1)}`,
    `uml_dir=${home}/`,
    `init=${home}/init`,
  ];
  return spawnProcess(argv, {
    cwd: home,
    // Its memory is a file that it removes at once, in /dev/shm by default: there a container often has 64 MiB, noexec.
    env: { TMPDIR: home },
    graceSeconds: 2,
  });
}

function resultOf(home: string, running: Running, seconds: number): UmlResult {
  const console = running.output();
  const status = read(home, 'status').trim();
  const [stdout, stderr] = [read(home, 'stdout'), read(home, 'stderr')];
  if (/^\d+$/.test(status)) return { code: Number(status), stdout, stderr, console };
  const what =
    status === 'late' ? `the script took longer than ${seconds} s` : 'it did not boot, or not to its end';
  throw new Error(`User Mode Linux: ${what}\n${console}\n${stdout}\n${stderr}`);
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    // ENOENT: it did not come so far.
    return '';
  }
}

interface Init {
  readonly home: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** The first process inside. What it writes reaches this machine with sync at the latest: hostfs has a page cache. */
function initText({ home, folder, env, seconds }: Init): string {
  const limit = Math.ceil(seconds);
  return `#!/bin/bash
export PATH=${quoted(LAB_PATH)}
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=755 tmp /run
mkdir -p /run/lab /run/modules/lib && mkdir -m 1777 /run/tmp
ln -s ${MODULES} /run/modules/lib/modules
mount -t hostfs none ${quoted(folder)} -o ${quoted(folder)}
# Without max_bonds=0 there is a bond0 from the start, with miimon 0.
modprobe -d /run/modules bonding max_bonds=0
modprobe -d /run/modules dummy numdummies=0
modprobe -d /run/modules -a 8021q veth tun bridge macvlan
if [ ! -e /dev/net/tun ]; then mkdir -p /dev/net; mknod /dev/net/tun c 10 200; fi
ip link set lo up
cd ${quoted(folder)}
SECONDS=0
(
${environmentText(env)}
exec timeout -s KILL ${limit} bash -eu ${quoted(join(home, 'script'))} </dev/null
) >${quoted(join(home, 'stdout'))} 2>${quoted(join(home, 'stderr'))}
status=$?
if [ $status = 137 ] && [ $SECONDS -ge ${limit} ]; then status=late; fi
echo $status >${quoted(join(home, 'status'))}
sync
echo o >/proc/sysrq-trigger
sleep 5
`;
}

function environmentText(env: Readonly<Record<string, string>>): string {
  const variables = {
    PATH: LAB_PATH,
    HOME: '/root',
    LANG: 'C.UTF-8',
    TMPDIR: '/run/tmp',
    PLUGINS,
    ...env,
    BASH_ENV: PRELUDE,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return lines.join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export interface Check {
  /** The name of the plugin and its arguments, parted by blanks. */
  readonly title: string;
  readonly code: number;
  /** Its standard output without the newline at the end. */
  readonly output: string;
}

/** The blocks that `check` of the prelude printed, in their order; whatever is printed between them is passed over. */
export function parseChecks(stdout: string): Check[] {
  return Array.from(stdout.matchAll(/^== (.*)\n((?:.*\n)*?)-> (\d+)$/gm), ([, title, output, code]) => ({
    title: title ?? '',
    code: Number(code),
    output: (output ?? '').replace(/\n$/, ''),
  }));
}
