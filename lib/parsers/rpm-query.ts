/**
 * What `rpm -qa --qf FORMAT` prints of packages, in a format of our own (rpm(8), rpm-queryformat).
 *
 *     kernel-core	5.14.0	427.13.1.el9_4	x86_64	1714550400
 */
import { FormatError } from './text.ts';

export interface RpmPackage {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  /** Seconds since 1970. */
  readonly installedAt: number;
}

/** Without spaces and backslashes that a shell on the way could take for its own: rpm reads `\t` and `\n` itself. */
export const RPM_FORMAT = String.raw`%{NAME}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{INSTALLTIME}\n`;

/** Throws FormatError. */
export function parseRpmQuery(text: string): readonly RpmPackage[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new FormatError('rpm -qa', 'its last line is cut off');
  return lines.map((line) => {
    const [name = '', version = '', release = '', arch = '', time = '', more] = line.split('\t');
    const isWhole = name !== '' && version !== '' && release !== '' && more === undefined;
    if (!isWhole || !/^[0-9]{1,12}$/.test(time)) throw new FormatError('rpm -qa', 'not a package', line);
    return { name, version, release, arch, installedAt: Number(time) };
  });
}
