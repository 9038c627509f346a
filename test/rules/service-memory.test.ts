import { describe, expect, it } from 'vitest';

import type { Part } from '../../lib/facts/services.ts';
import { remembered, restartsOf, toRemember } from '../../lib/rules/service-memory.ts';

const NOW = 1795262900;

describe('what is remembered of services', () => {
  const of = (value: unknown, bootId = 'boot') => remembered({ epochSeconds: NOW, bootId, value }, 'boot');

  it('comes back as it was, in the same boot only', () => {
    const seen = { start: 'x', restarts: [NOW - 60, NOW] };
    expect([...of(toRemember([['web', seen]]))]).toEqual([['web', seen]]);
    expect([...of(toRemember([['web', seen]]), 'another')]).toEqual([]);
    expect([...remembered(null, 'boot')]).toEqual([]);
  });

  it.each([
    [null],
    ['text'],
    [{ services: null }],
    [{ services: { web: null } }],
    [{ services: { web: { start: 1, restarts: [] } } }],
    [{ services: { web: { start: 'x', restarts: 'often' } } }],
  ])('is nothing where it is damaged: %j', (value) => {
    expect([...of(value)]).toEqual([]);
  });

  it('keeps of its times those that are some', () => {
    const damaged = of({ services: { web: { start: 'x', restarts: [1, 'x', null, 2] } } });
    expect(damaged.get('web')).toEqual({ start: 'x', restarts: [1, 2] });
  });

  it('is of the last hour, and of no time to come', () => {
    const part = (deaths: readonly number[] | null) => ({ deaths }) as Part;
    expect(restartsOf(part([NOW, NOW - 3599, NOW - 3600, NOW + 1]), null, NOW)).toBe(2);
    expect(restartsOf(part(null), null, NOW)).toBeNull();
    expect(restartsOf(part(null), { start: 'x', restarts: [NOW] }, NOW)).toBe(1);
    expect(restartsOf(part([NOW]), { start: 'x', restarts: [1, 2, 3] }, NOW)).toBe(3);
    expect(restartsOf(part([]), null, NOW)).toBe(0);
  });
});
