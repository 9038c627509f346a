/** What is to be said of each interface of this host that is, or should be, on DHCP. */
import type { ClientFacts, ClientPidFile, DhcpClient } from '../facts/dhcp.ts';
import type { Finding, Repair } from '../report/finding.ts';
import type { Range } from '../report/range.ts';
import { shellQuote } from '../report/text.ts';
import { judgeLease } from './dhcp-lease.ts';
import { interfaceViews, pidFileOf, type InterfaceView } from './dhcp-view.ts';
import { span } from './dhcp-words.ts';

export type ClientKind =
  'no-client' | 'client-stopped' | 'expired' | 'address' | 'late' | 'clock' | 'required' | 'unseen';

export interface ClientOptions {
  /** Interfaces that must have a client. */
  readonly required: readonly string[];
  /** Seconds past T1 that are too late, in place of the rule of T2. */
  readonly overdue: Range | undefined;
  readonly isIgnored: (name: string) => boolean;
}

export interface ClientVerdict {
  readonly views: readonly InterfaceView[];
  readonly findings: readonly Finding<ClientKind>[];
  readonly items: readonly string[];
}

export function judgeClients(facts: ClientFacts, options: ClientOptions): ClientVerdict {
  // What nobody answers for and nothing says should be on DHCP is somebody else's.
  const views = interfaceViews(facts, options.required).filter(
    ({ clients, evidence, name }) =>
      !options.isIgnored(name) &&
      (clients.length > 0 || evidence !== null || options.required.includes(name)),
  );
  return {
    views,
    findings: views.flatMap((view) => judgeInterface(view, facts, options)),
    items: views.map((view) => itemOf(view, facts)),
  };
}

function judgeInterface(
  view: InterfaceView,
  facts: ClientFacts,
  options: ClientOptions,
): readonly Finding<ClientKind>[] {
  if (view.clients.length === 0) {
    if (view.evidence !== null) return [noClient(view, view.evidence, facts)];
    return [
      {
        kind: 'required',
        subject: view.name,
        text: `no DHCP client, --require-client wants one${view.device === null && facts.devices.ok ? ' (there is no such interface)' : ''}`,
        repair: { how: START, commands: startCommands(view, facts) },
      },
    ];
  }
  const stopped = view.clients.filter(({ state }) => state === 'T' || state === 't');
  return [
    ...stopped.map((client) => stoppedClient(view, client, facts)),
    ...judgeLease(view, facts, options.overdue),
  ];
}

const START = 'Start the client again, and find out what ended it (the log around that time, the OOM killer)';

function noClient(view: InterfaceView, evidence: string, facts: ClientFacts): Finding<ClientKind> {
  const left = view.expiresAt === null ? null : view.expiresAt - facts.epochSeconds;
  const dead = pidFileOf(facts, view);
  const until =
    left === null ? '' : left > 0 ? `, which ends in ${span(left)}` : `, which ended ${span(-left)} ago`;
  return {
    kind: 'no-client',
    subject: view.name,
    text: `no DHCP client is running, ${evidence}${until}`,
    detail: [
      ...(view.lease === null ? [] : [`lease in ${view.lease.path}, obtained by ${view.lease.source}`]),
      ...(dead === undefined
        ? []
        : [
            `${dead.path} names process ${dead.pid}, which is ${dead.state === 'Z' ? 'a zombie' : dead.state === '' ? 'gone' : 'another one'}`,
          ]),
    ],
    repair: { how: START, commands: startCommands(view, facts) },
  };
}

function startCommands(view: InterfaceView, facts: ClientFacts): readonly string[] {
  const config = facts.configs.find((one) => one.interfaceName === view.name);
  if (config === undefined) return clientCommands(view, pidFileOf(facts, view));
  return [`ifup ${config.path.includes('/ifcfg-') ? '' : '--force '}${shellQuote(view.name)}`];
}

function clientCommands(
  { name, family, lease }: InterfaceView,
  file: ClientPidFile | undefined,
): readonly string[] {
  const quoted = shellQuote(name);
  const pidFile = shellQuote(file?.path ?? usualPidFile(name, family));
  const files = lease === null ? '' : ` -lf ${shellQuote(lease.path)}`;
  // Its own dhclient is started by it, or not at all.
  if (lease?.path.startsWith('/var/lib/NetworkManager/') === true)
    return ['systemctl restart NetworkManager'];
  switch (lease?.source ?? file?.client) {
    case 'systemd-networkd':
      return ['systemctl restart systemd-networkd'];
    case 'NetworkManager':
      return ['systemctl restart NetworkManager'];
    case 'dhcpcd':
      return [`dhcpcd ${quoted}`];
    case 'udhcpc':
      return [`udhcpc -b -p ${pidFile} -i ${quoted}`];
    case 'dhclient':
    case undefined:
      return [`dhclient -${family} -pf ${pidFile}${files} ${quoted}`];
  }
}

/** As ifupdown calls them. */
function usualPidFile(name: string, family: 4 | 6): string {
  return `/run/dhclient${family === 6 ? '6' : ''}.${name}.pid`;
}

function stoppedClient(view: InterfaceView, client: DhcpClient, facts: ClientFacts): Finding<ClientKind> {
  const left =
    view.expiresAt === null ? '' : `, the lease ends in ${span(view.expiresAt - facts.epochSeconds)}`;
  const repair: Repair = {
    how: 'Let it go on (it was stopped by a signal, or is being traced)',
    commands: [`kill -CONT ${client.pid}`],
  };
  return {
    kind: 'client-stopped',
    subject: view.name,
    text: `${client.client} (pid ${client.pid}) is stopped and renews nothing${left}`,
    repair,
  };
}

function itemOf(view: InterfaceView, facts: ClientFacts): string {
  const who = view.clients.map(({ client, pid }) => `${client} (pid ${pid})`).join(', ');
  const address = view.lease?.address ?? view.addresses[0]?.address ?? 'no address';
  const left = view.expiresAt === null ? '' : `, ${span(view.expiresAt - facts.epochSeconds)} left`;
  return `${view.name}: ${who === '' ? 'no client' : who}, ${address}${left}`;
}
