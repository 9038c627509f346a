// Archives: for npm, and for those who have no package manager.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { run, stage } from './stage.mjs';

/** NAME-VERSION.tar.gz, to be unpacked anywhere, and NAME-VERSION.tgz, which `npm install` takes: the same files. */
export async function makeArchives({ top, dist, name, version, epoch, work }, out) {
  const folder = join(work, 'archives');
  mkdirSync(folder);
  const inner = `${name}-${version}`;
  const files = [
    ...tree(dist, 'dist'),
    ...tree(join(top, 'icinga-conf'), 'icinga-conf'),
    ...['README.md', 'CHANGELOG.md', 'LICENSE'].map((path) => file(join(top, path), path)),
    { path: 'package.json', bytes: Buffer.from(forUsers(top)), mode: 0o644 },
  ];
  stage(join(folder, inner), files, epoch);
  const archive = join(out, `${inner}.tar`);
  const owner = ['--owner=root:0', '--group=root:0'];
  await run(epoch, 'tar', '--sort=name', '--format=ustar', ...owner, '-C', folder, '-cf', archive, inner);
  await run(epoch, 'gzip', '-9n', archive);
  // npm gives all files one time of its own.
  await run(epoch, 'npm', 'pack', join(folder, inner), '--ignore-scripts', '--pack-destination', out);
  rmSync(folder, { recursive: true });
}

function tree(folder, under) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => file(join(folder, path), join(under, path)));
}

/** Modes are those of the owner, whatever the umask of who has built it. */
function file(from, path) {
  const mode = (statSync(from).mode & 0o100) === 0 ? 0o644 : 0o755;
  return { path, bytes: readFileSync(from), mode };
}

/**
 * package.json without what only the sources need, since nothing is built or fetched where this is unpacked; and with the manual
 * pages, one by one: of a folder npm installs programs, but no pages.
 */
function forUsers(top) {
  const read = readFileSync(join(top, 'package.json'), 'utf8');
  const { scripts, devDependencies, allowScripts, ...rest } = JSON.parse(read);
  const man = readdirSync(join(top, 'icinga-conf/man')).map((name) => `icinga-conf/man/${name}`);
  return `${JSON.stringify({ ...rest, man }, null, 2)}\n`;
}
