/**
 * Processes that execute files which were deleted or replaced since they were started: the update of a library or a program
 * changes nothing in them until they are started again. And qemu, which cannot be.
 */
import { anyMatcher } from '../glob.ts';
import { head, lines, link, processes, stat, type Content, type Question } from '../host/ask.ts';
import type { Host, Identity } from '../host/host.ts';
import { placeOfCgroup, type CgroupPlace } from '../parsers/cgroup.ts';
import { isCodePath, isOldCode, originalPath, parseDeletedMapping } from '../parsers/proc-maps.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { QEMU_PROGRAMS } from '../parsers/qemu-argv.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import { hiddenProcesses } from './hidden-processes.ts';

export interface OldFile {
  /** As the process sees it. */
  readonly path: string;
  readonly isExecutable: boolean;
  /** Another file is there now; null: not known. */
  readonly isReplaced: boolean | null;
}

export interface OldProcess {
  readonly pid: number;
  readonly program: string;
  readonly files: readonly OldFile[];
  /** Where the service manager or a container engine has put it. */
  readonly place: CgroupPlace;
  /** Of a device model of Xen's, the number of its guest: no process here but this one is that guest. */
  readonly xenDomain: number | null;
}

export interface OldCode {
  /** How many processes there were; the failure where they could not be looked at at all. */
  readonly scanned: Reading<number>;
  readonly found: readonly OldProcess[];
  /** Processes of other users that this user may not look into; of those that hang in the kernel, which nobody should. */
  readonly denied: number;
  readonly hanging: number;
  readonly unread: readonly Failure[];
  /** Set where other users' processes are hidden from us, or there is no /proc: then "none" means nothing. */
  readonly hidden: Failure | null;
  readonly who: Identity;
}

/** 300 bytes for each of 1000 such files: what uses more is no program but a test of ours. */
const MAX_LINES_BYTES = 512 * 1024;
/** So many files are looked for on disk, to tell the replaced from the deleted. */
const MAX_LOOKED_FOR = 200;
/** Where Xen's tools put its number among the first words (libxl__build_device_model_args in tools/libs/light/libxl_dm.c). */
const MAX_CMDLINE_BYTES = 16 * 1024;

interface Suspect {
  readonly pid: number;
  readonly program: string;
  readonly executable: string | null;
  /** Inodes of the mapped files by path. */
  readonly files: ReadonlyMap<string, number>;
}

export async function gatherOldCode(host: Host): Promise<OldCode> {
  const first = await host.ask({
    all: processes(['*'], { maps: lines('maps', '(deleted)', MAX_LINES_BYTES), exe: link('exe') }),
    namespace: link('/proc/1/ns/pid'),
    init: head('/proc/1/comm', 64),
  });
  const { all, who } = first;
  if (!all.ok) return { scanned: all, found: [], denied: 0, hanging: 0, unread: [], hidden: null, who };
  const unread: Failure[] = [];
  const suspects: Suspect[] = [];
  const gone: { pid: number; failure: Failure }[] = [];
  let denied = all.value.undecided.length;
  let hanging = 0;
  for (const [index, { pid, program, maps, exe }] of all.value.found.entries()) {
    if (index % 100 === 99) await breathe();
    if (maps.ok) {
      const suspect = suspectOf(pid, program, maps.value, exe);
      if ('ok' in suspect) unread.push(suspect);
      else if (suspect.files.size > 0) suspects.push(suspect);
    } else if (maps.why === 'denied') denied += 1;
    else if (maps.why === 'absent' || maps.why === 'vanished') gone.push({ pid, failure: maps });
    else if (maps.detail.includes('hangs in the kernel')) hanging += 1;
    else unread.push(maps);
  }
  const more = await lookCloser(host, suspects, gone, first.namespace);
  const scanned = found(all.value.scanned);
  const hidden = hiddenProcesses(first.init, all.value.scanned, who);
  return { scanned, found: more.found, denied, hanging, unread: [...unread, ...more.unread], hidden, who };
}

function suspectOf(
  pid: number,
  program: string,
  maps: readonly string[],
  exe: Reading<string>,
): Suspect | Failure {
  const files = new Map<string, number>();
  try {
    for (const line of maps) {
      const mapping = parseDeletedMapping(line);
      if (mapping !== null && isOldCode(mapping)) files.set(mapping.path, mapping.inode);
    }
  } catch (error) {
    if (error instanceof FormatError) return failed('unparsable', `/proc/${pid}/maps`, error.message);
    throw error;
  }
  const path = exe.ok && exe.value.endsWith(DELETED) ? exe.value.slice(0, -DELETED.length) : null;
  const executable = path !== null && isCodePath(path) ? path : null;
  // A program in a script's clothes may map its own file in other ways; that it is gone, the link says.
  if (executable !== null && !files.has(executable)) files.set(executable, 0);
  return { pid, program, executable, files };
}

const DELETED = ' (deleted)';

/** Which service or container they belong to, whether the files are really gone, and whether a process ended meanwhile. */
async function lookCloser(
  host: Host,
  suspects: readonly Suspect[],
  gone: readonly { pid: number; failure: Failure }[],
  namespace: Reading<string>,
): Promise<Pick<OldCode, 'found' | 'unread'>> {
  if (suspects.length === 0 && gone.length === 0) return { found: [], unread: [] };
  const want: Record<string, Question> = {};
  const isQemu = anyMatcher(QEMU_PROGRAMS);
  for (const { pid, program } of suspects) {
    want[`cgroup ${pid}`] = head(`/proc/${pid}/cgroup`, 4096);
    want[`namespace ${pid}`] = link(`/proc/${pid}/ns/pid`);
    if (isQemu(program)) want[`cmdline ${pid}`] = head(`/proc/${pid}/cmdline`, MAX_CMDLINE_BYTES);
  }
  for (const { pid } of gone) want[`gone ${pid}`] = stat(`/proc/${pid}`);
  const paths = new Set(suspects.flatMap(({ files }) => [...files.keys()]));
  for (const path of [...paths].slice(0, MAX_LOOKED_FOR)) {
    want[`now ${path}`] = stat(originalPath(path));
    want[`named ${path}`] = stat(path + DELETED);
  }
  const answers: Readonly<Record<string, unknown>> = await host.ask(want);
  const inodeOf = (key: string): number | 'absent' | null => {
    const reading = answers[key] as Reading<{ inode: number }> | undefined;
    if (reading === undefined) return null;
    return reading.ok ? reading.value.inode : reading.why === 'absent' ? 'absent' : null;
  };
  const processes = suspects.flatMap(({ pid, program, executable, files }): OldProcess[] => {
    // Somebody may call a file so: then it is not deleted, and the kernel has added nothing.
    const old = [...files].filter(([path, inode]) => inode === 0 || inodeOf(`named ${path}`) !== inode);
    if (old.length === 0) return [];
    const cgroup = answers[`cgroup ${pid}`] as Reading<{ bytes: Uint8Array }>;
    const own = answers[`namespace ${pid}`] as Reading<string>;
    const place = placeOfCgroup(cgroup.ok ? decodeUtf8(cgroup.value.bytes) : '');
    const isElsewhere = place.container === null && own.ok && namespace.ok && own.value !== namespace.value;
    const container = isElsewhere ? 'another process namespace' : place.container;
    return [
      {
        pid,
        program,
        place: { ...place, container },
        xenDomain: xenDomainOf(answers[`cmdline ${pid}`] as Reading<Content> | undefined),
        files: old.map(([path]) => ({
          path: originalPath(path),
          isExecutable: path === executable,
          // What stands at that path here says nothing about the files of a container.
          isReplaced: container === null ? isThere(inodeOf(`now ${path}`)) : null,
        })),
      },
    ];
  });
  const unread = gone.flatMap(({ pid, failure }) => (inodeOf(`gone ${pid}`) === 'absent' ? [] : [failure]));
  return { found: processes, unread };
}

function xenDomainOf(cmdline: Reading<Content> | undefined): number | null {
  if (cmdline?.ok !== true) return null;
  const { argv } = parseProcCmdline(cmdline.value.bytes);
  const option = argv.indexOf('-xen-domid');
  const domain = option < 0 ? '' : (argv[option + 1] ?? '');
  return /^[0-9]{1,5}$/.test(domain) ? Number(domain) : null;
}

function isThere(inode: number | 'absent' | null): boolean | null {
  return inode === null ? null : inode !== 'absent';
}
