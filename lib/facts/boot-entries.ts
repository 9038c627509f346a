/**
 * Which kernel the next boot takes where each has a file of its own for the boot loader: systemd-boot, and GRUB of the RHEL family.
 * Loaded late: most hosts have none.
 */
import { globMatcher } from '../glob.ts';
import { parseBootEntry, parseLoaderLines, type BootEntry } from '../parsers/boot-entry.ts';
import { parseEfiText } from '../parsers/efi-text.ts';
import { compareRpmVersions } from '../parsers/rpm-version.ts';
import { FormatError } from '../parsers/text.ts';
import { failed, found, valueOr, type Failure } from '../reading.ts';
import { LOADER_VARIABLES, nameOf, textOf, type KernelAnswers } from './kernel-questions.ts';
import type { Boot } from './kernels.ts';

export interface EntryFiles {
  readonly loader: Boot['loader'];
  /** In the order of the loader's menu. */
  readonly entries: readonly BootEntry[];
  readonly unread: readonly Failure[];
  /** The entry that systemd-boot takes, and what says so; null: GRUB is to choose, or it cannot be told. */
  readonly chosen: { readonly entry: BootEntry; readonly from: string } | null;
}

/** Null: no loader that is known to use such files has any here. */
export function entryFiles(answers: KernelAnswers): EntryFiles | null {
  const { grub, grub2, grubenv2 } = answers;
  const isSystemdBoot = usesSystemdBoot(answers);
  // A menu that may not be read may name kernels itself. RHEL 8 with EFI has it elsewhere, and its environment here by a link.
  if (!isSystemdBoot && !grub.ok && !grub2.ok && !grubenv2.ok) return null;
  const { entries, unread } = readEntries(answers, isSystemdBoot);
  if (entries.length === 0 && (!isSystemdBoot || unread.length === 0)) return null;
  const all = entries.toSorted(isSystemdBoot ? inSystemdsOrder : inGrubsOrder);
  return isSystemdBoot
    ? { loader: 'systemd-boot', entries: all, unread, chosen: chosenBySystemd(all, answers) }
    : { loader: 'GRUB', entries: all, unread, chosen: null };
}

/** GRUB knows only those in /boot, and no unified images. */
function readEntries(
  { entries, esp, bootEsp, images }: KernelAnswers,
  isSystemdBoot: boolean,
): Pick<EntryFiles, 'entries' | 'unread'> {
  const unread: Failure[] = [];
  const byId = new Map<string, BootEntry>();
  for (const reading of isSystemdBoot ? [entries, esp, bootEsp] : [entries]) {
    unread.push(...(reading.ok ? reading.value.unlisted : [reading]));
    for (const { path, text } of reading.ok ? reading.value.found : []) {
      const entry = entryOf(path, text);
      if (!('ok' in entry)) byId.set(entry.id, entry);
      else if (entry.why !== 'absent') unread.push(entry);
    }
  }
  if (isSystemdBoot) {
    unread.push(...(images.ok ? images.value.unlisted : [images]));
    const all = (images.ok ? images.value.found : []).map(({ path }) => parseBootEntry(nameOf(path), ''));
    for (const image of all) byId.set(image.id, image);
  }
  return { entries: [...byId.values()], unread };
}

/** It says so itself, on firmware of EFI; under --root, and on a disk of another machine, its settings do where GRUB has none. */
function usesSystemdBoot(answers: KernelAnswers): boolean {
  const info = variable(answers.loaderInfo);
  if (info !== '') return info.startsWith('systemd-boot');
  const { conf, espConf, bootEspConf, grub, grub2 } = answers;
  return [conf, espConf, bootEspConf].some(({ ok }) => ok) && !grub.ok && !grub2.ok;
}

function entryOf(path: string, reading: KernelAnswers['conf']): BootEntry | Failure {
  const text = textOf(reading);
  if (!text.ok) return text;
  try {
    return parseBootEntry(nameOf(path), text.value);
  } catch (error) {
    if (error instanceof FormatError) return failed('unparsable', path, error.message);
    throw error;
  }
}

function variable(reading: KernelAnswers['loaderInfo']): string {
  try {
    return reading.ok ? parseEfiText(reading.value.bytes) : '';
  } catch (error) {
    if (error instanceof FormatError) return '';
    throw error;
  }
}

/** Without tries left last, with a sort key first; then by key, machine and version, the newest first; at last by name (src/boot/efi/boot.c). */
function inSystemdsOrder(a: BootEntry, b: BootEntry): number {
  const byKey =
    a.sortKey === null || b.sortKey === null
      ? []
      : [
          compareText(a.sortKey, b.sortKey),
          compareText(a.machineId ?? '', b.machineId ?? ''),
          compareRpmVersions(b.version ?? '', a.version ?? ''),
        ];
  const differences = [
    Number(a.triesLeft === 0) - Number(b.triesLeft === 0),
    Number(a.sortKey === null) - Number(b.sortKey === null),
    ...byKey,
  ];
  return differences.find((difference) => difference !== 0) ?? compareRpmVersions(b.id, a.id);
}

/** By the names of the files, the newest first (grub-core/commands/blscfg.c of the RHEL family). */
function inGrubsOrder(a: BootEntry, b: BootEntry): number {
  return compareRpmVersions(b.id, a.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const SAVED = '@saved';

/** The order in which systemd-boot asks (systemd-boot(7), loader.conf(5)); each may be a glob, in any case of letters. */
function chosenBySystemd(all: readonly BootEntry[], answers: KernelAnswers): EntryFiles['chosen'] {
  const confs = [answers.conf, answers.espConf, answers.bootEspConf].map((reading) => textOf(reading));
  const index = confs.findIndex(({ ok }) => ok);
  const conf = defaultIn(valueOr(confs[index] ?? found(''), ''));
  const saved = variable(answers.loaderSaved);
  const wishes = [
    [variable(answers.loaderOnce), LOADER_VARIABLES.loaderOnce],
    [variable(answers.loaderPreferred), LOADER_VARIABLES.loaderPreferred],
    [variable(answers.loaderDefault), LOADER_VARIABLES.loaderDefault],
    [conf, CONF_PATHS[index] ?? ''],
  ] as const;
  for (const [wish, from] of wishes) {
    if (wish === '') continue;
    const isWished = globMatcher((wish === SAVED ? saved : wish).toLowerCase());
    const isFit = ({ triesLeft }: BootEntry): boolean =>
      from !== LOADER_VARIABLES.loaderPreferred || triesLeft !== 0;
    const entry = all.find((one) => isFit(one) && namesOf(one).some(isWished));
    if (entry !== undefined) return { entry, from: nameOfVariable(from) };
  }
  const [first] = all;
  // Where an image holds its own sort key, its place among the others is not known.
  const isMixed = all.some(({ linux }) => linux === null) && all.some(({ linux }) => linux !== null);
  return first === undefined || isMixed ? null : { entry: first, from: 'the first entry of systemd-boot' };
}

const CONF_PATHS = ['/boot/loader/loader.conf', '/efi/loader/loader.conf', '/boot/efi/loader/loader.conf'];

/** What cannot be read sets nothing; the entries beside it are said. */
function defaultIn(text: string): string {
  return text.includes('\0') ? '' : (parseLoaderLines(text).get('default') ?? '');
}

/** With the ending, as the loader calls them; without it, as people and other tools do. */
function namesOf({ id, linux }: BootEntry): readonly string[] {
  const name = id.toLowerCase();
  return [name, `${name}.${linux === null ? 'efi' : 'conf'}`];
}

function nameOfVariable(from: string): string {
  return /efivars\/(\w+)-/.exec(from)?.[1] ?? from;
}
