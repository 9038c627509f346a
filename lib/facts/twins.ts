/**
 * Guests that have a process on two hosts. While a guest moves that is so for seconds or minutes, and only one of the two runs;
 * two that run write to the same disks.
 */
import { head, processes, run, type Ask, type Content, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { parseQemuArgv, QEMU_PROGRAMS } from '../parsers/qemu-argv.ts';
import type { Reading } from '../reading.ts';
import type { Guests, RunningGuest } from './guests.ts';
import type { XenGuest } from './xen.ts';

export interface Twin {
  readonly here: RunningGuest;
  readonly there: RunningGuest;
  readonly stateHere: TwinState;
  readonly stateThere: TwinState;
}

/** What one of the two does. `unknown`: libvirt does not tell, and it may be waiting for a migration (-incoming). */
export type TwinState = 'running' | 'paused' | 'unknown';

/** Long enough for a migration at its end, whose two processes overlap for less than a second. */
const SECOND_LOOK_SECONDS = 2;
const MAX_CMDLINE_BYTES = 256 * 1024;

/** A host with the guests that were seen on it. */
export interface Populated {
  readonly host: Host;
  readonly guests: Guests;
}

/** For each of the others, the guests that it and the first host have at a second look, too. */
export async function gatherTwins(
  own: Populated,
  others: readonly Populated[],
): Promise<readonly (readonly Twin[])[]> {
  const pairs = others.map(({ guests }) => pairsOf(own.guests.running, guests.running));
  if (pairs.every((some) => some.length === 0)) return pairs.map(() => []);
  const [still, ...stillThere] = await Promise.all([
    secondLook(
      own.host,
      pairs.flat().some(([here]) => here.xen !== undefined),
    ),
    ...others.map(async ({ host }, index) => {
      const mine = pairs[index] ?? [];
      return mine.length === 0
        ? GONE
        : await secondLook(
            host,
            mine.some(([, there]) => there.xen !== undefined),
          );
    }),
  ]);
  const twins: Twin[][] = [];
  // All of a host in one batch, and one host after the other: what a recording holds must not depend on who answers first.
  const left = pairs.map((some, index) =>
    some
      .map(([here, there]) => ({
        here,
        there,
        seenHere: still(here),
        seenThere: stillThere[index]?.(there) ?? 'gone',
      }))
      .filter(({ seenHere, seenThere }) => seenHere !== 'gone' && seenThere !== 'gone'),
  );
  const statesHere = await statesOf(
    own.host,
    left.flat().map(({ here, seenHere: seen }) => ({ guest: here, seen })),
  );
  for (const [index, { host }] of others.entries()) {
    const some = left[index] ?? [];
    const statesThere = await statesOf(
      host,
      some.map(({ there, seenThere: seen }) => ({ guest: there, seen })),
    );
    twins.push(
      some.map(({ here, there }) => ({
        here,
        there,
        stateHere: statesHere.get(here) ?? 'unknown',
        stateThere: statesThere.get(there) ?? 'unknown',
      })),
    );
  }
  return twins;
}

/** What a second look shows of a guest; `there`: its process is, which tells no more. */
type Later = TwinState | 'there' | 'gone';

const GONE = (): Later => 'gone';

/** By uuid; by name only where one of the two has no uuid. */
function pairsOf(
  here: readonly RunningGuest[],
  there: readonly RunningGuest[],
): readonly (readonly [RunningGuest, RunningGuest])[] {
  const isTwin = (a: RunningGuest, b: RunningGuest): boolean =>
    a.uuid !== null && b.uuid !== null ? a.uuid === b.uuid : a.name === b.name;
  return here.flatMap((a) => there.filter((b) => isTwin(a, b)).map((b) => [a, b] as const));
}

/** What became of the guests a moment later; what could not be told is still there. */
async function secondLook(host: Host, withXen: boolean): Promise<(guest: RunningGuest) => Later> {
  const { again, domains } = await host.ask(
    {
      again: processes(QEMU_PROGRAMS, { cmdline: head('cmdline', MAX_CMDLINE_BYTES) }, { minThreads: 2 }),
      ...(withXen ? { domains: run('xl', 'list') } : {}),
    },
    { afterSeconds: SECOND_LOOK_SECONDS },
  );
  const states = domains === undefined ? null : (await import('./xen.ts')).statesOf(domains);
  return (guest) => {
    if (guest.xen !== undefined) return domainLater(guest.xen, states);
    return !again.ok || isStill(guest, again.value) ? 'there' : 'gone';
  };
}

interface Processes {
  readonly found: readonly { readonly pid: number; readonly cmdline: Reading<Content> }[];
  readonly undecided: readonly number[];
}

function isStill({ pid, uuid }: RunningGuest, { found, undecided }: Processes): boolean {
  if (undecided.includes(pid)) return true;
  const process = found.find((one) => one.pid === pid);
  if (process === undefined) return false;
  if (!process.cmdline.ok) return process.cmdline.why !== 'vanished' && process.cmdline.why !== 'absent';
  const { argv } = parseProcCmdline(process.cmdline.value.bytes);
  const now = argv.length === 0 ? null : parseQemuArgv(argv);
  return now !== null && (uuid === null || now.uuid === null || now.uuid === uuid);
}

/**
 * While a guest of Xen's is moved, the domain that waits for it is paused, and the one that it came from shut down
 * (NAME--incoming, NAME--migratedaway; tools/xl/xl_migrate.c).
 */
function domainLater({ domid }: XenGuest, states: Reading<ReadonlyMap<number, string>> | null): Later {
  if (states?.ok !== true) return 'unknown';
  const state = states.value.get(domid);
  if (state === undefined || state.endsWith('d')) return 'gone';
  return state[2] === 'p' || state[3] === 's' ? 'paused' : 'running';
}

/**
 * libvirt knows whether a guest runs. `-incoming` alone tells nothing of a guest that is there for long: it stays in the
 * command line for ever. A guest that was started without it runs.
 */
async function statesOf(
  host: Host,
  guests: readonly { readonly guest: RunningGuest; readonly seen: Later }[],
): Promise<ReadonlyMap<RunningGuest, TwinState>> {
  const asked = guests.flatMap(({ guest: { uuid, live, commandLine }, seen }) => {
    const isOfLibvirt = commandLine.ok && commandLine.value.isOfLibvirt;
    const isAsked = seen === 'there' && typeof live?.state !== 'string' && isOfLibvirt;
    return isAsked && uuid !== null && /^[0-9a-f-]{36}$/.test(uuid) ? [uuid] : [];
  });
  const questions = [...new Set(asked)].map((uuid) => [
    uuid,
    run('virsh', '-q', '-r', '-c', 'qemu:///system', 'domstate', uuid),
  ]);
  const want = Object.fromEntries(questions) as Record<string, Ask<Reading<Ran>>>;
  const told = asked.length === 0 ? {} : ((await host.ask(want)) as Record<string, Reading<Ran>>);
  return new Map(guests.map(({ guest, seen }) => [guest, stateOf(guest, seen, told[guest.uuid ?? ''])]));
}

function stateOf(
  { live, commandLine }: RunningGuest,
  seen: Later,
  told: Reading<Ran> | undefined,
): TwinState {
  if (seen !== 'there' && seen !== 'gone') return seen;
  if (typeof live?.state === 'string') return live.state === 'running' ? 'running' : 'paused';
  const state = told === undefined ? null : toldState(told);
  return state ?? (commandLine.ok && !commandLine.value.incoming ? 'running' : 'unknown');
}

function toldState(ran: Reading<Ran>): TwinState | null {
  if (!ran.ok || ran.value.status !== 0) return null;
  const word = ran.value.stdout.trim();
  return word === 'running' ? 'running' : word === 'paused' ? 'paused' : null;
}
