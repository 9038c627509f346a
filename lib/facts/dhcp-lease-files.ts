/** The files in which DHCP clients keep their leases, wherever distributions have put them. */
import { bytes, each, stat, type AnswerOf, type Content, type Stat } from '../host/ask.ts';
import { parseDhclientLeases } from '../parsers/dhclient-leases.ts';
import { parseDhcpPacket } from '../parsers/dhcp-packet.ts';
import { parseSavedLease } from '../parsers/networkd-lease.ts';
import type { NmDevice } from '../parsers/nm-device.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import type { Failure, Reading } from '../reading.ts';
import { counted, saved } from './dhcp-saved-leases.ts';
import type { HeldLease, LeaseSource } from './dhcp.ts';
import { parsedBytes } from './parsed.ts';

/** A log of leases grows to 20 blocks and is then rewritten; one that is not is a runaway. */
const MAX_LEASES_BYTES = 1024 * 1024;
const MAX_PACKET_BYTES = 16 * 1024;

const LOG = { text: bytes('', MAX_LEASES_BYTES), stat: stat('', { follow: true }) };
const PACKET = { text: bytes('', MAX_PACKET_BYTES), stat: stat('', { follow: true }) };

export const LEASE_QUESTIONS = {
  leasesDebian: each('/var/lib/dhcp/dhclient*.lease*', LOG),
  leasesDebian3: each('/var/lib/dhcp3/dhclient*.lease*', LOG),
  leasesRedHat: each('/var/lib/dhclient/dhclient*.lease*', LOG),
  leasesNm: each('/var/lib/NetworkManager/dhclient*.lease', LOG),
  leasesNmInternal: each('/var/lib/NetworkManager/internal-*.lease', PACKET),
  leasesNetworkd: each('/run/systemd/netif/leases/*', PACKET),
  leasesDhcpcd: each('/var/lib/dhcpcd/*.lease', PACKET),
  leasesDhcpcd5: each('/var/lib/dhcpcd5/dhcpcd-*.lease', PACKET),
  leasesDhcpcdDb: each('/var/db/dhcpcd/*.lease', PACKET),
};

export type LeaseAnswers = {
  readonly [K in keyof typeof LEASE_QUESTIONS]: AnswerOf<(typeof LEASE_QUESTIONS)[K]>;
};

export interface LeaseFile {
  readonly path: string;
  readonly text: Reading<Content>;
  readonly stat: Reading<Stat>;
}

export interface Leases {
  readonly leases: readonly HeldLease[];
  readonly unread: readonly Failure[];
}

const SOURCES: Readonly<Record<keyof LeaseAnswers, LeaseSource>> = {
  leasesDebian: 'dhclient',
  leasesDebian3: 'dhclient',
  leasesRedHat: 'dhclient',
  leasesNm: 'dhclient',
  leasesNmInternal: 'NetworkManager',
  leasesNetworkd: 'systemd-networkd',
  leasesDhcpcd: 'dhcpcd',
  leasesDhcpcd5: 'dhcpcd',
  leasesDhcpcdDb: 'dhcpcd',
};

/**
 * @param more files that running clients were told to use
 * @param nameOfIndex the interface with that index, which is how systemd-networkd names its files
 */
export function leasesOf(
  answers: LeaseAnswers,
  more: readonly LeaseFile[],
  nameOfIndex: (index: number) => string | null,
  nmDevices: ReadonlyMap<number, NmDevice>,
): Leases {
  const leases: HeldLease[] = ofNmDevices(nmDevices, nameOfIndex);
  const unread: Failure[] = [];
  const seen = new Set<string>();
  const add = (file: LeaseFile, source: LeaseSource): void => {
    if (seen.has(file.path)) return;
    seen.add(file.path);
    const held = parsedBytes(file.text, file.path, (bytes) => leasesIn(file, bytes, source, nameOfIndex));
    if (held.ok) for (const lease of held.value) leases.push(lease);
    else if (held.why !== 'absent' && held.why !== 'vanished') unread.push(held);
  };
  for (const file of more) add(file, 'dhclient');
  for (const [name, source] of Object.entries(SOURCES) as [keyof LeaseAnswers, LeaseSource][]) {
    const answer = answers[name];
    if (!answer.ok) unread.push(answer);
    // What NetworkManager keeps to itself holds no times (see the parser): ip tells as much.
    else if (source !== 'NetworkManager' && name !== 'leasesNm') unread.push(...answer.value.unlisted);
    for (const file of answer.ok ? answer.value.found : []) add(file, source);
  }
  return { leases, unread };
}

function leasesIn(
  { path, stat: info }: LeaseFile,
  content: Uint8Array,
  source: LeaseSource,
  nameOfIndex: (index: number) => string | null,
): readonly HeldLease[] {
  // Every client writes a new file before it has anything to put into it.
  if (content.length === 0) return [];
  const writtenAt = info.ok ? info.value.modifiedAt : null;
  const base = path.slice(path.lastIndexOf('/') + 1);
  switch (source) {
    case 'dhclient':
      return parseDhclientLeases(decodeUtf8(content)).map((lease) => ({
        ...lease,
        path,
        source,
        spans: null,
        obtainedAt:
          lease.expiresAt === null || lease.leaseSeconds === null
            ? null
            : lease.expiresAt - lease.leaseSeconds,
      }));
    case 'systemd-networkd': {
      const name = /^[0-9]{1,9}$/.test(base) ? nameOfIndex(Number(base)) : null;
      if (name === null) return [];
      const lease = parseSavedLease(decodeUtf8(content));
      const isEndless = lease.lifetimeSeconds === null;
      return [{ ...counted(lease, isEndless), interfaceName: name, path, source, obtainedAt: writtenAt }];
    }
    case 'NetworkManager': {
      const name = /^internal-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(.+)\.lease$/.exec(base)?.[1];
      if (name === undefined) return [];
      const lease = parseSavedLease(decodeUtf8(content));
      return [{ ...counted(lease, false), interfaceName: name, path, source, obtainedAt: writtenAt }];
    }
    case 'dhcpcd': {
      const name = base.replace(/^dhcpcd-(?=.)/, '').replace(/\.lease$/, '');
      return [saved(parseDhcpPacket(content), name, path, source, writtenAt)];
    }
  }
}

/** Those that NetworkManager has now; its lease files stay when a connection ends, or gets an address of its own. */
function ofNmDevices(
  devices: ReadonlyMap<number, NmDevice>,
  nameOfIndex: (index: number) => string | null,
): HeldLease[] {
  return [...devices].flatMap(([index, { lease }]): HeldLease[] => {
    const interfaceName = nameOfIndex(index);
    if (lease === null || interfaceName === null) return [];
    const path = `/run/NetworkManager/devices/${index}`;
    const isEndless = lease.lifetimeSeconds === null;
    return [
      { ...counted(lease, isEndless), interfaceName, path, source: 'NetworkManager', obtainedAt: null },
    ];
  });
}
