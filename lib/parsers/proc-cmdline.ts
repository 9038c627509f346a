/**
 * /proc/PID/cmdline: the arguments of a process, each ended by a NUL (proc_pid_cmdline_read in fs/proc/base.c).
 *
 *     /usr/libexec/qemu-kvm\0-name\0acrux\0-append\0\0-S\0
 *
 * - Arguments are bytes, seldom but legally not UTF-8; they contain spaces and may be empty.
 * - Empty for kernel threads, zombies, and for a moment between fork and exec.
 * - A process that overwrote the NUL at the end (setproctitle) shows one string without separators.
 * - Kernels before 4.2 give one page, 4096 bytes, and cut off the rest without a word (c2c0bb44620d made it whole).
 */
import { splitNul } from './text.ts';

export interface ProcCmdline {
  /** Bytes that are not UTF-8 are U+FFFD. Empty: not a program with arguments (any more). */
  readonly argv: readonly string[];
  /** One string with spaces in it: where one argument ends and the next begins is lost. */
  readonly rewritten: boolean;
  /** The kernel has cut it off: what is not seen may be there. */
  readonly cut: boolean;
}

const OLD_PAGE_BYTES = 4096;

/** Total: any bytes are a command line. */
export function parseProcCmdline(bytes: Uint8Array): ProcCmdline {
  const argv = splitNul(bytes);
  return {
    argv,
    rewritten: argv.length === 1 && argv[0]?.includes(' ') === true,
    cut: bytes.length === OLD_PAGE_BYTES && bytes.at(-1) !== 0,
  };
}
