/** How tests run a plugin: on a recording, in this process, through its whole command line. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { run } from '../lib/cli/run.ts';
import { LAST_LINE } from '../lib/host/recording.ts';
import type { Outcome } from '../lib/cli/exit.ts';
import type { AnyPlugin } from '../lib/plugin.ts';
import { atFileEnd, scratch } from './lab/lab.ts';
import { readByAll } from './readers/all.ts';

let folder: string | null = null;
let made = 0;

/** In one folder for the whole test file: one that is made and removed for each is a third of the time of a property test. */
function newFile(): string {
  if (folder === null) {
    folder = scratch();
    atFileEnd(() => {
      folder = null;
    });
  }
  made += 1;
  return join(folder, `recording-${made}`);
}

/** A recording is the text of one, or its lines without the last. Its exit code and output; every output goes through the parsers of all consumers. */
export async function replay(
  plugin: AnyPlugin,
  recording: string | readonly string[],
  ...args: readonly string[]
): Promise<Outcome> {
  const file = newFile();
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
