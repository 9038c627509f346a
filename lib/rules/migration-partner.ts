/** Why a guest cannot move to one certain partner, which would be no reason on its own host. */
import type { Definition } from '../facts/definitions.ts';
import type { MigrationHost, MovableGuest } from '../facts/migration.ts';
import type { Partner } from '../facts/partner.ts';
import type { Place } from '../facts/storage.ts';
import type { GuestDisk, GuestHardware } from '../parsers/guest-hardware.ts';
import type { DomainDefinition } from '../parsers/domain-xml.ts';
import { inWords, type Failure, type Reading } from '../reading.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { cpuReasons } from './migration-cpu.ts';
import type { Reason } from './migration.ts';
import { onProxmox, storagesThere } from './migration-proxmox.ts';
import { sharingOf } from './shared-storage.ts';

export function reasonsThere(
  one: MovableGuest,
  here: MigrationHost,
  partner: Partner,
  isDeclaredShared: (path: string) => boolean,
): readonly Reason[] {
  const { hardware } = one;
  if (hardware === null) return [];
  const isXen = one.guest.xen !== undefined;
  if (isXen !== (partner.guests.isXen === true)) return [otherHypervisor(isXen, partner)];
  const proxmox = onProxmox(one, here);
  const disks = hardware.disks.filter(
    ({ path }, index, all) => all.findIndex((other) => other.path === path) === index,
  );
  return [
    ...(here.cpu?.ok === true ? cpuReasons(one, here.cpu.value, partner) : []),
    ...(proxmox === null
      ? disks.flatMap((disk) => diskThere(disk, here, partner, isDeclaredShared))
      : storagesThere(proxmox, partner)),
    ...hardware.networks.flatMap(({ kind, name }) =>
      kind === 'network'
        ? missing('network', name, partner.networks, partner)
        : missing(kind, name, partner.devices, partner),
    ),
    ...machine(hardware, partner),
    ...definition(one, partner),
  ];
}

function otherHypervisor(isXen: boolean, { name }: Partner): Reason {
  return { kind: 'machine', text: isXen ? `no Xen on ${name}` : `Xen on ${name}, no KVM` };
}

function diskThere(
  disk: GuestDisk,
  here: MigrationHost,
  partner: Partner,
  isDeclaredShared: (path: string) => boolean,
): Reason[] {
  const own = here.storage.places.get(disk.path ?? '');
  const far = partner.storage.places.get(disk.path ?? '');
  // Over the network, by a driver of qemu's own.
  if (own === undefined || far === undefined) return [];
  const { path } = own;
  const isDeclared = isDeclaredShared(path);
  // That it is local here is said already.
  if (!isDeclared && sharingOf(own, here.storage).isShared !== true) return [];
  const reason = (text: string, detail: readonly string[] = []): Reason[] => [
    { kind: disk.device === 'disk' ? 'disk' : 'image', text: `${wordFor(disk)} ${path} ${text}`, detail },
  ];
  const absent = !far.there.ok && far.there.why === 'absent';
  if (absent) return reason(`not there on ${partner.name}`);
  if (!far.there.ok && far.there.why !== 'denied') return [cannotTell(disk, far, partner, far.there)];
  if (isDeclared) return [];
  const there = sharingOf(far, partner.storage);
  if (there.isShared === null) return [cannotTell(disk, far, partner, partner.storage.unread[0] ?? there.on)];
  if (!there.isShared) return reason(`local on ${partner.name}`, [`there: ${there.on}`]);
  return isOther(own, far) ? reason(`another file on ${partner.name}`, [`there: ${there.on}`]) : [];
}

function wordFor({ device }: GuestDisk): string {
  return device === 'cdrom' ? 'ISO' : device;
}

function cannotTell(disk: GuestDisk, { path }: Place, { name }: Partner, because: Failure | string): Reason {
  const isFailure = typeof because !== 'string';
  const why = isFailure ? inWords(because) : because;
  const text = `cannot tell whether ${name} has its ${wordFor(disk)} ${path}: ${why}`;
  return { kind: 'unseen', text, timedOut: isFailure && because.why === 'timedOut' };
}

/** Whether two files of the same path are surely not the same. */
function isOther(own: Place, far: Place): boolean {
  const inode = ({ there, mount }: Place): number | null =>
    there.ok && there.value.type === 'file' && NUMBERED.test(mount?.type ?? '') ? there.value.inode : null;
  const [here, there] = [inode(own), inode(far)];
  return here !== null && there !== null && here !== there;
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

function machine({ machine: type }: GuestHardware, { machines, name }: Partner): Reason[] {
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
  // Of one cluster there is one set of definitions, and each moves with its guest.
  if (own?.proxmox !== undefined) return [];
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
  const differing = differences(own, same);
  if (differing.length === 0) return [];
  return [
    {
      kind: 'differs',
      text: `defined otherwise on ${name}: ${differing.join(', ')}`,
      detail: [`${own.source} here`, `${same.source} there`],
      repair: sync(own, guest.name),
    },
  ];
}

function sync({ xen }: Definition, name: string): Repair {
  const quoted = shellQuote(name);
  return {
    how: 'Make both definitions the same',
    commands: xen === undefined ? [`virsh dumpxml --inactive ${quoted}`, `virsh edit ${quoted}`] : [],
  };
}

/** In the words of the definition; what a migration or an edit may change without harm is not compared. */
function differences(a: Definition, b: Definition): readonly string[] {
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
  const differing = Object.entries(parts)
    .filter(([, part]) => JSON.stringify(part(a.domain)) !== JSON.stringify(part(b.domain)))
    .map(([word]) => word);
  const ofXen = ({ xen }: Definition) => [
    xen?.isNoMigrate,
    xen?.cpuidInvtsc,
    xen?.isTscEmulated,
    xen?.isCpuidSet,
  ];
  return JSON.stringify(ofXen(a)) === JSON.stringify(ofXen(b)) ? differing : [...differing, 'CPU'];
}
