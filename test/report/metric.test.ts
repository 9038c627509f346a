import { expect, it } from 'vitest';

import { labelOf } from '../../lib/report/metric.ts';

it('a metric that each bond has is called BOND_speed in help and documentation, one of the host by its name', () => {
  const metric = { unit: '', meaning: 'speed' } as const;
  expect(labelOf('speed', { ...metric, of: 'bond' })).toBe('BOND_speed');
  expect(labelOf('bonds', metric)).toBe('bonds');
});
