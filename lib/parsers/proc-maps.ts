/**
 * Lines of /proc/PID/maps with a file that is not there any more (show_map_vma in fs/proc/task_mmu.c, proc_pid_maps(5)).
 *
 *     7f2c1a000000-7f2c1a020000 r-xp 00000000 fe:00 329642     /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)
 *     7f2c1b000000-7f2c1b001000 rw-s 00000000 00:01 32768      /SYSV00000000 (deleted)
 *     7f2c1c000000-7f2c1c100000 r-xp 00000000 00:01 1029       /memfd:tcg-jit (deleted)
 *
 * The path is as the process sees it; of its characters only the newline is written otherwise (`\012`). A file may really be
 * called `x (deleted)`: whoever asks has to look. dpkg renames new files from `x.dpkg-new`, rpm old ones to `x;5f3e2a1b`, which
 * the kernel may show.
 */
import { FormatError } from './text.ts';

export interface DeletedMapping {
  /** `r-xp`: read, write, execute, private or shared. */
  readonly permissions: string;
  readonly inode: number;
  /** As it stands there, without ` (deleted)`. */
  readonly path: string;
}

const LINE =
  /^[0-9a-f]{1,16}-[0-9a-f]{1,16} ([r-][w-][x-][ps]) [0-9a-f]{8,16} [0-9a-f]{2,8}:[0-9a-f]{2,8} ([0-9]{1,20}) +(\S.*) \(deleted\)$/s;
const ANY_LINE = /^[0-9a-f]{1,16}-[0-9a-f]{1,16} [r-][w-][x-][ps] /;

/** Null: a mapping of something that was not deleted, though its path has the word in it. Throws FormatError. */
export function parseDeletedMapping(line: string): DeletedMapping | null {
  const match = LINE.exec(line);
  if (match === null) {
    if (ANY_LINE.test(line)) return null;
    throw new FormatError('/proc/PID/maps', 'not a mapping', line);
  }
  return { permissions: match[1] ?? '', inode: Number(match[2]), path: match[3] ?? '' };
}

/**
 * Code that comes from a file which was deleted or replaced. Left out is what is deleted from the start, since it was never meant to
 * have a name: shared memory, what compilers make at run time (needrestart leaves out the same, its perl/lib/NeedRestart.pm).
 */
export function isOldCode({ permissions, inode, path }: DeletedMapping): boolean {
  return permissions.charAt(2) === 'x' && inode !== 0 && isCodePath(path);
}

const NEVER_CODE: readonly RegExp[] = [
  /^\/(?:SYSV[0-9a-f]{8}|dev\/|drm\b|i915\b|memfd:|\[aio\]|anon_hugepage|proc\/|sys\/)/,
  /^(?:\/var)?\/(?:tmp|run)\//,
  /^\/var\/(?:log|lib\/jna)\//,
  /\/orcexec\.\w+$/,
  /\/#[0-9]+$/,
  /\/jna[0-9]+\.tmp$/,
  /\/\.cache\/JNA\//,
];

export function isCodePath(path: string): boolean {
  return path.startsWith('/') && !NEVER_CODE.some((pattern) => pattern.test(path));
}

/** The name that the file had for people: without what dpkg and rpm put behind it while they replace it. */
export function originalPath(path: string): string {
  return path.replace(/(?:\.dpkg-(?:new|tmp)|;[0-9a-f]{8})$/, '').replaceAll('\\012', '\n');
}
