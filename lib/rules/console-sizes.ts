/** Files to logs: a log with its rotated ones and what was deleted of it, its owner, its sizes, who writes it. */
import type { LogFile } from '../facts/console-files.ts';
import type { ConsoleLogs } from '../facts/console-logs.ts';
import type { DeletedLog, OpenLog } from '../facts/open-logs.ts';
import { logOf } from '../facts/rotated.ts';
import { ownerFinder, type Owner } from './console-owners.ts';

export const SIZES_BY = ['allocated', 'apparent', 'larger'] as const;
export type SizeBy = (typeof SIZES_BY)[number];

export interface Sizes {
  /** What the disk pays. */
  readonly allocatedBytes: number;
  /** What a reader carries. */
  readonly apparentBytes: number;
}

export interface ConsoleLog extends Sizes {
  /** The path of the log itself; its rotated ones have more behind it. */
  readonly path: string;
  readonly instance: string | null;
  readonly owner: Owner;
  /** How it is called: by its guest where that has one log, else by guest and file; else by its instance's folder, or its path. */
  readonly name: string;
  readonly files: readonly LogFile[];
  readonly deleted: readonly DeletedLog[];
  /** By the choice of --size, of all files together. */
  readonly sizeBytes: number;
  readonly device: number | null;
  readonly writer: Writer | null;
}

/** Who has the log open, or, where that could not be seen, has it on its command line. */
export interface Writer {
  readonly program: OpenLog['holder']['program'];
  readonly pid: number;
  /** Null: not known. */
  readonly appends: boolean | null;
}

export function sizeOf({ allocatedBytes, apparentBytes }: Sizes, by: SizeBy): number {
  switch (by) {
    case 'allocated':
      return allocatedBytes;
    case 'apparent':
      return apparentBytes;
    case 'larger':
      return Math.max(allocatedBytes, apparentBytes);
  }
}

/** So much less on disk than to read that there are holes in it; compression alone, of small files, is none. */
export function isSparse({ allocatedBytes, apparentBytes }: Sizes): boolean {
  return apparentBytes >= 1024 * 1024 && allocatedBytes < apparentBytes / 2;
}

/** All logs, by path. */
export function logsOf(facts: ConsoleLogs, by: SizeBy): readonly ConsoleLog[] {
  const ownerOf = ownerFinder(facts);
  const writerOf = writerFinder(facts);
  const named = new Set(facts.named.map(({ path }) => path));
  // A name with a number that a guest gives its log is that log's own.
  const baseOf = (path: string): string => (named.has(path) ? path : logOf(path));
  const parts = new Map<string, { files: LogFile[]; deleted: DeletedLog[] }>();
  const partOf = (path: string) => {
    const base = baseOf(path);
    const part = parts.get(base) ?? { files: [], deleted: [] };
    parts.set(base, part);
    return part;
  };
  for (const file of facts.files) partOf(file.path).files.push(file);
  for (const file of facts.deleted) partOf(file.path).deleted.push(file);
  const logs = [...parts].map(([path, { files, deleted }]) => {
    const instance = files[0]?.instance ?? null;
    const owner = ownerOf({ path, instance });
    const [gone] = deleted;
    const sizes = sumOf([...files.map(({ stat }) => stat), ...deleted.flatMap(statOf)]);
    return {
      path,
      instance,
      owner:
        owner.guest === null && gone !== undefined && gone.holder.guest !== null
          ? ownerOfHolder(gone)
          : owner,
      files,
      deleted,
      ...sizes,
      sizeBytes: sizeOf(sizes, by),
      device: files[0]?.stat.device ?? deleted.flatMap(statOf)[0]?.device ?? null,
      writer: writerOf(path, files),
    };
  });
  return withNames(logs).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function ownerOfHolder({ holder }: DeletedLog): Owner {
  return { guest: holder.guest?.name ?? null, uuid: holder.guest?.uuid ?? null, isHere: true };
}

function statOf({ stat }: DeletedLog): LogFile['stat'][] {
  return stat?.ok === true ? [stat.value] : [];
}

export function sumOf(
  stats: readonly { readonly sizeBytes: number; readonly allocatedBytes: number }[],
): Sizes {
  return {
    allocatedBytes: stats.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0),
    apparentBytes: stats.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

function withNames(logs: readonly Omit<ConsoleLog, 'name'>[]): ConsoleLog[] {
  const count = new Map<string, number>();
  for (const { owner } of logs) {
    if (owner.guest !== null) count.set(owner.guest, (count.get(owner.guest) ?? 0) + 1);
  }
  return logs.map((log) => {
    const { guest } = log.owner;
    const file = log.path.slice(log.path.lastIndexOf('/') + 1);
    const name =
      guest === null ? (log.instance ?? log.path) : count.get(guest) === 1 ? guest : `${guest}/${file}`;
    return { ...log, name };
  });
}

/** In a container, a path is another than on its host: there, the folder of an instance tells. */
function writerFinder({ open, named, appends }: ConsoleLogs) {
  const held = new Map<string, OpenLog>();
  for (const log of open) {
    held.set(log.path, log);
    const tail = instanceTail(log.path);
    if (tail !== null && !held.has(tail)) held.set(tail, log);
  }
  const onCommandLine = new Map(named.map(({ path, writer }) => [path, writer] as const).filter(([, writer]) => writer !== null)); // prettier-ignore
  return (path: string, files: readonly LogFile[]): Writer | null => {
    const paths = [path, ...files.map((file) => file.path)];
    for (const one of paths) {
      const log = held.get(one) ?? held.get(instanceTail(one) ?? '');
      if (log === undefined) continue;
      const { program, pid } = log.holder;
      // virtlogd and xenconsoled open their logs with O_APPEND (virRotatingFileWriterEntryNew, create_domain_log).
      return { program, pid, appends: appends.get(log.link) ?? (program === 'qemu' ? null : true) };
    }
    const writer = onCommandLine.get(path);
    return writer === undefined || writer === null ? null : { program: 'qemu', ...writer };
  };
}

function instanceTail(path: string): string | null {
  return /\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\/[^/]+$/i.exec(path)?.[0] ?? null;
}
