// Makes every check of this installation start faster with the node that runs this: what V8 makes of the code is kept beside
// it. To be run once after installing, and again after node was replaced; without it the checks run all the same.
//     node lib/warm.cjs
'use strict';
const { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { Script } = require('node:vm');
const { basename, join, dirname } = require('node:path');

const [only] = process.argv.slice(2);
if (only === undefined) {
  const failed = readdirSync(__dirname)
    .filter((name) => /-[0-9a-f]{12}\.js$/.test(name))
    .filter((name) => {
      const ran = spawnSync(process.execPath, [__filename, name], {
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: 60_000,
      });
      return ran.status !== 0;
    });
  if (failed.length > 0) {
    console.error(`not kept: ${failed.join(' ')}`);
    process.exitCode = 1;
  }
} else {
  keep(join(__dirname, only));
}

/** Runs the check in this process, since V8 compiles a function when it is first called, and keeps what it has compiled. */
function keep(file) {
  const body = file.replace(/\.js$/, '');
  const script = new Script(readFileSync(file, 'utf8'), { filename: file });
  const call = script.runInThisContext();
  // On this host as it is: what it never needs would only have to be read.
  const ways = [[], basename(file).startsWith('check_') ? ['-w', '0', '-c', '5', '-v'] : ['-v']];
  process.exit = () => {
    process.removeAllListeners();
    const args = ways.shift();
    if (args !== undefined) {
      process.argv = [process.execPath, join(dirname(__dirname), 'bin'), ...args];
      setImmediate(call, require);
      return;
    }
    const version = `-${process.version}-${statSync(process.execPath).size}`;
    for (const old of readdirSync(__dirname)) {
      if (join(__dirname, old) === body + version) rmSync(join(__dirname, old));
    }
    // Beside it first: a check that starts meanwhile finds all of it or nothing.
    // Twice, so that a damage shows; a checksum would take longer to compute than it saves.
    const data = script.createCachedData();
    writeFileSync(`${body}.new`, Buffer.concat([data, data]));
    renameSync(`${body}.new`, body + version);
    process.reallyExit(0);
  };
  process.exit();
}
