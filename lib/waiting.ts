/**
 * The word between whoever is about to wait and whoever limits how long. An event of the process, since what is loaded late is
 * a file of its own in the build and shares no variables with the rest.
 */
const WAITING = 'hypervisor-checks-waiting';

/** To be called before whatever lets the event loop turn: a child, a connection, a timer. */
export function aboutToWait(): void {
  (process as NodeJS.EventEmitter).emit(WAITING);
}

/** A check that waits for nothing is over before any timer could end it, and does not pay for one: 0.3 ms. */
export function beforeFirstWait(prepare: () => void): void {
  let isPrepared = false;
  (process as NodeJS.EventEmitter).on(WAITING, () => {
    if (isPrepared) return;
    isPrepared = true;
    prepare();
  });
}
