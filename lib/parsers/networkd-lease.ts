/**
 * /run/systemd/netif/leases/IFINDEX: a lease of systemd-networkd's own client (sd_dhcp_lease_save in
 * src/libsystemd-network/sd-dhcp-lease.c), and the leases of NetworkManager's (internal-UUID-IFACE.lease).
 *
 *     # This is private data. Do not parse.
 *     ADDRESS=10.98.0.29
 *     NETMASK=255.255.255.0
 *     SERVER_ADDRESS=10.98.0.1
 *     T1=3s
 *     T2=1min 40s
 *     LIFETIME=2min
 *
 * Durations are spans of systemd.time(7) (`1h 30min`), or plain seconds (252 as well, seen); they are relative to the last answer, which
 * the file does not tell: it is replaced only by one that differs. Without LIFETIME the lease is infinite. NetworkManager writes
 * ADDRESS alone since 1.22 (src/libnm-core-impl, nettools). All else is skipped on purpose.
 */
import { FormatError } from './text.ts';

export interface SavedLease {
  readonly address: string;
  /** Null: not said. */
  readonly t1Seconds: number | null;
  readonly t2Seconds: number | null;
  /** Null: not said, which systemd-networkd means as infinite. */
  readonly lifetimeSeconds: number | null;
}

const UNITS: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86400,
  w: 604800,
  month: 2629800,
  y: 31557600,
};

/** Throws FormatError. */
export function parseSavedLease(text: string): SavedLease {
  const address = /^ADDRESS=([0-9a-fA-F.:]{2,45})$/m.exec(text)?.[1];
  if (address === undefined) throw new FormatError('saved lease', 'no ADDRESS');
  const span = (key: string): number | null => {
    const value = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];
    return value === undefined ? null : seconds(key, value);
  };
  return { address, t1Seconds: span('T1'), t2Seconds: span('T2'), lifetimeSeconds: span('LIFETIME') };
}

function seconds(key: string, text: string): number | null {
  if (/^infinity$/.test(text)) return null;
  if (/^[0-9]{1,12}$/.test(text)) return Number(text) >= 0xffffffff ? null : Number(text);
  const parts = text.split(' ').map((part) => {
    const [, count, unit = ''] = /^([0-9]{1,12}(?:\.[0-9]{1,6})?)([a-z]+)$/.exec(part) ?? [];
    return Number(count) * Number(UNITS[unit]);
  });
  const sum = parts.reduce((a, b) => a + b, 0);
  if (Number.isNaN(sum)) throw new FormatError(`saved lease, ${key}`, 'no time span', text);
  return sum;
}
