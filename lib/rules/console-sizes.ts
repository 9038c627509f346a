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

/** A log whose name is still to be found: that takes all logs of its guest. */
type Draft = { -readonly [K in keyof ConsoleLog]: ConsoleLog[K] };

const NONE: readonly never[] = [];

/** All logs, the largest first, those of the same size in the order in which they were found: by place, there by path. */
export function logsOf(facts: ConsoleLogs, by: SizeBy): readonly ConsoleLog[] {
  const ownerOf = ownerFinder(facts);
  const writerOf = writerFinder(facts);
  const logs = byLog(facts, (path, files, deleted): Draft => {
    const instance = instanceOf(path, facts.instanceRoots);
    const owner = ownerOf(path, instance);
    const gone = deleted[0];
    const holder = (owner.guest === null ? gone?.holder.guest : null) ?? null;
    const sizes = sumOf(files, deleted);
    return {
      path,
      instance,
      owner: holder === null ? owner : { guest: holder.name, uuid: holder.uuid, isHere: true },
      name: instance ?? path,
      files,
      deleted,
      allocatedBytes: sizes.allocatedBytes,
      apparentBytes: sizes.apparentBytes,
      sizeBytes: sizeOf(sizes, by),
      device: files[0]?.device ?? (gone?.stat?.ok === true ? gone.stat.value.device : null),
      writer: writerOf(path, files),
    };
  });
  nameByGuests(facts, logs);
  return logs.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/** By the path of the log itself. A name with a number that a guest gives its log is that log's own. */
function byLog(
  facts: ConsoleLogs,
  draft: (path: string, files: readonly FoundFile[], deleted: readonly DeletedLog[]) => Draft,
): Draft[] {
  const names = new Set(facts.named.map(({ path }) => path));
  const more = new Map<string, { files: FoundFile[]; deleted: DeletedLog[] }>();
  const moreOf = (path: string) => {
    const base = names.has(path) ? path : logOf(path);
    const one = more.get(base) ?? { files: [], deleted: [] };
    more.set(base, one);
    return one;
  };
  const logs: Draft[] = [];
  for (const file of facts.files) {
    const { path } = file;
    if (logOf(path) === path) logs.push(draft(path, [file], NONE));
    else moreOf(path).files.push(file);
  }
  for (const file of facts.deleted) moreOf(file.path).deleted.push(file);
  if (more.size === 0) return logs;
  const whole = logs.map((log) => {
    const others = more.get(log.path);
    more.delete(log.path);
    return others === undefined ? log : draft(log.path, [...log.files, ...others.files], others.deleted);
  });
  return [...whole, ...[...more].map(([path, { files, deleted }]) => draft(path, files, deleted))];
}

function sumOf(files: readonly FoundFile[], deleted: readonly DeletedLog[]): Sizes {
  let allocatedBytes = 0;
  let apparentBytes = 0;
  for (const file of files) {
    allocatedBytes += file.allocatedBytes;
    apparentBytes += file.sizeBytes;
  }
  for (const { stat } of deleted) {
    if (stat?.ok !== true) continue;
    allocatedBytes += stat.value.allocatedBytes;
    apparentBytes += stat.value.sizeBytes;
  }
  return { allocatedBytes, apparentBytes };
}

/** A guest's console is called by its name alone; what else there is of it, such as libvirt's own log, by its file too. */
function nameByGuests({ named }: ConsoleLogs, logs: readonly Draft[]): void {
  const paths = new Set(logs.map(({ path }) => path));
  const consoles = new Map<string | null, string>();
  const inOrder = [
    ...named.filter(({ path }) => paths.has(path)).map(({ guest, path }) => [guest, path] as const),
    ...logs
      .filter(({ instance }) => instance !== null)
      .map(({ owner, path }) => [owner.guest, path] as const),
    ...logs.map(({ owner, path }) => [owner.guest, path] as const),
  ];
  for (const [guest, path] of inOrder) {
    if (!consoles.has(guest)) consoles.set(guest, path);
  }
  for (const log of logs) {
    const { owner, path } = log;
    if (owner.guest === null) continue;
    log.name =
      consoles.get(owner.guest) === path
        ? owner.guest
        : `${owner.guest}/${path.slice(path.lastIndexOf('/') + 1)}`;
  }
}

/** In a container, a path is another than on its host: there, the folder of an instance tells. */
function writerFinder({ open, named, appends }: ConsoleLogs) {
  const held = new Map<string, OpenLog>();
  for (const log of open) {
    held.set(log.path, log);
    const tail = instanceTail(log.path);
    if (tail !== null) held.set(tail, log);
  }
  const onCommandLine = new Map(
    named.flatMap(({ path, writer }) => (writer === null ? [] : [[path, writer] as const])),
  );
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
    return writer === undefined ? null : { program: 'qemu', ...writer };
  };
}

function instanceTail(path: string): string | null {
  return /\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\/[^/]+$/i.exec(path)?.[0] ?? null;
}
