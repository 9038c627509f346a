/** What the answers of services lead to: their processes, and the interpreters of their scripts. */
import { head, stat, type Content, type Stat, type Want } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseProcStat } from '../parsers/proc-stat.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { failed, found, mapReading, type Failure, type Reading } from '../reading.ts';
import type { Part, ProcessState, Run, Service, ServiceDirectory } from './services.ts';

type Loose = Readonly<Record<string, unknown>>;

/** The processes that the statuses name, and the interpreters of the scripts, each once. */
export async function withProcesses(
  host: Host,
  directories: readonly ServiceDirectory[],
  hidden: Failure | null,
): Promise<readonly ServiceDirectory[]> {
  const want: Record<string, Want[string]> = {};
  for (const part of partsOf(directories)) {
    const pid = part.status.ok ? part.status.value.pid : null;
    if (pid !== null) want[`pid ${pid}`] = head(`/proc/${pid}/stat`, 512);
    const path = interpreterOf(part);
    if (path !== null) want[`interpreter ${path}`] = stat(path, { follow: true });
  }
  if (Object.keys(want).length === 0) return directories;
  const answers: Loose = await host.ask(want);
  return mapParts(directories, (part) => ({
    ...part,
    process: part.status.ok ? processOf(part.status.value.pid, answers, hidden) : null,
    run:
      part.run === null
        ? null
        : mapReading(part.run, (run) => ({ ...run, hasInterpreter: interpreter(part, answers) })),
  }));
}

/** Relative ones are looked for where the service runs, which is its own directory. */
function interpreterOf({ run, path }: Part): string | null {
  const interpreter = run?.ok === true ? run.value.interpreter : null;
  if (interpreter === null || /[^ -~]/.test(interpreter)) return null;
  return interpreter.startsWith('/') ? interpreter : `${path}/${interpreter}`;
}

function interpreter(part: Part, answers: Loose): Run['hasInterpreter'] {
  const path = interpreterOf(part);
  if (path === null) return null;
  const reading = answers[`interpreter ${path}`] as Reading<Stat>;
  if (reading.ok) return found(reading.value.type === 'file');
  return reading.why === 'absent' ? found(false) : reading;
}

export function processOf(
  pid: number | null,
  answers: Loose,
  hidden: Failure | null,
): Reading<ProcessState> | null {
  if (pid === null) return null;
  const text = answers[`pid ${pid}`] as Reading<Content>;
  if (!text.ok) {
    if (text.why !== 'absent' && text.why !== 'vanished') return text;
    return hidden ?? found('gone');
  }
  try {
    const { state } = parseProcStat(decodeUtf8(text.value.bytes));
    return found(state === 'Z' || state === 'X' ? 'zombie' : state === 'T' ? 'stopped' : 'runs');
  } catch {
    return failed('unparsable', `/proc/${pid}/stat`);
  }
}

export function partsOf(directories: readonly ServiceDirectory[]): readonly Part[] {
  return directories.flatMap(({ services }) =>
    services.flatMap(({ main, log }) => (log === null ? [main] : [main, log])),
  );
}

export function mapParts(
  directories: readonly ServiceDirectory[],
  change: (part: Part) => Part,
): readonly ServiceDirectory[] {
  const changed = (service: Service): Service => ({
    ...service,
    main: change(service.main),
    log: service.log === null ? null : change(service.log),
  });
  return directories.map((directory) => ({ ...directory, services: directory.services.map(changed) }));
}
