/** A plugin and what it may find, for the tests of everything between `judge` and the output. */
import fc from 'fast-check';

import type { Judgement, Metrics } from '../../lib/plugin.ts';
import { conclude, type Evidence } from '../../lib/report/conclude.ts';
import type { Finding } from '../../lib/report/finding.ts';
import type { Measurement } from '../../lib/report/metric.ts';
import type { Report } from '../../lib/report/report.ts';
import { STATES } from '../../lib/report/state.ts';
import { anyNumber, anyRange, anyText } from './arbitraries.ts';

const METRICS: Metrics = {
  guests: { unit: '', meaning: 'guests', min: 0 },
  size: { unit: 'B', meaning: 'size of the log', min: 0 },
};

export const PLUGIN: Evidence['plugin'] = {
  name: 'check_guests',
  kinds: {
    lost: { state: 'critical', meaning: 'a guest is lost' },
    slow: { state: 'warning', meaning: 'a guest is slow' },
    odd: { state: 'ok', meaning: 'a guest is odd' },
  },
  metrics: METRICS,
  main: 'guests',
  looksFor: 'guests',
};

/** Nothing found, one guest looked at. */
export const HEALTHY: Judgement = {
  findings: [],
  summary: '1 guest',
  measurements: [{ metric: 'guests', value: 1 }],
  items: ['acrux: fine'],
};

export function evidence(judgement: Partial<Judgement> = {}, other: Partial<Evidence> = {}): Evidence {
  return {
    plugin: PLUGIN,
    judgement: { ...HEALTHY, ...judgement },
    states: { lost: 'critical', slow: 'warning', odd: 'ok' },
    noneState: 'ok',
    timeoutState: 'unknown',
    trace: [],
    ...other,
  };
}

export function report(judgement: Partial<Judgement>, other: Partial<Evidence> = {}): Report {
  return conclude(evidence(judgement, other));
}

export function lost(subject: string, text = 'is lost', more: Partial<Finding> = {}): Finding {
  return { kind: 'lost', subject, text, ...more };
}

export const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    kind: fc.constantFrom('lost', 'slow', 'odd', 'unseen', 'nonsense', 'constructor'),
    subject: fc.oneof(anyText, fc.constant('')),
    text: anyText,
    detail: fc.array(anyText, { maxLength: 2 }),
    repair: fc.record({
      how: fc.oneof(anyText, fc.constant('Start it.')),
      commands: fc.array(anyText, { maxLength: 3 }),
    }),
    timedOut: fc.boolean(),
  },
  { requiredKeys: ['kind', 'subject', 'text'] },
);

const anyMeasurement: fc.Arbitrary<Measurement> = fc.record(
  {
    metric: fc.constantFrom('guests', 'size', 'undeclared'),
    item: anyText,
    value: fc.oneof(anyNumber, fc.constantFrom(null, NaN, Infinity)),
    min: anyNumber,
    max: anyNumber,
  },
  { requiredKeys: ['metric', 'value'] },
);

const anyJudgement: fc.Arbitrary<Judgement> = fc.record(
  {
    findings: fc.array(anyFinding, { maxLength: 6 }),
    summary: anyText,
    measurements: fc.array(anyMeasurement, { maxLength: 6 }),
    items: fc.array(anyText, { maxLength: 4 }),
    none: anyText,
  },
  { requiredKeys: ['findings', 'summary', 'measurements', 'items'] },
);

const anyState = fc.constantFrom(...STATES);

export const anyEvidence: fc.Arbitrary<Evidence> = fc.record(
  {
    plugin: fc.constant(PLUGIN),
    judgement: anyJudgement,
    states: fc.record({ lost: anyState, slow: anyState, odd: anyState }),
    noneState: anyState,
    timeoutState: anyState,
    warning: anyRange,
    critical: anyRange,
    trace: fc.array(anyText, { maxLength: 4 }),
  },
  { requiredKeys: ['plugin', 'judgement', 'states', 'noneState', 'timeoutState', 'trace'] },
);
