/** Whether the machine would come back from a reboot, and with the kernel that it should. */
import type { Boot, InstalledKernel, InstalledKernels, KernelFacts } from '../facts/kernels.ts';
import { inWords } from '../reading.ts';
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { filesOf, spaceFor } from './boot-files.ts';
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
