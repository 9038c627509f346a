/** Why a guest cannot move to one certain partner, which would be no reason on its own host. */
import type { MigrationHost, MovableGuest } from '../facts/migration.ts';
import type { Partner } from '../facts/partner.ts';
import type { GuestDisk } from '../parsers/guest-hardware.ts';
import type { DomainDefinition } from '../parsers/domain-xml.ts';
import { inWords, type Reading } from '../reading.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { cpuReasons } from './migration-cpu.ts';
import type { Reason } from './migration.ts';
import { sharingOf } from './shared-storage.ts';

export function reasonsThere(
  one: MovableGuest,
  here: MigrationHost,
  partner: Partner,
  isDeclaredShared: (path: string) => boolean,
): readonly Reason[] {
  const { hardware } = one;
  if (hardware === null) return [];
  const seen = new Set<string>();
  const disks = hardware.disks.filter(({ path }) => path !== null && !seen.has(path) && seen.add(path));
  return [
    ...(here.cpu.ok ? cpuReasons(one, here.cpu.value, partner) : []),
    ...disks.flatMap((disk) => diskThere(disk, here, partner, isDeclaredShared)),
    ...hardware.networks.flatMap(({ kind, name }) =>
      kind === 'network'
        ? missing('network', name, partner.networks, partner)
        : missing(kind, name, partner.devices, partner),
    ),
    ...machine(one, partner),
    ...definition(one, partner),
  ];
}

function diskThere(
  disk: GuestDisk,
  here: MigrationHost,
  partner: Partner,
  isDeclaredShared: (path: string) => boolean,
): Reason[] {
  const path = disk.path ?? '';
  const own = here.storage.places.get(path);
  const far = partner.storage.places.get(path);
  if (own === undefined || far === undefined) return [];
  // That it is local here is said already.
  if (!isDeclaredShared(path) && sharingOf(own, here.storage).isShared !== true) return [];
  const kind = disk.device === 'disk' ? 'disk' : 'image';
  const word = disk.device === 'cdrom' ? 'ISO' : disk.device;
  if (!far.there.ok) {
    const { why } = far.there;
    if (why === 'absent') return [{ kind, text: `${word} ${path} not there on ${partner.name}` }];
    if (why !== 'denied') {
      const text = `cannot tell whether ${partner.name} has its ${word}: ${inWords(far.there)}`;
      return [{ kind: 'unseen', text, timedOut: why === 'timedOut' }];
    }
  }
  if (isDeclaredShared(path)) return [];
  const there = sharingOf(far, partner.storage);
  if (there.isShared === false) {
    return [{ kind, text: `${word} ${path} local on ${partner.name}`, detail: [`there: ${there.on}`] }];
  }
  const numbers = [own.there, far.there].map((one) =>
    one.ok && one.value.type === 'file' ? one.value.inode : null,
  );
  const isSameFile = numbers[0] === null || numbers[1] === null || numbers[0] === numbers[1];
  const isNumbered = [own, far].every(({ mount }) => NUMBERED.test(mount?.type ?? ''));
  if (isSameFile || !isNumbered) return [];
  return [{ kind, text: `${word} ${path} another file on ${partner.name}`, detail: [`there: ${there.on}`] }];
}

/** File systems whose inode numbers are the server's or the cluster's, the same on all hosts. */
const NUMBERED = /^(?:nfs4?|ceph|gfs2?|ocfs2)$/;

function missing(
  kind: 'bridge' | 'device' | 'network',
  name: string,
  known: Reading<readonly string[]>,
  partner: Partner,
): Reason[] {
  // That it is not known is said of the partner once.
  if (!known.ok || known.value.includes(name)) return [];
  const word = kind === 'device' ? 'network device' : kind;
  return [{ kind: 'network', text: `${word} ${name} missing on ${partner.name}` }];
}

function machine({ hardware }: MovableGuest, { machines, name }: Partner): Reason[] {
  const type = hardware?.machine ?? null;
  if (type === null || !machines.ok || machines.value.has(type)) return [];
  return [
    {
      kind: 'machine',
      text: `machine type ${type} not known on ${name}`,
      repair: { how: 'Bring qemu to the same version on both hosts', commands: [] },
    },
  ];
}

function definition({ guest, definition: own }: MovableGuest, { guests, name }: Partner): Reason[] {
  const { found = [], unread = [] } = guests.definitions ?? {};
  const namesake = found.find((one) => one.name === guest.name);
  const same = found.find((one) => one.uuid !== null && one.uuid === guest.uuid) ?? namesake;
  if (
    namesake !== undefined &&
    guest.uuid !== null &&
    namesake.uuid !== null &&
    namesake.uuid !== guest.uuid
  ) {
    return [
      {
        kind: 'definition',
        text: `another ${guest.name} defined on ${name}`,
        detail: [`uuid ${namesake.uuid} there, ${guest.uuid} here`],
      },
    ];
  }
  if (own === null) return [];
  if (same === undefined) {
    return unread.length > 0 ? [] : [{ kind: 'undefined', text: `not defined on ${name}` }];
  }
  const differing = differences(own.domain, same.domain);
  if (differing.length === 0) return [];
  return [
    {
      kind: 'differs',
      text: `defined otherwise on ${name}: ${differing.join(', ')}`,
      detail: [`${own.source} here`, `${same.source} there`],
      repair: sync(guest.name),
    },
  ];
}

function sync(name: string): Repair {
  const quoted = shellQuote(name);
  return {
    how: 'Make both definitions the same',
    commands: [`virsh dumpxml --inactive ${quoted}`, `virsh edit ${quoted}`],
  };
}

/** In the words of the definition; what a migration or an edit may change without harm is not compared. */
function differences(a: DomainDefinition, b: DomainDefinition): readonly string[] {
  const parts: Readonly<Record<string, (one: DomainDefinition) => unknown>> = {
    name: ({ name }) => name,
    type: ({ type }) => type,
    CPU: ({ cpu }) => cpu,
    timer: ({ tscTimerHz }) => tscTimerHz,
    arguments: ({ qemuArgs }) => qemuArgs,
    machine: ({ hardware }) => hardware.machine,
    memory: ({ hardware }) => hardware.memoryBytes,
    disks: ({ hardware }) => hardware.disks,
    networks: ({ hardware }) => hardware.networks,
    devices: ({ hardware }) => hardware.obstacles,
  };
  return Object.entries(parts)
    .filter(([, part]) => JSON.stringify(part(a)) !== JSON.stringify(part(b)))
    .map(([word]) => word);
}
