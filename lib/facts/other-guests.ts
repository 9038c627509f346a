/** What Proxmox and Xen add to the guests of a host. */
import { bytes } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import type { Definitions, XmlFiles } from './definitions.ts';
import type { RunningGuest } from './guests.ts';
import { PROXMOX_CPU_MODELS, proxmoxDefinitions } from './proxmox.ts';
import type { XenHost } from './xen.ts';

export async function askProxmox(host: Host, files: XmlFiles): Promise<Definitions> {
  // The models are asked of a Proxmox only.
  const isThere = files.ok && files.value.found.length > 0;
  const { models } = isThere
    ? await host.ask({ models: bytes(PROXMOX_CPU_MODELS) })
    : { models: failed('absent', PROXMOX_CPU_MODELS) };
  return await proxmoxDefinitions(files, models);
}

export function merged(all: readonly (Definitions | null)[]): Definitions | null {
  const there = all.filter((one) => one !== null);
  if (there.length === 0) return null;
  return {
    found: there.flatMap((one) => one.found),
    unread: there.flatMap((one) => one.unread),
  };
}

export function guestsOfXen(xen: Reading<XenHost | null>): { guests: RunningGuest[]; failures: Failure[] } {
  if (!xen.ok) return { guests: [], failures: [xen] };
  if (xen.value === null) return { guests: [], failures: [] };
  const { guests } = xen.value;
  if (!guests.ok) return { guests: [], failures: [guests] };
  const commandLine = failed('absent', 'a command line', 'a guest of Xen has none');
  return {
    guests: guests.value.map((one) => ({
      pid: 0,
      name: one.name,
      uuid: one.config.ok ? one.config.value.uuid : null,
      commandLine,
      live: null,
      xen: one,
    })),
    failures: [],
  };
}
