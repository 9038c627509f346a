/**
 * What a release consists of, as people install it: made twice, read by lintian, and installed, upgraded and purged in clean releases
 * of Debian by their own dpkg, rpm and npm, without a network.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { VERSION } from '../../lib/version.ts';
import { NAMES } from './all-checks.ts';
import { nagios } from './as-nagios.ts';
import { lab, scratch } from './lab.ts';
import { labRpm, older, OLD, SHELL_AND_NODE, succeed } from './package-fixtures.ts';
import { PACKAGE_ROOT, packageRoot, withNode, type PackageRoot } from './package-root.ts';
import { runPlugin, type Ran } from './process.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));
const PRIVATE = '/usr/lib/hypervisor-checks';
const ALL = `hypervisor-checks_${VERSION}-1_all.deb`;
const WITH_NODE = `hypervisor-checks_${VERSION}-1~node24_amd64.deb`;
const RPM = `hypervisor-checks-${VERSION}-1.noarch.rpm`;
const TAR = `hypervisor-checks-${VERSION}.tar.gz`;
const NPM = `hypervisor-checks-${VERSION}.tgz`;

/** What a .deb or .rpm would put where, unpacked into a folder. */
async function unpacked(file: string): Promise<string> {
  const known = folders.get(file);
  if (known !== undefined) return known;
  const folder = scratch();
  if (file.endsWith('.deb')) await succeed(['dpkg-deb', '-x', file, folder]);
  else await succeed(['sh', '-c', 'rpm2cpio "$1" | cpio -idm --quiet', 'sh', file], { cwd: folder });
  folders.set(file, folder);
  return folder;
}
const folders = new Map<string, string>();

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();

/** Every check as a monitoring system would run it: it has looked, or says what it could not look at. */
async function runsAsNagios(root: PackageRoot, plugins: string): Promise<void> {
  for (const name of NAMES) {
    const { code, stdout, stderr } = await root.run([`${plugins}/${name}`], { user: 'nagios' });
    expect(stderr, name).toBe('');
    expect(stdout, name).toMatch(
      new RegExp(`^${name.slice('check_'.length).toUpperCase()} (?:OK|WARNING|CRITICAL|UNKNOWN) - `),
    );
    expect(stdout, name).not.toMatch(/internal error|not installed|needs Node/);
    expect(code, name).toBeLessThan(4);
  }
  const idle = await root.run([`${plugins}/check_invtsc`, '--guest', 'nobody-*', '-vvv'], { user: 'nagios' });
  expect(idle.stdout).toMatch(/^INVTSC OK - [^]* as uid [1-9]/);
  const { code, stdout } = await root.run(['hypervisor-checks', 'list'], { user: 'nagios' });
  expect(code).toBe(0);
  for (const name of NAMES) expect(stdout).toContain(name);
}

/** Of which bodies V8's code is kept, and for which node: `NAME-ID 24`. */
async function kept(root: PackageRoot): Promise<readonly string[]> {
  const paths = await root.paths();
  return paths.flatMap((path) => {
    const [, body = '', major = ''] =
      /\/hypervisor-checks\/lib\/(.*)-v([0-9]+)[0-9.]+-[0-9]+$/.exec(path) ?? [];
    return body === '' ? [] : [`${body} ${major}`];
  });
}

/** The bodies of the checks, and of the command for all of them: `NAME-ID`. */
async function bodies(root: PackageRoot): Promise<readonly string[]> {
  const paths = await root.paths();
  return paths.flatMap((path) => /\/hypervisor-checks\/lib\/(.*-[0-9a-f]{12})[.]js$/.exec(path)?.[1] ?? []);
}

/** Every one of them is kept for this node, and nothing else. */
async function keepsAllFor(root: PackageRoot, major: number): Promise<void> {
  const all = await bodies(root);
  expect(all).toHaveLength(NAMES.length + 1);
  expect(await kept(root)).toEqual(all.map((body) => `${body} ${major}`));
}

lab([...PACKAGE_ROOT, 'sudo', 'npm', 'cpio', 'setpriv'], 'a release', () => {
  let out: string;
  let again: string;
  const made = (name: string): string => join(out, name);

  beforeAll(async () => {
    [out, again] = [scratch(), scratch()];
    const tool = [process.execPath, join(top, 'tools/package.mjs'), '--out'];
    await Promise.all([
      succeed([...tool, out], { cwd: top }),
      // By somebody else, somewhere else.
      succeed(['sh', '-c', 'umask 077; exec "$@"', 'sh', ...tool, again], {
        cwd: '/',
        env: { TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8', TMPDIR: scratch(), HOME: scratch() },
      }),
    ]);
  });

  it('is the same, byte for byte, when it is made again', () => {
    const names = readdirSync(out).sort();
    expect(names).toEqual([ALL, WITH_NODE, RPM, TAR, NPM, 'RELEASE.md', 'SHA256SUMS'].sort());
    const sum = (folder: string, name: string): string =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
    for (const name of names) expect([name, sum(again, name)]).toEqual([name, sum(out, name)]);
    const sums = readFileSync(made('SHA256SUMS'), 'utf8');
    for (const name of [ALL, WITH_NODE, RPM, TAR, NPM])
      expect(sums).toContain(`${sum(out, name)}  ${name}\n`);
  });

  it('is described with all that is new and all that it consists of', () => {
    const text = readFileSync(made('RELEASE.md'), 'utf8');
    expect(text).toMatch(new RegExp(`^# hypervisor-checks ${VERSION.replaceAll('.', '[.]')}\n`));
    for (const name of NAMES) expect(text).toContain(`- \`${name}\`: `);
    for (const name of [ALL, WITH_NODE, RPM, TAR, NPM])
      expect(text).toMatch(new RegExp(`install[^\n]*${name}|tar xzf ${name}`));
    expect(text).not.toContain('undefined');
  });

  it.each([ALL, WITH_NODE])('%s leaves lintian nothing to say', { timeout: 180_000 }, async (name) => {
    const { code, stdout } = await runPlugin(['lintian', '--tag-display-limit', '0', made(name)], [], {
      timeoutSeconds: 170,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it.each([ALL, WITH_NODE, RPM])('%s allows and configures only what it holds', async (name) => {
    const folder = await unpacked(made(name));
    const files = filesOf(folder);
    const sudoers = join(folder, 'etc/sudoers.d/hypervisor-checks');
    expect(statSync(sudoers).mode & 0o777).toBe(0o440);
    await succeed(['visudo', '-cf', sudoers]);
    const configured = files.filter((path) => path.startsWith('/etc/'));
    expect(configured).toHaveLength(2);
    for (const path of configured) {
      const named = readFileSync(join(folder, path), 'utf8').match(
        /\/usr\/[\w/-]*\/(?:check_\w+|hypervisor-checks-answer)/g,
      );
      expect(named?.length).toBeGreaterThan(NAMES.length);
      for (const one of named ?? []) expect(files).toContain(one);
    }
  });

  it('brings the licence of each package of others whose code it holds', async () => {
    const folder = await unpacked(made(ALL));
    const texts = ['usr/share/doc/hypervisor-checks/copyright', `${PRIVATE}/THIRD-PARTY-NOTICES.txt`];
    for (const path of texts) {
      const text = readFileSync(join(folder, path), 'utf8');
      for (const name of [
        'yargs',
        'ssh2',
        'fast-xml-parser',
        'execa',
        'ssh-config',
        'tweetnacl',
        'human-signals',
      ])
        expect(text).toMatch(
          new RegExp(`^${name} [0-9]+[.].*\n[^=]*(?:Copyright|unencumbered|copyright)`, 'm'),
        );
      expect(text).not.toMatch(/^(?:vitest|esbuild|typescript) [0-9]/m);
    }
  });

  it('is included in Icinga with one line, and completed by bash', async () => {
    const folder = await unpacked(made(ALL));
    const config = join(folder, 'icinga2.conf');
    writeFileSync(
      config,
      `const PluginDir = "/usr/lib/nagios/plugins"
       const PluginContribDir = "/usr/lib/nagios/plugins"
       include <itl>
       include <plugins>
       include <hypervisor-checks>
       object Host "lab" { check_command = "dummy", vars.hypervisor = "local" }`,
    );
    const include = ['--include', join(folder, 'usr/share/icinga2/include')];
    const said = await succeed(['icinga2', 'daemon', '-C', '-c', config, ...include]);
    expect(said).toContain(`Instantiated ${NAMES.length} Services`);
    for (const name of NAMES) {
      const file = join(folder, 'usr/share/bash-completion/completions', name);
      expect(await succeed(['bash', '-c', '. "$1"; complete -p "$2"', 'bash', file, name])).toContain(
        ` ${name}\n`,
      );
    }
  });

  describe('on Debian 13, with its own node', () => {
    let trixie: PackageRoot;
    beforeAll(async () => {
      trixie = await withNode(await packageRoot('trixie'));
    });

    const put = (root: PackageRoot, name: string): string => {
      mkdirSync(join(root.layer, 'packages'), { recursive: true });
      copyFileSync(made(name), join(root.layer, 'packages', name));
      return `/packages/${name}`;
    };

    it('is installed, upgraded, removed and purged, and nothing of it is left', async () => {
      const root = await packageRoot(trixie);
      const before = await root.paths();
      await root.succeed(['dpkg', '-i', await older(root, made(ALL))]);
      expect(await kept(root)).toContain('check_invtsc-000000000000 20');
      // What an administrator has changed stays, what only the package has changed comes.
      writeFileSync(join(root.layer, 'etc/nagios/nrpe.d/hypervisor-checks.cfg'), '# mine\n');

      expect(await root.succeed(['dpkg', '-i', put(root, ALL)])).not.toMatch(
        /warning|error|could not be kept/,
      );
      await keepsAllFor(root, 20);
      expect(await bodies(root)).not.toContain('check_invtsc-000000000000');
      expect(await root.succeed(['cat', '/etc/nagios/nrpe.d/hypervisor-checks.cfg'])).toBe('# mine\n');
      expect(await root.succeed(['cat', '/etc/sudoers.d/hypervisor-checks'])).not.toContain('# of old');
      await runsAsNagios(root, '/usr/lib/nagios/plugins');

      await root.succeed(['dpkg', '-r', 'hypervisor-checks']);
      const left = (await root.paths()).filter((path) => !before.includes(path));
      expect(left).toEqual([
        '/etc/nagios',
        '/etc/nagios/nrpe.d',
        '/etc/nagios/nrpe.d/hypervisor-checks.cfg',
        '/etc/sudoers.d',
        '/etc/sudoers.d/hypervisor-checks',
      ]);
      await root.succeed(['dpkg', '-P', 'hypervisor-checks']);
      expect(await root.paths()).toEqual(before);
    });

    it('keeps the compiled code for the node that is there, and installs where it cannot', async () => {
      const root = await packageRoot(trixie);
      await root.succeed(['dpkg', '-i', put(root, ALL)]);
      const drop = ['sh', '-c', `rm ${PRIVATE}/lib/*-v20*`];
      await root.succeed(drop);
      expect(await kept(root)).toEqual([]);
      const [nodejs = ''] = readdirSync(join(trixie.layer, 'packages')).filter((name) =>
        name.startsWith('nodejs_'),
      );
      await root.succeed(['dpkg', '-i', `/packages/${nodejs}`]);
      await keepsAllFor(root, 20);

      await root.succeed(drop);
      const script = `mount --bind ${PRIVATE}/lib ${PRIVATE}/lib && mount -o remount,ro,bind ${PRIVATE}/lib
        /var/lib/dpkg/info/hypervisor-checks.postinst configure`;
      const { code, stderr } = await root.run(['sh', '-c', script]);
      expect(code).toBe(0);
      expect(stderr).toContain('hypervisor-checks: the checks run, and start a little slower');
      expect(await kept(root)).toEqual([]);
      await runsAsNagios(root, '/usr/lib/nagios/plugins');
    });

    it('takes the place of the one that brings node, as a release upgrade does', async () => {
      const root = await packageRoot(trixie);
      await root.succeed(['dpkg', '-i', put(root, WITH_NODE)]);
      await keepsAllFor(root, 24);
      await root.succeed(['dpkg', '-i', put(root, ALL)]);
      await runsAsNagios(root, '/usr/lib/nagios/plugins');
      expect((await root.paths()).filter((path) => path.startsWith(`${PRIVATE}/node`))).toEqual([]);
      await keepsAllFor(root, 20);
    });

    it('is installed, upgraded and removed by rpm, where something brings the node that it asks for', async () => {
      const root = await packageRoot(trixie);
      const file = put(root, RPM);
      const before = await root.paths();
      const refused = await root.run(['rpm', '-i', file]);
      expect(refused.stderr).toContain('nodejs(engine) >= 20.19 is needed by hypervisor-checks');
      // The scripts are for sh, which is of dpkg here.
      await root.succeed(['rpm', '-i', await labRpm(root, 'nodejs', '18.20.4', SHELL_AND_NODE)]);
      expect(await root.run(['rpm', '-i', file])).toMatchObject({ code: 1 });
      await root.succeed(['rpm', '-U', await labRpm(root, 'nodejs', '20.19.2', SHELL_AND_NODE)]);
      await root.succeed(['rpm', '-i', await labRpm(root, 'hypervisor-checks', '0.0.1', OLD)]);
      await root.succeed(['rpm', '-U', file]);
      await keepsAllFor(root, 20);
      expect(await root.succeed(['rpm', '-V', 'hypervisor-checks'])).toBe('');
      await runsAsNagios(root, '/usr/lib64/nagios/plugins');
      await root.succeed(['rpm', '-e', 'hypervisor-checks', 'nodejs']);
      expect(
        (await root.paths()).filter((path) => !before.includes(path) && path.includes('hypervisor')),
      ).toEqual([]);
    });
  });

  describe('on Debian 12, whose node is too old', () => {
    it('wants a newer node, or brings it along', async () => {
      const root = await packageRoot('bookworm');
      const before = await root.paths();
      mkdirSync(join(root.layer, 'packages'));
      for (const name of [ALL, WITH_NODE]) copyFileSync(made(name), join(root.layer, 'packages', name));
      const refused = await root.run(['dpkg', '-i', `/packages/${ALL}`]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('hypervisor-checks depends on nodejs (>= 20.19)');
      await root.succeed(['dpkg', '-P', 'hypervisor-checks']);

      await root.succeed(['dpkg', '-i', await older(root, made(WITH_NODE))]);
      await root.succeed(['dpkg', '-i', `/packages/${WITH_NODE}`]);
      await keepsAllFor(root, 24);
      await runsAsNagios(root, '/usr/lib/nagios/plugins');
      await root.succeed(['dpkg', '-P', 'hypervisor-checks']);
      expect(await root.paths()).toEqual(before);
    });
  });

  it('looks as root through the sudo rules that it brings', async () => {
    const folder = await unpacked(made(WITH_NODE));
    const { uid, gid } = nagios();
    const script = `mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr
      mount --bind "$1/etc/sudoers.d" /etc/sudoers.d
      shift
      exec setpriv --reuid ${uid} --regid ${gid} --clear-groups "$@"`;
    const plugin = '/usr/lib/nagios/plugins/check_invtsc';
    const as = async (...args: readonly string[]): Promise<Ran> =>
      await runPlugin(['unshare', '-m', 'sh', '-ec', script, 'sh', folder], args, { cwd: '/' });
    const looked = await as(plugin, '--sudo', '--guest', 'nobody-*', '-vvv');
    expect(looked.stdout).toMatch(/^INVTSC OK - [^]* as uid 0 /);
    expect((await as('sudo', '-n', plugin, '--help')).stderr).toContain('password is required');
    expect((await as('sudo', '-n', '/usr/sbin/hypervisor-checks-answer')).code).toBe(0);
  });

  it('runs from anywhere as an archive, for anybody', async () => {
    const folder = join(scratch(), 'any where');
    mkdirSync(folder);
    await succeed(['tar', '-xzf', made(TAR), '-C', folder]);
    const plugin = join(folder, `hypervisor-checks-${VERSION}/dist/bin/check_invtsc`);
    const ran = await runPlugin(plugin, ['--guest', 'nobody-*'], { uid: 65534, gid: 65534, cwd: '/' });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(filesOf(folder).filter((path) => /-v[0-9]/.test(path))).toEqual([]);
  });

  it('is installed by npm without a network, and brings everything', async () => {
    const prefix = scratch();
    const npm = [
      'npm',
      'install',
      '--global',
      '--prefix',
      prefix,
      '--cache',
      scratch(),
      '--no-audit',
      '--no-fund',
    ];
    await succeed(['unshare', '-n', ...npm, made(NPM)], { env: { HOME: scratch() } });
    expect(readdirSync(join(prefix, 'bin'))).toEqual([...NAMES, 'hypervisor-checks']);
    expect(readdirSync(join(prefix, 'lib/node_modules'))).toEqual(['hypervisor-checks']);
    expect(readdirSync(join(prefix, 'lib/node_modules/hypervisor-checks'))).not.toContain('node_modules');
    expect(readdirSync(join(prefix, 'share/man/man1'))).toContain('check_invtsc.1');
    for (const name of NAMES) {
      const { stdout } = await runPlugin(join(prefix, 'bin', name), ['--version'], {
        uid: 65534,
        gid: 65534,
        cwd: '/',
      });
      expect(stdout).toContain(`${name} ${VERSION} `);
    }
    // Where the checks have run, their compiled code lies beside them: it is for that machine only.
    const there = join(prefix, 'lib/node_modules/hypervisor-checks');
    writeFileSync(join(there, 'dist/lib/check_invtsc-000000000000-v20.19.2-1'), '');
    const packed = await succeed(['npm', 'pack', '--dry-run', '--json', there]);
    expect(packed).toContain('"dist/bin/check_invtsc"');
    expect(packed).not.toContain('-v20.19.2-1');
  });
});
