/** The configuration of each dnsmasq: its command line, and the files that this names, as its own process sees them. */
import { each, head, type Matches } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import {
  confDirFilter,
  dnsmasqArguments,
  dnsmasqFile,
  dnsmasqOptions,
  type DnsmasqOptions,
} from '../parsers/dnsmasq-config.ts';
import { failed, type Failure, type Reading } from '../reading.ts';
import type { DhcpProcess } from './dhcp-processes.ts';
import { parsedText } from './parsed.ts';

const TEXT = { text: head('', 1024 * 1024) };
type Files = Reading<Matches<typeof TEXT>>;
/** Files that name files that name files. */
const ROUNDS = 3;
/** Of a log, so much of its end: a quarter of an hour of a busy one. */
export const LOG_TAIL_BYTES = 1024 * 1024;
const DEFAULT_FILE = '/etc/dnsmasq.conf';

export interface Configured {
  readonly process: DhcpProcess;
  readonly options: DnsmasqOptions;
  /** What it was told could not be read whole: it may serve DHCP or not. */
  readonly unread: readonly Failure[];
}

/** Where a path of the process's own lies for us: containers have other files of the same name. */
export function pathFor({ pid, hasOwnFiles }: DhcpProcess, path: string): string {
  return hasOwnFiles ? `/proc/${pid}/root${path}` : path;
}

/**
 * Whether a path that some process names is opened: any user can start one called dnsmasq, and of the kernel's own files some do
 * something when they are read.
 */
export function isReadable(path: string): boolean {
  return path.startsWith('/') && !/^\/(?:proc|sys|dev)\//.test(path);
}

/** Null: it does not log to a file of its own. */
export function logFileOf({ process, options }: Pick<Configured, 'process' | 'options'>): string | null {
  const path = options.logFacility ?? '';
  return isReadable(path) ? pathFor(process, path) : null;
}

export async function configured(
  host: Host,
  processes: readonly DhcpProcess[],
): Promise<readonly Configured[]> {
  const states = processes.map((process) => {
    const pairs = [...dnsmasqArguments(process.argv.slice(1))];
    return { process, pairs, seen: new Set<string>(), unread: [] as Failure[] };
  });
  for (let round = 0; round < ROUNDS; round += 1) {
    const questions: Record<string, ReturnType<typeof question>> = {};
    const wanted = states.map((state) => {
      const named = globsOf(dnsmasqOptions(state.pairs), state.process, round).filter(
        ({ glob }) => !state.seen.has(glob),
      );
      const globs = named.filter(({ path }) => isReadable(path));
      for (const { glob, path } of named) {
        state.seen.add(glob);
        if (isReadable(path)) questions[glob] = question(glob);
        else state.unread.push(failed('wrongType', path));
      }
      return { state, globs };
    });
    if (Object.keys(questions).length === 0) break;
    const answers: Readonly<Record<string, unknown>> = await host.ask(questions);
    for (const { state, globs } of wanted)
      for (const one of globs) take(state, one, answers[one.glob] as Files);
  }
  return states.map(({ process, pairs, unread }) => ({ process, options: dnsmasqOptions(pairs), unread }));
}

function question(glob: string) {
  return each(glob, TEXT);
}

interface Glob {
  /** As the process calls it, and as we do. */
  readonly path: string;
  readonly glob: string;
  readonly takes: (name: string) => boolean;
}

function globsOf(options: DnsmasqOptions, process: DhcpProcess, round: number): readonly Glob[] {
  const files = options.files.length === 0 && round === 0 ? [DEFAULT_FILE] : options.files;
  const folders = options.folders.map(confDirFilter);
  return [
    ...files.map((path) => ({ path, takes: () => true })),
    ...folders.map(({ folder, takes }) => ({ path: `${folder}/*`, takes })),
  ]
    .filter(({ path }) => path.startsWith('/') && path !== '/dev/null')
    .map(({ path, takes }) => ({ path, glob: pathFor(process, path), takes }));
}

function take(
  state: { readonly pairs: (readonly [string, string])[]; readonly unread: Failure[] },
  { takes }: Glob,
  files: Files,
): void {
  if (!files.ok) {
    state.unread.push(files);
    return;
  }
  state.unread.push(...files.value.unlisted);
  for (const { path, text } of files.value.found) {
    if (!takes(path.slice(path.lastIndexOf('/') + 1))) continue;
    const pairs = parsedText(text, path, dnsmasqFile);
    if (pairs.ok) for (const pair of pairs.value) state.pairs.push(pair);
    else if (pairs.why !== 'absent' && pairs.why !== 'vanished') state.unread.push(pairs);
  }
}
