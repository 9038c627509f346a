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
import { domainOf, domainRows, type XenDomain } from './xl-list.ts';

const HALTED = /^[^ ]+ +[0-9]+ +[0-9]+ +(?:------ +)?[0-9]+\.[0-9]$/;

/** Those that run. Throws FormatError where the heading is missing or a row is none. */
export function parseXmList(text: string): readonly XenDomain[] {
  return domainRows(text).flatMap((row, index) => (HALTED.test(row) ? [] : [domainOf(row, index)]));
}
