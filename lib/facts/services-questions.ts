/** What is asked of each service, and its answers as facts. */
import { fifo, head, link, stat, tail, type Answers, type Content, type Stat } from '../host/ask.ts';
import { parseDeathTally, TALLY_BYTES } from '../parsers/death-tally.ts';
import { parseRunScript, RUN_BYTES } from '../parsers/run-script.ts';
import {
  parseSuperviseStatus,
  type StatusFile,
  type Supervisor,
  type SuperviseStatus,
} from '../parsers/supervise-status.ts';
import { failed, found, mapReading, valueOr, type Reading } from '../reading.ts';
import { parsedBytes } from './parsed.ts';
import type { Part, Run, Service } from './services.ts';

const FOLLOW = { follow: true };
/** The longest known has 43. */
export const STATUS_BYTES = 64;

/** Of one service: itself, and what its supervisor needs and leaves. */
export const SERVICE_QUESTIONS = {
  self: stat(''),
  place: stat('', FOLLOW),
  target: link(''),
  down: stat('down'),
  run: stat('run', FOLLOW),
  script: head('run', RUN_BYTES),
  supervise: stat('supervise', FOLLOW),
  ok: fifo('supervise/ok'),
  control: fifo('supervise/control'),
  status: head('supervise/status', STATUS_BYTES),
  statusFile: stat('supervise/status', FOLLOW),
  tally: tail('supervise/death_tally', TALLY_BYTES),
  log: stat('log', FOLLOW),
  logDown: stat('log/down'),
  logRun: stat('log/run', FOLLOW),
  logScript: head('log/run', RUN_BYTES),
  logSupervise: stat('log/supervise', FOLLOW),
  logOk: fifo('log/supervise/ok'),
  logControl: fifo('log/supervise/control'),
  logStatus: head('log/supervise/status', STATUS_BYTES),
  logStatusFile: stat('log/supervise/status', FOLLOW),
  logTally: tail('log/supervise/death_tally', TALLY_BYTES),
} as const;

/**
 * Of a user's own service: his supervise/ok may be a link to any FIFO, and whoever waits for a writer there is woken by a
 * probe. So it is looked at first (`probedServices`).
 */
export const USER_QUESTIONS = {
  ...SERVICE_QUESTIONS,
  ok: stat('supervise/ok'),
  control: stat('supervise/control'),
  logOk: stat('log/supervise/ok'),
  logControl: stat('log/supervise/control'),
} as const;

export type UserAnswers = Answers<typeof USER_QUESTIONS> & { readonly path: string };
export type ServiceAnswers = Answers<typeof SERVICE_QUESTIONS> & { readonly path: string };

/** Null: no service (a file, or gone since it was listed). */
export function serviceOf(
  answers: ServiceAnswers,
  user: string | null,
  forced: Supervisor | null,
  epochSeconds: number,
): Service | null {
  const { path, self, place } = answers;
  if (!self.ok && (self.why === 'absent' || self.why === 'vanished')) return null;
  if (place.ok && place.value.type !== 'directory') return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const file = statusFileOf(answers.status, `${path}/supervise/status`, forced);
  const changedAt = Math.max(self.ok ? self.value.changedAt : 0, place.ok ? place.value.changedAt : 0);
  return {
    name: user === null ? name : `${user}/${name}`,
    path,
    user,
    target: valueOr(answers.target, null),
    id: mapReading(place, ({ device, inode }) => `${device}:${inode}`),
    ageSeconds: Math.max(0, epochSeconds - changedAt),
    main: partOf(
      path,
      answers,
      mapReading(file, ({ service }) => service),
    ),
    log: logOf(answers, file, forced),
  };
}

type PartAnswers = Pick<
  ServiceAnswers,
  'down' | 'run' | 'script' | 'supervise' | 'ok' | 'control' | 'statusFile' | 'tally'
>;

function logOf(a: ServiceAnswers, file: Reading<StatusFile>, forced: Supervisor | null): Part | null {
  // encore: one supervisor and one status for both, ./log is a program.
  if (file.ok && file.value.log !== null) {
    return {
      ...partOf(`${a.path}/log`, a, found(file.value.log)),
      statusPath: `${a.path}/supervise/status`,
      run: null,
    };
  }
  if (!a.log.ok && (a.log.why === 'absent' || a.log.why === 'vanished')) return null;
  if (a.log.ok && a.log.value.type !== 'directory') return null;
  const answers: PartAnswers = {
    down: a.logDown,
    run: a.logRun,
    script: a.logScript,
    supervise: a.logSupervise,
    ok: a.logOk,
    control: a.logControl,
    statusFile: a.logStatusFile,
    tally: a.logTally,
  };
  const status = mapReading(
    statusFileOf(a.logStatus, `${a.path}/log/supervise/status`, forced),
    ({ service }) => service,
  );
  return partOf(`${a.path}/log`, answers, status);
}

function partOf(path: string, a: PartAnswers, status: Reading<SuperviseStatus>): Part {
  return {
    path,
    statusPath: `${path}/supervise/status`,
    isNormallyDown: isThere(a.down),
    run: runOf(a.run, a.script),
    superviseUid: a.supervise.ok ? a.supervise.value.uid : null,
    isSupervised: isSupervised(a.ok, a.control),
    status,
    statusWrittenAt: a.statusFile.ok ? a.statusFile.value.modifiedAt : null,
    deaths: deathsOf(a.tally),
    process: null,
    again: null,
  };
}

function isThere(file: Reading<Stat>): Reading<boolean> {
  if (file.ok) return found(true);
  return file.why === 'absent' ? found(false) : file;
}

/** s6 has no supervise/ok: its s6_svc_ok() tests control. */
function isSupervised(
  ok: Reading<'reader' | 'noReader'>,
  control: Reading<'reader' | 'noReader'>,
): Reading<boolean> {
  const probe = !ok.ok && ok.why === 'absent' ? control : ok;
  return mapReading(probe, (word) => word === 'reader');
}

function runOf(file: Reading<Stat>, script: Reading<Content>): Reading<Run> {
  if (!file.ok) return file;
  // A directory or a FIFO of that name: the host opens no such thing.
  if (file.value.type !== 'file') return failed('wrongType', script.ok ? 'run' : script.path);
  if (!script.ok && script.why !== 'denied') return script;
  return found({
    ...parseRunScript(script.ok ? script.value.bytes : new Uint8Array()),
    isClosed: !script.ok,
    isExecutable: (file.value.mode & 0o111) !== 0,
    changedAt: file.value.changedAt,
    hasInterpreter: null,
  });
}

export function statusFileOf(
  file: Reading<Content>,
  path: string,
  forced: Supervisor | null,
): Reading<StatusFile> {
  return parsedBytes(file, path, (bytes) => parseSuperviseStatus(bytes, forced));
}

/** A tally is more than every supervisor gives: one that cannot be read is none. */
function deathsOf(tally: Reading<Content>): readonly number[] | null {
  return valueOr(parsedBytes(tally, 'supervise/death_tally', parseDeathTally), null);
}
