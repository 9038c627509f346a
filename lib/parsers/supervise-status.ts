/**
 * supervise/status: what a supervisor knows of its service, 18 to 43 bytes, written anew at every change (supervise.c
 * of daemontools, runsv.c of runit, s6_svstatus_pack.c of s6). It outlives its supervisor: alone it proves nothing.
 *
 *     40000000 6b0180c4 0567b86c  ea780000  00  75  00  01
 *     when it started or ended    pid       paused  want 'u'  got TERM  state (runit)
 *
 * By length:
 * - 18 daemontools 0.76: TAI64N, pid (little endian), paused, want `u`, `d` or 0 (`svc -o`: once)
 * - 20 runit: the same, then got TERM, state 0 down 1 run 2 finish; daemontools-encore: then a state of its own and a 0,
 *   so that a process with a 0 at the end is encore's
 * - 40 daemontools-encore: twice 20, the service and its ./log
 * - 35 s6 from 2.2: TAI64N, TAI64N of readiness, pid (8 bytes, big endian), wait status, flags 1 paused 2 finishing 4 wants up
 *   8 ready; 43 s6 2.13: with a process group before the wait status
 *
 * djb's TAI64 is Unix time + 2^62 + 10 (tai_now.c), whatever leap seconds there have been since; skalibs adds these: + 37 since 2017
 * (seen with s6 2.11 of Debian 12, beside runit's at the same moment). Not read: s6 before 2.2 (18 and 26 bytes).
 *
 * Errors never say what stands there: a user's own supervise/status may be a link to somebody else's file.
 */
import { FormatError } from './text.ts';

export const SUPERVISORS = ['daemontools', 'runit', 's6'] as const;
export type Supervisor = (typeof SUPERVISORS)[number];

export interface SuperviseStatus {
  readonly supervisor: Supervisor;
  readonly isEncore: boolean;
  /** When it was started, or has ended: seconds since 1970, with fraction. */
  readonly sinceEpochSeconds: number;
  /** The same to the nanosecond, as it stands there: two that differ are two starts. */
  readonly stamp: string;
  /** `finishing`: its process has ended and the script ./finish runs. */
  readonly state: 'up' | 'down' | 'finishing';
  /** Null: none. */
  readonly pid: number | null;
  readonly isPaused: boolean;
  /** `once`: up until it ends by itself. */
  readonly wants: 'up' | 'down' | 'once';
  /** How it ended, `exit code 1`, `signal 9`; null: not told, or not ended. */
  readonly ended: string | null;
}

/** What one file says: of the service, and with daemontools-encore of its log too. */
export interface StatusFile {
  readonly service: SuperviseStatus;
  readonly log: SuperviseStatus | null;
}

const PLACE = 'supervise/status';

/**
 * Throws FormatError.
 *
 * @param forced whose file it is; null: told by its length
 */
export function parseSuperviseStatus(bytes: Uint8Array, forced: Supervisor | null = null): StatusFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file = byLength(view);
  if (forced !== null && file.service.supervisor !== forced) {
    throw new FormatError(PLACE, `${bytes.length} bytes are not a status of ${forced}`);
  }
  return file;
}

function byLength(view: DataView): StatusFile {
  switch (view.byteLength) {
    case 18:
      return { service: ofDaemontools(view, 0), log: null };
    case 20: {
      const isEncore = view.getUint32(12) !== 0 ? view.getUint8(19) === 0 : view.getUint8(17) === 0;
      return { service: isEncore ? ofEncore(view, 0) : ofRunit(view), log: null };
    }
    case 40:
      return { service: ofEncore(view, 0), log: ofEncore(view, 20) };
    case 35:
      return { service: ofS6(view, 32), log: null };
    case 43:
      return { service: ofS6(view, 40), log: null };
    default:
      throw new FormatError(PLACE, `bad format: ${view.byteLength} bytes, expected 18, 20, 35, 40 or 43`);
  }
}

function ofDaemontools(view: DataView, at: number): SuperviseStatus {
  const pid = pidOf(view.getUint32(at + 12, true));
  const paused = view.getUint8(at + 16);
  const want = view.getUint8(at + 17);
  if (paused > 1) throw new FormatError(`${PLACE} byte 16`, 'neither 0 nor 1');
  const wants = WANTS.get(want);
  if (wants === undefined) throw new FormatError(`${PLACE} byte 17`, 'neither u, d nor 0');
  return {
    supervisor: 'daemontools',
    isEncore: false,
    ...timeOf(view, at, DJB_SECONDS),
    state: pid === null ? 'down' : 'up',
    pid,
    isPaused: paused === 1,
    wants,
    ended: null,
  };
}

const WANTS: ReadonlyMap<number, SuperviseStatus['wants']> = new Map([
  [0x75, 'up'],
  [0x64, 'down'],
  [0, 'once'],
]);

function ofEncore(view: DataView, at: number): SuperviseStatus {
  return { ...ofDaemontools(view, at), isEncore: true };
}

function ofRunit(view: DataView): SuperviseStatus {
  const common = ofDaemontools(view, 0);
  const state = RUNIT_STATES[view.getUint8(19)];
  if (state === undefined) throw new FormatError(`${PLACE} byte 19`, 'expected a state from 0 to 2');
  // `sv once` wants it down as well, and sends it no TERM (ctrl in runsv.c).
  const isOnce = common.wants === 'down' && common.pid !== null && view.getUint8(18) === 0;
  return {
    ...common,
    supervisor: 'runit',
    state: common.pid === null ? 'down' : state,
    wants: isOnce ? 'once' : common.wants,
  };
}

const RUNIT_STATES = ['down', 'up', 'finishing'] as const;

function ofS6(view: DataView, waitStatusAt: number): SuperviseStatus {
  const high = view.getUint32(24);
  const pid = pidOf(high === 0 ? view.getUint32(28) : Number.MAX_SAFE_INTEGER);
  const waitStatus = view.getUint16(waitStatusAt);
  const flags = view.getUint8(waitStatusAt + 2);
  const isFinishing = (flags & 2) !== 0;
  const isUp = pid !== null && !isFinishing;
  return {
    supervisor: 's6',
    isEncore: false,
    ...timeOf(view, 0, LEAP_SECONDS),
    state: isUp ? 'up' : pid === null ? 'down' : 'finishing',
    pid,
    isPaused: (flags & 1) !== 0,
    wants: (flags & 4) !== 0 ? 'up' : 'down',
    ended: isUp ? null : endOf(waitStatus),
  };
}

/** As wait(2) packs it. */
function endOf(waitStatus: number): string {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? `exit code ${waitStatus >> 8}` : `signal ${signal}`;
}

/** PID_MAX_LIMIT of include/linux/threads.h */
const MAX_PID = 4 * 1024 * 1024;

function pidOf(value: number): number | null {
  if (value > MAX_PID) throw new FormatError(PLACE, 'its process id is none');
  return value === 0 ? null : value;
}

const DJB_SECONDS = 10;
const LEAP_SECONDS = 37;

function timeOf(
  view: DataView,
  at: number,
  offsetSeconds: number,
): Pick<SuperviseStatus, 'sinceEpochSeconds' | 'stamp'> {
  const seconds = taiSeconds(view, at);
  const nanoseconds = view.getUint32(at + 8);
  if (nanoseconds >= 1e9) throw new FormatError(`${PLACE} byte ${at + 8}`, 'not nanoseconds');
  return {
    sinceEpochSeconds: seconds - offsetSeconds + nanoseconds / 1e9,
    stamp: `${seconds}.${String(nanoseconds).padStart(9, '0')}`,
  };
}

/** Seconds of a TAI64 label after 2^62; throws FormatError for what is before 1970 or far from any clock. */
export function taiSeconds(view: DataView, at: number): number {
  const high = view.getUint32(at) - 0x4000_0000;
  if (high < 0 || high > 0xff) throw new FormatError(`${PLACE} byte ${at}`, 'not a TAI64 label');
  return high * 2 ** 32 + view.getUint32(at + 4);
}
