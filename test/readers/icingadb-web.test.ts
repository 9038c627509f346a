import { describe, expect, it } from 'vitest';

import { hasWrittenBreak, isHtml, parsePerfData, parseThreshold } from './icingadb-web.ts';

describe('Icinga DB Web takes for HTML', () => {
  it.each(['seclabel <none>', '<b>bold', '<a href="x">', '<a\nhref=x y>', 'x\n<name>'])('%j', (output) => {
    expect(isHtml(output)).toBe(true);
  });
  it.each(['3 < 5', '< none>', '<a b>', '<>', '‹none>', '</b>'])('but not %j', (output) => {
    expect(isHtml(output)).toBe(false);
  });
});

it('Icinga DB Web reads a backslash and an n as a line break', () => {
  expect(hasWrittenBreak(String.raw`C:\new`)).toBe(true);
  expect(hasWrittenBreak(String.raw`a\x2db`)).toBe(false);
});

describe('Icinga DB Web reads performance data', () => {
  const bare = { unit: '', warning: null, critical: null, min: null, max: null };
  it.each([
    [
      'a=1 b=-.5ms',
      [
        { label: 'a', value: 1 },
        { label: 'b', value: -0.5, unit: 'ms' },
      ],
    ],
    [
      `'a b'=1 "c d"=2`,
      [
        { label: 'a b', value: 1 },
        { label: 'c d', value: 2 },
      ],
    ],
    ["'a=b'=1", [{ label: 'a', value: null }]],
    ['a=U', [{ label: 'a', value: null }]],
    ['a=1e-7', [{ label: 'a', value: 1e-7 }]],
    ['a=1e-7s', [{ label: 'a', value: null }]],
    ['a=5.s', [{ label: 'a', value: null }]],
    ['a=5.', [{ label: 'a', value: 5 }]],
    ['a=5U', [{ label: 'a', value: null }]],
    ['a=5us', [{ label: 'a', value: 5, unit: 'us' }]],
    ['a=+1s', [{ label: 'a', value: null }]],
    ['a=1packets', [{ label: 'a', value: null }]],
    ['a=5%', [{ label: 'a', value: 5, unit: '%', min: 0, max: 100 }]],
    ['a=1;;;0;9', [{ label: 'a', value: 1, min: 0, max: 9 }]],
    ['a=1;2;3;0;9;', [{ label: 'a', value: 1 }]],
    ['0=1 b=2', [{ label: 'b', value: 2 }]],
    ['', []],
  ])('%j', (perfdata, values) => {
    expect(parsePerfData(perfdata)).toEqual(values.map((value) => ({ ...bare, ...value })));
  });

  it.each([
    ['10', { min: 0, max: 10, isInverted: false }],
    ['10:', { min: 10, max: Infinity, isInverted: false }],
    ['~:10', { min: -Infinity, max: 10, isInverted: false }],
    ['@5:10', { min: 5, max: 10, isInverted: true }],
    ['0', { min: 0, max: 0, isInverted: false }],
    // The end of 0 is lost.
    ['~:0', { min: -Infinity, max: Infinity, isInverted: false }],
    ['-5:0', { min: -5, max: Infinity, isInverted: false }],
    ['foo', null],
    ['1:foo', null],
    ['', null],
  ])('with the range %j', (text, range) => {
    expect(parseThreshold(text)).toEqual(range);
  });

  it.each([
    ['20;10', true],
    ['10;20', false],
    ['10:;5:', false],
  ])('and turns the ranges %s around: %s', (ranges, isInverted) => {
    const [item] = parsePerfData(`a=1;${ranges}`);
    expect(item?.warning?.isInverted).toBe(isInverted);
    expect(item?.critical?.isInverted).toBe(isInverted);
  });
});
