/** The user that checks run as under Icinga, Nagios and NRPE on Debian, and what they say when it runs them by itself. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'vitest';

import { parseCheckOutput, splitPerfdata } from '../readers/icinga2-perfdata.ts';
import { runPlugin, type Ran } from './process.ts';

export interface Said {
  /** The exit status. */
  readonly state: number | null;
  /** Without the performance data. */
  readonly output: string;
  readonly performance_data: readonly string[];
}

/** Ids of the user nagios, which the packages make. */
export function nagios(): { readonly uid: number; readonly gid: number } {
  const [, uid, gid] = /^nagios:[^:]*:([0-9]+):([0-9]+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
  if (uid === undefined || gid === undefined) throw new Error('there is no user nagios');
  return { uid: Number(uid), gid: Number(gid) };
}

/** What a check says as nagios, read as Icinga reads it. */
export async function alone(plugin: string, args: readonly string[] = []): Promise<Said> {
  return read(await runPlugin(plugin, args, { ...nagios(), cwd: '/' }));
}

/** Throws where something was written to standard error. */
export function read({ code, stdout, stderr }: Ran): Said {
  if (stderr !== '') throw new Error(stderr);
  const { text, perfdata } = parseCheckOutput(stdout);
  return { state: code, output: text, performance_data: splitPerfdata(perfdata) };
}

/**
 * What another way of running a check says, which must be what the check says by itself. The machine lives: counts, ages and process
 * ids differ, a process more between the two runs is no fault, nor one of another test that hangs for some seconds.
 */
export async function sameSaid<T extends Said>(
  alone: () => Promise<Said>,
  other: () => Promise<T>,
  what: string,
): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const expected = withoutNumbers(await alone());
    const result = await other();
    const got = withoutNumbers(result);
    if (JSON.stringify(got) === JSON.stringify(expected)) return result;
    if (Date.now() > end) expect(got, what).toEqual(expected);
    await sleep(1000);
  }
}

function withoutNumbers({ state, output, performance_data }: Said): Said {
  const blur = (text: string): string => text.replace(/[0-9]+(?:[.][0-9]+)?/g, '#');
  // Icinga keeps the blank before the performance data where nothing stands below.
  return { state, output: blur(output.trimEnd()), performance_data: performance_data.map(blur) };
}
