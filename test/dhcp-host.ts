/** Hosts with DHCP in memory, for the tests of what looks at them: files and processes in, a recording of what was asked out. */
import { Answerer, type Files } from '../lib/host/answer.ts';
import type { Question, Want } from '../lib/host/ask.ts';
import { Deadline } from '../lib/host/deadline.ts';
import type { Clock, Host } from '../lib/host/host.ts';
import { RecordingHost } from '../lib/host/replay.ts';
import { gatherDhcp } from '../lib/facts/dhcp-gather.ts';
import { failed, found, type Failure, type Reading, type Why } from '../lib/reading.ts';

/** What stands at a path: a text, bytes, a link, or why nobody can look. Directories are there by themselves. */
export type Thing = string | Buffer | { readonly link: string } | { readonly why: Why };

export interface Proc {
  readonly argv: readonly string[];
  /** Base name of the executable; default that of the first word. */
  readonly program?: string;
  readonly exe?: string;
  readonly state?: string;
  readonly ppid?: number;
  readonly netns?: string | null;
  readonly mountns?: string;
  readonly cgroup?: string;
  readonly nspid?: string;
  readonly ageSeconds?: number;
  /** Ports of its own UDP sockets. */
  readonly ports?: readonly number[];
  readonly isTitle?: boolean;
}

export interface DhcpHost {
  readonly uid?: number;
  readonly files?: Readonly<Record<string, Thing>>;
  /** When a file was changed, seconds since 1970; default now. */
  readonly times?: Readonly<Record<string, number>>;
  readonly processes?: Readonly<Record<number, Proc>>;
  /** What `ip -j addr` prints; null: there is no ip. */
  readonly ip?: string | null;
  readonly journal?: string | null;
}

export const NOW = 1795262900;
const UPTIME = 864000;
const HEADING =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';

/** The recording of everything that the check asks of the host, without its last line. */
export async function dhcpHost(host: DhcpHost, log?: string): Promise<string[]> {
  const recorder = new RecordingHost(new MemoryHost(host));
  await gatherDhcp(recorder, { clients: true, servers: true, log });
  return recorder.text('').trimEnd().split('\n').slice(0, -1);
}

/** An interface as ip prints it; `left` is what the kernel counts down, null for ever. */
export function device(
  name: string,
  index: number,
  addresses: readonly (readonly [string, number | null])[],
  flags = 'UP,LOWER_UP',
) {
  return {
    ifindex: index,
    ifname: name,
    flags: flags.split(','),
    addr_info: addresses.map(([local, left]) => ({
      family: local.includes(':') ? 'inet6' : 'inet',
      local,
      prefixlen: 24,
      scope: 'global',
      ...(left === null ? {} : { dynamic: true }),
      valid_life_time: left ?? 4294967295,
    })),
  };
}

class MemoryHost implements Host {
  readonly #host: DhcpHost;
  readonly #tree = new Map<string, Thing>();

  constructor(host: DhcpHost) {
    this.#host = host;
    const own = { argv: ['check'], netns: 'net:[1]', mountns: 'mnt:[1]' };
    const base: Record<string, Thing> = {
      ...processFiles('self', own),
      '/proc/1/comm': 'init\n',
      '/proc/net/udp': HEADING,
      '/proc/net/fib_trie': 'Local:\n  |-- 127.0.0.1\n     /32 host LOCAL\n',
      '/sys/class/net/lo/mtu': '65536\n',
    };
    for (const [pid, proc] of Object.entries(host.processes ?? {}))
      Object.assign(base, processFiles(pid, proc));
    for (const [path, thing] of Object.entries({ ...base, ...host.files })) this.#tree.set(path, thing);
  }

  ask(want: Want): Promise<never> {
    const answerer = new Answerer(this.#files(), new Deadline(60));
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries<Question>(want))
      answers[name] = question.op === 'run' ? this.#run(question.tool) : answerer.answer(question);
    const now: Clock = {
      epochSeconds: NOW,
      uptimeSeconds: UPTIME,
      bootId: '11111111-2222-3333-4444-555555555555',
    };
    const uid = this.#host.uid ?? 0;
    return Promise.resolve({ ...answers, now, who: { uid, gid: uid, nodeName: 'kvm1' } }) as never;
  }

  #run(tool: string): Reading<unknown> {
    const { ip = '[]', journal = null } = this.#host;
    const text = tool === 'ip' ? ip : journal;
    return text === null ? failed('absent', tool) : found({ status: 0, stdout: text, stderr: '' });
  }

  #files(): Files {
    const tree = this.#tree;
    const children = (path: string): string[] => {
      const inside = [...tree.keys()].filter((one) => one.startsWith(`${path}/`));
      return [...new Set(inside.map((one) => one.slice(path.length + 1).split('/')[0] ?? ''))].sort();
    };
    const closed = (path: string): Failure | null => {
      for (const [one, thing] of tree)
        if (typeof thing === 'object' && 'why' in thing && (path === one || path.startsWith(`${one}/`)))
          return failed(thing.why, path);
      return null;
    };
    const contentOf = (path: string): Reading<Buffer> => {
      const thing = tree.get(path);
      if (typeof thing === 'string' || Buffer.isBuffer(thing)) return found(Buffer.from(thing));
      return closed(path) ?? failed('absent', path);
    };
    return {
      isPrivileged: this.#host.uid === undefined,
      bytes: (path, max, part) => {
        const content = contentOf(path);
        if (!content.ok) return content;
        const all = content.value;
        if (all.length <= max) return found({ bytes: all, cut: false });
        if (part === 'whole') return failed('tooBig', path);
        return found({ bytes: part === 'head' ? all.subarray(0, max) : all.subarray(-max), cut: true });
      },
      lines: (path) => failed('absent', path),
      list: (path) => {
        const names = children(path);
        return closed(path) ?? (names.length === 0 ? failed('absent', path) : found(names));
      },
      stat: (given) => {
        const path = given.replace(/\/\.$/, '');
        const isDirectory = children(path).length > 0;
        if (!isDirectory && !tree.has(path)) return closed(path) ?? failed('absent', path);
        if (closed(path) !== null && given !== path) return closed(path) ?? failed('absent', path);
        const modifiedAt = this.#host.times?.[path] ?? NOW;
        const none = { uid: 0, gid: 0, sizeBytes: 0, allocatedBytes: 0, links: 1, device: 1, inode: 1 };
        return found({
          ...none,
          type: isDirectory ? 'directory' : 'file',
          mode: 0o644,
          modifiedAt,
          changedAt: modifiedAt,
        });
      },
      look: () => 'nothing',
      link: (path) => {
        const thing = tree.get(path);
        return typeof thing === 'object' && 'link' in thing
          ? found(thing.link)
          : (closed(path) ?? failed('absent', path));
      },
      statfs: (path) => failed('absent', path),
      fifo: (path) => failed('absent', path),
      glance: (path, max) => {
        const content = contentOf(path);
        return content.ok ? content.value.toString('latin1').slice(0, max) : null;
      },
    };
  }
}

function processFiles(pid: string, proc: Proc): Record<string, Thing> {
  const at = `/proc/${pid}`;
  const program = proc.program ?? (proc.argv[0] ?? '').replace(/^.*\//, '');
  const { state = 'S', ppid = 1, ageSeconds = 3600, ports = [], cgroup = '/', netns = 'net:[1]' } = proc;
  const ticks = (UPTIME - ageSeconds) * 100;
  const numbers = Array.from({ length: 17 }, () => '0').join(' ');
  const sockets = ports.map(
    (port, i) =>
      `  1: 00000000:${port.toString(16).padStart(4, '0').toUpperCase()} 00000000:0000 07 0:0 0:0 0 0 0 ${pid}0${i} 2 0 0\n`,
  );
  return {
    [`${at}/cmdline`]: proc.argv.map((word) => `${word}\0`).join(''),
    [`${at}/stat`]: `${pid === 'self' ? 2 : pid} (${program.slice(0, 15)}) ${state} ${ppid} ${numbers} ${ticks} 4096 0\n`,
    [`${at}/comm`]: `${program.slice(0, 15)}\n`,
    [`${at}/status`]: `Name:\t${program}\nNSpid:\t${proc.nspid ?? pid.replace('self', '2')}\n`,
    [`${at}/cgroup`]: `0::${cgroup}\n`,
    [`${at}/exe`]: { link: proc.exe ?? `/usr/sbin/${program}` },
    [`${at}/ns/net`]: netns === null ? { why: 'denied' } : { link: netns },
    [`${at}/ns/mnt`]: { link: proc.mountns ?? 'mnt:[1]' },
    [`${at}/net/udp`]: HEADING + sockets.join(''),
    [`${at}/net/udp6`]: HEADING,
    ...Object.fromEntries(ports.map((_, i) => [`${at}/fd/${i + 3}`, { link: `socket:[${pid}0${i}]` }])),
  };
}
