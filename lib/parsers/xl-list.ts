/**
 * `xl list`: the domains of a Xen host (tools/xl/xl_info.c, list_domains).
 *
 *     Name                                        ID   Mem VCPUs	State	Time(s)
 *     Domain-0                                     0  4096     4     r-----     123.4
 *     web 1                                        3  2048     2     -b----      17.0
 *
 * A name may hold spaces; the five columns behind it do not.
 */
import { FormatError } from './text.ts';

export interface XenDomain {
  readonly name: string;
  readonly id: number;
}

/** The guests, without the host's own domain. Throws FormatError. */
export function parseXlList(text: string): readonly XenDomain[] {
  const [header = '', ...lines] = text.split('\n');
  if (!/^Name\s+ID\s/.test(header)) throw new FormatError('xl list', 'no header', header);
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const match = /^(.*?)\s+([0-9]+)\s+[0-9]+\s+[0-9]+\s+\S+\s+[0-9.]+\s*$/.exec(line);
      if (match === null) throw new FormatError('xl list', 'not a domain', line);
      return { name: match[1] ?? '', id: Number(match[2]) };
    })
    .filter(({ id }) => id !== 0);
}
