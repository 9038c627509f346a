/** Recordings in which some questions have no answer, for the tests that every check passes: no such answer makes a fault OK. */
import fc from 'fast-check';

import { WHYS } from '../lib/reading.ts';

export interface Spoiled {
  readonly whole: readonly string[];
  /** The same with one to three of its answers turned into failures. */
  readonly spoiled: readonly string[];
}

/** @param recordings lines of recordings, without the last */
export function spoiledOf(recordings: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Spoiled> {
  const spoils = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...WHYS)), { minLength: 1, maxLength: 3 });
  return fc.tuple(recordings, spoils).map(([lines, chosen]) => {
    const questions = lines.flatMap((line, index) => (line.startsWith('ok ') ? [index] : []));
    const copy = [...lines];
    for (const [nth, why] of chosen) {
      const at = questions[nth % questions.length] ?? 0;
      copy[at] = (copy[at] ?? '').replace(/^ok /, `${why} `);
      // The answer that stood below it is gone.
      for (let below = at + 1; copy[below]?.startsWith('  ') === true; below += 1) copy[below] = '# gone';
    }
    return { whole: lines, spoiled: copy };
  });
}
