import { describe, expect, it } from 'vitest';

import { IcingaError, parseCheckOutput, parseValue, splitPerfdata } from './icinga2-perfdata.ts';

describe('Icinga 2 splits output', () => {
  it.each([
    ['OK | a=1\n', 'OK', 'a=1'],
    ['OK | a=1\nmore | b=2\nlast\n', 'OK \nmore \nlast', 'a=1  b=2'],
    ['3 | 4 files\n', '3 | 4 files', ''],
    ['a\r\nb\n', 'a\n\nb', ''],
    ['\n\nOK\n', 'OK', ''],
  ])('%j', (output, text, perfdata) => {
    expect(parseCheckOutput(output)).toEqual({ text, perfdata });
  });
});

describe('Icinga 2 splits performance data', () => {
  it.each([
    ['a=1 b=2', ['a=1', 'b=2']],
    ["'a b'=1", ["'a b'=1"]],
    ["'ab'=1", ['ab=1']],
    ["''=1", ["''=1"]],
    ["'2001:db8::1'=1 rtt=2", ['2001:db8::1=1', '2001:db8::rtt=2']],
    ['a::b=1 c=2 d::e=3 f=4', ['a::b=1', 'a::c=2', 'd::e=3', 'd::f=4']],
    ["'a =b'=1", ["''a '=b'=1"]],
    ['a=1  b=2', ['a=1', "' b'=2"]],
    ['a=1\tb=2', ['a=1\tb=2']],
    ['no item', []],
  ])('%j', (perfdata, items) => {
    expect(splitPerfdata(perfdata)).toEqual(items);
  });
});

describe('Icinga 2 reads an item', () => {
  const bare = { unit: '', isUnitKnown: true, warning: null, critical: null, min: null, max: null };
  it.each([
    ['x=1', { label: 'x', value: 1 }],
    ["'a b'=.42", { label: 'a b', value: 0.42 }],
    ['x=23.', { label: 'x', value: 23 }],
    ['x=1s=3', { label: 'x=1s', value: 3 }],
    ['x=1e-7s', { label: 'x', value: 1e-7, unit: 's' }],
    [
      'x=5ms;10;20;0;30',
      { label: 'x', value: 0.005, unit: 'ms', warning: 0.01, critical: 0.02, min: 0, max: 0.03 },
    ],
    ['x=1;10:;~:5', { label: 'x', value: 1 }],
    ['x=1;@5;10', { label: 'x', value: 1, critical: 10 }],
    ['x=2KB', { label: 'x', value: 2000, unit: 'KB' }],
    ['x=2KiB', { label: 'x', value: 2048, unit: 'KiB' }],
    ['x=2mb', { label: 'x', value: 2e6, unit: 'mb' }],
    ['x=2m', { label: 'x', value: 120, unit: 'm' }],
    ['x=2d', { label: 'x', value: 172_800, unit: 'd' }],
    ['x=2t', { label: 'x', value: 2e6, unit: 't' }],
    ['x=2rpm', { label: 'x', value: 2, unit: 'rpm', isUnitKnown: false }],
    ['x=2Mbit/s', { label: 'x', value: 2, unit: 'Mbit/s', isUnitKnown: false }],
  ])('%s', (item, value) => {
    expect(parseValue(item)).toEqual({ ...bare, ...value });
  });

  it.each([
    'x=U',
    'x=',
    'x=1,5',
    'x=1;2,3',
    'x=inf',
    'x=nan',
    'x=1m3',
    'x=1;1e',
    'x=1;;10.5.5',
    'x=--1',
    'x',
  ])('never as %s', (item) => {
    expect(() => parseValue(item)).toThrow(IcingaError);
  });
});
