import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseRunScript, RUN_BYTES, type RunScript } from '../../lib/parsers/run-script.ts';

const SH = {
  form: 'script',
  interpreter: '/bin/sh',
  hasCarriageReturn: false,
  hasByteOrderMark: false,
} as const;

it.each<[string, string, Partial<RunScript>]>([
  ['a script', '#!/bin/sh\nexec x\n', SH],
  ['blanks before its interpreter', '#! \t/bin/sh\n', SH],
  ['an argument', '#!/bin/sh -e\n', SH],
  ['no line break', '#!/bin/sh', SH],
  ['CRLF', '#!/bin/sh\r\nexec x\r\n', { ...SH, hasCarriageReturn: true }],
  ['CRLF behind an argument', '#!/bin/sh -e\r\n', { ...SH, hasCarriageReturn: true }],
  ['a carriage return within its interpreter', '#!/opt/a\rb\n', { ...SH, interpreter: '/opt/a\rb' }],
  ['a carriage return in a later line', '#!/bin/sh\nexec x\r\n', SH],
  ['a byte order mark', '\uFEFF#!/bin/sh\n', { form: 'text', interpreter: null, hasByteOrderMark: true }],
  ['an empty line', '#!\n', { form: 'script', interpreter: null }],
  ['no file name', '#!  \n/bin/sh\n', { form: 'script', interpreter: null }],
  ['a program', '\x7fELF\x02\x01\x01', { form: 'elf', hasCarriageReturn: false }],
  ['another binary', 'MZ\x90\0\x03\r\n', { form: 'binary', hasCarriageReturn: false }],
  ['no #!', 'exec x\n', { form: 'text', hasCarriageReturn: false }],
  ['no #!, with CRLF', 'exec x\r\n', { form: 'text', hasCarriageReturn: true }],
  ['a #! behind a line', '\n#!/bin/sh\n', { form: 'text', interpreter: null }],
  ['an empty line, cut behind a carriage return', '\nexec x\r', { form: 'text', hasCarriageReturn: false }],
  ['nothing', '', { form: 'empty' }],
])('the beginning of an executable: %s', (_, text, expected) => {
  expect(parseRunScript(Buffer.from(text))).toMatchObject(expected);
});

it('does not take for an interpreter what was cut off', () => {
  const long = (rest: string): Buffer => Buffer.from(`#!/${'x'.repeat(300)}${rest}`).subarray(0, RUN_BYTES);
  expect(parseRunScript(long('\n')).interpreter).toBeNull();
  expect(parseRunScript(Buffer.from(`#!/bin/sh ${'x'.repeat(300)}`).subarray(0, RUN_BYTES)).interpreter).toBe('/bin/sh');
}); // prettier-ignore

it('knows the interpreter of a script that is longer than what was read, and of one that just fits', () => {
  expect(parseRunScript(Buffer.from(`#!/bin/sh\n${'x'.repeat(300)}`).subarray(0, RUN_BYTES)).interpreter).toBe('/bin/sh');
  const [fits, cut] = [255, 256].map((bytes) => parseRunScript(Buffer.from('#!/'.padEnd(bytes, 'x'))).interpreter);
  expect([fits?.length, cut]).toEqual([253, null]);
}); // prettier-ignore

it('takes any bytes for the beginning of something', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: RUN_BYTES }), (bytes) => {
      const { interpreter, form } = parseRunScript(bytes);
      expect(interpreter === null || form === 'script').toBe(true);
    }),
  );
});
