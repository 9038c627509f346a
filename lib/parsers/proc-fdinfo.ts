/**
 * /proc/PID/fdinfo/N: how a process has a file open (proc_pid_fdinfo(5); seq_show in fs/proc/fd.c).
 *
 *     pos:	5905580032
 *     flags:	0102001
 *     mnt_id:	28
 *
 * `flags` are those of open(2) in octal. Further lines depend on the kind of file, and are skipped.
 */
import { FormatError } from './text.ts';

export interface FdInfo {
  readonly positionBytes: number;
  /** O_APPEND: each write goes to the end of the file. */
  readonly appends: boolean;
}

/** 0o2000 on every architecture that KVM and Xen run on (include/uapi/asm-generic/fcntl.h). */
const O_APPEND = 0o2000n;

/** Throws FormatError. */
export function parseFdInfo(text: string): FdInfo {
  const position = /^pos:\t([0-9]{1,19})$/m.exec(text)?.[1];
  const flags = /^flags:\t([0-7]{1,22})$/m.exec(text)?.[1];
  if (position === undefined || flags === undefined) throw new FormatError('fdinfo', 'no pos or flags', text);
  return { positionBytes: Number(position), appends: (BigInt(`0o${flags}`) & O_APPEND) !== 0n };
}
