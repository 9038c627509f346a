/**
 * The questions that a check may ask of a host. They are data: the same batch is answered by this machine's own
 * files, by a tree under `--root`, by a recording, or by a shell on a machine far away, and the selection in
 * `each` and `processes` happens where the files are.
 *
 * Longer than usual: it is the one list of all that can be asked.
 */
import type { Failure, Reading } from '../reading.ts';

declare const answer: unique symbol;

/** A question whose answer has the type `T`. */
export type Ask<T> = Question & { readonly [answer]?: T };

export type Question =
  | BytesQuestion
  | LinesQuestion
  | ListQuestion
  | StatQuestion
  | LinkQuestion
  | StatfsQuestion
  | FifoQuestion
  | RunQuestion
  | EachQuestion
  | FilesQuestion
  | ProcessesQuestion;

export type Want = Readonly<Record<string, Ask<unknown>>>;
export type AnswerOf<A> = A extends { readonly [answer]?: infer T } ? Exclude<T, undefined> : never;
export type Answers<W extends Want> = { readonly [K in keyof W]: AnswerOf<W[K]> };

/** Questions of a batch that came back under the names they were asked with. */
export type LooseAnswers = Readonly<Record<string, unknown>>;

export interface Content {
  readonly bytes: Uint8Array;
  /** True: the file was longer than asked for, this is its beginning (or its end). */
  readonly cut: boolean;
}

export interface BytesQuestion {
  readonly op: 'bytes';
  readonly path: string;
  /** At most this many bytes. */
  readonly max: number;
  /** Which part of a longer file; `whole`: a longer file is `tooBig`. */
  readonly part: 'whole' | 'head' | 'tail';
}

export interface LinesQuestion {
  readonly op: 'lines';
  readonly path: string;
  /** One line of text, not empty, to be found as it stands. */
  readonly containing: string;
  /** What the lines that are found may hold together. */
  readonly max: number;
}

export interface ListQuestion {
  readonly op: 'list';
  readonly path: string;
}

export interface StatQuestion {
  readonly op: 'stat';
  readonly path: string;
  readonly follow: boolean;
}

export interface LinkQuestion {
  readonly op: 'link';
  readonly path: string;
}

export interface StatfsQuestion {
  readonly op: 'statfs';
  readonly path: string;
}

export interface FifoQuestion {
  readonly op: 'fifo';
  readonly path: string;
}

export interface RunQuestion {
  readonly op: 'run';
  readonly tool: Tool;
  readonly args: readonly string[];
}

export interface EachQuestion {
  readonly op: 'each';
  readonly glob: string;
  readonly want: Want;
}

export interface FilesQuestion {
  readonly op: 'files';
  readonly globs: readonly string[];
}

export interface ProcessesQuestion {
  readonly op: 'processes';
  readonly programs: readonly string[];
  readonly minThreads: number;
  readonly want: Want;
}

/** The only programs that are ever run on a host. None of them changes anything with the arguments used here. */
export const TOOLS = ['virsh', 'ip', 'ethtool', 'journalctl', 'dpkg-query', 'rpm', 'xl', 'xm'] as const;
export type Tool = (typeof TOOLS)[number];

export interface Stat {
  readonly type: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'character' | 'block';
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** What the file occupies on disk: st_blocks of 512 bytes. */
  readonly allocatedBytes: number;
  readonly links: number;
  readonly device: number;
  readonly inode: number;
  /** Seconds since 1970, whole. */
  readonly modifiedAt: number;
  readonly changedAt: number;
}

export interface Statfs {
  /** The kernel's magic number of the file system type (statfs(2)). */
  readonly magic: number;
  readonly blockBytes: number;
  readonly blocks: number;
  readonly free: number;
  /** Free to unprivileged users. */
  readonly available: number;
  readonly files: number;
  readonly filesFree: number;
}

/** How a tool ended, and what it said. */
export interface Ran {
  /** Exit status; 128 + signal where a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The paths that match a glob. */
export interface Matches<W extends Want> {
  readonly found: readonly Match<W>[];
  /** Directories that are there and could not be listed or entered: what they hold is not known. */
  readonly unlisted: readonly Failure[];
}

/** A regular file, as lstat sees it: where there can be ten thousand, no more is kept of each. */
export interface FoundFile extends Pick<Stat, 'sizeBytes' | 'allocatedBytes' | 'device' | 'inode'> {
  readonly path: string;
}

/** The files that match some globs. */
export interface FoundFiles {
  /** By glob, there by path. */
  readonly found: readonly FoundFile[];
  /** Symbolic links that match: they are not followed. */
  readonly links: readonly string[];
  /** What may match and could not be looked at, each once. */
  readonly unlisted: readonly Failure[];
}

/** The processes that run one of the programs asked for. */
export interface Processes<W extends Want> {
  readonly found: readonly Process<W>[];
  /** How many processes there were to look at: 0 or a handful where others are hidden. */
  readonly scanned: number;
  /** Processes of which neither name, executable nor command line could tell; process ids. */
  readonly undecided: readonly number[];
}

export type Process<W extends Want> = { readonly pid: number; readonly program: string } & Answers<W>;
export type Match<W extends Want> = { readonly path: string } & Answers<W>;

const KIB = 1024;

/** The whole file; one larger than `max` (default 256 KiB) is `tooBig`. Files of /proc and /sys have no size: read anyway. */
export function bytes(path: string, max = 256 * KIB): Ask<Reading<Content>> {
  return { op: 'bytes', path, max, part: 'whole' };
}

/** The first `max` bytes. */
export function head(path: string, max: number): Ask<Reading<Content>> {
  return { op: 'bytes', path, max, part: 'head' };
}

/** The last `max` bytes. */
export function tail(path: string, max: number): Ask<Reading<Content>> {
  return { op: 'bytes', path, max, part: 'tail' };
}

/**
 * The lines of a text file that contain a literal text, in their order and without line breaks: for long files of which
 * little matters, such as the mappings of all processes. More than `maxBytes` of such lines is `tooBig`. A file with NUL bytes
 * is no text, and may be `failed`.
 */
export function lines(
  path: string,
  containing: string,
  maxBytes = 256 * KIB,
): Ask<Reading<readonly string[]>> {
  if (containing === '' || containing.includes('\n')) throw new TypeError('one line of text to look for');
  return { op: 'lines', path, containing, max: maxBytes };
}

/** The names in a directory, sorted, without `.` and `..`. */
export function list(path: string): Ask<Reading<readonly string[]>> {
  return { op: 'list', path };
}

/** What `lstat` says; with `follow`, `stat`. */
export function stat(path: string, { follow = false } = {}): Ask<Reading<Stat>> {
  return { op: 'stat', path, follow };
}

/** Where a symbolic link points, as it is written there. */
export function link(path: string): Ask<Reading<string>> {
  return { op: 'link', path };
}

export function statfs(path: string): Ask<Reading<Statfs>> {
  return { op: 'statfs', path };
}

/** Whether some process has the FIFO open for reading: how svok(8) tests for a supervise that lives. */
export function fifo(path: string): Ask<Reading<'reader' | 'noReader'>> {
  return { op: 'fifo', path };
}

/** Run one of TOOLS, without a shell, LC_ALL=C, nothing on its standard input. Any exit status is an answer. */
export function run(tool: Tool, ...args: readonly string[]): Ask<Reading<Ran>> {
  return { op: 'run', tool, args };
}

/**
 * For each path that matches, sorted, the answers to `want`, whose paths are relative to the match ('' is
 * the match itself). In the glob `*` and `?` do not match a `/`, nor a dot at the beginning of a name. A directory
 * that is not there is no failure: nothing matches.
 */
export function each<const W extends Want>(glob: string, want: W): Ask<Reading<Matches<W>>> {
  return { op: 'each', glob, want };
}

/** The regular files that match one of the globs, which mean what they mean for `each`. */
export function files(...globs: readonly string[]): Ask<Reading<FoundFiles>> {
  return { op: 'files', globs };
}

/**
 * The processes that run one of `programs` (globs of base names, `qemu-system-*`), by process id, and of each the
 * answers to `want`, relative to its folder in /proc. What a process runs is told by its executable (/proc/PID/exe)
 * where that may be read, else by the first word of its command line, which anybody may read; by its name (comm)
 * only while it hangs in the kernel, where reading the command line could block for ever.
 *
 * @param options.minThreads how many threads the programs have at least: what has fewer, and another name, is passed over
 *   without a look at its command line, which is half of the cost where there are thousands of processes
 */
export function processes<const W extends Want>(
  programs: readonly string[],
  want: W,
  { minThreads = 1 } = {},
): Ask<Reading<Processes<W>>> {
  return { op: 'processes', programs, minThreads, want };
}
