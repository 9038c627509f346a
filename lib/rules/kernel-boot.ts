/** Whether the machine would come back from a reboot, and with the kernel that it should. */
import type { Boot, BootFile, InstalledKernel, InstalledKernels, KernelFacts } from '../facts/kernels.ts';
import { inWords } from '../reading.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { inUnits } from '../report/units.ts';
import { orderOf, type KernelView } from './kernel-view.ts';

type BootFinding = Finding<'boot' | 'boot-denied' | 'unseen'>;

/** @param view null: the running kernel is not known */
export function judgeBoot(facts: KernelFacts, view: KernelView | null): readonly BootFinding[] {
  const { installed, boot } = facts;
  if (installed === null) return [];
  const findings: BootFinding[] = [...unreadFindings(facts)];
  const kernels = view === null ? installed.found : view.same.length > 0 ? view.same : installed.found;
  const newest = [...kernels].sort((a, b) => orderOf(installed.source)(b.version, a.version))[0];
  findings.push(...installed.found.flatMap(brokenPackage));
  if (newest === undefined) return findings;
  if (boot.files.ok)
    findings.push(
      ...filesOf(newest, installed, boot.files.value),
      ...spaceFor(newest, boot.files.value, facts),
    );
  return [...findings, ...defaultOf(newest, installed, facts)];
}

function unreadFindings({ boot }: KernelFacts): readonly BootFinding[] {
  const findings: BootFinding[] = [];
  if (!boot.files.ok)
    findings.push({
      kind: 'unseen',
      subject: 'boot',
      text: inWords(boot.files),
      timedOut: boot.files.why === 'timedOut',
    });
  if (!boot.space.ok && boot.space.why !== 'absent') {
    findings.push({
      kind: 'unseen',
      subject: 'boot',
      text: inWords(boot.space),
      timedOut: boot.space.why === 'timedOut',
    });
  }
  for (const failure of boot.unread) {
    const isDenied = failure.why === 'denied';
    const text = `the kernel of the next boot is not known: ${inWords(failure)}`;
    findings.push({
      kind: isDenied ? 'boot-denied' : 'unseen',
      subject: 'boot',
      text,
      timedOut: failure.why === 'timedOut',
    });
  }
  return findings;
}

/** dpkg was interrupted, or a script of the package failed: often the one that makes the initrd. */
function brokenPackage({ package: name, broken }: InstalledKernel): readonly BootFinding[] {
  if (broken === null || name === null) return [];
  return [
    {
      kind: 'boot',
      subject: name,
      text: `is ${broken}: its installation has not come to its end`,
      repair: { how: 'Let dpkg finish, and look at what it says', commands: ['dpkg --configure -a'] },
    },
  ];
}

const IMAGE = /^(?:vmlinu[xz]|kernel|Image)-(.+)$/;
/** Debian; RHEL, Arch; SUSE. */
const INITRDS = [/^initrd\.img-(.+)$/, /^initramfs-(.+)\.img$/, /^initrd-(.+)$/];

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
function filesOf(
  newest: InstalledKernel,
  { found, source }: InstalledKernels,
  files: readonly BootFile[],
): readonly BootFinding[] {
  const { images, initrds } = sortFiles(files);
  const { release } = newest;
  const others = found.filter((kernel) => kernel.release !== release);
  const has = (map: ReadonlyMap<string, number>): boolean => others.some((kernel) => map.has(kernel.release));
  if (!images.has(release) && (has(images) || (source === 'dpkg' && images.size > 0))) {
    const repair = newest.package === null ? {} : { repair: reinstall(newest, source) };
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

function reinstall({ package: name }: InstalledKernel, source: InstalledKernels['source']): Repair {
  const how = 'Install the package again';
  if (name === null) return { how, commands: [] };
  return {
    how,
    commands: [
      source === 'dpkg'
        ? `apt-get install --reinstall ${shellQuote(name)}`
        : `dnf reinstall ${shellQuote(name)}`,
    ],
  };
}

/** A new initrd is written beside the old one (update-initramfs, dracut), and every security update may make one. */
function spaceFor(
  { release }: InstalledKernel,
  files: readonly BootFile[],
  { boot }: KernelFacts,
): readonly BootFinding[] {
  if (!boot.space.ok) return [];
  const { images, initrds } = sortFiles(files);
  const needed = initrds.get(release) ?? Math.max(0, ...initrds.values(), ...images.values());
  const { available, blockBytes, filesFree, files: inodes } = boot.space.value;
  const left = available * blockBytes;
  const repair = {
    how: 'Remove kernels that are not needed any more',
    commands: ['apt-get autoremove --purge'],
  };
  if (inodes > 0 && filesFree === 0)
    return [{ kind: 'boot', subject: '/boot', text: 'is full, there are no inodes left' }];
  if (needed === 0 || left >= needed) return [];
  const text = `has ${inUnits('B', left)} left, an initrd needs ${inUnits('B', needed)}: the next update fails`;
  return [{ kind: 'boot', subject: '/boot', text, ...(left >= 0 ? { repair } : {}) }];
}

function defaultOf(
  newest: InstalledKernel,
  { found, source }: InstalledKernels,
  { boot }: KernelFacts,
): readonly BootFinding[] {
  const { defaultRelease, defaultFrom, menu, isPinned } = boot;
  if (isPinned) {
    if (defaultRelease === null || found.some(({ release }) => release === defaultRelease)) return [];
    return [
      { kind: 'boot', subject: defaultRelease, text: `the kernel pinned in ${defaultFrom} is not installed` },
    ];
  }
  if (menu !== null && !menu.includes(newest.release)) {
    const text = `the newest kernel is not in the menu of ${boot.loader}`;
    return [{ kind: 'boot', subject: newest.release, text, repair: intoMenu(newest.release, source, boot) }];
  }
  const chosen = found.find(({ release }) => release === defaultRelease);
  if (chosen === undefined || chosen.flavour !== newest.flavour) return [];
  if (orderOf(source)(chosen.version, newest.version) >= 0) return [];
  const text = `the next boot takes this kernel, not the newest ${newest.release} (${defaultFrom})`;
  return [{ kind: 'boot', subject: chosen.release, text }];
}

function intoMenu(release: string, source: InstalledKernels['source'], { hasEntryFiles }: Boot): Repair {
  if (hasEntryFiles) {
    const image = source === 'dpkg' ? `/boot/vmlinuz-${release}` : `/lib/modules/${release}/vmlinuz`;
    const command = `kernel-install add ${shellQuote(release)} ${shellQuote(image)}`;
    return { how: 'Write its entry, and see why it was not written', commands: [command] };
  }
  return {
    how: 'Write the menu anew',
    commands: source === 'dpkg' ? ['update-grub'] : ['grub2-mkconfig -o /boot/grub2/grub.cfg'],
  };
}
