/**
 * /proc/PID/cmdline: the arguments of a process, each ended by a NUL (fs/proc/base.c, proc_pid_cmdline_read).
 *
 *     /usr/bin/kvm\0-name\0web 1\0-append\0\0
 *
 * Empty for kernel threads, zombies, and between fork and exec. A process may overwrite its arguments (setproctitle):
 * where the last byte of the area is then no NUL, the kernel gives one string without separators. Before Linux 4.2 the
 * file ended after one page of 4096 bytes.
 */
import { splitNul } from './text.ts';

export interface ProcCmdline {
  readonly argv: readonly string[];
  /** Not arguments but one text that the process wrote over them. */
  readonly rewritten: boolean;
  /** Ends where an old kernel cuts: more arguments may follow. */
  readonly cut: boolean;
}

const PAGE_BYTES = 4096;

export function parseProcCmdline(bytes: Uint8Array): ProcCmdline {
  const argv = splitNul(bytes);
  const isOpen = bytes.length > 0 && bytes[bytes.length - 1] !== 0;
  return {
    argv,
    rewritten: isOpen && argv.length === 1 && /[ \t]/.test(argv[0] ?? ''),
    cut: isOpen && bytes.length === PAGE_BYTES,
  };
}
