/** Asks a host for its DHCP servers: each dnsmasq with a dhcp-range, in every network namespace, and what it has written. */
import { bytes, each, head, link, type Ask, type Content, type Matches } from '../host/ask.ts';
import type { Clock, Host } from '../host/host.ts';
import type { DnsmasqOptions } from '../parsers/dnsmasq-config.ts';
import { parseDnsmasqLeases, parseLibvirtLeases } from '../parsers/dnsmasq-leases.ts';
import { parseProcNetUdp, type UdpSocket } from '../parsers/proc-net-udp.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import type { Failure, Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import { expectations, type ExpectedAnswers } from './dhcp-expected.ts';
import { questionsForLogs } from './dhcp-log-gather.ts';
import type { DhcpProcess } from './dhcp-processes.ts';
import { configured, isReadable, pathFor, type Configured } from './dhcp-server-config.ts';
import type { DhcpServer, ExpectedServer, ServerFacts } from './dhcp-servers.ts';
import { parsedText } from './parsed.ts';

const MIB = 1024 * 1024;
const PORT: Readonly<Record<4 | 6, number>> = { 4: 67, 6: 547 };
const DEFAULT_LEASES = ['/var/lib/misc/dnsmasq.leases', '/var/lib/dnsmasq/dnsmasq.leases'];
const FDS = { target: link('') };

export type LooseAnswers = Readonly<Record<string, unknown>>;

export interface GatheredServers extends Omit<ServerFacts, 'logs' | 'withoutLog'> {
  readonly configured: readonly Configured[];
  /** Answers about files that were asked together with the rest: those of logs among them. */
  readonly answers: LooseAnswers;
}

export async function gatherServers(
  host: Host,
  first: ExpectedAnswers & { readonly now: Clock },
  processes: readonly DhcpProcess[],
  isLogWanted: boolean,
): Promise<GatheredServers> {
  const dnsmasqs = withoutHelpers(processes.filter(({ program }) => program.startsWith('dnsmasq')));
  // What does not depend on each other is asked at once: over SSH each batch is a way there and back.
  const [all, expected] = await Promise.all([configured(host, dnsmasqs), expectations(host, first)]);
  const unread = all.flatMap((one) => (one.options.ranges.length > 0 ? [] : one.unread));
  const serving = all.filter(({ options }) => options.ranges.length > 0);
  const questions = {
    ...questionsFor(
      serving,
      expected.all.flatMap(({ pid }) => pid ?? []),
    ),
    ...(isLogWanted ? questionsForLogs(serving) : {}),
  };
  const answers: LooseAnswers = Object.keys(questions).length === 0 ? {} : await host.ask(questions);
  const servers: DhcpServer[] = [];
  for (const one of serving) {
    await breathe();
    servers.push(serverOf(one, answers, unread));
  }
  return {
    servers,
    expected: expected.all.map((one): ExpectedServer => ({
      ...one,
      state: one.pid === null ? '' : stateOf(answers, one.pid),
    })),
    unread: [...unread, ...expected.unread],
    epochSeconds: first.now.epochSeconds,
    configured: serving,
    answers,
  };
}

/** dnsmasq with a dhcp-script runs a second process for that, a child with the same command line (helper.c). */
function withoutHelpers(processes: readonly DhcpProcess[]): readonly DhcpProcess[] {
  const parents = new Map(processes.map((one) => [one.pid, one.argv.join('\0')]));
  return processes.filter(({ stat: status, argv }) => parents.get(status?.ppid ?? -1) !== argv.join('\0'));
}

function questionsFor(serving: readonly Configured[], pids: readonly number[]): Record<string, Ask<unknown>> {
  const questions: Record<string, Ask<unknown>> = {};
  for (const pid of pids) questions[`state ${pid}`] = head(`/proc/${pid}/stat`, 4096);
  for (const { process, options } of serving) {
    questions[`fds ${process.pid}`] = each(`/proc/${process.pid}/fd/*`, FDS);
    questions[`udp ${process.pid}`] = bytes(socketsOf(process, options), MIB);
    if (options.pidFile !== null && isReadable(options.pidFile))
      questions[`pid ${process.pid}`] = head(pathFor(process, options.pidFile), 64);
    for (const path of leaseFiles({ process, options })) questions[`leases ${path}`] = bytes(path, 16 * MIB);
  }
  return questions;
}

/** The first that is there holds its leases; none where it keeps them elsewhere. */
function leaseFiles({ process, options }: Pick<Configured, 'process' | 'options'>): readonly string[] {
  if (ownerOf(process, options) === 'libvirt')
    return options.interfaces.map((name) => pathFor(process, `/var/lib/libvirt/dnsmasq/${name}.status`));
  if (options.isLeaseFileReadOnly) return [];
  const paths = options.leaseFile === null ? DEFAULT_LEASES : [options.leaseFile];
  return paths.filter(isReadable).map((path) => pathFor(process, path));
}

function serverOf({ process, options }: Configured, answers: LooseAnswers, unread: Failure[]): DhcpServer {
  const owner = ownerOf(process, options);
  return {
    pid: process.pid,
    name: nameOf(process, options, owner),
    owner,
    state: process.stat?.state ?? '',
    options,
    pidFile: pidFileOf(process, options.pidFile, answers),
    listens: listens(process, options, answers, unread),
    isDeleted: / \(deleted\)$|;[0-9a-f]{8}(?: \(deleted\))?$/.test(process.executable ?? ''),
    leases: leasesOf({ process, options }, owner, answers, unread),
  };
}

function ownerOf({ argv }: DhcpProcess, options: DnsmasqOptions): DhcpServer['owner'] {
  const text = [...argv, options.pidFile ?? ''].join(' ');
  if (text.includes('/libvirt/dnsmasq/') || text.includes('/libvirt/network/')) return 'libvirt';
  if (/\/neutron\/dhcp\/|\/quantum\/dhcp\//.test(text)) return 'neutron';
  return /\/nova-[^/ ]+\.pid/.test(text) ? 'nova' : 'dnsmasq';
}

function nameOf({ argv, pid }: DhcpProcess, options: DnsmasqOptions, owner: DhcpServer['owner']): string {
  const text = [...argv, options.pidFile ?? ''].join(' ');
  const patterns: Readonly<Record<DhcpServer['owner'], RegExp>> = {
    libvirt: /\/libvirt\/(?:dnsmasq|network)\/([^/ ]+)\.(?:conf|pid)/,
    neutron: /\/dhcp\/([^/ ]+)\//,
    nova: /\/nova-([^/ ]+)\.pid/,
    dnsmasq: /(?!)/,
  };
  return patterns[owner].exec(text)?.[1] ?? options.interfaces[0] ?? `dnsmasq (pid ${pid})`;
}

function pidFileOf(process: DhcpProcess, path: string | null, answers: LooseAnswers): DhcpServer['pidFile'] {
  const text = answers[`pid ${process.pid}`] as Reading<Content> | undefined;
  if (path === null || text?.ok !== true) return null;
  const pid = /^\s*([1-9][0-9]{0,9})\s*$/.exec(decodeUtf8(text.value.bytes))?.[1];
  return pid === undefined ? null : { path: pathFor(process, path), pid: Number(pid) };
}

function familyOf(ranges: DnsmasqOptions['ranges']): 4 | 6 {
  return ranges.some((one) => one.family === 4) ? 4 : 6;
}

/** Those of its network namespace. */
function socketsOf({ pid }: DhcpProcess, { ranges }: Pick<DnsmasqOptions, 'ranges'>): string {
  return `/proc/${pid}/net/${familyOf(ranges) === 4 ? 'udp' : 'udp6'}`;
}

/** By its own sockets where they can be seen; else there must be one in its namespace, of whomever. */
function listens(
  process: DhcpProcess,
  { ranges, usesOtherPort }: DnsmasqOptions,
  answers: LooseAnswers,
  unread: Failure[],
): boolean | null {
  const family = familyOf(ranges);
  // Router advertisements alone (ra-only, slaac) need no port.
  if (usesOtherPort || (family === 6 && ranges.every(({ end }) => end === null))) return null;
  const sockets = parsedText(
    answers[`udp ${process.pid}`] as Reading<Content>,
    socketsOf(process, { ranges }),
    parseProcNetUdp,
  );
  if (!sockets.ok) {
    if (sockets.why !== 'vanished' && sockets.why !== 'absent') unread.push(sockets);
    return null;
  }
  const fds = answers[`fds ${process.pid}`] as Reading<Matches<typeof FDS>> | undefined;
  const isSeen =
    fds?.ok === true && fds.value.unlisted.length === 0 && fds.value.found.some(({ target }) => target.ok);
  const own = new Set(isSeen ? fds.value.found.map(({ target }) => (target.ok ? target.value : '')) : []);
  const isItsOwn = ({ inode }: UdpSocket): boolean => !isSeen || own.has(`socket:[${inode}]`);
  return sockets.value.some((socket) => socket.port === PORT[family] && isItsOwn(socket));
}

function leasesOf(
  one: Pick<Configured, 'process' | 'options'>,
  owner: DhcpServer['owner'],
  answers: LooseAnswers,
  unread: Failure[],
): DhcpServer['leases'] {
  for (const path of leaseFiles(one)) {
    const reading = answers[`leases ${path}`] as Reading<Content>;
    if (!reading.ok && (reading.why === 'absent' || reading.why === 'vanished')) continue;
    const rows = parsedText(reading, path, owner === 'libvirt' ? parseLibvirtLeases : parseDnsmasqLeases);
    // libvirt's helper removes what has expired when it is called the next time, dnsmasq at once.
    if (rows.ok) return { path, rows: rows.value, isPruned: owner !== 'libvirt' };
    unread.push(rows);
    return null;
  }
  return null;
}

function stateOf(answers: LooseAnswers, pid: number): string {
  const reading = answers[`state ${pid}`] as Reading<Content>;
  const text = reading.ok ? decodeUtf8(reading.value.bytes) : '';
  return text.charAt(text.lastIndexOf(')') + 2);
}
