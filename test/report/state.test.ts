import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { exitCode, isState, severity, STATES, worst } from '../../lib/report/state.ts';

const states = fc.array(fc.constantFrom(...STATES));

describe('states', () => {
  it('have the exit codes of the plugin guidelines', () => {
    expect(
      ['ok', 'warning', 'critical', 'unknown'].map((state) => (isState(state) ? exitCode(state) : -1)),
    ).toEqual([0, 1, 2, 3]);
    expect(isState('OK')).toBe(false);
  });

  it('are worst as critical, then warning, then unknown', () => {
    expect([...STATES].sort((a, b) => severity(b) - severity(a))).toEqual([
      'critical',
      'warning',
      'unknown',
      'ok',
    ]);
    expect(worst(['ok', 'unknown', 'warning'])).toBe('warning');
    expect(worst(['critical', 'unknown'])).toBe('critical');
    expect(worst([])).toBe('ok');
  });

  it('have a worst one that is among them, that no other exceeds, and that no addition lowers', () => {
    fc.assert(
      fc.property(states, states, (a, b) => {
        expect([...a, 'ok']).toContain(worst(a));
        expect(severity(worst([...a, ...b]))).toBe(Math.max(severity(worst(a)), severity(worst(b))));
      }),
    );
  });
});
