/** Which kernel the next boot takes, as far as the files of the boot loader tell. */
import { parseAssignments } from '../parsers/assignments.ts';
import { valueOr, type Failure, type Reading } from '../reading.ts';
import { nameOf, textOf, type KernelAnswers } from './kernel-questions.ts';
import type { Boot } from './kernels.ts';

type Choice = Pick<Boot, 'defaultRelease' | 'defaultFrom' | 'isPinned'>;

/** @param releases of the installed kernels */
export function bootOf(answers: KernelAnswers, releases: readonly string[]): Boot {
  const { boot, space } = answers;
  const files = boot.ok
    ? { ok: true as const, value: boot.value.found.map(({ path, stat }) => ({ name: nameOf(path), stat })) }
    : boot;
  const menu = menuOf(answers);
  const unread = [answers.grub, answers.grub2, answers.grubDefault, answers.grubenv, answers.grubenv2].filter(
    isUnread,
  );
  return { files, space, menu, unread, ...(pinOf(answers) ?? chosenOf(answers, releases, menu)) };
}

function isUnread(reading: Reading<unknown>): reading is Failure {
  return !reading.ok && reading.why !== 'absent';
}

/** `linux /vmlinuz-6.1.0-37-amd64 root=...`, one for each entry of the menu. */
function menuOf({ grub, grub2 }: KernelAnswers): readonly string[] | null {
  const lines = grub.ok ? grub.value : grub2.ok ? grub2.value : null;
  if (lines === null) return null;
  const named = lines.flatMap((line) => /^\s*linux(?:16|efi)?\s+\S*\/vmlinuz-(\S+)/.exec(line)?.[1] ?? []);
  // Where entries are files of their own (BLS), the menu names none.
  return named.length === 0 ? null : [...new Set(named)];
}

/** What `proxmox-boot-tool kernel pin` has written, for the next boot or for all. */
function pinOf({ nextPin, pin }: KernelAnswers): Choice | null {
  for (const [reading, path] of [
    [nextPin, '/etc/kernel/next-boot-pin'],
    [pin, '/etc/kernel/proxmox-boot-pin'],
  ] as const) {
    const release = valueOr(textOf(reading), '').trim();
    if (release !== '') return { defaultRelease: release, defaultFrom: path, isPinned: true };
  }
  return null;
}

const UNKNOWN: Choice = { defaultRelease: null, defaultFrom: '', isPinned: false };

/**
 * Debian and Ubuntu take the first entry unless GRUB_DEFAULT says otherwise; the RHEL family always keeps its choice in the
 * environment of GRUB; `grub-reboot` puts one there for the next boot only.
 */
function chosenOf(
  answers: KernelAnswers,
  releases: readonly string[],
  menu: readonly string[] | null,
): Choice {
  const choice = parseAssignments(valueOr(textOf(answers.grubDefault), '')).get('GRUB_DEFAULT') ?? '0';
  const [env, envPath] = answers.grubenv.ok
    ? [textOf(answers.grubenv), '/boot/grub/grubenv']
    : [textOf(answers.grubenv2), '/boot/grub2/grubenv'];
  const variables = parseAssignments(valueOr(env, ''));
  const once = variables.get('next_entry') ?? '';
  const isKept = choice === 'saved' || answers.grub2.ok || answers.grubenv2.ok;
  const entry = once === '' && isKept ? (variables.get('saved_entry') ?? '') : once;
  const [title, from] = entry === '' ? [choice, '/etc/default/grub'] : [entry, envPath];
  if (/^(?:0|saved|gnulinux-simple-.*)$/.test(title)) {
    const first = menu?.[0] ?? null;
    return first === null
      ? UNKNOWN
      : { defaultRelease: first, defaultFrom: 'the menu of GRUB', isPinned: false };
  }
  const release = namedIn(title, releases);
  return release === null ? UNKNOWN : { defaultRelease: release, defaultFrom: from, isPinned: false };
}

/** The release that an entry's title or id names: the longest, since one name can be the beginning of another. */
function namedIn(text: string, releases: readonly string[]): string | null {
  const named = releases.filter((release) => text.includes(release));
  return named.sort((a, b) => b.length - a.length)[0] ?? null;
}
