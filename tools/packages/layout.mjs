// What lies where in a package: one list for all formats, made of what is in dist/ and icinga-conf/, so that a new check is in
// all of them by itself.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

export const PRIVATE = '/usr/lib/hypervisor-checks';
export const PRIVATE_NODE = `${PRIVATE}/node/bin/node`;

/** Where Debian and its derivatives look. */
export const DEBIAN = {
  plugins: '/usr/lib/nagios/plugins',
  nrpe: '/etc/nagios/nrpe.d',
  users: 'nagios',
};

/** Fedora, Red Hat and their derivatives: each monitoring system is a user of its own there. */
export const RED_HAT = {
  plugins: '/usr/lib64/nagios/plugins',
  nrpe: '/etc/nrpe.d',
  users: 'nagios, nrpe, icinga',
};

/**
 * The files of a package, by path: { path, bytes, mode, isConfig? } or { path, link }. `node` is the interpreter that the programs
 * name, by its whole path: what is first on somebody's PATH must not decide what root runs through sudo.
 */
export function layout({ top, dist }, places, { node, privateNode, doc }) {
  const files = [
    ...programs(dist, node),
    ...links(join(dist, 'bin'), places),
    ...configuration(join(top, 'icinga-conf'), places),
    ...pages(join(top, 'icinga-conf')),
    ...documents(top, doc),
  ];
  if (privateNode !== undefined)
    files.push({ path: PRIVATE_NODE, bytes: readFileSync(privateNode), mode: 0o755 });
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function programs(dist, node) {
  return readdirSync(dist, { recursive: true })
    .filter((path) => statSync(join(dist, path)).isFile())
    .map((path) => {
      const bytes = readFileSync(join(dist, path));
      if (!path.startsWith('bin/')) return { path: `${PRIVATE}/${path}`, bytes, mode: 0o644 };
      const text = replaced(bytes.toString(), '#!/usr/bin/env node\n', `#!${node}\n`);
      return { path: `${PRIVATE}/${path}`, bytes: Buffer.from(text), mode: 0o755 };
    });
}

/** Checks where monitoring systems look for plugins, what people call where a shell finds it. */
function links(bin, { plugins }) {
  return readdirSync(bin).map((name) => {
    const folder = name.startsWith('check_') ? plugins : '/usr/bin';
    return { path: `${folder}/${name}`, link: relative(folder, `${PRIVATE}/bin/${name}`) };
  });
}

function configuration(from, { plugins, nrpe, users }) {
  const read = (path) => readFileSync(join(from, path), 'utf8');
  // Only a path of this distribution may be allowed to root.
  const sudoers = read('sudo/hypervisor-checks.sudoers')
    .split('\n')
    .filter((line) => !line.includes('/nagios/plugins/') || line.includes(` ${plugins}/`))
    .join('\n');
  return [
    // As Icinga's own libraries are: `include <hypervisor-checks>` where it is wanted, nothing where it is not.
    {
      path: '/usr/share/icinga2/include/hypervisor-checks',
      bytes: Buffer.from('include "hypervisor-checks.d/hypervisor-checks.conf"\n'),
      mode: 0o644,
    },
    ...confFiles(join(from, 'icinga2')).map((name) => ({
      path: `/usr/share/icinga2/include/hypervisor-checks.d/${name}`,
      bytes: readFileSync(join(from, 'icinga2', name)),
      mode: 0o644,
    })),
    {
      path: `${nrpe}/hypervisor-checks.cfg`,
      bytes: Buffer.from(
        replaced(read('nrpe/hypervisor-checks.cfg'), '=/usr/lib/nagios/plugins/', `=${plugins}/`),
      ),
      mode: 0o644,
      isConfig: true,
    },
    {
      path: '/etc/sudoers.d/hypervisor-checks',
      bytes: Buffer.from(
        replaced(
          replaced(sudoers, 'HYPERVISOR_CHECKS = nagios\n', `HYPERVISOR_CHECKS = ${users}\n`),
          '/usr/local/sbin/',
          '/usr/sbin/',
        ),
      ),
      mode: 0o440,
      isConfig: true,
    },
    {
      path: '/usr/sbin/hypervisor-checks-answer',
      bytes: readFileSync(join(from, 'sudo/hypervisor-checks-answer')),
      mode: 0o755,
    },
  ];
}

const confFiles = (folder) => readdirSync(folder).filter((name) => name.endsWith('.conf'));

function pages(from) {
  const completions = '/usr/share/bash-completion/completions';
  const pages = readdirSync(join(from, 'man')).map((name) => ({
    path: `/usr/share/man/man1/${name}.gz`,
    bytes: compressed(readFileSync(join(from, 'man', name))),
    mode: 0o644,
  }));
  const completion = readFileSync(join(from, 'completion/hypervisor-checks.bash'));
  // bash-completion loads the file that is called like the command.
  const others = readdirSync(join(from, 'man'))
    .map((name) => name.replace(/[.]1$/, ''))
    .filter((name) => name !== 'hypervisor-checks')
    .map((name) => ({ path: `${completions}/${name}`, link: 'hypervisor-checks' }));
  return [...pages, { path: `${completions}/hypervisor-checks`, bytes: completion, mode: 0o644 }, ...others];
}

function documents(top, doc) {
  const text = (path, from) => ({
    path: `${doc}/${path}`,
    bytes: readFileSync(join(top, from)),
    mode: 0o644,
  });
  return [
    text('README.md', 'README.md'),
    text('icinga2/README.md', 'icinga-conf/icinga2/README.md'),
    text('icinga2/LOAD.md', 'icinga-conf/icinga2/LOAD.md'),
    text('sudo/README.md', 'icinga-conf/sudo/README.md'),
  ];
}

/** As `gzip -9n`: without a name and a time, so that it is the same each time. */
export function compressed(bytes) {
  return gzipSync(bytes, { level: 9 });
}

/** All places where `what` stands; a text that has none is not the one that this was written for. */
function replaced(text, what, by) {
  if (!text.includes(what)) throw new Error(`no "${what.trim()}" in\n${text.slice(0, 200)}`);
  return text.replaceAll(what, by);
}
