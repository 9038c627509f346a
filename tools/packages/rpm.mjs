// A package for rpm, made by rpmbuild of a spec that only lists what is there.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { rpmChangelog } from './changes.mjs';
import { layout, PRIVATE, RED_HAT } from './layout.mjs';
import { drop, keep } from './scripts.mjs';
import { run, stage } from './stage.mjs';

const DOC = '/usr/share/doc/hypervisor-checks';

export async function makeRpm(project, out) {
  const { top, dist, name, epoch, work } = project;
  const folder = join(work, 'rpm');
  mkdirSync(folder);
  const text = (path, from) => ({ path, bytes: readFileSync(resolve(top, from)), mode: 0o644 });
  const licences = `/usr/share/licenses/${name}`;
  const files = [
    ...layout(project, RED_HAT, { node: '/usr/bin/node', doc: DOC }),
    text(`${DOC}/CHANGELOG.md`, 'CHANGELOG.md'),
    text(`${licences}/LICENSE`, 'LICENSE'),
    text(`${licences}/THIRD-PARTY-NOTICES.txt`, join(dist, 'THIRD-PARTY-NOTICES.txt')),
  ];
  stage(join(folder, 'files'), files, epoch);
  writeFileSync(join(folder, `${name}.spec`), spec(project, files, join(folder, 'files')));
  const defines = Object.entries({
    _topdir: folder,
    // The same bytes on any machine and at any time.
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // What rpm of Red Hat 8 and SUSE 15 reads too.
    _binary_payload: 'w6.xzdio',
    // The files are as they should be: nothing is stripped, compressed or compiled.
    __os_install_post: '%{nil}',
    _build_id_links: 'none',
  }).flatMap(([macro, value]) => ['--define', `${macro} ${value}`]);
  const args = ['-bb', '--quiet', '--target', 'noarch', ...defines];
  await run(epoch, 'rpmbuild', ...args, join(folder, `${name}.spec`));
  const built = join(folder, 'RPMS/noarch');
  for (const file of readdirSync(built)) renameSync(join(built, file), join(out, file));
  rmSync(folder, { recursive: true });
}

function spec({ name, version, epoch, maintainer, synopsis, text, changes }, files, from) {
  return `Name: ${name}
Version: ${version}
Release: 1
Summary: ${synopsis}
License: MIT
BuildArch: noarch
AutoReqProv: no
# Not nodejs: that has an epoch, 1 or 2, and so is newer than any version without one.
Requires: nodejs(engine) >= 20.19
%description
${text}
%install
cp -a ${from}/. %{buildroot}
# When this package or node has come: file triggers see both. Then the checks' compiled code is kept for the node that is here.
%transfiletriggerin -- /usr/bin/node ${PRIVATE}
${keep('/usr/bin/node')}%preun
${drop}%files
%defattr(-,root,root)
${folders(files)
  .map((path) => `%dir %attr(0755,root,root) ${path}`)
  .join('\n')}
${files.map(line).join('\n')}
%changelog
${rpmChangelog(changes, { version: `${version}-1`, maintainer, epoch })}`;
}

function line({ path, mode, isConfig }) {
  const kind = isConfig ? '%config(noreplace) ' : /^\/usr\/share\/(?:doc|man)\//.test(path) ? '%doc ' : '';
  const licence = path.startsWith('/usr/share/licenses/') ? '%license ' : '';
  const attributes = mode === undefined ? '' : `%attr(${mode.toString(8).padStart(4, '0')},root,root) `;
  return `${kind}${licence}${attributes}${path}`;
}

/** Folders that are ours alone, to go with the package. */
function folders(files) {
  const all = new Set();
  for (const { path } of files) {
    for (let at = dirname(path); /\/hypervisor-checks(?:[.]d)?(?:\/|$)/.test(at); at = dirname(at))
      all.add(at);
  }
  return [...all].sort();
}
