/** What Proxmox and Xen add to the guests of a host. */
import { bytes } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import type { Definitions, XmlFiles } from './definitions.ts';
import type { RunningGuest } from './guests.ts';
import { PROXMOX_CPU_MODELS, proxmoxDefinitions } from './proxmox.ts';
import type { XenHost } from './xen.ts';

/** Null: not asked for. */
export async function askProxmox(host: Host, files: XmlFiles | undefined): Promise<Definitions | null> {
  if (files === undefined) return null;
  // The models are asked of a Proxmox only.
  const isThere = files.ok && files.value.found.length > 0;
  const { models } = isThere
    ? await host.ask({ models: bytes(PROXMOX_CPU_MODELS) })
    : { models: failed('absent', PROXMOX_CPU_MODELS) };
  return await proxmoxDefinitions(files, models);
}

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
