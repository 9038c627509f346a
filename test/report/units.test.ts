import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { alerts, parseRange, printBounds, RangeSyntaxError } from '../../lib/report/range.ts';
import {
  alertingInUnits,
  boundInUnits,
  DURATIONS,
  inUnits,
  parseRangeIn,
  readQuantity,
  SIZES,
  type BaseUnit,
} from '../../lib/report/units.ts';
import { anyText } from './arbitraries.ts';

const GIB = 1024 ** 3;
const anyBase = fc.constantFrom<BaseUnit>('B', 's');

function messageOf(base: BaseUnit, text: string): string {
  try {
    parseRangeIn(base, text);
  } catch (error) {
    if (error instanceof RangeSyntaxError) return error.message;
    throw error;
  }
  return `${text} was read`;
}

describe('a range with units', () => {
  it.each([
    ['B', '1GiB', 0, GIB],
    ['B', '100MiB:1.5GiB', 100 * 1024 ** 2, 1.5 * GIB],
    ['B', '500kB:', 500_000, Infinity],
    ['B', '~:10B', -Infinity, 10],
    ['B', '1GB:1TB', 1e9, 1e12],
    ['B', '1PB', 0, 1e15],
    ['B', '1000', 0, 1000],
    ['B', '0', 0, 0],
    ['B', '0GiB', 0, 0],
    ['B', '1e3MB', 0, 1e9],
    ['s', '180d', 0, 180 * 86_400],
    ['s', '1h:', 3600, Infinity],
    ['s', '5m', 0, 300],
    ['s', '5min', 0, 300],
    ['s', '30:2w', 30, 1_209_600],
  ] as const)('in %s is read from %s', (base, text, start, end) => {
    expect(parseRangeIn(base, text)).toEqual({ start, end, inside: false });
  });

  it('has @, and holds its bounds, as one without', () => {
    const range = parseRangeIn('s', '@1h:2h');
    expect([3599, 3600, 7200, 7201].map((value) => alerts(range, value))).toEqual([false, true, true, false]);
  });

  it.each([
    ['B', '10G', '"G" is 1000-fold to some and 1024-fold to others: write "10GiB" or "10GB"'],
    ['B', '10k', '"k" is 1000-fold to some and 1024-fold to others: write "10KiB" or "10kB"'],
    ['B', '10gib', 'write "10GiB"'],
    ['B', '10d', '"d" is not a unit, write one of B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB'],
    ['B', '1,5GiB', 'use a dot for decimals: "1.5GiB"'],
    ['B', 'GiB', '"GiB" is not a size such as 100MiB'],
    ['B', '010MiB', 'write "010MiB" without leading zeros'],
    ['B', '10 GiB', 'there is a space in it, leave it out'],
    ['B', '2GiB:1GiB', 'its start is above its end; write "1GiB:2GiB"'],
    ['B', '-1GiB', 'it would start at 0, above its end; write "~:-1GiB" or "-1GiB:0"'],
    ['B', '1e308PiB', '"1e308PiB" is too large'],
    ['s', '1y', 'write days in place of "y"'],
    ['s', '3months', 'write days in place of "months"'],
    ['s', '180D', 'write "180d"'],
    ['s', '10GiB', '"GiB" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '1h30m', '"1h30m" is not a duration such as 12h'],
    ['s', '10constructor', '"constructor" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '1d%', '"1d%" is not a duration such as 12h'],
    ['B', '+010MiB', 'write "+010MiB" without leading zeros'],
    ['B', '-010MiB', 'write "-010MiB" without leading zeros'],
    ['B', '+1,25GiB', 'use a dot for decimals: "+1.25GiB"'],
    ['B', ',5GiB', 'use a dot for decimals: ".5GiB"'],
    ['B', 'x1,5GiB', '"x1,5GiB" is not a size such as 100MiB'],
    ['B', '1,5%GiB', '"1,5%GiB" is not a size such as 100MiB'],
    ['B', '1,GiB', '"1,GiB" is not a size such as 100MiB'],
    ['B', '10mg', '"mg" is not a unit, write one of B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB'],
    ['B', '1y', '"y" is not a unit, write one of B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB'],
    ['s', '10k', '"k" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '10a', '"a" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '10Z', '"Z" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '10\u00b5s', '"\u00b5s" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '10{', '"10{" is not a duration such as 12h'],
    ['s', '1year', 'write days in place of "year"'],
    ['s', '1Mo', 'write days in place of "Mo"'],
    ['s', '1month', 'write days in place of "month"'],
    ['s', '1lumpy', '"lumpy" is not a unit, write one of s, m, min, h, d, w'],
    ['s', '1moon', '"moon" is not a unit, write one of s, m, min, h, d, w'],
    ['s', `1${'x'.repeat(21)}`, `"${'x'.repeat(17)}\u2026" is not a unit, write one of s, m, min, h, d, w`],
  ] as const)('in %s is not read from "%s", and the message says what to write', (base, text, advice) => {
    expect(messageOf(base, text)).toBe(`"${text}" is not a range: ${advice}`);
  });

  it('is a range or a RangeSyntaxError for any text', () => {
    const parts = [
      '@',
      '~',
      ':',
      '-',
      '.',
      '0',
      '1',
      '9',
      'e',
      'd',
      'h',
      'm',
      'GiB',
      'MB',
      'k',
      's',
      'µ',
      '%',
    ];
    const likely = fc.array(fc.constantFrom(...parts), { maxLength: 7 }).map((list) => list.join(''));
    fc.assert(
      fc.property(anyBase, fc.oneof(anyText, likely), (base, text) => {
        try {
          const { start, end } = parseRangeIn(base, text);
          expect(start <= end).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeSyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is, without a unit, what a plain range is', () => {
    for (const text of ['10', '10:', '~:10', '10:20', '@10:20', '-5:5', '.5', '1e3']) {
      expect(parseRangeIn('B', text)).toEqual(parseRange(text));
    }
  });
});

describe('a text that is too long for a quantity', () => {
  it.each([
    [1000, 1],
    [1001, null],
  ])('has more than 1000 characters: %i', (length, value) => {
    const text = `1.${'0'.repeat(length - 4)}MB`;
    const read = readQuantity('B', text);
    expect(text).toHaveLength(length);
    expect(read).toBe(value === null ? `"${text.slice(0, 57)}\u2026" is too long` : 1e6);
  });
});

describe('a quantity in a sentence', () => {
  it.each([
    ['B', 0, '0 B'],
    ['B', 1023, '1020 B'],
    ['B', 1024, '1 KiB'],
    ['B', 5.5 * GIB, '5.5 GiB'],
    ['B', 104_857_600, '100 MiB'],
    ['B', 2 ** 62, '4100 PiB'],
    ['B', 5 * 1024 ** 4, '5 TiB'],
    ['B', 3 * 1024 ** 2, '3 MiB'],
    ['B', 2 ** 50, '1 PiB'],
    ['B', 0.5, '0.5 B'],
    ['s', 1, '1 s'],
    ['s', 90, '90 s'],
    ['s', 7199, '120 min'],
    ['s', 7200, '2 h'],
    ['s', 36 * 3600, '36 h'],
    ['s', 400 * 86_400, '400 d'],
  ] as const)('in %s, %d is %s', (base, value, text) => {
    expect(inUnits(base, value)).toBe(text);
  });

  it('that alerts has the digits that tell it from the bound', () => {
    const year = parseRangeIn('s', '365d');
    expect(alertingInUnits('s', 365.004 * 86_400, year)).toBe('365.004 d');
    expect(alertingInUnits('s', 365 * 86_400 + 1, year)).toBe('365.00001 d');
    expect(alertingInUnits('B', GIB * 5.5, parseRangeIn('B', '1GiB'))).toBe('5.5 GiB');
    expect(alertingInUnits('B', GIB * 5.4321, parseRangeIn('B', '1GiB'))).toBe('5.43 GiB');
    expect(alertingInUnits('s', 31_536_000.0864, year)).toBe('365.000001 d');
    expect(alertingInUnits('s', 31_536_000.00864, year)).toBe('31536000.00864 s');
    expect(alertingInUnits('B', GIB * 4096 * 1024 + 1, parseRangeIn('B', '4PiB'))).toBe('4503599627370497 B');
  });

  it('is rounded to nothing that would not alert', () => {
    fc.assert(
      fc.property(anyBase, fc.nat(2 ** 50), fc.nat(2 ** 50), fc.boolean(), (base, value, bound, inside) => {
        const range = { start: 0, end: bound, inside };
        fc.pre(alerts(range, value));
        const read = readQuantity(base, alertingInUnits(base, value, range).replace(' ', ''));
        expect(typeof read === 'number' && alerts(range, read)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a bound in a sentence', () => {
  it.each([
    ['B', '1GiB', '0:1GiB'],
    ['B', '1.5GiB:', '1.5GiB:'],
    ['B', '1GB', '0:1GB'],
    ['B', '~:100MiB', '~:100MiB'],
    ['s', '365d', '0:365d'],
    ['s', '2w', '0:2w'],
    ['s', '7d', '0:7d'],
    ['s', '30d', '0:30d'],
    ['s', '90', '0:90s'],
    ['B', '1001', '0:1001B'],
    ['s', '1h:', '1h:'],
    ['s', '0', '0:0'],
    ['s', '0.5', '0:0.5s'],
  ] as const)('of %s from %s is %s', (base, text, said) => {
    expect(printBounds(parseRangeIn(base, text), (bound) => boundInUnits(base, bound))).toBe(said);
  });

  it('is never rounded: read again, it is the same', () => {
    fc.assert(
      fc.property(
        anyBase,
        fc.nat(2 ** 40),
        fc.constantFrom(1, 0.5, 0.01, 1024, 3600),
        (base, count, factor) => {
          const value = count * factor;
          expect(readQuantity(base, boundInUnits(base, value))).toBe(value);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it('every unit is read as the number of base units it has', () => {
  for (const [base, table] of [
    ['B', SIZES],
    ['s', DURATIONS],
  ] as const) {
    for (const [unit, factor] of Object.entries(table))
      expect(readQuantity(base, `3${unit}`)).toBe(3 * factor);
  }
});
