/** Recordings of hosts with kernels and processes, for the tests of the check that looks at them. */
import { LOADER_VARIABLES, SET_DEFAULT } from '../lib/facts/kernel-questions.ts';
import { globMatcher } from '../lib/glob.ts';
import { printContent } from '../lib/host/recording.ts';
import { QEMU_PROGRAMS } from '../lib/parsers/qemu-argv.ts';
import { RPM_FORMAT } from '../lib/parsers/rpm-query.ts';

export const NOW = 1_764_000_000;
export const DAY = 86_400;

export interface TestProcess {
  readonly program: string;
  /** Lines of its mappings with `(deleted)`, or why there are none. */
  readonly maps?: readonly string[] | string;
  readonly exe?: string;
  readonly cgroup?: string;
  readonly namespace?: string;
  /** The command line of a qemu. */
  readonly argv?: readonly string[];
}

export interface KernelHost {
  readonly uid?: number;
  readonly now?: number;
  readonly uptime?: number | null;
  readonly bootId?: string;
  readonly release?: string;
  readonly build?: string;
  /** dpkg: versions of packages, `VERSION STATE` for one that is not wholly installed; null: no dpkg. */
  readonly packages?: Readonly<Record<string, string>> | null;
  /** When their lists were written. */
  readonly unpacked?: Readonly<Record<string, number>>;
  /** Lines of /var/log/dpkg.log; null: no log. */
  readonly log?: readonly string[] | null;
  /** Sizes of the files of /boot by name. */
  readonly boot?: Readonly<Record<string, number>>;
  readonly space?: { readonly available: number; readonly free?: number; readonly filesFree?: number };
  readonly modules?: readonly string[];
  /** Contents of files by path: `head`, `bytes` and `lines` are answered from them. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly required?: readonly string[] | null;
  /** Lines of rpm -qa; null: no rpm. */
  readonly rpm?: readonly string[] | null;
  readonly processes?: Readonly<Record<number, TestProcess>>;
  /** Files that are there now: their inodes. */
  readonly there?: Readonly<Record<string, number>>;
  readonly xl?: string;
  readonly livePatches?: readonly string[];
}

const HEADS = [
  '/run/systemd/container', '/boot/grub/grubenv', '/boot/grub2/grubenv', '/etc/kernel/proxmox-boot-pin',
  '/etc/kernel/next-boot-pin', '/proc/xen/capabilities', '/sys/hypervisor/version/major', '/sys/hypervisor/version/minor',
  '/sys/hypervisor/version/extra', ...Object.values(LOADER_VARIABLES),
]; // prettier-ignore

const LOADER_FOLDERS = ['/boot', '/efi', '/boot/efi'];

export function kernelHost(host: KernelHost): string[] {
  const { uid = 0, now = NOW, uptime = 86_400, release = '6.1.0-37-amd64' } = host;
  const files = host.files ?? {};
  const links = {
    '/proc/self/ns/pid': 'pid:[4026531836]',
    '/proc/1/ns/pid': 'pid:[4026531836]',
    ...host.links,
  };
  return [
    'hypervisor-checks recording 1',
    'look 1',
    `clock ${now} uptime=${uptime ?? 0} boot=${host.bootId ?? '11111111-2222-3333-4444-555555555555'}`,
    `who uid=${uid} gid=${uid} node=kvm1`,
    ...ofThisBoot(host),
    ...HEADS.flatMap((path) => content('head', path, files[path])),
    ...content('whole', '/etc/default/grub', files['/etc/default/grub']),
    ...loader(host),
    ...['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'].flatMap((path) => [
      ...matching(path, 'vmlinuz-', files[path]),
      ...matching(path, SET_DEFAULT, files[path]),
    ]),
    ...[
      '/.dockerenv',
      '/run/.containerenv',
      '/proc/vz',
      '/proc/bc',
      '/run/current-system',
      '/nix/var/nix/profiles/system',
    ].flatMap((path) =>
      files[path] === undefined ? [`absent lstat ${path}`] : [`ok lstat ${path}`, stat(1)],
    ),
    ...[
      '/proc/self/ns/pid',
      '/proc/1/ns/pid',
      '/run/booted-system/kernel',
      '/run/current-system/kernel',
      '/nix/var/nix/profiles/system/kernel',
    ].flatMap((path) => link(path, (links as Readonly<Record<string, string>>)[path])),
    ...dpkg(host),
    ...rpm(host),
    ...modules(host.modules ?? [release]),
    ...boot(host),
    ...required(host.required ?? null),
    'ok each /sys/kernel/livepatch/*',
    ...(host.livePatches ?? []).map((name) => `  match /sys/kernel/livepatch/${name}`),
    ...(host.livePatches ?? []).flatMap((name) =>
      content('head', `/sys/kernel/livepatch/${name}/enabled`, '1\n'),
    ),
    'ok each /run/libvirt/qemu/*.xml',
    ...processes(host),
    ...(host.xl === undefined
      ? []
      : [
          ...content('head', '/sys/hypervisor/type', 'xen\n'),
          ...printed('xl list', host.xl),
          ...printed('xl list -l', '[]\n'),
        ]),
  ];
}

/** Entries of boot loaders, by the files that were given. */
function loader({ files = {} }: KernelHost): string[] {
  const matching = (glob: string): string[] => [
    `ok each ${glob}`,
    ...Object.keys(files)
      .filter(globMatcher(glob))
      .map((path) =>
        files[path] === 'closed' ? `  unlisted denied ${path.replace(/\/[^/]*$/, '')}` : `  match ${path}`,
      ),
  ];
  const globs = LOADER_FOLDERS.map((folder) => `${folder}/loader/entries/*.conf`);
  const images = LOADER_FOLDERS.map((folder) => `${folder}/EFI/Linux/*.efi`);
  const paths = Object.keys(files);
  return [
    ...[...globs, ...images].flatMap(matching),
    ...paths
      .filter((path) => globs.some((glob) => globMatcher(glob)(path)))
      .flatMap((path) => content('whole', path, files[path])),
    ...paths
      .filter((path) => images.some((glob) => globMatcher(glob)(path)))
      .flatMap((path) => [`ok lstat ${path}`, stat(1000)]),
    ...LOADER_FOLDERS.map((folder) => `${folder}/loader/loader.conf`).flatMap((path) =>
      content('whole', path, files[path]),
    ),
  ];
}

/** A text as a variable of the firmware. */
export function efiText(text: string): string {
  return `\x06\0\0\0${Buffer.from(`${text}\0`, 'utf16le').toString('latin1')}`;
}

function printed(command: string, text: string): string[] {
  return [`ok run ${command}`, '  exit 0', ...printContent(Buffer.from(text)).map((line) => `  out ${line}`)];
}

function ofThisBoot(host: KernelHost): string[] {
  const { now = NOW, uptime = 86_400, release = '6.1.0-37-amd64', files = {} } = host;
  const { build = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)' } = host;
  return [
    ...content('head', '/proc/sys/kernel/osrelease', `${release}\n`),
    ...content('head', '/proc/sys/kernel/version', `${build}\n`),
    ...(uptime === null
      ? ['denied bytes head /proc/uptime']
      : content('head', '/proc/uptime', `${uptime.toFixed(2)} ${(uptime * 2).toFixed(2)}\n`)),
    ...matching('/proc/stat', 'btime ', files['/proc/stat'] ?? `btime ${Math.round(now - (uptime ?? 0))}\n`),
    ...content(
      'head',
      '/proc/1/stat',
      files['/proc/1/stat'] ?? `1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 21 52617216 4626\n`,
    ),
    ...content('head', '/proc/1/comm', 'systemd\n'),
  ];
}

function content(part: 'head' | 'whole', path: string, text: string | undefined): string[] {
  if (text === undefined) return [`absent bytes ${part} ${path}`];
  if (text === 'denied') return [`denied bytes ${part} ${path}`];
  return [`ok bytes ${part} ${path}`, ...printContent(Buffer.from(text)).map((line) => `  ${line}`)];
}

function matching(path: string, text: string, all: string | undefined): string[] {
  const key = `${text.replaceAll(' ', String.raw`\x20`)} ${path}`;
  if (all === undefined) return [`absent lines ${key}`];
  if (all === 'denied') return [`denied lines ${key}`];
  return [
    `ok lines ${key}`,
    ...all
      .split('\n')
      .filter((line) => line.includes(text))
      .map((line) => `  ${line}`),
  ];
}

function link(path: string, target: string | undefined): string[] {
  return target === undefined ? [`absent link ${path}`] : [`ok link ${path}`, `  ${target}`];
}

function stat(size: number, time = NOW - 100 * DAY, inode = 1): string {
  return `  type=file mode=420 uid=0 gid=0 sizeBytes=${size} allocatedBytes=${size} links=1 device=1 inode=${inode} modifiedAt=${time} changedAt=${time}`;
}

function dpkg({ rpm: others = null, ...host }: KernelHost): string[] {
  const { packages = others === null ? {} : null, unpacked = {}, log = [] } = host;
  const lists = Object.entries(unpacked);
  const isDebian = ([name]: readonly [string, number]): boolean => name.startsWith('linux-image-');
  const folder = '/var/lib/dpkg/info';
  const paragraphs = Object.entries(packages ?? {}).map(([name, text]) => {
    const [version = '', state = 'installed'] = text.split(' ');
    return `Package: ${name}\nStatus: install ok ${state}\nArchitecture: amd64\nVersion: ${version}\n\n`;
  });
  const base = 'Package: base-files\nStatus: install ok installed\nVersion: 12.4\n\n';
  const matches = (glob: string, some: typeof lists): string[] => [
    `ok each ${folder}/${glob}`,
    ...some.map(([name]) => `  match ${folder}/${name}.list`),
    ...some.flatMap(([name, time]) => [`ok lstat ${folder}/${name}.list`, stat(100, time)]),
  ];
  return [
    ...content('whole', '/var/lib/dpkg/status', packages === null ? undefined : base + paragraphs.join('')),
    ...matches('linux-image-*.list', lists.filter(isDebian)),
    ...matches(
      'p*-kernel-*.list',
      lists.filter((one) => !isDebian(one)),
    ),
    'ok each /var/log/dpkg.log*',
    ...(log === null
      ? []
      : [
          '  match /var/log/dpkg.log',
          ...matching('/var/log/dpkg.log', ' status installed linux-image-', log.join('\n')),
          ...matching('/var/log/dpkg.log', '-pve', log.join('\n')),
        ]),
  ];
}

function rpm({ rpm: packages = null }: KernelHost): string[] {
  if (packages === null) return ['absent stat /var/lib/rpm', 'absent stat /usr/lib/sysimage/rpm'];
  return [
    'ok stat /var/lib/rpm',
    stat(4096),
    'absent stat /usr/lib/sysimage/rpm',
    `ok run rpm -qa --qf ${RPM_FORMAT} kernel kernel-*`,
    '  exit 0',
    `  out .${packages.map((line) => `${line.replaceAll('\t', ',')}/`).join('')}`,
  ];
}

function modules(names: readonly string[]): string[] {
  const at = (name: string): string => `/lib/modules/${name}`;
  return [
    'ok each /lib/modules/*',
    ...names.map((name) => `  match ${at(name)}`),
    ...names.flatMap((name) => [
      ...[`ok stat ${at(name)}`, stat(4096), `ok lstat ${at(name)}/modules.order`, stat(9000)],
      ...[`ok lstat ${at(name)}/modules.builtin`, stat(9000), `absent lstat ${at(name)}/pkgbase`],
      `absent lstat ${at(name)}/vmlinuz`,
    ]),
  ];
}

function boot({ space = { available: 100_000 }, ...host }: KernelHost): string[] {
  const { release = '6.1.0-37-amd64', modules: installed = [release] } = host;
  // An image for each, where dpkg has kernels.
  const images = Object.fromEntries(installed.map((name) => [`vmlinuz-${name}`, 8e6]));
  const { boot: files = (host.packages ?? null) === null ? {} : images } = host;
  const all = Object.entries(files);
  return [
    'ok each /boot/*',
    ...all.map(([name]) => `  match /boot/${name}`),
    ...all.flatMap(([name, size]) =>
      size < 0 ? [`absent stat /boot/${name}`] : [`ok stat /boot/${name}`, stat(size)],
    ),
    'ok statfs /boot',
    `  magic=61267 blockBytes=4096 blocks=200000 free=${space.free ?? space.available} available=${space.available} files=1000 filesFree=${space.filesFree ?? 900}`,
  ];
}

function required(packages: readonly string[] | null): string[] {
  if (packages === null) return ['ok each /run/reboot-required*'];
  return [
    'ok each /run/reboot-required*',
    ...['  match /run/reboot-required', '  match /run/reboot-required.pkgs'],
    ...content('whole', '/run/reboot-required', '*** System restart required ***\n'),
    ...content('whole', '/run/reboot-required.pkgs', packages.map((name) => `${name}\n`).join('')),
  ];
}

function processes({ processes: all = {}, there = {} }: KernelHost): string[] {
  const list = Object.entries(all);
  const qemus = list.filter(([, { argv }]) => argv !== undefined);
  const paths = new Set(
    list
      .flatMap(([, { maps = [], exe = '' }]) => [...(typeof maps === 'string' ? [] : maps), exe])
      .flatMap((line) => {
        const path = /(\/.*) \(deleted\)$/.exec(line)?.[1];
        return path === undefined ? [] : [path];
      }),
  );
  return [
    'ok processes *',
    `  scanned ${list.length + 50}`,
    ...list.map(([pid, { program }]) => `  process ${pid} ${program}`),
    ...list.flatMap(([pid, one]) => processOf(pid, one)),
    `ok processes ${QEMU_PROGRAMS.join(' ')}`,
    `  scanned ${list.length + 50}`,
    ...qemus.map(([pid, { program }]) => `  process ${pid} ${program}`),
    ...qemus.flatMap(([pid, { argv = [] }]) =>
      content('head', `/proc/${pid}/cmdline`, argv.map((word) => `${word}\0`).join('')),
    ),
    ...[...paths].flatMap((path) =>
      [path.replace(/(?:\.dpkg-(?:new|tmp)|;[0-9a-f]{8})$/, ''), `${path} (deleted)`].flatMap((file) =>
        there[file] === undefined
          ? [`absent lstat ${file}`]
          : [`ok lstat ${file}`, stat(1000, NOW, there[file])],
      ),
    ),
  ];
}

function processOf(
  pid: string,
  { maps = [], exe, cgroup = '0::/\n', namespace, program }: TestProcess,
): string[] {
  return [
    ...(typeof maps === 'string'
      ? [`${maps} lines (deleted) /proc/${pid}/maps`]
      : [`ok lines (deleted) /proc/${pid}/maps`, ...maps.map((line) => `  ${line}`)]),
    ...link(`/proc/${pid}/exe`, exe ?? `/usr/bin/${program}`),
    ...content('head', `/proc/${pid}/cgroup`, cgroup),
    ...link(`/proc/${pid}/ns/pid`, namespace ?? 'pid:[4026531836]'),
  ];
}

/** A line of /proc/PID/maps. */
export function mapping(path: string, { permissions = 'r-xp', inode = 329_642 } = {}): string {
  return `7f2c1a000000-7f2c1a020000 ${permissions} 00000000 fe:00 ${inode}                     ${path} (deleted)`;
}
