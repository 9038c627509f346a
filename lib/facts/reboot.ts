/** All that says whether this machine should be rebooted, and what that would cost. */
import { run } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { FormatError } from '../parsers/text.ts';
import { parseXlList, type XenDomain } from '../parsers/xl-list.ts';
import { gatherGuests, type Guests } from './guests.ts';
import { gatherKernels } from './kernel-gather.ts';
import type { KernelFacts } from './kernels.ts';
import { gatherOldCode, type OldCode } from './old-code.ts';

export interface RebootFacts {
  readonly kernel: KernelFacts;
  readonly guests: Guests;
  /** Of Xen; null: no dom0, or it does not tell. */
  readonly domains: readonly XenDomain[] | null;
  /** Null: not asked for. */
  readonly oldCode: OldCode | null;
}

export async function gatherReboot(host: Host, withOldCode: boolean): Promise<RebootFacts> {
  const kernel = await gatherKernels(host);
  const guests = await gatherGuests(host, false);
  const oldCode = withOldCode ? await gatherOldCode(host) : null;
  return { kernel, guests, domains: kernel.hypervisor === null ? null : await xenDomains(host), oldCode };
}

/** That they could not be told says nothing about the kernel: the guests are what a reboot costs. */
async function xenDomains(host: Host): Promise<readonly XenDomain[] | null> {
  const { xl } = await host.ask({ xl: run('xl', 'list') });
  if (!xl.ok || xl.value.status !== 0) return null;
  try {
    return parseXlList(xl.value.stdout);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
