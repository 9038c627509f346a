/** Files to logs: a log with its rotated ones and what was deleted of it, its owner, its sizes, who writes it. */
import type { FoundFile } from '../host/ask.ts';
import type { ConsoleLogs } from '../facts/console-logs.ts';
import type { DeletedLog, OpenLog } from '../facts/open-logs.ts';
import { instanceOf } from '../facts/console-places.ts';
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
  readonly files: readonly FoundFile[];
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

/** What belongs to one log. */
type Part = Pick<ConsoleLog, 'path' | 'instance' | 'owner' | 'files' | 'deleted'>;

const NONE: readonly never[] = [];

/** All logs, the largest first, those of the same size in the order in which they were found: by place, there by path. */
export function logsOf(facts: ConsoleLogs, by: SizeBy): readonly ConsoleLog[] {
  const parts = partsOf(facts);
  const writerOf = writerFinder(facts);
  const nameOf = namer(facts, parts);
  const logs = parts.map((part): ConsoleLog => {
    const { path, instance, owner, files, deleted } = part;
    const gone = deleted[0]?.stat;
    const allocatedBytes = sumOver(files, deleted, 'allocatedBytes');
    const apparentBytes = sumOver(files, deleted, 'sizeBytes');
    return {
      path,
      instance,
      owner,
      name: nameOf(part),
      files,
      deleted,
      allocatedBytes,
      apparentBytes,
      sizeBytes: sizeOf({ allocatedBytes, apparentBytes }, by),
      device: files[0]?.device ?? (gone?.ok === true ? gone.value.device : null),
      writer: writerOf(path, files),
    };
  });
  return logs.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/** By the path of the log itself. A name with a number that a guest gives its log is that log's own. */
function partsOf(facts: ConsoleLogs): readonly Part[] {
  const ownerOf = ownerFinder(facts);
  const names = new Set(facts.named.map(({ path }) => path));
  const baseOf = (path: string): string => (names.has(path) ? path : logOf(path));
  const partOf = (path: string, files: readonly FoundFile[], deleted: readonly DeletedLog[]): Part => {
    const instance = instanceOf(path, facts.instanceRoots);
    const owner = ownerOf({ path, instance });
    const [gone] = deleted;
    const isHolders = owner.guest === null && gone !== undefined && gone.holder.guest !== null;
    return { path, instance, owner: isHolders ? holderOf(gone) : owner, files, deleted };
  };
  const more = new Map<string, { files: FoundFile[]; deleted: DeletedLog[] }>();
  const moreOf = (path: string) => {
    const one = more.get(baseOf(path)) ?? { files: [], deleted: [] };
    more.set(baseOf(path), one);
    return one;
  };
  const own: FoundFile[] = [];
  for (const file of facts.files) {
    if (baseOf(file.path) === file.path) own.push(file);
    else moreOf(file.path).files.push(file);
  }
  for (const file of facts.deleted) moreOf(file.path).deleted.push(file);
  const parts = own.map((file) => {
    const { files, deleted } = more.get(file.path) ?? { files: NONE, deleted: NONE };
    more.delete(file.path);
    return partOf(file.path, files.length === 0 ? [file] : [file, ...files], deleted);
  });
  return [...parts, ...[...more].map(([path, { files, deleted }]) => partOf(path, files, deleted))];
}

function sumOver(
  files: readonly FoundFile[],
  deleted: readonly DeletedLog[],
  size: 'sizeBytes' | 'allocatedBytes',
): number {
  let sum = 0;
  for (const file of files) sum += file[size];
  for (const { stat } of deleted) if (stat?.ok === true) sum += stat.value[size];
  return sum;
}

/** A guest's console is called by its name alone; what else there is of it, such as libvirt's own log, by its file too. */
function namer({ named }: ConsoleLogs, parts: readonly Part[]): (part: Part) => string {
  const guests = parts.filter(({ owner }) => owner.guest !== null);
  const paths = new Set(guests.map(({ path }) => path));
  const consoles = new Map<string, string>();
  const inOrder = [
    ...named.filter(({ path }) => paths.has(path)).map(({ guest, path }) => [guest, path] as const),
    ...guests
      .filter(({ instance }) => instance !== null)
      .map(({ owner, path }) => [owner.guest, path] as const),
    ...guests.map(({ owner, path }) => [owner.guest, path] as const),
  ];
  for (const [guest, path] of inOrder) {
    if (guest !== null && !consoles.has(guest)) consoles.set(guest, path);
  }
  return ({ path, instance, owner: { guest } }) => {
    if (guest === null) return instance ?? path;
    return consoles.get(guest) === path ? guest : `${guest}/${path.slice(path.lastIndexOf('/') + 1)}`;
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
  return (path: string, files: readonly FoundFile[]): Writer | null => {
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
