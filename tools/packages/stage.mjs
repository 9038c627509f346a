// Files of a package as files on disk, and what every packager is told so that the same sources make the same bytes.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Puts the files under `folder`, all with one time (seconds since 1970) and the modes of a usual umask. */
export function stage(folder, files, epoch) {
  for (const { path, bytes, mode, link } of files) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true, mode: 0o755 });
    if (link === undefined) {
      writeFileSync(at, bytes);
      chmodSync(at, mode);
    } else symlinkSync(link, at);
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const at = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(at, 0o755);
    lutimesSync(at, epoch, epoch);
  }
  chmodSync(folder, 0o755);
  utimesSync(folder, epoch, epoch);
}

/** Runs a program to its end; what it printed. Throws with that where it fails. */
export function run(epoch, program, ...args) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C', TZ: 'UTC' };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) resolve(said);
      else reject(new Error(`${program} ${args.join(' ')}: ${signal ?? `status ${status}`}\n${said}`));
    });
  });
}
