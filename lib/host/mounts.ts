/** Which mounted file systems can hang: they have a server, on the network or in user space, that may not answer. */
import { readFileSync } from 'node:fs';

const NEED_A_SERVER = new Set(
  (
    'nfs nfs4 cifs smb3 smbfs ncpfs ceph 9p virtiofs autofs afs coda lustre gpfs beegfs panfs orangefs ' +
    'gfs2 ocfs2 fuse fuseblk'
  ).split(' '),
);

export interface Mount {
  readonly point: string;
  readonly type: string;
}

/** All mounts of /proc/self/mountinfo (proc_pid_mountinfo(5)), in its order. */
export function parseMountinfo(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [left, right] = line.split(' - ', 2);
    const point = left?.split(' ')[4];
    const type = right?.split(' ', 1)[0];
    if (point !== undefined && type !== undefined) mounts.push({ point: unescape(point), type });
  }
  return mounts;
}

/** Blank, tab, newline and backslash are written as three octal digits there (fs/proc_namespace.c, mangle). */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The mount that a real path lies on: the longest mount point above it, the last mounted of the same. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const above = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    if (above && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}

export function needsServer(mount: Mount): boolean {
  return NEED_A_SERVER.has(mount.type) || mount.type.startsWith('fuse.');
}

export function readMounts(): readonly Mount[] {
  try {
    return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  } catch {
    // Without /proc there is nothing to look at either; each question will say so itself.
    return [];
  }
}
