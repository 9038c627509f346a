/**
 * From what `judge` found to what is reported: each finding gets the state that the administrator chose for its
 * kind, thresholds are applied to the main number, and the worst comes first.
 */
import type { Declaration, Judgement, Kinds, Metrics, Thresholds } from '../plugin.ts';
import type { Options } from '../option.ts';
import type { Finding, JudgedFinding } from './finding.ts';
import type { Measurement, Performance, Unit } from './metric.ts';
import { naturalCompare } from './natural.ts';
import { labelFor, uniqueLabels } from './perfdata.ts';
import { printDecimal } from './decimal.ts';
import { alerts, printBounds, type Range } from './range.ts';
import type { Report } from './report.ts';
import { severity, worst, type State } from './state.ts';
import { alertingInUnits, boundInUnits } from './units.ts';

export interface Evidence {
  readonly plugin: Pick<
    Declaration<Options, Kinds, Metrics>,
    'name' | 'kinds' | 'metrics' | 'main' | 'looksFor' | 'thresholds'
  >;
  readonly judgement: Judgement;
  /** The state of each declared kind, as the options say. */
  readonly states: Readonly<Record<string, State>>;
  /** The state where there is nothing to judge. */
  readonly noneState: State;
  /** The state of what did not answer in time. */
  readonly timeoutState: State;
  /** Ranges on the main metric; unset, they never alert. */
  readonly warning?: Range;
  readonly critical?: Range;
  readonly trace: readonly string[];
}

/**
 * Three kinds of findings belong to every check, beyond those that it declares: `unseen` (could not look), always
 * UNKNOWN; `none`; and `threshold`.
 */
export function conclude(evidence: Evidence): Report {
  const { plugin, judgement, trace } = evidence;
  const findings = [
    ...judgement.findings.map((finding) => ({ ...finding, state: stateOf(finding, evidence) })),
    ...nothingFound(evidence),
    ...thresholdFindings(evidence),
  ].sort(worstFirst);
  return {
    plugin: plugin.name,
    state: worst(findings.map(({ state }) => state)),
    findings,
    summary: judgement.summary,
    ...given({ isList: judgement.isList }),
    items: judgement.items,
    trace,
    performance: performanceOf(evidence),
  };
}

/** A kind that nobody gave a state is a mistake in the plugin, and must not look healthy. */
function stateOf({ kind, value, timedOut = false }: Finding, evidence: Evidence): State {
  const { states, timeoutState, warning } = evidence;
  if (timedOut) return timeoutState;
  const state = Object.hasOwn(states, kind) ? states[kind] : undefined;
  if (kind === 'unseen' || state === undefined) return 'unknown';
  if (value !== undefined && warning !== undefined && !alerts(warning, value)) return 'ok';
  return state;
}

/** Nothing there is the administrator's to rate; nothing looked at, neither healthy nor faulty, is never OK. */
function nothingFound({ plugin, judgement, noneState }: Evidence): readonly JudgedFinding[] {
  const { none, findings, measurements, items } = judgement;
  if (none !== undefined) {
    return [
      { kind: 'none', subject: '', text: none === '' ? `no ${plugin.looksFor}` : none, state: noneState },
    ];
  }
  if (findings.length > 0 || measurements.length > 0 || items.length > 0) return [];
  return [{ kind: 'unseen', subject: '', text: `no ${plugin.looksFor} were looked at`, state: 'unknown' }];
}

function thresholdFindings(evidence: Evidence): readonly JudgedFinding[] {
  const { plugin, judgement, warning, critical } = evidence;
  if (warning === undefined && critical === undefined) return [];
  const { meaning = plugin.main, unit = '' } = plugin.metrics[plugin.main] ?? {};
  const unknown = `${meaning}: not known, a threshold needs it`;
  const main = judgement.measurements.filter(({ metric }) => metric === plugin.main);
  // A check that measured other things knows that there is nothing of this one.
  const isMeasured = judgement.measurements.some(({ value }) => isKnown(value));
  if (main.length === 0 && !isMeasured && judgement.none === undefined) {
    return [{ kind: 'threshold', subject: '', text: unknown, state: 'unknown' }];
  }
  const findings: JudgedFinding[] = [];
  // There can be ten thousand, and hardly one that alerts.
  for (const { item: subject = '', value, onAlert } of main) {
    if (!isKnown(value)) {
      findings.push({ kind: 'threshold', subject, text: unknown, state: 'unknown' });
      continue;
    }
    const left = rangeLeft(value, evidence);
    if (left === null) continue;
    const { state, range } = left;
    const said = breach(value, range, state, { unit, thresholds: plugin.thresholds });
    findings.push({ kind: 'threshold', subject, text: `${meaning}: ${said}`, state, ...onAlert });
  }
  return findings;
}

function rangeLeft(value: number, { warning, critical }: Evidence) {
  if (critical !== undefined && alerts(critical, value))
    return { state: 'critical', range: critical } as const;
  if (warning !== undefined && alerts(warning, value)) return { state: 'warning', range: warning } as const;
  return null;
}

interface Wording {
  readonly unit: Unit;
  readonly thresholds: Thresholds | undefined;
}

function breach(value: number, range: Range, state: State, { unit, thresholds }: Wording): string {
  const base = thresholds?.unit;
  const said =
    base === undefined ? `${printDecimal(value)}${inWords(unit)}` : alertingInUnits(base, value, range);
  const bounds = printBounds(range, base === undefined ? printDecimal : (at) => boundInUnits(base, at));
  return `${said} is ${range.inside ? 'inside' : 'outside'} the ${state} range ${bounds}`;
}

function inWords(unit: Unit): string {
  return unit === '' || unit === 'c' ? '' : unit === '%' ? '%' : ` ${unit}`;
}

/** Findings about the check as a whole come after those of the same state that name a thing to look at. */
function worstFirst(a: JudgedFinding, b: JudgedFinding): number {
  if (a.state !== b.state) return severity(b.state) - severity(a.state);
  if ((a.subject === '') !== (b.subject === '')) return a.subject === '' ? 1 : -1;
  const heavier = (b.weight ?? 0) - (a.weight ?? 0);
  return heavier === 0 ? naturalCompare(a.subject, b.subject) : heavier;
}

/** The numbers that are known, metrics as declared, items of a metric by name: the same order in every run. */
function performanceOf({ plugin, judgement, warning, critical }: Evidence): readonly Performance[] {
  const printed = judgement.measurements.filter(({ isUnprinted = false }) => !isUnprinted);
  const list = Object.entries(plugin.metrics).flatMap(([name, metric]) => {
    const ranges = name === plugin.main ? given({ warning, critical }) : {};
    return printed
      .filter(({ metric: of }) => of === name)
      .sort((a, b) => naturalCompare(a.item ?? '', b.item ?? ''))
      .flatMap((measurement): Performance[] => {
        const { value, min = metric.min, max = metric.max } = measurement;
        if (!isKnown(value)) return [];
        return [
          { label: labelFor(measurement), value, unit: metric.unit, ...ranges, ...given({ min, max }) },
        ];
      });
  });
  const labels = uniqueLabels(list.map(({ label }) => label));
  return list.map((item, i) => ({ ...item, label: labels[i] ?? item.label }));
}

function isKnown(value: Measurement['value']): value is number {
  return Number.isFinite(value);
}

/** Without the properties that are undefined. */
function given<T extends object>(properties: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
