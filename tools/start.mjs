// npm start: builds, and runs every check on this machine, one line each. Its exit code is that of the worst.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { top } from './bundle.mjs';

const run = (program, args) =>
  spawnSync(process.execPath, [join(top, program), ...args], { stdio: 'inherit' }).status;
process.exitCode =
  run('tools/build.mjs', ['--quiet']) === 0
    ? (run('dist/bin/hypervisor-checks', process.argv.slice(2)) ?? 3)
    : 3;
