/** Packages for the tests of packages: earlier versions of ours, and others that ours asks for. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { scratch } from './lab.ts';
import type { PackageRoot } from './package-root.ts';
import { runPlugin, type RunOptions } from './process.ts';

const PRIVATE = '/usr/lib/hypervisor-checks';

/** What a program of this machine prints; throws where its status is not 0. */
export async function succeed(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await runPlugin(argv, [], { timeoutSeconds: 170, ...options });
  if (ran.code !== 0)
    throw new Error(`${argv.join(' ')}: status ${ran.code ?? 'none'}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** The same package of an earlier version: another body of one check, other rules of sudo. */
export async function older(root: PackageRoot, deb: string): Promise<string> {
  const folder = join(scratch(), 'old');
  await succeed(['dpkg-deb', '-R', deb, folder]);
  const edit = (path: string, change: (text: string) => string): void => {
    const text = readFileSync(join(folder, path), 'utf8');
    if (change(text) === text) throw new Error(`${path} is not what this test was written for`);
    writeFileSync(join(folder, path), change(text));
  };
  edit('DEBIAN/control', (text) => text.replace(/^Version: .*/m, 'Version: 0.0.1-1'));
  edit('etc/sudoers.d/hypervisor-checks', (text) => `${text}# of old\n`);
  const lib = `${folder}${PRIVATE}/lib`;
  const [body = ''] = readdirSync(lib).filter((name) => /^check_invtsc-[0-9a-f]{12}[.]js$/.test(name));
  renameSync(join(lib, body), join(lib, 'check_invtsc-000000000000.js'));
  edit(`${PRIVATE}/bin/check_invtsc`, (text) => text.replace(body.slice(-15, -3), '000000000000'));
  mkdirSync(join(root.layer, 'packages'), { recursive: true });
  await succeed([
    'dpkg-deb',
    '-Znone',
    '--root-owner-group',
    '-b',
    folder,
    join(root.layer, 'packages/old.deb'),
  ]);
  return '/packages/old.deb';
}

/** Debian's node, as a package of Red Hat's would bring it. */
export const SHELL_AND_NODE = `Provides: /bin/sh, nodejs(engine) = %{version}
%description
%{name}
%install
mkdir -p %{buildroot}/usr/bin
cp @ROOT@/usr/bin/node %{buildroot}/usr/bin/node
%files
/usr/bin/node
`;

/** An earlier version with the script that ours has, which rpm runs after the files of the newer one have come. */
export const OLD = `%description
%{name}
%install
mkdir -p %{buildroot}${PRIVATE}/lib
echo >%{buildroot}${PRIVATE}/lib/check_invtsc-000000000000.js
%preun
rm -f ${PRIVATE}/lib/*-v[0-9]* ${PRIVATE}/lib/*.new || :
%files
${PRIVATE}/lib/check_invtsc-000000000000.js
`;

/** Makes a package with rpmbuild and lays it into the root; where it is there. */
export async function labRpm(
  root: PackageRoot,
  name: string,
  version: string,
  rest: string,
): Promise<string> {
  const folder = scratch();
  const head = `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: lab\nLicense: none\nAutoReqProv: no\n`;
  const node = await root.succeed(['base64', '/usr/bin/node']);
  mkdirSync(join(folder, 'root/usr/bin'), { recursive: true });
  writeFileSync(join(folder, 'root/usr/bin/node'), Buffer.from(node, 'base64'), { mode: 0o755 });
  writeFileSync(join(folder, 'lab.spec'), `${head}${rest.replace('@ROOT@', join(folder, 'root'))}`);
  const defines = [`_topdir ${folder}`, '_build_id_links none', '__os_install_post %{nil}'].flatMap(
    (macro) => ['--define', macro],
  );
  await succeed(['rpmbuild', '-bb', '--quiet', '--target', 'x86_64', ...defines, join(folder, 'lab.spec')]);
  const file = `${name}-${version}-1.x86_64.rpm`;
  copyFileSync(join(folder, 'RPMS/x86_64', file), join(root.layer, 'packages', file));
  return `/packages/${file}`;
}
