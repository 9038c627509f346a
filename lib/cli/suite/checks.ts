/** All checks on one machine, side by side. */
import type { Deadline } from '../../host/deadline.ts';
import type { Host } from '../../host/host.ts';
import { isUnreachable } from '../../host/unreachable.ts';
import type { AnyPlugin } from '../../plugin.ts';
import { inWords } from '../../reading.ts';
import type { Report } from '../../report/report.ts';
import type { State } from '../../report/state.ts';
import { valuesOf } from '../arguments.ts';
import { tableOf } from '../command-line.ts';
import { judgementOn, reportOf, type Values } from '../judge.ts';
import { openPlace, type Place } from '../look.ts';
import type { LookValues } from './commands.ts';

export interface Watching {
  /** What looks over the shoulder of one check. */
  readonly watch?: (host: Host, plugin: AnyPlugin) => Host;
  /** Called as each check ends. */
  readonly onEnd?: (plugin: AnyPlugin, report: Report) => void;
}

export interface Looked {
  /** The node name of the machine; '' where it could not be looked at. */
  readonly node: string;
  /** In the order of the plugins. */
  readonly reports: readonly Report[];
  /** Null where it could not be looked at. */
  readonly host: Host | null;
}

/** Each check with its defaults: what a host needs beyond them is its configuration in Icinga. */
export async function lookWithAll(
  plugins: readonly AnyPlugin[],
  values: LookValues,
  deadline: Deadline,
  { watch = (host) => host, onEnd = () => undefined }: Watching = {},
): Promise<Looked> {
  const opened = await openPlace(values, deadline).catch(unreachable);
  if ('message' in opened) {
    const reports = plugins.map((plugin) => unseen(plugin, opened.message, values.unreachable));
    return { node: '', host: null, reports };
  }
  if (!opened.ok)
    return { node: '', host: null, reports: plugins.map((plugin) => unseen(plugin, inWords(opened))) };
  const { open } = opened.value;
  const { SharedHost } = await import('../../host/shared.ts');
  const shared = new SharedHost(opened.value.host);
  const reports = await Promise.all(
    plugins.map(async (plugin) => {
      const report = await reportOn(plugin, values, { host: watch(shared.forOne(), plugin), open }, deadline);
      onEnd(plugin, report);
      return report;
    }),
  );
  const host = shared.forOne();
  const told = await host.ask({}).catch(unreachable);
  return 'message' in told ? { node: '', host: null, reports } : { node: told.who.nodeName, host, reports };
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
