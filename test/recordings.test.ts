/** Every recording is judged as it says itself that it should be: test/recordings.ts. */
import { describe, expect, it } from 'vitest';

import { plugins } from '../plugins/index.ts';
import { scratch } from './lab/lab.ts';
import { replay } from './plugin-test.ts';
import { expectedOf, recorded, recordingsOf } from './recordings.ts';

describe.each(Object.entries(plugins).filter(([check]) => recordingsOf(check).length > 0))(
  '%s',
  (check, load) => {
    // One folder for all, in their order: some are runs of one check that remembers, with --state-dir STATE.
    let state: string | null = null;

    it.each(recordingsOf(check))('%s', async (name) => {
      const text = recorded(check, name);
      const { options, outcome } = expectedOf(text) ?? { options: [], outcome: '' };
      state ??= scratch();
      const args = options.map((word) => (word === 'STATE' ? (state ?? '') : word));
      const said = await replay((await load()).default, text, ...args);
      const [line = ''] = said.text.split('\n');
      const compared = outcome.includes(' | ') ? line : (line.split(' | ')[0] ?? '');
      const lack = `if that is right, write below the first line of test/recordings/${check}/${name}.txt\n# expected: ${said.code} ${line}\n`;
      expect(`${said.code} ${compared}`, outcome === '' ? lack : '').toBe(outcome);
    });
  },
);
