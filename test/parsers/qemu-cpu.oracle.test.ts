/**
 * The rules for -cpu against a real qemu, which says of an emulated CPU that it cannot have the invariant TSC exactly when
 * it was asked for by name; under KVM it says why a guest cannot be migrated.
 */
import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseQemuArgv } from '../../lib/parsers/qemu-argv.ts';
import { invtscOf, type Invtsc } from '../../lib/parsers/qemu-cpu.ts';
import { lab } from '../lab/lab.ts';
import { askQemu, inPairs, ORACLE } from './qemu-oracle.ts';

const SEED = 20260215;

const words = fc.constantFrom('on', 'off', 'yes', 'no', 'true', 'false', 'y', 'n');
const frequency = fc.constantFrom('0', '999', '1000', '2400000000', '0x8f0d1800', '017400000000');
const invtscToken = fc.oneof(
  fc.constantFrom('+invtsc', '-invtsc', 'invtsc', '+invtsc', '-invtsc'),
  words.map((word) => `invtsc=${word}`),
);
const otherToken = fc.oneof(
  fc.constantFrom('+erms', '-lahf_lm', 'lahf-lm=on', '', '+tsc_adjust', 'tsc_freq=2.5G', 'tsc-freq=900'),
  fc.tuple(fc.constantFrom('tsc-frequency', 'tsc_frequency'), frequency).map(([name, hz]) => `${name}=${hz}`),
);
const cpu = fc.constantFrom('qemu64', 'Westmere', 'SandyBridge', 'max').chain((model) => {
  const migratable = model === 'max' ? [words.map((word) => `migratable=${word}`)] : [];
  const tokens = fc.array(fc.oneof({ weight: 3, arbitrary: invtscToken }, otherToken, ...migratable), {
    maxLength: 5,
  });
  return tokens.map((list) => [model, ...list].join(','));
});

const driver = fc.constantFrom('cpu', 'x86_64-cpu', 'qemu64-x86_64-cpu', 'Westmere-x86_64-cpu');
const global = fc
  .tuple(driver, words, fc.boolean())
  .map(([type, word, isLong]) =>
    isLong ? `driver=${type},property=invtsc,value=${word}` : `${type}.invtsc=${word}`,
  );
/** Some before -cpu, some behind it, and some without a -cpu. */
const withGlobals = fc
  .tuple(fc.array(global, { minLength: 1, maxLength: 2 }), fc.option(cpu), fc.array(global, { maxLength: 1 }))
  .map(([before, chosen, after]) => [
    ...before.flatMap((text) => ['-global', text]),
    ...(chosen === null ? [] : ['-cpu', chosen]),
    ...after.flatMap((text) => ['-global', text]),
  ]);

function read(args: readonly string[]): Invtsc {
  const { cpu: chosen, globals } = parseQemuArgv(['qemu', ...args]);
  return invtscOf(chosen, globals);
}

const inKhz = (hz: number | null): number => Math.floor((hz ?? 0) / 1000) * 1000;

async function compare(samples: readonly (readonly string[])[]): Promise<void> {
  const seen = new Set<boolean>();
  const compared = await inPairs(samples, async (args) => {
    const verdict = await askQemu(args);
    expect(verdict.starts, `${args.join(' ')}\n${verdict.output}`).toBe(true);
    seen.add(verdict.wantsInvtsc);
    const { how, tscFrequencyHz } = read(args);
    return {
      qemu: `${args.join(' ')}: ${verdict.wantsInvtsc}, ${verdict.tscFrequencyHz} Hz`,
      here: `${args.join(' ')}: ${how === 'named'}, ${inKhz(tscFrequencyHz)} Hz`,
    };
  });
  expect(compared.map(({ here }) => here)).toEqual(compared.map(({ qemu }) => qemu));
  expect(seen.size, 'samples with and without it').toBe(2);
}

lab(ORACLE, 'the installed qemu', () => {
  it('reads 60 CPUs as we do', async () => {
    await compare(fc.sample(cpu, { seed: SEED, numRuns: 60 }).map((text) => ['-cpu', text]));
  });

  it('reads 16 of them with -global as we do', async () => {
    await compare(fc.sample(withGlobals, { seed: SEED, numRuns: 16 }));
  });

  it.each([
    'qemu64,invtsc=ON',
    'qemu64,invtsc=',
    'qemu64,+invtsc=on',
    'qemu64,tsc-freq=2.5',
    'qemu64,tsc-frequency=2G',
  ])('refuses %s, which is why it is in no process', async (text) => {
    const verdict = await askQemu(['-cpu', text]);
    expect(verdict.starts, verdict.output).toBe(false);
  });
});

lab(['root', '/dev/kvm', ...ORACLE], 'the installed qemu under KVM', () => {
  const hostHasIt = / nonstop_tsc( |$)/m.test(readFileSync('/proc/cpuinfo', 'utf8'));

  it.for([
    'host',
    'max',
    'host,migratable=off',
    'max,migratable=n',
    'host,-migratable',
    'host,+migratable,migratable=off',
    'host,migratable=off,invtsc=off',
    'host,migratable=off,-invtsc',
    'host,invtsc=off,+invtsc',
    'host,+invtsc',
    'qemu64',
    'qemu64,+invtsc',
    'qemu64,+invtsc,tsc-frequency=900',
  ])('cannot migrate -cpu %s exactly when we say so', async (text, { skip }) => {
    const verdict = await askQemu(['-cpu', text], 'kvm');
    skip(/Could not access KVM|failed to initialize kvm/i.test(verdict.output), 'KVM is not to be used here');
    expect(verdict.starts, verdict.output).toBe(true);
    const { requested, tscFrequencyHz } = invtscOf(text, []);
    const isBlocked = verdict.blockedReasons.some((reason) => reason.includes('invtsc'));
    expect(requested && tscFrequencyHz === null && hostHasIt).toBe(isBlocked);
  });

  it('can migrate a guest with the frequency of the host fixed', async ({ skip }) => {
    const probe = await askQemu(['-cpu', 'host'], 'kvm');
    skip(!probe.starts || probe.tscFrequencyHz === 0, 'KVM is not to be used here');
    for (const more of ['', ',migratable=off', ',+invtsc']) {
      const text = `host,tsc-frequency=${probe.tscFrequencyHz}${more}`;
      const verdict = await askQemu(['-cpu', text], 'kvm');
      expect(verdict.starts, verdict.output).toBe(true);
      expect(verdict.blockedReasons).toEqual([]);
      expect(invtscOf(text, []).tscFrequencyHz).toBe(probe.tscFrequencyHz);
    }
  });
});
