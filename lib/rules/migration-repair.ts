/** How what keeps a guest from moving is mended, in the commands of what started it: libvirt, Proxmox, Xen, or somebody's script. */
import type { MovableGuest } from '../facts/migration.ts';
import type { RunningGuest } from '../facts/guests.ts';
import type { GuestDisk } from '../parsers/guest-hardware.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { proxmoxIdOf } from './invtsc-repair.ts';

/** Whose commands manage it; null: nobody's that is known. */
export type Manager = 'libvirt' | 'proxmox' | 'xen' | null;

export function managerOf({ guest, definition }: Pick<MovableGuest, 'guest' | 'definition'>): Manager {
  if (guest.xen !== undefined) return 'xen';
  const line = guest.commandLine.ok ? guest.commandLine.value : null;
  if (proxmoxIdOf(guest, definition) !== null) return 'proxmox';
  return definition !== null || guest.live !== null || line?.isOfLibvirt === true ? 'libvirt' : null;
}

/** Of a disk or an image that only this host has. */
export function localRepair({ device }: GuestDisk, one: MovableGuest): Repair {
  const name = shellQuote(one.guest.name);
  const id = String(proxmoxIdOf(one.guest, one.definition));
  const eject = 'Take the image out of the drive';
  const shared = 'Put the disk on storage that both hosts reach';
  const isDisk = device === 'disk';
  switch (managerOf(one)) {
    case 'libvirt':
      return isDisk
        ? {
            how: `${shared}, or copy it along when the guest moves (--copy-storage-all)`,
            commands: [`virsh domblklist ${name}`],
          }
        : {
            how: eject,
            commands: [
              `virsh domblklist ${name}`,
              `virsh change-media ${name} TARGET --eject --live --config`,
            ],
          };
    case 'proxmox':
      return isDisk
        ? {
            how: `${shared} (move disk), or copy it along when the guest moves`,
            commands: [`qm migrate ${id} TARGET --online --with-local-disks`],
          }
        : { how: eject, commands: [`qm config ${id}`, `qm set ${id} --DRIVE none,media=cdrom`] };
    case 'xen': {
      // Of the older xm no disks are known.
      const list = `xl block-list ${name}`;
      return isDisk
        ? { how: shared, commands: [list] }
        : { how: eject, commands: [list, `xl cd-eject ${name} VDEV`] };
    }
    case null:
      return { how: isDisk ? shared : eject, commands: [] };
  }
}

/** Ends one of two copies at once. */
export function stopCommands(guest: RunningGuest): readonly string[] {
  const name = shellQuote(guest.name);
  switch (managerOf({ guest, definition: null })) {
    case 'xen':
      // Only xl tells what two copies do.
      return [`xl destroy ${name}`];
    case 'proxmox':
      return [`qm stop ${String(proxmoxIdOf(guest, null))}`];
    case 'libvirt':
      return [`virsh destroy ${name}`];
    case null:
      return [];
  }
}
