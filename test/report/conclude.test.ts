import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { conclude } from '../../lib/report/conclude.ts';
import { alerts, parseRange } from '../../lib/report/range.ts';
import { severity, worst } from '../../lib/report/state.ts';
import { parseRangeIn } from '../../lib/report/units.ts';
import { anyEvidence, anyFinding, evidence, HEALTHY, lost, report } from './reports.ts';

describe('a conclusion', () => {
  it('is OK where nothing was found', () => {
    expect(report({})).toStrictEqual({
      plugin: 'check_guests',
      state: 'ok',
      findings: [],
      summary: '1 guest',
      items: ['acrux: fine'],
      trace: [],
      performance: [{ label: 'guests', value: 1, unit: '', min: 0 }],
    });
  });

  it('gives each finding the state that was chosen for its kind', () => {
    const findings = [lost('a'), { kind: 'odd', subject: 'b', text: 'is odd' }];
    const states = { lost: 'warning', slow: 'ok', odd: 'critical' } as const;
    const { state, findings: judged } = report({ findings }, { states });
    expect(state).toBe('critical');
    expect(judged.map(({ kind, state }) => [kind, state])).toEqual([
      ['odd', 'critical'],
      ['lost', 'warning'],
    ]);
  });

  it('is UNKNOWN for what could not be seen, and for a kind that nobody declared', () => {
    for (const kind of ['unseen', 'undeclared', 'toString']) {
      expect(report({ findings: [{ kind, subject: '/proc', text: 'permission denied' }] }).state).toBe(
        'unknown',
      );
    }
  });

  it('is UNKNOWN for what could not be seen, whatever a plugin makes of such a kind', () => {
    const findings = [{ kind: 'unseen', subject: '/proc', text: 'permission denied' }];
    expect(report({ findings }, { states: { unseen: 'ok' } }).state).toBe('unknown');
  });

  it('has the state of --timeout for what did not answer in time', () => {
    const findings = [{ kind: 'unseen', subject: '/mnt', text: 'did not answer', timedOut: true }];
    expect(report({ findings }, { timeoutState: 'critical' }).state).toBe('critical');
    expect(report({ findings }).state).toBe('unknown');
  });

  it('has the state of --none where nothing is there, and says so', () => {
    const nothing = { ...HEALTHY, items: [], none: 'no guests in /proc' };
    expect(report(nothing).findings).toEqual([
      { kind: 'none', subject: '', text: 'no guests in /proc', state: 'ok' },
    ]);
    expect(report(nothing, { noneState: 'critical' }).state).toBe('critical');
    expect(report({ ...nothing, none: '' }).findings[0]?.text).toBe('no guests');
  });

  it('is UNKNOWN where nothing was judged at all', () => {
    expect(report({ items: [], measurements: [], findings: [] })).toMatchObject({
      state: 'unknown',
      findings: [{ kind: 'unseen', subject: '', text: 'no guests were looked at' }],
    });
    const nothing = { items: [], measurements: [], findings: [] };
    const { items, measurements } = HEALTHY;
    const odd = [{ kind: 'odd', subject: 'a', text: 'is odd' }];
    for (const one of [{ items }, { measurements }, { findings: odd }])
      expect(report({ ...nothing, ...one }).state).toBe('ok');
  });

  it('puts the worst first, then names in natural order, then what has no name', () => {
    const findings = [
      lost(''),
      { kind: 'slow', subject: 'a', text: '' },
      lost('vm-10'),
      { kind: 'unseen', subject: 'z', text: '' },
      lost('vm-2'),
    ];
    expect(report({ findings }).findings.map(({ subject }) => subject)).toEqual([
      'vm-2',
      'vm-10',
      '',
      'a',
      'z',
    ]);
  });

  it('puts the heavier of the same state first, where the names would say otherwise', () => {
    const findings = [lost('a'), lost('b', 'x', { weight: 2 }), lost('c', 'x', { weight: 3 }), lost('')];
    const slow = { kind: 'slow', subject: 'heaviest', text: '', weight: 9 };
    for (const all of [[slow, ...findings], [slow, ...findings].reverse()])
      expect(report({ findings: all }).findings.map(({ subject }) => subject)).toEqual([
        'c',
        'b',
        'a',
        '',
        'heaviest',
      ]);
  });

  it('has the numbers in the order in which metrics are declared, then by name', () => {
    const measurements = [
      { metric: 'size', item: 'vm-10', value: 2 },
      { metric: 'guests', value: 3, max: 9 },
      { metric: 'size', item: 'vm-2', value: 1, min: -5 },
      { metric: 'size', item: 'vm-3', value: null },
      { metric: 'size', item: 'vm-4', value: NaN },
    ];
    const warning = parseRange('5');
    expect(report({ measurements }, { warning }).performance).toEqual([
      { label: 'guests', value: 3, unit: '', warning, min: 0, max: 9 },
      { label: 'vm-2_size', value: 1, unit: 'B', min: -5 },
      { label: 'vm-10_size', value: 2, unit: 'B', min: 0 },
    ]);
  });
});

it('has a number for each of two items whose names are one when they are printed', () => {
  const measurements = ['a b', 'a/b'].map((item) => ({ metric: 'size', item, value: 1 }));
  expect(report({ measurements }).performance.map(({ label }) => label)).toEqual(['a_b_size', 'a_b_size_2']);
});

describe('a threshold', () => {
  const three = { measurements: [{ metric: 'guests', value: 3 }] };

  it.each([
    ['1', '2', 'critical', 'guests: 3 is outside the critical range 0:2'],
    ['1', '5', 'warning', 'guests: 3 is outside the warning range 0:1'],
    ['10:', '5', 'warning', 'guests: 3 is outside the warning range 10:'],
    ['1', '@~:3', 'critical', 'guests: 3 is inside the critical range ~:3'],
  ])('of -w %s -c %s makes 3 %s', (warning, critical, state, text) => {
    const result = report(three, { warning: parseRange(warning), critical: parseRange(critical) });
    expect(result.state).toBe(state);
    expect(result.findings).toEqual([{ kind: 'threshold', subject: '', text, state }]);
  });

  it('that holds, and one that was not given, say nothing', () => {
    expect(report(three, { warning: parseRange('3'), critical: parseRange('3') }).findings).toEqual([]);
    expect(report({ measurements: [{ metric: 'guests', value: -3 }] }).findings).toEqual([]);
  });

  it('for warnings says instead of the check which values are fine, and leaves all other findings as they are', () => {
    const findings = [{ ...lost('a'), value: -4 }, { ...lost('b'), value: -8 }, lost('c')];
    const { findings: judged } = report({ findings }, { warning: parseRange('-4:') });
    expect(judged.map(({ subject, state }) => [subject, state])).toEqual([
      ['b', 'critical'],
      ['c', 'critical'],
      ['a', 'ok'],
    ]);
    expect(
      report({ findings }, { critical: parseRange('-100:') }).findings.map(({ state }) => state),
    ).toEqual(['critical', 'critical', 'critical']);
    const unseen = { kind: 'unseen', subject: '/proc', text: 'permission denied', value: 0 };
    expect(report({ findings: [unseen] }, { warning: parseRange('0:') }).state).toBe('unknown');
  });

  it('for warnings that alerts inside leaves what has no number as it is', () => {
    const { state } = report({ findings: [lost('a')] }, { warning: parseRange('@5:6') });
    expect(state).toBe('critical');
  });

  it('is about the main number, others are not held against it', () => {
    const measurements = [
      { metric: 'guests', value: 3 },
      { metric: 'size', item: 'a', value: 999 },
      { metric: 'size', value: 1000 },
    ];
    for (const all of [measurements, measurements.toReversed()]) {
      const { state, performance } = report({ measurements: all }, { critical: parseRange('10') });
      expect(state).toBe('ok');
      expect(performance.map(({ label }) => label)).toEqual(['guests', 'size', 'a_size']);
    }
  });

  it('names the item whose number nobody knows', () => {
    const measurements = [{ metric: 'guests', item: 'a', value: null }];
    expect(report({ measurements }, { critical: parseRange('5') }).findings).toMatchObject([
      { subject: 'a', text: 'guests: not known, a threshold needs it', state: 'unknown' },
    ]);
  });

  it.each([
    ['', '20'],
    ['c', '20'],
    ['%', '20%'],
    ['s', '20 s'],
  ] as const)('says a number whose unit is "%s" as %s', (unit, said) => {
    const { plugin } = evidence();
    const metrics = { guests: { unit, meaning: 'guests' } };
    const measurements = [{ metric: 'guests', value: 20 }];
    const { findings } = report(
      { measurements },
      { plugin: { ...plugin, metrics }, critical: parseRange('1') },
    );
    expect(findings[0]?.text).toBe(`guests: ${said} is outside the critical range 0:1`);
  });

  it('of 0 is one', () => {
    expect(report(three, { critical: parseRange('0') }).state).toBe('critical');
    expect(
      report({ measurements: [{ metric: 'guests', value: 0 }] }, { critical: parseRange('0') }).state,
    ).toBe('ok');
  });

  it('is applied to each item, in its unit', () => {
    const { plugin } = evidence();
    const measurements = [
      { metric: 'size', item: 'b', value: 1 },
      { metric: 'size', item: 'a', value: 20 },
    ];
    const result = report(
      { measurements },
      { plugin: { ...plugin, main: 'size' }, warning: parseRange('10') },
    );
    expect(result.findings).toEqual([
      {
        kind: 'threshold',
        subject: 'a',
        text: 'size of the log: 20 B is outside the warning range 0:10',
        state: 'warning',
      },
    ]);
  });

  it.each([[[{ metric: 'guests', value: null }]], [[{ metric: 'guests', value: Infinity }]], [[]]])(
    'on %j is UNKNOWN, for nobody can tell',
    (measurements) => {
      const result = report({ measurements }, { critical: parseRange('5') });
      expect(result.findings).toEqual([
        { kind: 'threshold', subject: '', text: 'guests: not known, a threshold needs it', state: 'unknown' },
      ]);
    },
  );

  it('whose bounds have units speaks of units, and says what belongs to the number', () => {
    const { plugin } = evidence();
    const onAlert = { detail: ['in /var/log'], repair: { how: 'Empty it.', commands: ['true'] } };
    const measurements = [{ metric: 'size', item: 'a', value: 5.5 * 1024 ** 3, onAlert }];
    const sized = { ...plugin, main: 'size', thresholds: { unit: 'B' } } as const;
    const result = report({ measurements }, { plugin: sized, critical: parseRangeIn('B', '1GiB') });
    const text = 'size of the log: 5.5 GiB is outside the critical range 0:1GiB';
    expect(result.findings).toEqual([
      { kind: 'threshold', subject: 'a', text, state: 'critical', ...onAlert },
    ]);
    expect(result.performance).toMatchObject([{ value: 5905580032, critical: { end: 1073741824 } }]);
    expect(report({ measurements }, { plugin: sized, critical: parseRangeIn('B', '6GiB') }).findings).toEqual(
      [],
    );
  });

  it('holds for what is one of too many to print', () => {
    const measurements = [{ metric: 'guests', value: 3, isUnprinted: true }];
    const result = report({ measurements }, { critical: parseRange('1') });
    expect(result.state).toBe('critical');
    expect(result.performance).toEqual([]);
  });

  it('asks for no number where others were measured, and there is nothing of this one', () => {
    const { plugin } = evidence();
    const result = report(
      { measurements: [{ metric: 'guests', value: 0 }] },
      { plugin: { ...plugin, main: 'size' }, critical: parseRange('5') },
    );
    expect(result.state).toBe('ok');
  });

  it('asks for no number where there is nothing to count', () => {
    const result = report({ measurements: [], items: [], none: 'no guests' }, { critical: parseRange('5') });
    expect(result.state).toBe('ok');
  });
});

describe('the states of a conclusion', () => {
  it('have the worst as the state of the whole, and the worst stands first', () => {
    fc.assert(
      fc.property(anyEvidence, (all) => {
        const { state, findings } = conclude(all);
        expect(state).toBe(worst(findings.map((finding) => finding.state)));
        expect(findings[0]?.state ?? 'ok').toBe(state);
        expect(findings.map((finding) => severity(finding.state))).toEqual(
          findings.map((finding) => severity(finding.state)).sort((a, b) => b - a),
        );
      }),
    );
  });

  it('are not bettered by one more finding, least of all by an UNKNOWN one', () => {
    fc.assert(
      fc.property(anyEvidence, anyFinding, fc.boolean(), (all, extra, isUnseen) => {
        const { findings } = all.judgement;
        // An empty judgement is UNKNOWN only because it is empty.
        fc.pre(findings.length > 0 || all.judgement.measurements.length > 0);
        const more = isUnseen ? { ...extra, kind: 'unseen', timedOut: false } : extra;
        const before = conclude(all).state;
        const after = conclude({
          ...all,
          judgement: { ...all.judgement, findings: [...findings, more] },
        }).state;
        expect(severity(after)).toBeGreaterThanOrEqual(severity(before));
        if (isUnseen) expect(after).not.toBe('ok');
      }),
    );
  });

  it('are OK only where every threshold holds', () => {
    fc.assert(
      fc.property(anyEvidence, (all) => {
        const { warning, critical, judgement } = all;
        fc.pre(conclude(all).state === 'ok');
        for (const { metric, value } of judgement.measurements) {
          if (metric !== 'guests' || value === null) continue;
          expect(warning !== undefined && alerts(warning, value)).toBe(false);
          expect(critical !== undefined && alerts(critical, value)).toBe(false);
        }
      }),
    );
  });
});
