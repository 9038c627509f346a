/** A guest that runs on two hosts at once writes to its disks from both: nothing that this suite finds is worse. */
import type { Partner } from '../facts/partner.ts';
import type { Twin, TwinState } from '../facts/twins.ts';
import type { Finding } from '../report/finding.ts';
import { processOf } from './guests.ts';
import { stopCommands } from './migration-repair.ts';

export type TwinKind = 'split-brain' | 'twin' | 'unseen';

/** Both are known to run. */
export function runsTwice({ stateHere, stateThere }: Twin): boolean {
  return stateHere === 'running' && stateThere === 'running';
}

export function twinFindings({ twins, name: partner }: Partner): readonly Finding<TwinKind>[] {
  return twins.map((twin): Finding<TwinKind> => {
    const { here, there, stateHere, stateThere } = twin;
    const subject = here.name;
    const detail = [
      ...(here.uuid === null ? [] : [`uuid ${here.uuid}`]),
      `${processOf(here)} here, ${stateHere}`,
      `${processOf(there)} on ${partner}, ${stateThere}`,
      'seen at two looks',
    ];
    const states: readonly TwinState[] = [stateHere, stateThere];
    if (states.includes('paused')) {
      const where = stateHere === 'paused' ? 'here' : `on ${partner}`;
      return {
        kind: 'twin',
        subject,
        text: `also on ${partner}, paused ${where}: a migration under way, or a copy left behind`,
        detail,
      };
    }
    if (states.includes('unknown')) {
      const text = `also on ${partner}: cannot tell whether it is a migration under way or runs on both`;
      return {
        kind: 'unseen',
        subject,
        text,
        detail: here.xen === undefined ? [...detail, 'virsh domstate tells on either host'] : detail,
      };
    }
    return {
      kind: 'split-brain',
      subject,
      text: `runs here and on ${partner} at the same time, both write to its disks`,
      detail,
      repair: {
        how: `Stop the copy that is wrong at once, on the host where it runs (here or on ${partner}), then check its file systems`,
        commands: stopCommands(here),
      },
    };
  });
}
