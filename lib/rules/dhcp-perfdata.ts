/** The numbers of a look at DHCP, and the counts for line 1. */
import type { Measurement } from '../report/metric.ts';
import type { ServerView } from './dhcp-servers.ts';
import { isEndless, type InterfaceView } from './dhcp-view.ts';
import { counted, span } from './dhcp-words.ts';

export type DhcpMetric =
  'clients' | 'servers' | 'leases' | 'lease_left' | 'lease_remaining' | 'pool' | 'deaf';

export function measureClients(
  views: readonly InterfaceView[],
  now: number,
): readonly Measurement<DhcpMetric>[] {
  const remaining = smallestRemaining(views, now);
  return [
    { metric: 'clients', value: views.filter(({ clients }) => clients.length > 0).length },
    ...(remaining === null ? [] : [{ metric: 'lease_remaining' as const, value: Math.round(remaining) }]),
    ...views.map((view): Measurement<DhcpMetric> => ({
      metric: 'lease_left',
      item: view.name,
      value: leftPercent(view, now),
    })),
  ];
}

/** Null: how long the lease is, or was, is not known. */
function leftPercent({ lease, expiresAt }: InterfaceView, now: number): number | null {
  if (lease === null || lease.isReleased) return null;
  if (expiresAt === null) return isEndless(lease) ? 100 : null;
  if (lease.leaseSeconds === null || lease.leaseSeconds === 0) return null;
  return Math.round(Math.min(100, Math.max(0, ((expiresAt - now) / lease.leaseSeconds) * 100)));
}

function smallestRemaining(views: readonly InterfaceView[], now: number): number | null {
  const all = views.flatMap(({ expiresAt, lease }) =>
    expiresAt === null || lease?.isReleased === true ? [] : [Math.max(0, expiresAt - now)],
  );
  return all.length === 0 ? null : all.reduce((a, b) => Math.min(a, b));
}

/** @param deaf how many clients hear no answers; null where no log could be read */
export function measureServers(
  views: readonly ServerView[],
  deaf: number | null,
): readonly Measurement<DhcpMetric>[] {
  const known = views.flatMap(({ leases }) => leases ?? []);
  return [
    { metric: 'servers', value: views.length },
    ...(known.length === 0 ? [] : [{ metric: 'leases' as const, value: known.reduce((a, b) => a + b, 0) }]),
    ...views.flatMap(({ server, poolUsed }): Measurement<DhcpMetric>[] =>
      poolUsed === null ? [] : [{ metric: 'pool', item: server.name, value: Math.round(poolUsed) }],
    ),
    ...(deaf === null ? [] : [{ metric: 'deaf' as const, value: deaf }]),
  ];
}

export function summaryOf(
  clients: readonly InterfaceView[],
  servers: readonly ServerView[],
  now: number,
): string {
  const running = clients.filter((view) => view.clients.length > 0).length;
  const remaining = smallestRemaining(clients, now);
  const left = remaining === null ? '' : `, shortest lease ${span(remaining)}`;
  const parts = [
    ...(clients.length === 0 ? [] : [`${counted(running, 'client')}${left}`]),
    ...(servers.length === 0 ? [] : [counted(servers.length, 'server')]),
  ];
  return parts.join(', ');
}
