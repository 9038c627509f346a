import { describe, expect, it } from 'vitest';

import { parseMountinfo } from '../../lib/host/mounts.ts';
import { mountAbove } from '../../lib/parsers/mountinfo.ts';

// Recorded on Debian 12, the nfs4 line and those from 70 on hand-made after show_mountinfo in
// fs/proc_namespace.c and ovl_show_options in fs/overlayfs.
const MOUNTINFO = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
60 22 0:50 / /srv/nova\\040disks rw,relatime shared:30 - nfs4 filer:/nova rw,vers=4.2,hard
61 22 0:51 / /mnt rw - fuse.bindfs source rw,user_id=0
62 61 254:1 / /mnt/local rw - xfs /dev/vdb rw
70 22 0:70 / /var/lib/merged rw - overlay overlay rw,lowerdir=/opt/base:/mnt/lower,upperdir=/var/up,workdir=/var/work
71 22 0:71 / /var/lib/plain rw - overlay overlay rw,lowerdir=/opt/base,upperdir=/var/up,workdir=/var/work
72 22 0:72 / /var/lib/onto rw - overlay overlay rw,lowerdir+=/opt/base,lowerdir+=/var/lib/merged/x
73 22 0:73 / /home/secret rw - ecryptfs /mnt/crypt rw,ecryptfs_cipher=aes
74 22 0:74 / /media/shared rw - vboxsf shared rw
`;

describe('the mount of a path', () => {
  const mounts = parseMountinfo(MOUNTINFO);

  it.each([
    ['/etc/passwd', 'ext4', false],
    ['/proc/1', 'proc', false],
    ['/srv/nova disks/_base', 'nfs4', true],
    ['/srv/nova disks', 'nfs4', true],
    ['/srv/nova', 'ext4', false],
    ['/mnt', 'fuse.bindfs', true],
    ['/mnt/x', 'fuse.bindfs', true],
    ['/mnt/local/x', 'xfs', false],
    ['/mntx', 'ext4', false],
    ['/var/lib/merged/x', 'overlay', true],
    ['/var/lib/plain/x', 'overlay', false],
    ['/var/lib/onto', 'overlay', true],
    ['/home/secret', 'ecryptfs', true],
    ['/media/shared', 'vboxsf', true],
  ])('%s is on %s, needs a server: %s', (path, type, isServed) => {
    const mount = mountAbove(path, mounts);
    expect(mount?.type).toBe(type);
    expect(mount?.needsServer).toBe(isServed);
  });

  it('is the last one where several are mounted on the same point', () => {
    const twice = parseMountinfo(`${MOUNTINFO}63 22 0:60 / /proc rw - tmpfs tmpfs rw\n`);
    expect(mountAbove('/proc/1', twice)?.type).toBe('tmpfs');
  });

  it('is not known where nothing is mounted', () => {
    expect(parseMountinfo('garbage\n\n - x\n')).toEqual([]);
    expect(mountAbove('/', [])).toBeNull();
  });
});
