/** Where console logs of guests are: the places of OpenStack, libvirt and Xen, and what guests name themselves. */
import { osloValue, parseOsloConfig } from '../parsers/oslo-config.ts';
import { qemuConsoleFiles, type QemuConsoleFile } from '../parsers/qemu-consoles.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import type { Content } from '../host/ask.ts';
import type { Reading } from '../reading.ts';
import type { DomainDefinition } from '../parsers/domain-xml.ts';
import type { Guests, RunningGuest } from './guests.ts';

/**
 * Directories with one folder per instance of OpenStack's nova (instances_path): packages, the snap openstack-hypervisor,
 * kolla's volume nova_compute under Docker and Podman.
 */
export const INSTANCES: readonly string[] = [
  '/var/lib/nova/instances',
  '/var/snap/openstack-hypervisor/common/lib/nova/instances',
  '/var/lib/docker/volumes/nova_compute/_data/instances',
  '/var/lib/containers/storage/volumes/nova_compute/_data/instances',
];

/** The name of the instance's folder that a file is in; null: it is in none. */
export function instanceOf(path: string, roots: readonly string[]): string | null {
  const end = path.lastIndexOf('/');
  const start = path.lastIndexOf('/', end - 1);
  return start > 0 && roots.includes(path.slice(0, start)) ? path.slice(start + 1, end) : null;
}

/** Of libvirt's drivers, each guest its file; of xenconsoled, of Xen's toolstack and device models, of XenServer. */
export const LOG_GLOBS: readonly string[] = [
  '/var/log/libvirt/*/*.log*',
  '/var/log/xen/*.log*',
  '/var/log/xen/console/*.log*',
  '/var/log/xen/guest/*',
];

/** Where nova's settings are: of packages, of kolla. */
export const NOVA_CONF: readonly string[] = ['/etc/nova/nova.conf', '/etc/kolla/nova-compute/nova.conf'];

/** The directory that a nova.conf names, where it is another than the usual ones; null else. */
export function instancesPathOf(conf: Reading<Content>): string | null {
  if (!conf.ok) return null;
  try {
    const files = [parseOsloConfig(decodeUtf8(conf.value.bytes))];
    const state = osloValue(files, 'DEFAULT', 'state_path') ?? '/var/lib/nova';
    const path = osloValue(files, 'DEFAULT', 'instances_path') ?? `${state}/instances`;
    const isUsable = /^\/[^*?$\n]+$/.test(path) && !INSTANCES.includes(path);
    return isUsable ? path.replace(/(?<!\/)\/+$/, '') : null;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}

/** A file that a guest's command line or definition names. */
export interface NamedLog {
  readonly path: string;
  readonly guest: string;
  readonly uuid: string | null;
  /** The process that has it on its command line, as a file of its own; null: only the definition names it. */
  readonly writer: { readonly pid: number; readonly appends: boolean } | null;
}

export function namedLogs({ running, definitions }: Guests): readonly NamedLog[] {
  return [
    ...running.flatMap((guest) => [
      ...filesOf(guest).map(({ path, appends }) => ({
        path,
        guest: guest.name,
        uuid: guest.uuid,
        writer: { pid: guest.pid, appends },
      })),
      ...(guest.live === null ? [] : logsOf(guest.live)),
    ]),
    ...(definitions?.found ?? []).flatMap(({ domain }) => logsOf(domain)),
  ];
}

function filesOf({ commandLine }: RunningGuest): readonly QemuConsoleFile[] {
  if (!commandLine.ok) return [];
  // Relative to a directory that the process alone knows: it is found by the open file.
  return qemuConsoleFiles(commandLine.value.options).filter(({ path, isFdset }) => !isFdset && isFile(path));
}

function logsOf({ name, uuid, consoles }: DomainDefinition): NamedLog[] {
  return consoles
    .flatMap(({ type, sourcePath, logPath }) => [type === 'file' ? sourcePath : null, logPath])
    .flatMap((path) => (path === null || !isFile(path) ? [] : [{ path, guest: name, uuid, writer: null }]));
}

function isFile(path: string): boolean {
  return path.startsWith('/') && !path.startsWith('/dev/') && !path.startsWith('/proc/');
}
