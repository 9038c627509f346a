/** What is installed with the command: the pages of the checks and the recordings of the demo. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param path below the folder that holds `bin`; throws what node:fs throws */
export function ownFile(path: string): string {
  // A link in /usr/bin leads to the real program.
  const program = realpathSync(process.argv[1] ?? '');
  return readFileSync(join(dirname(dirname(program)), path), 'utf8');
}
