/**
 * /proc/PID/stat: state and counters of a process on one line (do_task_stat in fs/proc/array.c, proc_pid_stat(5)).
 *
 *     16224 (CPU 0/KVM) S 1 16223 16223 0 -1 138412416 45160 0 12 0 92 41 0 0 20 0 4 0 39516 1137037312 14034 ...
 *
 * The name of the program in parentheses is whatever the process says: it may hold spaces, parentheses, line breaks.
 * Only the last `)` of the line surely ends it. Later kernels add fields at the end; those after the 23rd are skipped.
 */
import { FormatError } from './text.ts';

export interface ProcStat {
  readonly pid: number;
  /** At most 15 bytes, as the file has it. */
  readonly comm: string;
  /** R, S, D, Z, T, t, X, I, ... */
  readonly state: string;
  readonly ppid: number;
  /** PF_* of include/linux/sched.h */
  readonly flags: number;
  /** Clock ticks after boot (100 a second): with the process id, it names a process for good. */
  readonly starttimeTicks: number;
  /** 0 for kernel threads and zombies. */
  readonly vsizeBytes: number;
  readonly kernelThread: boolean;
}

const PF_KTHREAD = 0x00200000;

/** Throws FormatError. */
export function parseProcStat(text: string): ProcStat {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) throw new FormatError('/proc/PID/stat', 'no name in parentheses', text);
  const fields = text.slice(close + 2).split(' ');
  const state = fields[0] ?? '';
  if (!/^[A-Za-z]$/.test(state)) throw new FormatError('/proc/PID/stat', 'field 3 is no state', state);
  const number = (field: number): number => toNumber(field, fields[field - 3] ?? '');
  const flags = number(9);
  return {
    pid: toNumber(1, text.slice(0, open).trim()),
    comm: text.slice(open + 1, close),
    state,
    ppid: number(4),
    flags,
    starttimeTicks: number(22),
    vsizeBytes: number(23),
    kernelThread: Math.floor(flags / PF_KTHREAD) % 2 === 1,
  };
}

function toNumber(field: number, text: string): number {
  if (!/^[0-9]{1,20}$/.test(text)) {
    throw new FormatError('/proc/PID/stat', `field ${field} is no number`, text);
  }
  return Number(text);
}
