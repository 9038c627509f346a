/** Which mounted file systems can hang: they have a server, on the network or in user space, that may not answer. */
import { readFileSync } from 'node:fs';

import { mountAbove, plain } from '../parsers/mountinfo.ts';

/** Those with a server, or (the last row) those that show what another machine's file system holds. */
const NEED_A_SERVER = words(
  'nfs nfs4 cifs smb3 smbfs ncpfs ceph 9p virtiofs autofs afs coda lustre gpfs beegfs panfs orangefs pvfs2 ' +
    'gfs2 ocfs2 fuse fuseblk vboxsf vmhgfs prl_fs',
);

/** Those that lie on other directories, and answer when these do. */
const STACKED = words('overlay ecryptfs');

export interface Mount {
  readonly point: string;
  readonly type: string;
  /** Whether a system call on it may wait for somebody who does not answer. */
  readonly needsServer: boolean;
}

/** All mounts of /proc/self/mountinfo (proc_pid_mountinfo(5)), in its order. */
export function parseMountinfo(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  const layers = new Map<Mount, readonly string[]>();
  for (const line of text.split('\n')) {
    const [left, right] = line.split(' - ', 2);
    const point = left?.split(' ')[4];
    const [type, source = '', options = ''] = right?.split(' ') ?? [];
    if (point === undefined || type === undefined) continue;
    const needsServer = NEED_A_SERVER.has(type) || type.startsWith('fuse.');
    const mount = { point: plain(point), type, needsServer };
    mounts.push(mount);
    if (STACKED.has(type)) layers.set(mount, layersOf(source, options));
  }
  return layers.size === 0 ? mounts : withStacked(mounts, layers);
}

/** overlay says its directories in its options (ovl_show_options in fs/overlayfs/params.c), ecryptfs is mounted from its. */
function layersOf(source: string, options: string): readonly string[] {
  const directories = plain(options)
    .split(/,(?=[a-z]+\+?=)/)
    .flatMap(
      (option) => /^(?:lowerdir|upperdir|datadir)\+?=(.*)$/s.exec(option)?.[1]?.split(/(?<!\\):/) ?? [],
    );
  return [plain(source), ...directories].filter((path) => path.startsWith('/'));
}

/** One that lies on another may itself lie on a third: the lower ones were mounted before it. */
function withStacked(
  mounts: readonly Mount[],
  layers: ReadonlyMap<Mount, readonly string[]>,
): readonly Mount[] {
  const known: Mount[] = [];
  for (const mount of mounts) {
    const needsServer = (layers.get(mount) ?? []).some(
      (path) => mountAbove(path, known)?.needsServer === true,
    );
    known.push({ ...mount, needsServer: mount.needsServer || needsServer });
  }
  return known;
}

function matters(line: string): boolean {
  const start = line.indexOf(' - ') + 3;
  const type = line.slice(start, line.indexOf(' ', start));
  return NEED_A_SERVER.has(type) || STACKED.has(type) || type.startsWith('fuse.');
}

/**
 * The mounts that a process sees, by default this one's; none where none of them needs a server, as on most hosts: then no path has
 * to be examined.
 */
export function mountsThatMatter(pid = 'self'): readonly Mount[] {
  try {
    const text = readFileSync(`/proc/${pid}/mountinfo`, 'utf8');
    // Looked for before the lines are taken apart: there can be thousands, and every check would do it.
    if (!text.split('\n').some(matters)) return [];
    const mounts = parseMountinfo(text);
    return mounts.some(({ needsServer }) => needsServer) ? mounts : [];
  } catch {
    // Without /proc there is nothing to look at either; each question will say so itself.
    return [];
  }
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
