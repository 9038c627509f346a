/** Whether other users' processes are hidden from us: then "there is none" means nothing. */
import type { Content } from '../host/ask.ts';
import type { Identity } from '../host/host.ts';
import { failed, type Failure, type Reading } from '../reading.ts';

/**
 * With hidepid, not even the first process can be looked at by those who are not meant to (proc(5)).
 *
 * @param init /proc/1/comm
 * @param scanned how many processes there were to look at
 */
export function hiddenProcesses(init: Reading<Content>, scanned: number, who: Identity): Failure | null {
  if (init.ok || init.why === 'notRecorded' || init.why === 'timedOut') return null;
  if (scanned === 0) return failed('failed', '/proc', 'it is empty, no proc file system is mounted there');
  if (who.uid === 0 && init.why === 'absent') return failed('failed', '/proc', 'it has no process 1');
  return failed('denied', '/proc', 'the processes of other users are hidden by its mount option hidepid');
}
