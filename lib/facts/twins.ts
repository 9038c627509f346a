/**
 * Guests that have a process on two hosts. While a guest moves that is so for seconds or minutes, and only one of the two runs;
 * two that run write to the same disks.
 */
import { head, processes, run, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { parseQemuArgv, QEMU_PROGRAMS } from '../parsers/qemu-argv.ts';
import type { Reading } from '../reading.ts';
import type { Guests, RunningGuest } from './guests.ts';

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
    livingPids(own.host),
    ...others.map(async ({ host }, index) => (pairs[index]?.length === 0 ? NONE : await livingPids(host))),
  ]);
  const twins: Twin[][] = [];
  // One after the other: what a recording holds must not depend on who answers first.
  for (const [index, { host }] of others.entries()) {
    const left = (pairs[index] ?? []).filter(([a, b]) => still(a) && stillThere[index]?.(b) === true);
    const found: Twin[] = [];
    for (const [here, there] of left) {
      const stateHere = await stateOf(own.host, here);
      found.push({ here, there, stateHere, stateThere: await stateOf(host, there) });
    }
    twins.push(found);
  }
  return twins;
}

const NONE = (): boolean => false;

/** By uuid; by name only where one of the two has no uuid. */
function pairsOf(
  here: readonly RunningGuest[],
  there: readonly RunningGuest[],
): readonly (readonly [RunningGuest, RunningGuest])[] {
  const isTwin = (a: RunningGuest, b: RunningGuest): boolean =>
    a.uuid !== null && b.uuid !== null ? a.uuid === b.uuid : a.name === b.name;
  return here.flatMap((a) => there.filter((b) => isTwin(a, b)).map((b) => [a, b] as const));
}

/** Which processes of guests are there a moment later; what could not be told is still there. */
async function livingPids(host: Host): Promise<(guest: RunningGuest) => boolean> {
  const { again } = await host.ask(
    { again: processes(QEMU_PROGRAMS, { cmdline: head('cmdline', MAX_CMDLINE_BYTES) }, { minThreads: 2 }) },
    { afterSeconds: SECOND_LOOK_SECONDS },
  );
  if (!again.ok) return () => true;
  const { found, undecided } = again.value;
  return ({ pid, uuid }) => {
    if (undecided.includes(pid)) return true;
    const process = found.find((one) => one.pid === pid);
    if (process === undefined) return false;
    if (!process.cmdline.ok) return process.cmdline.why !== 'vanished' && process.cmdline.why !== 'absent';
    const { argv } = parseProcCmdline(process.cmdline.value.bytes);
    const now = argv.length === 0 ? null : parseQemuArgv(argv);
    return now !== null && (uuid === null || now.uuid === null || now.uuid === uuid);
  };
}

/**
 * libvirt knows whether a guest runs. `-incoming` alone tells nothing of a guest that is there for long: it stays in the
 * command line for ever. A guest that was started without it runs.
 */
async function stateOf(host: Host, { uuid, live, commandLine }: RunningGuest): Promise<TwinState> {
  if (live?.state !== null && live?.state !== undefined)
    return live.state === 'running' ? 'running' : 'paused';
  const isOfLibvirt = commandLine.ok && commandLine.value.isOfLibvirt;
  if (isOfLibvirt && uuid !== null && /^[0-9a-f-]{36}$/.test(uuid)) {
    const { state } = await host.ask({
      state: run('virsh', '-q', '-r', '-c', 'qemu:///system', 'domstate', uuid),
    });
    const told = toldState(state);
    if (told !== null) return told;
  }
  return commandLine.ok && !commandLine.value.incoming ? 'running' : 'unknown';
}

function toldState(ran: Reading<Ran>): TwinState | null {
  if (!ran.ok || ran.value.status !== 0) return null;
  const word = ran.value.stdout.trim();
  return word === 'running' ? 'running' : word === 'paused' ? 'paused' : null;
}
