/** All that says whether this machine should be rebooted, and what that would cost. */
import type { Host } from '../host/host.ts';
import { gatherGuests, type Guests } from './guests.ts';
import { gatherKernels } from './kernel-gather.ts';
import type { KernelFacts } from './kernels.ts';
import { gatherOldCode, type OldCode } from './old-code.ts';

export interface RebootFacts {
  readonly kernel: KernelFacts;
  readonly guests: Guests;
  /** Null: not asked for. */
  readonly oldCode: OldCode | null;
}

export async function gatherReboot(host: Host, withOldCode: boolean): Promise<RebootFacts> {
  // Together, for a host that is far away.
  const [kernel, guests, oldCode] = await Promise.all([
    gatherKernels(host),
    gatherGuests(host, false),
    withOldCode ? gatherOldCode(host) : null,
  ]);
  return { kernel, guests, oldCode };
}
