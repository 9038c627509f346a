/** What the help and the manual page of every check say of their ranges and states. */
export const RANGES =
  '10 alerts below 0 and above 10; 10: below 10; ~:10 above 10; 10:20 below 10 and above 20; @10:20 from 10 to 20. ' +
  'A range that is not given never alerts. Quote the tilde from the shell.';

export const STATES =
  'STATE is one of ok, warning, critical, unknown; ok means that it is said and not alarmed. The worst finding ' +
  'decides: CRITICAL, WARNING, UNKNOWN (something could not be looked at), OK.';
