// Archives for those who have no package manager, and for npm.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { isKept } from './layout.mjs';
import { run, stage } from './stage.mjs';

/** What is copied to a host as it is: bin and lib side by side, the configuration, the licences. */
export async function makeTar({ top, name, version, epoch, work }, out) {
  const folder = join(work, 'tar');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const inner = `${name}-${version}`;
  const files = [
    ...tree(join(top, 'dist'), ''),
    ...tree(join(top, 'icinga-conf'), 'icinga-conf'),
    ...['README.md', 'CHANGELOG.md', 'LICENSE'].map((path) => file(join(top, path), path)),
  ];
  stage(
    join(folder, inner),
    files.filter(({ path }) => !isKept(path)),
    epoch,
  );
  const archive = join(out, `${inner}.tar`);
  await run(
    epoch,
    'tar',
    '--sort=name',
    '--format=ustar',
    '--owner=root:0',
    '--group=root:0',
    '-C',
    folder,
    '-cf',
    archive,
    inner,
  );
  await run(epoch, 'gzip', '-9nf', archive);
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

/** npm's own, of what package.json names; npm gives all files one time by itself. */
export async function makeNpm({ top, epoch }, out) {
  // It is built already: prepack is for those who call npm themselves.
  await run(epoch, 'npm', 'pack', top, '--ignore-scripts', '--pack-destination', out);
}
