/** The small formats around kernels. Samples are hand-made after the sources that each parser names. */
import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseAssignments } from '../../lib/parsers/assignments.ts';
import { placeOfCgroup } from '../../lib/parsers/cgroup.ts';
import { parseInstalled } from '../../lib/parsers/dpkg-log.ts';
import { parseBootEntry, parseLoaderLines } from '../../lib/parsers/boot-entry.ts';
import { parseDpkgStatus } from '../../lib/parsers/dpkg-status.ts';
import { parseEfiText } from '../../lib/parsers/efi-text.ts';
import { buildVersion } from '../../lib/parsers/kernel-build.ts';
import { flavourOfRpm, releaseOfDpkg, splitRelease } from '../../lib/parsers/kernel-release.ts';
import { isOldCode, originalPath, parseDeletedMapping } from '../../lib/parsers/proc-maps.ts';
import { parseRpmQuery, RPM_FORMAT } from '../../lib/parsers/rpm-query.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('a release', () => {
  it.each([
    ['6.1.0-37-amd64', '6.1.0-37', 'amd64'],
    ['4.9.0-8-amd64', '4.9.0-8', 'amd64'],
    ['6.1.0-0.deb11.21-amd64', '6.1.0-0.deb11.21', 'amd64'],
    ['6.12.38+deb13-cloud-amd64', '6.12.38+deb13', 'cloud-amd64'],
    ['6.13-rc7-amd64', '6.13-rc7', 'amd64'],
    ['5.15.0-107-generic', '5.15.0-107', 'generic'],
    ['5.15.0-1062-aws', '5.15.0-1062', 'aws'],
    ['6.8.12-9-pve', '6.8.12-9', 'pve'],
    ['5.14.0-427.13.1.el9_4.x86_64', '5.14.0-427.13.1.el9_4', ''],
    ['5.14.0-427.13.1.el9_4.x86_64+debug', '5.14.0-427.13.1.el9_4', 'debug'],
    ['6.4.0-150600.23.25-default', '6.4.0-150600.23.25', 'default'],
    ['6.9.3-arch1-1', '6.9.3-arch1-1', ''],
    ['6.9.3-zen1-1-zen', '6.9.3-zen1-1', 'zen'],
    ['6.9.3-arch12-1', '6.9.3-arch12-1', ''],
    ['6.9.3-zen', '6.9.3', 'zen'],
    ['6.9.3-myarch1-1', '6.9.3', 'myarch1-1'],
    ['6.9.3-arch1x-1', '6.9.3', 'arch1x-1'],
    ['5.14.0-70.el9.x86_64_lab', '5.14.0-70.el9.x86_64_lab', ''],
    ['6.9.3-arch1-1-vfio-lts', '6.9.3-arch1-1', 'vfio-lts'],
    ['arch1-own', 'arch1', 'own'],
    ['5.14.0-427.13.1.el9_4.aarch64+64k-debug', '5.14.0-427.13.1.el9_4', '64k-debug'],
    // What the kernel's own Makefile puts behind a release of changed sources.
    ['5.14.0-70.el9.x86_64+', '5.14.0-70.el9.x86_64+', ''],
    ['.x86_64', '.x86_64', ''],
    ['my kernel.x86_64', 'my kernel.x86_64', ''],
    ['6.6.32-1-lts', '6.6.32-1', 'lts'],
    ['6.6.30-0-lts', '6.6.30-0', 'lts'],
    ['6.18.44-fc-v657', '6.18.44', 'fc-v657'],
    ['6.6.30', '6.6.30', ''],
  ])('%s is of version %s and flavour "%s"', (release, version, flavour) => {
    expect(splitRelease(release)).toEqual({ version, flavour });
  });

  it.each([
    ['linux-image-6.1.0-37-amd64', '6.1.0-37-amd64'],
    ['linux-image-6.1.0-37-amd64-unsigned', '6.1.0-37-amd64'],
    ['linux-image-unsigned-5.15.0-107-generic', '5.15.0-107-generic'],
    ['linux-image-6.13-rc7-amd64', '6.13-rc7-amd64'],
    ['linux-image-6.1.55', '6.1.55'],
    ['linux-image-6.1.5', '6.1.5'],
    ['linux-image-10.0.0-1-amd64', '10.0.0-1-amd64'],
    ['linux-image-.1.0-1-amd64', null],
    ['linux-image-6..1-amd64', null],
    ['pve-kernel-5.15.158-2-pve', '5.15.158-2-pve'],
    ['proxmox-kernel-6.8.12-9-pve-signed', '6.8.12-9-pve'],
    ['linux-image-amd64', null],
    ['linux-image-generic-hwe-22.04', null],
    ['linux-image-2.6-amd64', null],
    ['proxmox-kernel-6.8', null],
    ['linux-image-6.1.0-37-amd64-dbg', null],
    ['linux-image-6.1.0-37-amd64-dbgsym', null],
    ['my-linux-image-6.1.0-37-amd64', null],
    ['linux-headers-6.1.0-37-amd64', null],
  ])('of the package %s is %j', (name, release) => {
    expect(releaseOfDpkg(name)).toBe(release);
  });

  it.each([
    ['kernel', ''],
    ['kernel-core', ''],
    ['kernel-debug-core', 'debug'],
    ['kernel-uek', 'uek'],
    ['kernel-default', 'default'],
    ['kernel-rt-core', 'rt'],
    ['kernel-64k-core', '64k'],
    ['kernel-64kb', '64kb'],
    ['my-kernel', null],
    ['kernel-headers', null],
    ['kernel-devel', null],
    ['kernel-modules-core', null],
    ['kernel-tools', null],
    ['kernel-default-devel', null],
    ['kernel-livepatch-6_4_0-default', null],
  ])('%s of rpm has the flavour %j', (name, flavour) => {
    expect(flavourOfRpm(name)).toBe(flavour);
  });
});

describe('uname -v', () => {
  it.each([
    [
      '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
      '6.1.0-37-amd64',
      { version: '6.1.140-1', cut: false },
    ],
    ['#1 SMP Debian 4.9.144-3.1 (2019-02-19)', '4.9.0-8-amd64', { version: '4.9.144-3.1', cut: false }],
    [
      '#1 SMP PREEMPT_DYNAMIC Debian 6.12.38-1 (2025-07-16)',
      '6.12.38+deb13-amd64',
      { version: '6.12.38-1', cut: false },
    ],
    [
      '#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-9 (2025-03-16T19:18Z)',
      '6.8.12-9-pve',
      { version: '6.8.12-9', cut: false },
    ],
    [
      '#1 SMP PVE 5.4.73-1 (Mon, 16 Nov 2020 10:52:16 +0100)',
      '5.4.73-1-pve',
      { version: '5.4.73-1', cut: false },
    ],
    [
      '#1 SMP PREEMPT_RT Debian 6.1.90-1~bpo11+1 (2024-05-06 0123456789',
      '6.1.0-0.deb11.21-rt-amd64',
      { version: '6.1.90-1~bpo11+1', cut: false },
    ],
    [
      '#1 SMP PREEMPT_DYNAMIC Debian 6.12.38-1~bpo12+1+lab.2025.07.16',
      '6.12.38+deb12-amd64',
      { version: '6.12.38-1~bpo12+1+lab.2025.07.16', cut: false },
    ],
    [
      '#1 SMP PREEMPT_DYNAMIC Debian 6.12.38-1~bpo12+1+lab.2025.07.16.',
      '6.12.38+deb12-amd64',
      { version: '6.12.38-1~bpo12+1+lab.2025.07.16.', cut: true },
    ],
    [
      '#117-Ubuntu SMP Fri Apr 26 12:26:49 UTC 2024',
      '5.15.0-107-generic',
      { version: '5.15.0-107.117', cut: false },
    ],
    [
      '#117~20.04.1-Ubuntu SMP Tue Apr 30',
      '5.15.0-107-generic',
      { version: '5.15.0-107.117~20.04.1', cut: false },
    ],
    [
      '#48.3~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC Mon Oct 7 11:24:13 UTC 2',
      '6.8.0-48-lowlatency',
      { version: '6.8.0-48.48.3~22.04.1', cut: false },
    ],
    ['#1 SMP Debian 7 (2030-01-01)', '7.0.0-1-amd64', { version: '7', cut: false }],
    // Of Ubuntu's kernels for FIPS 140.
    [
      '#80+fips1-Ubuntu SMP Mon Jul 3 12:36:13 UTC 2023',
      '5.15.0-73-fips',
      { version: '5.15.0-73.80+fips1', cut: false },
    ],
    ['#1 SMP PREEMPT Thu Apr 14 12:42:38 EDT 2022', '5.14.0-70.el9.x86_64', null],
    // https://kernel.ubuntu.com/mainline: built from no package.
    ['#202403131158 SMP PREEMPT_DYNAMIC Wed Mar 13', '6.8.0-060800-generic', null],
    // An own build of Ubuntu's source.
    ['#117-Ubuntu SMP Fri Apr 26 12:26:49 UTC 2024', '5.15.0-custom', null],
    ...['', '-107', '5.15.0-', 'x5.15.0-107'].map((abi): [string, string, null] => [
      '#117-Ubuntu SMP Fri Apr 26 12:26:49 UTC 2024',
      `${abi}-generic`,
      null,
    ]),
    ...['#-Ubuntu', '#117~-Ubuntu', '#117+-Ubuntu', '#117-Ubuntux', 'x#117-Ubuntu'].map(
      (build): [string, string, null] => [`${build} SMP`, '5.15.0-107-generic', null],
    ),
    ['#1 SMP PREEMPT_DYNAMIC @0', '6.18.44-fc-v657', null],
    ['', '', null],
  ])('%j says %j', (build, release, version) => {
    expect(buildVersion(build, release)).toEqual(version);
  });
});

describe('the mapping of a deleted file', () => {
  it('is read, also with blanks in its path', () => {
    const line =
      '7f2c1a000000-7f2c1a020000 r-xp 00000000 fe:00 329642                     /opt/a b/lib (x).so (deleted)';
    expect(parseDeletedMapping(line)).toEqual({
      permissions: 'r-xp',
      inode: 329_642,
      path: '/opt/a b/lib (x).so',
    });
  });

  const line = '7f2c1a000000-7f2c1a020000 r-xp 00000000 fe:00 329642 /x (deleted)';
  it.each([
    line.replace(' (deleted)', ''),
    line.replace('/x (deleted)', '/x (deleted)/y'),
    line.replace(' /x (deleted)', ''),
    line.replace(' /x (deleted)', ' (deleted)'),
    line.replace('/x (deleted)', '[stack]'),
  ])('is not of a deleted file: %j', (other) => {
    expect(parseDeletedMapping(other)).toBeNull();
  });

  it.each(['', 'garbage (deleted)', `x ${line}`, line.replace('r-xp', 'r-x')])('is none: %j', (other) => {
    expect(() => parseDeletedMapping(other)).toThrow(
      new FormatError('/proc/PID/maps', 'not a mapping', other),
    );
  });

  it.each([
    ['/usr/lib/x86_64-linux-gnu/libssl.so.3', true],
    ['/opt/tmp/run/lib.so', true],
    ['/srv/dev/SYSV00000000', true],
    ['/drmtool', true],
    ['/i915tool', true],
    ['/usr/lib/orcexec.so/lib', true],
    ['/usr/lib/#1/lib.so', true],
    ['/usr/lib/jna1.tmp.so', true],
    ['/srv/var/log/lib.so', true],
    ['/home/a/orcexec.', true],
    ['/usr/lib/#', true],
    ['/home/a/jna.tmp', true],
    ['/SYSV00000000', false],
    ['/SYSV0000000a1', false],
    ['/dev/zero', false],
    ['/drm mm object', false],
    ['/i915', false],
    ['/memfd:tcg-jit', false],
    ['/[aio]', false],
    ['/anon_hugepage', false],
    ['/tmp/x.so', false],
    ['/run/x.so', false],
    ['/var/tmp/x.so', false],
    ['/var/log/x', false],
    ['/var/lib/jna/x.so', false],
    ['/home/a/orcexec.Ab3', false],
    ['/usr/lib/#12345', false],
    ['/home/a/jna8412.tmp', false],
    ['/home/a/.cache/JNA/x', false],
    ['[vdso]', false],
  ])('of %s is old code: %s', (path, isOld) => {
    expect(isOldCode({ permissions: 'r-xp', inode: 1, path })).toBe(isOld);
  });

  it('is no old code where it cannot run, or never was a file', () => {
    expect(isOldCode({ permissions: 'rw-p', inode: 1, path: '/usr/lib/a.so' })).toBe(false);
    expect(isOldCode({ permissions: 'r-xp', inode: 0, path: '/usr/lib/a.so' })).toBe(false);
  });

  it('of this process is never old code: node runs from where it is', () => {
    const lines = readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .filter((line) => line.includes('(deleted)'));
    for (const line of lines) expect([line, parseDeletedMapping(line)]).toEqual([line, expect.anything()]);
    expect(lines.flatMap((line) => parseDeletedMapping(line) ?? []).filter(isOldCode)).toEqual([]);
  });

  it('has the name that the file had', () => {
    expect(originalPath('/usr/lib/a.so;5f3e2a1b')).toBe('/usr/lib/a.so');
    expect(originalPath('/usr/lib/a.so.dpkg-new')).toBe('/usr/lib/a.so');
    expect(originalPath('/usr/lib/a.so;x')).toBe('/usr/lib/a.so;x');
    expect(originalPath('/usr/lib/a.so;5f3e2a1b2')).toBe('/usr/lib/a.so;5f3e2a1b2');
    expect(originalPath('/usr/a.dpkg-new/b;5f3e2a1b/c.so')).toBe('/usr/a.dpkg-new/b;5f3e2a1b/c.so');
    expect(originalPath('/usr/a\\012b')).toBe('/usr/a\nb');
  });
});

describe('the place in the control groups', () => {
  it.each([
    ['0::/system.slice/ssh.service\n', 'ssh.service', null, null],
    [
      '12:pids:/a\n1:name=systemd:/system.slice/system-getty.slice/getty@tty1.service\n0::/\n',
      'getty@tty1.service',
      null,
      null,
    ],
    ['0::/user.slice/user-1000.slice/session-3.scope\n', 'session-3.scope', 1000, null],
    ['0::/user.slice/user-7.slice/user@7.service/app.slice/x.service\n', 'x.service', 7, null],
    [
      '0::/machine.slice/machine-qemu\\x2d1\\x2dacrux.scope/libvirt/emulator\n',
      'machine-qemu-1-acrux.scope',
      null,
      null,
    ],
    [
      `0::/system.slice/docker-${'ab'.repeat(32)}.scope\n`,
      `docker-${'ab'.repeat(32)}.scope`,
      null,
      'docker abababababab',
    ],
    [`9:pids:/docker/${'ab'.repeat(32)}\n`, null, null, 'docker abababababab'],
    ['0::/lxc.payload.web/system.slice/nginx.service\n', 'nginx.service', null, 'lxc web'],
    [
      '0::/machine.slice/libpod-0123456789abcdef.scope\n',
      'libpod-0123456789abcdef.scope',
      null,
      'podman 0123456789ab',
    ],
    [
      `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${'cd'.repeat(32)}.scope\n`,
      `cri-containerd-${'cd'.repeat(32)}.scope`,
      null,
      'kubernetes cdcdcdcdcdcd',
    ],
    // The kubelet's own driver of control groups; the pod of a file has a hash for its uid (kubernetes.io/config.hash).
    [
      `11:memory:/kubepods/burstable/pod${'12'.repeat(16)}/${'cd'.repeat(32)}\n`,
      null,
      null,
      'kubernetes cdcdcdcdcdcd',
    ],
    [
      `0::/system.slice/nerdctl-${'cd'.repeat(32)}.scope\n`,
      `nerdctl-${'cd'.repeat(32)}.scope`,
      null,
      'containerd cdcdcdcdcdcd',
    ],
    [
      `0::/system.slice/cri-containerd-${'cd'.repeat(32)}.scope\n`,
      `cri-containerd-${'cd'.repeat(32)}.scope`,
      null,
      'containerd cdcdcdcdcdcd',
    ],
    [
      '0::/machine.slice/systemd-nspawn@deb.service/payload/system.slice/ssh.service\n',
      'ssh.service',
      null,
      'nspawn deb',
    ],
    ['0::/machine.slice/machine-deb.scope/payload/init.scope\n', 'init.scope', null, 'nspawn machine-deb'],
    // The hierarchy of systemd before others, that of version 2 before those of a controller, the root last.
    ['12:pids:/a.service\n1:name=systemd:/b.service\n0::/c.service\n', 'b.service', null, null],
    ['12:pids:/a.service\n0::/c.service\n', 'c.service', null, null],
    ['12:pids:/a.service\n1:name=systemd:/\n0::/\n', 'a.service', null, null],
    ['0::/\n12:pids:/a.service\n', 'a.service', null, null],
    ['0::/a:b.service\n', 'a:b.service', null, null],
    ['0::/a.service.slice\n', null, null, null],
    ['0::/\n', null, null, null],
    ['', null, null, null],
  ])('%j', (text, unit, user, container) => {
    expect(placeOfCgroup(text)).toEqual({ unit, user, container });
  });
});

describe('files of boot loaders', () => {
  it('are entries with their counters, and settings', () => {
    const text =
      '# comment\ntitle  A\nversion\t6.1.0-37-amd64 \n  linux      /m/6.1.0-37-amd64/linux\noptions root=/dev/x quiet\nsort-key debian\nmachine-id 4507aaf2e0db\n#linux /other\n\n';
    expect(parseBootEntry('m-6.1.0-37-amd64+2-1.conf', text)).toEqual({
      id: 'm-6.1.0-37-amd64',
      version: '6.1.0-37-amd64',
      sortKey: 'debian',
      machineId: '4507aaf2e0db',
      linux: '/m/6.1.0-37-amd64/linux',
      triesLeft: 2,
    });
    expect(parseBootEntry('6.12.38+deb13-amd64.conf', '')).toEqual({
      id: '6.12.38+deb13-amd64',
      version: null,
      sortKey: null,
      machineId: null,
      linux: null,
      triesLeft: null,
    });
    expect(parseLoaderLines('default a\n#default b\ntimeout\ndefault c d\n')).toEqual(
      new Map([['default', 'c d']]),
    );
    expect(parseLoaderLines('timeout 5')).toEqual(new Map([['timeout', '5']]));
    expect(() => parseLoaderLines('a\0b')).toThrow(FormatError);
    expect(() => parseLoaderLines('a\0b')).toThrow('a file of the boot loader: a NUL in it');
  });

  it.each([
    ['m.conf', 'm', null],
    ['m.conf.efi', 'm.conf', null],
    ['m+12.conf', 'm', 12],
    ['m+10-12.efi', 'm', 10],
    ['m+0-3.conf', 'm', 0],
    ['m+.conf', 'm+', null],
    ['m+1-.conf', 'm+1-', null],
  ])('%s is the entry %s with %j tries left', (name, id, triesLeft) => {
    expect(parseBootEntry(name, '')).toMatchObject({ id, triesLeft });
  });

  it('are variables of the firmware', () => {
    const bytes = (text: string): Buffer =>
      Buffer.concat([Buffer.from([6, 0, 0, 0]), Buffer.from(text, 'utf16le')]);
    expect(parseEfiText(bytes('debian-ä.conf\0'))).toBe('debian-ä.conf');
    expect(parseEfiText(bytes('a.conf\0rest'))).toBe('a.conf');
    expect(parseEfiText(bytes('no end'))).toBe('no end');
    expect(parseEfiText(bytes(''))).toBe('');
    for (const broken of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(7)])
      expect(() => parseEfiText(broken)).toThrow(
        new FormatError('a variable of the firmware', `${broken.length} bytes are no attributes and UTF-16`),
      );
  });
});

describe('lists of packages', () => {
  it('of dpkg: only the wanted ones, with their states', () => {
    const text =
      'Package: base-files\nStatus: install ok installed\nVersion: 12\n\nPackage: linux-image-1.2.4-x\nStatus: deinstall ok config-files\n' +
      'Version: 1.2.4-1\nDescription: x\n Package: linux-image-9.9.9\n Version: 9\nX-Note: Package: linux-image-9.9.8\n\nPackage: linux-image-1.2.3-x\nStatus: install ok installed\nVersion: 1.2.3-1\n';
    expect(parseDpkgStatus(Buffer.from(text), ['linux-image-'])).toEqual([
      { name: 'linux-image-1.2.3-x', state: 'installed', version: '1.2.3-1' },
      { name: 'linux-image-1.2.4-x', state: 'config-files', version: '1.2.4-1' },
    ]);
    for (const [bad, problem] of [
      ['', ': no "Package:" at its beginning, found ""'],
      ['Status: x\nPackage: y\n', ': no "Package:" at its beginning, found "Status: x"'],
      [text.slice(0, -1), ': its last line is cut off'],
      [text.replace(' ok config-files', ''), ': linux-image-1.2.4-x: no status of three words'],
      [text.replace(/Status: deinstall.*\n/, ''), ': linux-image-1.2.4-x: no status of three words'],
    ] as const) {
      expect(() => parseDpkgStatus(Buffer.from(bad), ['linux-image-'])).toThrow(FormatError);
      expect(() => parseDpkgStatus(Buffer.from(bad), ['linux-image-'])).toThrow(
        `/var/lib/dpkg/status${problem}`,
      );
    }
  });

  it('of dpkg: not of more kernels than any machine has', () => {
    const many = (count: number): Buffer =>
      Buffer.from(
        Array.from(
          { length: count },
          (_, i) => `Package: linux-image-6.${i}\nStatus: install ok installed\n\n`,
        ).join(''),
      );
    const thousand = parseDpkgStatus(many(1000), ['linux-image-']);
    expect(thousand).toHaveLength(1000);
    expect(thousand[0]).toEqual({ name: 'linux-image-6.0', state: 'installed', version: '' });
    expect(() => parseDpkgStatus(many(1001), ['linux-image-'])).toThrow(
      '/var/lib/dpkg/status: more than 1000 packages like linux-image-6.1000',
    );
  });

  it('of dpkg: this machine has what dpkg says', () => {
    const text = readFileSync('/var/lib/dpkg/status');
    expect(parseDpkgStatus(text, ['dpkg'])).toContainEqual({
      name: 'dpkg',
      state: 'installed',
      version: expect.stringMatching(/^1\./) as string,
    });
  });

  it('of rpm', () => {
    expect(parseRpmQuery('kernel,1.2,3,x86_64,17/')).toEqual([
      { name: 'kernel', version: '1.2', release: '3', arch: 'x86_64', installedAt: 17 },
    ]);
    expect(parseRpmQuery('')).toEqual([]);
    for (const bad of ['x', 'kernel,1.2,3,x86_64,17/kernel,1'])
      expect(() => parseRpmQuery(bad)).toThrow(new FormatError('rpm -qa', 'its last package is cut off'));
    for (const record of [
      'kernel,1.2,3,x86_64,none',
      'kernel,1.2,3,x86_64,x17',
      'kernel,1.2,3,x86_64,17x',
      'kernel,1,2,3,4,5',
      ',,,,',
      ',1.2,3,x86_64,17',
      'kernel,,3,x86_64,17',
      'kernel,1.2,,x86_64,17',
    ])
      expect(() => parseRpmQuery(`${record}/`)).toThrow(new FormatError('rpm -qa', 'not a package', record));
  });

  it('of rpm, as the format asks for it', () => {
    const tags: Record<string, string> = { NAME: 'kernel-core', VERSION: '5.14.0', RELEASE: '70.el9', ARCH: 'x86_64', INSTALLTIME: '1714550400' }; // prettier-ignore
    const printed = RPM_FORMAT.replaceAll(/%\{([A-Z]+)\}/g, (_, tag: string) => tags[tag] ?? '(none)');
    const one = { name: 'kernel-core', version: '5.14.0', release: '70.el9', arch: 'x86_64', installedAt: 1_714_550_400 }; // prettier-ignore
    expect(parseRpmQuery(printed + printed)).toEqual([one, one]);
  });

  it('of installations', () => {
    const line = '2025-05-23 06:12:41 status installed linux-image-6.1.0-37-amd64:amd64 6.1.140-1';
    expect(parseInstalled(line)).toEqual({
      name: 'linux-image-6.1.0-37-amd64',
      version: '6.1.140-1',
      at: 1_747_980_761,
    });
    expect(parseInstalled(line.replace(':amd64', ''))).toEqual(parseInstalled(line));
    expect(parseInstalled('2025-13-99 06:12:41 status installed a:b 1')).toBeNull();
    expect(parseInstalled('2025-05-23 06:12:41 status unpacked a:b 1')).toBeNull();
  });

  it('of assignments: the last one counts, quotes go', () => {
    const values = parseAssignments(
      '# x\nA="1 2"\nexport B=\'x\'\nA=3\nif true; then C=4\nsaved_entry=x>y\n####',
    );
    expect([...values]).toEqual([
      ['A', '3'],
      ['B', 'x'],
      ['saved_entry', 'x>y'],
    ]);
  });

  // os-release(5) for quotes and what is escaped in them; `export` as in a profile.
  it.each([
    ['export \tA=1', [['A', '1']]],
    ['exportA=1', [['exportA', '1']]],
    ['GRUB_CMDLINE_LINUX=', [['GRUB_CMDLINE_LINUX', '']]],
    ['GRUB_CMDLINE_LINUX=""', [['GRUB_CMDLINE_LINUX', '']]],
    ['GRUB_DEFAULT=saved \r', [['GRUB_DEFAULT', 'saved']]],
    ['saved_entry=Debian "12"', [['saved_entry', 'Debian "12"']]],
    ['saved_entry="Debian" 12', [['saved_entry', '"Debian" 12']]],
    ['GRUB_DEFAULT=saved  # see grub-set-default', [['GRUB_DEFAULT', 'saved']]],
    ['GRUB_DEFAULT="0"  # "first"', [['GRUB_DEFAULT', '0']]],
    ["GRUB_DEFAULT='0' # first", [['GRUB_DEFAULT', '0']]],
    ['GRUB_DEFAULT=" # "', [['GRUB_DEFAULT', ' # ']]],
    ['GRUB_DEFAULT="\\" # "', [['GRUB_DEFAULT', '" # ']]],
    ["GRUB_DEFAULT='\\$ # '", [['GRUB_DEFAULT', '\\$ # ']]],
    ['GRUB_DEFAULT="0" #\r', [['GRUB_DEFAULT', '0']]],
    ['GRUB_DEFAULT="0" \r', [['GRUB_DEFAULT', '0']]],
    ['GRUB_DEFAULT=0 #', [['GRUB_DEFAULT', '0']]],
    ['saved_entry=a#b', [['saved_entry', 'a#b']]],
    ['saved_entry="a"#b', [['saved_entry', '"a"#b']]],
    ["GRUB_DEFAULT=''", [['GRUB_DEFAULT', '']]],
    ['PRETTY_NAME="a \\"12\\" \\$b \\n"', [['PRETTY_NAME', 'a "12" $b \\n']]],
  ])('of assignments: %j', (text, values) => {
    expect([...parseAssignments(text)]).toEqual(values);
  });
});

it('no parser throws anything but FormatError', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({
      unit: fc.constantFrom(
        'Package: ',
        'Status: ',
        'install ',
        'ok ',
        'linux-image-',
        '\n',
        '\t',
        'kernel',
        '1',
        '-',
        ' (deleted)',
        '7f00-7f01 r-xp ',
        'Name ID ',
        '/',
        '::',
      ),
    }),
  );
  fc.assert(
    fc.property(text, (input) => {
      for (const parse of [
        (one: string) => parseDpkgStatus(Buffer.from(one), ['linux-image-']),
        parseRpmQuery,
        (one: string) => parseBootEntry(one, one),
        parseLoaderLines,
        (one: string) => parseEfiText(Buffer.from(one)),
        parseDeletedMapping,
        parseInstalled,
        parseAssignments,
        placeOfCgroup,
        splitRelease,
        releaseOfDpkg,
        originalPath,
        (one: string) => buildVersion(one, one),
      ]) {
        try {
          parse(input);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }),
    { numRuns: 500 },
  );
});
