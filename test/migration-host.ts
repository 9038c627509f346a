/** Recordings of hosts whose guests are to move, one or several in a file, for the tests of check_guest_migration. */
import { printContent } from '../lib/host/recording.ts';
import { guestHost, uuidOf, type GuestHost } from './guest-host.ts';

export interface MigrationHostParts extends Omit<GuestHost, 'cpuFlags'> {
  /** What lies where, by path; `block` with the kernel's name of it. */
  readonly files?: Readonly<Record<string, FilePart>>;
  /** Lines of /proc/self/mountinfo besides that of `/`. */
  readonly mounts?: readonly string[];
  /** The target of the link in /sys/class/block, its slaves, device mapper's name. */
  readonly blocks?: Readonly<
    Record<string, { readonly bus?: string; readonly slaves?: readonly string[]; readonly dm?: string }>
  >;
  /** Text of /proc/cpuinfo. */
  readonly cpuinfo?: string;
  readonly availableKib?: number;
  /** Free huge pages of 2 MiB. */
  readonly hugePages?: number;
  readonly devices?: readonly string[];
  /** Names of files in /var/lib/libvirt/qemu/snapshot, by guest; `denied`: closed to this user. */
  readonly snapshots?: Readonly<Record<string, readonly string[]>> | 'denied';
  /** The processes of the second look, by process id as `qemu`; without it, the same. */
  readonly later?: GuestHost['qemu'];
  /** Of a Xen host: MiB that no domain has, and what `xl list` prints at the second look; without it, the same. */
  readonly freeMib?: number;
  /** Text of Proxmox's storages; `denied`: closed to this user. Without it there is no such file. */
  readonly storages?: string;
  readonly xlLater?: string;
}

export type FilePart =
  | { readonly device: number; readonly inode?: number }
  | { readonly block: string; readonly inode?: number }
  | 'absent'
  | 'denied'
  | 'timedOut';

export const ROOT_MOUNT = '25 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw';
/** What st_dev is of a file on it: major 8, minor 1. */
export const ROOT_DEVICE = 0x801;
export const NFS_MOUNT = '90 25 0:58 / /srv/nfs rw,relatime - nfs4 filer:/guests rw,vers=4.2';
export const NFS_DEVICE = 58;

/** Each path that any of the machines has is asked of all of them. */
export function migrationHosts(
  first: MigrationHostParts,
  others: Readonly<Record<string, MigrationHostParts | { readonly unreachable: string }>> = {},
): string[] {
  const machines = Object.values(others).filter((one): one is MigrationHostParts => !('unreachable' in one));
  const paths = [...new Set([first, ...machines].flatMap(({ files = {} }) => Object.keys(files)))].sort();
  const lines = oneHost(first, paths, 'here');
  for (const [name, other] of Object.entries(others)) {
    lines.push(`machine ${name}`);
    if ('unreachable' in other) lines.push(`unreachable ${other.unreachable}`);
    else lines.push(...oneHost(other, paths, name).slice(1));
  }
  return lines;
}

export function cpuinfo(flags: string, vendor = 'GenuineIntel', model = '85'): string {
  return `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: 6\nmodel\t\t: ${model}\nmodel name\t: ${vendor} ${model}\nflags\t\t: ${flags}\n`;
}

function oneHost(host: MigrationHostParts, paths: readonly string[], name: string): string[] {
  const {
    cpuinfo: cpu = cpuinfo('fpu sse2 avx'),
    mounts = [],
    blocks = {},
    files = {},
    devices = ['lo', 'br0'],
  } = host;
  const looked = guestHost({ ...host, virsh: {} }).map((line) =>
    line.startsWith('clock ') ? `clock 1764000000 uptime=864000 boot=boot-of-${name}` : line,
  );
  const at = looked.indexOf('ok bytes head /proc/cpuinfo');
  looked.splice(at, 2, ...content('head /proc/cpuinfo', cpu));
  const isVirsh = (line: string): boolean => line.includes(' run virsh ') || line === '  #no such command';
  const again = guestHost({ ...host, qemu: host.later ?? host.qemu ?? {} });
  const from = again.findIndex((line) => line.startsWith('ok processes'));
  const upTo = again.findIndex((line) => / bytes head \/proc\/1\/comm$/.test(line));
  return [
    ...looked.filter((line) => !isVirsh(line)),
    ...content('whole /proc/self/mountinfo', [ROOT_MOUNT, ...mounts, ''].join('\n')),
    ...content('head /proc/meminfo', `MemFree: 1 kB\nMemAvailable: ${host.availableKib ?? 2 ** 26} kB\nHugePages_Free: ${host.hugePages ?? 0}\nHugepagesize: 2048 kB\n`),
    'ok list /sys/class/net', ...devices.map((one) => `  ${one}`),
    'ok each /sys/class/block/*', ...Object.keys(blocks).map((one) => `  match /sys/class/block/${one}`),
    ...Object.entries(blocks).flatMap(([one, { bus = '', slaves, dm }]) => [
      `ok link /sys/class/block/${one}`, `  ${bus}`,
      slaves === undefined ? `absent list /sys/class/block/${one}/slaves` : `ok list /sys/class/block/${one}/slaves`,
      ...(slaves ?? []).map((slave) => `  ${slave}`),
      ...(dm === undefined ? [`absent bytes head /sys/class/block/${one}/dm/name`] : content(`head /sys/class/block/${one}/dm/name`, `${dm}\n`)),
    ]),
    ...paths.flatMap((path) => fileLines(path, files[path])),
    ...storageLines(host.storages),
    ...snapshotLines(host.snapshots ?? {}),
    ...virshLines(host.virsh),
    ...(host.freeMib === undefined ? [] : ran('xl info', `host : kvm1\nfree_memory            : ${host.freeMib}\n`)),
    'look 2 +2s', 'clock 1764000002 uptime=864002', 'who uid=0 gid=0 node=kvm1',
    ...again.slice(from, upTo),
    ...(host.xen === undefined ? [] : ran('xl list', host.xlLater ?? host.xen.list?.out ?? '')),
    ...virshLines(host.virsh),
  ]; // prettier-ignore
}

function content(question: string, text: string): string[] {
  return [`ok bytes ${question}`, ...printContent(Buffer.from(text)).map((line) => `  ${line}`)];
}

function ran(command: string, out: string): string[] {
  return [`ok run ${command}`, '  exit 0', ...printContent(Buffer.from(out)).map((line) => `  out ${line}`)];
}

function storageLines(text: string | undefined): string[] {
  const question = 'whole /etc/pve/storage.cfg';
  if (text === undefined || text === 'denied')
    return [`${text === undefined ? 'absent' : text} bytes ${question}`];
  return content(question, text);
}

function fileLines(path: string, file: FilePart | undefined): string[] {
  const stat = (type: string, device: number, inode: number): string =>
    `  type=${type} mode=420 uid=0 gid=0 sizeBytes=1048576 allocatedBytes=0 links=1 device=${device} inode=${inode} modifiedAt=1764000000 changedAt=1764000000`;
  if (file === undefined || file === 'absent') return [`absent stat ${path}`, `absent link ${path}`];
  if (file === 'denied' || file === 'timedOut') return [`${file} stat ${path}`, `${file} link ${path}`];
  if ('block' in file) {
    return [`ok stat ${path}`, stat('block', 6, file.inode ?? 77), `ok link ${path}`, `  ../${file.block}`];
  }
  return [`ok stat ${path}`, stat('file', file.device, file.inode ?? 77), `failed link ${path}`, '  #EINVAL'];
}

function snapshotLines(snapshots: NonNullable<MigrationHostParts['snapshots']>): string[] {
  const folder = '/var/lib/libvirt/qemu/snapshot';
  if (snapshots === 'denied') return [`ok each ${folder}/*`, `  unlisted denied ${folder}`];
  return [
    `ok each ${folder}/*`,
    ...Object.keys(snapshots).map((name) => `  match ${folder}/${name}`),
    ...Object.entries(snapshots).flatMap(([name, files]) => [
      `ok list ${folder}/${name}`,
      ...files.map((file) => `  ${file}`),
    ]),
  ];
}

/** Every command that the check may run on it; those that are not given are not there. */
function virshLines(given: GuestHost['virsh'] = {}): string[] {
  const read = 'run virsh -q -r -c qemu:///system';
  const usual = [
    'list --all --uuid',
    'list --all --uuid --with-snapshot',
    'capabilities',
    'domcapabilities',
    'net-list --name',
  ];
  const absent = usual.filter((args) => !Object.hasOwn(given, args));
  return [
    ...Object.entries(given).flatMap(([args, { status = 0, out = '', err = '' }]) => [
      `ok ${read} ${args}`,
      `  exit ${status}`,
      ...printContent(Buffer.from(out)).map((line) => `  out ${line}`),
      ...printContent(Buffer.from(err)).map((line) => `  err ${line}`),
    ]),
    ...absent.flatMap((args) => [`absent ${read} ${args}`, '  #no such command']),
  ];
}

/** A guest as libvirt starts it today, with more arguments. */
export function guest(name: string, ...more: string[]): string[] {
  return ['/usr/bin/qemu-system-x86_64', '-name', `guest=${name},debug-threads=on`, '-S', '-accel', 'kvm', '-m', '1024', '-uuid', uuidOf(name), ...more]; // prettier-ignore
}

/** The arguments of a disk. */
export function disk(path: string, more = ''): string[] {
  return ['-drive', `file=${path},if=virtio,format=raw${more}`];
}
