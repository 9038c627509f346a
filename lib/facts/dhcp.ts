/** What is known of DHCP on a host: its own clients, its servers in all network namespaces, and their conversations. */
import type { ClientCommand } from '../parsers/dhcp-client-argv.ts';
import type { DhcpLease } from '../parsers/dhclient-leases.ts';
import type { IpDevice } from '../parsers/ip-addr.ts';
import type { NmDevice } from '../parsers/nm-device.ts';
import type { Failure, Reading } from '../reading.ts';

/** A client that runs in the network namespace that is looked at, and in no container. */
export interface DhcpClient extends ClientCommand {
  readonly pid: number;
  /** R, S, D, T, t of /proc/PID/stat; '' where that could not be read. */
  readonly state: string;
  /** How long it runs; null where that could not be read. */
  readonly ageSeconds: number | null;
}

export type LeaseSource = 'dhclient' | 'dhcpcd' | 'NetworkManager' | 'systemd-networkd';

export interface HeldLease extends DhcpLease {
  readonly path: string;
  /** The client that has written it. */
  readonly source: LeaseSource;
  /** When the server gave it, or at least not later than that: seconds since 1970; null where that cannot be told. */
  readonly obtainedAt: number | null;
  /**
   * Of a file that says how long a lease is, and not since when: then `renewAt`, `rebindAt` and `expiresAt` are null, and the kernel,
   * which counts its address down, has to tell. Null: the file tells.
   */
  readonly spans: LeaseSpans | null;
}

export interface LeaseSpans {
  /** Null: not known. */
  readonly t1Seconds: number | null;
  readonly t2Seconds: number | null;
  readonly isEndless: boolean;
}

/** A file in /run that names the process of a client. */
export interface ClientPidFile {
  readonly path: string;
  readonly client: 'dhclient' | 'dhcpcd' | 'udhcpc';
  /** '' where its name does not tell. */
  readonly interfaceName: string;
  /** Null: of dhcpcd, which may speak both. */
  readonly family: 4 | 6 | null;
  readonly pid: number;
  /** The state of that process; '' where there is none. */
  readonly state: string;
}

/** Files that say an interface is to be set up by DHCP, of ifupdown and of Red Hat's network scripts. */
export interface DhcpConfig {
  readonly interfaceName: string;
  readonly family: 4 | 6;
  readonly path: string;
}

export interface ClientFacts {
  readonly clients: readonly DhcpClient[];
  readonly leases: readonly HeldLease[];
  readonly pidFiles: readonly ClientPidFile[];
  readonly configs: readonly DhcpConfig[];
  /** What NetworkManager says of devices, by their index; empty where it does not run or is too old. */
  readonly nmDevices: ReadonlyMap<number, NmDevice>;
  /** Devices with their addresses; the failure where ip could not tell. */
  readonly devices: Reading<readonly IpDevice[]>;
  /** IPv4 addresses of this host, from ip or else from the kernel's table; null where neither could be read. */
  readonly ownAddresses: ReadonlySet<string> | null;
  /** Somebody listens on the port of DHCP clients; null where that could not be read. */
  readonly hasClientSocket: boolean | null;
  readonly unread: readonly Failure[];
  readonly epochSeconds: number;
  /** When the host was started; null where that could not be read. */
  readonly bootedAt: number | null;
}
