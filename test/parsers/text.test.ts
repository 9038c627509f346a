import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeUtf8, FormatError, integerOf, quote, splitNul } from '../../lib/parsers/text.ts';

describe('a format error', () => {
  it('names the place, the problem and what stands there', () => {
    const error = new FormatError('field 3', 'no state', '42');
    expect(error.message).toBe('field 3: no state, found "42"');
    expect(error).toBeInstanceOf(FormatError);
    expect(error.name).toBe('FormatError');
  });

  it('can keep to itself what stands there', () => {
    expect(new FormatError('<domain>', 'no name').message).toBe('<domain>: no name');
  });

  it('is one printable line of bounded length, whatever it quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const { message } = new FormatError('place', 'problem', text);
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(message.length).toBeLessThanOrEqual(40 + 80 * '\\u{10ffff}'.length);
      }),
    );
  });

  it.each([
    ['a\nb\x1b[31m\0', String.raw`"a\u{a}b\u{1b}[31m\u{0}"`],
    ['\u202Eevil\u2028', String.raw`"\u{202e}evil\u{2028}"`],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    ['😀'.repeat(80), `"${'😀'.repeat(80)}"`],
    ['😀'.repeat(81), `"${'😀'.repeat(80)}…"`],
  ])('quotes %j as %s', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });
});

describe('bytes to text', () => {
  it('keeps every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text);
      }),
    );
  });

  it('keeps a byte order mark and marks what is not UTF-8', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62))).toBe('\ufeffa\ufffdb');
  });

  it('reads a part of a larger buffer', () => {
    expect(decodeUtf8(new TextEncoder().encode('abcdef').subarray(2, 4))).toBe('cd');
  });
});

it.each([
  ['0', 0],
  ['-7', -7],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740993', null],
  ['1e999', null],
  ['1.5', null],
  ['"1"', null],
  ['null', null],
])('the JSON %s is the integer %j', (json, integer) => {
  expect(integerOf(JSON.parse(json))).toBe(integer);
});

describe('elements ended by NUL', () => {
  it.each([
    ['', []],
    ['\0', ['']],
    ['a', ['a']],
    ['a\0', ['a']],
    ['a\0\0', ['a', '']],
    ['a\0\0b\0', ['a', '', 'b']],
    ['\0a\0', ['', 'a']],
  ])('%j are %j', (text, elements) => {
    expect(splitNul(new TextEncoder().encode(text))).toEqual(elements);
  });

  it('come back as they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (elements) => {
        fc.pre(elements.every((element) => !element.includes('\0')));
        const bytes = new TextEncoder().encode(elements.map((element) => `${element}\0`).join(''));
        expect(splitNul(bytes)).toEqual(elements);
      }),
    );
  });
});
