/** Services that are started again and again, each time for a moment that looks like health. */
import { YOUNG_SECONDS, type Part } from '../facts/services.ts';
import { alerts, printBounds } from '../report/range.ts';
import type { Flaw } from './service-run.ts';
import { ending, latest, type Context, type Fault } from './service-state.ts';
import { control } from './service-words.ts';

export function flappingFault(part: Part, context: Context, flaw: Flaw | null): Fault | null {
  const text = flappingText(part, context) ?? tooManyRestarts(part, context);
  if (text === null) return null;
  return {
    kind: 'flapping',
    text: `${text}${flaw === null ? '' : `: ${flaw.text}`}`,
    repair: flaw?.repair ?? {
      how: 'Find out why it ends: its log, or what it says when its run is started by hand; until then, stop it',
      commands: [control(context.supervisor, 'down', part.path)],
    },
  };
}

/**
 * Two looks that differ. daemontools says "up" for a second before it notices that nothing could be started (trystart in
 * supervise.c). runit and s6 start a service once a second at most and say "down" for the rest of it: one that is seen down and
 * wanted up has ended in the second of its start.
 */
function flappingText({ status, again }: Part, { epochSeconds }: Context): string | null {
  if (!status.ok || again === null || !again.status.ok) return null;
  const [before, after] = [status.value, again.status.value];
  if (before.stamp === after.stamp || after.wants === 'down') return null;
  // One that ended between the looks, after hours, has been restarted once.
  if (epochSeconds - before.sinceEpochSeconds >= YOUNG_SECONDS) return null;
  if (after.state !== 'up')
    return after.wants === 'once' ? null : `ends as soon as it is started${ending(after)}`;
  return `restarts all the time (pid ${before.pid ?? '?'}, a moment later ${after.pid ?? '?'})`;
}

function tooManyRestarts(part: Part, { restarts, maxRestarts }: Context): string | null {
  if (restarts === null || !alerts(maxRestarts, restarts)) return null;
  if (latest(part)?.wants === 'down') return null;
  // s6 keeps 100 by default, and so does our own memory.
  return `restarted ${restarts < 100 ? '' : 'at least '}${restarts} times in the last hour, outside the range ${printBounds(maxRestarts)}`;
}
