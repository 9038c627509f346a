// Packages for dpkg: deb(5), made by dpkg-deb.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { debianChangelog } from './changes.mjs';
import { compressed, DEBIAN, layout, PRIVATE, PRIVATE_NODE } from './layout.mjs';
import { drop, keep } from './scripts.mjs';
import { run, stage } from './stage.mjs';

const DOC = '/usr/share/doc/hypervisor-checks';

/**
 * With `privateNode` (a file) it brings node along, else it asks for the distribution's. Both are one package in two versions, the
 * one with node the lower: who goes from Debian 12 to 13 goes from one to the other as with any newer version.
 */
export async function makeDeb(project, out, privateNode) {
  const { name, version, epoch, work } = project;
  const revision = `${version}-1${privateNode === undefined ? '' : '~node24'}`;
  const architecture = privateNode === undefined ? 'all' : 'amd64';
  const node = privateNode === undefined ? '/usr/bin/node' : PRIVATE_NODE;
  const files = [
    ...layout(project, DEBIAN, { node, privateNode: privateNode?.program, doc: DOC }),
    ...documents(project, revision, privateNode),
  ];
  const folder = join(work, `deb-${architecture}`);
  mkdirSync(folder);
  stage(folder, [...files, ...control(project, { files, revision, architecture, node })], epoch);
  const file = join(out, `${name}_${revision}_${architecture}.deb`);
  // Of node the finest makes 27 MB instead of 34, in 80 s of CPU instead of 10.
  const compression = privateNode === undefined ? '-z6' : '-z0';
  await run(epoch, 'dpkg-deb', '--root-owner-group', '-Zxz', compression, '--build', folder, file);
  rmSync(folder, { recursive: true });
}

function control(project, { files, revision, architecture, node }) {
  const file = (path, text, mode = 0o644) => ({ path: `/DEBIAN/${path}`, bytes: Buffer.from(text), mode });
  const script = (path, lines) => file(path, `#!/bin/sh\nset -e\n${lines}`, 0o755);
  const kibibytes = files.reduce((sum, { bytes }) => sum + Math.ceil((bytes?.length ?? 0) / 1024), 0);
  const sums = files.flatMap(({ path, bytes }) =>
    bytes === undefined ? [] : [`${createHash('md5').update(bytes).digest('hex')}  ${path.slice(1)}\n`],
  );
  const conffiles = files.filter(({ isConfig }) => isConfig).map(({ path }) => `${path}\n`);
  return [
    file('control', fields(project, { kibibytes, revision, architecture, node })),
    file('conffiles', conffiles.join('')),
    file('md5sums', sums.join('')),
    script('postinst', `case $1 in configure | triggered) ;; *) exit 0 ;; esac\n${keep(node)}`),
    script('prerm', drop),
    ...(node === PRIVATE_NODE ? [] : [file('triggers', 'interest-noawait /usr/bin/node\n')]),
  ];
}

/** deb-control(5). */
function fields({ name, maintainer, synopsis, text }, { kibibytes, revision, architecture, node }) {
  // What the official builds of node are linked with (objdump -T: GLIBC_2.28, GLIBCXX_3.4.21, CXXABI_1.3.11).
  const libraries = 'libc6 (>= 2.28), libgcc-s1 (>= 3.0), libstdc++6 (>= 7)';
  return `Package: ${name}
Version: ${revision}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kibibytes}
Depends: ${node === PRIVATE_NODE ? libraries : 'nodejs (>= 20.19)'}
Recommends: iproute2
Suggests: icinga2 | nagios-nrpe-server | nagios4, sudo
Section: net
Priority: optional
Description: ${synopsis}
${text.replace(/^$/gm, '.').replace(/^/gm, ' ')}
`;
}

function documents({ top, dist, changes, ...project }, revision, privateNode) {
  const read = (file) => readFileSync(resolve(top, file), 'utf8').trimEnd();
  const file = (path, bytes) => ({ path, bytes: Buffer.from(bytes), mode: 0o644 });
  const parts = [
    read('LICENSE'),
    ...read(join(dist, 'THIRD-PARTY-NOTICES.txt')).split(RULE).map(withoutApache),
  ];
  const overrides = ['lintian'];
  const files = [];
  if (privateNode !== undefined) {
    const licence = `${PRIVATE}/node/LICENSE`;
    parts.push(
      `node ${privateNode.version}, an official build of https://nodejs.org/, with what it holds: see ${licence}`,
    );
    files.push(file(licence, readFileSync(privateNode.licence)));
    overrides.push('lintian-node');
  }
  return [
    ...files,
    file(`${DOC}/copyright`, `${parts.join(`\n\n${RULE}\n\n`)}\n`),
    file(`${DOC}/changelog.gz`, compressed(read('CHANGELOG.md'))),
    file(
      `${DOC}/changelog.Debian.gz`,
      compressed(debianChangelog(changes, { ...project, version: revision })),
    ),
    file(
      '/usr/share/lintian/overrides/hypervisor-checks',
      overrides.map((name) => `${read(`tools/packages/scripts/${name}`)}\n`).join(''),
    ),
  ];
}

const RULE = '='.repeat(80);

/** Debian has the text of this licence on every system, and wants it said only where it is. */
function withoutApache(notice) {
  const text = notice.trim();
  if (!/^ *Apache License\n *Version 2[.]0/m.test(text)) return text;
  const [name, ...rest] = text.split('\n');
  const holders = rest
    .filter((line) => /^ *Copyright (?:[(]c[)] )?[0-9]/i.test(line))
    .map((line) => line.trim());
  return [name, '', ...holders, 'Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0'].join(
    '\n',
  );
}
