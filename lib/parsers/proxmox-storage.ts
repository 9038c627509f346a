/**
 * Proxmox VE's storages, /etc/pve/storage.cfg (PVE/Storage/Plugin.pm, a PVE::SectionConfig; https://pve.proxmox.com/wiki/Storage).
 *
 *     dir: local
 *     	path /var/lib/vz
 *     	content iso,vztmpl,backup
 *
 *     lvm: san
 *     	vgname san
 *     	shared 1
 *     	nodes jill,kaya
 *
 * - Some types are shared by what they are (@SHARED_STORAGE there), others where the administrator says so.
 * - `local` is there even where it is not written down.
 * - Passwords of Proxmox's own types are elsewhere (/etc/pve/priv), those of plug-ins here: freenas_password, truenas_api_token.
 */
import { FormatError } from './text.ts';

export interface ProxmoxStorage {
  /** Null: of a type that is not known here (a plug-in's), and nobody says that it is shared. */
  readonly isShared: boolean | null;
  /** The nodes that have it; null: all. */
  readonly nodes: readonly string[] | null;
}

const SHARED_TYPES = /^(?:nfs|cifs|rbd|cephfs|glusterfs|sheepdog|iscsi|iscsidirect|zfs|drbd|pbs)$/;
const LOCAL_TYPES = /^(?:dir|lvm|lvmthin|zfspool|btrfs)$/;

/** By name. Throws FormatError where a line is none. */
export function parseProxmoxStorage(text: string): ReadonlyMap<string, ProxmoxStorage> {
  const found = new Map<string, ProxmoxStorage>([['local', { isShared: false, nodes: null }]]);
  let name: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, type, begun] = /^([a-z][a-z0-9_-]*):\s*(\S+)\s*$/i.exec(line) ?? [];
    if (type !== undefined && begun !== undefined) {
      name = begun;
      found.set(name, ofType(type));
      continue;
    }
    const [, key, value = ''] = /^\s+([a-z][\w-]*)(?:\s+(.*))?$/i.exec(line.trimEnd()) ?? [];
    const storage = name === null ? undefined : found.get(name);
    if (key === undefined || name === null || storage === undefined) {
      throw new FormatError(`line ${index + 1}`, 'expected a property of a storage');
    }
    found.set(name, withProperty(storage, key, value));
  }
  return found;
}

function ofType(type: string): ProxmoxStorage {
  return { isShared: SHARED_TYPES.test(type) ? true : LOCAL_TYPES.test(type) ? false : null, nodes: null };
}

function withProperty(storage: ProxmoxStorage, key: string, value: string): ProxmoxStorage {
  if (key === 'shared' && /^(?:1|yes|on|true)$/i.test(value)) return { ...storage, isShared: true };
  if (key !== 'nodes') return storage;
  return { ...storage, nodes: value.split(/[,;\s]+/).filter((node) => node !== '') };
}
