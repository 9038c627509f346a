/**
 * What `xm list` prints, of Xen to 4.4 (xm_brief_list in tools/python/xen/xm/main.py).
 *
 *     Name                                        ID   Mem VCPUs      State   Time(s)
 *     Domain-0                                     0   750     4     r-----  11794.3
 *     acrux                                        6   300     1     -b----     10.6
 *     alcor                                            1024     1                12.3
 *
 * - A guest that xend manages and that does not run has neither a number nor a state: it is left out here.
 * - The heading was `Mem(MiB)` in older ones. A domain that is gone but for its memory is `Zombie-NAME`.
 */
import { FormatError } from './text.ts';
import type { XenDomain } from './xl-list.ts';

const RUNNING =
  /^(.*?)\s+([0-9]+)\s+([0-9]+)\s+([0-9]+)\s+([r-][b-][p-][s-][c-][d-])\s+([0-9]+(?:\.[0-9]+)?)$/;
const HALTED = /^(\S+)\s+[0-9]+\s+[0-9]+\s+(?:-{6}\s+)?[0-9]+(?:\.[0-9]+)?$/;

/** Those that run. Throws FormatError where the heading is missing or a row is none. */
export function parseXmList(text: string): readonly XenDomain[] {
  const [heading = '', ...rows] = text.split('\n');
  if (!/^Name\s+ID\s+Mem(?:\(MiB\))?\s+VCPUs\s+State\s+Time\(s\)\s*$/.test(heading)) {
    throw new FormatError('line 1', 'expected the heading Name ID Mem VCPUs State Time(s)', heading);
  }
  if (rows.pop() !== '') throw new FormatError('its end', 'the last line is not whole');
  if (rows.length === 0) throw new FormatError('line 2', 'no domain, not even Domain-0');
  return rows.flatMap((row, index) => {
    const match = RUNNING.exec(row);
    if (match === null) {
      if (HALTED.test(row)) return [];
      throw new FormatError(`line ${index + 2}`, 'not a row of a domain', row);
    }
    const [, name = '', domid, mem, vcpus, state = '', seconds] = match;
    return [
      {
        domid: Number(domid),
        name,
        state,
        memoryMib: Number(mem),
        vcpus: Number(vcpus),
        cpuSeconds: Number(seconds),
      },
    ];
  });
}
