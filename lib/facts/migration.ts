/** What decides whether the guests of a host can move to another one, as far as this host alone tells. */
import { bytes, each, head, list, run, type Ask, type Matches, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseCpuinfo, type CpuInfo } from '../parsers/proc-cpuinfo.ts';
import type { ProxmoxStorage } from '../parsers/proxmox-storage.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { PROXMOX_STORAGE } from './other-guests.ts';
import { gatherGuests, type Guests, type RunningGuest } from './guests.ts';
import { hardwareOf } from './guest-hardware.ts';
import { definitionOf } from './invtsc.ts';
import type { Definition } from './definitions.ts';
import type { GuestHardware } from '../parsers/guest-hardware.ts';
import { gatherStorage, type Storage } from './storage.ts';

export interface MovableGuest {
  readonly guest: RunningGuest;
  readonly definition: Definition | null;
  /** Null: nothing tells what it is made of. */
  readonly hardware: GuestHardware | null;
}

export interface MigrationHost {
  readonly guests: Guests;
  readonly movable: readonly MovableGuest[];
  readonly storage: Storage;
  /** Null: not asked for. */
  readonly cpu: Reading<CpuInfo> | null;
  readonly snapshots: Snapshots;
  /** Null: no Proxmox. */
  readonly proxmoxStorages: Reading<ReadonlyMap<string, ProxmoxStorage>> | null;
}

/** Which guests have snapshots that libvirt knows of. */
export interface Snapshots {
  /** How many, by the name of the guest. */
  readonly byName: ReadonlyMap<string, number>;
  /** The uuids of guests that have some; how many is not known. */
  readonly uuids: readonly string[];
  /** Null: all of them were seen. */
  readonly unread: Failure | null;
}

const VIRSH = ['-q', '-r', '-c', 'qemu:///system'] as const;

/** @param withCpu whether it is to be compared: for each processor that is printed, the kernel measures its frequency first */
export async function gatherMigration(host: Host, withCpu: boolean): Promise<MigrationHost> {
  const [guests, { cpuinfo, folders, storages }] = await Promise.all([
    gatherGuests(host, true),
    host.ask({
      ...(withCpu ? { cpuinfo: head('/proc/cpuinfo', 16 * 1024) } : {}),
      folders: each('/var/lib/libvirt/qemu/snapshot/*', { files: list('') }),
      storages: bytes(PROXMOX_STORAGE),
    }),
  ]);
  const definitions = guests.definitions?.found ?? [];
  const movable = guests.running.map((guest): MovableGuest => {
    const definition = definitionOf(guest, definitions);
    return { guest, definition, hardware: hardwareOf(guest, definition) };
  });
  const paths = movable.flatMap(({ hardware }) => (hardware?.disks ?? []).flatMap(({ path }) => path ?? []));
  const [storage, snapshots] = await Promise.all([
    gatherStorage(host, paths),
    gatherSnapshots(host, folders, movable),
  ]);
  const isProxmox = definitions.some(({ proxmox }) => proxmox !== undefined);
  return {
    guests,
    movable,
    storage,
    cpu: cpuinfo === undefined ? null : cpuinfo.ok ? parsedCpu(decodeUtf8(cpuinfo.value.bytes)) : cpuinfo,
    snapshots,
    proxmoxStorages: isProxmox ? (await import('./proxmox.ts')).proxmoxStorages(storages) : null,
  };
}

type Folders = Reading<Matches<{ readonly files: Ask<Reading<readonly string[]>> }>>;

async function gatherSnapshots(
  host: Host,
  folders: Folders,
  movable: readonly MovableGuest[],
): Promise<Snapshots> {
  const byName = new Map<string, number>();
  const unlisted: Failure[] = folders.ok ? [...folders.value.unlisted] : [folders];
  for (const { path, files } of folders.ok ? folders.value.found : []) {
    // A folder that went away has none any more, and what is no folder never had one.
    if (!files.ok && !['absent', 'vanished', 'wrongType'].includes(files.why)) unlisted.push(files);
    const count = files.ok ? files.value.filter((name) => name.endsWith('.xml')).length : 0;
    byName.set(path.slice(path.lastIndexOf('/') + 1), count);
  }
  const [unread] = unlisted;
  const asked = unread === undefined || movable.length === 0 ? null : await askSnapshots(host);
  return {
    byName,
    uuids: asked?.ok === true ? asked.value : [],
    unread: movable.length === 0 || asked?.ok === true ? null : (unread ?? null),
  };
}

function parsedCpu(text: string): Reading<CpuInfo> {
  try {
    return found(parseCpuinfo(text));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', '/proc/cpuinfo', error.message);
  }
}

async function askSnapshots(host: Host): Promise<Reading<readonly string[]>> {
  const { uuids } = await host.ask({
    uuids: run('virsh', ...VIRSH, 'list', '--all', '--uuid', '--with-snapshot'),
  });
  return linesOf(uuids);
}

export function linesOf(ran: Reading<Ran>): Reading<readonly string[]> {
  if (!ran.ok) return ran;
  const { status, stdout, stderr } = ran.value;
  if (status !== 0) return failed('failed', 'virsh', stderr.trim().replaceAll('\n', ', '));
  return found(
    stdout
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}
