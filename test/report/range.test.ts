import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  alerts,
  parseRange,
  parseRangeWith,
  printBounds,
  printRange,
  RangeSyntaxError,
} from '../../lib/report/range.ts';
import { anyNumber, anyRange, anyText } from './arbitraries.ts';

function messageOf(text: string): string {
  try {
    parseRange(text);
  } catch (error) {
    if (error instanceof RangeSyntaxError) return error.message;
    throw error;
  }
  return `${text} was read`;
}

describe('a range', () => {
  const values = [-1, 0, 9, 10, 15, 20, 21];
  it.each([
    ['10', 'A...AAA'],
    ['10:', 'AAA....'],
    ['~:10', '....AAA'],
    ['10:20', 'AAA...A'],
    ['@10:20', '...AAA.'],
    ['@10', '.AAA...'],
    ['@~:10', 'AAAA...'],
    ['@10:', '...AAAA'],
    ['0', 'A.AAAAA'],
    ['0:0', 'A.AAAAA'],
    ['~:', '.......'],
    ['@~:', 'AAAAAAA'],
    [':10', 'A...AAA'],
    ['@:10', '.AAA...'],
    ['0:', 'A......'],
  ])('%s alerts on -1, 0, 9, 10, 15, 20, 21 as %s', (text, expected) => {
    const range = parseRange(text);
    expect(values.map((value) => (alerts(range, value) ? 'A' : '.')).join('')).toBe(expected);
  });

  it('holds its bounds, and compares negative decimals by value', () => {
    const range = parseRange('-2.5:-1.5');
    expect([-2.6, -2.5, -2, -1.5, -1.4].map((value) => alerts(range, value))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['1e3', 0, 1000],
    ['.5', 0, 0.5],
    ['5.', 0, 5],
    ['+5', 0, 5],
    [':5.75', 0, 5.75],
    ['-10:10', -10, 10],
    ['-10:0', -10, 0],
    ['~:-95.99', -Infinity, -95.99],
    ['~:0', -Infinity, 0],
    ['12345678901234567890:', 12345678901234567890, Infinity],
    ['1:1', 1, 1],
    ['-0', 0, 0],
  ])('is read from %s', (text, start, end) => {
    expect(parseRange(text)).toEqual({ start, end, inside: false });
  });

  it.each([
    ['', '"" is not a range: it needs a number, such as 10, 10: or ~:10'],
    [':', '":" is not a range: it needs a number, such as 10, 10: or ~:10'],
    ['@', '"@" is not a range: it needs a number, such as 10, 10: or ~:10'],
    ['@:', '"@:" is not a range: it needs a number, such as 10, 10: or ~:10'],
    ['~', '"~" is not a range: a colon and the end must follow the ~, such as ~:10'],
    ['~10', '"~10" is not a range: "~10" is not a number'],
    ['10:~', '"10:~" is not a range: leave the end out where there is none: "10:"'],
    ['1:~', '"1:~" is not a range: leave the end out where there is none: "1:"'],
    ['20:10', '"20:10" is not a range: its start is above its end; write "10:20"'],
    ['@20:10', '"@20:10" is not a range: its start is above its end; write "@10:20"'],
    ['-10', '"-10" is not a range: it would start at 0, above its end; write "~:-10" or "-10:0"'],
    ['@-10', '"@-10" is not a range: it would start at 0, above its end; write "@~:-10" or "@-10:0"'],
    [' 10', '" 10" is not a range: there is a space in it, leave it out'],
    ['10: 20', '"10: 20" is not a range: there is a space in it, leave it out'],
    ['10\n', '"10\n" is not a range: there is a space in it, leave it out'],
    ['010', '"010" is not a range: write "010" without leading zeros'],
    ['0x10', '"0x10" is not a range: write a decimal number'],
    ['10%', '"10%" is not a range: write the number without a unit'],
    ['1:12%', '"1:12%" is not a range: write the number without a unit'],
    ['10abc', '"10abc" is not a range: write the number without a unit'],
    ['10s', '"10s" is not a range: write the number without a unit'],
    ['10GiB', '"10GiB" is not a range: write the number without a unit'],
    ['1,5', '"1,5" is not a range: use a dot for decimals: "1.5"'],
    ['1,2,3', '"1,2,3" is not a range: it is a list, write one range'],
    ['abc', '"abc" is not a range: "abc" is not a number'],
    ['1:2:3', '"1:2:3" is not a range: it has more than one colon, write START:END'],
    [
      'inf',
      '"inf" is not a range: leave a bound out where there is none, such as 10:, and write ~: for no start',
    ],
    [
      'nan:',
      '"nan:" is not a range: leave a bound out where there is none, such as 10:, and write ~: for no start',
    ],
    ['1_000', '"1_000" is not a range: write the number without _'],
    ['1e999', '"1e999" is not a range: "1e999" is too large'],
    ['٣', '"٣" is not a range: "٣" is not a number'],
    ['1-10', '"1-10" is not a range: put a colon between the bounds: "1:10"'],
    ['1.2.3', '"1.2.3" is not a range: "1.2.3" is not a number'],
    ['foo', '"foo" is not a range: "foo" is not a number'],
    [
      '/root:10',
      `"/root:10" is not a range: the shell has put a path in place of ~; quote the range: '~:10'`,
    ],
    ['/root', `"/root" is not a range: the shell has put a path in place of ~; quote the range: '~:'`],
    [
      '/root:10:20',
      `"/root:10:20" is not a range: the shell has put a path in place of ~; quote the range: '~:10'`,
    ],
    ['@@5', '"@@5" is not a range: "@5" is not a number'],
    [':~', '":~" is not a range: leave the end out where there is none: "0:"'],
    ['+010', '"+010" is not a range: write "+010" without leading zeros'],
    ['1,25', '"1,25" is not a range: use a dot for decimals: "1.25"'],
    [',5', '",5" is not a range: use a dot for decimals: ".5"'],
    ['+1,5', '"+1,5" is not a range: use a dot for decimals: "+1.5"'],
    ['1,', '"1," is not a range: it is a list, write one range'],
    ['+0X10', '"+0X10" is not a range: write a decimal number'],
    ['a0x10', '"a0x10" is not a range: "a0x10" is not a number'],
    ['10-20', '"10-20" is not a range: put a colon between the bounds: "10:20"'],
    ['10-', '"10-" is not a range: "10-" is not a number'],
    ['--5', '"--5" is not a range: "--5" is not a number'],
    ['x1-2', '"x1-2" is not a range: "x1-2" is not a number'],
    ['1-2x', '"1-2x" is not a range: "1-2x" is not a number'],
    ['+10s', '"+10s" is not a range: write the number without a unit'],
    ['1E+33s', '"1E+33s" is not a range: write the number without a unit'],
    ['x10s', '"x10s" is not a range: "x10s" is not a number'],
    ['+12E999', '"+12E999" is not a range: "+12E999" is too large'],
    ['x1e999', '"x1e999" is not a range: "x1e999" is not a number'],
    ['e5', '"e5" is not a range: "e5" is not a number'],
    ['-1.2.3', '"-1.2.3" is not a range: "-1.2.3" is not a number'],
    ['-1-2', '"-1-2" is not a range: "-1-2" is not a number'],
    ['1e5%', '"1e5%" is not a range: write the number without a unit'],
    ['1e%', '"1e%" is not a range: "1e%" is not a number'],
    ['1e+', '"1e+" is not a range: "1e+" is not a number'],
    ['1.2.3e5', '"1.2.3e5" is not a range: "1.2.3e5" is not a number'],
  ])('is not read from "%s", and the message says what to write', (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it.each(['inf', 'INF', '+inf', '-Infinity', 'nan'])('without a bound is not written %s', (text) => {
    expect(messageOf(text)).toContain(': leave a bound out where there is none');
    expect(messageOf(`x${text}`)).toBe(`"x${text}" is not a range: "x${text}" is not a number`);
    expect(messageOf(`${text}x`)).toBe(`"${text}x" is not a range: "${text}x" is not a number`);
  });

  it('with a bound of more digits than a double holds is too large', () => {
    expect(messageOf(`1${'0'.repeat(308)}`)).toMatch(/ was read$/);
    expect(messageOf(`1${'0'.repeat(309)}`)).toMatch(/: "10+…" is too large$/);
  });

  it('that is refused is quoted in 60 bytes', () => {
    expect(messageOf('x'.repeat(60))).toContain(`"${'x'.repeat(60)}" is not a range`);
    expect(messageOf('x'.repeat(61))).toContain(`"${'x'.repeat(57)}…" is not a range`);
    expect(() => parseRange('x')).toThrow(expect.objectContaining({ name: 'RangeSyntaxError' }));
  });

  it('that is refused is quoted no longer than a line can hold', () => {
    expect(messageOf('x'.repeat(5000)).length).toBeLessThan(200);
  });

  it('advises only what can be read', () => {
    for (const text of ['-10', '@-10', '20:10', '@20:10', '10:~', '1,5', '1-10', ':-3']) {
      const [, advice = ''] = messageOf(text).split('is not a range: ');
      const advised = [...advice.matchAll(/"([^"]+)"/g)].map(([, range = '']) => range);
      expect(advised.length).toBeGreaterThan(0);
      for (const range of advised) expect(() => parseRange(range)).not.toThrow();
    }
  });

  it('is a range or a RangeSyntaxError of one line for any text', () => {
    const rangeLike = fc.array(
      fc.constantFrom('@', '~', ':', '-', '+', '.', '0', '1', '9', 'e', ' ', ',', '/', '%'),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          rangeLike.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const { start, end } = parseRange(text);
            expect(start <= end && start < Infinity && end > -Infinity).toBe(true);
            expect(Object.is(start, -0) || Object.is(end, -0)).toBe(false);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeSyntaxError);
            expect((error as Error).message).toContain(' is not a range: ');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a range that is printed', () => {
  it.each([
    ['0:10', '10'],
    ['10:', '10:'],
    ['0:', '0:'],
    ['~:10', '~:10'],
    ['~:0', '~:0'],
    ['0:0', '0'],
    ['@0:5', '@5'],
    ['@~:', '@~:'],
    ['1e3:2e3', '1000:2000'],
    ['1e-7:', '0.0000001:'],
    ['-0', '0'],
  ])('%s becomes %s', (text, printed) => {
    expect(printRange(parseRange(text))).toBe(printed);
  });

  it('is the same when it is read again', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        expect(parseRange(printRange(range))).toEqual(range);
      }),
      { numRuns: 1000 },
    );
  });

  it('has both bounds in a sentence', () => {
    expect(printBounds(parseRange('2'))).toBe('0:2');
    expect(printBounds(parseRange('@10:'))).toBe('10:');
    expect(printBounds(parseRange('~:5'))).toBe('~:5');
  });

  it('alerts on the opposite of what it alerts on with @', () => {
    fc.assert(
      fc.property(anyRange, anyNumber, (range, value) => {
        expect(alerts({ ...range, inside: !range.inside }, value)).toBe(!alerts(range, value));
      }),
    );
  });
});

describe('a range of other numbers', () => {
  const days = (text: string): number | string => {
    const match = /^([0-9]+)d$/.exec(text);
    return match === null ? `write days such as 180d, not "${text}"` : Number(match[1]) * 86_400;
  };

  it('has the same grammar', () => {
    expect(parseRangeWith('2d', days)).toEqual({ start: 0, end: 172_800, inside: false });
    expect(parseRangeWith('@~:1d', days)).toEqual({ start: -Infinity, end: 86_400, inside: true });
    expect(() => parseRangeWith('2d:1d', days)).toThrow(
      '"2d:1d" is not a range: its start is above its end; write "1d:2d"',
    );
  });

  it('has no -0, whatever its reader returns', () => {
    expect(parseRangeWith('0:0', () => -0)).toEqual({ start: 0, end: 0, inside: false });
  });

  it('is refused in the words of its own reader', () => {
    expect(() => parseRangeWith('10', days)).toThrow(
      '"10" is not a range: write days such as 180d, not "10"',
    );
    expect(() => parseRangeWith('1', () => Infinity)).toThrow('"1" is not a range: "1" is too large');
  });
});
