/**
 * Since when dpkg's kernels have been there. Asked only of those that are: dpkg keeps thousands of files about its packages in one
 * directory, and to list it was a third of what a run costs.
 */
import { each, lines, stat, type AnswerOf } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseInstalled } from '../parsers/dpkg-log.ts';
import { releaseOfDpkg } from '../parsers/kernel-release.ts';
import { Batch } from './batch.ts';
import type { InstalledKernel, Installation, KernelFacts } from './kernels.ts';

const MAX_LOG_LINES = 1024 * 1024;
const LOG = each('/var/log/dpkg.log*', {
  debian: lines('', ' status installed linux-image-', MAX_LOG_LINES),
  proxmox: lines('', '-pve', MAX_LOG_LINES),
});

export type Dates = Pick<KernelFacts, 'history' | 'isHistoryWhole'>;

/** The kernels, each with the time at which dpkg has unpacked its package: then it writes the list of the package's files. */
export async function datedKernels(
  host: Host,
  kernels: readonly InstalledKernel[],
): Promise<Dates & { readonly found: readonly InstalledKernel[] }> {
  const batch = new Batch();
  const log = batch.add(LOG);
  const lists = kernels.map(({ package: name }) => batch.add(stat(`/var/lib/dpkg/info/${name ?? ''}.list`)));
  await batch.send(host);
  const found = kernels.map((kernel, index) => {
    const list = lists[index]?.();
    return { ...kernel, installedAt: list?.ok === true ? list.value.modifiedAt : null };
  });
  return { found, ...historyOf(log()) };
}

/** What the logs of dpkg say about kernels. They go back some months; older ones are compressed, and not read. */
function historyOf(log: AnswerOf<typeof LOG>): Dates {
  const files = log.ok ? log.value.found.filter(({ path }) => !/\.(?:gz|xz|bz2|zst)$/.test(path)) : [];
  const history = files
    .flatMap(({ debian, proxmox }) => [debian, proxmox])
    .flatMap((reading) => (reading.ok ? reading.value : []))
    .flatMap((line): Installation[] => {
      const installed = parseInstalled(line);
      const release = installed === null ? null : releaseOfDpkg(installed.name);
      return installed === null || release === null
        ? []
        : [{ release, version: installed.version, at: installed.at }];
    });
  const isRead = files.every(({ debian, proxmox }) => debian.ok && proxmox.ok);
  return { history, isHistoryWhole: log.ok && log.value.unlisted.length === 0 && files.length > 0 && isRead };
}
