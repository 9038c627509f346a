import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { searchLines } from '../../lib/host/search.ts';

/** Reads the text in pieces of these sizes, the last one again and again. */
function reader(text: string, sizes: readonly number[]): (into: Buffer) => number {
  const bytes = Buffer.from(text);
  let at = 0;
  let turn = 0;
  return (into) => {
    const size = sizes[Math.min(turn++, sizes.length - 1)] ?? 1;
    const copied = bytes.copy(into, 0, at, at + size);
    at += copied;
    return copied;
  };
}

describe('the search for lines', () => {
  it('finds the same lines whatever pieces the file is read in', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'x', '(', 'é'), maxLength: 8 });
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('a', 'ab', 'é('), sizes, (all, text, pieces) => {
        const piece = Buffer.alloc(pieces[0] ?? 1);
        const reading = searchLines(reader(all.join('\n'), pieces), '/f', text, 10_000, piece);
        expect(reading).toEqual({ ok: true, value: all.filter((one) => one.includes(text)) });
      }),
    );
  });

  it('refuses lines that are more than asked for, also one that is longer than what is kept of it', () => {
    const long = `${'x'.repeat(500)} (deleted)`;
    for (const text of [
      `${long}\n`,
      `no\n${long}`,
      `${long}${'x'.repeat(500)}\nno\n`,
      'a (deleted)\n'.repeat(20),
    ])
      expect(searchLines(reader(text, [64]), '/f', '(deleted)', 100, Buffer.alloc(64))).toMatchObject({
        ok: false,
        why: 'tooBig',
      });
  });

  it('passes over long lines without the text', () => {
    const text = `${'x'.repeat(5000)}\nb (deleted)\n${'y'.repeat(5000)}`;
    expect(searchLines(reader(text, [64]), '/f', '(deleted)', 100, Buffer.alloc(64))).toEqual({
      ok: true,
      value: ['b (deleted)'],
    });
  });

  it('gives up on a file without end', () => {
    const endless = (into: Buffer): number => into.fill('x').length;
    expect(searchLines(endless, '/f', '(deleted)', 100)).toMatchObject({ ok: false, why: 'tooBig' });
  });
});
