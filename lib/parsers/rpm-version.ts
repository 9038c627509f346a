/**
 * The order of rpm's versions (rpmvercmp in rpm's rpmio/rpmvercmp.c), which Arch Linux has taken over (vercmp(8)).
 *
 *     4.18.0-553.el8_10    6.4.0-150600.23.25.1    6.9.3-arch1-1
 *
 * Runs of digits and runs of letters are compared in turn, whatever stands between them only separates; a number is newer than
 * letters; `~` sorts before everything, even the end; `^` (since rpm 4.15) behind the end, before everything else.
 */
import { compareNumbers } from './dpkg-version.ts';

/** A version, a hyphen, and a release, each compared by itself. Negative: `a` is older than `b`. */
export function compareRpmVersions(a: string, b: string): number {
  const [versionA, releaseA] = splitAtHyphen(a);
  const [versionB, releaseB] = splitAtHyphen(b);
  const difference = rpmvercmp(versionA, versionB);
  return difference === 0 ? rpmvercmp(releaseA, releaseB) : difference;
}

function splitAtHyphen(text: string): readonly [string, string] {
  const hyphen = text.indexOf('-');
  return hyphen < 0 ? [text, ''] : [text.slice(0, hyphen), text.slice(hyphen + 1)];
}

/** For one version, or one release, against another. */
export function rpmvercmp(a: string, b: string): number {
  const left = segments(a);
  const right = segments(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const one = left[index] ?? '';
    const two = right[index] ?? '';
    const kind = kindOf(one) - kindOf(two);
    if (kind !== 0) return kind;
    const difference = kindOf(one) === NUMBER ? compareNumbers(one, two) : one < two ? -1 : one > two ? 1 : 0;
    if (difference !== 0) return difference;
  }
  return 0;
}

function segments(text: string): readonly string[] {
  return text.match(/[0-9]+|[A-Za-z]+|[~^]/g) ?? [];
}

const NUMBER = 4;

/** What can stand at the same place of two versions, oldest first; '' is the end. */
function kindOf(segment: string): number {
  if (segment === '~') return 0;
  if (segment === '') return 1;
  if (segment === '^') return 2;
  return /[A-Za-z]/.test(segment) ? 3 : NUMBER;
}
