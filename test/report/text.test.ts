import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { byteLength, cleanText, cutText, shellQuote } from '../../lib/report/text.ts';
import { isHtml } from '../readers/icingadb-web.ts';
import { anyName, anyText } from './arbitraries.ts';

describe('clean text', () => {
  it.each([
    ['plain text: 5 > 3, 50%', 'plain text: 5 > 3, 50%'],
    ['a;b', 'a,b'],
    ['a|b', 'a¦b'],
    ['a\r\nb\tc\nd\re', 'a b c d e'],
    ['a\u2028b\x85c', 'a b c'],
    ['seclabel <none>', 'seclabel ‹none>'],
    ['<a href=x>', '‹a href=x>'],
    ['<<b>', '‹‹b>'],
    ['C:\\new\\table\\x', 'C:∖new∖table\\x'],
    ['3 < 5, <=, <-', '3 < 5, <=, <-'],
    ['\x1b[31mred', '\uFFFD[31mred'],
    ['nul\0nul', 'nul\uFFFDnul'],
    ['csi\x9b1m', 'csi\uFFFD1m'],
    ['\u202egnp.exe', '\uFFFDgnp.exe'],
    ['zero\u200bwidth', 'zero\uFFFDwidth'],
    ['half \ud83d', 'half \uFFFD'],
    ['whole 😀 é ü 漢', 'whole 😀 é ü 漢'],
  ])('of %j is %j', (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it('is one line without syntax, is no HTML and is well-formed, whatever it was', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/[;|\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(isHtml(clean)).toBe(false);
        expect(Buffer.from(clean).toString()).toBe(clean);
      }),
      { numRuns: 2000 },
    );
  });

  it('stays as it is when cleaned again, also next to other clean text', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(cleanText(cleanText(a))).toBe(cleanText(a));
        expect(isHtml(`${cleanText(a)} ${cleanText(b)}`)).toBe(false);
      }),
    );
  });
});

it('of a name with a NUL is quoted for the shell as one that no file has', () => {
  expect(shellQuote('a\0b')).toBe("$'a\uFFFDb'");
});

describe('cut text', () => {
  it.each([
    ['short', 5, 'short'],
    ['longer', 5, 'lo…'],
    ['ääää', 7, 'ää…'],
    ['ääää', 6, 'ä…'],
    ['😀😀', 7, '😀…'],
    ['😀😀', 6, '…'],
    ['abcd', 3, '…'],
    ['abcd', 2, ''],
    ['abcd', 0, ''],
    ['', -1, ''],
    ['abcd', -1, ''],
  ])('of %j in %d bytes is %j', (text, maxBytes, cut) => {
    expect(cutText(text, maxBytes)).toBe(cut);
  });

  it('fits, is well-formed, and is the beginning of the text', () => {
    fc.assert(
      fc.property(anyName, fc.nat(80), (text, maxBytes) => {
        const cut = cutText(text, maxBytes);
        expect(byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        expect(Buffer.from(cut).toString()).toBe(cut);
        expect(text.startsWith(cut === text ? cut : cut.replace(/…$/, ''))).toBe(true);
        expect(cut === text).toBe(byteLength(text) <= maxBytes);
      }),
    );
  });
});

describe('a name quoted for a shell', () => {
  it.each([
    ['acrux', 'acrux'],
    ['a', 'a'],
    ['+a', '+a'],
    ['*a', "'*a'"],
    ['/var/lib/a-b_c.d:e@f+g%h', '/var/lib/a-b_c.d:e@f+g%h'],
    ['a=b', 'a=b'],
    ['=a', "'=a'"],
    ['', "''"],
    ['two words', "'two words'"],
    ["it's", String.raw`'it'\''s'`],
    ['~root', "'~root'"],
    ['$(reboot)', "'$(reboot)'"],
    ['größe', "'größe'"],
    ['a;b', String.raw`$'a\x3bb'`],
    ['a|b\n', String.raw`$'a\x7cb\x0a'`],
    ["<b>it's\\!", String.raw`$'\x3cb>it\x27s\x5c\x21'`],
    ['a\\x2db', String.raw`'a\x2db'`],
    ['a\\nb', String.raw`$'a\x5cnb'`],
    ['a,b', String.raw`$'a\x2cb'`],
    ['a, b', "'a, b'"],
    ['vm (UP)', String.raw`$'vm \x28UP)'`],
    ['\u202e', String.raw`$'\xe2\x80\xae'`],
  ])('%j is written as %s', (name, quoted) => {
    expect(shellQuote(name)).toBe(quoted);
  });

  it('is not changed when the command is printed', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const command = `virsh start ${shellQuote(a)} ${shellQuote(b)}`;
        expect(cleanText(command)).toBe(command);
      }),
      { numRuns: 1000 },
    );
  });

  it('means the same name to bash after the command was printed', () => {
    fc.assert(
      fc.property(fc.array(anyName, { minLength: 150, maxLength: 200 }), (names) => {
        const script = `printf '%s\\0' ${names.map((name) => cleanText(shellQuote(name))).join(' ')}`;
        const output = execFileSync('bash', ['--norc', '-c', script], {
          env: { LC_ALL: 'C' },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        expect(output.equals(Buffer.from(names.map((name) => `${name}\0`).join('')))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });
});
