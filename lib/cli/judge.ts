/** One plugin on one machine: from the values of its options to what it has to report. */
import type { Deadline } from '../host/deadline.ts';
import type { Host } from '../host/host.ts';
import type { Options } from '../option.ts';
import type { AnyPlugin, Judgement } from '../plugin.ts';
import { inWords } from '../reading.ts';
import { conclude } from '../report/conclude.ts';
import type { Range } from '../report/range.ts';
import type { Report } from '../report/report.ts';
import type { State } from '../report/state.ts';
import type { CommonValues } from './command-line.ts';
import type { Place } from './look.ts';

/** What every plugin's options parse to: the common ones, its own, and a state for each kind of finding. */
export type Values = CommonValues & Readonly<Record<string, unknown>>;

/** What the plugin finds at this place, with what it remembers of earlier runs. */
export async function judgementOn(
  plugin: AnyPlugin,
  values: Values,
  { host, open }: Place,
  deadline: Deadline,
): Promise<Judgement> {
  const facts: unknown = await plugin.gather(host, values, open);
  deadline.stage = 'judging';
  return await judged(plugin, facts, values, host);
}

export function withUnseen(judgement: Judgement, text: string): Judgement {
  return { ...judgement, findings: [...judgement.findings, { kind: 'unseen', subject: '', text }] };
}

/** With --state-dir, the plugin gets what it wanted to remember last time. */
async function judged(plugin: AnyPlugin, facts: unknown, values: Values, host: Host): Promise<Judgement> {
  const directory = values['state-dir'];
  if (directory === undefined) return plugin.judge(facts, values, null);
  const { now, who } = await host.ask({});
  // What was seen of another tree or in a recording must not be taken for what this machine was like.
  const places = [values.host ?? '', values.root ?? '', values.replay === undefined ? '' : 'replay'];
  const choice = [...places, ...Object.keys(plugin.options as Options).map((name) => [name, values[name]])];
  const { MemoryFile } = await import('../state/memory.ts');
  const file = new MemoryFile(directory, plugin.name, who.nodeName, choice);
  const judgement: Judgement = plugin.judge(facts, values, file.read());
  if (judgement.remember === undefined) return judgement;
  const { epochSeconds, bootId } = now;
  const failure = file.write({ epochSeconds, bootId, value: judgement.remember });
  if (failure === null) return judgement;
  return withUnseen(judgement, `cannot remember anything: ${inWords(failure)}`);
}

export function reportOf(
  plugin: AnyPlugin,
  values: Values,
  judgement: Judgement,
  trace: readonly string[],
): Report {
  const states: Record<string, State> = {};
  for (const [name, kind] of Object.entries(plugin.kinds)) {
    states[name] = kind.fixed === true ? kind.state : (values[name] as State);
  }
  return conclude({
    plugin,
    judgement,
    states,
    noneState: values['none'] as State,
    timeoutState: values.timeout.state,
    ...optional('warning', values['warning'] as Range | undefined),
    ...optional('critical', values['critical'] as Range | undefined),
    trace,
  });
}

function optional<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: T });
}
