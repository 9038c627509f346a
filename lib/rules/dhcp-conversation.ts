/**
 * Clients that hear no answers, from the log of the server that gives them: the same request again and again, answered each time.
 *
 * A client renews at T1, half of its lease, and dhclient between three quarters of T1 and T1 (dhcpack in client/dhclient.c). One
 * that hears nothing asks again after seconds, up to half of the time that is left (RFC 2131 4.4.5). So gaps of less than two
 * thirds of T1 are retries. One that has heard its answer and starts anew (a network boot, then its installer, then the
 * system) begins with DISCOVER; a relay that sends a request twice does so within the same second.
 */
import type { DhcpLog, DhcpServer, ServerFacts } from '../facts/dhcp-servers.ts';
import type { LogEvent } from '../parsers/dnsmasq-log.ts';
import type { Finding } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { span } from './dhcp-words.ts';

/** Fewer may be chance: a request that was lost once, a host that was started twice. */
const REQUESTS = 3;
/** A PXE ROM sends DISCOVER four times where no boot server offers anything (PXE 2.1, 2.2.3). */
const DISCOVERS = 5;
/** Requests that are further apart are not taken for retries, however long the lease is. */
const MAX_GAP_SECONDS = 150;
/** Where no server tells the lease time. */
const UNKNOWN_GAP_SECONDS = 20;
const SHARE_OF_T1 = 2 / 3;
/** The clock of a log has whole seconds, and its writer its delay. */
const SLACK_SECONDS = 5;

interface Talk {
  readonly interfaceName: string;
  readonly mac: string;
  /** When each request was answered. */
  readonly answered: number[];
  readonly offered: number[];
  asks: boolean;
  pid: number;
}

export interface Deaf {
  readonly interfaceName: string;
  readonly mac: string;
  readonly times: readonly number[];
  readonly message: 'request' | 'discover';
  /** Null: not known. */
  readonly renewalSeconds: number | null;
  readonly path: string;
}

export function deafClients({ logs, servers, epochSeconds }: ServerFacts): readonly Deaf[] {
  const found = new Map<string, Deaf>();
  for (const log of logs) {
    for (const deaf of deafIn(log, servers, epochSeconds))
      found.set(`${deaf.interfaceName} ${deaf.mac}`, deaf);
  }
  return [...found.values()];
}

function deafIn(
  { log, path, offsetSeconds }: DhcpLog,
  servers: readonly DhcpServer[],
  now: number,
): readonly Deaf[] {
  const talks = new Map<string, Talk>();
  for (const event of log.events) {
    const key = `${event.interfaceName} ${event.mac}`;
    const talk = talks.get(key) ?? newTalk(event);
    talks.set(key, talk);
    follow(talk, event, event.isLocal ? event.at + offsetSeconds : event.at);
  }
  return [...talks.values()].flatMap((talk): readonly Deaf[] => {
    const renewalSeconds = renewalOf(servers, talk.pid);
    const limit =
      renewalSeconds === null ? UNKNOWN_GAP_SECONDS : Math.min(renewalSeconds * SHARE_OF_T1, MAX_GAP_SECONDS);
    const requests = lastRun(talk.answered, limit);
    const offers = lastRun(talk.offered, MAX_GAP_SECONDS);
    const base = { interfaceName: talk.interfaceName, mac: talk.mac, renewalSeconds, path };
    if (requests.length >= REQUESTS && reachesNow(requests, now))
      return [{ ...base, times: requests, message: 'request' }];
    if (offers.length >= DISCOVERS && reachesNow(offers, now))
      return [{ ...base, times: offers, message: 'discover' }];
    return [];
  });
}

function newTalk({ interfaceName, mac, pid }: LogEvent): Talk {
  return { interfaceName, mac, answered: [], offered: [], asks: false, pid };
}

function follow(talk: Talk, { message, pid }: LogEvent, at: number): void {
  talk.pid = pid;
  switch (message) {
    case 'REQUEST':
      talk.asks = true;
      // It has heard the offer.
      talk.offered.length = 0;
      return;
    case 'ACK':
      if (talk.asks && at - (talk.answered.at(-1) ?? 0) >= 1) talk.answered.push(at);
      talk.asks = false;
      return;
    case 'DISCOVER':
      talk.answered.length = 0;
      return;
    case 'OFFER':
      if (at - (talk.offered.at(-1) ?? 0) >= 1) talk.offered.push(at);
      return;
    case 'NAK':
    case 'DECLINE':
    case 'RELEASE':
      talk.answered.length = 0;
      talk.offered.length = 0;
      return;
    case 'INFORM':
      return;
  }
}

/** Half of the shortest lease, or what an option says; of the server that has written the line where that can be told. */
function renewalOf(servers: readonly DhcpServer[], pid: number): number | null {
  const own = servers.filter((server) => server.pid === pid);
  const renewals = (own.length > 0 ? own : servers).map(({ options }) => {
    const leases = options.ranges.flatMap(({ leaseSeconds }) => leaseSeconds ?? []);
    return options.renewalSeconds ?? Math.min(...leases, ...options.hostSeconds) / 2;
  });
  // Of infinite leases only, it is infinite: nobody renews at all.
  return renewals.length === 0 ? null : Math.min(...renewals);
}

/** The last times, as far back as none is further from the next than the limit. */
function lastRun(times: readonly number[], limit: number): readonly number[] {
  let first = times.length - 1;
  while (first > 0 && (times[first] ?? 0) - (times[first - 1] ?? 0) <= limit) first -= 1;
  return times.slice(Math.max(0, first));
}

/** Silent for twice its longest gap: it has heard an answer, or was switched off. */
function reachesNow(times: readonly number[], now: number): boolean {
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  const age = now - (times.at(-1) ?? 0);
  return age <= 2 * Math.max(0, ...gaps) + SLACK_SECONDS && age >= -60;
}

export function judgeDeaf(deaf: Deaf): Finding<'deaf'> {
  const { times, interfaceName, mac, message, renewalSeconds, path } = deaf;
  const seconds = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const every =
    message === 'discover' || renewalSeconds === null || renewalSeconds === Infinity
      ? ''
      : ` (it would renew every ${span(renewalSeconds)})`;
  const quoted = shellQuote(interfaceName);
  return {
    kind: 'deaf',
    subject: `client ${mac} on ${interfaceName}`,
    text: `hears no answers: ${times.length} ${message === 'request' ? 'requests' : 'searches for a server'} in ${span(seconds)}, each answered${every}`,
    detail: [`seen in ${path}`],
    repair: {
      how: 'The answers are lost between server and client. Follow them: on the bridge, then on the port of the guest, then in the guest; look for filters that drop them, a bridge that has the address on another port, a checksum that the client refuses',
      commands: [
        `tcpdump -eni ${quoted} ether host ${mac} and udp port 68`,
        `bridge fdb show br ${quoted}`,
        'nft list ruleset',
        'iptables -t mangle -S POSTROUTING',
      ],
    },
  };
}
