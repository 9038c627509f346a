/** Later looks: a second after the one before, and only at what calls for one. */
import { head, type Content, type Want } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import type { Supervisor } from '../parsers/supervise-status.ts';
import { mapReading, type Reading } from '../reading.ts';
import { mapParts, partsOf, processOf } from './services-processes.ts';
import { statusFileOf, STATUS_BYTES } from './services-questions.ts';
import { YOUNG_SECONDS, type Part, type ServiceDirectory } from './services.ts';

export async function laterLooks(
  host: Host,
  directories: readonly ServiceDirectory[],
  forced: Supervisor | null,
  epochSeconds: number,
): Promise<readonly ServiceDirectory[]> {
  const twice = await lookAgain(
    host,
    directories,
    forced,
    new Set(partsOf(directories).filter((part) => isSuspect(part, epochSeconds))),
  );
  const third = new Set<Part>();
  const shifted = mapParts(twice, (part) => {
    const { again } = part;
    if (again === null || !hasBegun(part)) return part;
    const later = { ...part, status: again.status, process: null, again: null };
    third.add(later);
    return later;
  });
  return lookAgain(host, shifted, forced, third);
}

async function lookAgain(
  host: Host,
  directories: readonly ServiceDirectory[],
  forced: Supervisor | null,
  suspects: ReadonlySet<Part>,
): Promise<readonly ServiceDirectory[]> {
  if (suspects.size === 0) return directories;
  const want: Record<string, Want[string]> = {};
  for (const { path, statusPath, status } of suspects) {
    want[`status ${path}`] = head(statusPath, STATUS_BYTES);
    const pid = status.ok ? status.value.pid : null;
    if (pid !== null) want[`pid ${pid}`] = head(`/proc/${pid}/stat`, 512);
  }
  const again = await host.ask(want, { afterSeconds: 1 });
  const answers: Readonly<Record<string, unknown>> = again;
  return mapParts(directories, (part) => {
    if (!suspects.has(part) || !part.status.ok) return part;
    const { pid } = part.status.value;
    const file = statusFileOf(answers[`status ${part.path}`] as Reading<Content>, part.statusPath, forced);
    // encore keeps the status of the log behind that of the service.
    const isLog = part.statusPath !== `${part.path}/supervise/status`;
    return {
      ...part,
      again: {
        epochSeconds: again.now.epochSeconds,
        status: mapReading(file, ({ service, log }) => (isLog ? (log ?? service) : service)),
        process: processOf(pid, answers, null),
      },
    };
  });
}

function isSuspect({ isSupervised, status, process }: Part, epochSeconds: number): boolean {
  if (!status.ok || (isSupervised.ok && !isSupervised.value)) return false;
  const { state, wants, sinceEpochSeconds } = status.value;
  if (state !== 'up' && wants !== 'up') return false;
  if (state === 'up' && process?.ok === true && (process.value === 'gone' || process.value === 'zombie'))
    return true;
  return epochSeconds - sinceEpochSeconds < YOUNG_SECONDS;
}

/**
 * Down, then up: a first start, or one of many, seen in the milliseconds between an end and the next start (doit in supervise.c
 * writes a status for each). Only a start after that one tells.
 */
function hasBegun({ status, again }: Part): boolean {
  return (
    status.ok && status.value.state !== 'up' && again?.status.ok === true && again.status.value.state === 'up'
  );
}
