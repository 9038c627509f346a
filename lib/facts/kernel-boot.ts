/** Which kernel the next boot takes, as far as the files of the boot loader tell. */
import type { BootEntry } from '../parsers/boot-entry.ts';
import { parseAssignments } from '../parsers/assignments.ts';
import { valueOr, type Failure, type Reading } from '../reading.ts';
import type { EntryFiles } from './boot-entries.ts';
import { nameOf, textOf, type KernelAnswers } from './kernel-questions.ts';
import type { Boot } from './kernels.ts';

type Choice = Pick<Boot, 'defaultRelease' | 'defaultFrom' | 'isPinned'>;

/** @param releases of the installed kernels */
export async function bootOf(answers: KernelAnswers, releases: readonly string[]): Promise<Boot> {
  const { boot, space } = answers;
  const files = boot.ok
    ? { ok: true as const, value: boot.value.found.map(({ path, stat }) => ({ name: nameOf(path), stat })) }
    : boot;
  const grub = menuOf(answers);
  // Where the menu of GRUB names kernels itself, files beside it are of somebody else.
  const byFile = grub === null && hasEntryFiles(answers) ? await entryFilesOf(answers) : null;
  const menu = byFile === null ? grub : releasesOf(byFile.entries, releases);
  const unread = [answers.grub, answers.grub2, answers.grubDefault, answers.grubenv, answers.grubenv2].filter(
    isUnread,
  );
  return {
    files,
    space,
    loader: byFile?.loader ?? 'GRUB',
    hasEntryFiles: byFile !== null,
    menu: unique(menu),
    unread: [...(byFile?.loader === 'systemd-boot' ? [] : unread), ...(byFile?.unread ?? [])],
    ...(pinOf(answers) ??
      (byFile?.loader === 'systemd-boot'
        ? chosenEntry(byFile, releases)
        : chosenByGrub(answers, releases, byFile?.entries ?? null, menu))),
  };
}

function unique(menu: readonly string[] | null): readonly string[] | null {
  return menu === null ? null : [...new Set(menu)];
}

function hasEntryFiles(answers: KernelAnswers): boolean {
  const { entries, esp, bootEsp, images, loaderInfo } = answers;
  const isThere = [entries, esp, bootEsp, images].some(
    (reading) => !reading.ok || reading.value.found.length > 0 || reading.value.unlisted.length > 0,
  );
  return loaderInfo.ok || isThere;
}

async function entryFilesOf(answers: KernelAnswers): Promise<EntryFiles | null> {
  const { entryFiles } = await import('./boot-entries.ts');
  return entryFiles(answers);
}

/** Of each entry that starts a kernel; null: none does, or could be read. */
function releasesOf(entries: readonly BootEntry[], releases: readonly string[]): readonly string[] | null {
  const named = entries.flatMap((entry) => releaseOf(entry, releases) ?? []);
  return named.length === 0 ? null : [...new Set(named)];
}

function releaseOf({ version, linux, id }: BootEntry, releases: readonly string[]): string | null {
  if (version !== null && releases.includes(version)) return version;
  return namedIn(linux ?? id, releases) ?? namedIn(id, releases);
}

function chosenEntry({ chosen }: EntryFiles, releases: readonly string[]): Choice {
  return chosen === null ? UNKNOWN : choiceOf(releaseOf(chosen.entry, releases), chosen.from);
}

function isUnread(reading: Reading<unknown>): reading is Failure {
  return !reading.ok && reading.why !== 'absent';
}

/**
 * `linux /vmlinuz-6.1.0-37-amd64 root=...`, one for each entry of the menu, in its order; on ZFS the path is quoted. Where entries
 * are files of their own (BLS), the menu names none: null.
 */
function menuOf({ grub, grub2 }: KernelAnswers): readonly string[] | null {
  const lines = grub.ok ? grub.value : grub2.ok ? grub2.value : [];
  const named = lines.flatMap(
    (line) => /^\s*linux(?:16|efi)?\s+\S*\/vmlinuz-([^\s"']+)/.exec(line)?.[1] ?? [],
  );
  return named.length === 0 ? null : named;
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

function chosenByGrub(
  answers: KernelAnswers,
  releases: readonly string[],
  entries: readonly BootEntry[] | null,
  menu: readonly string[] | null,
): Choice {
  const [title, from] = wishOfGrub(answers);
  const place = /^[0-9]+$/.test(title) ? Number(title) : -1;
  const entry = entries?.find(({ id }) => id === title) ?? entries?.[place];
  if (entry !== undefined) return choiceOf(releaseOf(entry, releases), from);
  // The second of the menu is that of all kernels; its first entry comes behind the one that stands alone (10_linux).
  const inSubmenu = /^1>([0-9]{1,3})$/.exec(title)?.[1];
  if (entries === null && inSubmenu !== undefined)
    return choiceOf(menu?.[1 + Number(inSubmenu)] ?? null, from);
  // What names no entry is passed over: the first one boots.
  if (entries !== null || /^(?:0|gnulinux-simple-.*)$/.test(title)) {
    return choiceOf(menu?.[0] ?? null, 'the menu of GRUB');
  }
  return choiceOf(namedIn(title, releases), from);
}

/**
 * What the menu says that is there, made of GRUB_DEFAULT: of /etc/default/grub, where nothing in its folder grub.d says otherwise.
 * The RHEL family always keeps its choice in the environment of GRUB (grubby --set-default); `grub-reboot` puts one there for the
 * next boot only.
 */
function wishOfGrub(answers: KernelAnswers): readonly [title: string, from: string] {
  const setting = parseAssignments(valueOr(textOf(answers.grubDefault), '')).get('GRUB_DEFAULT') ?? '0';
  const [choice, from] = choiceInMenu(answers) ?? [
    setting === 'saved' ? SAVED : setting,
    '/etc/default/grub',
  ];
  const [env, envPath] = answers.grubenv.ok
    ? [textOf(answers.grubenv), '/boot/grub/grubenv']
    : [textOf(answers.grubenv2), '/boot/grub2/grubenv'];
  const variables = parseAssignments(valueOr(env, ''));
  const once = variables.get('next_entry') ?? '';
  const isKept = choice === SAVED || answers.grub2.ok || answers.grubenv2.ok;
  const entry = once === '' && isKept ? (variables.get('saved_entry') ?? '') : once;
  if (entry !== '') return [entry, envPath];
  return [choice === SAVED ? '0' : choice, from];
}

const SAVED = '${saved_entry}';

/** `set default="0"`, behind the one of `grub-reboot`. */
function choiceInMenu({
  grubChoice,
  grubChoice2,
}: KernelAnswers): readonly [title: string, from: string] | null {
  const [reading, from] = grubChoice.ok
    ? [grubChoice, '/boot/grub/grub.cfg']
    : [grubChoice2, '/boot/grub2/grub.cfg'];
  const titles = valueOr(reading, []).flatMap((line) => /^\s*set default="([^"]*)"$/.exec(line)?.[1] ?? []);
  const title = titles.findLast((one) => one !== '${next_entry}');
  return title === undefined ? null : [title, from];
}

function choiceOf(release: string | null, from: string): Choice {
  return release === null ? UNKNOWN : { defaultRelease: release, defaultFrom: from, isPinned: false };
}

/** The release that an entry's title or id names: the longest, since one name can be the beginning of another. */
function namedIn(text: string, releases: readonly string[]): string | null {
  const named = releases.filter((release) => text.includes(release));
  return named.sort((a, b) => b.length - a.length)[0] ?? null;
}
