/**
 * The leases that dnsmasq has given (lease.c, lease_update_file), and those that libvirt's helper keeps for it as JSON
 * (src/network/leaseshelper.c, BRIDGE.status).
 *
 *     1795262994 3a:90:8e:f1:92:2a 10.98.0.29 * *
 *     0 fa:16:3e:aa:bb:cc 10.0.0.5 host-10-0-0-5 *
 *     duid 00:01:00:01:1c:2e:...
 *     1424258400 1234567 2001:db8::5 host 00:01:00:01:...
 *
 *     [ { "ip-address": "192.168.122.133", "mac-address": "52:54:00:83:69:b7", "expiry-time": 1424258362 } ]
 *
 * - The first field is when it expires, 0 is never. Where there is no clock (HAVE_BROKEN_RTC) it is how long the lease is.
 * - The file is rewritten in place: a reader can see it empty or half, so that the last line may lack its end.
 * - dnsmasq leaves out lines that it does not understand, and so does this; a file of nothing else is not one of these.
 * - No bytes are no leases. Names and client identifiers are the guests' and are skipped on purpose.
 */
import { parseArray, recordOf } from './ip-link.ts';
import { FormatError, integerOf } from './text.ts';

export interface ServerLease {
  readonly address: string;
  /** Seconds since 1970; null: never, or not known. */
  readonly expiresAt: number | null;
}

/** Times before 1973 are lengths of leases. */
const SMALLEST_EPOCH = 100_000_000;

/** Throws FormatError. */
export function parseDnsmasqLeases(text: string): readonly ServerLease[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const leases = lines.flatMap((line): ServerLease[] => {
    const [expiry = '', , address = ''] = line.split(' ');
    if (!/^[0-9]{1,12}$/.test(expiry) || !/^[0-9a-fA-F.:]{2,45}$/.test(address)) return [];
    return [{ address, expiresAt: Number(expiry) < SMALLEST_EPOCH ? null : Number(expiry) }];
  });
  if (leases.length === 0 && !lines.every((line) => /^(?:duid\b|[0-9])/.test(line)))
    throw new FormatError('dnsmasq.leases', 'no line is a lease');
  return leases;
}

/** Throws FormatError. */
export function parseLibvirtLeases(text: string): readonly ServerLease[] {
  return parseArray(text, 'leases of libvirt').flatMap((item): ServerLease[] => {
    const { 'ip-address': address, 'expiry-time': expiry } = recordOf(item) ?? {};
    if (typeof address !== 'string') return [];
    const expiresAt = integerOf(expiry) ?? 0;
    return [{ address, expiresAt: expiresAt > 0 ? expiresAt : null }];
  });
}
