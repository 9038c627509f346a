import { describe, expect, it } from 'vitest';

import { splitOutput } from './nagios.ts';
import { throughNrpe } from './nrpe.ts';

describe('Nagios splits', () => {
  it.each([
    ['OK\n', 'OK', '', ''],
    ['OK | a=1\nlong\n', 'OK', 'long', 'a=1'],
    ['OK | a=1\nlong | b=2\nnot long\n', 'OK', 'long', 'a=1 b=2 not long'],
    ['3 | 4 files\n', '3', '', '4 files'],
    ['a; b\nc; d\n', 'a: b', 'c; d', ''],
    ['| a=1\n', '', '', 'a=1'],
    ['cut\0here\n', 'cut', '', ''],
    ['', '', '', ''],
  ])('%j', (output, short, long, perfdata) => {
    expect(splitOutput(output)).toEqual({ short, long, perfdata });
  });
});

describe('NRPE carries', () => {
  it('1023 bytes in protocol 2', () => {
    expect(throughNrpe('x'.repeat(2000), 2)).toBe('x'.repeat(1023));
  });

  it('65504 bytes in protocol 4', () => {
    expect(throughNrpe('x'.repeat(70_000), 4)).toBe('x'.repeat(65_504));
  });

  it('nothing after a NUL', () => {
    expect(throughNrpe('a\0b', 4)).toBe('a');
  });

  it('half a character where the limit is', () => {
    expect(throughNrpe(`${'x'.repeat(1022)}é`, 2)).toBe(`${'x'.repeat(1022)}\uFFFD`);
  });
});
