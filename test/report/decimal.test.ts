import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDecimal, printDecimal } from '../../lib/report/decimal.ts';
import { anyNumber, anyText } from './arbitraries.ts';

describe('a decimal number', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['+5', 5],
    ['.5', 0.5],
    ['.25', 0.25],
    ['5.', 5],
    ['-2.50', -2.5],
    ['1e3', 1000],
    ['1e+3', 1000],
    ['1E-3', 0.001],
    ['12345678901234567890', 12345678901234567890],
  ])('is read from %s', (text, value) => {
    expect(parseDecimal(text)).toBe(value);
  });

  it.each([
    '',
    '.',
    '-',
    'e3',
    '1e',
    '1e*3',
    '.e3',
    '0x10',
    '1_000',
    '1,5',
    ' 1',
    '1\n',
    'inf',
    'Infinity',
    'NaN',
    '1e999',
    '٣',
  ])('is not read from "%s"', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  it.each([
    [0, '0'],
    [-0, '0'],
    [1e21, '1000000000000000000000'],
    [-1.5e21, '-1500000000000000000000'],
    [1e-7, '0.0000001'],
    [-1.25e-7, '-0.000000125'],
    [0.1 + 0.2, '0.30000000000000004'],
    [-3, '-3'],
  ])('is printed for %d without an exponent', (value, text) => {
    expect(printDecimal(value)).toBe(text);
  });

  it('is the same after printing and reading, and has nothing but digits, a point and a sign', () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        const text = printDecimal(value);
        expect(text).toMatch(/^-?[0-9]+(\.[0-9]+)?$/);
        expect(parseDecimal(text)).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('is a finite number or null for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = parseDecimal(text);
        expect(value === null || Number.isFinite(value)).toBe(true);
      }),
    );
  });
});
