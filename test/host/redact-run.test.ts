import fc from 'fast-check';
import { expect, it } from 'vitest';

import { redact } from '../../lib/host/redact.ts';
import { parseRunScript } from '../../lib/parsers/run-script.ts';

const redacted = (text: string): string =>
  Buffer.from(redact('/service/web/run', Buffer.from(text))).toString();

it.each([
  ['#!/bin/sh\nPASSWORD=x exec web\n', '#!/bin/sh\n***'],
  ['#!/usr/bin/env -S A=b\r\nexec web\r\n', '#!/usr/bin/env -S A=b\r\n***'],
  ['#!/bin/sh\n', '#!/bin/sh\n'],
  ['PASSWORD=x exec web\r\n', '***\r\n'],
  ['PASSWORD=x exec web', '***'],
  ['\uFEFF#!/bin/sh\nx', '\uFEFF***\n***'],
  ['', ''],
])('of a run script only the first line is recorded, and that only where it names an interpreter: %j', (text, expected) => {
  expect(redacted(text)).toBe(expected);
}); // prettier-ignore

it.each(['/sys/kernel/mm/ksm/run', '/proc/sys/net/run'])(
  'what the kernel says stays what it says: %s',
  (path) => {
    expect(Buffer.from(redact(path, Buffer.from('1\n'))).toString()).toBe('1\n');
  },
);

it('a recorded run script can be started as well as the real one', () => {
  const beginning = fc.constantFrom('', '#!', '#!/bin/sh\n', '\x7fELF', '\uFEFF', '#! \r\n', 'MZ\0');
  fc.assert(
    fc.property(beginning, fc.string({ unit: 'binary' }), (first, rest) => {
      const bytes = Buffer.from(first + rest);
      expect(parseRunScript(redact('/service/web/run', bytes))).toEqual(parseRunScript(bytes));
    }),
  );
});
