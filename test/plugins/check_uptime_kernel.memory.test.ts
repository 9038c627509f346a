/** What the check remembers: since when the first newer kernel waits, and when the boot was. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import plugin from '../../plugins/check_uptime_kernel.ts';
import { DAY, kernelHost, NOW, type KernelHost } from '../kernel-host.ts';
import { replay } from '../plugin-test.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'memory-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function check(
  days: number,
  host: KernelHost,
  ...args: readonly string[]
): Promise<readonly [number, string]> {
  const recording = kernelHost({ ...host, now: NOW + days * DAY, uptime: (100 + days) * DAY });
  const { code, text } = await replay(plugin, recording, '--no-old-code', '--state-dir', directory, ...args);
  return [code, text.split('\n')[0] ?? ''];
}

const BOOT = '11111111-2222-3333-4444-555555555555';

/** Debian whose log was removed. */
const debian = {
  release: '6.1.0-32-amd64',
  build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06)',
  packages: { 'linux-image-6.1.0-32-amd64': '6.1.129-1', 'linux-image-6.1.0-37-amd64': '6.1.140-1' },
  modules: ['6.1.0-32-amd64', '6.1.0-37-amd64'],
  log: null,
} satisfies KernelHost;

it('counts from the first look where nothing else tells, and each further update does not begin anew', async () => {
  expect(await check(0, debian)).toEqual([1, expect.stringContaining('for an unknown time')]);
  expect(await check(10, debian)).toEqual([
    0,
    expect.stringContaining('has been waiting for a reboot for 10 d'),
  ]);
  const packages = { 'linux-image-6.1.0-32-amd64': '6.1.129-1', 'linux-image-6.1.0-39-amd64': '6.1.148-1' };
  const modules = ['6.1.0-32-amd64', '6.1.0-39-amd64'];
  const later = { ...debian, packages, modules, unpacked: { 'linux-image-6.1.0-39-amd64': NOW + 19 * DAY } };
  expect(await check(20, later)).toEqual([
    1,
    expect.stringContaining('6.1.0-39-amd64 has been waiting for a reboot for 20 d'),
  ]);
  expect(await check(70, later)).toEqual([2, expect.stringContaining('for 70 d, at most 60 d is allowed')]);
  expect((await check(80, later))[1]).toContain('for 80 d, at most 60 d is allowed');
});

it('counts from the first look where something else asks for a reboot too', async () => {
  await check(0, { ...debian, required: ['libc6'] });
  expect((await check(10, debian))[1]).toContain('has been waiting for a reboot for 10 d');
});

it('counts from the first look on NixOS too, where the system has no time', async () => {
  const store = (letter: string, name: string) => `/nix/store/${letter.repeat(32)}-${name}/bzImage`;
  const links = {
    '/run/booted-system/kernel': store('a', 'linux-6.6.30'),
    '/run/current-system/kernel': store('b', 'linux-6.6.41'),
  };
  const nix = { packages: null, release: '6.6.30', modules: [], links } satisfies KernelHost;
  expect(await check(0, nix)).toEqual([1, expect.stringContaining('for an unknown time')]);
  expect(await check(10, nix)).toEqual([
    0,
    expect.stringContaining('has been waiting for a reboot for 10 d'),
  ]);
});

it('begins anew after the reboot', async () => {
  await check(0, debian);
  const rebooted = {
    ...debian,
    release: '6.1.0-37-amd64',
    build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
    bootId: 'b',
  };
  expect(await check(69, rebooted)).toEqual([0, expect.stringContaining('kernel_waits=0;')]);
  // What else asks for a reboot is no kernel that waits.
  expect(await check(70, { ...rebooted, required: ['libc6'] })).toEqual([
    1,
    expect.stringContaining('kernel_waits=0;'),
  ]);
  const packages = { ...debian.packages, 'linux-image-6.1.0-39-amd64': '6.1.148-1' };
  const modules = [...debian.modules, '6.1.0-39-amd64'];
  const unpacked = { 'linux-image-6.1.0-39-amd64': NOW + 70 * DAY };
  const newer = { ...rebooted, packages, modules, unpacked };
  expect((await check(71, newer))[1]).toContain('for at least 24 h');
});

it('begins anew after a reboot into a kernel that has a newer one already', async () => {
  await check(0, debian);
  const rebooted = {
    ...debian,
    release: '6.1.0-37-amd64',
    build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
    packages: { ...debian.packages, 'linux-image-6.1.0-39-amd64': '6.1.148-1' },
    modules: [...debian.modules, '6.1.0-39-amd64'],
    unpacked: { 'linux-image-6.1.0-39-amd64': NOW + 70 * DAY },
    bootId: 'b',
  };
  expect((await check(71, rebooted))[1]).toContain('for at least 24 h');
});

it('says that the clock was set within the same boot', async () => {
  await check(0, debian);
  const host = { ...debian, files: { '/proc/stat': `btime ${NOW + 3 * DAY - 100 * DAY}\n` } };
  const recording = kernelHost({ ...host, now: NOW + 3 * DAY, uptime: 100 * DAY });
  const { text } = await replay(plugin, recording, '--no-old-code', '--state-dir', directory);
  expect(text).toContain('clock: was set forward by 3 d since the last look, in the same boot');
});

it.each([
  [300, null],
  [301, 'forward'],
  [-300, null],
  [-301, 'back'],
])('has a bound for a clock that was set by %i s: %s', async (seconds, way) => {
  await check(0, debian);
  const recording = kernelHost({ ...debian, now: NOW + 600 + seconds, uptime: 100 * DAY + 600 });
  const { code, text } = await replay(
    plugin,
    recording,
    ...['--no-old-code', '--state-dir', directory, '--clock', 'critical'],
  );
  expect(code).toBe(way === null ? 0 : 2);
  expect(text.includes(`clock: was set ${way ?? ''} by 5.02 min since the last look`)).toBe(way !== null);
});

it.each([
  ['a', 'b'],
  ['', ''],
])('says nothing of the clock where boot %j was before, and now it is %j', async (before, bootId) => {
  await check(0, { ...debian, bootId: before });
  const files = { '/proc/stat': `btime ${NOW + 3 * DAY - 100 * DAY}\n` };
  const other = kernelHost({ ...debian, files, now: NOW + 3 * DAY, uptime: 100 * DAY, bootId });
  const { text } = await replay(plugin, other, '--no-old-code', '--state-dir', directory);
  expect(text).not.toContain('clock:');
});

it.each([
  '',
  'null',
  '[]',
  '{"value":{}}',
  '{"value":{"kernel":7}}',
  ...[
    undefined,
    null,
    7,
    'x',
    { kernel: 7, bootedAt: 1_700_000_000 },
    { kernel: 'k', since: 'x', bootedAt: -1 },
    { kernel: 'k', since: 0, bootedAt: 0 },
    { kernel: 'k', since: 9e12, bootedAt: 9e12 },
    { kernel: 'k', since: true, bootedAt: '1700000000' },
  ].map((value) => JSON.stringify({ epochSeconds: 1, bootId: BOOT, value })),
])('is not led astray by a memory that holds %j', async (text) => {
  await check(0, debian);
  const [file = ''] = readdirSync(directory);
  writeFileSync(join(directory, file), text);
  expect(await check(10, debian, '--clock', 'critical')).toEqual([
    1,
    expect.stringContaining('for an unknown time, at most 14 d is allowed. up 110 d'),
  ]);
  expect(JSON.parse(readFileSync(join(directory, file), 'utf8'))).toMatchObject({
    value: { since: NOW + 10 * DAY },
  });
});

it('remembers when the boot was where the kernel cannot be told', async () => {
  const unread = (days: number): string[] =>
    kernelHost({ ...debian, now: NOW + days * DAY, uptime: 100 * DAY })
      .map((line) => line.replace(/^ok (bytes head \/proc\/sys\/kernel\/osrelease)$/, 'denied $1'))
      .filter((line) => line !== '  |6.1.0-32-amd64');
  const look = async (days: number) =>
    (await replay(plugin, unread(days), '--no-old-code', '--state-dir', directory)).text;
  expect(await look(0)).not.toContain('clock: was set');
  expect(await look(3)).toContain('clock: was set forward by 3 d since the last look');
});

it('keeps what it knows while the kernel cannot be told', async () => {
  await check(0, debian);
  const unread = kernelHost({ ...debian, now: NOW + DAY, uptime: 101 * DAY })
    .map((line) =>
      line.replace(
        'ok bytes head /proc/sys/kernel/osrelease',
        'denied bytes head /proc/sys/kernel/osrelease',
      ),
    )
    .filter((line) => line !== '  |6.1.0-32-amd64');
  expect((await replay(plugin, unread, '--no-old-code', '--state-dir', directory)).code).toBe(3);
  expect((await check(30, debian))[1]).toContain('for 30 d');
});
