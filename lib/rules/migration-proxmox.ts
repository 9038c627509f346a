/** Which disks keep a guest of Proxmox from moving: what Proxmox itself looks at, its configuration and its storages. */
import type { MigrationHost, MovableGuest } from '../facts/migration.ts';
import type { Partner } from '../facts/partner.ts';
import type { ProxmoxDefinition } from '../facts/proxmox.ts';
import type { ProxmoxDrive } from '../parsers/proxmox-hardware.ts';
import type { ProxmoxStorage } from '../parsers/proxmox-storage.ts';
import { shellQuote } from '../report/text.ts';
import type { Reason } from './migration.ts';

type Storages = ReadonlyMap<string, ProxmoxStorage>;

/** A guest as Proxmox has it, with all its storages. */
export interface OnProxmox extends Pick<ProxmoxDefinition, 'id' | 'hardware'> {
  readonly storages: Storages;
}

/** Null: it is not known, or no guest of Proxmox's: its disks are judged by what they lie on. */
export function onProxmox(
  { definition }: MovableGuest,
  { proxmoxStorages }: MigrationHost,
): OnProxmox | null {
  const { proxmox } = definition ?? {};
  return proxmox !== undefined && proxmoxStorages?.ok === true
    ? { ...proxmox, storages: proxmoxStorages.value }
    : null;
}

export function proxmoxDisks(
  { id, hardware, storages }: OnProxmox,
  isDeclaredShared: (path: string) => boolean,
): readonly Reason[] {
  return hardware.drives
    .filter(({ volume }) => !isDeclaredShared(volume))
    .flatMap((drive) => reasonsOf(drive, storages, id));
}

function reasonsOf(drive: ProxmoxDrive, storages: Storages, id: number): readonly Reason[] {
  const { volume, isDeclaredShared } = drive;
  if (volume === 'none' || isDeclaredShared || /[:/]vm-[0-9]+-cloudinit/.test(volume)) return [];
  const isOfHost = volume.startsWith('/') || volume === 'cdrom';
  const name = storageOf(volume);
  const storage = isOfHost ? LOCAL : storages.get(name);
  if (storage?.isShared === true) return [];
  if (storage?.isShared === false)
    return [local(drive, isOfHost ? 'of this host' : `the storage ${name} is not shared`, id)];
  const why = storage === undefined ? 'is not in /etc/pve/storage.cfg' : 'is of a type that is not known';
  return [
    { kind: 'unseen', text: `cannot tell whether its disk ${volume} is shared: the storage ${name} ${why}` },
  ];
}

function storageOf(volume: string): string {
  const [name = ''] = volume.split(':');
  return name;
}

function local({ key, volume, isCdrom, snapshot }: ProxmoxDrive, why: string, id: number): Reason {
  const detail = [`${key}${snapshot === null ? '' : ` of the snapshot ${snapshot}`}`, why];
  const repair =
    snapshot !== null
      ? {
          how: 'Proxmox moves no running guest of which a snapshot has a local disk or image: delete the snapshot',
          commands: [`qm delsnapshot ${id} ${shellQuote(snapshot)}`],
        }
      : isCdrom
        ? { how: 'Take the image out of the drive', commands: [`qm set ${id} --${key} none,media=cdrom`] }
        : {
            how: 'Move the disk to a storage that all nodes have, or copy it along when the guest moves',
            commands: [
              `qm move-disk ${id} ${key} STORAGE`,
              `qm migrate ${id} NODE --online --with-local-disks`,
            ],
          };
  if (!isCdrom) return { kind: 'disk', text: `local disk ${volume}`, detail, repair };
  const text = volume === 'cdrom' ? 'the CD drive of this host' : `ISO ${volume} only here`;
  return { kind: 'image', text, detail, repair };
}

const LOCAL: ProxmoxStorage = { isShared: false, nodes: null };

/** A storage may be there on some nodes only. */
export function storagesThere(
  { hardware, storages }: OnProxmox,
  { guests, name }: Partner,
): readonly Reason[] {
  const used = [...new Set(hardware.drives.map(({ volume }) => storageOf(volume)))];
  const [node = ''] = guests.who.nodeName.split('.');
  return used
    .filter(
      (one) => storages.get(one)?.isShared === true && storages.get(one)?.nodes?.includes(node) === false,
    )
    .map((one) => ({ kind: 'disk', text: `storage ${one} not on ${name}`, detail: [`node ${node}`] }));
}
