/** How many times a check goes to a machine and back over SSH, counted on every recorded host: at most four. */
import { describe, expect, it } from 'vitest';

import { LAST_LINE } from '../lib/host/recording.ts';
import { plugins } from '../plugins/index.ts';
import { askedIn } from './asked.ts';
import { definition, uuidOf } from './guest-host.ts';
import {
  disk,
  guest,
  migrationHosts,
  NFS_DEVICE,
  NFS_MOUNT,
  type MigrationHostParts,
} from './migration-host.ts';
import { recorded, recordingsOf } from './recordings.ts';

const MOST = 4;

async function count(name: string, text: string): Promise<number> {
  return Math.max(...(await askedIn(name, text)).map(({ batches }) => batches));
}

describe.each(Object.keys(plugins))('%s', (name) => {
  it('asks every recorded host in few batches', async () => {
    const counts: Record<string, number> = {};
    for (const one of recordingsOf(name)) counts[one] = await count(name, recorded(name, one));
    expect(Object.keys(counts), `test/recordings/${name} holds no recording`).not.toEqual([]);
    expect(Object.entries(counts).filter(([, batches]) => batches > MOST)).toEqual([]);
  });
});

describe('as a user whom libvirt must tell what the guests are', () => {
  const xml = definition('a', "<cpu mode='host-passthrough'/>");
  const one = (name: string): MigrationHostParts => ({
    uid: 1000,
    qemu: { 7: guest(name, '-cpu', 'Haswell', '-chardev', 'socket,id=charmonitor', ...disk('/srv/nfs/a')) },
    definitions: 'denied',
    snapshots: 'denied',
    mounts: [NFS_MOUNT],
    files: { '/srv/nfs/a': { device: NFS_DEVICE } },
    virsh: {
      'list --all --uuid': { out: `${uuidOf('a')}\n` },
      [`dumpxml --inactive ${uuidOf('a')}`]: { out: xml },
    },
  });
  it.each(['check_guest_migration', 'check_invtsc'])('%s asks in as few', async (name) => {
    const batches = await count(
      name,
      [...migrationHosts(one('a'), { jill: one('b') }), LAST_LINE, ''].join('\n'),
    );
    // The list of guests, their definitions, and what their disks lie on come one after the other.
    expect(batches).toBeGreaterThan(2);
    expect(batches).toBeLessThanOrEqual(MOST);
  });
});
