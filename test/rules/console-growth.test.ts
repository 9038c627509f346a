import { expect, it } from 'vitest';

import { growthOf } from '../../lib/rules/console-growth.ts';
import type { ConsoleLog } from '../../lib/rules/console-sizes.ts';

it('of ten thousand logs the largest thousand are remembered, which come first', () => {
  const logs = Array.from({ length: 1001 }, (_, n) => {
    return { path: `/srv/${n}.log`, apparentBytes: n, allocatedBytes: n } as ConsoleLog;
  });
  const { base, next } = growthOf(logs, 1_764_000_000.5, null).remember;
  expect(base).toEqual(next);
  expect(base.at).toBe(1_764_000_000);
  expect(base.logs).toHaveLength(1000);
  expect(base.logs.at(-1)).toEqual(['/srv/999.log', 999, 999]);
});
