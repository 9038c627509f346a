/**
 * What `rpm -qa --qf FORMAT` prints of packages, in a format of our own (rpm(8), rpm-queryformat).
 *
 *     kernel-core,5.14.0,427.13.1.el9_4,x86_64,1714550400/kernel-core,5.14.0,...
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

/** No version has a comma or a slash in it (rpm-spec(5)); spaces and backslashes would be read by others on the way. */
export const RPM_FORMAT = '%{NAME},%{VERSION},%{RELEASE},%{ARCH},%{INSTALLTIME}/';

/** Throws FormatError. */
export function parseRpmQuery(text: string): readonly RpmPackage[] {
  const records = text.split('/');
  if (records.pop() !== '') throw new FormatError('rpm -qa', 'its last package is cut off');
  return records.map((record) => {
    const [name = '', version = '', release = '', arch = '', time = '', more] = record.split(',');
    const isWhole = name !== '' && version !== '' && release !== '' && more === undefined;
    if (!isWhole || !/^[0-9]{1,12}$/.test(time)) throw new FormatError('rpm -qa', 'not a package', record);
    return { name, version, release, arch, installedAt: Number(time) };
  });
}
