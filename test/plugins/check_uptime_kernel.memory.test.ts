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
});

it('begins anew after the reboot', async () => {
  await check(0, debian);
  const rebooted = {
    ...debian,
    release: '6.1.0-37-amd64',
    build: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
    bootId: 'b',
  };
  expect(await check(70, rebooted)).toEqual([0, expect.stringContaining('kernel_waits=0;')]);
  const packages = { ...debian.packages, 'linux-image-6.1.0-39-amd64': '6.1.148-1' };
  const modules = [...debian.modules, '6.1.0-39-amd64'];
  const unpacked = { 'linux-image-6.1.0-39-amd64': NOW + 70 * DAY };
  const newer = { ...rebooted, packages, modules, unpacked };
  expect((await check(71, newer))[1]).toContain('for at least 24 h');
});

it('says that the clock was set within the same boot', async () => {
  await check(0, debian);
  const host = { ...debian, files: { '/proc/stat': `btime ${NOW + 3 * DAY - 100 * DAY}\n` } };
  const recording = kernelHost({ ...host, now: NOW + 3 * DAY, uptime: 100 * DAY });
  const { text } = await replay(plugin, recording, '--no-old-code', '--state-dir', directory);
  expect(text).toContain('clock: was set forward by 3 d since the last look, in the same boot');
  const other = kernelHost({ ...host, now: NOW + 3 * DAY, uptime: 100 * DAY, bootId: 'another' });
  expect((await replay(plugin, other, '--no-old-code', '--state-dir', directory)).text).not.toContain(
    'clock:',
  );
});

it.each([
  '',
  'null',
  '[]',
  '{"value":{}}',
  '{"value":{"kernel":7}}',
  '{"epochSeconds":1,"bootId":"x","value":{"kernel":"k","since":"x","bootedAt":-1}}',
])('is not led astray by a memory that holds %j', async (text) => {
  await check(0, debian);
  const [file = ''] = readdirSync(directory);
  writeFileSync(join(directory, file), text);
  expect(await check(10, debian)).toEqual([1, expect.stringContaining('for an unknown time')]);
  expect(JSON.parse(readFileSync(join(directory, file), 'utf8'))).toMatchObject({
    value: { since: NOW + 10 * DAY },
  });
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
