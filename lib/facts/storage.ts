/**
 * Where the disks of guests lie: on a file system or a block device, and whether another host reaches the same.
 *
 * Nothing of a disk is opened. Its file system is known from st_dev and the mounts, a block device from its name in /sys and
 * the devices that it is made of.
 */
import { bytes, each, head, link, list, stat, type Ask, type Content, type Stat } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { mountAbove, parseMountinfo, type MountLine } from '../parsers/mountinfo.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';

/** What a path of the host is. */
export interface Place {
  readonly path: string;
  /** What is there; the failure where it could not be looked at, `absent` where nothing is. */
  readonly there: Reading<Stat>;
  /** The file system it lies on, or that of the device file's folder; null: not known. */
  readonly mount: MountLine | null;
  /** The kernel's name of the block device: `drbd0`, `dm-3`; null: it is none, as far as can be seen. */
  readonly device: string | null;
}

/** A block device of the kernel's. */
export interface BlockDevice {
  readonly name: string;
  /** Where it hangs: `../../devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sdb`; '' where not known. */
  readonly bus: string;
  /** The devices that it is made of. */
  readonly slaves: readonly string[];
  /** device mapper's name, `vg0-swap`; null: no such device. */
  readonly mapped: string | null;
}

export interface Storage {
  readonly places: ReadonlyMap<string, Place>;
  readonly devices: ReadonlyMap<string, BlockDevice>;
  /** Mounts or devices, where they could not be read. */
  readonly unread: readonly Failure[];
}

const MAX_MOUNTINFO_BYTES = 4 * 1024 * 1024;

export async function gatherStorage(host: Host, paths: readonly string[]): Promise<Storage> {
  const wanted = [...new Set(paths)].filter((path) => path.startsWith('/')).sort();
  if (wanted.length === 0) return { places: new Map(), devices: new Map(), unread: [] };
  const questions: Record<string, Ask<Reading<Stat>> | Ask<Reading<string>>> = {};
  for (const [index, path] of wanted.entries()) {
    questions[`stat${index}`] = stat(path, { follow: true });
    questions[`link${index}`] = link(path);
  }
  const answers = await host.ask({
    mounts: bytes('/proc/self/mountinfo', MAX_MOUNTINFO_BYTES),
    blocks: each('/sys/class/block/*', {
      bus: link(''),
      slaves: list('slaves'),
      mapped: head('dm/name', 256),
    }),
    ...questions,
  });
  const mounts = mountsOf(answers.mounts);
  const devices = new Map<string, BlockDevice>();
  for (const { path, bus, slaves, mapped } of answers.blocks.ok ? answers.blocks.value.found : []) {
    const name = baseName(path);
    devices.set(name, {
      name,
      bus: bus.ok ? bus.value : '',
      slaves: slaves.ok ? slaves.value : [],
      mapped: mapped.ok ? decodeUtf8(mapped.value.bytes).trim() : null,
    });
  }
  const others = answers as Readonly<Record<string, unknown>>;
  const places = wanted.map((path, index): [string, Place] => {
    const there = others[`stat${index}`] as Reading<Stat>;
    const points = others[`link${index}`] as Reading<string>;
    const target = points.ok ? points.value : path;
    return [path, placeOf(path, target, there, mounts.ok ? mounts.value : [], devices)];
  });
  return {
    places: new Map(places),
    devices,
    unread: [
      ...(mounts.ok ? [] : [mounts]),
      ...(answers.blocks.ok ? answers.blocks.value.unlisted : [answers.blocks]),
    ],
  };
}

function mountsOf(read: Reading<Content>): Reading<readonly MountLine[]> {
  if (!read.ok) return read;
  try {
    return found(parseMountinfo(decodeUtf8(read.value.bytes)));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', '/proc/self/mountinfo', error.message);
  }
}

function placeOf(
  path: string,
  target: string,
  there: Reading<Stat>,
  mounts: readonly MountLine[],
  devices: ReadonlyMap<string, BlockDevice>,
): Place {
  // The number tells where a file really lies, whatever links lead there; where several mounts have it (bind mounts), they
  // are of the same file system.
  const byNumber = there.ok ? mounts.filter(({ device }) => device === there.value.device) : [];
  const above = mountAbove(path, mounts);
  const mount = byNumber.includes(above ?? NO_MOUNT) ? above : (byNumber[0] ?? above);
  const isBlock = there.ok ? there.value.type === 'block' : path.startsWith('/dev/');
  return { path, there, mount, device: isBlock ? deviceOf(path, target, devices) : null };
}

const NO_MOUNT: MountLine = { device: -1, point: '', type: '', source: '' };

/** udev's links lead to the kernel's name; without udev device mapper's name is that of the file. */
function deviceOf(path: string, target: string, devices: ReadonlyMap<string, BlockDevice>): string | null {
  const name = baseName(target);
  if (devices.has(name)) return name;
  const [, group, volume] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const doubled = (text = ''): string => text.replaceAll('-', '--');
  const mapped = [name, baseName(path), `${doubled(group)}-${doubled(volume)}`];
  const byMapper = [...devices.values()].find((one) => one.mapped !== null && mapped.includes(one.mapped));
  return byMapper?.name ?? null;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
