/** Whatever a host answers, the check does not break, and no missing answer makes a fault OK. */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import plugin from '../../plugins/check_uptime_kernel.ts';
import { DAY, kernelHost, mapping, NOW, type TestProcess } from '../kernel-host.ts';
import { replay } from '../plugin-test.ts';
import { spoiledOf } from '../spoiled.ts';

const VERSIONS = ['6.1.27', '6.1.99', '6.1.137', '6.1.140'] as const;
const release = fc
  .constantFrom(...VERSIONS)
  .map((version) => `${version.replace(/[0-9]+$/, '0')}-${version.split('.')[2] ?? ''}-amd64`);

const file = fc.constantFrom('/usr/lib/libssl.so.3', '/usr/bin/x', '/memfd:jit', '/tmp/y');
const process: fc.Arbitrary<TestProcess> = fc
  .record({
    maps: fc.array(file, { maxLength: 2 }),
    isGuest: fc.boolean(),
    place: fc.constantFrom('0::/system.slice/a.service\n', '0::/\n', '1:name=systemd:/lxc/web\n'),
  })
  .map(({ maps, isGuest, place }) => ({
    program: isGuest ? 'qemu-system-x86_64' : 'daemon',
    maps: maps.map((path) => mapping(path)),
    cgroup: place,
    ...(isGuest ? { argv: ['qemu-system-x86_64', '-name', 'guest=acrux'] } : {}),
  }));

const host = fc
  .record({
    running: release,
    installed: fc.uniqueArray(release, { maxLength: 3 }),
    days: fc.constantFrom(1, 20, 100),
    logged: fc.option(fc.constantFrom(5, 30, 200)),
    hasInitrd: fc.boolean(),
    modules: fc.uniqueArray(release, { maxLength: 3 }),
    available: fc.constantFrom(100, 100_000),
    required: fc.option(fc.subarray(['libc6', 'linux-base'])),
    uptime: fc.constantFrom(100, 40_000_000),
    isRpm: fc.boolean(),
    processes: fc.array(process, { maxLength: 2 }),
  })
  .map(
    ({
      running,
      installed,
      days,
      logged,
      hasInitrd,
      modules,
      available,
      required,
      uptime,
      isRpm,
      processes,
    }) => {
      const version = (name: string): string => name.replace('.0-', '.').replace('-amd64', '-1');
      const packages = Object.fromEntries(installed.map((name) => [`linux-image-${name}`, version(name)]));
      const at = new Date((NOW - (logged ?? 0) * DAY) * 1000).toISOString().slice(0, 19).replace('T', ' ');
      return kernelHost({
        release: running,
        build: `#1 SMP PREEMPT_DYNAMIC Debian ${version(running)} (2025-05-22)`,
        packages: isRpm ? null : packages,
        rpm: isRpm
          ? installed.map(
              (name) => `kernel-core\t${name.slice(0, 3)}\t${name.slice(6, -6)}\tx86_64\t${NOW - days * DAY}`,
            )
          : null,
        unpacked: isRpm
          ? {}
          : Object.fromEntries(Object.keys(packages).map((name) => [name, NOW - days * DAY])),
        log: installed.map((name) => `${at} status installed linux-image-${name}:amd64 ${version(name)}`),
        boot: Object.fromEntries(
          installed.flatMap((name, index) => [
            [`vmlinuz-${name}`, 8e6],
            ...(hasInitrd || index > 0 ? [[`initrd.img-${name}`, 40e6] as const] : []),
          ]),
        ),
        modules,
        space: { available },
        required,
        uptime,
        processes: Object.fromEntries(processes.map((one, index) => [700 + index, one])),
      });
    },
  );

const spoiled = spoiledOf(host);

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines, '-v');
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^UPTIME_KERNEL (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 300 },
  );
});

/**
 * What may be missed without a word: what is no fault where it is not there (the records of dpkg on another distribution, the
 * database or the tool of rpm, /boot), and other users' processes, which are counted (--old-code-denied).
 */
const EXCUSED =
  /^(?:absent (?:bytes whole \/var\/lib\/dpkg\/status|statfs \/boot|run rpm)|denied lines \S+ \/proc\/[0-9]+\/maps|\w+ stat \/(?:var\/lib|usr\/lib\/sysimage)\/rpm$)/;

it('never turns a fault into OK because something could not be read', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ whole, spoiled: lines }) => {
      const before = await replay(plugin, whole);
      fc.pre(before.code !== 0);
      fc.pre(!lines.some((line, index) => line !== whole[index] && EXCUSED.test(line)));
      const after = await replay(plugin, lines);
      expect([after.code, after.text]).not.toEqual([0, expect.anything()]);
    }),
    { numRuns: 1000 },
  );
});
