/** Whose a console log is: by what guests name, by the instance's folder, by the names that libvirt and Xen give their logs. */
import type { ConsoleLogs } from '../facts/console-logs.ts';
import { logOf } from '../facts/rotated.ts';

export interface Owner {
  /** Null: nobody knows. */
  readonly guest: string | null;
  readonly uuid: string | null;
  /** Whether it runs here, or is defined here. */
  readonly isHere: boolean;
}

/** @param instance the name of the instance's folder; null: it is in no directory of instances */
type OwnerOf = (path: string, instance: string | null) => Owner;

const NOBODY: Owner = { guest: null, uuid: null, isHere: false };

/** Each place is looked up in tables: there can be ten thousand. */
export function ownerFinder({ guests, named }: ConsoleLogs): OwnerOf {
  const byPath = new Map<string, Owner>();
  const byId = new Map<string, Owner>();
  const known = [...guests.running, ...(guests.definitions?.found ?? [])];
  for (const { name: guest, uuid } of known.toReversed()) {
    const owner: Owner = { guest, uuid, isHere: true };
    byId.set(guest, owner);
    if (uuid !== null) byId.set(uuid, owner);
  }
  for (const { path, guest, uuid } of named) byPath.set(path, { guest, uuid, isHere: true });
  return (path, instance) => {
    const owner = byPath.size === 0 ? undefined : (byPath.get(path) ?? byPath.get(logOf(path)));
    if (owner !== undefined) return owner;
    if (instance !== null) {
      return byId.get(instance.replace(IN_TRANSIT, '')) ?? NOBODY;
    }
    // Its file is gone, or lies in a directory that only --path names.
    const folder = /\/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\/console\.log/i.exec(path)?.[1];
    if (folder !== undefined) return byId.get(folder.toLowerCase()) ?? NOBODY;
    const guest = guestInName(path);
    return guest === null ? NOBODY : (byId.get(guest) ?? { ...NOBODY, guest });
  };
}

/** nova renames the folder of an instance that is being resized or deleted (nova/virt/libvirt/driver.py). */
const IN_TRANSIT = /_(?:resize|del)$/;

/** A folder that nova is still busy with: of no guest, and no orphan. */
export function isInTransit(instance: string): boolean {
  return IN_TRANSIT.test(instance);
}

/**
 * /var/log/libvirt/qemu/NAME.log; /var/log/xen/console/guest-NAME.log (tools/console/daemon/io.c), /var/log/xen/qemu-dm-NAME.log
 * and xl-NAME.log (tools/libs/light/libxl_dm.c, tools/xl/xl_vmcontrol.c).
 */
function guestInName(path: string): string | null {
  const log = logOf(path);
  return (
    /^\/var\/log\/libvirt\/[^/]+\/(.+)\.log$/s.exec(log)?.[1] ??
    /^\/var\/log\/xen\/console\/guest-(.+)\.log$/s.exec(log)?.[1] ??
    /^\/var\/log\/xen\/(?:qemu-dm|xl)-(.+)\.log$/s.exec(log)?.[1] ??
    null
  );
}
