/** All checks on one machine, side by side. */
import { writeSync } from 'node:fs';

import type { Deadline } from '../../host/deadline.ts';
import type { Host } from '../../host/host.ts';
import { isUnreachable } from '../../host/unreachable.ts';
import type { AnyPlugin } from '../../plugin.ts';
import { inWords } from '../../reading.ts';
import type { Report } from '../../report/report.ts';
import type { State } from '../../report/state.ts';
import { valuesOf, type Given } from '../arguments.ts';
import { tableOf } from '../command-line.ts';
import { judgementOn, reportOf, type Values } from '../judge.ts';
import { openPlace, type Place } from '../look.ts';
import { isTerminal } from '../terminal.ts';
import type { LookValues } from './commands.ts';
import { Progress } from './progress.ts';

export interface Work {
  readonly plugins: readonly AnyPlugin[];
  /** The options as they were given. */
  readonly given: Given;
  readonly values: LookValues;
  readonly deadline: Deadline;
}

export interface Looked {
  /** The node name of the machine; '' where it could not be looked at. */
  readonly node: string;
  /** What it is called where it has no name: by whom it was asked for. */
  readonly place: string;
  /** In the order of the plugins. */
  readonly reports: readonly Report[];
  /** Null where it could not be looked at. */
  readonly host: Host | null;
  /** Why no check could look at anything; the reports say so, each of them. Null: they could. */
  readonly failure: string | null;
}

/**
 * Each check with its defaults: what a host needs beyond them is its configuration in Icinga.
 *
 * @param watch looks over the shoulder of one check
 */
export async function lookWithAll(
  { plugins, values, deadline }: Work,
  watch: (host: Host, plugin: AnyPlugin) => Host = (host) => host,
): Promise<Looked> {
  const progress = new Progress(plugins.length, deadline, isTerminal(2) ? tell : null);
  try {
    const place = values.host ?? values.replay ?? values.root ?? 'this machine';
    const nothing = (failure: string, state?: State): Looked => {
      const reports = plugins.map((plugin) => unseen(plugin, failure, state));
      return { node: '', place, host: null, reports, failure };
    };
    const opened = await openPlace(values, deadline).catch(unreachable);
    if ('message' in opened) return nothing(opened.message, values.unreachable);
    if (!opened.ok) return nothing(inWords(opened));
    const { open } = opened.value;
    const { OneScan, SharedHost } = await import('../../host/shared.ts');
    // A recording holds the searches as they were made.
    const isRecorded = values.replay !== undefined;
    const shared = new SharedHost(isRecorded ? opened.value.host : new OneScan(opened.value.host));
    const host = shared.forOne();
    // With what all checks ask first: over SSH it is only now known that a shell answers.
    const first = host.ask({}).catch(unreachable);
    const reports = await Promise.all(
      plugins.map(async (plugin) => {
        const report = await reportOn(
          plugin,
          values,
          { host: watch(shared.forOne(), plugin), open },
          deadline,
        );
        progress.ended();
        return report;
      }),
    );
    const told = await first;
    if ('message' in told) return nothing(told.message, values.unreachable);
    const node = told.who.nodeName;
    return { node, place: node === '' ? place : node, host, reports, failure: null };
  } finally {
    progress.clear();
  }
}

/** For `catch`: that a machine cannot be reached is an answer, anything else a bug. */
function unreachable(error: unknown): { readonly message: string } {
  if (isUnreachable(error)) return { message: error.message };
  throw error;
}

async function reportOn(
  plugin: AnyPlugin,
  common: LookValues,
  place: Place,
  deadline: Deadline,
): Promise<Report> {
  const values = { ...valuesOf(new Map(), tableOf(plugin)), ...shared(common) } as Values;
  try {
    return reportOf(plugin, values, await judgementOn(plugin, values, place, deadline), []);
  } catch (error) {
    // One check that breaks hides nothing that the others found.
    const what = error instanceof Error ? error.message : String(error);
    return isUnreachable(error)
      ? unseen(plugin, what, common.unreachable)
      : unseen(plugin, `internal error: ${what} - please report this`);
  }
}

/** The options that mean the same for all; which of them a check has does not matter to it. */
function shared({ timeout, host, root, replay, 'state-dir': directory }: LookValues): Partial<Values> {
  return { timeout, host, root, replay, ...(directory === undefined ? {} : { 'state-dir': directory }) };
}

function unseen({ name }: AnyPlugin, text: string, state: State = 'unknown'): Report {
  const finding = { kind: 'unseen', state, subject: '', text } as const;
  return {
    plugin: name,
    state,
    findings: [finding],
    summary: '',
    items: [],
    trace: [],
    performance: [],
  };
}

function tell(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody sees it.
  }
}
