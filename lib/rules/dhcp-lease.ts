/** Whether the lease of an interface is renewed in time, and its address is really there. */
import type { ClientFacts, HeldLease } from '../facts/dhcp.ts';
import type { Finding } from '../report/finding.ts';
import { alerts, printBounds, type Range } from '../report/range.ts';
import { shellQuote } from '../report/text.ts';
import type { ClientKind } from './dhcp-clients.ts';
import type { InterfaceView } from './dhcp-view.ts';
import { span } from './dhcp-words.ts';

/** Longer than the retries of any client take (RFC 2131 4.4.5: half of what is left, at least a minute). */
const LATE_SECONDS = 15 * 60;
/** dhclient writes its file at most so often (MIN_LEASE_WRITE, client/dhclient.c): a renewal may not be in it yet. */
const WRITE_LAG_SECONDS = 15;
/** How far clocks of a client and its files may be apart. */
const CLOCK_SECONDS = 60;
/** dhclient gives up its first try after 60 s (`timeout`, dhclient.conf(5)). */
const FIRST_TRY_SECONDS = 60;

export function judgeLease(
  view: InterfaceView,
  facts: ClientFacts,
  overdue: Range | undefined,
): readonly Finding<ClientKind>[] {
  const lease = view.lease?.isReleased === true ? null : view.lease;
  const now = facts.epochSeconds;
  if (lease === null) return withoutLease(view);
  if (lease.expiresAt !== null && now > lease.expiresAt) return expired(view, lease, now, facts);
  return [...clock(view, lease, now), ...address(view, lease, facts), ...late(view, lease, now, overdue)];
}

function hasCarrier({ device }: InterfaceView): boolean {
  return device?.flags.includes('LOWER_UP') === true;
}

/** Off, or its cable is out: nothing can be renewed there, and nothing is said about it here. */
function isOut(view: InterfaceView): boolean {
  return view.device !== null && !hasCarrier(view);
}

function withoutLease(view: InterfaceView): readonly Finding<ClientKind>[] {
  const named = view.clients.filter(({ interfaces }) => interfaces.includes(view.name));
  const [client] = named;
  const isYoung = named.some(({ ageSeconds }) => ageSeconds !== null && ageSeconds < FIRST_TRY_SECONDS);
  if (client === undefined || isYoung || !hasCarrier(view) || view.addresses.length > 0) return [];
  return [
    {
      kind: 'address',
      subject: view.name,
      text: `has no address, ${client.client} (pid ${client.pid}) ${client.ageSeconds === null ? 'runs' : `runs for ${span(client.ageSeconds)}`} without a lease`,
      repair: test(view),
    },
  ];
}

function expired(
  view: InterfaceView,
  lease: HeldLease,
  now: number,
  facts: ClientFacts,
): readonly Finding<ClientKind>[] {
  const isHeld = lease.address !== null && facts.ownAddresses?.has(lease.address) === true;
  if (isOut(view) && !isHeld) return [];
  const young = view.clients.every(({ ageSeconds }) => ageSeconds !== null && ageSeconds < FIRST_TRY_SECONDS);
  const isOld = lease.obtainedAt !== null && facts.bootedAt !== null && lease.obtainedAt < facts.bootedAt;
  // The lease of before, while the client of now still makes its first try.
  if (young && isOld && !isHeld) return [];
  const ago = span(now - (lease.expiresAt ?? now));
  return [
    {
      kind: 'expired',
      subject: view.name,
      text: `the lease of ${lease.address ?? 'an address'} expired ${ago} ago${isHeld ? ', the address is still in use' : ''}, ${who(view)} has not renewed it`,
      detail: [`lease in ${lease.path}`],
      repair: test(view),
    },
  ];
}

/** Timers of a client run on, but its files tell when: a clock that was set back makes both mean something else. */
function clock(view: InterfaceView, lease: HeldLease, now: number): readonly Finding<ClientKind>[] {
  const ahead = lease.obtainedAt === null ? 0 : lease.obtainedAt - now;
  if (ahead <= CLOCK_SECONDS) return [];
  return [
    {
      kind: 'clock',
      subject: view.name,
      text: `its lease begins ${span(ahead)} in the future, the clock was set back: when it is renewed is not known`,
      detail: [`lease in ${lease.path}`],
      repair: {
        how: 'Renew it, so that its times are those of the clock',
        commands: renewCommands(view, lease),
      },
    },
  ];
}

function address(view: InterfaceView, lease: HeldLease, facts: ClientFacts): readonly Finding<ClientKind>[] {
  if (lease.address === null || facts.ownAddresses === null || isOut(view)) return [];
  const isHere =
    view.device === null
      ? facts.ownAddresses.has(lease.address)
      : view.addresses.some(({ address: one }) => one === lease.address?.toLowerCase());
  // /proc/net/fib_trie knows no IPv6.
  if (isHere || (view.device === null && view.family === 6)) return [];
  const [other] = view.addresses;
  const has =
    other === undefined ? 'is not there, the interface has none' : `is not there, but ${other.address}`;
  return [
    {
      kind: 'address',
      subject: view.name,
      text: `the leased address ${lease.address} ${has} (${who(view)})`,
      detail: [`lease in ${lease.path}`],
      repair: { how: 'Have the client set it up again', commands: renewCommands(view, lease) },
    },
  ];
}

function late(
  view: InterfaceView,
  lease: HeldLease,
  now: number,
  overdue: Range | undefined,
): readonly Finding<ClientKind>[] {
  const { renewAt, rebindAt, expiresAt } = lease;
  if (renewAt === null || isOut(view)) return [];
  const past = now - renewAt;
  const due = Math.max(
    Math.min(rebindAt ?? Number.MAX_VALUE, renewAt + LATE_SECONDS),
    renewAt + WRITE_LAG_SECONDS,
  );
  const isLate = overdue === undefined ? now > due : past > 0 && alerts(overdue, past);
  if (!isLate) return [];
  const isRebinding = rebindAt !== null && now > rebindAt;
  const left = expiresAt === null ? '' : `, it ends in ${span(expiresAt - now)}`;
  const expected =
    overdue === undefined ? (isRebinding ? ', past T2' : '') : `, outside ${printBounds(overdue)} s`;
  return [
    {
      kind: 'late',
      subject: view.name,
      text: `the lease of ${lease.address ?? 'an address'} should have been renewed ${span(past)} ago${expected}${left}`,
      detail: [`${who(view)} runs, lease in ${lease.path}`],
      repair: test(view),
    },
  ];
}

function who({ clients }: InterfaceView): string {
  return clients.map(({ client, pid }) => `${client} (pid ${pid})`).join(', ');
}

function test({ name }: InterfaceView): { how: string; commands: readonly string[] } {
  const quoted = shellQuote(name);
  return {
    how: 'See whether requests leave and answers arrive, then ask the server that gave the lease',
    commands: [`tcpdump -eni ${quoted} udp port 67 or udp port 68`, `ip addr show dev ${quoted}`],
  };
}

function renewCommands({ name, family, clients }: InterfaceView, lease: HeldLease): readonly string[] {
  const quoted = shellQuote(name);
  switch (lease.source) {
    case 'systemd-networkd':
      return [`networkctl renew ${quoted}`];
    case 'NetworkManager':
      return [`nmcli device reapply ${quoted}`];
    case 'dhcpcd':
      return [`dhcpcd --rebind ${quoted}`];
    case 'dhclient': {
      const own = clients.filter(({ client }) => client === 'dhclient');
      if (own.some(({ isOfNetworkManager }) => isOfNetworkManager)) return [`nmcli device reapply ${quoted}`];
      const start = `dhclient -${family} -lf ${shellQuote(lease.path)} ${quoted}`;
      return [...own.map(({ pid }) => `kill ${pid}`), start];
    }
  }
}
