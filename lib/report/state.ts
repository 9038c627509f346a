/** The four states of a check, by the names that people write and by the codes that Nagios reads. */
export type State = (typeof STATES)[number];

/** Best first. A confirmed fault outranks "could not look": an UNKNOWN must never hide a CRITICAL. */
export const STATES = ['ok', 'unknown', 'warning', 'critical'] as const;

const EXIT_CODE: Readonly<Record<State, 0 | 1 | 2 | 3>> = { ok: 0, warning: 1, critical: 2, unknown: 3 };

/** The exit code of the plugin guidelines: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export function exitCode(state: State): 0 | 1 | 2 | 3 {
  return EXIT_CODE[state];
}

/** Greater is worse; for sorting worst first. */
export function severity(state: State): number {
  return STATES.indexOf(state);
}

/** The worst of the states; `ok` where there are none: who has found nothing must say so with a finding. */
export function worst(states: Iterable<State>): State {
  let result: State = 'ok';
  for (const state of states) {
    if (severity(state) > severity(result)) result = state;
  }
  return result;
}

export function isState(text: string): text is State {
  return (STATES as readonly string[]).includes(text);
}
