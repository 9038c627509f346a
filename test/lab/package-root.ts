/**
 * Clean releases of Debian in which packages are installed by their own dpkg and rpm, without a network. Nothing is copied: what a
 * test changes lies in a layer over the release.
 */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Need } from './lab.ts';
import { scratch } from './lab.ts';
import { runPlugin, type Ran } from './process.ts';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/** Debian 13's node and what it needs, as it comes. */
const DEBS = join(CACHE, 'debs/trixie/archives');

export const PACKAGE_ROOT: readonly Need[] = [
  'root',
  'unshare',
  'mount',
  'chroot',
  'dpkg-deb',
  'rpmbuild',
  'lintian',
  'strip',
  'visudo',
  'icinga2',
  join(CACHE, 'roots/bookworm'),
  join(CACHE, 'roots/trixie'),
  DEBS,
];

export interface PackageRoot {
  /** Where this test's own layer lies: what is put there is in the release too. */
  readonly layer: string;
  /** Runs a command in the release, as root or as `user`. */
  run(argv: readonly string[], options?: { user?: string }): Promise<Ran>;
  /** The same; throws where its status is not 0. What it has printed. */
  succeed(argv: readonly string[]): Promise<string>;
  /** All paths in the release, but for what dpkg and rpm keep of their own. */
  paths(): Promise<readonly string[]>;
  /** The release as it is now, as what another one starts from. */
  readonly below: string;
}

/** A release as debootstrap has made it, with the user nagios; or another one with what was done there. */
export async function packageRoot(from: 'bookworm' | 'trixie' | PackageRoot): Promise<PackageRoot> {
  const top = scratch();
  const [root, layer, work] = ['root', 'layer', 'work'].map((name) => join(top, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [root, layer, work]) mkdirSync(folder);
  const below = typeof from === 'string' ? join(CACHE, 'roots', from) : from.below;
  const env = {
    ROOT: root,
    OVERLAY: `lowerdir=${below},upperdir=${layer},workdir=${work}`,
    LC_ALL: 'C',
    // Nothing of it has to outlive a power failure: dpkg waits for the disk after each file otherwise.
    DPKG_FORCE: 'unsafe-io',
  };
  const run: PackageRoot['run'] = async (argv, { user } = {}) => {
    const as = user === undefined ? '' : `--userspec=${user}:${user} `;
    const script = `mount -t overlay overlay -o "$OVERLAY" "$ROOT"
      mount -t proc proc "$ROOT/proc"
      exec chroot ${as}"$ROOT" "$@"`;
    return await runPlugin(['unshare', '-m', '-n', 'sh', '-ec', script, 'sh', ...argv], [], {
      env,
      cwd: '/',
      timeoutSeconds: 90,
    });
  };
  const made: PackageRoot = {
    layer,
    below: `${layer}:${below}`,
    run,
    async succeed(argv) {
      const { code, stdout, stderr } = await run(argv);
      if (code !== 0) throw new Error(`${argv.join(' ')}: status ${code ?? 'none'}\n${stdout}${stderr}`);
      return `${stdout}${stderr}`;
    },
    async paths() {
      const own = [
        '/proc',
        '/packages',
        '/var/lib/dpkg',
        '/var/lib/rpm',
        '/var/log',
        '/var/cache/ldconfig',
        '/tmp',
      ];
      const leaveOut = own.flatMap((path) => ['-path', path, '-prune', '-o']);
      return (await made.succeed(['find', '/', ...leaveOut, '-print'])).trim().split('\n').sort();
    },
  };
  if (typeof from === 'string') await made.succeed(['useradd', '--system', '--user-group', 'nagios']);
  return made;
}

/** The same with Debian's node in it. */
export async function withNode(root: PackageRoot): Promise<PackageRoot> {
  const names = readdirSync(DEBS).filter((name) => name.endsWith('.deb'));
  mkdirSync(join(root.layer, 'packages'));
  for (const name of names) copyFileSync(join(DEBS, name), join(root.layer, 'packages', name));
  await root.succeed(['dpkg', '-i', ...names.map((name) => `/packages/${name}`)]);
  return root;
}
