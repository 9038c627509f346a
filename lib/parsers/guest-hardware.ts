/**
 * What a guest is made of, as far as it decides whether the guest can move to another host: the same record from qemu's
 * command line (qemu-hardware.ts) and from libvirt's definition (domain-hardware.ts).
 */

export interface GuestHardware {
  readonly disks: readonly GuestDisk[];
  readonly obstacles: readonly Obstacle[];
  readonly networks: readonly GuestNetwork[];
  /** What the guest may use at most; null: not given. */
  readonly memoryBytes: number | null;
  /** Its memory is taken from the host's huge pages. */
  readonly hugePages: boolean;
  /** `pc-i440fx-7.2`; null: the default. */
  readonly machine: string | null;
}

/** Of a definition that does not tell, or is not read for it. */
export const NO_HARDWARE: GuestHardware = {
  disks: [],
  obstacles: [],
  networks: [],
  memoryBytes: null,
  hugePages: false,
  machine: null,
};

export interface GuestDisk {
  /** A path of the host; null: the disk is reached over the network by qemu itself. */
  readonly path: string | null;
  /** `rbd:pool/image`, without what could be a secret; null: it has a path. */
  readonly remote: string | null;
  readonly device: 'disk' | 'cdrom' | 'floppy';
  /** `raw`, `qcow2`; null: not given. */
  readonly format: string | null;
  /** `none`, `directsync`, `writeback`, ...; null: not given, which is writeback. */
  readonly cache: string | null;
  readonly isReadOnly: boolean;
}

/** A part that qemu or libvirt refuses to move, or that stays behind. */
export interface Obstacle {
  readonly kind: 'passthrough' | 'folder' | 'device' | 'left-behind';
  /** A short clause: `PCI device 0000:06:12.1`. */
  readonly what: string;
}

export interface GuestNetwork {
  /** A bridge or device of the host by name, or a network of libvirt's. */
  readonly kind: 'bridge' | 'device' | 'network';
  readonly name: string;
}

/** Formats whose drivers in qemu refuse to be migrated while they are open (migrate_add_blocker in block/*.c). */
const STUCK_FORMATS: readonly (string | null)[] = [
  'vmdk',
  'vdi',
  'vhdx',
  'vpc',
  'qcow',
  'parallels',
  'vvfat',
];

export function isStuckFormat(format: string | null): boolean {
  return STUCK_FORMATS.includes(format);
}
