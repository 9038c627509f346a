/** What is to be said of each DHCP server of this host, and of networks that should have one. */
import type { DhcpServer, ExpectedServer, ServerFacts } from '../facts/dhcp-servers.ts';
import { ipv4Number } from '../parsers/dnsmasq-range.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { alerts, printBounds, type Range } from '../report/range.ts';
import { shellQuote } from '../report/text.ts';
import { counted, span } from './dhcp-words.ts';

export type ServerKind =
  | 'no-server'
  | 'server-stopped'
  | 'not-listening'
  | 'stale-leases'
  | 'pid-file'
  | 'deleted'
  | 'pool-use'
  | 'required'
  | 'unseen';

export interface ServerOptions {
  /** Names of networks or interfaces that must be served. */
  readonly required: readonly string[];
  readonly pool: Range | undefined;
}

export interface ServerView {
  readonly server: DhcpServer;
  /** Leases that have not expired; null: it keeps none in a file that could be read. */
  readonly leases: number | null;
  /** Percent of the addresses to give; null: no pool, or no leases known. */
  readonly poolUsed: number | null;
}

/** dnsmasq removes a lease when it expires, at the latest with the next minute's retry of a disk that was full (lease.c). */
const STALE_SECONDS = 10 * 60;

export function viewServers({ servers, epochSeconds }: ServerFacts): readonly ServerView[] {
  return servers.map((server) => {
    const active =
      server.leases?.rows.filter(({ expiresAt }) => expiresAt === null || expiresAt > epochSeconds) ?? null;
    return {
      server,
      leases: active?.length ?? null,
      poolUsed: active === null ? null : poolUsed(server, active),
    };
  });
}

function poolUsed({ options }: DhcpServer, active: readonly { readonly address: string }[]): number | null {
  const pools = options.ranges.flatMap(({ start, end, size }) =>
    size === null || end === null ? [] : [{ from: ipv4Number(start), to: ipv4Number(end), size }],
  );
  const size = pools.reduce((sum, pool) => sum + pool.size, 0);
  if (size === 0) return null;
  const isIn = (address: string): boolean =>
    pools.some(({ from, to }) => from <= ipv4Number(address) && ipv4Number(address) <= to);
  return (active.filter(({ address }) => isIn(address)).length / size) * 100;
}

export function judgeServers(
  facts: ServerFacts,
  views: readonly ServerView[],
  options: ServerOptions,
): readonly Finding<ServerKind>[] {
  return [
    ...facts.expected.filter((one) => !isServed(one, facts.servers)).map(missing),
    ...facts.servers.flatMap((server) => judgeServer(server, facts.epochSeconds)),
    ...views.flatMap((view) => judgePool(view, options.pool)),
    ...options.required
      .filter((name) => !facts.servers.some((server) => isCalled(server, name)))
      .map(required),
  ];
}

function isServed({ owner, name, pidFile, pid }: ExpectedServer, servers: readonly DhcpServer[]): boolean {
  return servers.some(
    (server) =>
      (server.owner === owner && server.name === name) ||
      server.pid === pid ||
      server.options.pidFile?.replace(/^\/var\/run\//, '/run/') === pidFile,
  );
}

function isCalled({ name, options }: DhcpServer, wanted: string): boolean {
  return name === wanted || options.interfaces.includes(wanted);
}

function missing(expected: ExpectedServer): Finding<ServerKind> {
  const { pid, pidFile, state, because } = expected;
  const who =
    pid === null
      ? 'its pid file names no process'
      : `process ${pid} of its pid file is ${state === '' ? 'gone' : state === 'Z' ? 'a zombie' : 'another program'}`;
  return {
    kind: 'no-server',
    subject: subjectOf(expected),
    text: `no dnsmasq is running, clients get and renew no leases`,
    detail: [because, `${who} (${pidFile})`],
    repair: restart(expected),
  };
}

function required(name: string): Finding<ServerKind> {
  return { kind: 'required', subject: name, text: 'no DHCP server, --require-server wants one' };
}

function subjectOf({ owner, name }: Pick<DhcpServer, 'owner' | 'name'>): string {
  return owner === 'dnsmasq' ? name : `${owner} network ${name}`;
}

function judgeServer(server: DhcpServer, now: number): readonly Finding<ServerKind>[] {
  const { pid, state, pidFile, listens, isDeleted } = server;
  const subject = subjectOf(server);
  const findings: Finding<ServerKind>[] = [];
  if (state === 'T' || state === 't') {
    const repair = {
      how: 'Let it go on (it was stopped by a signal, or is being traced)',
      commands: [`kill -CONT ${pid}`],
    };
    findings.push({
      kind: 'server-stopped',
      subject,
      text: `dnsmasq (pid ${pid}) is stopped and answers nobody`,
      repair,
    });
  }
  if (listens === false) {
    const text = `dnsmasq (pid ${pid}) has a dhcp-range and does not listen on the DHCP port`;
    findings.push({ kind: 'not-listening', subject, text, repair: restart(server) });
  }
  if (pidFile !== null && pidFile.pid !== pid) {
    const text = `dnsmasq is process ${pid}, its pid file ${pidFile.path} names ${pidFile.pid}: who manages it takes it for gone`;
    findings.push({ kind: 'pid-file', subject, text });
  }
  if (isDeleted) {
    const text = `dnsmasq (pid ${pid}) runs from an executable that was replaced or removed`;
    findings.push({ kind: 'deleted', subject, text, repair: restart(server) });
  }
  return [...findings, ...stale(server, subject, now)];
}

function stale(server: DhcpServer, subject: string, now: number): readonly Finding<ServerKind>[] {
  if (server.leases?.isPruned !== true) return [];
  const late = server.leases.rows.flatMap(({ expiresAt }) => {
    const past = expiresAt === null ? 0 : now - expiresAt;
    return past > STALE_SECONDS ? [past] : [];
  });
  if (late.length === 0) return [];
  const oldest = late.reduce((a, b) => Math.max(a, b));
  return [
    {
      kind: 'stale-leases',
      subject,
      text: `${counted(late.length, 'lease')} expired up to ${span(oldest)} ago and ${late.length === 1 ? 'is' : 'are'} still listed: dnsmasq (pid ${server.pid}) does not work, or cannot write ${server.leases.path}`,
      repair: restart(server),
    },
  ];
}

function judgePool(
  { server, poolUsed: used, leases }: ServerView,
  range: Range | undefined,
): readonly Finding<ServerKind>[] {
  if (range === undefined || used === null || !alerts(range, used)) return [];
  const text = `${used.toFixed(0)}% of its addresses are leased (${counted(leases ?? 0, 'lease')}), outside ${printBounds(range)}%`;
  return [{ kind: 'pool-use', subject: subjectOf(server), text }];
}

function restart({ owner, name }: Pick<DhcpServer, 'owner' | 'name'>): Repair {
  switch (owner) {
    case 'libvirt':
      return {
        how: 'Start the network again (the interfaces of its guests lose their bridge until they are attached or started again)',
        commands: [`virsh net-destroy ${shellQuote(name)}`, `virsh net-start ${shellQuote(name)}`],
      };
    case 'neutron':
      return { how: 'The agent starts what is missing', commands: ['systemctl restart neutron-dhcp-agent'] };
    case 'nova':
      return { how: 'nova-network starts what is missing', commands: ['systemctl restart nova-network'] };
    case 'dnsmasq':
      return { how: 'Start it again, and find out what ended it', commands: ['systemctl restart dnsmasq'] };
  }
}

export function serverItem({ server, leases, poolUsed: used }: ServerView): string {
  const { pid } = server;
  const count = leases === null ? 'leases not known' : counted(leases, 'lease');
  const pool = used === null ? '' : `, ${used.toFixed(0)}% of the pool`;
  return `${subjectOf(server)}: dnsmasq (pid ${pid}), ${count}${pool}`;
}
