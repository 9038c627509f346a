/** What is to be said about one supervised process: a service, or its log. */
import type { Part } from '../facts/services.ts';
import type { Failure } from '../reading.ts';
import { flappingFault } from './service-flapping.ts';
import { isFailure, type Flaw } from './service-run.ts';
import { downFault, latest, upFault, type Context, type Fault } from './service-state.ts';
import { SUPERVISE } from './service-words.ts';

/**
 * Of a part that has been supervised, or may have been: `isSupervised` is not `absent`.
 *
 * @param flaw what is wrong with its run
 */
export function judgePart(part: Part, flaw: Flaw | Failure | null, context: Context): readonly Fault[] {
  const flawed = flaw === null || isFailure(flaw) ? null : flaw;
  const own = stateFaults(part, context, flawed);
  const isSaid = own.some(({ kind }) => kind === 'flapping' || kind === 'down');
  return [...own, ...(flaw === null || (flawed !== null && isSaid) ? [] : [broken(flaw)])];
}

export function broken(flaw: Flaw | Failure): Fault {
  return isFailure(flaw) ? unseen(flaw) : { kind: 'broken', ...flaw };
}

function unseen(failure: Failure): Fault {
  return { kind: 'unseen', failure };
}

function stateFaults(part: Part, context: Context, flaw: Flaw | null): readonly Fault[] {
  const { isSupervised } = part;
  if (isSupervised.ok && !isSupervised.value) return [unsupervised(part, context)];
  const faults = unseenOf(part);
  const now = latest(part);
  if (now === null) return faults;
  const fault =
    flappingFault(part, context, flaw) ??
    (now.state === 'up' ? upFault(part, now, context) : downFault(part, now, context, flaw));
  return fault === null ? faults : [...faults, fault];
}

function unseenOf({ isSupervised, status, process, again, isNormallyDown }: Part): readonly Fault[] {
  const readings = [isSupervised, status, isNormallyDown, process, again?.status, again?.process];
  return readings.flatMap((reading) => (reading?.ok === false ? [unseen(reading)] : []));
}

function unsupervised({ path, status, process }: Part, { supervisor }: Context): Fault {
  const isAlive = process?.ok === true && (process.value === 'runs' || process.value === 'stopped');
  const pid = status.ok ? status.value.pid : null;
  const said = status.ok ? `, its last word was "${status.value.state}"` : '';
  return {
    kind: 'unsupervised',
    text: `${SUPERVISE[supervisor]} is not running, nothing restarts it${said}`,
    ...(isAlive && pid !== null
      ? {
          detail: [`its process ${pid} runs on, and will run twice when it is supervised again`],
          repair: {
            how: 'End what runs without supervision, before it runs twice',
            commands: [`kill ${pid}`],
          },
        }
      : { detail: [`looked for a reader of ${path}/supervise/ok`] }),
  };
}
