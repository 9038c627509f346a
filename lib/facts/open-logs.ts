/**
 * The console logs that processes have open (proc_pid_fd(5)): guests' own, virtlogd's, xenconsoled's. Only the links are
 * read of all of them: what they lead to may be a disk on a server that does not answer.
 *
 *     /proc/4711/fd/12 -> /var/lib/nova/instances/UUID/console.log (deleted)
 */
import { bytes, each, link, stat, type Ask, type Content, type Matches, type Stat } from '../host/ask.ts';
import { parseFdInfo } from '../parsers/proc-fdinfo.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import type { Failure, Reading } from '../reading.ts';
import type { Batch } from './batch.ts';

/** Programs that write logs for guests, besides the guests. */
export const LOG_WRITERS: readonly string[] = ['virtlogd', 'xenconsoled'];

export interface Holder {
  readonly pid: number;
  readonly program: 'qemu' | 'virtlogd' | 'xenconsoled';
  /** The guest of a qemu; null for the others. */
  readonly guest: { readonly name: string; readonly uuid: string | null } | null;
}

export interface OpenLog {
  readonly holder: Holder;
  /** The link, /proc/PID/fd/N. */
  readonly link: string;
  /** What it leads to, without the ` (deleted)`. */
  readonly path: string;
  readonly isDeleted: boolean;
}

export interface OpenLogs {
  readonly found: readonly OpenLog[];
  /** Processes whose open files could not be listed. */
  readonly unlisted: readonly Failure[];
}

const DELETED = ' (deleted)';

/** What is known of the file system of an open file; the failure where that could not be asked. */
export type Home = Reading<{ readonly shared: string | null }>;

/** @param isLog whether a path can be that of a log: a guest has hundreds of files open, most of them something else */
export function askOpenLogs(
  batch: Batch,
  holders: readonly Holder[],
  isLog: (path: string, holder: Holder) => boolean,
): () => OpenLogs {
  const asked = holders.map((holder) => ({
    holder,
    answer: batch.add(each(`/proc/${holder.pid}/fd/*`, { link: link('') })),
  }));
  return () => {
    const open: OpenLog[] = [];
    const unlisted: Failure[] = [];
    for (const { holder, answer } of asked) {
      const links: Reading<Matches<{ link: Ask<Reading<string>> }>> = answer();
      if (!links.ok) unlisted.push(links);
      else {
        // One that has ended since lists nothing: its folder is gone.
        unlisted.push(...links.value.unlisted.filter(({ why }) => why !== 'vanished'));
        for (const { path, link: target } of links.value.found) {
          if (!target.ok && target.why !== 'absent' && target.why !== 'vanished') unlisted.push(target);
          if (!target.ok || !target.value.startsWith('/')) continue;
          const isDeleted = target.value.endsWith(DELETED);
          const file = isDeleted ? target.value.slice(0, -DELETED.length) : target.value;
          if (isLog(file, holder)) open.push({ holder, link: path, path: file, isDeleted });
        }
      }
    }
    return { found: open, unlisted };
  };
}

/** A log that has no name any more, and takes space as long as it is open. */
export interface DeletedLog extends OpenLog {
  /** Null: on a shared file system, which may not answer, so it was not looked at. */
  readonly stat: Reading<Stat> | null;
}

export function askDeleted(
  batch: Batch,
  open: readonly OpenLog[],
  homeOf: (log: OpenLog) => Home,
): () => DeletedLog[] {
  const asked = open.map((log) => {
    const home = homeOf(log);
    const lookAt = (): (() => Reading<Stat>) => batch.add(stat(log.link, { follow: true }));
    return { log, answer: !home.ok ? () => home : home.value.shared === null ? lookAt() : null };
  });
  return () => {
    const seen = new Set<string>();
    return asked.flatMap(({ log, answer }): DeletedLog[] => {
      const reading: Reading<Stat> | null = answer?.() ?? null;
      // Its process has closed it, or ended; or its real name ends like that.
      if (reading?.ok === false && (reading.why === 'absent' || reading.why === 'vanished')) return [];
      if (reading?.ok !== true) return [{ ...log, stat: reading }];
      const { type, links, device, inode } = reading.value;
      const key = `${device}:${inode}`;
      if (type !== 'file' || links > 0 || seen.has(key)) return [];
      seen.add(key);
      return [{ ...log, stat: reading }];
    });
  };
}

/** Whether writes go to the end of the file, by link; not in it where that could not be read. */
export function askAppending(batch: Batch, open: readonly OpenLog[]): () => ReadonlyMap<string, boolean> {
  const asked = open.map(({ link: path }) => ({
    path,
    answer: batch.add(bytes(path.replace('/fd/', '/fdinfo/'), 64 * 1024)),
  }));
  return () =>
    new Map(
      asked.flatMap(({ path, answer }) => {
        const appends = appendsOf(answer());
        return appends === null ? [] : [[path, appends] as const];
      }),
    );
}

function appendsOf(info: Reading<Content>): boolean | null {
  if (!info.ok) return null;
  try {
    return parseFdInfo(decodeUtf8(info.value.bytes)).appends;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}
