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
  /** How it is called: by its guest, or by guest and file; where that is not known by its instance's folder, or its path. */
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

interface Part {
  readonly files: LogFile[];
  readonly deleted: DeletedLog[];
}

/** All logs, the largest first, those of the same size by path. */
export function logsOf(facts: ConsoleLogs, by: SizeBy): readonly ConsoleLog[] {
  const parts = partsOf(facts);
  const ownerOf = ownerFinder(facts);
  const writerOf = writerFinder(facts);
  const nameOf = namer(facts, parts, ownerOf);
  const logs = [...parts].map(([path, { files, deleted }]): ConsoleLog => {
    const [gone] = deleted;
    const instance = files[0]?.instance ?? null;
    const found = ownerOf({ path, instance });
    const owner =
      found.guest === null && gone !== undefined && gone.holder.guest !== null ? holderOf(gone) : found;
    const allocatedBytes = sumOver(files, deleted, 'allocatedBytes');
    const apparentBytes = sumOver(files, deleted, 'sizeBytes');
    return {
      path,
      instance,
      owner,
      name: nameOf(path, instance, owner),
      files,
      deleted,
      allocatedBytes,
      apparentBytes,
      sizeBytes: sizeOf({ allocatedBytes, apparentBytes }, by),
      device: files[0]?.stat.device ?? (gone?.stat?.ok === true ? gone.stat.value.device : null),
      writer: writerOf(path, files),
    };
  });
  return logs.sort((a, b) =>
    b.sizeBytes === a.sizeBytes ? (a.path < b.path ? -1 : 1) : b.sizeBytes - a.sizeBytes,
  );
}

/** By the path of the log itself. A name with a number that a guest gives its log is that log's own. */
function partsOf({ files, deleted, named }: ConsoleLogs): ReadonlyMap<string, Part> {
  const names = new Set(named.map(({ path }) => path));
  const parts = new Map<string, Part>();
  const partOf = (path: string): Part => {
    const base = names.has(path) ? path : logOf(path);
    let part = parts.get(base);
    if (part === undefined) parts.set(base, (part = { files: [], deleted: [] }));
    return part;
  };
  for (const file of files) partOf(file.path).files.push(file);
  for (const file of deleted) partOf(file.path).deleted.push(file);
  return parts;
}

function sumOver(
  files: readonly LogFile[],
  deleted: readonly DeletedLog[],
  size: 'sizeBytes' | 'allocatedBytes',
): number {
  let sum = 0;
  for (const { stat } of files) sum += stat[size];
  for (const { stat } of deleted) if (stat?.ok === true) sum += stat.value[size];
  return sum;
}

/** A guest's console is called by its name alone; what else there is of it, such as libvirt's own log, by its file too. */
function namer(
  { named }: ConsoleLogs,
  parts: ReadonlyMap<string, Part>,
  ownerOf: ReturnType<typeof ownerFinder>,
) {
  const consoles = new Map<string, string>();
  const add = (guest: string | null, path: string): void => {
    if (guest !== null && !consoles.has(guest) && parts.has(path)) consoles.set(guest, path);
  };
  for (const { guest, path } of named) add(guest, path);
  for (const isInstance of [true, false]) {
    for (const [path, { files }] of parts) {
      const instance = files[0]?.instance ?? null;
      if ((instance !== null) === isInstance) add(ownerOf({ path, instance }).guest, path);
    }
  }
  return (path: string, instance: string | null, { guest }: Owner): string => {
    if (guest === null) return instance ?? path;
    const isConsole = (consoles.get(guest) ?? path) === path;
    return isConsole ? guest : `${guest}/${path.slice(path.lastIndexOf('/') + 1)}`;
  };
}

function holderOf({ holder }: DeletedLog): Owner {
  return { guest: holder.guest?.name ?? null, uuid: holder.guest?.uuid ?? null, isHere: true };
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
    if (held.size === 0 && onCommandLine.size === 0) return null;
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
