/** check_guest_migration on hosts that answer anything: it never throws, and never takes "could not look" for "can move". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { optsOf } from '../../lib/parsers/qemu-hardware.ts';
import { parseMountinfo } from '../../lib/parsers/mountinfo.ts';
import { FormatError } from '../../lib/parsers/text.ts';
import { place } from '../../lib/rules/placement.ts';
import plugin from '../../plugins/check_guest_migration.ts';
import { definition } from '../guest-host.ts';
import {
  cpuinfo,
  disk,
  guest,
  migrationHosts,
  NFS_DEVICE,
  NFS_MOUNT,
  ROOT_DEVICE,
  type MigrationHostParts,
} from '../migration-host.ts';
import { replay } from '../plugin-test.ts';
import { spoiledOf } from '../spoiled.ts';

const FILES = {
  '/srv/a': { device: ROOT_DEVICE },
  '/srv/nfs/a': { device: NFS_DEVICE },
  '/dev/vg/a': { block: 'dm-0' },
};
const argument = fc.constantFrom<readonly string[]>(
  [],
  ['-cpu', 'Haswell,+invtsc'],
  ['-cpu', 'host'],
  ['-netdev', 'bridge,br=br7,id=n'],
  ['-device', 'vfio-pci,host=06:12.1'],
  disk('/srv/a'),
  disk('/srv/nfs/a'),
  disk('/dev/vg/a'),
);
const one = fc
  .record({
    guests: fc.array(argument, { maxLength: 3 }),
    flags: fc.constantFrom('fpu', 'fpu avx2 aes'),
    isDefined: fc.boolean(),
  })
  .map(({ guests, flags, isDefined }): MigrationHostParts => ({
    qemu: Object.fromEntries(guests.map((args, index) => [100 + index, guest(`g${index}`, ...args)])),
    definitions: isDefined ? { g0: definition('g0', '') } : {},
    cpuinfo: cpuinfo(flags),
    mounts: [NFS_MOUNT],
    files: FILES,
    blocks: { 'dm-0': { slaves: ['sda'], dm: 'vg-a' }, sda: {} },
  }));
const pair = fc.tuple(one, one).map(([here, jill]) => migrationHosts(here, { jill: { ...jill, qemu: {} } }));
const twins = one.map((here) => migrationHosts(here, { jill: here }));
const ARGS = ['--partner', 'jill', '--not-compared', 'unknown'];

it('never throws, whatever the hosts answer, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiledOf(fc.oneof(pair, twins)), async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines, ...ARGS);
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^GUEST_MIGRATION (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 80 },
  );
});

/**
 * What may be missed without a word: a guest or a definition that ended while it was read, a folder of snapshots that went away, a
 * device that vanished from /sys, and tools of libvirt that guests which are not of libvirt need not have.
 */
const EXCUSED =
  /^(?:absent|vanished) bytes (?:head \/proc\/[0-9]+\/cmdline|whole \/etc)|^absent (?:each|list) |^(?:absent|vanished) (?:link|list|stat) |^\S+ (?:run|link|list \/sys\/class\/block|bytes head \/sys\/class\/block) ?|^\S+ each \/run\/libvirt/;

it.each([
  ['a reason', pair],
  ['a split brain', twins],
] as const)('never turns %s into OK because something could not be read', async (_, hosts) => {
  await fc.assert(
    fc.asyncProperty(spoiledOf(hosts), async ({ whole, spoiled: lines }) => {
      const strict = [
        ...ARGS,
        '--definitions-denied',
        'warning',
        '--undefined',
        'warning',
        '--host-cpu',
        'warning',
        '--twin',
        'warning',
      ];
      const before = await replay(plugin, whole, ...strict);
      fc.pre(before.code === 1 || before.code === 2);
      fc.pre(!lines.some((line, index) => line !== whole[index] && EXCUSED.test(line)));
      const after = await replay(plugin, lines, ...strict);
      expect(after.code, after.text).not.toBe(0);
    }),
    { numRuns: 100 },
  );
});

it('takes any command line and definition', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }), async (bytes, xml) => {
      const lines = migrationHosts({ qemu: { 7: Buffer.from(bytes) }, definitions: { x: xml } });
      expect([0, 1, 3]).toContain((await replay(plugin, lines)).code);
    }),
    { numRuns: 60 },
  );
});

it('takes any option of qemu and any text for mounts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(optsOf(text, 'driver')).toBeInstanceOf(Map);
      try {
        parseMountinfo(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});

it('never gives a partner more than it has room for, and loses no guest', () => {
  const rooms = ['a', 'b'].map((name) =>
    fc.record({ name: fc.constant(name), availableBytes: fc.nat(100), hugeFreeBytes: fc.nat(100) }),
  );
  const arrival = fc.record({
    bytes: fc.nat(60),
    hugePages: fc.boolean(),
    possible: fc.subarray(['a', 'b'], { minLength: 1 }),
  });
  fc.assert(
    fc.property(fc.tuple(...rooms), fc.array(arrival, { maxLength: 6 }), (all, some) => {
      const arrivals = some.map((guestOf, index) => ({ ...guestOf, guest: `g${index}` }));
      const { to, homeless } = place(arrivals, all);
      expect(to.size + homeless.length).toBe(arrivals.length);
      for (const { name, availableBytes, hugeFreeBytes } of all) {
        const taken = arrivals.filter((guestOf) => to.get(guestOf.guest) === name);
        const sum = (isHuge: boolean): number =>
          taken
            .filter(({ hugePages }) => hugePages === isHuge)
            .reduce((total, { bytes }) => total + bytes, 0);
        expect(sum(false)).toBeLessThanOrEqual(availableBytes);
        expect(sum(true)).toBeLessThanOrEqual(hugeFreeBytes);
        for (const guestOf of taken) expect(guestOf.possible).toContain(name);
      }
    }),
  );
});
