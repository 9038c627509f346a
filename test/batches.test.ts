/** How many times a check goes to a machine and back over SSH, counted on every recorded host: at most four. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { valuesOf } from '../lib/cli/arguments.ts';
import { tableOf } from '../lib/cli/command-line.ts';
import type { Answers, Want } from '../lib/host/ask.ts';
import type { AskOptions, Clock, Host, Identity } from '../lib/host/host.ts';
import { MergingHost } from '../lib/host/merging.ts';
import { LAST_LINE } from '../lib/host/recording.ts';
import { openMachines } from '../lib/host/recordings.ts';
import { failed, found } from '../lib/reading.ts';
import { plugins } from '../plugins/index.ts';
import { definition, uuidOf } from './guest-host.ts';
import {
  disk,
  guest,
  migrationHosts,
  NFS_DEVICE,
  NFS_MOUNT,
  type MigrationHostParts,
} from './migration-host.ts';

const MOST = 4;

/** A second look is one more: it is made only when the first calls for it. */
class Counted implements Host {
  batches = 0;
  looks = 0;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if ((options.afterSeconds ?? 0) > 0) this.looks += 1;
    // Who asks nothing is answered without going there, once somebody was.
    else if (Object.keys(want).length > 0) this.batches += 1;
    return await this.#host.ask(want, options);
  }
}

const folder = join(dirname(fileURLToPath(import.meta.url)), 'recordings');

async function count(name: string, text: string): Promise<number> {
  const plugin = (await plugins[name]?.())?.default;
  const { first, others } = openMachines(text, name);
  if (!first.ok || plugin === undefined) throw new Error(`${name}: ${first.ok ? 'no check' : first.detail}`);
  const own = new Counted(first.value);
  const counted = [own];
  const options = { ...valuesOf(new Map(), tableOf(plugin)), partner: [...others.keys()] };
  await plugin.gather(new MergingHost(own), options as never, (destination) => {
    const other = others.get(destination);
    if (other?.ok !== true) return Promise.resolve(failed('unreachable', destination, 'not recorded'));
    const one = new Counted(other.value);
    counted.push(one);
    return Promise.resolve(found(new MergingHost(one)));
  });
  return Math.max(...counted.map(({ batches }) => batches));
}

describe.each(Object.keys(plugins))('%s', (name) => {
  const recordings = readdirSync(join(folder, name)).filter((file) => file.endsWith('.txt'));
  it('asks every recorded host in few batches', async () => {
    const counts: Record<string, number> = {};
    for (const file of recordings) {
      counts[file] = await count(name, readFileSync(join(folder, name, file), 'utf8'));
    }
    expect(recordings.length).toBeGreaterThan(0);
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
