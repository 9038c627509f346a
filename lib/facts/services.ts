/** The services of a host under daemontools, runit or s6, without a judgement; `services-gather.ts` asks a host for them. */
import type { Identity } from '../host/host.ts';
import type { RunScript } from '../parsers/run-script.ts';
import type { Supervisor, SuperviseStatus } from '../parsers/supervise-status.ts';
import type { Failure, Reading } from '../reading.ts';

export interface Services {
  /** Those that are there, each once, however many paths lead to it. */
  readonly directories: readonly ServiceDirectory[];
  /** Directories that were asked for by their whole path and are not there. */
  readonly absent: readonly string[];
  /** What was looked at, for the words of "none". */
  readonly places: readonly string[];
  /** Directories and processes that could not be looked at. */
  readonly unread: readonly Failure[];
  /** Directories that a scanner of this host scans and that were not looked at. */
  readonly elsewhere: readonly string[];
  /** The host's clock at the first look: seconds since 1970. */
  readonly epochSeconds: number;
  readonly bootId: string;
  readonly who: Identity;
}

/** A directory whose entries are services: /service. */
export interface ServiceDirectory {
  readonly path: string;
  /** Whose it is, where it is a user's own; null: the system's. */
  readonly user: string | null;
  /** It was asked for by an option. */
  readonly isGiven: boolean;
  readonly uid: number;
  /** How many services it holds, looked at or not. */
  readonly entries: number;
  /** There are services, and none of them, looked at or not, was ever under a supervisor. */
  readonly isUntouched: boolean;
  /** Null: none runs; the failure where that could not be told. */
  readonly scanner: Reading<Scanner | null>;
  readonly services: readonly Service[];
}

/** svscan, runsvdir or s6-svscan: keeps a supervisor running for each service of a directory. */
export interface Scanner {
  readonly pid: number;
  readonly supervisor: Supervisor;
  readonly uid: number | null;
  /** Null: not known. */
  readonly ageSeconds: number | null;
  /** Stopped by a signal (T): it does nothing. */
  readonly isStopped: boolean;
  /** How many services it takes. */
  readonly maxServices: number;
  /** What went wrong last, oldest first; what the system's own keep in their command lines for `ps`. */
  readonly lastWords: readonly string[];
}

export interface Service {
  /** Of a user's: `user/name`. */
  readonly name: string;
  readonly path: string;
  readonly user: string | null;
  /** Where it points, where it is a link. */
  readonly target: string | null;
  /** Device and inode of the directory itself; the failure where nothing is there. */
  readonly id: Reading<string>;
  /** Since it was put there, or changed; it takes a scanner some seconds to find it. */
  readonly ageSeconds: number;
  readonly main: Part;
  /** Null: it has none. */
  readonly log: Part | null;
}

/** One supervised process: the service, or its log. */
export interface Part {
  readonly path: string;
  readonly statusPath: string;
  readonly isNormallyDown: Reading<boolean>;
  /** Null: it has none of its own (encore's log). */
  readonly run: Reading<Run> | null;
  /** Owner of supervise/; null: not known. */
  readonly superviseUid: number | null;
  /** Whether its supervisor runs; `absent`: it never has. */
  readonly isSupervised: Reading<boolean>;
  readonly status: Reading<SuperviseStatus>;
  /** When the status was written last: at the last change or command. Seconds since 1970; null: not known. */
  readonly statusWrittenAt: number | null;
  /** s6: when it died, seconds since 1970. Null: not told. */
  readonly deaths: readonly number[] | null;
  /** What became of the process that the status names; null: it names none. */
  readonly process: Reading<ProcessState> | null;
  /** The look after `status`, where that called for one: the second, or the third (then `status` is of the second). */
  readonly again: SecondLook | null;
}

export interface SecondLook {
  readonly epochSeconds: number;
  readonly status: Reading<SuperviseStatus>;
  /** Of the process that the first look found. */
  readonly process: Reading<ProcessState> | null;
}

/** `gone`: no such process; `stopped`: by a signal (T). */
export type ProcessState = 'runs' | 'stopped' | 'zombie' | 'gone';

/** The script or program `run`. */
export interface Run extends RunScript {
  /** It may not be read: what is said of its content is not known. */
  readonly isClosed: boolean;
  readonly isExecutable: boolean;
  /** Its content or permissions: seconds since 1970. */
  readonly changedAt: number;
  /** Whether its interpreter is there; null: it names none that could be looked up. */
  readonly hasInterpreter: Reading<boolean> | null;
}

/** A service that is younger may have been started for the tenth time in a row: it is looked at twice. */
export const YOUNG_SECONDS = 5;
