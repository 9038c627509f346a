/**
 * /var/lib/dpkg/status: what dpkg knows of every package, one paragraph each (dpkg's lib/dpkg/dump.c, deb822(5)).
 *
 *     Package: linux-image-6.1.0-37-amd64
 *     Status: install ok installed
 *     Priority: optional
 *     Architecture: amd64
 *     Version: 6.1.140-1
 *     Description: Linux 6.1 for 64-bit PCs (signed)
 *      The Linux kernel 6.1 ...
 *
 * The file has megabytes and begins each paragraph with the name, so that only wanted ones are taken apart. What dpkg has not yet
 * merged (/var/lib/dpkg/updates) exists only while it works. All other fields are skipped.
 */
import { FormatError } from './text.ts';

export interface DpkgPackage {
  readonly name: string;
  /** The third word: `installed`, `config-files`, `half-configured`, `unpacked`, ... (dpkg(1)) */
  readonly state: string;
  /** Empty for a package that was never there. */
  readonly version: string;
}

/**
 * The packages with a wanted name. Throws FormatError for what is no such file.
 *
 * @param beginnings what wanted names begin with
 */
export function parseDpkgStatus(text: string, beginnings: readonly string[]): readonly DpkgPackage[] {
  if (!text.startsWith('Package: ')) {
    throw new FormatError('/var/lib/dpkg/status', 'no "Package:" at its beginning', text.split('\n', 1)[0]);
  }
  if (!text.endsWith('\n')) throw new FormatError('/var/lib/dpkg/status', 'its last line is cut off');
  const all = `\n${text}`;
  return beginnings
    .flatMap((beginning) => paragraphs(all, `\nPackage: ${beginning}`))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

function paragraphs(text: string, mark: string): DpkgPackage[] {
  const found: DpkgPackage[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    const end = text.indexOf('\n\n', at + 1);
    const paragraph = text.slice(at, end < 0 ? undefined : end + 1);
    const field = (name: string): string =>
      new RegExp(`\n${name}: *([^\n]*)\n`).exec(`${paragraph}\n`)?.[1]?.trim() ?? '';
    const name = field('Package');
    const words = field('Status').split(' ');
    if (words.length !== 3)
      throw new FormatError(`/var/lib/dpkg/status: ${name}`, 'no status of three words');
    found.push({ name, state: words[2] ?? '', version: field('Version') });
  }
  return found;
}
