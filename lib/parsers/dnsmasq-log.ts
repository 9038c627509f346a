/**
 * What dnsmasq logs of its conversations (rfc2131.c, log_packet), in a file of its own, in syslog's, or from journalctl.
 *
 *     Nov 21 12:07:45 dnsmasq-dhcp[13]: DHCPREQUEST(v0) 10.98.0.29 3a:90:8e:f1:92:2a
 *     Nov 21 12:07:45 dnsmasq-dhcp[13]: 2570886966 DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a         (log-dhcp)
 *     2026-11-21T12:07:45.123456+00:00 kvm1 dnsmasq-dhcp[13]: DHCPACK(br100) 10.0.0.5 fa:16:3e:aa:bb:cc host-10-0-0-5
 *     1795262865.123456 kvm1 dnsmasq-dhcp[13]: DHCPDISCOVER(tap-1) fa:16:3e:aa:bb:cc             (journalctl -o short-unix)
 *
 * The transaction number is skipped on purpose: dhclient keeps one for all of its renewals (seen with 4.4.3-P1), so that it does
 * not tell a retry from the next renewal. Whether a request came to this server alone or to all (past T2) is in no line, not even with
 * log-dhcp (seen with 2.90). Host names and errors at the end are the guests' words and skipped as well.
 */

export interface LogEvent {
  /** Seconds since 1970; of a stamp without zone in the zone of the log, as if that were UTC. */
  readonly at: number;
  readonly isLocal: boolean;
  readonly pid: number;
  readonly message: 'DISCOVER' | 'OFFER' | 'REQUEST' | 'ACK' | 'NAK' | 'DECLINE' | 'RELEASE' | 'INFORM';
  readonly interfaceName: string;
  readonly mac: string;
}

export interface DnsmasqLog {
  readonly events: readonly LogEvent[];
  /** The stamp of the last line that has one, of any program; null: none has. */
  readonly lastAt: number | null;
  readonly isLocal: boolean;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/**
 * Total: what is no such line is none.
 *
 * @param year of the last lines: stamps of syslog have none
 */
export function parseDnsmasqLog(text: string, year: number): DnsmasqLog {
  const stamp =
    '([A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9:]{4,6})|[0-9]{9,11}\\.[0-9]{1,9})';
  const line = new RegExp(
    `^${stamp} (?:[^\\s:]+ )?dnsmasq-dhcp\\[([0-9]{1,10})\\]: (?:[0-9]+ )?DHCP(DISCOVER|OFFER|REQUEST|ACK|NAK|DECLINE|RELEASE|INFORM)` +
      '\\(([^()\\s]{1,15})\\) (?:[0-9.]{7,15} )?((?:[0-9a-f]{2}-)?[0-9a-f]{2}(?::[0-9a-f]{2}){5,19})(?= |$)',
  );
  const any = new RegExp(`^${stamp} `);
  const lines = text.split('\n');
  const lastStamp = any.exec(lines.findLast((one) => any.test(one)) ?? '')?.[1] ?? '';
  const events: LogEvent[] = [];
  for (const one of lines) {
    // Most lines of syslog are others': two searches of them all would take longer than all the rest of the check.
    const found = one.includes(' dnsmasq-dhcp[') ? line.exec(one) : null;
    if (found === null) continue;
    const [, when = '', pid = '', message = '', interfaceName = '', mac = ''] = found;
    const at = timeOf(when, year);
    if (at === null) continue;
    events.push({
      at,
      isLocal: isLocal(when),
      pid: Number(pid),
      message: message as LogEvent['message'],
      interfaceName,
      mac,
    });
  }
  return {
    events,
    lastAt: timeOf(lastStamp, year),
    isLocal: isLocal(lastStamp),
  };
}

function isLocal(stamp: string): boolean {
  return /^[A-Z]/.test(stamp);
}

function timeOf(stamp: string, year: number): number | null {
  if (/^[0-9]+\./.test(stamp)) return Number(stamp);
  const milliseconds = isLocal(stamp) ? localTime(stamp, year) : Date.parse(stamp);
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}

function localTime(stamp: string, year: number): number {
  const [, month = '', day = '', hour = '', minute = '', second = ''] =
    /(...) (..) (..):(..):(..)/.exec(stamp) ?? [];
  const index = MONTHS.indexOf(month);
  if (month === '' || index < 0) return Number.NaN;
  return Date.UTC(year, index / 3, Number(day), Number(hour), Number(minute), Number(second));
}
