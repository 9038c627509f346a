import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { LOADER_VARIABLES } from '../../lib/facts/kernel-questions.ts';
import plugin from '../../plugins/check_uptime_kernel.ts';
import { DAY, efiText, kernelHost, mapping, NOW, type KernelHost, type TestProcess } from '../kernel-host.ts';
import { replay } from '../plugin-test.ts';
import { recorded } from '../recordings.ts';

async function check(host: KernelHost, ...args: readonly string[]): Promise<readonly [number, string]> {
  const { code, text } = await replay(plugin, kernelHost(host), '--no-old-code', ...args);
  return [code, firstLine(text)];
}

async function memoryOf(
  host: KernelHost,
  ...args: readonly string[]
): Promise<readonly [number, string, string]> {
  const { code, text } = await replay(plugin, kernelHost(host), ...args);
  return [code, firstLine(text), text];
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/^UPTIME_KERNEL /, '');
}

/** Bookworm with the running kernel installed, and a newer one that came some days ago. */
function debian(days: number, more: KernelHost = {}): KernelHost {
  const at = NOW - days * DAY;
  return {
    release: '6.1.0-32-amd64',
    build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06)',
    packages: {
      'linux-image-6.1.0-32-amd64': '6.1.129-1',
      'linux-image-6.1.0-37-amd64': '6.1.140-1',
      'linux-image-amd64': '6.1.140-1',
    },
    unpacked: { 'linux-image-6.1.0-32-amd64': NOW - 200 * DAY, 'linux-image-6.1.0-37-amd64': at },
    modules: ['6.1.0-32-amd64', '6.1.0-37-amd64'],
    boot: {
      'vmlinuz-6.1.0-32-amd64': 8e6, 'initrd.img-6.1.0-32-amd64': 40e6,
      'vmlinuz-6.1.0-37-amd64': 8e6, 'initrd.img-6.1.0-37-amd64': 40e6,
    }, // prettier-ignore
    ...more,
  };
}

const LOG = (days: number, release: string, version: string): string =>
  `${new Date((NOW - days * DAY) * 1000).toISOString().slice(0, 19).replace('T', ' ')} status installed linux-image-${release}:amd64 ${version}`;

describe('a newer kernel on Debian', () => {
  it.each([
    [
      3,
      0,
      'OK - up 24 h, kernel 6.1.0-32-amd64. Not alarmed: kernel: 6.1.0-32-amd64 runs, 6.1.0-37-amd64 has been waiting for a reboot for 3 d',
    ],
    [20, 1, 'WARNING - kernel: 6.1.0-32-amd64 runs, 6.1.0-37-amd64 has been waiting for a reboot for 20 d'],
    [
      100,
      2,
      'CRITICAL - kernel: 6.1.0-32-amd64 runs, 6.1.0-37-amd64 has been waiting for a reboot for 100 d',
    ],
  ])('that has waited for %i days is state %i', async (days, code, line) => {
    const [status, text] = await check(debian(days));
    expect(text).toContain(line);
    expect(text).toContain(`kernel_waits=${days};`);
    expect(status).toBe(code);
  });

  it('is judged by --kernel-age, in days or with units', async () => {
    expect((await check(debian(20), '--kernel-age', '30,60'))[0]).toBe(0);
    expect((await check(debian(20), '--kernel-age', '3d,2w'))[0]).toBe(2);
    expect((await check(debian(200), '--kernel-age', '14'))[0]).toBe(1);
    const wrong = await replay(plugin, kernelHost({}), '--kernel-age', '1,2,3');
    expect([wrong.code, wrong.text]).toEqual([
      3,
      expect.stringContaining('write WARNING,CRITICAL such as 14,60'),
    ]);
  });

  it('waits since the first of them came, however many followed', async () => {
    const packages = { 'linux-image-6.1.0-32-amd64': '6.1.129-1', 'linux-image-6.1.0-39-amd64': '6.1.148-1' };
    const log = [LOG(90, '6.1.0-35-amd64', '6.1.137-1'), LOG(2, '6.1.0-39-amd64', '6.1.148-1')];
    const [code, text] = await check(
      debian(0, { packages, log, unpacked: { 'linux-image-6.1.0-39-amd64': NOW - 2 * DAY } }),
    );
    expect(text).toContain('6.1.0-39-amd64 has been waiting for a reboot for 90 d');
    expect(code).toBe(2);
  });

  it('is WARNING for an unknown time where nothing tells since when', async () => {
    const [code, text] = await check(debian(3, { log: null, unpacked: {} }));
    expect([code, text]).toEqual([1, expect.stringContaining('waiting for a reboot for an unknown time')]);
    const [again, known] = await check(debian(3, { log: null }));
    expect([again, known]).toEqual([1, expect.stringContaining('for a reboot for at least 3 d')]);
  });

  it('is a rebuild of the same name where the version in uname -v says so', async () => {
    const host = debian(30, {
      release: '6.1.0-37-amd64',
      build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.137-1 (2025-05-07)',
    });
    const [code, text] = await check(host);
    expect(text).toContain(
      '6.1.0-37-amd64 runs as built for 6.1.137-1, its update 6.1.140-1 has been waiting for a reboot for 30 d',
    );
    expect(code).toBe(1);
  });

  it.each<readonly [string, Partial<KernelHost>]>([
    [
      'the newest runs',
      { release: '6.1.0-37-amd64', build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)' },
    ],
    [
      'the newer one is removed, and its configuration files are left',
      {
        packages: {
          'linux-image-6.1.0-32-amd64': '6.1.129-1',
          'linux-image-6.1.0-37-amd64': '6.1.140-1 config-files',
        },
      },
    ],
    [
      'the newer one has another flavour',
      {
        packages: {
          'linux-image-6.1.0-32-amd64': '6.1.129-1',
          'linux-image-6.1.0-37-cloud-amd64': '6.1.140-1',
          'linux-image-6.1.0-37-rt-amd64': '6.1.140-1',
        },
        modules: ['6.1.0-32-amd64'],
      },
    ],
    [
      'only its debugging symbols are newer',
      {
        packages: {
          'linux-image-6.1.0-32-amd64': '6.1.129-1',
          'linux-image-6.1.0-37-amd64-dbg': '6.1.140-1',
        },
      },
    ],
    [
      'the version is cut off at 64 bytes',
      {
        packages: { 'linux-image-6.1.0-32-amd64': '6.1.129-1~bpo11+1' },
        build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1~bpo11+1 (2025-03-06',
      },
    ],
  ])('is none where %s', async (_, more) => {
    const [code, text] = await check(
      debian(100, { boot: { 'vmlinuz-6.1.0-32-amd64': 8e6, 'vmlinuz-6.1.0-37-amd64': 8e6 }, ...more }),
    );
    expect([code, text]).toEqual([0, expect.stringMatching(/^OK - up 24 h, kernel \S+ \|.*kernel_waits=0;/)]);
  });

  it('names the guests that must be moved first', async () => {
    const processes = { 4711: qemu('acrux'), 4712: qemu('bellatrix') };
    const { text } = await replay(plugin, kernelHost(debian(20, { processes })), '--no-old-code');
    expect(text).toContain('2 guests run here and must be moved or shut down first: acrux, bellatrix');
    expect(text).toContain('guests=2;');
  });

  it('says where guests may not have been seen', async () => {
    const lines = kernelHost(debian(20, { uid: 1000 }));
    const hidden = lines.toSpliced(
      lines.indexOf('ok bytes head /proc/1/comm'),
      2,
      'absent bytes head /proc/1/comm',
    );
    const { text } = await replay(plugin, hidden, '--no-old-code');
    expect(text).toContain(
      'guests may run here that could not be seen: /proc: permission denied (the processes of other users are hidden',
    );
    expect(text).not.toContain('guests=');
  });
});

function qemu(name: string, more: Partial<TestProcess> = {}): TestProcess {
  return {
    program: 'qemu-system-x86_64',
    argv: ['qemu-system-x86_64', '-name', `guest=${name}`, '-machine', 'pc'],
    ...more,
  };
}

describe('other distributions', () => {
  const ubuntu: KernelHost = {
    release: '5.15.0-97-generic',
    build: '#107-Ubuntu SMP Wed Feb 7 13:26:48 UTC 2024',
    packages: {
      'linux-image-5.15.0-97-generic': '5.15.0-97.107',
      'linux-image-5.15.0-107-generic': '5.15.0-107.117',
      'linux-image-generic': '5.15.0.107.104',
    },
    unpacked: { 'linux-image-5.15.0-107-generic': NOW - 20 * DAY },
    modules: ['5.15.0-97-generic', '5.15.0-107-generic'],
  };
  const proxmox: KernelHost = {
    release: '6.8.12-4-pve',
    build: '#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-4 (2024-11-06T15:04Z)',
    packages: {
      'proxmox-kernel-6.8': '6.8.12-9',
      'proxmox-kernel-6.8.12-4-pve-signed': '6.8.12-4',
      'proxmox-kernel-6.8.12-9-pve-signed': '6.8.12-9',
    },
    unpacked: { 'proxmox-kernel-6.8.12-9-pve-signed': NOW - 20 * DAY },
    modules: ['6.8.12-4-pve', '6.8.12-9-pve'],
  };
  const rhel: KernelHost = {
    packages: null,
    release: '5.14.0-70.13.1.el9_0.x86_64',
    build: '#1 SMP PREEMPT Thu Apr 14 12:42:38 EDT 2022',
    rpm: [
      'kernel\t5.14.0\t427.13.1.el9_4\tx86_64\t1762272000',
      'kernel-core\t5.14.0\t70.13.1.el9_0\tx86_64\t1650000000',
      'kernel-core\t5.14.0\t427.13.1.el9_4\tx86_64\t1762272000',
      'kernel-debug-core\t5.14.0\t500.1.1.el9_5\tx86_64\t1762272000',
      'kernel-tools\t5.14.0\t503.1.1.el9_5\tx86_64\t1762272000',
    ],
    modules: ['5.14.0-70.13.1.el9_0.x86_64', '5.14.0-427.13.1.el9_4.x86_64'],
  };
  const suse: KernelHost = {
    packages: null,
    release: '6.4.0-150600.23.7-default',
    build: '#1 SMP PREEMPT_DYNAMIC Thu Jun 27 14:21:35 UTC 2024 (9e5a4b1)',
    rpm: [
      'kernel-default\t6.4.0\t150600.23.7.3\tx86_64\t1720000000',
      'kernel-default\t6.4.0\t150600.23.25.1\tx86_64\t1762272000',
    ],
    modules: ['6.4.0-150600.23.7-default', '6.4.0-150600.23.25-default'],
  };

  it.each<readonly [string, KernelHost, string]>([
    ['Ubuntu', ubuntu, '5.15.0-97-generic runs, 5.15.0-107-generic has been waiting for a reboot for 20 d'],
    [
      'an upload of Ubuntu within one ABI',
      { ...ubuntu, release: '5.15.0-107-generic', build: '#116~20.04.1-Ubuntu SMP' },
      'runs as built for 5.15.0-107.116~20.04.1, its update 5.15.0-107.117',
    ],
    ['Proxmox', proxmox, '6.8.12-4-pve runs, 6.8.12-9-pve has been waiting for a reboot for 20 d'],
    [
      'Proxmox before 8, whose kernels are called pve-kernel',
      {
        release: '5.15.158-1-pve',
        build: '#1 SMP PVE 5.15.158-1 (2024-06-25T13:35Z)',
        packages: { 'pve-kernel-5.15.158-1-pve': '5.15.158-1', 'pve-kernel-5.15.158-2-pve': '5.15.158-2' },
        unpacked: { 'pve-kernel-5.15.158-2-pve': NOW - 20 * DAY },
        modules: ['5.15.158-1-pve', '5.15.158-2-pve'],
      },
      '5.15.158-1-pve runs, 5.15.158-2-pve has been waiting for a reboot for 20 d',
    ],
    [
      'RHEL',
      rhel,
      '5.14.0-70.13.1.el9_0.x86_64 runs, 5.14.0-427.13.1.el9_4.x86_64 has been waiting for a reboot for 20 d',
    ],
    [
      'SUSE',
      suse,
      '6.4.0-150600.23.7-default runs, 6.4.0-150600.23.25-default has been waiting for a reboot for 20 d',
    ],
    [
      'Alpine',
      {
        packages: null,
        release: '6.6.30-0-lts',
        build: '#1-Alpine SMP',
        modules: ['6.6.30-0-lts', '6.6.41-0-lts', '6.6.50-0-virt'],
      },
      '6.6.30-0-lts runs, 6.6.41-0-lts has been waiting for a reboot for 100 d',
    ],
    [
      'NixOS, where another kernel is for the next boot only',
      {
        packages: null,
        release: '6.6.30',
        modules: [],
        files: { '/run/current-system': '', '/nix/var/nix/profiles/system': '' },
        links: {
          '/run/booted-system/kernel': '/nix/store/0c5nxlj2zkkpn3bzkn0fcznq3xz5kd0a-linux-6.6.30/bzImage',
          '/run/current-system/kernel': '/nix/store/0c5nxlj2zkkpn3bzkn0fcznq3xz5kd0a-linux-6.6.30/bzImage',
          '/nix/var/nix/profiles/system/kernel':
            '/nix/store/1c5nxlj2zkkpn3bzkn0fcznq3xz5kd0a-linux-6.6.41/bzImage',
        },
      },
      'linux-6.6.30 runs, linux-6.6.41 of the next system has been waiting for a reboot for 100 d',
    ],
    [
      'NixOS',
      {
        packages: null,
        release: '6.6.30',
        build: '#1-NixOS SMP',
        modules: [],
        files: { '/run/current-system': '' },
        links: {
          '/run/booted-system/kernel': '/nix/store/0c5nxlj2zkkpn3bzkn0fcznq3xz5kd0a-linux-6.6.30/bzImage',
          '/run/current-system/kernel': '/nix/store/1c5nxlj2zkkpn3bzkn0fcznq3xz5kd0a-linux-6.6.41/bzImage',
        },
      },
      'linux-6.6.30 runs, linux-6.6.41 of the next system has been waiting for a reboot for 100 d',
    ],
  ])('%s has its own order and names', async (_, host, line) => {
    const [code, text] = await check(host);
    expect(text).toContain(line);
    expect(code).toBeGreaterThan(0);
  });

  it.each<readonly [string, KernelHost]>([
    [
      'the newest of Ubuntu',
      { ...ubuntu, release: '5.15.0-107-generic', build: '#117-Ubuntu SMP Fri Apr 26' },
    ],
    [
      'a pinned kernel of Proxmox',
      { ...proxmox, files: { '/etc/kernel/proxmox-boot-pin': '6.8.12-4-pve\n' } },
    ],
    ['the newest of RHEL', { ...rhel, release: '5.14.0-427.13.1.el9_4.x86_64' }],
    [
      'the debugging kernel of RHEL',
      {
        ...rhel,
        release: '5.14.0-500.1.1.el9_5.x86_64+debug',
        modules: ['5.14.0-500.1.1.el9_5.x86_64+debug'],
      },
    ],
    ['the newest of SUSE', { ...suse, release: '6.4.0-150600.23.25-default' }],
    [
      'NixOS with the same kernel',
      {
        packages: null,
        release: '6.6.30',
        modules: [],
        links: {
          '/run/booted-system/kernel': '/nix/store/a/bzImage',
          '/run/current-system/kernel': '/nix/store/a/bzImage',
        },
      },
    ],
    [
      'NixOS that only tries another system until the next boot',
      {
        packages: null,
        release: '6.6.30',
        modules: [],
        links: {
          '/run/booted-system/kernel': '/nix/store/a/bzImage',
          '/run/current-system/kernel': '/nix/store/b/bzImage',
          '/nix/var/nix/profiles/system/kernel': '/nix/store/a/bzImage',
        },
      },
    ],
  ])('%s waits for nothing', async (_, host) => {
    expect(await check(host)).toEqual([
      0,
      expect.stringMatching(/^OK - up 24 h, kernel \S+ \|.*kernel_waits=0;/),
    ]);
  });

  // As named by https://github.com/openshift/driver-toolkit/pull/154, by redhat.com/en/blog/real-time-kernel, and by SUSE's kernel-source.
  it.each([
    ['kernel-rt-core', '5.14.0', ['427.18.1.el9_4', '503.1.1.el9_5'], '5.14.0-503.1.1.el9_5.x86_64+rt'],
    [
      'kernel-rt-core',
      '5.14.0',
      ['70.13.1.rt21.83.el9_0', '284.11.1.rt14.296.el9_2'],
      '5.14.0-284.11.1.rt14.296.el9_2.x86_64',
    ],
    ['kernel-rt', '6.4.0', ['150600.10.5.1', '150600.10.8.3'], '6.4.0-150600.10.8-rt'],
    ['kernel-64kb', '6.4.0', ['150600.23.7.3', '150600.23.25.1'], '6.4.0-150600.23.25-64kb'],
    ['kernel-64k-core', '5.14.0', ['427.18.1.el9_4', '503.1.1.el9_5'], '5.14.0-503.1.1.el9_5.x86_64+64k'],
    [
      'kernel-uek-core',
      '5.15.0',
      ['205.149.5.1.el9uek', '206.153.7.el9uek'],
      '5.15.0-206.153.7.el9uek.x86_64',
    ],
  ] as const)('%s %s of %j runs as %s', async (name, version, releases, newest) => {
    const rpm = releases.map((release) => `${name}\t${version}\t${release}\tx86_64\t1762272000`);
    const host = { packages: null, rpm, build: '#1 SMP PREEMPT_RT' };
    const [code, text] = await check({ ...host, release: newest, modules: [newest] });
    expect([code, text]).toEqual([0, expect.stringMatching(/^OK - up 24 h, kernel \S+ \|.*kernel_waits=0;/)]);
    const older = newest.replace(releases[1].replace(/\.\d$/, ''), releases[0].replace(/\.\d$/, ''));
    expect((await check({ ...host, release: older, modules: [older] }))[1]).toContain(
      `${newest} has been waiting`,
    );
  });

  it('a package of Arch Linux replaces the modules of the running kernel', async () => {
    const [code, text] = await check({
      packages: null,
      release: '6.9.3-arch1-1',
      build: '#1 SMP',
      modules: ['6.9.10-arch1-1'],
    });
    expect(text).toContain('6.9.3-arch1-1 runs, 6.9.10-arch1-1 has been waiting');
    expect(text).toContain('modules');
    expect(code).toBe(2);
  });

  it('a kernel of no package is said', async () => {
    const [code, text] = await check({
      release: '6.18.44-fc-v657',
      build: '#1 SMP PREEMPT_DYNAMIC @0',
      modules: [],
    });
    expect([code, text]).toEqual([
      0,
      expect.stringContaining('Not alarmed: kernel: 6.18.44-fc-v657 runs and no kernel is installed here'),
    ]);
    const [strict] = await check(
      { release: '6.18.44-fc-v657', build: '#1', modules: [] },
      '--unpackaged',
      'unknown',
    );
    expect(strict).toBe(3);
  });

  it('a container has no kernel of its own', async () => {
    const files = {
      '/run/systemd/container': 'lxc\n',
      '/proc/1/stat': '1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 40000000 52617216 4626\n',
    };
    const [code, text] = await check(
      debian(100, { files, uptime: 500_000, links: { '/proc/self/ns/pid': 'pid:[4026532191]' } }),
    );
    expect([code, text]).toEqual([0, expect.stringContaining("a container (lxc), its kernel is the host's")]);
    // 500 000 s of the host, less the 400 000 s after which its first process started.
    expect(text).toContain('uptime=100000s');
    expect(text).not.toMatch(/kernel_waits|6\.1\.0/);
    const lines = kernelHost({ files, links: { '/proc/self/ns/pid': 'pid:[4026532191]' } });
    const closed = lines.map((line) =>
      line === 'ok each /lib/modules/*' ? 'denied each /lib/modules/*' : line,
    );
    expect((await replay(plugin, closed, '--no-old-code')).code).toBe(0);
  });

  it('a machine made of the image of a container is a machine', async () => {
    expect((await check(debian(100, { files: { '/.dockerenv': '' } })))[0]).toBe(2);
  });

  it('a dom0 has a hypervisor to update, and guests', async () => {
    const files = {
      '/proc/xen/capabilities': 'control_d\n',
      '/sys/hypervisor/version/major': '4\n',
      '/sys/hypervisor/version/minor': '17\n',
      '/sys/hypervisor/version/extra': '.3\n',
    };
    const xl =
      'Name                 ID   Mem VCPUs\tState\tTime(s)\nDomain-0              0  4096     4     r-----     123.4\nweb 1                 3  2048     2     -b----      17.0\n';
    const host = debian(3, {
      release: '6.1.0-37-amd64',
      build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
      files,
      xl,
    });
    const packages = { ...host.packages, 'xen-hypervisor-4.17-amd64': '4.17.5+23-ga4e5191dc0-1' };
    const [code, text] = await check({ ...host, packages });
    expect([code, text]).toEqual([
      1,
      expect.stringContaining(
        'hypervisor: Xen 4.17.3 runs, 4.17.5 is installed. up 24 h, kernel 6.1.0-37-amd64, 1 guest',
      ),
    ]);
    expect(
      (
        await check({
          ...host,
          packages: { ...host.packages, 'xen-hypervisor-4.17-amd64': '4.17.3+10-g091466ba55-1' },
        })
      )[0],
    ).toBe(0);
  });
});

describe('what else asks for a reboot', () => {
  it.each<readonly [string, KernelHost, number, string]>([
    [
      'a newer running kernel',
      debian(3, { release: '6.1.0-40-amd64', build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)' }),
      1,
      'kernel: 6.1.0-40-amd64 runs and is not installed any more, the newest installed is older: a reboot goes back to 6.1.0-37-amd64',
    ],
    [
      'missing modules',
      debian(3, { modules: ['6.1.0-37-amd64'] }),
      1,
      'modules: /lib/modules/6.1.0-32-amd64 is gone, the running kernel can load no more modules',
    ],
    [
      'another package',
      debian(3, { required: ['libc6', 'dbus'] }),
      1,
      'reboot: asked for by /run/reboot-required, for libc6, dbus',
    ],
    [
      'a flag without packages',
      {
        ...debian(0),
        release: '6.1.0-37-amd64',
        build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
        required: [],
      },
      1,
      'WARNING - reboot: asked for by /run/reboot-required. up 24 h',
    ],
    [
      'only the kernel, not for long',
      debian(3, { required: ['linux-image-6.1.0-37-amd64', 'linux-base'] }),
      0,
      'Not alarmed: kernel',
    ],
  ])('%s', async (_, host, code, line) => {
    const [status, text] = await check(host);
    expect(text).toContain(line);
    expect(status).toBe(code);
  });
});

describe('the next boot', () => {
  const boot = debian(3).boot ?? {};
  const MACHINE = 'f6a1c5ac7b0b4cf4b0f2a5a1f33ab7a2';
  // Hand-made: what systemd-boot says of itself (export_variables in src/boot/efi/boot.c), and entries as kernel-install writes
  // them (src/kernel-install/90-loaderentry.install).
  const systemdBoot = { [LOADER_VARIABLES.loaderInfo]: efiText('systemd-boot 252.30-1~deb12u2') };
  const entry = (release: string, counters = '', folder = '/efi'): Readonly<Record<string, string>> => ({
    [`${folder}/loader/entries/${MACHINE}-${release}${counters}.conf`]:
      `# Boot Loader Specification type#1 entry\ntitle      Debian GNU/Linux 12 (bookworm)\nversion    ${release}\n` +
      `machine-id ${MACHINE}\nsort-key   debian\noptions    root=UUID=1 ro\n` +
      `linux      /${MACHINE}/${release}/linux\ninitrd     /${MACHINE}/${release}/initrd.img-${release}\n`,
  });
  const entries = { ...entry('6.1.0-32-amd64'), ...entry('6.1.0-37-amd64') };
  const menu = (...releases: readonly string[]): string =>
    releases.map((release) => `\tlinux\t/vmlinuz-${release} root=/dev/vda ro\n`).join('');
  // 10_linux of GRUB: one entry by itself, then a menu of all, each with one for recovery.
  const DEBIAN_MENU = [
    '6.1.0-37-amd64',
    '6.1.0-37-amd64',
    '6.1.0-37-amd64',
    '6.1.0-32-amd64',
    '6.1.0-32-amd64',
  ];
  it.each<readonly [string, Partial<KernelHost>, string]>([
    [
      'no initrd',
      { boot: { ...boot, 'initrd.img-6.1.0-37-amd64': -1 } },
      '6.1.0-37-amd64: the newest kernel has no initrd in /boot where the others have one: it may not find its disks',
    ],
    [
      'an empty initrd',
      { boot: { ...boot, 'initrd.img-6.1.0-37-amd64': 0 } },
      '6.1.0-37-amd64: the newest kernel has no initrd',
    ],
    [
      'no image',
      { boot: { 'vmlinuz-6.1.0-32-amd64': 8e6 } },
      '6.1.0-37-amd64: the newest kernel has no image in /boot, others have',
    ],
    [
      'no image but one of no package',
      { boot: { 'vmlinuz-6.1.99-mine': 8e6 } },
      '6.1.0-37-amd64: the newest kernel has no image in /boot',
    ],
    [
      'no room',
      { space: { available: 1000 } },
      '/boot: has 3.91 MiB left, an initrd needs 38.1 MiB: the next update fails',
    ],
    [
      'no inodes',
      { space: { available: 100_000, filesFree: 0 } },
      '/boot: is full, there are no inodes left',
    ],
    [
      'a package that is half installed',
      {
        packages: {
          'linux-image-6.1.0-32-amd64': '6.1.129-1',
          'linux-image-6.1.0-37-amd64': '6.1.140-1 half-configured',
        },
      },
      'linux-image-6.1.0-37-amd64: is half-configured: its installation has not come to its end',
    ],
    [
      'a menu that does not know it',
      { files: { '/boot/grub/grub.cfg': menu('6.1.0-32-amd64') } },
      '6.1.0-37-amd64: the newest kernel is not in the menu of GRUB',
    ],
    [
      'an older default',
      {
        files: {
          '/boot/grub/grub.cfg': menu('6.1.0-37-amd64', '6.1.0-32-amd64'),
          '/etc/default/grub':
            'GRUB_DEFAULT="Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-32-amd64"\n',
        },
      },
      '6.1.0-32-amd64: the next boot takes this kernel, not the newest 6.1.0-37-amd64 (/etc/default/grub)',
    ],
    [
      'an older one by its place in the second menu',
      { files: { '/boot/grub/grub.cfg': 'set default="1>2"\n' + menu(...DEBIAN_MENU) } },
      '6.1.0-32-amd64: the next boot takes this kernel, not the newest 6.1.0-37-amd64 (/boot/grub/grub.cfg)',
    ],
    [
      'an older saved entry, where a file of /etc/default/grub.d has it saved',
      {
        files: {
          '/boot/grub/grub.cfg': 'set default="${saved_entry}"\n' + menu(...DEBIAN_MENU),
          '/boot/grub/grubenv': 'saved_entry=1>2\n####',
        },
      },
      '6.1.0-32-amd64: the next boot takes this kernel, not the newest 6.1.0-37-amd64 (/boot/grub/grubenv)',
    ],
    [
      'no file in /boot',
      { boot: {} },
      '/boot: holds no kernel, though packages have brought some: its file system may not be mounted',
    ],
    [
      'an older saved entry',
      {
        files: {
          '/etc/default/grub': 'GRUB_DEFAULT=saved\n',
          '/boot/grub/grubenv':
            '# GRUB Environment Block\nsaved_entry=gnulinux-advanced-1234>gnulinux-6.1.0-32-amd64-advanced-1234\n####',
        },
      },
      '6.1.0-32-amd64: the next boot takes this kernel, not the newest 6.1.0-37-amd64 (/boot/grub/grubenv)',
    ],
    [
      'an older first entry',
      { files: { '/boot/grub/grub.cfg': menu('6.1.0-32-amd64', '6.1.0-37-amd64') } },
      '(the menu of GRUB)',
    ],
    [
      'an entry of systemd-boot for each but it',
      { files: { ...systemdBoot, ...entry('6.1.0-32-amd64') } },
      '6.1.0-37-amd64: the newest kernel is not in the menu of systemd-boot',
    ],
    [
      'an older default of systemd-boot',
      {
        files: {
          ...systemdBoot,
          ...entries,
          [LOADER_VARIABLES.loaderDefault]: efiText(`${MACHINE}-6.1.0-32-AMD64.conf`),
        },
      },
      '6.1.0-32-amd64: the next boot takes this kernel, not the newest 6.1.0-37-amd64 (LoaderEntryDefault)',
    ],
    [
      'an older one for the next boot only',
      {
        files: {
          ...systemdBoot,
          ...entries,
          '/efi/loader/loader.conf': 'default *-6.1.0-37-*\n',
          [LOADER_VARIABLES.loaderOnce]: efiText(`${MACHINE}-6.1.0-32-amd64`),
        },
      },
      '(LoaderEntryOneShot)',
    ],
    [
      'an older default in loader.conf',
      { files: { ...entries, '/efi/loader/loader.conf': '# mine\ntimeout 3\ndefault  *-6.1.0-32-*\n' } },
      '(/efi/loader/loader.conf)',
    ],
    [
      'an older entry that was booted last, and is the default for that',
      {
        files: {
          ...systemdBoot,
          ...entries,
          [LOADER_VARIABLES.loaderDefault]: efiText('@saved'),
          [LOADER_VARIABLES.loaderSaved]: efiText(`${MACHINE}-6.1.0-32-amd64.conf`),
        },
      },
      '(LoaderEntryDefault)',
    ],
    [
      'a newest entry that did not come up in all its tries',
      { files: { ...systemdBoot, ...entry('6.1.0-32-amd64'), ...entry('6.1.0-37-amd64', '+0-3') } },
      '(the first entry of systemd-boot)',
    ],
    [
      'an older unified image first',
      {
        files: {
          ...systemdBoot,
          '/efi/EFI/Linux/debian-6.1.0-32-amd64.efi': '',
          '/efi/EFI/Linux/debian-6.1.0-37-amd64+0.efi': '',
        },
      },
      '(the first entry of systemd-boot)',
    ],
    [
      'a pin to what is gone',
      { files: { '/etc/kernel/proxmox-boot-pin': '6.1.0-9-pve' } },
      '6.1.0-9-pve: the kernel pinned in /etc/kernel/proxmox-boot-pin is not installed',
    ],
  ])('has %s', async (_, more, line) => {
    const [code, text] = await check(debian(3, more));
    expect(text).toContain(`WARNING - ${line}`.replace('WARNING - (', '('));
    expect(code).toBe(1);
    expect((await check(debian(3, more), '--boot', 'ok'))[0]).toBe(0);
  });

  it.each<readonly [string, Partial<KernelHost>]>([
    ['no kernel has an initrd', { boot: { 'vmlinuz-6.1.0-32-amd64': 8e6, 'vmlinuz-6.1.0-37-amd64': 8e6 } }],
    [
      'the rescue image is older',
      { boot: { ...boot, 'vmlinuz-0-rescue-1234': 8e6, 'initramfs-0-rescue-1234.img': 80e6 } },
    ],
    ['only root may use what is left', { space: { available: 1000, free: 12_000 } }],
    [
      'the menu has paths in quotes, as on ZFS',
      {
        files: {
          '/boot/grub/grub.cfg':
            '\tlinux\t"/BOOT/ubuntu_1@/vmlinuz-6.1.0-37-amd64" root=ZFS="rpool/ROOT/ubuntu_1" ro\n',
        },
      },
    ],
    [
      'the second menu begins with the newest too',
      { files: { '/boot/grub/grub.cfg': 'set default="1>0"\n' + menu(...DEBIAN_MENU) } },
    ],
    [
      'what /etc/default/grub asks for is not in the menu that is there',
      {
        files: {
          '/boot/grub/grub.cfg': 'set default="${next_entry}"\n   set default="0"\n' + menu(...DEBIAN_MENU),
          '/etc/default/grub': 'GRUB_DEFAULT="1>2"\n',
        },
      },
    ],
    [
      'the menu has all',
      {
        files: {
          '/boot/grub/grub.cfg': menu('6.1.0-37-amd64', '6.1.0-32-amd64'),
          '/etc/default/grub': 'GRUB_DEFAULT=0\n',
        },
      },
    ],
    [
      'a saved entry is old, and not used',
      {
        files: {
          '/boot/grub/grub.cfg': menu('6.1.0-37-amd64', '6.1.0-32-amd64'),
          '/boot/grub/grubenv': 'saved_entry=gnulinux-6.1.0-32-amd64-advanced\n',
        },
      },
    ],
    ['the entries of systemd-boot have all, the newest first', { files: { ...systemdBoot, ...entries } }],
    [
      'the default of systemd-boot is no entry',
      { files: { ...systemdBoot, ...entries, '/efi/loader/loader.conf': 'default windows.conf\n' } },
    ],
    [
      'the tries of the newest are not used up',
      { files: { ...systemdBoot, ...entry('6.1.0-32-amd64'), ...entry('6.1.0-37-amd64', '+2-1') } },
    ],
    [
      'another system is the default of systemd-boot',
      {
        files: {
          ...systemdBoot,
          ...entries,
          '/efi/loader/entries/windows.conf': 'title Windows\nefi /EFI/Microsoft/Boot/bootmgfw.efi\n',
          '/efi/loader/loader.conf': 'default windows.conf\n',
        },
      },
    ],
    [
      'old entries lie beside the menu of GRUB',
      {
        files: {
          ...entry('6.1.0-32-amd64', '', '/boot'),
          '/boot/grub/grub.cfg': menu('6.1.0-37-amd64', '6.1.0-32-amd64'),
        },
      },
    ],
    [
      'old entries lie beside a menu of GRUB that this user may not read',
      { uid: 1000, files: { ...entry('6.1.0-32-amd64', '', '/boot'), '/boot/grub/grub.cfg': 'denied' } },
    ],
    ['this user may not read the menu', { uid: 1000, files: { '/boot/grub/grub.cfg': 'denied' } }],
  ])('is well where %s', async (_, more) => {
    expect((await check(debian(3, more)))[0]).toBe(0);
  });

  it('has an older default, beside the newer one that waits', async () => {
    const files = {
      '/boot/grub/grub.cfg': menu('6.1.0-37-amd64', '6.1.0-32-amd64'),
      '/etc/default/grub':
        'GRUB_DEFAULT="Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-32-amd64"\n',
    };
    const { text } = await replay(plugin, kernelHost(debian(20, { files })), '--no-old-code');
    expect(text).toContain('6.1.0-32-amd64: the next boot takes this kernel');
    expect(text).toContain('6.1.0-37-amd64 has been waiting for a reboot for 20 d');
  });

  it.each([
    [
      'closed',
      1000,
      0,
      'Not alarmed: boot: the kernel of the next boot is not known: /efi/loader/entries: permission denied',
    ],
    [
      'title a\0b',
      0,
      3,
      'UNKNOWN - boot: the kernel of the next boot is not known: /efi/loader/entries/a.conf: is not understood',
    ],
  ])('is not known where an entry is %j', async (text, uid, code, line) => {
    const files = { ...systemdBoot, '/efi/loader/entries/a.conf': text };
    const [status, output] = await check(debian(3, { uid, files }));
    expect(output).toContain(line);
    expect(status).toBe(code);
  });

  it.each([
    [
      '5.14.0-503.el9.x86_64',
      'kernel-core\t5.14.0\t503.el9',
      'dnf reinstall kernel-core-5.14.0-503.el9.x86_64',
    ],
    [
      '6.4.0-150600.23.25-default',
      'kernel-default\t6.4.0\t150600.23.25.1',
      'zypper install --force kernel-default-6.4.0-150600.23.25.1.x86_64',
    ],
  ])('has a repair for %s with the tools of its family', async (release, line, command) => {
    const others = ['kernel-core\t5.14.0\t70.el9', 'kernel-default\t6.4.0\t150600.21.1.1'];
    const host: KernelHost = {
      release,
      rpm: [...others, line].map((one) => `${one}\tx86_64\t1720000000`),
      modules: [release],
      boot: { 'vmlinuz-5.14.0-70.el9.x86_64': 8e6, 'vmlinuz-6.4.0-150600.21.1-default': 8e6 },
      space: { available: 1 },
    };
    const { text } = await replay(plugin, kernelHost(host), '--no-old-code');
    expect(text).toContain(`\n  ${command}\n`);
    expect(text).toContain('/boot: has 4 KiB left');
    expect(text).not.toContain('apt-get');
  });

  it.each([
    ['GRUB', { '/boot/grub/grub.cfg': menu('6.1.0-32-amd64') }, 'update-grub'],
    [
      'systemd-boot',
      { ...systemdBoot, ...entry('6.1.0-32-amd64') },
      'kernel-install add 6.1.0-37-amd64 /boot/vmlinuz-6.1.0-37-amd64',
    ],
  ])('is put right with the tools of %s', async (_, files, command) => {
    const { text } = await replay(plugin, kernelHost(debian(3, { files })), '--no-old-code');
    expect(text).toContain(`\n  ${command}\n`);
  });

  const rhel = (...releases: string[]): Partial<KernelHost> => ({
    release: '5.14.0-427.13.1.el9_4.x86_64',
    rpm: releases.map((release) => `kernel-core\t5.14.0\t${release}\tx86_64\t${NOW - DAY}`),
    modules: ['5.14.0-427.13.1.el9_4.x86_64', '5.14.0-503.el9.x86_64'],
  });
  const RHEL = ['5.14.0-427.13.1.el9_4.x86_64', '5.14.0-503.el9.x86_64'] as const;
  const both = { ...entry(RHEL[0], '', '/boot'), ...entry(RHEL[1], '', '/boot'), '/boot/grub2/grub.cfg': '' };
  it.each<readonly [string, Readonly<Record<string, string>>, number, string]>([
    ['the first, which is the newest', both, 0, 'has been waiting'],
    [
      'what grubby has set',
      { ...both, '/boot/grub2/grubenv': `saved_entry=${MACHINE}-${RHEL[1]}\n###` },
      0,
      '',
    ],
    [
      'an older one',
      { ...both, '/boot/grub2/grubenv': `saved_entry=${MACHINE}-${RHEL[0]}\n###` },
      1,
      `${RHEL[0]}: the next boot takes this kernel, not the newest ${RHEL[1]} (/boot/grub2/grubenv)`,
    ],
    [
      'an older one, where the menu itself is in /boot/efi',
      {
        ...entry(RHEL[0], '', '/boot'),
        ...entry(RHEL[1], '', '/boot'),
        '/boot/grub2/grubenv': `saved_entry=${MACHINE}-${RHEL[0]}\n###`,
      },
      1,
      `${RHEL[0]}: the next boot takes this kernel, not the newest ${RHEL[1]} (/boot/grub2/grubenv)`,
    ],
    [
      'an older one by its place',
      { ...both, '/boot/grub2/grubenv': 'saved_entry=1\n###' },
      1,
      '(/boot/grub2/grubenv)',
    ],
    [
      'the first where the saved one is gone',
      { ...both, '/boot/grub2/grubenv': 'saved_entry=gone\n###' },
      0,
      '',
    ],
    ['a rescue image that is older, listed last', { ...both, ...entry('0-rescue-1234', '', '/boot') }, 0, ''],
    [
      'no entry of the newest',
      { ...entry(RHEL[0], '', '/boot'), '/boot/grub2/grub.cfg': '' },
      1,
      `${RHEL[1]}: the newest kernel is not in the menu of GRUB`,
    ],
  ])('of the RHEL family takes %s', async (_, files, code, line) => {
    const host = rhel('427.13.1.el9_4', '503.el9');
    const [status, text] = await check({ ...host, files });
    expect(text).toContain(line);
    expect(status).toBe(code);
  });
});

describe('uptime', () => {
  const host = (days: number): KernelHost => ({ ...debian(3), uptime: days * DAY });
  it.each([
    [400, [], 1, 'time since the last boot: 400 d is outside the warning range 0:365d'],
    [200, [], 0, 'up 200 d'],
    [200, ['-w', '180d', '-c', '365d'], 1, '200 d is outside the warning range 0:180d'],
    [400, ['-w', '180d', '-c', '365d'], 2, '400 d is outside the critical range 0:365d'],
    [0.01, ['-w', '1h:'], 1, '14.4 min is outside the warning range 1h:'],
    [0.01, [], 0, 'up 14.4 min'],
    [400, ['-w', '~:'], 0, 'up 400 d'],
  ] as const)('of %d days with %j is state %i', async (days, args, code, line) => {
    const [status, text] = await check(host(days), ...args);
    expect(text).toContain(line);
    expect(status).toBe(code);
  });

  it('says what a year without a reboot means', async () => {
    const { text } = await replay(plugin, kernelHost(host(400)), '--no-old-code');
    expect(text).toContain('booted 2024-10-20 16:00 UTC, its boot has not been tried since');
  });

  it('is UNKNOWN where it cannot be read, and says so where clocks do not fit together', async () => {
    expect(await check(debian(3, { uptime: null }))).toEqual([
      3,
      expect.stringMatching(/uptime: \/proc\/uptime: permission denied. kernel 6\.1/),
    ]);
    expect((await memoryOf(debian(3, { uptime: null })))[2]).not.toContain('clock');
    const [code, text] = await check(debian(3, { files: { '/proc/stat': 'btime 1763000000\n' } }));
    expect([code, text]).toEqual([0, expect.stringContaining('and 1 more')]);
    expect(
      (await memoryOf(debian(3, { files: { '/proc/stat': 'btime 1763000000\n' } }), '--clock', 'warning'))[1],
    ).toContain('clock: /proc/uptime and the boot time in /proc/stat are 10.6 d apart');
  });
});

describe('old code', () => {
  const running = (processes: KernelHost['processes'], more: KernelHost = {}): KernelHost => ({
    ...debian(0),
    release: '6.1.0-37-amd64',
    build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
    processes: processes ?? {},
    ...more,
  });
  const SSL = '/usr/lib/x86_64-linux-gnu/libssl.so.3';

  it('is said by service, with what was replaced', async () => {
    const cgroup = '0::/system.slice/ssh.service\n';
    const processes = {
      700: { program: 'sshd', maps: [mapping(SSL), mapping(SSL, { permissions: 'r--p' })], cgroup },
      701: { program: 'sshd', maps: [mapping(SSL)], cgroup },
      800: { program: 'cron', maps: [mapping('/usr/sbin/cron')], exe: '/usr/sbin/cron (deleted)' },
    };
    const [code, line, text] = await memoryOf(running(processes, { there: { [SSL]: 7 } }));
    expect(code).toBe(1);
    expect(line).toContain(
      'WARNING - cron: runs old code: deleted /usr/sbin/cron, and 1 more: ssh.service. up 24 h, kernel 6.1.0-37-amd64, 3 with old code',
    );
    expect(text).toContain(`ssh.service: runs old code: replaced ${SSL} (pid 700, 701)`);
    expect(text).toContain('systemctl restart ssh.service');
    expect(text).toContain('old_processes=3;');
    expect(text).not.toMatch(/not looked for|process(?:es run| runs) old code/);
    expect((await memoryOf(running(processes), '--ignore', 'ssh*', '--ignore', 'cron'))[0]).toBe(0);
    expect((await memoryOf(running(processes), '--ignore', 'ssh.service', '--ignore', 'cron'))[0]).toBe(0);
    expect((await memoryOf(running(processes), '--ignore', 'sshd', '--ignore', 'cron'))[0]).toBe(0);
    expect((await memoryOf(running(processes), '--no-old-code'))[0]).toBe(0);
  });

  it('of a guest is told apart: it needs migration, not a restart', async () => {
    const exe = '/usr/bin/qemu-system-x86_64 (deleted)';
    const there = { '/usr/bin/qemu-system-x86_64': 9 };
    const maps = [mapping('/usr/bin/qemu-system-x86_64'), mapping('/memfd:tcg-jit', { inode: 1029 })];
    const [code, line, text] = await memoryOf(
      running(
        {
          4711: qemu('acrux', {
            exe,
            maps,
            argv: ['qemu-system-x86_64', '-name', 'guest=acrux', '-chardev', 'socket,id=charmonitor,fd=20'],
          }),
          4712: qemu('castor', { maps: [mapping(SSL)] }),
          4713: qemu('deneb', { maps: [mapping(SSL)], argv: ['kvm', '-id', '100', '-name', 'deneb'] }),
        },
        { there },
      ),
    );
    expect(code).toBe(1);
    expect(line).toContain(
      'acrux: runs on a replaced qemu until it is migrated or power-cycled, and 2 more: castor, deneb',
    );
    expect(text).toContain(`castor: runs on old code (deleted ${SSL}) until it is migrated`);
    expect(text).toContain('power-cycled (pid 4711, replaced /usr/bin/qemu-system-x86_64)');
    expect(text).toContain(
      '\nMigrate to another host with the new qemu, or shut down and start (a reboot inside the guest is not enough)\n',
    );
    // Of castor nobody knows who has started it.
    expect(text.match(/^ {2}\S.*$/gm)).toEqual([
      '  virsh shutdown acrux',
      '  virsh start acrux',
      '  qm shutdown 100',
      '  qm start 100',
    ]);
    expect(text).toContain('old_guests=3;');
    expect(text).toContain('old_processes=3;');
  });

  it.each([
    [
      'Name                 ID   Mem VCPUs\tState\tTime(s)\nweb                   3  2048     2     -b----      17.0\n',
      'web',
      ['  xl shutdown -w web'],
    ],
    ['Name                 ID   Mem VCPUs\tState\tTime(s)\n', 'Xen domain 3', []],
  ])('of a guest of Xen is told by its device model', async (xl, name, commands) => {
    const argv = ['qemu-system-i386', '-xen-domid', '3', '-no-shutdown', '-chardev', 'socket,id=libxl-cmd'];
    const cgroup = '0::/system.slice/xendomains.service\n';
    const processes = { 4711: { program: 'qemu-system-i386', argv, maps: [mapping(SSL)], cgroup } };
    const files = { '/proc/xen/capabilities': 'control_d\n' };
    const [code, , text] = await memoryOf(running(processes, { xl, files }));
    expect(text).toContain(`${name}: runs on old code (deleted ${SSL}) until it is migrated or power-cycled`);
    expect([code, text.match(/^ {2}\S.*$/gm) ?? []]).toEqual([1, commands]);
    expect(text).toContain('old_guests=1;');
  });

  it.each([
    [
      '/system.slice/virtlogd.service',
      'virtlogd.service',
      'Let it start itself anew',
      'systemctl reload virtlogd.service',
    ],
    [
      '/system.slice/docker.service',
      'docker.service',
      'docker.service is not restarted without harm to others: plan it, or reboot',
      null,
    ],
    [
      '/system.slice/libvirtd.service',
      'libvirtd.service',
      'Restart the services',
      'systemctl restart libvirtd.service',
    ],
    [
      '/user.slice/user-1000.slice/user@1000.service/init.scope',
      'user@1000.service',
      'End these processes and start them again, or reboot',
      null,
    ],
  ])('of %s is mended without harm', async (path, subject, how, command) => {
    const processes = { 900: { program: 'x', maps: [mapping(SSL)], cgroup: `0::${path}\n` } };
    const [code, , text] = await memoryOf(running(processes));
    expect(text).toContain(`${subject}: runs old code`);
    expect(text).toContain(`\n${how}\n`);
    expect([code, text.match(/^ {2}\S.*$/gm)]).toEqual([1, command === null ? null : [`  ${command}`]]);
  });

  const harmless: readonly (readonly [what: string, process: TestProcess, more?: Partial<KernelHost>])[] = [
    [
      'data of a deleted file',
      {
        program: 'x',
        maps: [
          mapping('/usr/lib/locale/C.utf8', { permissions: 'r--p' }),
          mapping('/var/lib/x.db', { permissions: 'rw-s' }),
        ],
      },
    ],
    [
      'shared memory',
      {
        program: 'x',
        maps: [
          mapping('/SYSV00000000', { permissions: 'rwxs' }),
          mapping('/dev/zero', { permissions: 'rwxs' }),
          mapping('/dev/shm/x', { permissions: 'rwxs' }),
        ],
      },
    ],
    [
      'what a compiler made',
      {
        program: 'x',
        maps: [
          mapping('/memfd:jit'),
          mapping('/tmp/orcexec.Ab12'),
          mapping('/home/u/orcexec.Ab12'),
          mapping('/tmp/jna123.tmp'),
          mapping('/run/user/1/x'),
          mapping('/home/u/#1234'),
        ],
      },
    ],
    ['drivers', { program: 'x', maps: [mapping('/drm mm object'), mapping('/i915'), mapping('/[aio]')] }],
    [
      'a file that is really called so',
      { program: 'x', maps: [mapping('/opt/a.so', { inode: 55 })] },
      { there: { '/opt/a.so (deleted)': 55 } },
    ],
    [
      'a mapping of something else with the word in its name',
      { program: 'x', maps: ['7f00-7f01 r-xp 00000000 fe:00 5   /opt/a (deleted) b.so'] },
    ],
  ];
  it.each(harmless.map(([what, process, more = {}]) => [what, process, more] as const))(
    'is not %s',
    async (_, process, more) => {
      const [code, line] = await memoryOf(running({ 900: process }, more));
      expect([code, line]).toEqual([
        0,
        expect.stringContaining('OK - up 24 h, kernel 6.1.0-37-amd64, no old code in memory'),
      ]);
    },
  );

  it.each([
    ['/usr/lib/libfoo.so.1.dpkg-new', '/usr/lib/libfoo.so.1'],
    ['/usr/lib/libfoo.so.1;5f3e2a1b', '/usr/lib/libfoo.so.1'],
  ])('%s is what a package manager made of %s', async (path, name) => {
    const [code, line] = await memoryOf(
      running({ 900: { program: 'x', maps: [mapping(path)] } }, { there: { [name]: 4 } }),
    );
    expect([code, line]).toEqual([1, expect.stringContaining(`runs old code: replaced ${name}`)]);
  });

  it('in containers is theirs', async () => {
    const maps = [mapping(SSL)];
    const id = '0123456789abcdef'.repeat(4);
    const processes = {
      900: { program: 'nginx', maps, cgroup: `0::/system.slice/docker-${id}.scope\n` },
      901: { program: 'odd', maps, namespace: 'pid:[4026532777]' },
    };
    const [code, line, text] = await memoryOf(running(processes));
    expect([code, line]).toEqual([0, expect.stringContaining('no old code in memory')]);
    expect(text).toContain('docker 0123456789ab: 1 process runs old code: nginx');
    expect((await memoryOf(running(processes), '--old-containers', 'critical'))[0]).toBe(2);
  });

  it('that may not be looked for is said', async () => {
    const processes = { 900: { program: 'x', maps: 'denied' }, 901: { program: 'y' } };
    const [code, , text] = await memoryOf(running(processes, { uid: 1000 }));
    expect([code, text]).toEqual([
      0,
      expect.stringContaining('old code: not looked for in 1 process of other users (root sees all)'),
    ]);
    expect(text).not.toContain('old_processes');
    expect((await memoryOf(running(processes), '--old-code-denied', 'unknown'))[0]).toBe(3);
  });

  it.each([
    [
      1000,
      50,
      0,
      'old code: not looked for in processes of other users, which hidepid hides (root sees all)',
    ],
    [0, 50, 3, 'old code: /proc: could not be read (it has no process 1)'],
    [0, 0, 3, 'old code: /proc: could not be read (it is empty, no proc file system is mounted there)'],
  ])(
    'is not said to be none where user %i sees %i processes, and no process 1',
    async (uid, scanned, code, line) => {
      const lines = kernelHost(running({}, { uid })).map((one) =>
        one === '  scanned 50' ? `  scanned ${scanned}` : one,
      );
      const init = lines.indexOf('ok bytes head /proc/1/comm');
      const { code: status, text } = await replay(
        plugin,
        lines.toSpliced(init, 2, 'absent bytes head /proc/1/comm'),
      );
      expect([status, text]).toEqual([code, expect.stringContaining(code === 3 ? `${line}. up 24 h` : line)]);
      expect(text).not.toMatch(/no old code|with old code|old_processes|more like it/);
    },
  );

  it('is not said to be none where process 1 cannot be seen, and another one cannot be read', async () => {
    const lines = kernelHost(running({ 900: { program: 'x', maps: 'failed' } }));
    const init = lines.indexOf('ok bytes head /proc/1/comm');
    const { text } = await replay(plugin, lines.toSpliced(init, 2, 'absent bytes head /proc/1/comm'));
    expect(text).toContain('old code: /proc: could not be read (it has no process 1) (1 more like it)');
  });

  it('that could not be looked for is UNKNOWN, beside a fault that was found', async () => {
    const broken = {
      900: { program: 'x', maps: 'failed' },
      902: { program: 'z', maps: ['no mapping (deleted)'] },
    };
    const [code, line] = await memoryOf(running(broken));
    expect([code, line]).toEqual([
      3,
      expect.stringContaining('UNKNOWN - old code: /proc/900/maps: could not be read (1 more like it)'),
    ]);
    expect((await memoryOf(running(broken)))[2]).not.toMatch(/old_processes|old_guests/);
    expect((await memoryOf(running({ ...broken, 903: { program: 'w', maps: [mapping(SSL)] } })))[0]).toBe(1);
  });
});

describe('what could not be read', () => {
  it.each([
    ['ok bytes whole /var/lib/dpkg/status', 'denied', 'kernel: /var/lib/dpkg/status: permission denied'],
    [
      'ok bytes head /proc/sys/kernel/osrelease',
      'absent',
      'kernel: /proc/sys/kernel/osrelease: is not there',
    ],
    ['ok each /run/reboot-required*', 'timedOut', 'kernel: /run/reboot-required*: did not answer in time'],
    ['ok each /lib/modules/*', 'failed', 'kernel: /lib/modules/*: could not be read'],
    ['ok each /boot/*', 'denied', 'boot: /boot/*: permission denied'],
    ['ok statfs /boot', 'failed', 'boot: /boot: could not be read'],
    ['ok processes *', 'denied', 'old code: /proc: permission denied'],
    ['ok bytes head /proc/uptime', 'denied', 'uptime: /proc/uptime: permission denied'],
    [
      'absent lines vmlinuz- /boot/grub/grub.cfg',
      'failed',
      'boot: the kernel of the next boot is not known: /boot/grub/grub.cfg: could not be read',
    ],
  ])('%s, %s, is UNKNOWN', async (question, why, line) => {
    const lines = kernelHost({ ...debian(0), release: '6.1.0-37-amd64' });
    const at = lines.findIndex((one) => one.startsWith(question));
    const spoiled = lines.filter(
      (one, index) =>
        index <= at ||
        !one.startsWith('  ') ||
        lines.slice(at + 1, index).some((other) => !other.startsWith('  ')),
    );
    spoiled[at] = (lines[at] ?? '').replace(/^(?:ok|absent)/, why);
    const { code, text } = await replay(plugin, spoiled);
    expect([code, firstLine(text)]).toEqual([3, expect.stringContaining(`UNKNOWN - ${line}`)]);
    const { findings } = JSON.parse((await replay(plugin, spoiled, '--format', 'json')).text) as {
      readonly findings: readonly { readonly kind: string; readonly state: string }[];
    };
    const unknown = findings.filter(({ state }) => state === 'unknown');
    expect([...new Set(unknown.map(({ kind }) => kind))]).toEqual(['unseen']);
  });

  it.each([
    '',
    'garbage\n',
    'Package: x\nStatus: odd\n\n',
    'Package: linux-image-6.1.0-1-amd64\nStatus: install\n\n',
  ])('a status file of dpkg that holds %j is UNKNOWN', async (text) => {
    const lines = kernelHost({ ...debian(0), release: '6.1.0-37-amd64', packages: null });
    const content = text
      .split('\n')
      .slice(0, -1)
      .map((line) => `  |${line}`);
    const at = lines.indexOf('absent bytes whole /var/lib/dpkg/status');
    lines.splice(at, 1, 'ok bytes whole /var/lib/dpkg/status', ...content);
    const outcome = await replay(plugin, lines);
    const isHealthy = text.startsWith('Package: x');
    expect([outcome.code, outcome.text]).toEqual([
      isHealthy ? 0 : 3,
      expect.stringContaining(isHealthy ? 'OK' : 'is not understood'),
    ]);
  });
});

describe('what was recorded in a release of Debian', () => {
  it('is what the page shows', async () => {
    const page = readFileSync(new URL('../../plugins/check_uptime_kernel.md', import.meta.url), 'utf8');
    const shown = /^ {4}UPTIME_KERNEL[^]*?\n\n/m.exec(page)?.[0] ?? '';
    const { text } = await replay(plugin, recorded(plugin.name, 'overdue'), '--no-old-code');
    expect(text.trimEnd()).toBe(shown.replaceAll(/^ {4}/gm, '').trimEnd());
  });

  it('tells how the initrd is made that trixie lacks', async () => {
    const { text } = await replay(plugin, recorded(plugin.name, 'no-initrd'), '--no-old-code');
    expect(text).toContain('update-initramfs -c -k 6.12.41+deb13-amd64');
  });
});

/** Lines of long output that are commands. */
function commandsIn(text: string): readonly string[] {
  return (text.match(/^ {2}\S.*$/gm) ?? []).map((line) => line.slice(2));
}

/** A line of the recording, and what was answered to it, gives way. */
function answering(host: KernelHost, question: string, ...instead: readonly string[]): string[] {
  const lines = kernelHost(host);
  const at = lines.indexOf(question);
  if (at < 0) throw new Error(`not asked: ${question}`);
  return lines.toSpliced(at, 2, ...instead);
}

describe('the range of --kernel-age', () => {
  it.each([
    ['+30,60', 0],
    ['30:', 1],
    ['21:30', 1],
    ['0.5:14', 1],
    ['@30', 1],
    ['~:14', 1],
    ['19.9', 1],
    ['20.1', 0],
    ['@10:30', 1],
    ['@21:30', 0],
    ['1,@10:30', 2],
  ])('%s, where a kernel waits for 20 days, ends with %i', async (age, code) => {
    const [status, text] = await check(debian(20), '--kernel-age', age);
    expect(status).toBe(code);
    const hasLimit = /^(?:~:)?[0-9.]+$/.test(age) && code !== 0;
    expect(text).toMatch(
      hasLimit ? /for 20 d, at most [0-9.]+ d is allowed\. up/ : /waiting for a reboot for 20 d(?:\. up| \|)/,
    );
  });

  it.each([
    [0, 0],
    [-1, 1],
  ])('allows the last of its 14 days wholly: %i s later it ends with %i', async (seconds, code) => {
    const unpacked = { 'linux-image-6.1.0-37-amd64': NOW - 14 * DAY + seconds };
    expect((await check(debian(14, { unpacked })))[0]).toBe(code);
    expect((await check(debian(14, { unpacked }), '--kernel-age', '2w'))[0]).toBe(code);
  });

  it('never makes an unknown time CRITICAL', async () => {
    const host = debian(3, { log: null, unpacked: {} });
    expect(await check(host, '--kernel-age', '14,10:')).toEqual([
      1,
      expect.stringContaining('for an unknown time'),
    ]);
    expect((await check(host, '--kernel-age', '~:'))[1]).toContain(
      'for a reboot for an unknown time. up 24 h',
    );
  });

  it('is said beside what it has cost, and must be one', async () => {
    expect((await check(debian(20)))[1]).toContain('for a reboot for 20 d, at most 14 d is allowed');
  });

  it.each([
    ['3parsecs', '"parsecs" is not a unit'],
    ['1y', 'write days in place of "y"'],
    ['1_4', '"1_4" is not a duration'],
    ['w14', '"w14" is not a duration'],
    ['+', '"+" is not a duration'],
  ])('%s is none, which is said in its words', async (age, words) => {
    const { code, text } = await replay(plugin, kernelHost({}), '--kernel-age', age);
    expect([code, text]).toEqual([3, expect.stringContaining(words)]);
  });
});

describe('the kernel that runs', () => {
  const NEWEST = { release: '6.1.0-37-amd64', build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)' };

  it('goes back to an older build of its name where that was installed again', async () => {
    const build = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.141-1 (2025-06-22)';
    expect(await check(debian(3, { ...NEWEST, build }))).toEqual([
      1,
      expect.stringContaining(
        'kernel: 6.1.0-37-amd64 runs as built for 6.1.141-1, the newest installed is older: a reboot goes back to 6.1.140-1',
      ),
    ]);
  });

  it.each<readonly [string, KernelHost]>([
    [
      'that is pinned, and was built anew before newer ones came',
      debian(3, {
        build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.130-1 (2025-03-27)',
        files: { '/etc/kernel/proxmox-boot-pin': '6.1.0-32-amd64\n' },
      }),
    ],
    ['that needs no modules, as there are none', debian(3, { ...NEWEST, modules: [] })],
  ])('%s is well', async (_, host) => {
    expect(await check(host)).toEqual([
      0,
      expect.stringMatching(/^OK - up 24 h, kernel \S+ \|.*kernel_waits=0;/),
    ]);
  });

  const OTHERS = ['6.1.0-32-amd64', '6.1.0-39-amd64', '6.1.0-37-amd64', '6.1.0-35-amd64'];
  const own = debian(3, {
    release: '6.1.99-mine',
    build: '#1 SMP',
    packages: Object.fromEntries(
      OTHERS.map((name, i) => [`linux-image-${name}`, `6.1.${[129, 148, 140, 137][i] ?? 0}-1`]),
    ),
    modules: OTHERS,
    boot: Object.fromEntries(
      OTHERS.flatMap((name) => [
        [`vmlinuz-${name}`, 8e6],
        [`initrd.img-${name}`, 4e7],
      ]),
    ),
  });

  it('is of no package: three of the others are named, and nothing is said to wait', async () => {
    const [code, text] = await check(own);
    expect(text).toContain(
      `6.1.99-mine runs and is of no package, installed are others: 6.1.0-32-amd64, 6.1.0-35-amd64, 6.1.0-37-amd64`,
    );
    expect(text).not.toContain('6.1.0-39-amd64');
    expect(text).not.toContain('kernel_waits');
    expect(text).not.toContain('modules');
    expect(code).toBe(0);
  });

  it('is of no package: the newest of the others is what the next boot needs', async () => {
    for (const gone of OTHERS) {
      const [code, text] = await check({ ...own, boot: { ...own.boot, [`initrd.img-${gone}`]: -1 } });
      const isNewest = gone === '6.1.0-39-amd64';
      expect([code, text.includes(`${gone}: the newest kernel has no initrd`)]).toEqual([
        isNewest ? 1 : 0,
        isNewest,
      ]);
    }
  });

  it('is not said to be of no package where packages could not be read', async () => {
    const lines = answering(
      own,
      'ok bytes whole /var/lib/dpkg/status',
      'denied bytes whole /var/lib/dpkg/status',
    );
    const at = lines.indexOf('denied bytes whole /var/lib/dpkg/status') + 1;
    while (lines[at]?.startsWith('  ') === true) lines.splice(at, 1);
    const { code, text } = await replay(plugin, lines, '--no-old-code');
    expect(code).toBe(3);
    expect(text).not.toMatch(/is of no package|no kernel is installed|kernel_waits/);
  });

  it('whose modules are gone: five of those that are there are named', async () => {
    const modules = ['6.1.0-37-amd64', ...Array.from({ length: 5 }, (_, i) => `6.1.0-4${i}-amd64`)];
    const { text } = await replay(plugin, kernelHost(debian(3, { modules })), '--no-old-code');
    expect(text).toContain(`(there are: ${modules.slice(0, 5).join(', ')})`);
  });

  it('and what it waits for are said with their times, packages and patches', async () => {
    const host = debian(20, { livePatches: ['a', 'b', 'c', 'd'], required: ['linux-base'] });
    const packages = { ...host.packages, 'linux-image-6.1.0-39-amd64': '6.1.148-1' };
    const { text } = await replay(plugin, kernelHost({ ...host, packages, log: [] }), '--no-old-code');
    expect(text).toContain(
      'running 6.1.0-32-amd64 (6.1.129-1), installed linux-image-6.1.0-39-amd64 6.1.148-1',
    );
    expect(text).toContain('2 newer kernels are installed');
    expect(text).toContain(
      'since 2025-11-04 or earlier: the log of the installation is not there, --state-dir remembers',
    );
    const dated = await replay(plugin, kernelHost(debian(20)), '--no-old-code');
    expect(dated.text).toContain('(since 2025-11-04, running 6.1.0-32-amd64');
    expect(text).toContain('/run/reboot-required asks for it too');
    expect(text).toContain('live patch in force: a, b, c');
    expect(text).not.toContain('live patch in force: a, b, c, d');
    expect((await check(debian(20)))[1]).not.toContain('newer kernels are installed');
  });
});

describe('what is listed with -v', () => {
  async function itemsOf(recording: readonly string[]): Promise<readonly string[]> {
    const { text } = await replay(plugin, recording, '--no-old-code', '--format', 'json');
    return (JSON.parse(text) as { readonly items: readonly string[] }).items;
  }
  const host = debian(20, {
    packages: { ...debian(0).packages, 'linux-image-6.1.0-37-rt-amd64': '6.1.140-1' },
    livePatches: ['kpatch_1'],
    processes: { 4711: qemu('acrux') },
  });
  const NEW = 'installed: 6.1.0-37-amd64, linux-image-6.1.0-37-amd64 6.1.140-1';
  const OLD = 'installed: 6.1.0-32-amd64, linux-image-6.1.0-32-amd64 6.1.129-1';
  const others = [
    'live patch in force: kpatch_1',
    '1 guest runs here and must be moved or shut down first: acrux',
  ];

  it('is the kernel that runs, those of its flavour, patches and guests', async () => {
    expect(await itemsOf(kernelHost(host))).toEqual([
      'running: 6.1.0-32-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06)',
      NEW,
      OLD,
      ...others,
    ]);
  });

  it('is every kernel where the running one cannot be told', async () => {
    const question = 'bytes head /proc/sys/kernel/osrelease';
    const RT = 'installed: 6.1.0-37-rt-amd64, linux-image-6.1.0-37-rt-amd64 6.1.140-1';
    expect(await itemsOf(answering(host, `ok ${question}`, `denied ${question}`))).toEqual([
      OLD,
      NEW,
      RT,
      ...others,
    ]);
  });

  it('is a kernel of no package by its release', async () => {
    const alpine = {
      packages: null,
      release: '6.6.30-0-lts',
      build: '#1-Alpine SMP',
      modules: ['6.6.41-0-lts'],
    };
    expect(await itemsOf(kernelHost(alpine))).toEqual([
      'running: 6.6.30-0-lts #1-Alpine SMP',
      'installed: 6.6.41-0-lts',
    ]);
  });
});

describe('files that the next boot needs', () => {
  const RELEASES = ['5.14.0-427.13.1.el9_4.x86_64', '5.14.0-503.el9.x86_64'] as const;
  const rhel = (boot: KernelHost['boot'] & object, more: KernelHost = {}): KernelHost => ({
    release: RELEASES[0],
    rpm: ['427.13.1.el9_4', '503.el9'].map((one) => `kernel-core\t5.14.0\t${one}\tx86_64\t${NOW - DAY}`),
    modules: RELEASES,
    boot,
    ...more,
  });
  const images = Object.fromEntries(RELEASES.map((release) => [`vmlinuz-${release}`, 8e6]));
  const debianBoot = debian(3).boot ?? {};

  it.each<readonly [string, KernelHost, string, readonly string[]]>([
    [
      'an initrd of RHEL',
      rhel({ ...images, [`initramfs-${RELEASES[0]}.img`]: 4e7, [`initramfs-${RELEASES[1]}.img.bak`]: 4e7 }),
      'no initrd in /boot',
      [`dracut --force --kver ${RELEASES[1]}`],
    ],
    [
      'an initrd of SUSE',
      rhel({ ...images, [`initrd-${RELEASES[0]}`]: 4e7, [`old-initrd-${RELEASES[1]}`]: 4e7 }),
      'no initrd in /boot',
      [`dracut --force --kver ${RELEASES[1]}`],
    ],
    [
      'an initrd of Debian',
      debian(3, {
        boot: {
          ...debianBoot,
          'initrd.img-6.1.0-37-amd64': -1,
          'old-initrd.img-6.1.0-37-amd64': 4e7,
          'x-initramfs-6.1.0-37-amd64.img': 4e7,
        },
      }),
      'no initrd in /boot',
      ['update-initramfs -c -k 6.1.0-37-amd64'],
    ],
    [
      'an image',
      debian(3, { boot: { ...debianBoot, 'vmlinuz-6.1.0-37-amd64': -1, 'old-vmlinuz-6.1.0-37-amd64': 8e6 } }),
      'no image in /boot',
      ['apt-get install --reinstall linux-image-6.1.0-37-amd64'],
    ],
    [
      'an entry of its own',
      rhel(images, {
        files: {
          '/boot/grub2/grub.cfg': '',
          [`/boot/loader/entries/a-${RELEASES[0]}.conf`]: `version ${RELEASES[0]}\nlinux /vmlinuz-${RELEASES[0]}\n`,
        },
      }),
      'is not in the menu of GRUB',
      [`kernel-install add ${RELEASES[1]} /lib/modules/${RELEASES[1]}/vmlinuz`],
    ],
    [
      'a line in the menu',
      rhel(images, { files: { '/boot/grub2/grub.cfg': `\tlinux\t/vmlinuz-${RELEASES[0]} ro\n` } }),
      'is not in the menu of GRUB',
      ['grub2-mkconfig -o /boot/grub2/grub.cfg'],
    ],
    [
      'the end of its installation',
      debian(3, {
        packages: {
          'linux-image-6.1.0-32-amd64': '6.1.129-1',
          'linux-image-6.1.0-37-amd64': '6.1.140-1 half-configured',
        },
      }),
      'is half-configured',
      ['dpkg --configure -a'],
    ],
    [
      'space for one more',
      debian(3, { space: { available: 9765 } }),
      '/boot: has',
      ['apt-get autoremove --purge'],
    ],
  ])('are %s: said with its repair', async (_, host, line, commands) => {
    const { code, text } = await replay(plugin, kernelHost(host), '--no-old-code');
    expect(text).toContain(line);
    expect(commandsIn(text)).toEqual(expect.arrayContaining([...commands]));
    expect(commandsIn(text).filter((one) => one !== 'reboot')).toEqual(commands);
    expect(text.includes('Install the package again')).toBe(
      commands.some((one) => one.includes('reinstall')),
    );
    expect(code).toBe(1);
  });

  it.each<readonly [string, KernelHost]>([
    [
      'Make the initrd, and see why it was not made',
      debian(3, { boot: { ...debianBoot, 'initrd.img-6.1.0-37-amd64': -1 } }),
    ],
    ['Install the package again', debian(3, { boot: { ...debianBoot, 'vmlinuz-6.1.0-37-amd64': -1 } })],
    ['Remove kernels that are not needed any more', debian(3, { space: { available: 9765 } })],
    [
      'Let dpkg finish, and look at what it says',
      debian(3, { packages: { ...debian(3).packages, 'linux-image-6.1.0-37-amd64': '6.1.140-1 unpacked' } }),
    ],
    [
      'Write its entry, and see why it was not written',
      rhel(images, {
        files: {
          '/boot/grub2/grub.cfg': '',
          [`/boot/loader/entries/a-${RELEASES[0]}.conf`]: `version ${RELEASES[0]}\nlinux /vmlinuz-${RELEASES[0]}\n`,
        },
      }),
    ],
    [
      'Write the menu anew',
      debian(3, { files: { '/boot/grub/grub.cfg': '\tlinux\t/vmlinuz-6.1.0-32-amd64 ro\n' } }),
    ],
  ])('are put right: %s', async (how, host) => {
    expect((await replay(plugin, kernelHost(host), '--no-old-code')).text).toContain(`\n${how}\n  `);
  });

  // Gentoo's sources, built and installed by hand.
  it.each([
    [
      'initrd',
      { 'vmlinuz-6.6.30-gentoo': 8e6, 'vmlinuz-6.6.41-gentoo': 8e6, 'initramfs-6.6.30-gentoo.img': 4e7 },
    ],
    ['image', { 'vmlinuz-6.6.30-gentoo': 8e6 }],
  ])('are an %s of a kernel of no package, which no tool of a distribution makes', async (what, boot) => {
    const modules = ['6.6.30-gentoo', '6.6.41-gentoo'];
    const host: KernelHost = { packages: null, release: '6.6.30-gentoo', build: '#1 SMP', modules, boot };
    const { code, text } = await replay(plugin, kernelHost(host), '--no-old-code', '--kernel-age', '200');
    expect([code, text]).toEqual([
      1,
      expect.stringContaining(`6.6.41-gentoo: the newest kernel has no ${what} in /boot`),
    ]);
    expect(commandsIn(text)).toEqual([]);
    expect(text).not.toContain('Install the package again');
  });

  it.each<readonly [string, KernelHost]>([
    ['no initrd for any of RHEL', rhel(images)],
    [
      'an initrd of one and images of none, which the loader has elsewhere',
      rhel({ [`initramfs-${RELEASES[0]}.img`]: 4e7 }),
    ],
    ['no file and no room in a /boot that is not used', rhel({}, { space: { available: 0 } })],
    ['no image for any of RHEL, whose loader has them elsewhere', rhel({ 'System.map': 5 })],
    [
      'initrds of RHEL',
      rhel({
        ...images,
        ...Object.fromEntries(RELEASES.map((release) => [`initramfs-${release}.img`, 4e7])),
      }),
    ],
    [
      'as much space as an initrd takes',
      debian(3, {
        boot: { ...debianBoot, 'initrd.img-6.1.0-37-amd64': 4096e4 },
        space: { available: 10_000 },
      }),
    ],
    [
      'less space than a file of somebody else takes, where there are no initrds',
      debian(3, {
        boot: { 'vmlinuz-6.1.0-32-amd64': 8e6, 'vmlinuz-6.1.0-37-amd64': 8e6, 'rescue.iso': 5e9 },
      }),
    ],
    [
      'less space than an initrd of another kernel takes',
      debian(3, { boot: { ...debianBoot, 'initrd.img-6.1.0-32-amd64': 5e8 } }),
    ],
    [
      'a kernel of another flavour as what was booted last',
      debian(3, {
        packages: { ...debian(3).packages, 'linux-image-6.1.0-32-rt-amd64': '6.1.129-1' },
        files: {
          '/boot/grub/grub.cfg': ['37-amd64', '32-amd64', '32-rt-amd64']
            .map((one) => `\tlinux\t/vmlinuz-6.1.0-${one} ro\n`)
            .join(''),
          '/etc/default/grub': 'GRUB_DEFAULT=saved\n',
          '/boot/grub/grubenv': 'saved_entry=gnulinux-advanced-1>gnulinux-6.1.0-32-rt-amd64-advanced-1\n####',
        },
      }),
    ],
    [
      'a pin to one that is installed',
      debian(3, { files: { '/etc/kernel/proxmox-boot-pin': '6.1.0-37-amd64' } }),
    ],
  ])('are not missed where there is %s', async (_, host) => {
    const [code, text] = await check(host);
    expect(text).not.toMatch(/boot\b.*(?:has|holds|is full)|the newest kernel|the next boot|pinned/);
    expect(code).toBe(0);
  });

  it('are taken for there where they could not be looked at, and inodes where nobody counts them', async () => {
    const initrd = '/boot/initrd.img-6.1.0-37-amd64';
    const denied = answering(debian(3), `ok stat ${initrd}`, `denied stat ${initrd}`);
    expect((await replay(plugin, denied, '--no-old-code')).code).toBe(0);
    const btrfs = kernelHost(debian(3, { space: { available: 100_000, filesFree: 0 } })).map((line) =>
      line.replace('files=1000 filesFree=0', 'files=0 filesFree=0'),
    );
    expect((await replay(plugin, btrfs, '--no-old-code')).code).toBe(0);
    const none = answering(debian(3), 'ok statfs /boot', 'absent statfs /boot');
    expect((await replay(plugin, none, '--no-old-code')).code).toBe(0);
  });

  it('count by the largest where the newest has no initrd yet', async () => {
    const boot = { ...debianBoot, 'initrd.img-6.1.0-32-amd64': 6e7, 'initrd.img-6.1.0-37-amd64': -1 };
    const text = firstLine(
      (await replay(plugin, kernelHost(debian(3, { boot, space: { available: 5 } })), '--no-old-code')).text,
    );
    expect(text).toContain('/boot: has 20 KiB left, an initrd needs 57.2 MiB');
  });
});

describe('since when a newer kernel waits', () => {
  const NEW = 'linux-image-6.1.0-37-amd64';
  const store = (letter: string, name: string) => `/nix/store/${letter.repeat(32)}-${name}/bzImage`;
  it.each<readonly [string, KernelHost, string]>([
    [
      'an entry of the log that is of an older kernel',
      { log: [LOG(90, '6.1.0-31-amd64', '6.1.128-1')] },
      'for 20 d',
    ],
    [
      'an entry of the log that is of another flavour',
      { log: [LOG(90, '6.1.0-37-rt-amd64', '6.1.140-1')] },
      'for 20 d',
    ],
    ['the log alone', { unpacked: {}, log: [LOG(30, '6.1.0-37-amd64', '6.1.140-1')] }, 'for 30 d'],
    [
      'a log of another newer one alone',
      { unpacked: {}, log: [LOG(30, '6.1.0-36-amd64', '6.1.139-1')] },
      'for at least 30 d',
    ],
    [
      'one that has no date, and the log of another',
      {
        packages: { ...debian(0).packages, 'linux-image-6.1.0-36-amd64': '6.1.139-1' },
        modules: ['6.1.0-32-amd64', '6.1.0-36-amd64', '6.1.0-37-amd64'],
        log: [],
      },
      'for at least 20 d',
    ],
    [
      'one that has the date of 1970, and the date of another',
      {
        packages: { ...debian(0).packages, 'linux-image-6.1.0-36-amd64': '6.1.139-1' },
        modules: ['6.1.0-32-amd64', '6.1.0-36-amd64', '6.1.0-37-amd64'],
        unpacked: { [NEW]: NOW - 20 * DAY, 'linux-image-6.1.0-36-amd64': 1 },
      },
      'for at least 20 d',
    ],
    [
      'a list of files of 1970',
      { unpacked: { [NEW]: 1 }, log: [LOG(30, '6.1.0-37-amd64', '6.1.140-1')] },
      'for 30 d',
    ],
    ['a list of files of 1970 alone', { unpacked: { [NEW]: 1 }, log: [] }, 'for an unknown time'],
    ['a list of files of next week', { unpacked: { [NEW]: NOW + 7 * DAY }, log: [] }, 'for an unknown time'],
    ['a list of files of a day ahead', { unpacked: { [NEW]: NOW + DAY }, log: [] }, 'for an unknown time'],
    ['a list of files of less than a day ahead', { unpacked: { [NEW]: NOW + DAY - 1 }, log: [] }, 'for 0 s'],
    ['a list of files of a clock that was wrong by an hour', { unpacked: { [NEW]: NOW + 3600 } }, 'for 0 s'],
  ])('is told by %s', async (_, more, text) => {
    expect((await check(debian(20, more)))[1]).toContain(`has been waiting for a reboot ${text}`);
  });

  const CUT = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.137-1~bpo12+1~with~a~long~name';
  it.each([
    ['6.1.137-1~bpo12+1~with~a~long~name~of~its~own', 'kernel_waits=0;'],
    ['6.1.139-1', 'kernel_waits=0;'],
  ])(
    'is not said of the running one, whose build is cut at 64 bytes, installed as %s',
    async (version, text) => {
      expect(Buffer.byteLength(CUT)).toBe(64);
      const packages = { 'linux-image-6.1.0-37-amd64': version };
      const host = debian(20, {
        release: '6.1.0-37-amd64',
        build: CUT,
        packages,
        modules: ['6.1.0-37-amd64'],
      });
      const [code, line] = await check(host);
      expect(line).toContain(text);
      expect(line).not.toContain('Not alarmed');
      expect(code).toBe(0);
    },
  );

  it('is told by names where the build of the running one says no version', async () => {
    const host = debian(20, { build: CUT });
    expect(await check(host)).toEqual([
      1,
      expect.stringContaining('6.1.0-32-amd64 runs, 6.1.0-37-amd64 has been waiting for a reboot for 20 d'),
    ]);
    expect((await replay(plugin, kernelHost(host), '--no-old-code')).text).toContain(
      'running 6.1.0-32-amd64, installed linux-image-6.1.0-37-amd64 6.1.140-1',
    );
    expect((await check({ ...host, build: '#1 SMP' }))[1]).toContain('for a reboot for 20 d');
  });

  // What the running kernel does not say of itself, its package does; the name alone where that is gone too.
  it.each<readonly [string, KernelHost, string]>([
    ['nothing', { build: '#1 SMP' }, 'running 6.1.0-32-amd64 (6.1.129-1), '],
    [
      'the beginning of its version',
      {
        build: CUT,
        packages: {
          ...debian(0).packages,
          'linux-image-6.1.0-32-amd64': '6.1.137-1~bpo12+1~with~a~long~name~of',
        },
      },
      'running 6.1.0-32-amd64 (6.1.137-1~bpo12+1~with~a~long~name~of), ',
    ],
    [
      'nothing, and is of no package',
      { build: '#1 SMP', packages: { 'linux-image-6.1.0-37-amd64': '6.1.140-1' } },
      'running 6.1.0-32-amd64, ',
    ],
  ])('names the running one, whose build says %s', async (_, more, text) => {
    const { text: all } = await replay(plugin, kernelHost(debian(20, more)), '--no-old-code');
    expect(all).toContain(`${text}installed linux-image-6.1.0-37-amd64 6.1.140-1`);
  });

  it('names a newest that is of no package by its release', async () => {
    const modules = ['6.6.30-0-lts', '6.6.41-0-lts'];
    const host = { packages: null, release: '6.6.30-0-lts', build: '#1-Alpine SMP', modules };
    const { text } = await replay(plugin, kernelHost(host), '--no-old-code');
    expect(text).toContain('running 6.6.30-0-lts (6.6.30-0), installed 6.6.41-0-lts 6.6.41-0');
  });

  it('is the newest of several, by version and not by name', async () => {
    const packages = Object.fromEntries(
      [9, 10, 11].map((abi) => [`linux-image-6.1.0-${abi}-amd64`, `6.1.${abi}-1`]),
    );
    const modules = [9, 10, 11].map((abi) => `6.1.0-${abi}-amd64`);
    const host = { release: '6.1.0-9-amd64', build: '#1 SMP Debian 6.1.9-1 (2023-05-08)', packages, modules };
    expect((await check(host))[1]).toContain('6.1.0-9-amd64 runs, 6.1.0-11-amd64 has been waiting');
  });

  // Debian's linux 3.16.7-ckt2-1 followed 3.16.7-2 under one name: letters, which rpm takes for older than a number.
  it('is told in the order of dpkg', async () => {
    const packages = { 'linux-image-3.16.0-4-amd64': '3.16.7-ckt2-1' };
    const build = '#1 SMP Debian 3.16.7-2 (2014-11-06)';
    const host = { release: '3.16.0-4-amd64', build, packages };
    expect((await check(host))[1]).toContain(
      '3.16.0-4-amd64 runs as built for 3.16.7-2, its update 3.16.7-ckt2-1 has been waiting',
    );
  });

  // The first update of RHEL 7.9: dpkg would take `.el7` for newer than `.119.1`.
  it('is told in the order of rpm', async () => {
    const rpm = ['1160.el7', '1160.119.1.el7'].map(
      (one) => `kernel\t3.10.0\t${one}\tx86_64\t${NOW - 20 * DAY}`,
    );
    const host = {
      rpm,
      build: '#1 SMP',
      release: '3.10.0-1160.el7.x86_64',
      modules: ['3.10.0-1160.el7.x86_64'],
    };
    expect((await check(host))[1]).toContain(
      '3.10.0-1160.el7.x86_64 runs, 3.10.0-1160.119.1.el7.x86_64 has been waiting for a reboot for 20 d',
    );
  });

  it('is told by the files of Oracle where rpm has nothing to say', async () => {
    const host = { packages: null, build: '#1 SMP', release: '5.15.0-205.149.5.1.el9uek.x86_64' };
    const [, text] = await check({ ...host, modules: ['5.15.0-206.153.7.el9uek.x86_64'] });
    expect(text).toContain('5.15.0-206.153.7.el9uek.x86_64 has been waiting for a reboot');
  });

  it('is told by the system alone on NixOS, whatever is in its /boot', async () => {
    const links = {
      '/run/booted-system/kernel': store('a', 'x'),
      '/run/current-system/kernel': store('a', 'x'),
    };
    const lines = kernelHost({ packages: null, release: '6.6.30', modules: [], links }).map((line) =>
      line === 'ok each /boot/*' ? 'denied each /boot/*' : line,
    );
    const { text } = await replay(plugin, lines, '--no-old-code');
    expect(text).toContain('boot: /boot/*: permission denied');
    expect(text).not.toContain('kernel: /boot/*');
    expect(text).toContain('kernel_waits=0;');
  });

  it('is not told to be none where the files could not all be read', async () => {
    const host = { packages: null, build: '#1 SMP', release: '6.9.3-arch1-1', modules: ['6.9.3-arch1-1'] };
    const lines = kernelHost(host).map((line) => (line === 'ok each /boot/*' ? 'denied each /boot/*' : line));
    const { code, text } = await replay(plugin, lines, '--no-old-code');
    expect([code, text]).toEqual([3, expect.stringContaining('boot: /boot/*: permission denied')]);
    expect(text).not.toContain('kernel_waits');
    expect((await check(host))[1]).toContain('kernel_waits=0;');
  });

  it.each([
    ['5.15.0-205.149.5.1.el9uek.x86_64', 1],
    ['5.15.0-205.149.5.1.el9.x86_64', 0],
  ])('of Oracle, where %s runs and was removed, is state %i', async (release, code) => {
    const host = { release, packages: null, build: '#1 SMP', modules: [release] };
    const rpm = [`kernel-uek-core\t5.15.0\t206.153.7.el9uek\tx86_64\t${NOW - 20 * DAY}`];
    const [status, text] = await check({ ...host, rpm });
    expect(text.includes('5.15.0-206.153.7.el9uek.x86_64 has been waiting')).toBe(code === 1);
    expect(text.includes('is of no package')).toBe(code === 0);
    expect(status).toBe(code);
  });

  it('is not known on NixOS where nothing has a time', async () => {
    const files = { '/run/current-system': '' };
    const links = {
      '/run/booted-system/kernel': store('a', 'linux-6.6.30'),
      '/run/current-system/kernel': store('b', 'linux-6.6.41'),
    };
    const lines = kernelHost({ packages: null, release: '6.6.30', modules: [], files, links }).map((line) =>
      line.replace(`modifiedAt=${NOW - 100 * DAY} changedAt=${NOW - 100 * DAY}`, 'modifiedAt=1 changedAt=1'),
    );
    const { code, text } = await replay(plugin, lines, '--no-old-code');
    expect(text).toContain(
      'linux-6.6.41 of the next system has been waiting for a reboot for an unknown time',
    );
    expect(text).toContain(`(${store('a', 'linux-6.6.30')}, ${store('b', 'linux-6.6.41')})`);
    expect(code).toBe(1);
  });

  it('is called by its whole path on NixOS where that is not one of the store', async () => {
    const booted = `/mnt${store('a', 'linux-6.6.30')}`;
    const next = `/nix/store/${'b'.repeat(33)}-linux-6.6.41/bzImage`;
    const links = { '/run/booted-system/kernel': booted, '/run/current-system/kernel': next };
    const files = { '/run/current-system': '' };
    const [, text] = await check({ packages: null, release: '6.6.30', modules: [], files, links });
    expect(text).toContain(`kernel: ${booted} runs, ${next} of the next system has been waiting`);
  });
});

describe('what else asks for a reboot, in numbers', () => {
  const quiet = (more: KernelHost): KernelHost =>
    debian(0, {
      release: '6.1.0-37-amd64',
      build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
      ...more,
    });

  it.each([
    [['a', 'b', 'c', 'd', 'e'], 'for a, b, c, d, e.'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'for a, b, c, d, e and 1 more.'],
    [['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'for a, b, c, d, e and 2 more.'],
    [['linux-base', 'kernel', 'pve-kernel-5.15', 'proxmox-kernel-6.8', 'libkernel'], 'for libkernel.'],
    [['linux-base', 'kernel'], 'for linux-base, kernel.'],
  ])('names packages: %j', async (required, text) => {
    expect(await check(quiet({ required }))).toEqual([
      1,
      expect.stringContaining(`/run/reboot-required, ${text}`),
    ]);
  });

  it.each([
    ['4.17.3', '4.17.3', false],
    ['4.17.10', '4.17.9', false],
    ['4.17.9', '4.17.10', true],
    ['4.17.9', '5', true],
    ['10.1.1', '9.9.9', false],
    // Numbers alone are compared.
    ['x4.17.9', '4.17.10', false],
  ])('is the hypervisor: %s runs, %s is installed: %s', async (running, installed, isDue) => {
    const [major = '', minor = '', extra = ''] = running.split('.');
    const files = {
      '/proc/xen/capabilities': 'control_d\n',
      '/sys/hypervisor/version/major': `${major}\n`,
      '/sys/hypervisor/version/minor': `${minor}\n`,
      '/sys/hypervisor/version/extra': `.${extra}\n`,
    };
    const xl =
      'Name                 ID   Mem VCPUs\tState\tTime(s)\nDomain-0              0  4096     4     r-----     123.4\n';
    const packages = { ...debian(0).packages, 'xen-hypervisor-4.17-amd64': `${installed}+23-ga4e5191dc0-1` };
    const [code, text] = await check(quiet({ files, xl, packages }));
    expect([code, text.includes(`Xen ${running} runs, ${installed} is installed`)]).toEqual([
      isDue ? 1 : 0,
      isDue,
    ]);
  });

  it('is a hypervisor, said with its package and what must be moved', async () => {
    const files = {
      '/proc/xen/capabilities': 'control_d\n',
      '/sys/hypervisor/version/major': '4\n',
      '/sys/hypervisor/version/minor': '17\n',
      '/sys/hypervisor/version/extra': '.3\n',
    };
    const xl =
      'Name                 ID   Mem VCPUs\tState\tTime(s)\nweb                   3  2048     2     -b----      17.0\n';
    const packages = { ...debian(0).packages, 'xen-hypervisor-4.17-amd64': '4.17.5+23-ga4e5191dc0-1' };
    const { text } = await replay(plugin, kernelHost(quiet({ files, xl, packages })), '--no-old-code');
    expect(text).toContain(
      'hypervisor: Xen 4.17.3 runs, 4.17.5 is installed (xen-hypervisor-4.17-amd64, 1 guest runs here and must be moved or shut down first: web)',
    );
    expect(commandsIn(text)).toEqual(['reboot']);
  });

  it('is said of the kernel too where the running one cannot be told', async () => {
    const lines = answering(
      quiet({ required: ['linux-base'] }),
      'ok bytes head /proc/sys/kernel/osrelease',
      'denied bytes head /proc/sys/kernel/osrelease',
    );
    const { text } = await replay(plugin, lines, '--no-old-code');
    expect(text).toContain('reboot: asked for by /run/reboot-required, for linux-base');
  });

  it('is not said where it could not be read', async () => {
    const lines = kernelHost(debian(20)).map((line) =>
      line === 'ok each /run/reboot-required*' ? 'failed each /run/reboot-required*' : line,
    );
    const { code, text } = await replay(plugin, lines, '--no-old-code');
    expect([code, text]).toEqual([
      1,
      expect.stringContaining('kernel: /run/reboot-required*: could not be read'),
    ]);
    expect(text).not.toContain('asks for it too');
  });

  it.each([
    [1, '1 guest runs here and must be moved or shut down first: g0)'],
    [10, '10 guests run here and must be moved or shut down first: g0, g1, g2, g3, g4, g5, g6, g7, g8, g9)'],
    [
      11,
      '11 guests run here and must be moved or shut down first: g0, g1, g2, g3, g4, g5, g6, g7, g8, g9 and 1 more)',
    ],
    [
      12,
      '12 guests run here and must be moved or shut down first: g0, g1, g2, g3, g4, g5, g6, g7, g8, g9 and 2 more)',
    ],
  ])('costs %i guests', async (count, text) => {
    const processes = Object.fromEntries(Array.from({ length: count }, (_, i) => [4711 + i, qemu(`g${i}`)]));
    const host = quiet({ processes, required: ['libc6'] });
    const { text: all } = await replay(plugin, kernelHost(host), '--no-old-code');
    expect(all).toContain(text);
    expect(firstLine(all)).toContain(`, ${count} guest${count === 1 ? '' : 's'} |`);
    expect(commandsIn(all)).toEqual(['reboot']);
  });
});

describe('clocks and the uptime, at their bounds', () => {
  it.each([
    [180, false],
    [180 + 1 / DAY, true],
  ])('of %d days: a boot that has not been tried: %s', async (days, isLong) => {
    const host = debian(3, { uptime: days * DAY });
    const { text } = await replay(plugin, kernelHost(host), '--no-old-code', '-w', '100d');
    expect(text).toContain('booted 2025-');
    expect(text.includes('its boot has not been tried since')).toBe(isLong);
    expect(text.includes('Plan a reboot while somebody can watch it')).toBe(isLong);
  });

  it.each([
    [300, 0],
    [301, 1],
    [-300, 0],
    [-301, 1],
  ])('that are %i s apart end with %i', async (seconds, code) => {
    const files = { '/proc/stat': `btime ${NOW - DAY + seconds}\n` };
    const [status, text] = await check(debian(3, { files }), '--clock', 'warning');
    expect([status, text.includes('are 5.02 min apart')]).toEqual([code, code === 1]);
  });

  it('are not compared with a boot time that could not be read', async () => {
    const question = String.raw`lines btime\x20 /proc/stat`;
    const lines = answering(debian(3), `ok ${question}`, `denied ${question}`);
    const { code, text } = await replay(plugin, lines, '--no-old-code', '--clock', 'warning');
    expect(code).toBe(0);
    expect(text).not.toContain('clock:');
  });
});

describe('old code, in numbers', () => {
  const quiet = (processes: KernelHost['processes'] & object, more: KernelHost = {}): KernelHost =>
    debian(0, {
      release: '6.1.0-37-amd64',
      build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
      processes,
      ...more,
    });
  const SSL = '/usr/lib/libssl.so.3';
  const many = (count: number, one: (i: number) => TestProcess) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [900 + i, one(i)]));
  const ssh = { program: 'sshd', maps: [mapping(SSL)], cgroup: '0::/system.slice/ssh.service\n' };

  it.each([
    [10, '(pid 900, 901, 902, 903, 904, 905, 906, 907, 908, 909)'],
    [11, '(pid 900, 901, 902, 903, 904, 905, 906, 907, 908, 909, ...)'],
  ])('of %i processes of a service', async (count, pids) => {
    const [, line, text] = await memoryOf(quiet(many(count, () => ssh)));
    expect(line).toContain(`, ${count} with old code`);
    expect(text).toContain(pids);
  });

  it.each([
    [['/a.so', '/b.so'], 'runs old code: deleted /a.so, deleted /b.so ('],
    [['/a.so', '/b.so', '/c.so', '/d.so'], 'runs old code: deleted /a.so, deleted /b.so and 2 more ('],
  ])('of files: %j', async (files, text) => {
    expect(
      (await memoryOf(quiet({ 900: { ...ssh, maps: files.map((file) => mapping(file)) } })))[2],
    ).toContain(text);
  });

  it('of a program comes before that of its libraries', async () => {
    const maps = ['/a.so', '/b.so', '/usr/sbin/sshd'].map((file) => mapping(file));
    const [, , text] = await memoryOf(quiet({ 900: { ...ssh, maps, exe: '/usr/sbin/sshd (deleted)' } }));
    expect(text).toContain('runs old code: deleted /usr/sbin/sshd, deleted /a.so and 1 more');
    const processes = {
      900: { ...ssh, maps, exe: '/usr/sbin/sshd (deleted)' },
      901: { ...ssh, maps: [mapping('/usr/sbin/sshd')] },
    };
    expect((await memoryOf(quiet(processes)))[2]).toContain(
      'runs old code: deleted /usr/sbin/sshd, deleted /a.so',
    );
  });

  it.each([
    [1, '1 process runs old code: p0'],
    [6, '6 processes run old code: p0, p1, p2, p3, p4 ('],
  ])('of %i processes of one container', async (count, text) => {
    const cgroup = `0::/system.slice/docker-${'0123456789abcdef'.repeat(4)}.scope\n`;
    const processes = many(count, (i) => ({ program: `p${i}`, maps: [mapping(SSL)], cgroup }));
    expect((await memoryOf(quiet(processes)))[2]).toContain(`docker 0123456789ab: ${text}`);
  });

  it.each([
    ['/user.slice/user-1000.slice/session-3.scope', 'x of a session', null],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/session-migration.service',
      'session-migration.service of user 1000',
      null,
    ],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/pipewire.service',
      'pipewire.service of user 1000',
      null,
    ],
    ['/system.slice/cron.service', 'cron.service', 'systemctl restart cron.service'],
    ['/system.slice/virtlockd.service', 'virtlockd.service', 'systemctl reload virtlockd.service'],
    ['/system.slice/gdm3.service', 'gdm3.service', null],
    ['/system.slice/foo.scope', 'foo.scope', null],
    ['/', 'x', null],
  ])('of %s is that of %s', async (path, subject, command) => {
    const [code, , text] = await memoryOf(
      quiet({ 900: { program: 'x', maps: [mapping(SSL)], cgroup: `0::${path}\n` } }),
    );
    expect(text).toContain(`${subject}: runs old code`);
    expect([code, commandsIn(text)]).toEqual([1, command === null ? [] : [command]]);
  });

  // As Debian, Proxmox and the RHEL family call them.
  it.each([
    ...[
      'dbus',
      'dbus-broker',
      'user@1000',
      'gdm',
      'gdm3',
      'lxc',
      'lxc-net',
      'lxcfs',
      'lxd',
      'lxd-agent',
      'incus',
    ],
    ...[
      'incus-user',
      'xen',
      'xendomains',
      'openvswitch',
      'openvswitch-switch',
      'ovs-vswitchd',
      'ovsdb-server',
    ],
    ...['pacemaker', 'pacemaker_remote', 'pve-ha-lrm', 'bird', 'bird6', 'strongswan', 'strongswan-starter'],
    ...['openvpn', 'openvpn-server@lan'],
  ])('of %s is left to a plan, or a reboot', async (name) => {
    const processes = { 900: { ...ssh, cgroup: `0::/system.slice/${name}.service\n` } };
    const [, , text] = await memoryOf(quiet(processes));
    expect(text).toContain(`\n${name}.service is not restarted without harm to others: plan it, or reboot\n`);
    expect(commandsIn(text)).toEqual([]);
  });

  it.each(['docker-registry', 'prometheus-bird-exporter', 'prometheus-libvirt-exporter'])(
    'of %s is ended by a restart, though its name is like one of those',
    async (name) => {
      const processes = { 900: { ...ssh, cgroup: `0::/system.slice/${name}.service\n` } };
      expect(commandsIn((await memoryOf(quiet(processes)))[2])).toEqual([
        `systemctl restart ${name}.service`,
      ]);
    },
  );

  it.each([
    [1, 'systemd', '/init.scope', ['systemctl daemon-reexec']],
    [1, 'init', '/', []],
    [700, 'systemd', '/user.slice/user-1000.slice/user@1000.service/init.scope', []],
  ])('of process %i, %s in %s, is put right by itself: %j', async (pid, program, path, commands) => {
    const subject = pid === 1 ? program : 'user@1000.service';
    const processes = { [pid]: { program, maps: [mapping(SSL)], cgroup: `0::${path}\n` } };
    const [, , text] = await memoryOf(quiet(processes));
    expect(commandsIn(text)).toEqual(commands);
    expect(text).toContain(` ${subject}: runs old code`);
    expect(text.includes('\nThe service manager starts itself anew\n')).toBe(commands.length > 0);
  });

  it.each([
    [
      0,
      { 900: { program: 'x', maps: 'denied' } },
      '1 process of other users (root itself lacks the capability SYS_PTRACE here)',
    ],
    [
      1000,
      { 900: { program: 'x', maps: 'denied' }, 901: { program: 'x', maps: 'denied' } },
      '2 processes of other users (root sees all)',
    ],
  ])('is not looked for by user %i in what is closed', async (uid, processes, text) => {
    expect((await memoryOf(quiet(processes, { uid })))[2]).toContain(`old code: not looked for in ${text}`);
  });

  it.each([
    ['failed', 3],
    ['timedOut', 2],
  ])('that could not be looked for has the state of its cause: %s', async (why, code) => {
    const processes = { 900: { program: 'x', maps: 'failed' }, 901: { program: 'y', maps: why } };
    expect((await memoryOf(quiet(processes), '--timeout', '10:critical'))[0]).toBe(code);
  });

  const HANGS = 'failed';
  it.each([
    [['denied', HANGS], '1 process of other users and 1 that hang in the kernel (root sees all)'],
    [[HANGS, HANGS], '2 that hang in the kernel\n'],
  ])('is not looked for in what hangs: %j', async (all, text) => {
    const processes = Object.fromEntries(all.map((maps, i) => [900 + i, { program: 'x', maps }]));
    const lines = kernelHost(quiet(processes, { uid: 1000 })).flatMap((line) =>
      line.startsWith('failed lines') ? [line, '  #the process hangs in the kernel'] : [line],
    );
    const { code, text: long } = await replay(plugin, lines);
    expect([code, long]).toEqual([0, expect.stringContaining(`old code: not looked for in ${text}`)]);
    expect(long).not.toMatch(/old_processes|no old code/);
  });

  it('of one of two guests of Xen is said of that one', async () => {
    const argv = ['qemu-system-i386', '-xen-domid', '4', '-no-shutdown', '-chardev', 'socket,id=libxl-cmd'];
    const xl =
      'Name                 ID   Mem VCPUs\tState\tTime(s)\nweb                   3  2048     2     -b----      17.0\n' +
      'db                    4  2048     2     -b----      17.0\n';
    const processes = { 4711: { program: 'qemu-system-i386', argv, maps: [mapping(SSL)] } };
    const files = { '/proc/xen/capabilities': 'control_d\n' };
    expect((await memoryOf(quiet(processes, { xl, files })))[1]).toContain('db: runs on old code');
  });

  it('that was found counts where more may be there', async () => {
    const processes = { 900: { program: 'x', maps: 'denied' }, 901: ssh };
    const [code, , text] = await memoryOf(quiet(processes, { uid: 1000 }));
    expect(text).toContain('old_processes=1;');
    expect(text).not.toContain('old_guests=');
    expect(code).toBe(1);
  });
});

describe('what did not answer in time has the state of --timeout', () => {
  it.each([
    ['each /boot/*', 'boot: /boot/*: '],
    ['statfs /boot', 'boot: /boot: '],
    ['each /lib/modules/*', 'kernel: /lib/modules/*: '],
    ['bytes head /proc/uptime', 'uptime: /proc/uptime: '],
    [
      'lines vmlinuz- /boot/grub/grub.cfg',
      'boot: the kernel of the next boot is not known: /boot/grub/grub.cfg: ',
    ],
  ])('%s', async (question, line) => {
    const of = async (why: string) => {
      const lines = kernelHost(
        debian(0, {
          release: '6.1.0-37-amd64',
          build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
        }),
      );
      const at = lines.findIndex((one) => /^(?:ok|absent) (.*)$/.exec(one)?.[1] === question);
      let end = at + 1;
      while (lines[end]?.startsWith('  ') === true) end += 1;
      const instead = lines.toSpliced(at, end - at, `${why} ${question}`);
      return replay(plugin, instead, '--no-old-code', '--timeout', '10:critical');
    };
    expect((await of('failed')).code).toBe(3);
    const slow = await of('timedOut');
    expect([slow.code, slow.text]).toEqual([
      2,
      expect.stringContaining(`CRITICAL - ${line}did not answer in time`),
    ]);
  });
});

describe('where another kernel than the running one is pinned, or its modules are gone', () => {
  it('a newer one waits still', async () => {
    const host = debian(20, { files: { '/etc/kernel/proxmox-boot-pin': '6.1.0-37-amd64' } });
    expect(await check(host)).toEqual([1, expect.stringContaining('has been waiting for a reboot for 20 d')]);
  });

  it('that is said of the newest too', async () => {
    const build = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)';
    const host = debian(20, { release: '6.1.0-37-amd64', build, modules: ['6.1.0-32-amd64'] });
    expect(await check(host)).toEqual([
      1,
      expect.stringContaining(
        'modules: /lib/modules/6.1.0-37-amd64 is gone, the running kernel can load no more',
      ),
    ]);
  });
});
