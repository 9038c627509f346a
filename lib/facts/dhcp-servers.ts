/** What is known of the DHCP servers of a host, and of what should be served. */
import type { DnsmasqOptions } from '../parsers/dnsmasq-config.ts';
import type { ServerLease } from '../parsers/dnsmasq-leases.ts';
import type { DnsmasqLog } from '../parsers/dnsmasq-log.ts';
import type { Failure } from '../reading.ts';

export interface DhcpServer {
  readonly pid: number;
  /** The network that it serves, or where it has no name its interface. */
  readonly name: string;
  readonly owner: 'libvirt' | 'neutron' | 'nova' | 'dnsmasq';
  /** R, S, D, T, t of /proc/PID/stat; '' where that could not be read. */
  readonly state: string;
  readonly options: DnsmasqOptions;
  /** The process that its pid file names; null: there is no file, or none to be read. */
  readonly pidFile: { readonly path: string; readonly pid: number } | null;
  /** Whether it listens on the ports of DHCP servers; null where that cannot be told. */
  readonly listens: boolean | null;
  /** Its executable has been replaced or removed since it was started. */
  readonly isDeleted: boolean;
  /** Null: it keeps none in a file, or the file could not be read. */
  readonly leases: {
    readonly path: string;
    readonly rows: readonly ServerLease[];
    readonly isPruned: boolean;
  } | null;
}

/** A network that should be served here. */
export interface ExpectedServer {
  readonly name: string;
  readonly owner: DhcpServer['owner'];
  /** What says so. */
  readonly because: string;
  readonly pidFile: string;
  /** Null: there is no file, or it names none. */
  readonly pid: number | null;
  /** The state of that process; '' where there is none. */
  readonly state: string;
}

export interface DhcpLog {
  readonly path: string;
  readonly log: DnsmasqLog;
  /** What is to be added to its stamps without zone for seconds since 1970. */
  readonly offsetSeconds: number;
}

export interface ServerFacts {
  readonly servers: readonly DhcpServer[];
  readonly expected: readonly ExpectedServer[];
  readonly logs: readonly DhcpLog[];
  /** Where it was looked for a log in vain. */
  readonly withoutLog: readonly string[];
  readonly unread: readonly Failure[];
  readonly epochSeconds: number;
}
