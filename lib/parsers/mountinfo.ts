/**
 * /proc/self/mountinfo: what is mounted where (proc_pid_mountinfo(5); show_mountinfo in fs/proc_namespace.c).
 *
 *     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *     99 27 0:58 / /srv/nfs rw,relatime shared:50 - nfs4 filer:/export rw,vers=4.2
 *
 * - Between the mount options and the ` - ` stand any number of optional fields.
 * - Blank, tab, newline and backslash in a path are written as three octal digits.
 * - The numbers are st_dev of the files below, but for those of btrfs, whose subvolumes have numbers of their own.
 */
import { FormatError } from './text.ts';

export interface MountLine {
  /** Major and minor number of the device, as stat(2) packs them. */
  readonly device: number;
  readonly point: string;
  readonly type: string;
  /** `/dev/sda1`, `filer:/export`, `none`. */
  readonly source: string;
}

export function parseMountinfo(text: string): readonly MountLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new FormatError('mountinfo', 'nothing is mounted');
  return lines.map((line, index) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , numbers = '', , point] = left.split(' ');
    const [type = '', source = '', options] = right.split(' ');
    const [, major, minor] = /^([0-9]{1,8}):([0-9]{1,8})$/.exec(numbers) ?? [];
    if (major === undefined || point === undefined || options === undefined)
      throw new FormatError(`mountinfo, line ${index + 1}`, 'not a mount', line);
    return {
      device: packed(Number(major), Number(minor)),
      point: plain(point),
      type,
      source: plain(source),
    };
  });
}

/** The encoding of st_dev that user space sees (new_encode_dev in include/linux/kdev_t.h). */
function packed(major: number, minor: number): number {
  return (minor & 0xff) + major * 256 + Math.floor(minor / 256) * 2 ** 20;
}

/** Blank, tab, newline and backslash are written as three octal digits there (fs/proc_namespace.c, mangle). */
export function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The mount that a path lies on as it is written: the longest mount point above it, the last mounted of the same. */
export function mountAbove<M extends { readonly point: string }>(
  path: string,
  mounts: readonly M[],
): M | null {
  let best: M | null = null;
  for (const mount of mounts) {
    const isAbove = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    if (isAbove && (best === null || mount.point.length >= best.point.length)) best = mount;
  }
  return best;
}
