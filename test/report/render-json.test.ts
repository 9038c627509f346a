import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { conclude } from '../../lib/report/conclude.ts';
import { parseRange, printRange } from '../../lib/report/range.ts';
import { renderJson } from '../../lib/report/render-json.ts';
import { exitCode } from '../../lib/report/state.ts';
import { anyEvidence, evidence, lost, report } from './reports.ts';

describe('the JSON', () => {
  it('has everything, and null for what there is not', () => {
    const repair = { how: 'Start it.', commands: ['virsh start a'] };
    const findings = [lost('a', 'is <lost>; | really', { detail: ['since 3 days'], repair }), lost('b')];
    expect(JSON.parse(renderJson(report({ findings }, { critical: parseRange('~:5') })))).toEqual({
      plugin: 'check_guests',
      state: 'critical',
      exitCode: 2,
      summary: '1 guest',
      findings: [
        {
          kind: 'lost',
          state: 'critical',
          subject: 'a',
          text: 'is <lost>; | really',
          detail: ['since 3 days'],
          repair,
        },
        { kind: 'lost', state: 'critical', subject: 'b', text: 'is lost', detail: [], repair: null },
      ],
      performance: [
        { label: 'guests', value: 1, unit: '', warning: null, critical: '~:5', min: 0, max: null },
      ],
      items: ['acrux: fine'],
    });
  });

  it('has null for bounds that nobody has declared', () => {
    const { plugin } = evidence();
    const metrics = { guests: { unit: '', meaning: 'guests' } } as const;
    const { performance } = JSON.parse(renderJson(report({}, { plugin: { ...plugin, metrics } }))) as {
      performance: unknown;
    };
    expect(performance).toEqual([
      { label: 'guests', value: 1, unit: '', warning: null, critical: null, min: null, max: null },
    ]);
  });

  it('is one line that says exactly what was reported and that a terminal can show', () => {
    fc.assert(
      fc.property(anyEvidence, (all) => {
        const concluded = conclude(all);
        const text = renderJson(concluded);
        expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*\n$/u);
        expect(Buffer.from(text).toString()).toBe(text);
        expect(JSON.parse(text)).toEqual({
          plugin: 'check_guests',
          state: concluded.state,
          exitCode: exitCode(concluded.state),
          summary: concluded.summary,
          items: concluded.items,
          findings: concluded.findings.map(({ kind, state, subject, text: said, detail, repair }) => ({
            kind,
            state,
            subject,
            text: said,
            detail: detail ?? [],
            repair: repair ?? null,
          })),
          performance: concluded.performance.map(({ label, value, unit, warning, critical, min, max }) => ({
            label,
            value,
            unit,
            warning: warning === undefined ? null : printRange(warning),
            critical: critical === undefined ? null : printRange(critical),
            min: min ?? null,
            max: max ?? null,
          })),
        });
      }),
    );
  });
});
