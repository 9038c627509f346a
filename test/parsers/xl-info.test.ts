import fc from 'fast-check';
import { expect, it } from 'vitest';

import { FormatError } from '../../lib/parsers/text.ts';
import { parseXlInfo } from '../../lib/parsers/xl-info.ts';

// Hand-made after output_physinfo in tools/xl/xl_info.c of Xen 4.17.
const INFO =
  'host                   : jill\nnr_cpus                : 8\ntotal_memory           : 65413\nfree_memory            : 12034\nsharing_freed_memory   : 0\n';

it('tells the memory that no domain has', () => {
  expect(parseXlInfo(INFO)).toEqual({ availableBytes: 12034 * 2 ** 20, hugeFreeBytes: 0 });
});

it.each(['', 'free_memory : x\n', 'unfree_memory : 1\n', INFO.slice(0, 90), INFO.slice(0, 100)])(
  'is refused: %j',
  (text) => {
    expect(() => parseXlInfo(text)).toThrow(new FormatError('xl info', 'no free_memory'));
  },
);

it('never throws anything but FormatError', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(() => parseXlInfo(text)).toThrow(FormatError);
    }),
  );
});
