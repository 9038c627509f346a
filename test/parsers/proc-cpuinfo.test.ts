import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseCpuinfo } from '../../lib/parsers/proc-cpuinfo.ts';
import { FormatError } from '../../lib/parsers/text.ts';

const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R)\nflags\t\t: fpu sse2 avx\nvmx flags\t: vnmi\n\nprocessor\t: 1\nflags\t\t: other\n';

it('tells the first processor, not what virtualization adds nor the next', () => {
  expect(parseCpuinfo(CPUINFO)).toEqual({
    vendor: 'GenuineIntel',
    model: '6/85',
    name: 'Intel(R) Xeon(R)',
    flags: new Set(['fpu', 'sse2', 'avx']),
  });
});

it('of this machine is understood', () => {
  expect(parseCpuinfo(readFileSync('/proc/cpuinfo', 'latin1')).flags.has('fpu')).toBe(true);
});

it('tells no more than there is', () => {
  expect(parseCpuinfo('flags\t\t: fpu\n')).toEqual({
    vendor: '',
    model: '/',
    name: '',
    flags: new Set(['fpu']),
  });
});

it.each(['', 'flags\t\t:\n', 'vmx flags\t: vnmi\n', 'Features\t: fp asimd\n'])('is refused: %j', (text) => {
  expect(() => parseCpuinfo(text)).toThrow(new FormatError('cpuinfo', 'no flags of a processor'));
});

it('never throws anything but FormatError', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('flags', '\t', ':', ' ', 'x', '\n', 'model')), (parts) => {
      try {
        parseCpuinfo(parts.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});
