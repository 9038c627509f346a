import { closeSync, constants, openSync, readFileSync } from 'node:fs';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseFdInfo } from '../../lib/parsers/proc-fdinfo.ts';
import { FormatError } from '../../lib/parsers/text.ts';

it.each([
  ['pos:\t5905580032\nflags:\t0102001\nmnt_id:\t28\n', { positionBytes: 5905580032, appends: true }],
  ['pos:\t0\nflags:\t0100001\nmnt_id:\t28\nino:\t9\nlock:\t1: POSIX  ADVISORY\n', { positionBytes: 0, appends: false }],
])('%j is read', (text, info) => {
  expect(parseFdInfo(text)).toEqual(info);
}); // prettier-ignore

it.each([
  [constants.O_RDONLY, false],
  [constants.O_RDONLY | constants.O_APPEND, true],
])('the kernel writes how a file is open: flags %d', (flags, appends) => {
  const fd = openSync('/proc/self/cmdline', flags);
  const info = parseFdInfo(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  closeSync(fd);
  expect(info.appends).toBe(appends);
});

it.each([
  'flags:\t0100001\n',
  'pos:\t0\n',
  'xpos:\t0\nflags:\t01\n',
  'pos:\t0x\nflags:\t01\n',
  'pos:\t0\nxflags:\t01\n',
  'pos:\t0\nflags:\t018\n',
])('%j is refused', (text) => {
  expect(() => parseFdInfo(text)).toThrow(new FormatError('fdinfo', 'no pos or flags', text));
});

it('is parsed, or refused with a FormatError, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(() => parseFdInfo(text)).toThrow(FormatError);
    }),
  );
});
