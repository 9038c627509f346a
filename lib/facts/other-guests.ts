/** What Proxmox and Xen add to the guests of a host. */
import { bytes, type Content } from '../host/ask.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import type { Host } from '../host/host.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import type { Definitions, XmlFiles } from './definitions.ts';
import type { RunningGuest } from './guests.ts';
import type { XenHost } from './xen.ts';

export const PROXMOX_CONFIGURATIONS = '/etc/pve/qemu-server/*.conf';

export const PROXMOX_STORAGE = '/etc/pve/storage.cfg';

/** A file of a few bytes, `xen` on Xen and nowhere else (drivers/xen/sys-hypervisor.c). */
export const HYPERVISOR_TYPE = '/sys/hypervisor/type';

/** Null: no Xen. What asks it is loaded there only: every check of a plain host would pay for it at its start. */
export async function askXen(
  host: Host,
  type: Reading<Content>,
  withDefinitions: boolean,
): Promise<Reading<XenHost | null>> {
  if (!type.ok) return type.why === 'absent' || type.why === 'notRecorded' ? found(null) : type;
  if (decodeUtf8(type.value.bytes).trim() !== 'xen') return found(null);
  const { gatherXen } = await import('./xen.ts');
  return await gatherXen(host, withDefinitions);
}

/** Null: not asked for. */
export async function askProxmox(host: Host, files: XmlFiles | undefined): Promise<Definitions | null> {
  if (files === undefined) return null;
  if (files.ok && files.value.found.length + files.value.unlisted.length === 0) return NONE;
  const { PROXMOX_CPU_MODELS, proxmoxDefinitions } = await import('./proxmox.ts');
  // The models are asked of a Proxmox only.
  const isThere = files.ok && files.value.found.length > 0;
  const { models } = isThere
    ? await host.ask({ models: bytes(PROXMOX_CPU_MODELS) })
    : { models: failed('absent', PROXMOX_CPU_MODELS) };
  return await proxmoxDefinitions(files, models);
}

const NONE: Definitions = { found: [], unread: [] };

/** Null: none was asked for. */
export function merged(all: readonly (Definitions | null)[]): Definitions | null {
  const there = all.filter((one) => one !== null);
  if (there.length === 0) return null;
  return {
    found: there.flatMap((one) => one.found),
    unread: there.flatMap((one) => one.unread),
  };
}

interface OfXen {
  readonly guests: readonly RunningGuest[];
  readonly failures: readonly Failure[];
  readonly definitions: Definitions | null;
  readonly isXen: boolean;
}

export function guestsOfXen(xen: Reading<XenHost | null>): OfXen {
  if (!xen.ok) return { guests: [], failures: [xen], definitions: null, isXen: false };
  if (xen.value === null) return { guests: [], failures: [], definitions: null, isXen: false };
  const { guests, definitions } = xen.value;
  const commandLine = failed('absent', 'a command line', 'a guest of Xen has none');
  return {
    guests: (guests.ok ? guests.value : []).map((one) => ({
      pid: 0,
      name: one.name,
      uuid: one.config.ok ? one.config.value.uuid : null,
      commandLine,
      live: null,
      xen: one,
    })),
    failures: guests.ok ? [] : [guests],
    definitions,
    isXen: true,
  };
}
