/** A real sudo with rules of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import { scratch } from './lab.ts';
import { runPlugin, type Ran } from './process.ts';

/** As nobody, who does not see the processes of others, with these rules as /etc/sudoers.d/hypervisor-checks; '': without that file. */
export async function asNobody(
  rules: string,
  argv: readonly string[],
): Promise<Ran & { readonly line: string }> {
  // Stands for /etc/sudoers.d.
  const folder = join(scratch(), 'sudoers.d');
  mkdirSync(folder, { mode: 0o755 });
  if (rules !== '') writeFileSync(join(folder, 'hypervisor-checks'), `${rules}\n`, { mode: 0o440 });
  const script = [
    'mount --make-rprivate /',
    `mount --bind ${folder} /etc/sudoers.d`,
    'mount -t proc -o hidepid=2 proc /proc',
    'exec setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"',
  ].join(' && ');
  const ran = await runPlugin(['unshare', '-m', 'sh', '-c', script, 'sh', ...argv]);
  expect(ran.stderr).toBe('');
  return { ...ran, line: ran.stdout.split('\n')[0] ?? '' };
}
