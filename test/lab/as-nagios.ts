/** The user that checks run as under Icinga, Nagios and NRPE on Debian, and what they say when it runs them by itself. */
import { readFileSync } from 'node:fs';
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

/** Two runs on a machine that lives differ in counts, ages and process ids. */
export function withoutNumbers({ state, output, performance_data }: Said): Said {
  const blur = (text: string): string => text.replace(/[0-9]+(?:[.][0-9]+)?/g, '#');
  return { state, output: blur(output), performance_data: performance_data.map(blur) };
}
