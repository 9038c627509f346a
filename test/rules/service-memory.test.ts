import { describe, expect, it } from 'vitest';

import type { Part } from '../../lib/facts/services.ts';
import { remembered, restartsOf, seenNow, toRemember } from '../../lib/rules/service-memory.ts';

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

  it('is as before while it is not up, or cannot be seen', () => {
    const before = { start: 'x', restarts: [NOW - 60] };
    for (const status of [{ ok: false }, { ok: true, value: { state: 'down', stamp: 'y' } }]) {
      const part = { status, again: null } as unknown as Part;
      expect(seenNow(part, before, NOW)).toBe(before);
      expect(seenNow(part, undefined, NOW)).toBeNull();
    }
  });

  it('is of so many services, and of each the last hundred starts', () => {
    const part = { status: { ok: true, value: { state: 'up', stamp: 'y' } }, again: null } as unknown as Part;
    const restarts = Array.from({ length: 100 }, (_, n) => NOW - 100 + n);
    expect(seenNow(part, { start: 'x', restarts }, NOW)?.restarts).toEqual([...restarts.slice(1), NOW]);
    const many = (count: number) => Array.from({ length: count }, (_, n) => [`s${n}`, { start: 'x', restarts: [] }] as const);
    const { services } = toRemember(many(5001)) as { readonly services: object };
    expect(Object.keys(services)).toEqual(many(5000).map(([name]) => name));
  }); // prettier-ignore
});
