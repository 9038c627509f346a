/**
 * Which parts of a command line qemu or libvirt refuses to migrate: those that call migrate_add_blocker, whose VMState has
 * `.unmigratable = 1` (qemu 10.0), and those of qemuMigrationSrcIsAllowed (libvirt's src/qemu/qemu_migration.c).
 */
import type { Obstacle } from './guest-hardware.ts';
import { isOn } from './qemu-opts.ts';

type Opts = ReadonlyMap<string, string>;

/** Of -device. Null: it moves along. */
export function deviceObstacle(opts: Opts): Obstacle | null {
  const driver = opts.get('driver') ?? '';
  // Said where the device can hand its state on; without the word, nobody has looked whether it can.
  if (PASSED.test(driver)) return opts.get('enable-migration') === 'on' ? null : passedDevice(driver, opts);
  if (driver === 'usb-host') return { kind: 'left-behind', what: 'USB device of the host' };
  const [kind, tag] = driver.startsWith('vhost-user-fs')
    ? ['virtiofs', opts.get('tag')]
    : driver.startsWith('virtio-9p')
      ? ['9p', opts.get('mount_tag')]
      : [null];
  if (kind !== null) return { kind: 'folder', what: `${kind} folder ${tag ?? ''}`.trimEnd() };
  return otherDevice(driver, opts);
}

function passedDevice(driver: string, opts: Opts): Obstacle {
  const where = opts.get('host') ?? opts.get('sysfsdev')?.replace(/^.*\//, '') ?? '';
  return { kind: 'passthrough', what: `${wordFor(driver)} ${where}`.trimEnd() };
}

function otherDevice(driver: string, opts: Opts): Obstacle | null {
  const stays = (what: string): Obstacle => ({ kind: 'device', what });
  if (driver.startsWith('ivshmem'))
    return opts.get('master') === 'on' ? null : stays('shared memory (ivshmem)');
  if (driver.startsWith('vhost-scsi')) return isOn(opts.get('migratable')) ? null : stays(`device ${driver}`);
  return UNMIGRATABLE.test(driver) ? stays(`device ${driver}`) : null;
}

const PASSED = /^(?:vfio-(?:pci|ap|ccw|platform|amd-xgbe|calxeda-xgmac)(?:-nohotplug)?|(?:kvm-)?pci-assign)$/;

/** The endings are those of the buses that a virtio device comes with. */
const UNMIGRATABLE =
  /^(?:nvme|ufs|virtio-crypto|virtio-snd|virtio-sound|vhost-vdpa-device|vdpa-dev|vhost-user-(?:device|input|scmi|gpio|vsock|rng|snd|i2c)|virtio-input-host|virtio-(?:gpu|vga)-(?:gl|rutabaga)|usb-(?:audio|wacom-tablet|serial|mtp|net|uas)|amd-iommu|riscv-iommu-pci|rocker|hv-syndbg)(?:-pci|-device|-ccw)?(?:-(?:non-)?transitional)?$/;

function wordFor(driver: string): string {
  return /pci/.test(driver) ? 'PCI device' : `${driver} device`;
}

const ENCRYPTED = ['sev-guest', 'sev-snp-guest', 'tdx-guest', 's390-pv-guest'];

/** Of -object, -tpmdev, -netdev and -chardev. Null: it moves along. */
export function objectObstacle(opts: Opts): Obstacle | null {
  const type = opts.get('qom-type') ?? opts.get('type') ?? opts.get('backend') ?? '';
  if (ENCRYPTED.includes(type)) return { kind: 'device', what: `encrypted memory (${type})` };
  if (type === 'passthrough') return { kind: 'device', what: 'TPM of the host' };
  if (type === 'vhost-vdpa') return { kind: 'device', what: 'vDPA network device' };
  return type === 'qemu-vdagent' ? { kind: 'device', what: 'chardev qemu-vdagent' } : null;
}
