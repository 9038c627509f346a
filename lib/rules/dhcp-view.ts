/** Interface by interface: who answers for its address, with which lease, and why it should be somebody at all. */
import type { ClientFacts, ClientPidFile, DhcpClient, HeldLease } from '../facts/dhcp.ts';
import type { IpAddress, IpDevice } from '../parsers/ip-addr.ts';
import { naturalCompare } from '../report/natural.ts';

export interface InterfaceView {
  readonly name: string;
  readonly family: 4 | 6;
  /** Null: no such device, or devices could not be read. */
  readonly device: IpDevice | null;
  readonly clients: readonly DhcpClient[];
  /** The lease that holds: of the client in charge, or without one the latest that there is. */
  readonly lease: HeldLease | null;
  /** Seconds since 1970; null: never, or not known. Where no file tells, what the kernel counts down. */
  readonly expiresAt: number | null;
  /** Addresses of the family, without those of the link. */
  readonly addresses: readonly IpAddress[];
  /** Why it is on DHCP, should no client run; null: nothing says so. */
  readonly evidence: string | null;
}

export function interfaceViews(facts: ClientFacts, required: readonly string[]): readonly InterfaceView[] {
  const devices = facts.devices.ok ? facts.devices.value : [];
  const isThere = (name: string): boolean => !facts.devices.ok || devices.some((one) => one.name === name);
  const keys = new Set<string>(required.map((name) => `4 ${name}`));
  for (const { interfaces, family } of facts.clients)
    for (const name of interfaces) keys.add(`${family ?? 4} ${name}`);
  for (const { interfaceName: name, family } of facts.leases)
    if (isThere(name)) keys.add(`${family} ${name}`);
  for (const { interfaceName: name, family } of facts.configs)
    if (isThere(name)) keys.add(`${family} ${name}`);
  for (const { interfaceName: name } of facts.pidFiles)
    if (isThere(name) && name !== '') keys.add(`4 ${name}`);
  for (const { name, addresses } of devices)
    if (addresses.some(({ family, validSeconds }) => family === 4 && validSeconds !== null))
      keys.add(`4 ${name}`);
  return [...keys]
    .map((key) => viewOf(facts, key.slice(2), key.startsWith('6') ? 6 : 4))
    .sort((a, b) => naturalCompare(`${a.name} ${a.family}`, `${b.name} ${b.family}`));
}

function viewOf(facts: ClientFacts, name: string, family: 4 | 6): InterfaceView {
  const device = facts.devices.ok ? (facts.devices.value.find((one) => one.name === name) ?? null) : null;
  const leases = facts.leases.filter((one) => one.interfaceName === name && one.family === family);
  const clients = clientsInCharge(facts, name, family, device, leases);
  const addresses = (device?.addresses ?? []).filter(
    (one) => one.family === family && one.scope !== 'link' && !one.address.startsWith('169.254.'),
  );
  const held = leaseOf(
    leases.filter((one) => isCurrent(one, facts, addresses)),
    clients,
  );
  const left =
    addresses.find(({ address, validSeconds }) =>
      held === null ? validSeconds !== null : address === held.address,
    )?.validSeconds ?? null;
  // A file that does not say when: the kernel counts the address down, as the client has told it to.
  const byKernel = left === null ? null : facts.epochSeconds + left;
  const lease = held === null ? null : timed(held, byKernel);
  const expiresAt = lease === null ? byKernel : lease.expiresAt;
  const view = { name, family, device, clients, lease, addresses, expiresAt };
  return { ...view, evidence: evidenceOf(facts, view) };
}

function clientsInCharge(
  facts: ClientFacts,
  name: string,
  family: 4 | 6,
  device: IpDevice | null,
  leases: readonly HeldLease[],
): readonly DhcpClient[] {
  const speaking = facts.clients.filter((one) => one.family === null || one.family === family);
  const named = speaking.filter(({ interfaces }) => interfaces.includes(name));
  if (named.length > 0) return named;
  return speaking.filter(({ client, interfaces, isOfNetworkManager }) => {
    if (interfaces.length > 0 || isOfNetworkManager) return false;
    if (client === 'systemd-networkd') return leases.some(({ source }) => source === client);
    if (client !== 'NetworkManager') return true;
    // Without its state files it cannot be told what it manages; then it is given the benefit of the doubt.
    return (
      facts.nmDevices.size === 0 || (device !== null && facts.nmDevices.get(device.index)?.isManaged === true)
    );
  });
}

function leaseOf(leases: readonly HeldLease[], clients: readonly DhcpClient[]): HeldLease | null {
  const byFile = leases.filter(({ path }) => clients.some(({ leaseFile }) => leaseFile === path));
  const bySource = leases.filter(({ source }) => clients.some(({ client }) => client === source));
  // A client that was told its file has written to no other one.
  const isTold = clients.some(({ leaseFile }) => leaseFile !== null);
  const usable = isTold ? byFile : clients.length > 0 ? bySource : leases;
  return usable.reduce<HeldLease | null>(
    (best, one) => (best === null || isLater(one, best) ? one : best),
    null,
  );
}

/**
 * NetworkManager leaves its files behind when a connection ends, or gets an address of its own. Where it does not say
 * which lease a device has (`NmDevice`), only one whose address is there can be known to hold.
 */
function isCurrent(
  { source, path, address }: HeldLease,
  { nmDevices, devices }: ClientFacts,
  addresses: readonly IpAddress[],
): boolean {
  if (source !== 'NetworkManager' || !path.endsWith('.lease') || !devices.ok) return true;
  const isSaid = [...nmDevices.values()].some(({ lease }) => lease !== null);
  return !isSaid && addresses.some((one) => one.address === address);
}

function timed(lease: HeldLease, byKernel: number | null): HeldLease {
  const { spans, leaseSeconds } = lease;
  if (spans === null || byKernel === null) return lease;
  if (leaseSeconds === null) return { ...lease, expiresAt: byKernel };
  const obtainedAt = byKernel - leaseSeconds;
  const after = (seconds: number | null): number | null => (seconds === null ? null : obtainedAt + seconds);
  return {
    ...lease,
    obtainedAt,
    renewAt: after(spans.t1Seconds),
    rebindAt: after(spans.t2Seconds),
    expiresAt: byKernel,
  };
}

/** It never ends; what is only not known to end is not that. */
export function isEndless({ expiresAt, spans }: HeldLease): boolean {
  return expiresAt === null && (spans === null || spans.isEndless);
}

function isLater(a: HeldLease, b: HeldLease): boolean {
  return (a.expiresAt ?? Number.MAX_VALUE) >= (b.expiresAt ?? Number.MAX_VALUE);
}

type Bare = Omit<InterfaceView, 'evidence'>;

function evidenceOf(facts: ClientFacts, view: Bare): string | null {
  return leaseEvidence(facts, view) ?? addressEvidence(facts, view) ?? configEvidence(facts, view);
}

/**
 * Its lease, where that is of this boot, or its address is counted down. What an installer has left is older than the boot, and
 * the same address is then there for ever. A lease that was given back, and one that never ends, need nobody.
 */
function leaseEvidence(facts: ClientFacts, view: Bare): string | null {
  const { lease, addresses, device } = view;
  if (lease === null || lease.isReleased || isEndless(lease)) return null;
  const words = `nobody renews its lease of ${lease.address ?? 'an address'}`;
  const isCountedDown = addresses.some((one) => one.address === lease.address && one.validSeconds !== null);
  if (isCountedDown) return words;
  const isOfThisBoot =
    lease.obtainedAt !== null && facts.bootedAt !== null && lease.obtainedAt >= facts.bootedAt - 1;
  // The client may have taken the address away, or it ran out: but not where the device is off, or has been given another one.
  const isBare = device?.flags.includes('UP') === true && addresses.length === 0;
  return isOfThisBoot && (isBare || isHeld(facts, view, lease)) ? words : null;
}

function isHeld(facts: ClientFacts, { addresses, device }: Bare, { address: leased }: HeldLease): boolean {
  if (device === null) return facts.ownAddresses?.has(leased ?? '') === true;
  return addresses.some(({ address }) => address === leased);
}

/** IPv4 addresses that are counted down: only DHCP clients make them so. One that is not known may hold the clients' port. */
function addressEvidence(
  { clients, hasClientSocket }: ClientFacts,
  { addresses, family }: Bare,
): string | null {
  const dynamic = addresses.find(({ validSeconds }) => validSeconds !== null);
  const isUnknownClient = hasClientSocket === true && clients.length === 0;
  if (family !== 4 || dynamic === undefined || isUnknownClient) return null;
  return `nobody renews its address ${dynamic.address}`;
}

function configEvidence(facts: ClientFacts, { name, family, device, addresses }: Bare): string | null {
  if (device?.flags.includes('UP') !== true) return null;
  const config = facts.configs.find((one) => one.interfaceName === name && one.family === family);
  if (config !== undefined) return `${config.path} wants one`;
  // udhcpc keeps no lease: of one that was killed, its pid file and the address are all that is left.
  const file = pidFileOf(facts, { name, family });
  return file?.client === 'udhcpc' && addresses.length > 0 ? `${file.path} says that there was one` : null;
}

/** Both clients of an interface have one: that of IPv6 is not where a client of IPv4 writes. */
export function pidFileOf(
  { pidFiles }: ClientFacts,
  { name, family }: Pick<InterfaceView, 'name' | 'family'>,
): ClientPidFile | undefined {
  return pidFiles.find((one) => one.interfaceName === name && (one.family ?? family) === family);
}
