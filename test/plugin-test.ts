/** How tests run a plugin: on a recording, in this process, through its whole command line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../lib/cli/run.ts';
import { LAST_LINE } from '../lib/host/recording.ts';
import type { Outcome } from '../lib/cli/exit.ts';
import type { AnyPlugin } from '../lib/plugin.ts';
import { readByAll } from './readers/all.ts';

// One for all: a folder that is made and removed for each recording is a third of the time of a property test.
const folder = mkdtempSync(join(tmpdir(), 'replay-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** A recording is the text of one, or its lines without the last. Its exit code and output; every output goes through the parsers of all consumers. */
export async function replay(
  plugin: AnyPlugin,
  recording: string | readonly string[],
  ...args: readonly string[]
): Promise<Outcome> {
  made += 1;
  const file = join(folder, `recording-${made}`);
  try {
    writeFileSync(file, typeof recording === 'string' ? recording : [...recording, LAST_LINE, ''].join('\n'));
    const outcome = await run(plugin, ['--replay', file, ...args]);
    if (!args.includes('json')) {
      const { problems } = readByAll(outcome.text);
      if (problems.length > 0) throw new Error(`${problems.join('\n')}\nin the output:\n${outcome.text}`);
    }
    return outcome;
  } finally {
    rmSync(file);
  }
}
