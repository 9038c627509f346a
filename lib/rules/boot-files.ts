/** Whether /boot holds what the newest kernel needs, and has room for more. */
import type { BootFile, InstalledKernel, InstalledKernels, KernelFacts } from '../facts/kernels.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { inUnits } from '../report/units.ts';

type BootFinding = Finding<'boot'>;

const IMAGE = /^(?:vmlinu[xz]|kernel|Image)-(.+)/;
/** Debian; RHEL, Arch; SUSE. */
const INITRDS = [/^initrd\.img-(.+)/, /^initramfs-(.+)\.img$/, /^initrd-(.+)/];

interface Files {
  readonly images: ReadonlyMap<string, number>;
  readonly initrds: ReadonlyMap<string, number>;
}

/** Sizes by release; a link that leads nowhere, and a file of nothing, is no file. */
function sortFiles(files: readonly BootFile[]): Files {
  const images = new Map<string, number>();
  const initrds = new Map<string, number>();
  for (const { name, stat } of files) {
    // What could not be looked at may be whole: taken for there.
    const bytes = stat.ok ? stat.value.sizeBytes : stat.why === 'absent' ? 0 : 1;
    if (bytes === 0) continue;
    const image = IMAGE.exec(name)?.[1];
    const initrd = INITRDS.flatMap((pattern) => pattern.exec(name)?.[1] ?? [])[0];
    if (image !== undefined) images.set(image, bytes);
    else if (initrd !== undefined) initrds.set(initrd, bytes);
  }
  return { images, initrds };
}

/** What the other kernels have in /boot, the newest needs too. */
export function filesOf(
  newest: InstalledKernel,
  { found, source }: InstalledKernels,
  files: readonly BootFile[],
): readonly BootFinding[] {
  const { images, initrds } = sortFiles(files);
  const { release } = newest;
  const has = (map: ReadonlyMap<string, number>): boolean => found.some((kernel) => map.has(kernel.release));
  // In every package of a kernel for dpkg there is an image in /boot.
  if (source === 'dpkg' && images.size === 0) {
    const text = 'holds no kernel, though packages have brought some: its file system may not be mounted';
    return [{ kind: 'boot', subject: '/boot', text }];
  }
  if (!images.has(release) && (has(images) || source === 'dpkg')) {
    const repair = newest.package === null ? {} : { repair: reinstall(newest.package, release, source) };
    return [
      {
        kind: 'boot',
        subject: release,
        text: 'the newest kernel has no image in /boot, others have',
        ...repair,
      },
    ];
  }
  if (initrds.has(release) || !has(initrds) || !images.has(release)) return [];
  const commands =
    source === 'dpkg'
      ? [`update-initramfs -c -k ${shellQuote(release)}`]
      : source === 'rpm'
        ? [`dracut --force --kver ${shellQuote(release)}`]
        : [];
  return [
    {
      kind: 'boot',
      subject: release,
      text: 'the newest kernel has no initrd in /boot where the others have one: it may not find its disks',
      repair: { how: 'Make the initrd, and see why it was not made', commands },
    },
  ];
}

function reinstall(name: string, release: string, source: InstalledKernels['source']): Repair {
  // Of the families with rpm only SUSE leaves its own mark out of the release, and has another tool.
  const ofRpm = /\.(?:el|fc|amzn)[0-9]/.test(release) ? 'dnf reinstall' : 'zypper install --force';
  return {
    how: 'Install the package again',
    commands: [`${source === 'dpkg' ? 'apt-get install --reinstall' : ofRpm} ${shellQuote(name)}`],
  };
}

/** A new initrd is written beside the old one (update-initramfs, dracut), and every security update may make one. */
export function spaceFor(
  { release }: InstalledKernel,
  files: readonly BootFile[],
  { boot, installed }: KernelFacts,
): readonly BootFinding[] {
  if (!boot.space.ok) return [];
  const { images, initrds } = sortFiles(files);
  const needed = initrds.get(release) ?? Math.max(0, ...initrds.values(), ...images.values());
  // They run as root, who may use what is kept for him.
  const { free, blockBytes, filesFree, files: inodes } = boot.space.value;
  const left = free * blockBytes;
  const repair = {
    how: 'Remove kernels that are not needed any more',
    commands: installed?.source === 'dpkg' ? ['apt-get autoremove --purge'] : [],
  };
  if (inodes > 0 && filesFree === 0)
    return [{ kind: 'boot', subject: '/boot', text: 'is full, there are no inodes left' }];
  if (left >= needed) return [];
  const text = `has ${inUnits('B', left)} left, an initrd needs ${inUnits('B', needed)}: the next update fails`;
  return [{ kind: 'boot', subject: '/boot', text, repair }];
}
