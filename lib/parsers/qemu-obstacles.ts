/**
 * Which parts of a command line qemu or libvirt refuses to migrate: those that call migrate_add_blocker, whose VMState has
 * `.unmigratable = 1` (qemu 10.0), and those of qemuMigrationSrcIsAllowed (libvirt's src/qemu/qemu_migration.c).
 */
import type { Obstacle } from './guest-hardware.ts';

type Opts = ReadonlyMap<string, string>;

/** Of -device. Null: it moves along. */
export function deviceObstacle(opts: Opts): Obstacle | null {
  const driver = opts.get('driver') ?? '';
  const passed = PASSED.exec(driver);
  if (passed !== null) {
    const where = opts.get('host') ?? opts.get('sysfsdev')?.replace(/^.*\//, '') ?? opts.get('devno');
    return { kind: 'passthrough', what: `${wordFor(driver)}${where === undefined ? '' : ` ${where}`}` };
  }
  if (driver === 'usb-host') return { kind: 'left-behind', what: 'USB device of the host' };
  if (driver.startsWith('vhost-user-fs')) {
    return { kind: 'folder', what: `virtiofs folder ${opts.get('tag') ?? ''}`.trimEnd() };
  }
  if (driver.startsWith('virtio-9p')) {
    return { kind: 'folder', what: `9p folder ${opts.get('mount_tag') ?? ''}`.trimEnd() };
  }
  if (/^ivshmem/.test(driver) && opts.get('master') !== 'on') {
    return { kind: 'device', what: 'shared memory (ivshmem)' };
  }
  if (/^vhost-scsi/.test(driver) && opts.get('migratable') !== 'on') return { kind: 'device', what: driver };
  return UNMIGRATABLE.test(driver) ? { kind: 'device', what: `device ${driver}` } : null;
}

const PASSED = /^(?:vfio-(?:pci|ap|ccw|platform|amd-xgbe|calxeda-xgmac)(?:-nohotplug)?|(?:kvm-)?pci-assign)$/;

/** The endings are those of the buses that a virtio device comes with. */
const UNMIGRATABLE =
  /^(?:nvme|ufs|virtio-crypto|virtio-snd|virtio-sound|vhost-vdpa-device|vdpa-dev|vhost-user-(?:device|input|scmi|gpio|vsock|rng|snd|i2c)|virtio-input-host|virtio-(?:gpu|vga)-(?:gl|rutabaga)|usb-(?:audio|wacom-tablet|serial|mtp|net|uas)|amd-iommu|riscv-iommu-pci|rocker|hv-syndbg)(?:-pci|-device|-ccw)?(?:-(?:non-)?transitional)?$/;

function wordFor(driver: string): string {
  return /pci/.test(driver) ? 'PCI device' : `${driver} device`;
}

/** Of -object, -tpmdev, -netdev and -chardev. Null: it moves along. */
export function objectObstacle(opts: Opts): Obstacle | null {
  const type = opts.get('qom-type') ?? opts.get('type') ?? opts.get('backend') ?? '';
  if (/^(?:sev|sev-snp|tdx)-guest$|^s390-pv-guest$/.test(type)) {
    return { kind: 'device', what: `encrypted memory (${type})` };
  }
  if (type === 'passthrough') return { kind: 'device', what: 'TPM of the host' };
  if (type === 'vhost-vdpa') return { kind: 'device', what: 'vDPA network device' };
  return type === 'qemu-vdagent' ? { kind: 'device', what: 'chardev qemu-vdagent' } : null;
}
