/** Leases whose files hold spans instead of moments: counted from when the file was written, or by the kernel. */
import type { SavedLease } from '../parsers/networkd-lease.ts';
import type { HeldLease, LeaseSource } from './dhcp.ts';

/** Where the server gives neither T1 nor T2 (RFC 2131 4.4.5). */
const T1_SHARE = 1 / 2;
const T2_SHARE = 7 / 8;

/** Of dhcpcd, which writes its file at each answer. */
export function saved(
  lease: SavedLease,
  interfaceName: string,
  path: string,
  source: LeaseSource,
  writtenAt: number | null,
): HeldLease {
  const { t1Seconds, t2Seconds } = timers(lease);
  const after = (seconds: number | null): number | null =>
    writtenAt === null || seconds === null ? null : writtenAt + seconds;
  return {
    ...bare(lease),
    interfaceName,
    path,
    source,
    renewAt: after(t1Seconds),
    rebindAt: after(t2Seconds),
    expiresAt: after(lease.lifetimeSeconds),
    obtainedAt: writtenAt,
    spans: null,
  };
}

/**
 * Of clients whose files do not tell since when a lease holds: systemd-networkd replaces its file only by one that differs
 * (conservative_rename, seen with 252), and a renewed lease is the same.
 */
export function counted(
  lease: SavedLease,
  isEndless: boolean,
): Omit<HeldLease, 'interfaceName' | 'path' | 'source' | 'obtainedAt'> {
  const unknown = { renewAt: null, rebindAt: null, expiresAt: null };
  return { ...bare(lease), ...unknown, spans: { ...timers(lease), isEndless } };
}

function bare({
  address,
  lifetimeSeconds,
}: SavedLease): Pick<HeldLease, 'family' | 'address' | 'leaseSeconds' | 'isReleased'> {
  return {
    family: address.includes(':') ? 6 : 4,
    address,
    leaseSeconds: lifetimeSeconds,
    isReleased: false,
  };
}

function timers({ t1Seconds, t2Seconds, lifetimeSeconds }: SavedLease): {
  readonly t1Seconds: number | null;
  readonly t2Seconds: number | null;
} {
  const share = (part: number): number | null => (lifetimeSeconds === null ? null : lifetimeSeconds * part);
  return { t1Seconds: t1Seconds ?? share(T1_SHARE), t2Seconds: t2Seconds ?? share(T2_SHARE) };
}
