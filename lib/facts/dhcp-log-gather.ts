/** The logs of DHCP servers, where they really write to: a file of their own, syslog's files, the journal; the end of each. */
import { run, stat, tail, type Ask, type Content, type Ran, type Stat } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseDnsmasqLog } from '../parsers/dnsmasq-log.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import type { Failure, Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import type { DhcpLog, ServerFacts } from './dhcp-servers.ts';
import { LOG_TAIL_BYTES, logFileOf, type Configured } from './dhcp-server-config.ts';
import type { GatheredServers, LooseAnswers } from './dhcp-server-gather.ts';

const SYSLOGS = ['/var/log/syslog', '/var/log/messages', '/var/log/daemon.log'];
const JOURNAL = ['-q', '--no-pager', '-o', 'short-unix', '-t', 'dnsmasq-dhcp', '-n', '5000', '--since=-1h'];
const ZONE_SECONDS = 15 * 60;

type Logs = Pick<ServerFacts, 'logs' | 'withoutLog' | 'unread'>;

/** @param wanted a file; `none`; undefined: wherever the servers write to */
export async function gatherLogs(
  host: Host,
  gathered: GatheredServers,
  wanted: string | undefined,
): Promise<Logs> {
  if (wanted === 'none') return { logs: [], withoutLog: [], unread: [] };
  if (wanted !== undefined)
    return read([wanted], await host.ask(logQuestions([wanted])), gathered.epochSeconds, true);
  const { own, isSyslogUsed } = logsOf(gathered.configured);
  const result = await read(own, gathered.answers, gathered.epochSeconds, false);
  if (!isSyslogUsed) return result;
  const syslog = await fromSyslog(host, gathered);
  return {
    logs: [...result.logs, ...syslog.logs],
    withoutLog: [...result.withoutLog, ...syslog.withoutLog],
    unread: [...result.unread, ...syslog.unread],
  };
}

async function fromSyslog(host: Host, { answers, epochSeconds: now }: GatheredServers): Promise<Logs> {
  const files = await read(SYSLOGS, answers, now, false);
  if (files.logs.some(({ log }) => log.events.length > 0)) return { ...files, withoutLog: [], unread: [] };
  const { journal } = await host.ask({ journal: run('journalctl', ...JOURNAL) });
  const events = journalOf(journal, now);
  if (events !== null) return { logs: [events], withoutLog: [], unread: [] };
  // A syslog that can be read and has nothing of it is an answer; one that is closed is none.
  return {
    logs: [],
    withoutLog: files.unread.length > 0 ? [] : ['syslog', 'the journal'],
    unread: files.unread,
  };
}

function journalOf(journal: Reading<Ran>, now: number): DhcpLog | null {
  if (!journal.ok || journal.value.status !== 0) return null;
  const log = parseDnsmasqLog(journal.value.stdout, yearOf(now));
  return log.events.length === 0 ? null : { path: 'journalctl', log, offsetSeconds: 0 };
}

/** Those that write a log at all: into files of their own, and where one has none, to syslog. */
function logsOf(servers: readonly Configured[]): {
  readonly own: readonly string[];
  readonly isSyslogUsed: boolean;
} {
  const loud = servers.filter(({ options }) => !options.isQuiet);
  return {
    own: [...new Set(loud.flatMap((one) => logFileOf(one) ?? []))],
    isSyslogUsed: loud.some((one) => logFileOf(one) === null),
  };
}

/** What is asked together with the rest about the servers, to save a way there and back. */
export function questionsForLogs(servers: readonly Configured[]): Record<string, Ask<unknown>> {
  const { own, isSyslogUsed } = logsOf(servers);
  return logQuestions(isSyslogUsed ? [...own, ...SYSLOGS] : own);
}

function logQuestions(paths: readonly string[]): Record<string, Ask<unknown>> {
  return Object.fromEntries(
    paths.flatMap((path): [string, Ask<unknown>][] => [
      [`log ${path}`, tail(path, LOG_TAIL_BYTES)],
      [`logstat ${path}`, stat(path, { follow: true })],
    ]),
  );
}

async function read(
  paths: readonly string[],
  answers: LooseAnswers,
  now: number,
  isNamed: boolean,
): Promise<Logs> {
  const logs: DhcpLog[] = [];
  const withoutLog: string[] = [];
  const unread: Failure[] = [];
  for (const path of paths) {
    await breathe();
    const text = answers[`log ${path}`] as Reading<Content>;
    const info = answers[`logstat ${path}`] as Reading<Stat>;
    if (text.ok) {
      const writtenAt = info.ok ? info.value.modifiedAt : now;
      const log = parseDnsmasqLog(decodeUtf8(text.value.bytes), yearOf(writtenAt));
      logs.push({ path, log, offsetSeconds: log.isLocal ? zoneOffset(log.lastAt, writtenAt) : 0 });
    } else if (isNamed || (text.why !== 'absent' && text.why !== 'vanished')) unread.push(text);
    else withoutLog.push(path);
  }
  return { logs, withoutLog, unread };
}

/**
 * Stamps of syslog are in the time zone of the host, which nothing asked here tells. But the last line was written when the file
 * was last changed, and zones are quarters of an hour apart.
 */
function zoneOffset(lastAt: number | null, writtenAt: number): number {
  return lastAt === null ? 0 : Math.round((writtenAt - lastAt) / ZONE_SECONDS) * ZONE_SECONDS;
}

function yearOf(seconds: number): number {
  return new Date(seconds * 1000).getUTCFullYear();
}
