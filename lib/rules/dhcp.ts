/** All of it together: what is to be said of the DHCP clients and servers of a host. */
import type { DhcpFacts } from '../facts/dhcp-gather.ts';
import { anyMatcher } from '../glob.ts';
import type { Judgement } from '../plugin.ts';
import { inWords, type Failure } from '../reading.ts';
import type { Finding } from '../report/finding.ts';
import type { Range } from '../report/range.ts';
import { judgeClients, type ClientKind, type ClientVerdict } from './dhcp-clients.ts';
import { deafClients, judgeDeaf } from './dhcp-conversation.ts';
import { measureClients, measureServers, summaryOf, type DhcpMetric } from './dhcp-perfdata.ts';
import { judgeServers, serverItem, viewServers, type ServerKind } from './dhcp-servers.ts';

export type DhcpKind = ClientKind | ServerKind | 'deaf';

export interface DhcpOptions {
  readonly client: boolean;
  readonly server: boolean;
  readonly requiredClients: readonly string[];
  readonly requiredServers: readonly string[];
  readonly ignore: readonly string[];
  readonly overdue: Range | undefined;
  readonly pool: Range | undefined;
}

type Said = readonly Finding<DhcpKind>[];

export function judgeDhcp(
  facts: DhcpFacts,
  options: DhcpOptions,
): Judgement<Exclude<DhcpKind, 'unseen'>, DhcpMetric> {
  const isIgnored = anyMatcher(options.ignore);
  const clients: ClientVerdict =
    facts.clients === null
      ? { views: [], findings: [], items: [] }
      : judgeClients(facts.clients, {
          required: options.requiredClients,
          overdue: options.overdue,
          isIgnored,
        });
  const servers = judgeServerRole(facts, options, isIgnored);
  const unread = [...facts.unread, ...(facts.clients?.unread ?? []), ...(facts.servers?.unread ?? [])];
  const findings: Said = [
    ...clients.findings,
    ...servers.findings,
    ...forced(clients, servers.views.length, options),
    ...unseen(unread),
  ];
  const isNothing = clients.views.length === 0 && servers.views.length === 0 && findings.length === 0;
  return {
    findings,
    summary: summaryOf(clients.views, servers.views, facts.epochSeconds),
    measurements: isNothing
      ? []
      : [
          ...(facts.clients === null ? [] : measureClients(clients.views, facts.epochSeconds)),
          ...servers.measurements,
        ],
    items: [...clients.items, ...servers.items],
    ...(isNothing
      ? { none: `no DHCP clients or servers: ${facts.scanned} processes, none of them one that is looked at` }
      : {}),
  };
}

function judgeServerRole(
  { servers: all }: DhcpFacts,
  options: DhcpOptions,
  isIgnored: (name: string) => boolean,
) {
  if (all === null) return { views: [], findings: [] as Said, items: [], measurements: [] };
  const isLookedAt = ({ name }: { readonly name: string }): boolean => !isIgnored(name);
  const facts = {
    ...all,
    servers: all.servers.filter(isLookedAt),
    expected: all.expected.filter(isLookedAt),
  };
  const views = viewServers(facts);
  const deaf = deafClients(facts).filter(({ interfaceName }) => !isIgnored(interfaceName));
  const findings: Said = [
    ...judgeServers(facts, views, { required: options.requiredServers, pool: options.pool }),
    ...deaf.map(judgeDeaf),
  ];
  const noLog =
    facts.withoutLog.length === 0
      ? []
      : [`no log of a server found in ${facts.withoutLog.join(', ')} (--log)`];
  return {
    views,
    findings,
    items: [...views.map(serverItem), ...noLog],
    measurements: measureServers(views, facts.logs.length === 0 ? null : deaf.length),
  };
}

/** A role that was asked for, and of which there is nothing. */
function forced(clients: ClientVerdict, servers: number, { client, server }: DhcpOptions): Said {
  const findings: Finding<DhcpKind>[] = [];
  if (client && clients.views.length === 0)
    findings.push({
      kind: 'required',
      subject: '',
      text: 'no DHCP client, and no interface that is on DHCP (--client)',
    });
  if (server && servers === 0)
    findings.push({ kind: 'required', subject: '', text: 'no DHCP server (--server)' });
  return findings;
}

function unseen(failures: readonly Failure[]): Said {
  const texts = new Map(failures.map((failure) => [inWords(failure), failure]));
  return [...texts].map(([text, failure]) => ({
    kind: 'unseen',
    subject: '',
    text: failure.why === 'denied' ? `${text}, run it as root or with --sudo` : text,
    timedOut: failure.why === 'timedOut',
  }));
}
