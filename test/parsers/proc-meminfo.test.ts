import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseMeminfo } from '../../lib/parsers/proc-meminfo.ts';
import { FormatError } from '../../lib/parsers/text.ts';

const MEMINFO = `MemTotal:       24684096 kB
MemFree:        20112340 kB
MemAvailable:   22954368 kB
Cached:          1000000 kB
HugePages_Total:    1024
HugePages_Free:      512
Hugepagesize:       2048 kB
`;

describe('/proc/meminfo', () => {
  it('tells what is free for another guest, with and without huge pages', () => {
    expect(parseMeminfo(MEMINFO)).toEqual({ availableBytes: 22954368 * 1024, hugeFreeBytes: 2 ** 30 });
    expect(parseMeminfo('MemAvailable: 4 kB\n')).toEqual({ availableBytes: 4096, hugeFreeBytes: 0 });
  });

  it('had no MemAvailable before Linux 3.14', () => {
    const old = MEMINFO.replace(/^MemAvailable.*\n/m, '');
    expect(parseMeminfo(old).availableBytes).toBe((20112340 + 1000000) * 1024);
    expect(parseMeminfo('MemFree: 4 kB\n').availableBytes).toBe(4096);
  });

  it.each(['HugePages_Free: 5\n', 'Hugepagesize: 2048 kB\n'])('tells no huge pages by %j alone', (line) => {
    expect(parseMeminfo(`MemAvailable: 4 kB\n${line}`).hugeFreeBytes).toBe(0);
  });

  it('of this machine is understood', () => {
    expect(parseMeminfo(readFileSync('/proc/meminfo', 'latin1')).availableBytes).toBeGreaterThan(0);
  });

  it.each(['', 'MemTotal: 5 kB\n', 'xMemFree: 5 kB\n', 'MemFree: many kB\n'])('is refused: %j', (text) => {
    expect(() => parseMeminfo(text)).toThrow(new FormatError('meminfo', 'neither MemAvailable nor MemFree'));
  });

  it('never throws anything but FormatError, and tells no negative number', () => {
    const line = fc.constantFrom('MemFree: 1 kB', 'MemAvailable: 2 kB', 'MemAvailable:', 'HugePages_Free: 9', 'Hugepagesize: 2048 kB', 'Cached: -1 kB'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({ unit: 'binary' }))), (lines) => {
        try {
          const { availableBytes, hugeFreeBytes } = parseMeminfo(lines.join('\n'));
          expect(Math.min(availableBytes, hugeFreeBytes)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
