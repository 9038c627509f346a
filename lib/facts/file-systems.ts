/** File systems by the magic number that statfs(2) tells (include/uapi/linux/magic.h, and the sources of those outside of it). */
import { statfs, type Statfs } from '../host/ask.ts';
import { failed, found, type Reading } from '../reading.ts';
import type { Batch } from './batch.ts';
import { folderOf } from './console-files.ts';
import type { Home, OpenLog } from './open-logs.ts';

export interface FileSystem {
  /** The name where it is shared between hosts or may be; null: a local one. */
  readonly shared: string | null;
  readonly sizeBytes: number;
  /** What users other than root can still write: the processes of guests are such users. */
  readonly availableBytes: number;
}

/** Those that several hosts can have mounted. FUSE is most often a cluster's or a network's (GlusterFS, sshfs). */
const SHARED: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x517b, 'smb'],
  [0x00c36400, 'ceph'],
  [0x65735546, 'fuse'],
  [0x01021997, '9p'],
  [0x01161970, 'gfs2'],
  [0x7461636f, 'ocfs2'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x5346414f, 'afs'],
  [0x73757245, 'coda'],
  [0x20030528, 'orangefs'],
  [0x19830326, 'beegfs'],
]);

export function fileSystemOf({ magic, blockBytes, blocks, available }: Statfs): FileSystem {
  return {
    // The magic number of cifs has the highest bit set, and some tools print it with a sign.
    shared: SHARED.get(magic >>> 0) ?? null,
    sizeBytes: blocks * blockBytes,
    availableBytes: available * blockBytes,
  };
}

/** @param files one on each device, by its number */
export function askFileSystems(
  batch: Batch,
  files: ReadonlyMap<number, string>,
  known: ReadonlyMap<number, FileSystem> = new Map(),
): () => ReadonlyMap<number, FileSystem> {
  const asked = new Map<number, () => Reading<Statfs>>();
  for (const [device, path] of files) {
    if (!known.has(device)) asked.set(device, batch.add(statfs(path)));
  }
  return () => {
    const systems = new Map(known);
    for (const [device, answer] of asked) {
      const reading = answer();
      if (reading.ok) systems.set(device, fileSystemOf(reading.value));
    }
    return systems;
  };
}

/**
 * The file systems of deleted logs, which must be known before an open file is looked at: that could hang. The folder may be
 * deleted too, so that those above it are asked as well.
 */
export function askHomes(batch: Batch, gone: readonly OpenLog[]): () => ReadonlyMap<OpenLog, Home> {
  const asked = gone.map((log) => {
    const parent = folderOf(log.path);
    const folders = [parent, folderOf(parent), folderOf(folderOf(parent))];
    return { log, answers: folders.map((folder) => batch.add(statfs(folder))) };
  });
  return () =>
    new Map(
      asked.map(({ log, answers }) => {
        const readings = answers.map((answer) => answer());
        const first = readings.find((reading) => reading.ok || reading.why !== 'absent');
        const home: Home =
          first?.ok === true
            ? found(fileSystemOf(first.value))
            : (first ?? failed('failed', log.link, 'its directory is not known here'));
        return [log, home];
      }),
    );
}
