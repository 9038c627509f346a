// npm start: builds, and runs every check on this machine, one line each. Its exit code is that of the worst.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { load, top } from './bundle.mjs';

const build = spawnSync(process.execPath, [join(top, 'tools/build.mjs'), '--quiet'], { stdio: 'inherit' });
if (build.status !== 0) process.exit(3);
const { plugins } = await load('plugins/index.ts');
// Nagios codes by severity: OK, UNKNOWN, WARNING, CRITICAL.
const severity = [0, 3, 1, 2];
let worst = 0;
for (const name of Object.keys(plugins)) {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(top, 'dist/bin', name), ...process.argv.slice(2)],
    {
      encoding: 'utf8',
    },
  );
  const [line = ''] = stdout.split(' | ', 1);
  console.log(process.argv.length > 2 ? stdout.trimEnd() : line.split('\n', 1)[0]);
  const code = severity.includes(status) ? status : 3;
  if (severity.indexOf(code) > severity.indexOf(worst)) worst = code;
}
process.exitCode = worst;
