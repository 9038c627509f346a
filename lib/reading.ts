/**
 * What came of looking at one thing on a host: its value, or why there is none.
 *
 * Not being able to look is data, not an exception: a check that could not read a file has something to say
 * about it (which file, why, what would help), and only `judge` knows whether it matters.
 */
export type Reading<T> = Value<T> | Failure;

export interface Value<T> {
  readonly ok: true;
  readonly value: T;
}

/** Why a thing could not be looked at. `path` is the file, or the command line of a tool. */
export interface Failure {
  readonly ok: false;
  readonly why: Why;
  readonly path: string;
  /** The system's own words, or ours; one line, may be empty. Never the content of a file. */
  readonly detail: string;
}

/**
 * - `absent`: there is no such file, directory or tool (ENOENT, ENOTDIR)
 * - `denied`: it is there, or may be, and this user may not look (EACCES, EPERM)
 * - `vanished`: it was there a moment ago; a process that ended (ESRCH, or ENOENT below an entry just listed)
 * - `wrongType`: a directory, FIFO, socket or device where a file was expected; a link out of the allowed tree
 * - `tooBig`: larger than the question allows
 * - `timedOut`: no answer before the deadline
 * - `unreachable`: a machine of which nothing could be looked at
 * - `notRecorded`: the recording that is replayed holds no answer to this question
 * - `failed`: the system refused in another way (EIO, EINVAL, a tool that failed)
 * - `unparsable`: it was read, and is not what it should be
 */
export type Why = (typeof WHYS)[number];

export const WHYS = [
  'absent',
  'denied',
  'vanished',
  'wrongType',
  'tooBig',
  'timedOut',
  'unreachable',
  'notRecorded',
  'failed',
  'unparsable',
] as const;

export function found<T>(value: T): Value<T> {
  return { ok: true, value };
}

export function failed(why: Why, path: string, detail = ''): Failure {
  return { ok: false, why, path, detail };
}

/** The reading with its value put through `change`; a failure stays what it is. */
export function mapReading<T, U>(reading: Reading<T>, change: (value: T) => U): Reading<U> {
  return reading.ok ? found(change(reading.value)) : reading;
}

/** The value, or `otherwise` when there is none: only where the difference does not matter. */
export function valueOr<T, U>(reading: Reading<T>, otherwise: U): T | U {
  return reading.ok ? reading.value : otherwise;
}

const IN_WORDS: Readonly<Record<Why, string>> = {
  absent: 'is not there',
  denied: 'permission denied',
  vanished: 'vanished while it was read',
  wrongType: 'is not a regular file',
  tooBig: 'is too big',
  timedOut: 'did not answer in time',
  unreachable: 'could not be reached',
  notRecorded: 'is not in the recording',
  failed: 'could not be read',
  unparsable: 'is not understood',
};

/** One line for people: the path, what is wrong, and the detail where it adds something. */
export function inWords(failure: Failure): string {
  const detail = failure.detail === '' ? '' : ` (${failure.detail})`;
  return `${failure.path}: ${IN_WORDS[failure.why]}${detail}`;
}
