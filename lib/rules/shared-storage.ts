/** Whether another host reaches the same disk: what its file system or block device says. */
import type { BlockDevice, Place, Storage } from '../facts/storage.ts';

export interface Sharing {
  /** Null: it cannot be told. */
  readonly isShared: boolean | null;
  /** What it lies on: `ext4 on /dev/sda1`, `LVM on sdb`. */
  readonly on: string;
}

/** File systems that several hosts mount at the same time. */
const SHARED_FILE_SYSTEMS =
  /^(?:nfs4?|ceph|gfs2?|ocfs2|cifs|smb3|smbfs|lustre|gpfs|beegfs|glusterfs|orangefs|pvfs2|afs|panfs|fuse\.(?:ceph|ceph-fuse|glusterfs|sshfs|mfs|moosefs|lizardfs|saunafs|quobyte.*|juicefs.*|JuiceFS.*|seaweedfs))$/;

/** Those that keep their caches the same on all hosts (virFileIsClusterFS in libvirt's src/util/virfile.c). */
export const COHERENT_FILE_SYSTEMS = /^(?:gfs2?|ocfs2|ceph|fuse\.ceph(?:-fuse)?|gpfs|lustre)$/;

export function sharingOf(place: Place, { devices }: Pick<Storage, 'devices'>): Sharing {
  const { path, there, mount, device } = place;
  const isBlock = there.ok ? there.value.type === 'block' : path.startsWith('/dev/');
  if (isBlock) return blockSharing(path, device, devices);
  if (mount === null) return { isShared: null, on: 'a file system that is not known' };
  const on = mount.source.startsWith('/') ? `${mount.type} on ${mount.source}` : mount.type;
  return { isShared: SHARED_FILE_SYSTEMS.test(mount.type), on };
}

function blockSharing(path: string, name: string | null, devices: ReadonlyMap<string, BlockDevice>): Sharing {
  if (name === null) {
    const isShared = SHARED_PATHS.test(path) ? true : null;
    return { isShared, on: 'a device that is not in /sys/class/block' };
  }
  const leaves = leavesOf(name, devices, new Set());
  const words = leaves.map((leaf) => kindOf(leaf, devices));
  const isShared = words.length > 0 && words.every((word) => word !== null);
  const above = devices.get(name)?.mapped === null ? [] : ['device mapper'];
  const below = leaves.map((leaf, index) => words[index] ?? leaf.name);
  return { isShared, on: [...above, ...new Set(below)].join(' on ') };
}

/** DRBD, Ceph RBD and iSCSI in udev's own folders, where the kernel's name could not be found out. */
const SHARED_PATHS = /^\/dev\/(?:drbd|rbd|disk\/by-path\/.*-iscsi-)/;

/** The devices that nothing is below of; each once, however often it is reached. */
function leavesOf(
  name: string,
  devices: ReadonlyMap<string, BlockDevice>,
  seen: Set<string>,
): readonly BlockDevice[] {
  const device = devices.get(name);
  if (device === undefined || seen.has(name)) return [];
  seen.add(name);
  if (device.slaves.length === 0) return [device];
  return device.slaves.flatMap((slave) => leavesOf(slave, devices, seen));
}

/** Null: a device of this host alone, as far as the kernel knows. */
function kindOf({ name, bus }: BlockDevice, devices: ReadonlyMap<string, BlockDevice>): string | null {
  if (/^drbd[0-9]/.test(name)) return 'DRBD';
  if (/^rbd[0-9]/.test(name)) return 'Ceph RBD';
  if (/^nbd[0-9]/.test(name)) return 'NBD';
  // scsi_transport_iscsi and scsi_transport_fc put these between the host adapter and the disk.
  if (/\/session[0-9]+\//.test(bus)) return 'iSCSI';
  if (/\/rport-[0-9]/.test(bus)) return 'Fibre Channel';
  const paths = pathsOf(name, devices);
  const buses = paths.length === 0 ? [bus] : paths;
  return buses.every((one) => one.includes('/nvme-fabrics/')) ? 'NVMe over Fabrics' : null;
}

/**
 * Where the paths hang of NVMe with several of them. Those of nvme1n1, which itself hangs nowhere, are nvme1c0n1 and nvme1c3n1,
 * hidden from /dev (nvme_mpath_set_disk_name in drivers/nvme/host/multipath.c, since 4.15).
 */
function pathsOf(name: string, devices: ReadonlyMap<string, BlockDevice>): readonly string[] {
  const whole = name.replace(/p[0-9]+$/, '');
  const isPath = (one: string): boolean => one !== whole && one.replace(/c[0-9]+n/, 'n') === whole;
  return [...devices.values()].filter((one) => isPath(one.name)).map(({ bus }) => bus);
}
