/**
 * The files of boot loaders that follow the Boot Loader Specification (https://uapi-group.org/specifications/specs/boot_loader_specification/):
 * entries of type 1, loader/entries/ID.conf, which kernel-install(8) writes, and GRUB's blscfg and systemd-boot read; and the
 * settings of systemd-boot, loader/loader.conf (loader.conf(5)).
 *
 *     title      Red Hat Enterprise Linux (5.14.0-427.13.1.el9_4.x86_64) 9.4 (Plow)
 *     version    5.14.0-427.13.1.el9_4.x86_64
 *     linux      /vmlinuz-5.14.0-427.13.1.el9_4.x86_64
 *     initrd     /initramfs-5.14.0-427.13.1.el9_4.x86_64.img $tuned_initrd
 *     options    $kernelopts
 *
 * A line is a key, blanks and a value; `#` begins a comment. Where boots are counted the name of the file has the tries that are
 * left, and those done: `ID+3.conf`, `ID+1-2.conf`.
 */
import { FormatError } from './text.ts';

export interface BootEntry {
  /** The name of the file, without counters and ending. */
  readonly id: string;
  /** `version`, `sort-key`, `machine-id`; null: the entry has none. */
  readonly version: string | null;
  readonly sortKey: string | null;
  readonly machineId: string | null;
  /** The kernel, as a path in its file system; null: it starts something else. */
  readonly linux: string | null;
  /** Null: its boots are not counted. */
  readonly triesLeft: number | null;
}

/** @param fileName its last part, `ID.conf`, or `ID.efi` for a unified kernel image, of which only the name is known */
export function parseBootEntry(fileName: string, text: string): BootEntry {
  const values = parseLoaderLines(text);
  const [, id = '', left] = /^(.*?)(?:\+([0-9]+)(?:-[0-9]+)?)?\.(?:conf|efi)$/s.exec(fileName) ?? [];
  return {
    id,
    version: values.get('version') ?? null,
    sortKey: values.get('sort-key') ?? null,
    machineId: values.get('machine-id') ?? null,
    linux: values.get('linux') ?? null,
    triesLeft: left === undefined ? null : Number(left),
  };
}

/** The last of a key counts; an empty text has no keys. Throws FormatError for what is no text. */
export function parseLoaderLines(text: string): ReadonlyMap<string, string> {
  if (text.includes('\0')) throw new FormatError('a file of the boot loader', 'a NUL in it');
  return new Map(
    text.split('\n').flatMap((line) => {
      const match = /^\s*([^\s#]\S*)\s+(\S.*)/.exec(line.trimEnd());
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    }),
  );
}
