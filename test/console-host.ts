/** Recordings of hosts with console logs, for the tests of check_console_log: what is not given is not there. */
import { INSTANCES, LOG_GLOBS, NOVA_CONF } from '../lib/facts/console-places.ts';
import { LOG_WRITERS } from '../lib/facts/open-logs.ts';
import { globMatcher } from '../lib/glob.ts';
import { printContent } from '../lib/host/recording.ts';
import { QEMU_PROGRAMS } from '../lib/parsers/qemu-argv.ts';
import { guestHost, type GuestHost } from './guest-host.ts';

export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;

export interface Log {
  /** What a reader carries. */
  readonly size: number;
  /** What the disk pays; default the same. */
  readonly allocated?: number;
  readonly type?: 'file' | 'link' | 'directory' | 'character';
  readonly device?: number;
  /** Default: one of its own. */
  readonly inode?: number;
}

export interface ConsoleHost extends GuestHost {
  /** By path; `denied`: its directory is closed to this user. */
  readonly logs?: Readonly<Record<string, Log | 'denied'>>;
  /** Processes that write logs, by process id. */
  readonly writers?: Readonly<Record<number, 'virtlogd' | 'xenconsoled'>>;
  /** Open files by process id and number: what the link says; `denied`: not to be listed. Others have none open. */
  readonly open?: Readonly<Record<number, Readonly<Record<number, string>> | 'denied'>>;
  /** What is behind links to deleted files, by link. */
  readonly behind?: Readonly<Record<string, Log & { readonly links?: number }>>;
  /** /proc/PID/fdinfo/N, by link. */
  readonly flags?: Readonly<Record<string, string>>;
  /** By device: the magic number and the free bytes; default ext4 with 50 GiB. */
  readonly systems?: Readonly<Record<number, { readonly magic?: number; readonly available?: number }>>;
  /** Texts of files below /etc. */
  readonly etc?: Readonly<Record<string, string>>;
  /** What was given to --path. */
  readonly paths?: readonly string[];
  readonly epochSeconds?: number;
}

const EXT4 = 0xef53;

export function consoleHost(host: ConsoleHost): string[] {
  const { writers = {}, open = {}, epochSeconds = 1764000000 } = host;
  const pids = [...Object.keys(host.qemu ?? {}), ...Object.keys(writers)].map(Number);
  const processes = `ok processes ${QEMU_PROGRAMS.join(' ')}`;
  const head = guestHost(host).flatMap((line) => {
    if (line.startsWith('clock ')) return [line.replace('1764000000', String(epochSeconds))];
    if (line !== processes) return [line];
    const found = Object.entries(writers).map(([pid, program]) => `  process ${pid} ${program}`);
    return [`${processes} ${LOG_WRITERS.join(' ')}`, ...found];
  });
  return [
    ...head,
    ...files(host),
    ...pids.flatMap((pid) => openFiles(pid, open[pid] ?? {})),
    ...gone(host),
    ...etc(host),
  ];
}

function files({ logs = {}, paths = [], systems = {} }: ConsoleHost): string[] {
  const all = Object.keys(logs).sort();
  const suffixes = ['', '.0', '.1', '.2'];
  const globs = [
    ...INSTANCES.flatMap((root) => suffixes.map((suffix) => `${root}/*/console.log${suffix}`)),
    ...LOG_GLOBS,
    ...paths,
  ];
  const eachOf = (glob: string): string[] => {
    const matching = all.filter(globMatcher(glob));
    return [
      `ok each ${glob}`,
      ...matching.map((path) => (logs[path] === 'denied' ? `  unlisted denied ${path}` : `  match ${path}`)),
    ];
  };
  const folders = [...new Set(all.map((path) => path.slice(0, path.lastIndexOf('/'))))];
  return [
    ...globs.flatMap(eachOf),
    ...folders.flatMap((folder) => [
      `ok list ${folder}`,
      ...all
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => `  ${path.slice(folder.length + 1)}`),
    ]),
    ...all.flatMap((path, index) => {
      const log = logs[path];
      if (log === undefined || log === 'denied') return [`denied lstat ${path}`];
      return [
        `ok lstat ${path}`,
        statLine(log, 1000 + index),
        `ok statfs ${path}`,
        systemLine(systems[log.device ?? 1]),
      ];
    }),
  ];
}

function statLine(
  { size, allocated = size, type = 'file', device = 1, ...log }: Log & { links?: number },
  inode: number,
) {
  return `  type=${type} mode=384 uid=0 gid=0 sizeBytes=${size} allocatedBytes=${allocated} links=${log.links ?? 1} device=${device} inode=${log.inode ?? inode} modifiedAt=1764000000 changedAt=1764000000`;
}

function systemLine({
  magic = EXT4,
  available = 50 * GIB,
}: { magic?: number; available?: number } = {}): string {
  return `  magic=${magic} blockBytes=1 blocks=${100 * GIB} free=${available} available=${available} files=1000 filesFree=900`;
}

function openFiles(pid: number, files: Readonly<Record<number, string>> | 'denied'): string[] {
  const glob = `each /proc/${pid}/fd/*`;
  if (files === 'denied') return [`ok ${glob}`, `  unlisted denied /proc/${pid}/fd`];
  const links = Object.entries(files).map(([fd, target]) => [`/proc/${pid}/fd/${fd}`, target] as const);
  return [
    `ok ${glob}`,
    ...links.map(([link]) => `  match ${link}`),
    ...links.flatMap(([link, target]) => [`ok link ${link}`, `  ${target}`]),
  ];
}

/** The folders of deleted logs are on the first device. */
function gone({ open = {}, behind = {}, flags = {}, systems = {} }: ConsoleHost): string[] {
  const targets = Object.values(open).flatMap((files) => (files === 'denied' ? [] : Object.values(files)));
  const folders = new Set(targets.flatMap((target) => above(target)));
  const links = Object.entries(open).flatMap(([pid, files]) =>
    files === 'denied' ? [] : Object.keys(files).map((fd) => `/proc/${pid}/fd/${fd}`),
  );
  return [
    ...[...folders].flatMap((folder) => [`ok statfs ${folder}`, systemLine(systems[1])]),
    ...Object.entries(behind).flatMap(([link, log], index) => [
      `ok stat ${link}`,
      statLine({ links: 0, ...log }, 9000 + index),
    ]),
    ...links.flatMap((link) => [
      `ok bytes whole ${link.replace('/fd/', '/fdinfo/')}`,
      ...printContent(Buffer.from(`pos:\t0\nflags:\t${flags[link] ?? '0100001'}\nmnt_id:\t1\n`)).map(
        (line) => `  ${line}`,
      ),
    ]),
  ];
}

function above(path: string): string[] {
  const parts = path.split('/');
  return [1, 2, 3].map((levels) => parts.slice(0, -levels).join('/') || '/'); // eslint-disable-line @typescript-eslint/strict-boolean-expressions -- '' is the root
}

function etc({ etc: texts = {} }: ConsoleHost): string[] {
  const rules = Object.keys(texts).filter((path) => path.startsWith('/etc/logrotate.d/'));
  const plain = ['/etc/libvirt/virtlogd.conf', '/etc/libvirt/qemu.conf', ...NOVA_CONF];
  return [
    'ok each /etc/logrotate.d/*',
    ...rules.map((path) => `  match ${path}`),
    ...[...rules, ...plain].flatMap((path) => {
      const text = texts[path];
      return text === undefined
        ? [`absent bytes whole ${path}`]
        : [`ok bytes whole ${path}`, ...printContent(Buffer.from(text)).map((line) => `  ${line}`)];
    }),
  ];
}
