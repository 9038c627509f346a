/** check_invtsc on hosts that answer anything: it never throws, and never takes "could not look" for "looked and fine". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { QEMU_PROGRAMS } from '../../lib/parsers/qemu-argv.ts';
import plugin from '../../plugins/check_invtsc.ts';
import { definition, guestHost, uuidOf } from '../guest-host.ts';
import { replay } from '../plugin-test.ts';
import { xlList, xlListLong } from '../xen-host.ts';
import { spoiledOf } from '../spoiled.ts';

const cpu = fc.constantFrom(
  'Haswell',
  'host',
  'host,migratable=off',
  'Haswell,+invtsc',
  'Haswell,invtsc=on,tsc-frequency=2400000000',
);
const definedCpu = fc.constantFrom(
  "<cpu mode='host-model'/>",
  "<cpu mode='host-passthrough' migratable='off'/>",
  "<cpu><model>Haswell</model><feature policy='require' name='invtsc'/></cpu>",
  "<cpu><model>Haswell</model><feature policy='optional' name='invtsc'/></cpu>",
);

/** A recorded host with up to four guests, each running, defined, or both. */
const host = fc
  .array(fc.record({ cpu, definedCpu, isRunning: fc.boolean(), isDefined: fc.boolean() }), { maxLength: 4 })
  .map((guests) => {
    const qemu: Record<number, string[]> = {};
    const definitions: Record<string, string> = {};
    for (const [index, guest] of guests.entries()) {
      const name = `g${index}`;
      if (guest.isRunning) {
        qemu[100 + index] = ['qemu-system-x86_64', '-name', name, '-uuid', uuidOf(name), '-cpu', guest.cpu];
      }
      if (guest.isDefined) definitions[name] = definition(name, guest.definedCpu);
    }
    return guestHost({ qemu, definitions });
  });

const xenHost = fc
  .record({
    built: fc.constantFrom({}, { disable_migrate: 'True' }, { cpuid: 1 as const }),
    cfg: fc.constantFrom('', 'nomigrate = 1', "cpuid = 'host,invtsc=1'", 'import os'),
    isThere: fc.boolean(),
  })
  .map(({ built, cfg, isThere }) =>
    guestHost({
      xen: {
        list: { out: xlList(isThere ? { 1: 'acrux' } : {}) },
        long: { out: xlListLong(isThere ? { 1: { name: 'acrux', ...built } } : {}) },
        cfg: { acrux: `name = 'acrux'\n${cfg}\n` },
      },
    }),
  );

const proxmoxHost = fc
  .record({
    cpu,
    args: fc.constantFrom('', 'args: -cpu host,+invtsc\n', 'args: -S\n[PENDING]\ndelete: args\n'),
  })
  .map(({ cpu: now, args }) =>
    guestHost({
      qemu: { 9: ['kvm', '-id', '100', '-name', 'win', '-cpu', now] },
      proxmox: { 100: `name: win\ncpu: custom-fast\n${args}` },
      cpuModels: 'cpu-model: fast\n  reported-model host\n',
    }),
  );

const spoiled = spoiledOf(host);
const others = spoiledOf(fc.oneof(xenHost, proxmoxHost));

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(spoiled, others), async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines);
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^INVTSC (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 200 },
  );
});

/**
 * What may be missed without a word: a guest that ended while it was read, a host that says it does not run on Xen, a recording of before that was asked, and what says only how the host's CPU is, which
 * is taken for able. Everything else that could not be read must not turn a fault into OK; definitions that are denied are
 * OK by the administrator's choice, which is WARNING here.
 */
it.each([
  ['KVM', spoiled, 300],
  ['Xen and Proxmox', others, 100],
])('never turns a fault into OK because something could not be read: %s', async (_, recorded, numRuns) => {
  await fc.assert(
    fc.asyncProperty(recorded, async ({ whole, spoiled: lines }) => {
      const before = await replay(plugin, whole, '--definitions-denied', 'warning');
      fc.pre(before.code === 1);
      const isExcused = lines.some(
        (line, index) =>
          line !== whole[index] &&
          /^(absent|vanished) bytes (head \/proc\/[0-9]+\/cmdline|whole \/etc)|^(absent|notRecorded) (bytes head \/sys\/hypervisor|each \/etc\/pve)/.test(
            line,
          ),
      );
      fc.pre(!isExcused);
      const after = await replay(plugin, lines, '--definitions-denied', 'warning');
      expect(after.code, after.text).not.toBe(0);
    }),
    { numRuns },
  );
});

it('never throws for command lines and definitions of any bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }), async (bytes, xml) => {
      const lines = guestHost({ qemu: { 7: Buffer.from(bytes) }, definitions: { x: xml } });
      const { code } = await replay(plugin, lines);
      expect([0, 1, 3]).toContain(code);
    }),
    { numRuns: 200 },
  );
});

it('asks for what a recording of it holds', () => {
  expect(guestHost({}).find((line) => line.startsWith('ok processes'))).toBe(
    `ok processes ${QEMU_PROGRAMS.join(' ')}`,
  );
});
