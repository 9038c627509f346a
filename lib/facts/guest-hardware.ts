/** What a running guest is made of now, from the best witness that there is. */
import type { GuestHardware } from '../parsers/guest-hardware.ts';
import { parseQemuArgv } from '../parsers/qemu-argv.ts';
import { qemuHardware } from '../parsers/qemu-hardware.ts';
import type { Definition } from './definitions.ts';
import type { ProxmoxDefinition } from './proxmox.ts';
import type { RunningGuest } from './guests.ts';

/**
 * libvirt's record of the running guest knows what was plugged in and taken out since; the command line what it was started
 * with. A definition adds the networks, whose bridges libvirt does not tell qemu. Of a guest of Xen's, libxl knows all. Null:
 * nothing tells.
 */
export function hardwareOf(guest: RunningGuest, definition: Definition | null): GuestHardware | null {
  const { commandLine, live, xen } = guest;
  if (xen !== undefined) return xen.config.ok ? xen.config.value.hardware : null;
  const started = commandLine.ok ? qemuHardware(commandLine.value) : null;
  if (live !== null) {
    const extra = qemuHardware(parseQemuArgv(['qemu', ...live.qemuArgs]));
    // The record names a volume of a pool by the pool; qemu was given its path.
    const isPooled = live.hardware.disks.some(({ remote }) => remote?.startsWith('pool:') === true);
    return {
      ...live.hardware,
      disks: [...(isPooled && started !== null ? started.disks : live.hardware.disks), ...extra.disks],
      obstacles: [...live.hardware.obstacles, ...extra.obstacles, ...ofCpu(started)],
      networks: [...live.hardware.networks, ...extra.networks],
    };
  }
  if (started === null) return null;
  if (commandLine.ok && commandLine.value.proxmoxId !== null)
    return ofProxmox(started, definition?.proxmox ?? null);
  const isOfLibvirt = commandLine.ok && commandLine.value.isOfLibvirt;
  const defined = isOfLibvirt ? (definition?.domain.hardware.networks ?? []) : [];
  return { ...started, networks: [...started.networks, ...defined] };
}

/** It moves no guest with a USB device or a port of the host (check_local_resources in PVE/QemuMigrate/Helpers.pm). */
function ofProxmox(started: GuestHardware, definition: ProxmoxDefinition | null): GuestHardware {
  const { bridges = [], ports = [] } = definition?.hardware ?? {};
  return {
    ...started,
    obstacles: [
      ...started.obstacles.map((one) =>
        one.kind === 'left-behind' ? { ...one, kind: 'passthrough' as const } : one,
      ),
      ...ports.map((what) => ({ kind: 'device' as const, what })),
    ],
    networks: [...started.networks, ...bridges.map((name) => ({ kind: 'bridge' as const, name }))],
  };
}

/** What the record of libvirt has no element for. */
function ofCpu(started: GuestHardware | null): GuestHardware['obstacles'] {
  return (started?.obstacles ?? []).filter(({ what }) => /^(?:CPU flag|chardev) /.test(what));
}
