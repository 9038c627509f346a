/** Where a check looks, and what looks over its shoulder, as the options say. */
import { readFileSync, writeFileSync } from 'node:fs';

import type { Deadline } from '../host/deadline.ts';
import type { Host } from '../host/host.ts';
import { LocalHost } from '../host/local.ts';
import { UsageError } from '../option.ts';
import type { Reading } from '../reading.ts';
import type { CommonValues } from './command-line.ts';

export async function openHost(values: CommonValues, deadline: Deadline): Promise<Reading<Host>> {
  if (values.root !== undefined && values.replay !== undefined) {
    throw new UsageError('--root and --replay are two places to look, give one of them');
  }
  if (values.replay !== undefined) {
    const { openRecording } = await import('../host/replay.ts');
    const text = readRecording(values.replay);
    return text.ok ? openRecording(text.value, values.replay) : text;
  }
  if (values.root !== undefined) {
    const { openRoot } = await import('../host/root.ts');
    return openRoot(values.root, deadline);
  }
  return { ok: true, value: new LocalHost(deadline) };
}

export interface Observed {
  readonly host: Host;
  readonly recording: ((comment: string) => string) | null;
  readonly trace: () => readonly string[];
}

/** The host with what looks over its shoulder: the recorder, and from -vv on the list of what was read. */
export async function observed(inner: Host, values: CommonValues): Promise<Observed> {
  if (values.record === undefined && values.verbose < 2)
    return { host: inner, recording: null, trace: () => [] };
  const { RecordingHost, TracingHost } = await import('../host/replay.ts');
  const tracing = new TracingHost(inner, values.verbose >= 3);
  const recorder = new RecordingHost(tracing);
  return {
    host: recorder,
    recording: values.record === undefined ? null : (comment) => recorder.text(comment),
    trace: () => (values.verbose < 2 ? [] : tracing.lines),
  };
}

const MAX_RECORDING_BYTES = 64 * 1024 * 1024;

/** A file that the user named, so it is read as cat would read it; only its size is bounded. */
function readRecording(path: string): Reading<string> {
  try {
    const bytes = readFileSync(path === '-' ? 0 : path);
    if (bytes.length > MAX_RECORDING_BYTES) return { ok: false, why: 'tooBig', path, detail: '' };
    return { ok: true, value: bytes.toString() };
  } catch (error) {
    return { ok: false, why: 'failed', path, detail: error instanceof Error ? error.message : '' };
  }
}

/** Readable for its owner only: it holds what a root check saw. */
export function writeRecording(path: string, text: string): string | null {
  try {
    writeFileSync(path, text, { mode: 0o600 });
    return null;
  } catch (error) {
    return `the recording could not be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}
