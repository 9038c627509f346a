/**
 * A machine with network cards of real models, emulated by qemu: it boots a kernel of the distribution in a quarter of a minute,
 * sees this machine's files and runs a script on them. For what no virtual device has: drivers that negotiate a speed.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { atMost, LAB_PATH, type Need } from './lab.ts';
import { spawnProcess, type Running } from './process.ts';

/** Unpacked there by tools/lab-install.mjs. */
const KERNEL = fileURLToPath(new URL('../../.cache/kernel', import.meta.url));

export const MACHINE: readonly Need[] = [
  ...['root', 'qemu-system-x86_64', 'setpriv', '/bin/busybox', 'cpio', 'modprobe', 'depmod', 'ldd'],
  join(KERNEL, 'boot'),
];

export interface MachineOptions {
  /** For bash -eu, with `cable CARD on|off` at hand; cards are called eth0, eth1, ... */
  readonly script: string;
  /** May be written to by the script, under the same path as here. */
  readonly folder: string;
  /** Models and their options: `virtio-net-pci,speed=10000,duplex=full`, `e1000`. */
  readonly cards: readonly string[];
  readonly seconds: number;
}

/** Boots, runs the script, powers off. Throws with all that was printed where it does not come to the script's end with 0. */
export async function runInMachine({ script, folder, cards, seconds }: MachineOptions): Promise<string> {
  const home = mkdtempSync(join(resolve(folder), '.machine-'));
  try {
    makeInitrd(home, resolve(folder));
    writeFileSync(join(home, 'script'), `${PRELUDE(home)}\n${script}`);
    const machine = spawnProcess(argvOf(home, resolve(folder), cards), { cwd: home });
    const cables = answerAsks(home, machine);
    await atMost(seconds, machine.ended);
    await machine.stop();
    clearInterval(cables);
    const text = read(home, 'stdout');
    if (read(home, 'status').trim() === '0') return text;
    throw new Error(
      `the machine:\n${machine.output()}\n${read(home, 'console')}\n${text}\n${read(home, 'stderr')}`,
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const PRELUDE = (home: string): string => `
cable() {
  echo "set_link net\${1#eth} $2" >${home}/ask.new
  mv ${home}/ask.new ${home}/ask
  while [ -e ${home}/ask ]; do sleep 0.1; done
}`;

/** What the script asks of the world outside of its machine: to pull and plug cables. */
function answerAsks(home: string, { ended }: Running): NodeJS.Timeout {
  const timer = setInterval(() => {
    const ask = join(home, 'ask');
    if (!existsSync(ask)) return;
    const monitor = connect(join(home, 'monitor'));
    monitor.on('error', () => undefined);
    monitor.end(readFileSync(ask, 'utf8'));
    // qemu has read it when it closes its end.
    monitor.resume().once('close', () => rmSync(ask, { force: true }));
  }, 200);
  void ended.then(() => clearInterval(timer));
  return timer;
}

function argvOf(home: string, folder: string, cards: readonly string[]): readonly string[] {
  const kernel = readdirSync(join(KERNEL, 'boot')).find((name) => name.startsWith('vmlinuz-')) ?? '';
  const share = (id: string, path: string, more: string): readonly string[] => [
    ...['-fsdev', `local,id=${id},path=${path},security_model=none${more}`],
    ...['-device', `virtio-9p-pci,fsdev=${id},mount_tag=${id}`],
  ];
  return [
    ...['qemu-system-x86_64', '-accel', 'tcg', '-m', '768', '-no-reboot', '-nodefaults', '-display', 'none'],
    ...['-serial', `file:${home}/console`, '-monitor', `unix:${home}/monitor,server=on,wait=off`],
    ...['-kernel', join(KERNEL, 'boot', kernel), '-initrd', join(home, 'initrd.img')],
    ...['-append', 'console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off tsc=reliable no_timer_check'],
    ...share('host', '/', ',readonly=on,multidevs=remap'),
    ...share('out', folder, ''),
    ...cards.flatMap((card, i) => [
      ...['-netdev', `hubport,id=h${i},hubid=${i}`],
      ...['-device', `${card},netdev=h${i},id=net${i},mac=52:54:00:00:00:0${i},romfile=`],
    ]),
  ];
}

const MODULES = 'virtio_pci virtio_net 9pnet_virtio 9p bonding 8021q e1000 e1000e'.split(' ');

/** A first file system of busybox, the modules and a script that puts this machine's files in its place. */
function makeInitrd(home: string, folder: string): void {
  const root = join(home, 'initrd');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'mnt']) mkdirSync(join(root, name), { recursive: true });
  const put = (file: string, at = file): void =>
    cpSync(file, join(root, at), { recursive: true, dereference: true });
  put('/bin/busybox');
  for (const [library] of execFileSync('ldd', ['/bin/busybox'], { encoding: 'utf8' }).matchAll(/\/\S+/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    put(library);
  }
  const [version = ''] = readdirSync(join(KERNEL, 'lib/modules'));
  if (!existsSync(join(KERNEL, 'lib/modules', version, 'modules.dep')))
    execFileSync('depmod', ['-b', KERNEL, version]);
  const shown = ['-d', KERNEL, '-S', version, '--show-depends'];
  const all = MODULES.flatMap((name) =>
    [...execFileSync('modprobe', [...shown, name], { encoding: 'utf8' }).matchAll(/^insmod (\S+)/gm)].map(
      ([, file = '']) => file,
    ),
  );
  const modules = [...new Set(all)];
  for (const [i, file] of modules.entries()) put(file, `${i}.ko`);
  const loads = modules.map(
    (file, i) => `$B insmod /${i}.ko${/\/bonding\.ko/.test(file) ? ' max_bonds=0' : ''}`,
  );
  writeFileSync(join(root, 'init'), initText(home, folder, loads), { mode: 0o755 });
  const list = execFileSync('find', ['.'], { cwd: root });
  const image = execFileSync('cpio', ['-o', '-H', 'newc', '--quiet'], {
    cwd: root,
    input: list,
    maxBuffer: 2 ** 28,
  });
  writeFileSync(join(home, 'initrd.img'), image);
}

function initText(home: string, folder: string, loads: readonly string[]): string {
  return `#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc; $B mount -t sysfs sys /sys; $B mount -t devtmpfs dev /dev
${loads.join('\n')}
$B mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose host /mnt || $B poweroff -f
$B mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 out /mnt${folder} || $B poweroff -f
for d in proc sys dev; do $B mount --bind /$d /mnt/$d; done
$B mount -t tmpfs run /mnt/run
HOME=/root PATH=${LAB_PATH} $B chroot /mnt /bin/bash -eu ${home}/script >/mnt${home}/stdout 2>/mnt${home}/stderr
$B echo $? >/mnt${home}/status
$B sync; $B poweroff -f
`;
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    // ENOENT: it did not come so far.
    return '';
  }
}
