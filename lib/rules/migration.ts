/** Why a guest cannot move to another host: every reason that its own host can tell. */
import { blocks, runsWith } from '../facts/invtsc.ts';
import type { MigrationHost, MovableGuest } from '../facts/migration.ts';
import type { Place, Storage } from '../facts/storage.ts';
import type { GuestDisk } from '../parsers/guest-hardware.ts';
import { parseQemuCpu } from '../parsers/qemu-cpu.ts';
import { inWords } from '../reading.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { repairOf, words } from './invtsc-repair.ts';
import { localRepair } from './migration-repair.ts';
import { onProxmox, proxmoxDisks } from './migration-proxmox.ts';
import { COHERENT_FILE_SYSTEMS, sharingOf } from './shared-storage.ts';

/** Those of the first list keep a guest from moving. */
export const BLOCKING = [
  'invtsc', 'passthrough', 'disk', 'image', 'cache', 'folder', 'device', 'snapshots', 'cpu', 'network', 'machine', 'memory',
  'definition',
] as const; // prettier-ignore
export type BlockingKind = (typeof BLOCKING)[number];

export interface Reason {
  readonly kind: BlockingKind | 'host-cpu' | 'left-behind' | 'differs' | 'undefined' | 'unseen';
  /** Short: line 1 has those of all guests. */
  readonly text: string;
  readonly detail?: readonly string[];
  readonly repair?: Repair;
  readonly timedOut?: boolean;
}

export function isBlocking({ kind }: Reason): boolean {
  return (BLOCKING as readonly string[]).includes(kind);
}

/** @param isDeclaredShared whether the administrator says that a path is the same on all hosts */
export function reasonsHere(
  one: MovableGuest,
  host: MigrationHost,
  isDeclaredShared: (path: string) => boolean,
): readonly Reason[] {
  const { guest, hardware } = one;
  if (hardware === null) {
    const seen = guest.xen?.config ?? guest.commandLine;
    const why = seen.ok ? '' : inWords(seen);
    const timedOut = !seen.ok && seen.why === 'timedOut';
    return [{ kind: 'unseen', text: `cannot tell whether it can move: ${why}`, timedOut }];
  }
  const proxmox = onProxmox(one, host);
  return distinct([
    ...invtsc(one, host),
    ...hardware.obstacles.map(({ kind, what }): Reason => ({
      kind,
      text: kind === 'passthrough' ? `${what} passed through` : what,
    })),
    ...(proxmox === null ? [] : proxmoxDisks(proxmox, isDeclaredShared)),
    ...hardware.disks.flatMap((disk) =>
      proxmox === null ? diskReasons(disk, one, host, isDeclaredShared) : gone(disk, host.storage),
    ),
    ...snapshots(one, host),
    ...hostCpu(one),
  ]);
}

function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.filter((one, index) => reasons.findIndex(({ text }) => text === one.text) === index);
}

function invtsc({ guest, definition }: MovableGuest, { guests }: MigrationHost): Reason[] {
  const now = runsWith(guest, guests.hostHasInvariantTsc);
  if (now === null || !blocks(now)) return [];
  return [
    {
      kind: 'invtsc',
      text: 'invtsc',
      detail: [`it runs with ${words(now)}`, 'see check_invtsc'],
      repair: repairOf(guest, definition, now),
    },
  ];
}

function diskReasons(
  disk: GuestDisk,
  one: MovableGuest,
  { storage }: MigrationHost,
  isDeclaredShared: (path: string) => boolean,
): Reason[] {
  const { path } = disk;
  if (path === null) return elsewhere(disk, isDeclaredShared);
  if (isDeclaredShared(path)) return [];
  const place = storage.places.get(path);
  if (place === undefined) {
    return [{ kind: 'unseen', text: `cannot tell where its disk ${path} lies` }];
  }
  return diskAt(disk, place, one, storage);
}

function gone(disk: GuestDisk, { places }: Storage): Reason[] {
  const place = places.get(disk.path ?? '');
  if (place?.there.ok !== false || place.there.why !== 'absent') return [];
  const kind = disk.device === 'disk' ? 'disk' : 'image';
  return [{ kind, text: `${disk.device === 'cdrom' ? 'ISO' : disk.device} ${place.path} is not there` }];
}

function diskAt(disk: GuestDisk, place: Place, one: MovableGuest, storage: Storage): Reason[] {
  const kind = disk.device === 'disk' ? 'disk' : 'image';
  const word = disk.device === 'cdrom' ? 'ISO' : disk.device;
  const { path, there } = place;
  const why = there.ok ? '' : there.why;
  const missing = gone(disk, storage);
  if (missing.length > 0) return missing;
  const { isShared, on } = sharingOf(place, storage);
  if (isShared === null || (why !== '' && why !== 'denied')) {
    const [cause] = [...(there.ok ? [] : [there]), ...storage.unread];
    const because = cause === undefined ? on : inWords(cause);
    const text = `cannot tell whether its ${word} ${path} is shared: ${because}`;
    return [{ kind: 'unseen', text, timedOut: cause?.why === 'timedOut' }];
  }
  if (isShared) return cache(disk, one, place);
  const text = kind === 'image' ? `${word} ${path} only here` : `local disk ${path}`;
  return [{ kind, text, detail: [on], repair: localRepair(disk, one) }];
}

/** Where the host has no path for it: over the network, or where nothing tells. */
function elsewhere({ remote }: GuestDisk, isDeclaredShared: (path: string) => boolean): Reason[] {
  const [, pooled] = /^pool:(.*)/s.exec(remote ?? '') ?? [];
  const [, kind, place = '', made] = /^(script|domain):([^:]*):(.*)/s.exec(remote ?? '') ?? [];
  const name = pooled ?? made;
  if (name === undefined || isDeclaredShared(name)) return [];
  const why =
    kind === 'script' ? `: the script ${place} decides that` : kind === 'domain' ? `: it is in ${place}` : '';
  const what = pooled === undefined ? 'disk' : 'volume';
  return [{ kind: 'unseen', text: `cannot tell where its ${what} ${name} lies${why}` }];
}

/**
 * libvirt refuses what it cannot know to be safe (qemuMigrationSrcIsSafe). From qemu 3.0 on the cache is dropped on both
 * sides, and disks are given with -blockdev: -drive is what libvirt before 5.10 used.
 */
function cache(disk: GuestDisk, { guest }: MovableGuest, { path, mount }: Place): Reason[] {
  const line = guest.commandLine.ok ? guest.commandLine.value : null;
  const isOld = line?.isOfLibvirt === true && line.options.some(({ name }) => name === 'drive');
  const isSafe = disk.isReadOnly || disk.cache === 'none' || disk.cache === 'directsync';
  if (!isOld || isSafe || COHERENT_FILE_SYSTEMS.test(mount?.type ?? '')) return [];
  return [
    {
      kind: 'cache',
      text: `cache ${disk.cache ?? 'writeback'} of ${path}`,
      detail: ['libvirt moves it with --unsafe only'],
      repair: {
        how: "Set cache='none' at the driver of the disk, then shut the guest down and start it again",
        commands: [`virsh edit ${shellQuote(guest.name)}`],
      },
    },
  ];
}

function snapshots({ guest }: MovableGuest, { snapshots: known }: MigrationHost): Reason[] {
  const count = known.byName.get(guest.name) ?? 0;
  const isListed = guest.uuid !== null && known.uuids.includes(guest.uuid);
  if (count === 0 && !isListed) return [];
  const name = shellQuote(guest.name);
  return [
    {
      kind: 'snapshots',
      text: count === 0 ? 'snapshots' : count === 1 ? '1 snapshot' : `${count} snapshots`,
      repair: {
        how: 'libvirt moves no guest with snapshots: merge or delete them',
        commands: [`virsh snapshot-list ${name}`],
      },
    },
  ];
}

function hostCpu({ guest }: MovableGuest): Reason[] {
  const cpu = guest.commandLine.ok ? guest.commandLine.value.cpu : null;
  const { model } = parseQemuCpu(cpu ?? guest.live?.cpu?.mode ?? '');
  if (!['host', 'max', 'host-passthrough', 'maximum'].includes(model)) return [];
  return [{ kind: 'host-cpu', text: 'CPU of this host passed through: moves only to a host with the same' }];
}
