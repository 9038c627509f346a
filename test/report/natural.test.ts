import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { naturalCompare } from '../../lib/report/natural.ts';
import { anyText } from './arbitraries.ts';

describe('the natural order', () => {
  it.each([
    [
      ['instance-10', 'instance-2', 'instance-1'],
      ['instance-1', 'instance-2', 'instance-10'],
    ],
    [
      ['eth1.100', 'eth1.20', 'eth1'],
      ['eth1', 'eth1.20', 'eth1.100'],
    ],
    [
      ['a010', 'a10', 'a9'],
      ['a9', 'a010', 'a10'],
    ],
    [
      ['instance-0000000a', 'instance-00000009'],
      ['instance-0000000a', 'instance-00000009'],
    ],
    [
      ['a-b-1', 'a-1', 'a!b', 'a'],
      ['a', 'a!b', 'a-1', 'a-b-1'],
    ],
    [
      ['a00', 'a0', 'a'],
      ['a', 'a0', 'a00'],
    ],
    [
      ['a!1', 'a1', 'b1', 'a2', 'a02b'],
      ['a1', 'a2', 'a02b', 'a!1', 'b1'],
    ],
    [
      ['a02', 'a1'],
      ['a1', 'a02'],
    ],
    [
      ['a01b', 'a1', 'a1zz', 'a1m'],
      ['a1', 'a01b', 'a1m', 'a1zz'],
    ],
    [
      ['a1', 'a01b', 'a'],
      ['a', 'a1', 'a01b'],
    ],
    [
      ['b', 'a', ''],
      ['', 'a', 'b'],
    ],
    [
      ['99999999999999999999999', '100000000000000000000000'],
      ['99999999999999999999999', '100000000000000000000000'],
    ],
  ])('of %j is %j', (names, sorted) => {
    expect([...names].sort(naturalCompare)).toEqual(sorted);
  });

  it('is one: only equal texts are equal, and it has a direction', () => {
    const digits = fc
      .array(fc.constantFrom('0', '1', '9', 'a', '-'), { maxLength: 6 })
      .map((parts) => parts.join(''));
    const text = fc.oneof(digits, anyText);
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(naturalCompare(a, b)) + Math.sign(naturalCompare(b, a))).toBe(0);
        expect(naturalCompare(a, b) === 0).toBe(a === b);
        const [x = '', y = '', z = ''] = [a, b, c].sort(naturalCompare);
        expect(naturalCompare(x, y) <= 0 && naturalCompare(y, z) <= 0 && naturalCompare(x, z) <= 0).toBe(
          true,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
