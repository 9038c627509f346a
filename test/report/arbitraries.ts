/** Texts and numbers that a check may meet, for the property tests of everything that is printed. */
import fc from 'fast-check';

import type { Range } from '../../lib/report/range.ts';

/** What means something to a reader, a shell or a screen. */
const NASTY = [
  ';',
  '|',
  '<',
  '<b>',
  '<a href=x>',
  '>',
  "'",
  '"',
  '=',
  '::',
  '\\',
  '\\n',
  '[OK]',
  '!',
  '$',
  '`',
  '\r',
  '\n',
  '\t',
  '\0',
  '\x1b[31m',
  '\x9b',
  '\u202e',
  '\u200b',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\udc00',
  '😀',
  'é',
  'a',
  '1',
  ' ',
  ',',
];

/** Any code point, halves of surrogate pairs, and above all the characters that hurt. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 20 }).map((parts) => parts.join('')),
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.string({ maxLength: 60 }),
);

/** What can be the name of a file: no NUL, and nothing that has no encoding. */
export const anyName: fc.Arbitrary<string> = anyText.map((text) =>
  Buffer.from(text.replaceAll('\0', '')).toString(),
);

/** Finite, without -0, of which JavaScript has two and a range one. */
export const anyNumber: fc.Arbitrary<number> = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(0, 1e21, 1e-7, 1e300, 1e-300, 5e-324, Number.MAX_VALUE),
  )
  .map((value) => value + 0);

export const anyRange: fc.Arbitrary<Range> = fc
  .record({
    bounds: fc.tuple(
      fc.oneof(anyNumber, fc.constant(0), fc.constant(-Infinity)),
      fc.oneof(anyNumber, fc.constant(Infinity)),
    ),
    inside: fc.boolean(),
  })
  .map(({ bounds: [a, b], inside }) => ({ start: Math.min(a, b), end: Math.max(a, b), inside }));
