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
 * - Types are taken in any letters (parse_section_header there).
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

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const SHARED_TYPES = /^(?:nfs|cifs|rbd|cephfs|glusterfs|sheepdog|iscsi|iscsidirect|zfs|drbd|pbs)$/;
const LOCAL_TYPES = /^(?:dir|lvm|lvmthin|zfspool|btrfs)$/;

/** By name. Throws FormatError where a line is none. */
export function parseProxmoxStorage(text: string): ReadonlyMap<string, ProxmoxStorage> {
  const found = new Map<string, ProxmoxStorage>([['local', { isShared: false, nodes: null }]]);
  let storage: Writable<ProxmoxStorage> | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [, type, name = ''] = /^([a-z][a-z0-9_-]*):\s*(\S+)\s*$/i.exec(line) ?? [];
    if (type !== undefined) {
      storage = { isShared: isSharedType(type.toLowerCase()), nodes: null };
      found.set(name, storage);
      continue;
    }
    const [, key, value = ''] = /^\s+([a-z][\w-]*)(?:\s+(.*))?$/i.exec(line.trimEnd()) ?? [];
    if (key === undefined || storage === null) {
      throw new FormatError(`line ${index + 1}`, 'expected a property of a storage');
    }
    if (key === 'shared' && /^(?:1|yes|on|true)$/i.test(value)) storage.isShared = true;
    if (key === 'nodes') storage.nodes = value.split(/[,;\s]/).filter((node) => node !== '');
  }
  return found;
}

function isSharedType(type: string): boolean | null {
  return SHARED_TYPES.test(type) ? true : LOCAL_TYPES.test(type) ? false : null;
}
