/**
 * One dhcp-range of dnsmasq (option.c, case 'F'; dnsmasq(8)):
 *
 *     10.98.0.10,10.98.0.50,2m
 *     set:subnet-7d9a,10.0.0.0,static,255.255.255.0,86400s             (neutron: addresses are those of known hosts only)
 *     tag0,192.168.0.2,static,120s                                     (the tag as it was written before `set:`)
 *     2001:db8::10,2001:db8::50,64,12h
 *
 * A lease time is seconds, or has a unit, s, m, h, d, w or their capitals; at least 120 s, and an hour where it is not said (config.h).
 */

export interface DhcpRange {
  readonly family: 4 | 6;
  readonly start: string;
  /** Null: a mode, such as `static`, and no pool to take addresses from. */
  readonly end: string | null;
  /** How many addresses there are to give; null: no pool, or IPv6. */
  readonly size: number | null;
  /** Null: infinite. */
  readonly leaseSeconds: number | null;
}

const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 120;
const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const IPV4 = /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$/;
const IPV6 = /^[0-9a-fA-F]*:[0-9a-fA-F:.]*$/;

/** Null: there is no address in it. Total. */
export function parseDhcpRange(text: string): DhcpRange | null {
  const words = text.split(',').map((word) => word.trim());
  const at = words.findIndex((word) => IPV4.test(word) || IPV6.test(word));
  const start = words[at];
  if (start === undefined) return null;
  const family = IPV4.test(start) ? 4 : 6;
  const rest = words.slice(at + 1);
  const [second = ''] = rest;
  const isAddress = family === 4 ? IPV4.test(second) : IPV6.test(second);
  const end = isAddress ? second : null;
  return {
    family,
    start,
    end,
    size: family === 4 && end !== null ? Math.max(0, ipv4Number(end) - ipv4Number(start) + 1) : null,
    leaseSeconds: leaseOf(rest, family),
  };
}

function leaseOf(words: readonly string[], family: 4 | 6): number | null {
  const last = words.at(-1) ?? '';
  if (last === 'infinite') return null;
  // The length of a prefix of IPv6 looks like a lease time, and stands alone or before it.
  const numbers = words.filter((word) => /^[0-9]+$/.test(word)).length;
  if (family === 6 && /^[0-9]+$/.test(last) && numbers < 2) return DEFAULT_SECONDS;
  const seconds = parseLeaseTime(last);
  return seconds === null ? DEFAULT_SECONDS : Math.max(LEAST_SECONDS, seconds);
}

/** Seconds; null: not a lease time, or infinite. */
export function parseLeaseTime(text: string): number | null {
  const [, count = '', unit = ''] = /^([0-9]{1,9})([smhdw]?)$/.exec(text.toLowerCase()) ?? [];
  return count === '' ? null : Number(count) * (UNITS[unit] ?? 1);
}

export function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
