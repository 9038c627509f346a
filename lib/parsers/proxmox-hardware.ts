/**
 * What Proxmox VE looks at before it moves a guest that runs: its configuration as it is now, and its snapshots (scan_local_volumes in
 * PVE/QemuMigrate.pm, check_local_resources in PVE/QemuMigrate/Helpers.pm, before 9 in PVE/QemuServer.pm).
 *
 *     scsi0: local-lvm:vm-100-disk-0,size=32G
 *     ide2: local:iso/debian.iso,media=cdrom
 *     sata1: file=/dev/disk/by-id/x,shared=1
 *     net0: virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20
 *     serial0: /dev/ttyS0
 *
 * - A volume is STORAGE:NAME, `none` (an empty drive), `cdrom` (the drive of the host), or a path, which is local unless it
 *   is said to be `shared`. The drive of cloud-init is made anew on the other side.
 * - Volumes that nothing uses any more (unused0) are moved with the guest, and so count.
 * - A serial port that is a socket is made anew, one of the host is not.
 * - Skipped: what the command line of the running guest tells as well (hostpci, usb, virtiofs, ivshmem, amd-sev).
 */
export interface ProxmoxHardware {
  readonly drives: readonly ProxmoxDrive[];
  readonly bridges: readonly string[];
  /** Ports of the host: `serial0 /dev/ttyS0`. */
  readonly ports: readonly string[];
}

export interface ProxmoxDrive {
  /** `scsi0` */
  readonly key: string;
  /** `local-lvm:vm-100-disk-0`, `none`, `cdrom`, a path. */
  readonly volume: string;
  readonly isCdrom: boolean;
  /** `shared=1`: the same path leads to the same on all nodes. */
  readonly isDeclaredShared: boolean;
  /** The snapshot that it belongs to; null: it is the guest's now. */
  readonly snapshot: string | null;
}

type Settings = ReadonlyMap<string, string>;

/** Total: a value that makes no sense is no hardware, Proxmox does not start such a guest. */
export function proxmoxHardware(now: Settings, snapshots: ReadonlyMap<string, Settings>): ProxmoxHardware {
  const drives = drivesOf(now, null);
  const isNew = ({ volume }: ProxmoxDrive): boolean => !drives.some((one) => one.volume === volume);
  const older = [...snapshots].flatMap(([name, settings]) => drivesOf(settings, name)).filter(isNew);
  return {
    drives: [...drives, ...older],
    bridges: [...now].flatMap(([key, value]) =>
      /^net[0-9]+$/.test(key) ? (optionOf(value, 'bridge') ?? []) : [],
    ),
    ports: [...now]
      .filter(([key, value]) => /^(?:serial|parallel)[0-9]+$/.test(key) && value !== 'socket')
      .map(([key, value]) => `${key} ${value}`),
  };
}

const DRIVE = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate|unused)[0-9]+$/;

function drivesOf(settings: Settings, snapshot: string | null): readonly ProxmoxDrive[] {
  return [...settings].flatMap(([key, value]) => {
    if (!DRIVE.test(key)) return [];
    const [first = ''] = value.split(',');
    const volume = optionOf(value, 'file') ?? optionOf(value, 'volume') ?? (first.includes('=') ? '' : first);
    if (volume === '') return [];
    const isCdrom = optionOf(value, 'media') === 'cdrom' || volume === 'cdrom' || volume === 'none';
    return [{ key, volume, isCdrom, isDeclaredShared: optionOf(value, 'shared') === '1', snapshot }];
  });
}

/** Of `a,key=value,b`. */
function optionOf(value: string, key: string): string | undefined {
  return value
    .split(',')
    .find((part) => part.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}
