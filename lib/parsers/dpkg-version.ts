/**
 * Versions of Debian packages and their order (deb-version(7); dpkg_version_compare and verrevcmp in dpkg's lib/dpkg/version.c).
 *
 *     6.1.140-1    5.15.0-107.117~20.04.1    1:2.3-4+b1
 *
 * An epoch before the first colon, a revision behind the last hyphen. In both other parts, runs of other characters and numbers take
 * turns; `~` sorts before everything, even the end, letters before everything else, numbers as numbers.
 */

/** Negative: `a` is older than `b`; 0: the same version; positive: newer. Any text has its place. */
export function compareDpkgVersions(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  if (left.epoch !== right.epoch) return left.epoch < right.epoch ? -1 : 1;
  const difference = compareParts(left.upstream, right.upstream);
  return difference === 0 ? compareParts(left.revision, right.revision) : difference;
}

function partsOf(version: string): { epoch: bigint; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const epoch = version.slice(0, Math.max(0, colon));
  const isEpoch = /^[0-9]{1,18}$/.test(epoch);
  const rest = isEpoch ? version.slice(colon + 1) : version;
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: BigInt(isEpoch ? epoch : 0),
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? '' : rest.slice(hyphen + 1),
  };
}

function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const difference = order(a[i]) - order(b[j]);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    const left = /[0-9]*/.exec(a.slice(i))?.[0] ?? '';
    const right = /[0-9]*/.exec(b.slice(j))?.[0] ?? '';
    const difference = compareNumbers(left, right);
    if (difference !== 0) return difference;
    i += left.length;
    j += right.length;
  }
  return 0;
}

/** Numbers of any length, as text. */
export function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length < right.length ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** The end and numbers are 0: behind `~`, before letters. */
function order(character: string | undefined): number {
  if (character === undefined || isDigit(character)) return 0;
  if (character === '~') return -1;
  const code = character.codePointAt(0) ?? 0;
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
