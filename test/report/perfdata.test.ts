import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Performance, Unit } from '../../lib/report/metric.ts';
import { labelFor, performanceItems, printPerformance, uniqueLabels } from '../../lib/report/perfdata.ts';
import { parseRange } from '../../lib/report/range.ts';
import { readByAll } from '../readers/all.ts';
import { anyNumber, anyRange, anyText } from './arbitraries.ts';

const UNITS: readonly Unit[] = ['', 's', 'ms', 'us', '%', 'B', 'c'];

const anyPerformance: fc.Arbitrary<Performance> = fc.record(
  {
    label: anyText,
    value: fc.oneof(anyNumber, fc.constantFrom(NaN, Infinity, -Infinity, -0)),
    unit: fc.constantFrom(...UNITS),
    warning: anyRange,
    critical: anyRange,
    min: anyNumber,
    max: anyNumber,
  },
  { requiredKeys: ['label', 'value', 'unit'] },
);

describe('performance data', () => {
  it.each<[Performance, string]>([
    [{ label: 'guests', value: 24, unit: '' }, 'guests=24'],
    [{ label: 'age', value: 1e-7, unit: 's' }, 'age=0.0000001s'],
    [{ label: 'zero', value: -0, unit: '%' }, 'zero=0%'],
    [
      { label: 'x', value: 1, unit: 'B', warning: parseRange('10'), critical: parseRange('~:20') },
      'x=1B;10;~:20',
    ],
    [{ label: 'x', value: 1, unit: '', critical: parseRange('0') }, 'x=1;;0'],
    [{ label: 'x', value: 1, unit: 'c', min: 0, max: 9 }, 'x=1c;;;0;9'],
    [{ label: 'x', value: 1, unit: '', max: 9, min: NaN }, 'x=1;;;;9'],
    [{ label: 'x', value: NaN, unit: '' }, ''],
    [{ label: 'x', value: Infinity, unit: '' }, ''],
  ])('of %j is %j', (item, printed) => {
    expect(printPerformance([item])).toBe(printed);
  });

  it('is one line of items in the order given', () => {
    expect(
      printPerformance([
        { label: 'b', value: 1, unit: '' },
        { label: 'a', value: 2, unit: '' },
      ]),
    ).toBe('b=1 a=2');
  });

  it.each([
    [["Foo::Bar's a=b"], ['Foo__Bar_s_a_b']],
    [['2001:db8::1'], ['2001_db8__1']],
    [['größe😀'], ['gr__e_']],
    [[''], ['_']],
    [
      ['0', '00'],
      ['_0', '00'],
    ],
    [
      ['a', 'a', 'a'],
      ['a', 'a_2', 'a_3'],
    ],
    [
      ['a', 'a_2', 'a', 'a_2'],
      ['a', 'a_2', 'a_3', 'a_2_2'],
    ],
    [
      ['a b', 'a/b'],
      ['a_b', 'a_b_2'],
    ],
  ])('calls %j %j', (labels, unique) => {
    expect(uniqueLabels(labels)).toEqual(unique);
  });

  it('names one thing by thing and metric', () => {
    expect(labelFor({ metric: 'speed', item: 'bond0' })).toBe('bond0_speed');
    expect(labelFor({ metric: 'guests' })).toBe('guests');
    expect(labelFor({ metric: 'size', item: '' })).toBe('_size');
    expect(labelFor({ metric: 'size', item: '/srv/a b' })).toBe('_srv_a_b_size');
  });

  it('has labels that stay as they are when they are made unique again', () => {
    fc.assert(
      fc.property(fc.array(anyText), (labels) => {
        const unique = uniqueLabels(labels);
        expect(new Set(unique).size).toBe(labels.length);
        expect(uniqueLabels(unique)).toEqual(unique);
      }),
    );
  });

  it('is read by every consumer as it was meant, whatever the labels and numbers are', () => {
    fc.assert(
      fc.property(fc.array(anyPerformance, { minLength: 1, maxLength: 4 }), (list) => {
        const printed = printPerformance(list);
        const { problems, performance } = readByAll(printed === '' ? 'X OK\n' : `X OK | ${printed}\n`);
        expect(problems).toEqual([]);
        const known = list.filter(({ value }) => Number.isFinite(value));
        const labels = uniqueLabels(known.map(({ label }) => label));
        expect(performance).toEqual(
          known.map((item, i) => ({ ...item, value: item.value + 0, label: labels[i] })),
        );
        expect(performanceItems(list)).toHaveLength(known.length);
      }),
      { numRuns: 1000 },
    );
  });
});
