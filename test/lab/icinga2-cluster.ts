/** A master and an agent in its own zone, as `icinga2 node setup` makes them: two daemons that know each other by certificate. */
import { makeAuthority } from './authority.ts';
import { startNode, untilConnected, type IcingaNode } from './icinga2-node.ts';
import { freePort } from './port.ts';

export interface Cluster {
  readonly master: IcingaNode;
  readonly agent: IcingaNode;
}

export interface ClusterOptions {
  /** The endpoint and zone of the agent; the host with that name is run there. */
  readonly agentName: string;
  /** Files of the master below /etc/icinga2: `zones.d/master/hosts.conf`, `objects.conf` (included). */
  readonly master: Readonly<Record<string, string>>;
  readonly agent: Readonly<Record<string, string>>;
  readonly pluginDir: string;
  readonly contribDir: string;
}

/** Starts both, and waits until the agent is connected. */
export async function startCluster({
  agentName,
  master,
  agent,
  ...folders
}: ClusterOptions): Promise<Cluster> {
  const authority = await makeAuthority();
  const [port, agentPort] = [await freePort(), await freePort()];
  // The agent connects to the master, as it does from behind a firewall.
  const zones = (address: string): string => `
object Endpoint "master" { ${address} }
object Zone "master" { endpoints = [ "master" ] }
object Endpoint "${agentName}" { }
object Zone "${agentName}" {
  endpoints = [ "${agentName}" ]
  parent = "master"
}
object Zone "global-templates" { global = true }
`;
  const up = await startNode({
    ...folders,
    name: 'master',
    authority,
    port,
    zones: zones(''),
    files: { 'objects.conf': '', ...master },
  });
  const down = await startNode({
    ...folders,
    name: agentName,
    authority,
    port: agentPort,
    zones: zones(`host = "127.0.0.1"; port = ${port}`),
    obeys: true,
    files: { 'objects.conf': '', ...agent },
  });
  await untilConnected(up, agentName);
  return { master: up, agent: down };
}
