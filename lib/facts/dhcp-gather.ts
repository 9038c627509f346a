/** Asks a host for all that check_dhcp_liveness looks at: the roles that are wanted. */
import type { Host } from '../host/host.ts';
import type { Failure } from '../reading.ts';
import { CLIENT_QUESTIONS, gatherClients } from './dhcp-client-gather.ts';
import { EXPECTED_QUESTIONS } from './dhcp-expected.ts';
import { gatherLogs } from './dhcp-log-gather.ts';
import { dhcpProcesses, PROCESS_QUESTIONS } from './dhcp-processes.ts';
import { gatherServers } from './dhcp-server-gather.ts';
import type { ServerFacts } from './dhcp-servers.ts';
import type { ClientFacts } from './dhcp.ts';

export interface DhcpFacts {
  /** Null: not asked for. */
  readonly clients: ClientFacts | null;
  readonly servers: ServerFacts | null;
  /** What could not be read of either. */
  readonly unread: readonly Failure[];
  readonly scanned: number;
  readonly epochSeconds: number;
}

export interface Wanted {
  readonly clients: boolean;
  readonly servers: boolean;
  /** A log file; `none`; undefined: it is looked for. */
  readonly log: string | undefined;
}

/** Those of a role are asked, and its answers looked at, only where it is wanted. */
type Questions = typeof PROCESS_QUESTIONS & typeof CLIENT_QUESTIONS & typeof EXPECTED_QUESTIONS;

export async function gatherDhcp(host: Host, wanted: Wanted): Promise<DhcpFacts> {
  const first = await host.ask({
    ...PROCESS_QUESTIONS,
    ...(wanted.clients ? CLIENT_QUESTIONS : {}),
    ...(wanted.servers ? EXPECTED_QUESTIONS : {}),
  } as Questions);
  const { all, unread, scanned } = dhcpProcesses(first);
  const [clients, servers] = await Promise.all([
    wanted.clients ? gatherClients(host, first, all) : null,
    wanted.servers ? gatherServers(host, first, all, wanted.log === undefined) : null,
  ]);
  const logs = servers === null ? null : await gatherLogs(host, servers, wanted.log);
  return {
    clients,
    servers:
      servers === null || logs === null
        ? null
        : {
            servers: servers.servers,
            expected: servers.expected,
            epochSeconds: servers.epochSeconds,
            logs: logs.logs,
            withoutLog: logs.withoutLog,
            unread: [...servers.unread, ...logs.unread],
          },
    unread,
    scanned,
    epochSeconds: first.now.epochSeconds,
  };
}
