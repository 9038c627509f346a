/** Where a check looks, and what looks over its shoulder, as the options say. */
import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Deadline } from '../host/deadline.ts';
import type { Host } from '../host/host.ts';
import { readBytes } from '../host/files.ts';
import { serverMountOf } from '../host/guard.ts';
import { LocalHost } from '../host/local.ts';
import { UsageError } from '../option.ts';
import type { SshOptions } from '../host/ssh.ts';
import { isUnreachable } from '../host/unreachable.ts';
import type { Access, OpenMachine } from '../plugin.ts';
import { failed, found, mapReading, type Failure, type Reading } from '../reading.ts';
import type { Given } from './arguments.ts';
import type { CommonValues } from './command-line.ts';

/** For what asks where we are, yargs and `resolve`: a folder that was removed under us is no answer, and nothing lies in it. */
export function standSomewhere(): void {
  try {
    process.cwd();
  } catch {
    process.chdir('/');
  }
}

/** The host that is looked at, and the way to others. */
export interface Place {
  readonly host: Host;
  readonly open: OpenMachine;
}

export async function openPlace(values: CommonValues, deadline: Deadline): Promise<Reading<Place>> {
  refuseTwoPlaces(values);
  const open: OpenMachine = (destination) => openFar(destination, values, deadline);
  if (values.host !== undefined) {
    const { openSsh } = await import('../host/ssh.ts');
    return found({ host: await openSsh(values.host, sshOptions(values), deadline), open });
  }
  if (values.replay !== undefined) return await openReplay(values.replay, deadline);
  const host = await openHost(values, deadline);
  return host.ok ? found({ host: host.value, open }) : host;
}

async function openHost(values: CommonValues, deadline: Deadline): Promise<Reading<Host>> {
  if (values.root !== undefined) {
    const { openRoot } = await import('../host/root.ts');
    return openRoot(values.root, deadline);
  }
  const local = new LocalHost(deadline);
  if (!values.sudo || process.geteuid?.() === 0) return found(local);
  const { openSudo } = await import('../host/sudo.ts');
  return await openSudo(process.argv[1] ?? '', local, deadline);
}

async function openReplay(path: string, deadline: Deadline): Promise<Reading<Place>> {
  const text = await readRecording(path, deadline);
  if (!text.ok) return text;
  const { openMachines } = await import('../host/recordings.ts');
  const { first, others } = openMachines(text.value, path);
  if (!first.ok) return first;
  const open: OpenMachine = (name) => Promise.resolve(others.get(name) ?? failed('notRecorded', name));
  return found({ host: first.value, open });
}

/** Another machine besides the one that is looked at: that it cannot be reached is an answer. */
async function openFar(
  destination: string,
  values: CommonValues,
  deadline: Deadline,
): Promise<Reading<Host>> {
  const { openSsh } = await import('../host/ssh.ts');
  try {
    const host = await openSsh(destination, sshOptions(values), deadline);
    // Only now is it known that its shell answers.
    await host.ask({});
    return found(host);
  } catch (error) {
    if (isUnreachable(error)) return failed('unreachable', destination, error.reason);
    throw error;
  }
}

function sshOptions({ identity, sudo, 'ssh-config': config }: CommonValues): SshOptions {
  return { identity, sudo, config };
}

function refuseTwoPlaces(values: CommonValues): void {
  const places = (['host', 'root', 'replay'] as const).filter((name) => values[name] !== undefined);
  const [first, second] = places;
  if (second !== undefined)
    throw new UsageError(`--${first ?? ''} and --${second} are two places to look, give one of them`);
  if (values.sudo && (first === 'root' || first === 'replay'))
    throw new UsageError(
      `--sudo is for this machine or --host, there is nothing to be root for in --${first}`,
    );
}

export interface Observed extends Place {
  readonly recording: ((comment: string) => string) | null;
  readonly trace: () => readonly string[];
}

/** Who asks what: that decides what a recording may tell. */
export interface Asked {
  readonly given: Given;
  readonly access: Access;
}

/** The place with what looks over its shoulder: the recorder, and from -vv on the list of what was read. */
export async function observed(inner: Place, values: CommonValues, asked: Asked): Promise<Observed> {
  const watching = await watched(inner, values, asked);
  const { host, open } = watching;
  return {
    ...watching,
    host: values.host === undefined ? host : await merged(host),
    open: async (destination) => {
      const opened = await open(destination);
      return opened.ok ? found(await merged(opened.value)) : opened;
    },
  };
}

async function merged(host: Host): Promise<Host> {
  const { MergingHost } = await import('../host/merging.ts');
  return new MergingHost(host);
}

async function watched(inner: Place, values: CommonValues, { given, access }: Asked): Promise<Observed> {
  if (values.record === undefined && values.verbose < 2)
    return { ...inner, recording: null, trace: () => [] };
  const { RecordingHost, TracingHost } = await import('../host/replay.ts');
  const { withMachines } = await import('../host/recordings.ts');
  const { toldOf } = await import('../host/told.ts');
  const isTold = toldOf(given, access);
  const lines: string[] = [];
  const watching = (host: Host): InstanceType<typeof RecordingHost> =>
    new RecordingHost(new TracingHost(host, values.verbose >= 3, lines), isTold);
  const first = watching(inner.host);
  const others = new Map<string, InstanceType<typeof RecordingHost> | Failure>();
  const open: OpenMachine = async (destination) => {
    const opened = await inner.open(destination);
    const other = opened.ok ? watching(opened.value) : opened;
    others.set(destination, other);
    return 'ok' in other ? other : found(other);
  };
  return {
    host: first,
    open,
    recording: values.record === undefined ? null : (comment) => withMachines(first.text(comment), others),
    trace: () => (values.verbose < 2 ? [] : lines),
  };
}

const MAX_RECORDING_BYTES = 64 * 1024 * 1024;

/** A file that the user named; what could make us wait for ever is not opened. */
async function readRecording(path: string, deadline: Deadline): Promise<Reading<string>> {
  deadline.stage = `reading the recording ${path}`;
  if (path === '-') return await readStandardInput(deadline);
  standSomewhere();
  const mount = serverMountOf(resolve(path));
  if (mount !== null)
    return failed('failed', path, `a recording on ${mount.type} is not read, give it on standard input`);
  return mapReading(readBytes(path, MAX_RECORDING_BYTES, 'whole'), ({ bytes }) =>
    Buffer.from(bytes).toString(),
  );
}

async function readStandardInput(deadline: Deadline): Promise<Reading<string>> {
  const chunks: Buffer[] = [];
  let length = 0;
  const whole = (async (): Promise<Reading<string>> => {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_RECORDING_BYTES) return failed('tooBig', 'standard input');
    }
    return found(Buffer.concat(chunks).toString());
  })();
  const late = new Promise<Reading<string>>((done) => {
    setTimeout(() => done(failed('timedOut', 'standard input')), deadline.remainingMs()).unref();
  });
  return await Promise.race([whole, late]);
}

/**
 * For its owner only, since it holds what a root check saw: written beside and moved into place, and only ever in place of a
 * regular file (or none), never through a link. The answer: what went wrong.
 */
export function writeRecording(path: string, text: string): string | null {
  const fresh = `${path}.${process.pid}`;
  try {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile())
      return `the recording was not written: ${path} is there, and no regular file`;
    writeFileSync(fresh, text, { mode: 0o600, flag: 'wx' });
    renameSync(fresh, path);
    return null;
  } catch (error) {
    // What was begun on a full disk would stay there; what was there before is not ours.
    if (!isThere(error)) rmSync(fresh, { force: true });
    return `the recording was not written: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
