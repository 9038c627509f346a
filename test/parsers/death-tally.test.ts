import { expect, it } from 'vitest';

import { parseDeathTally, TALLY_BYTES } from '../../lib/parsers/death-tally.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// Written by s6 2.11.3 of Debian 12 for a service that ends with 1 each second.
const SEEN = '400000006b0180de08cbb8af0100 400000006b0180df0923924a0100 400000006b0180e0096cd1e00100';

it('a tally of s6 is the times of the last deaths', () => {
  const deaths = parseDeathTally(Buffer.from(SEEN.replaceAll(' ', ''), 'hex'));
  expect(deaths).toEqual([1_795_260_601, 1_795_260_602, 1_795_260_603]);
  expect(parseDeathTally(Buffer.alloc(0))).toEqual([]);
  expect(TALLY_BYTES % 14).toBe(0);
});

it('a tally that is cut off says how long it is', () => {
  expect(() => parseDeathTally(Buffer.alloc(15))).toThrow(
    'supervise/death_tally: 15 bytes, expected records of 14',
  );
});

it.each(['00', '00'.repeat(14), SEEN.replaceAll(' ', '').slice(2)])('what is none is refused: %s', (text) => {
  expect(() => parseDeathTally(Buffer.from(text, 'hex'))).toThrow(FormatError);
});
