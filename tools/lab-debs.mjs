// What Debian 13's node is made of, as packages, to be installed in a clean release without a network.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../.cache', import.meta.url));

/** Into .cache/debs/trixie/archives, from the mirror of Debian at `mirror`, for the release in .cache/roots. `run` is that of lab-install. */
export async function fetchDebs(mirror, run) {
  const folder = join(cache, 'debs/trixie');
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(fresh, name), { recursive: true });
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  writeFileSync(join(fresh, 'sources.list'), `deb ${signed} ${mirror} trixie main\n`);
  // This machine's apt, with the sources and the packages of that release.
  const there = {
    'Dir::Etc::sourcelist': join(fresh, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(fresh, 'lists'),
    'Dir::State::status': join(cache, 'roots/trixie/var/lib/dpkg/status'),
    'Dir::Cache::archives': join(fresh, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
  };
  const options = Object.entries(there).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  await run('/', 'apt-get', ...options, 'update', '-qq');
  const install = ['install', '-y', '-qq', '--no-install-recommends', '--download-only', 'nodejs'];
  await run('/', 'apt-get', ...options, ...install);
  rmSync(join(fresh, 'lists'), { recursive: true });
  renameSync(fresh, folder);
}

export const hasDebs = () => existsSync(join(cache, 'debs/trixie'));
