/** Words and commands that all rules of services share. */
import type { Supervisor } from '../parsers/supervise-status.ts';
import { shellQuote } from '../report/text.ts';

/** `40 s`, `5 min`, `3 h`, `2 d` */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 2 * 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 2 * 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

export const SCANNER: Readonly<Record<Supervisor, string>> = {
  daemontools: 'svscan',
  runit: 'runsvdir',
  s6: 's6-svscan',
};

export const SUPERVISE: Readonly<Record<Supervisor, string>> = {
  daemontools: 'supervise',
  runit: 'runsv',
  s6: 's6-supervise',
};

const CONTROL: Readonly<Record<Supervisor, Readonly<Record<'up' | 'down' | 'continue' | 'kill', string>>>> = {
  daemontools: { up: 'svc -u', down: 'svc -d', continue: 'svc -c', kill: 'svc -k' },
  runit: { up: 'sv up', down: 'sv down', continue: 'sv cont', kill: 'sv kill' },
  s6: { up: 's6-svc -u', down: 's6-svc -d', continue: 's6-svc -c', kill: 's6-svc -k' },
};

/** The command that tells the supervisor of a service what to do. */
export function control(
  supervisor: Supervisor,
  order: 'up' | 'down' | 'continue' | 'kill',
  path: string,
): string {
  return `${CONTROL[supervisor][order]} ${shellQuote(path)}`;
}
