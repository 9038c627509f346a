import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { osloList, osloValue, parseOsloConfig } from '../../lib/parsers/oslo-config.ts';
import { FormatError } from '../../lib/parsers/text.ts';

const value = (text: string, option = 'a', group = 'DEFAULT'): string | null =>
  osloValue([parseOsloConfig(text)], group, option);

describe('oslo.config', () => {
  it.each([
    ['=', '[DEFAULT]\na=b\n', 'b'],
    [':', '[DEFAULT]\na: b\n', 'b'],
    ['whichever comes first', '[DEFAULT]\na=x:y\n', 'x:y'],
    ['a colon first', '[DEFAULT]\na:x=y\n', 'x=y'],
    ['blanks around', '[DEFAULT]\na  =  b c  \n', 'b c'],
    ['double quotes', '[DEFAULT]\na = " b "\n', ' b '],
    ['single quotes', "[DEFAULT]\na = 'b'\n", 'b'],
    ['quotes that do not match', '[DEFAULT]\na = "b\'\n', '"b\''],
    ['the last of several', '[DEFAULT]\na=1\na=2\n', '2'],
    ['a group that comes again', '[DEFAULT]\na=1\n[x]\nb=1\n[DEFAULT]\na=2\n', '2'],
    ['no end of line', '[DEFAULT]\na=b', 'b'],
    ['ends of lines of another system', '[DEFAULT]\r\na=b\r\n', 'b'],
    ['continued lines', '[DEFAULT]\na = b,\n    c,\n\td\n', 'b,\nc,\nd'],
    ['no comment within a line', '[DEFAULT]\na = b # c\n', 'b # c'],
    ['quotes that begin later', '[DEFAULT]\na = x"b"\n', 'x"b"'],
    ['quotes that end earlier', '[DEFAULT]\na = "b" c\n', '"b" c'],
    ['empty', '[DEFAULT]\na =\n', ''],
    ['empty in quotes', '[DEFAULT]\na = ""\n', ''],
    ['comments in words', '[DEFAULT]\n# words\n; words\na=b\n', 'b'],
    ['a flag without a group', '--a=b\n', 'b'],
    ['commented out', '[DEFAULT]\n#a=b\n;a=b\n', null],
    ['in another group', '[x]\na=b\n', null],
    ['nothing at all', '', null],
  ])('reads %s', (_, text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('takes the names of groups in any letters', () => {
    for (const group of ['linux_bridge', 'LINUX_BRIDGE', 'Linux_Bridge']) {
      expect(value(`[${group}]\na=b\n`, 'a', 'linux_bridge')).toBe('b');
    }
  });

  it.each([
    ['$b', 'one'],
    ['${b}', 'one'],
    ['x${b}y', 'xoney'],
    ['$c', 'one!'],
    ['$other.d', 'two'],
    ['${other.d}', 'two'],
    ['$$b', '$b'],
    [String.raw`\$b`, '$b'],
    ['$Big', 'three'],
    ['$nothing', '$nothing'],
    ['$', '$'],
  ])('fills in %s', (text, expected) => {
    expect(value(`[DEFAULT]\na=${text}\nb=one\nc=$b!\nBig=three\n[other]\nd=two\n`)).toBe(expected);
  });

  it('falls back to DEFAULT for what is not in the group', () => {
    expect(value('[DEFAULT]\nb=1\n[x]\na=$b\n', 'a', 'x')).toBe('1');
    expect(value('[DEFAULT]\nb=1\n[x]\na=$b\nb=2\n', 'a', 'x')).toBe('2');
  });

  it('ends where options name each other in a circle', () => {
    expect(value('[DEFAULT]\na=$b\nb=$a\n')).toMatch(/^\$[ab]$/);
  });

  it('fills in thirty options of a value, none longer than a path, and leaves the others as they stand', () => {
    const times = (count: number): string => `[DEFAULT]\na=${'$b'.repeat(count)}\nb=x\n`;
    expect(value(times(30))).toBe('x'.repeat(30));
    expect(value(times(31))).toBe(`${'x'.repeat(30)}$b`);
    expect(value(`[DEFAULT]\na=$b\nb=${'x'.repeat(4096)}\n`)).toBe('x'.repeat(4096));
    expect(value(`[DEFAULT]\na=$b\nb=${'x'.repeat(4097)}\n`)).toBe('$b');
  });

  it('lets the last file count that sets an option', () => {
    const files = ['[DEFAULT]\na=1\nb=1\n', '[DEFAULT]\na=$b\n', '[DEFAULT]\nb=2\n'].map(parseOsloConfig);
    expect(osloValue(files, 'DEFAULT', 'a')).toBe('2');
  });

  it('parts lists at commas', () => {
    expect(osloList('physnet1:bond0, physnet2:bond1,\n physnet3:eth0,')).toEqual(['physnet1:bond0', 'physnet2:bond1', 'physnet3:eth0']); // prettier-ignore
    expect(osloList('')).toEqual([]);
  });

  const ALONE = 'goes on with a value, but there is none above';
  it.each([
    ['[DEFAULT\na=b\n', 'line 1: no name of a group in brackets'],
    ['a=b\n[]\n', 'line 2: no name of a group in brackets'],
    ['words\n', 'line 1: no "=" and no ":" in it'],
    ['[DEFAULT]\na=b\n=b\n', 'line 3: no name of an option'],
    [' continued\n', `line 1: ${ALONE}`],
    ['[DEFAULT]\na=b\n\n  c\n', `line 4: ${ALONE}`],
    ['[DEFAULT]\na=b\n#x\n  c\n', `line 4: ${ALONE}`],
    ['[DEFAULT]\na=b\n#x=y\n  c\n', `line 4: ${ALONE}`],
    ['[DEFAULT]\na=b\n[x]\n  c\n', `line 4: ${ALONE}`],
  ])('refuses %j: says line and reason', (text, message) => {
    expect(() => parseOsloConfig(text)).toThrow(FormatError);
    expect(() => parseOsloConfig(text)).toThrow(message);
  });

  it('throws nothing but FormatError, which never quotes the file', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '=', ':', '[', ']', '\n', ' ', '$', '{', '}', '#', '"', '.'),
    });
    fc.assert(
      fc.property(text, (content) => {
        try {
          const config = parseOsloConfig(`${content}\nhunter2 hunter2`);
          expect([...config.keys()].join()).toContain('hunter2');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect(String(error)).not.toContain('hunter2');
        }
        try {
          value(content);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
