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
 * The file has megabytes and begins each paragraph with the name, so that only wanted ones are made text of and taken apart:
 * all of it as text was two thirds of what a run costs. What dpkg has not yet merged (/var/lib/dpkg/updates) exists only while it works. All other fields are skipped.
 */
import { decodeUtf8, FormatError } from './text.ts';

export interface DpkgPackage {
  readonly name: string;
  /** The third word: `installed`, `config-files`, `half-configured`, `unpacked`, ... (dpkg(1)) */
  readonly state: string;
  /** Empty for a package that was never there. */
  readonly version: string;
}

/**
 * The packages with a wanted name, by name. Throws FormatError for what is no such file, and for more than 1000 of them.
 *
 * @param beginnings what wanted names begin with
 */
export function parseDpkgStatus(bytes: Uint8Array, beginnings: readonly string[]): readonly DpkgPackage[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.indexOf(MARK) !== 0) {
    const [first] = decodeUtf8(all.subarray(0, 200)).split('\n', 1);
    throw new FormatError('/var/lib/dpkg/status', 'no "Package:" at its beginning', first);
  }
  if (all.at(-1) !== NEWLINE) throw new FormatError('/var/lib/dpkg/status', 'its last line is cut off');
  return beginnings
    .flatMap((beginning) => paragraphs(all, `${MARK}${beginning}`))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const MARK = 'Package: ';
const NEWLINE = 10;
/** Ten years of kernels, those that left only their settings too, are some hundred. */
const MOST = 1000;

function paragraphs(all: Buffer, mark: string): DpkgPackage[] {
  const found: DpkgPackage[] = [];
  for (let at = all.indexOf(mark); at >= 0; at = all.indexOf(mark, at + 1)) {
    // The same words in the middle of a line are somebody's description.
    if (at > 0 && all[at - 1] !== NEWLINE) continue;
    // Behind the last one are no two ends of line: -1 is before the only one.
    const fields = fieldsOf(decodeUtf8(all.subarray(at, all.indexOf('\n\n', at))));
    const name = fields.get('Package') ?? '';
    const words = (fields.get('Status') ?? '').split(' ');
    if (words.length !== 3)
      throw new FormatError(`/var/lib/dpkg/status: ${name}`, 'no status of three words');
    if (found.length === MOST)
      throw new FormatError('/var/lib/dpkg/status', `more than ${MOST} packages like ${name}`);
    found.push({ name, state: words[2] ?? '', version: fields.get('Version') ?? '' });
  }
  return found;
}

/** Of a paragraph; the further lines of a field begin with a blank, and so are no names of fields. */
function fieldsOf(paragraph: string): ReadonlyMap<string, string> {
  return new Map(
    paragraph.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
