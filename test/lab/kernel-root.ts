/**
 * Releases of Debian as folders, in which packages of kernels are really installed by their own dpkg or rpm. The packages are made
 * here, with the names, files and scripts of real ones and hardly anything in them: an image of the distribution has 60 MB, and
 * nothing of it would be looked at.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Need } from './lab.ts';
import { findProgram, scratch } from './lab.ts';
import { runPlugin, type Ran } from './process.ts';

const ROOTS = fileURLToPath(new URL('../../.cache/roots', import.meta.url));

export type Suite = 'bookworm' | 'trixie';

export const KERNEL_ROOT: readonly Need[] = [
  'root',
  'unshare',
  'mount',
  'chroot',
  'dpkg-deb',
  'rpmbuild',
  `${ROOTS}/bookworm`,
  `${ROOTS}/trixie`,
];

/** A copy of that release; what is done in it stays in it. */
export async function kernelRoot(suite: Suite): Promise<string> {
  const top = join(scratch(), suite);
  await succeed(['cp', '-a', join(ROOTS, suite), top]);
  for (const name of ['opt/packages', 'opt/checks']) mkdirSync(join(top, name), { recursive: true });
  writeFileSync(join(top, 'usr/bin/node'), '');
  return top;
}

export interface Look {
  /** What `uname` is to say; this machine's own kernel where it is not given. */
  readonly uname?: readonly [release: string, build: string];
}

/** Puts /proc of this machine, and node, into the root for one command, and perhaps another `uname`. */
const PREPARE = `
set -e
mount -t proc proc "$ROOT/proc"
mount --bind "$NODE" "$ROOT/usr/bin/node"
if [ -n "$RELEASE" ]; then
  mount -t tmpfs tmpfs "$ROOT/mnt"
  printf '%s\\n' "$RELEASE" >"$ROOT/mnt/osrelease"
  printf '%s\\n' "$BUILD" >"$ROOT/mnt/version"
  mount --bind "$ROOT/mnt/osrelease" "$ROOT/proc/sys/kernel/osrelease"
  mount --bind "$ROOT/mnt/version" "$ROOT/proc/sys/kernel/version"
fi
`;

/** Runs a command in a mount namespace where the root is furnished: `inside` by chroot, else beside it. */
export async function inRoot(
  root: string,
  inside: boolean,
  argv: readonly string[],
  { uname }: Look = {},
): Promise<Ran> {
  const env = {
    ROOT: root,
    NODE: findProgram('node') ?? process.execPath,
    RELEASE: uname?.[0] ?? '',
    BUILD: uname?.[1] ?? '',
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C',
  };
  const script = `${PREPARE}exec ${inside ? 'chroot "$ROOT" ' : ''}"$@"`;
  return await runPlugin(['unshare', '-m', 'sh', '-c', script, 'sh', ...argv], [], { env });
}

export async function succeed(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPlugin(argv, [], { timeoutSeconds: 60 });
  if (code !== 0) throw new Error(`${argv.join(' ')}: status ${code ?? 'none'}\n${stdout}${stderr}`);
  return stdout;
}

export interface KernelPackage {
  readonly release: string;
  readonly version: string;
  /** `uname -v` of what is in its image; default what Debian would have put there. */
  readonly build?: string;
  /** What /proc/version says when it runs. */
  readonly banner?: string;
  /** Default linux-image-RELEASE. */
  readonly name?: string;
  /** It only asks for a kernel, and holds none. */
  readonly isMeta?: boolean;
  /** A script of the package that fails, as the one that makes an initrd does on a full disk. */
  readonly isBroken?: boolean;
}

/** The beginning of an image for x86 that says which kernel it is (Documentation/arch/x86/boot.rst, kernel_version at 0x20e). */
function image({ release, version, build, banner }: KernelPackage): Buffer {
  const said = build ?? `#1 SMP PREEMPT_DYNAMIC Debian ${version} (2025-05-22)`;
  const bytes = Buffer.alloc(1_200_000);
  bytes.write('HdrS', 0x202, 'latin1');
  bytes.writeUInt16LE(0x400, 0x20e);
  bytes.write(`${release} (lab@example.org) ${said}\0`, 0x600, 'latin1');
  bytes.write(`${banner ?? `Linux version ${release} (lab@example.org) ${said}`}\n\0`, 0x800, 'latin1');
  return bytes;
}

/** Makes a package and installs it with the dpkg of the root; what dpkg has said, and whether it has failed. */
export async function installDeb(root: string, kernel: KernelPackage): Promise<Ran> {
  const { release, version, name = `linux-image-${release}`, isBroken = false, isMeta = false } = kernel;
  const folder = join(scratch(), name);
  const put = (path: string, content: string | Buffer, mode = 0o644): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), mode);
  };
  const fields = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: lab <lab@example.org>',
    'Description: a kernel',
  ];
  put('DEBIAN/control', `${fields.join('\n')}\n`);
  if (!isMeta) {
    put('DEBIAN/conffiles', `/etc/kernel-${release}.conf\n`);
    put(
      'DEBIAN/postinst',
      `#!/bin/sh\nset -e\n${isBroken ? 'exit 1' : `echo initrd >/boot/initrd.img-${release}`}\n`,
      0o755,
    );
    put('DEBIAN/postrm', `#!/bin/sh\nrm -f /boot/initrd.img-${release}\n`, 0o755);
    put(`etc/kernel-${release}.conf`, '\n');
    put(`boot/vmlinuz-${release}`, image(kernel));
    for (const file of ['modules.order', 'modules.builtin'])
      put(`usr/lib/modules/${release}/${file}`, 'kernel/x.ko\n');
  }
  const file = join('opt/packages', `${name}_${version.replaceAll(/[^\w.+-]/g, '_')}.deb`);
  await succeed(['dpkg-deb', '-Znone', '--root-owner-group', '-b', folder, join(root, file)]);
  return await inRoot(root, true, ['dpkg', '-i', `/${file}`]);
}

/** Makes a package with rpmbuild and installs it with the rpm of the root. */
export async function installRpm(
  root: string,
  name: string,
  version: string,
  release: string,
): Promise<void> {
  const folder = scratch();
  const uname = `${version}-${release}.x86_64`;
  const spec = `
Name: ${name}
Version: ${version}
Release: ${release}
Summary: a kernel
License: GPL
%description
A kernel.
%install
mkdir -p %{buildroot}/boot %{buildroot}/usr/lib/modules/${uname}
echo image >%{buildroot}/boot/vmlinuz-${uname}
echo initrd >%{buildroot}/boot/initramfs-${uname}.img
echo kernel/x.ko >%{buildroot}/usr/lib/modules/${uname}/modules.order
%files
/boot/*
/usr/lib/modules/${uname}
`;
  writeFileSync(join(folder, 'kernel.spec'), spec);
  const defines = ['--define', `_topdir ${folder}`, '--define', '_build_id_links none', '--target', 'x86_64'];
  await succeed(['rpmbuild', '-bb', '--quiet', ...defines, join(folder, 'kernel.spec')]);
  const file = `${name}-${version}-${release}.x86_64.rpm`;
  copyFileSync(join(folder, 'RPMS/x86_64', file), join(root, 'opt/packages', file));
  const { code, stderr } = await inRoot(root, true, [
    'rpm',
    '-i',
    '--nodeps',
    '--ignorearch',
    `/opt/packages/${file}`,
  ]);
  if (code !== 0) throw new Error(`rpm -i ${file}: ${stderr}`);
}

/** Whether this machine is one, and no container: else the check has other things to say here. */
export function isMachine(): boolean {
  return existsSync('/proc/self/ns/pid') && readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]';
}
