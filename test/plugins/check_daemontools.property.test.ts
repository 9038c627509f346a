/** check_daemontools on hosts of any shape that answer anything: it never throws, and never takes "could not look" for "looked and fine". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import plugin from '../../plugins/check_daemontools.ts';
import { replay } from '../plugin-test.ts';
import { RUN, serviceHost, type ServiceHost, type TestPart, type TestService } from '../service-host.ts';
import { spoiledOf } from '../spoiled.ts';

const state = fc.record({
  state: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'finishing' as const),
  since: fc.constantFrom(-1, 0, 1, 4, 6, 1000, 100_000),
  wants: fc.constantFrom('up' as const, 'up' as const, 'down' as const, 'once' as const),
  isPaused: fc.boolean(),
});

/** Mostly healthy, so that each fault also comes alone. */
const part: fc.Arbitrary<TestPart> = fc
  .tuple(
    state,
    fc.record({
      by: fc.constantFrom('daemontools' as const, 'runit' as const, 's6' as const),
      isSupervised: fc.constantFrom(true as const, true as const, false as const, 'never' as const, 'denied' as const),
      again: state,
      process: fc.constantFrom('S', 'S', 'Z', 'T', ''),
      hasDown: fc.boolean(),
      run: fc.constantFrom(RUN, RUN, null, '', 'x', '#!/bin/sh\r\n', '#!/opt/gone\n'),
      mode: fc.constantFrom(0o755, 0o644),
      written: fc.constantFrom(1, 1000),
      deaths: fc.constantFrom([], [1, 2, 3, 4, 5, 6, 7]),
    }),
    fc.subarray(['isSupervised', 'again', 'process', 'hasDown', 'run', 'mode', 'written', 'deaths'] as const, { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([first, all, kept, isCalm]) => ({
    ...(isCalm ? {} : first),
    by: all.by,
    ...Object.fromEntries(kept.map((key) => [key, all[key]])),
  })); // prettier-ignore

const service: fc.Arbitrary<TestService> = fc
  .tuple(part, fc.option(part, { nil: undefined }), fc.constantFrom(undefined, undefined, 5), fc.constantFrom(5, 5000))
  .map(([main, log, inode, age]) => ({
    ...main,
    age,
    ...(log === undefined ? {} : { log }),
    ...(inode === undefined ? {} : { inode, target: '../x' }),
  })); // prettier-ignore

const host: fc.Arbitrary<ServiceHost> = fc
  .tuple(
    fc.array(service, { maxLength: 3 }),
    fc.array(service, { maxLength: 2 }),
    fc.constantFrom('own', 'own', 'none', 'stopped', 'hidden'),
  )
  .map(([system, users, scanner]) => {
    const named = (list: readonly TestService[]): Record<string, TestService> =>
      Object.fromEntries(list.map((one, index) => [`s${index}`, one]));
    return {
      globs: ['/service', '/etc/service', '/var/lib/service', '/home/*/service'],
      hidden: scanner === 'hidden',
      directories: {
        '/service': {
          services: named(system),
          ...(scanner === 'none' || scanner === 'hidden' ? { scanner: null } : {}),
          ...(scanner === 'stopped' ? { scanner: { state: 'T', argv: ['svscan', '/service'], cwd: '/service' } } : {}),
        },
        '/home/alice/service': { uid: 1000, services: named(users) },
      },
    };
  }); // prettier-ignore

const ARGS = ['--user-services', '/home/*/service', '--require', 's0', '--run-denied', 'unknown'];
const spoiled = spoiledOf(host.map((one) => serviceHost(one)));

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines, ...ARGS, '-v');
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^DAEMONTOOLS (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 300 },
  );
});

/**
 * What may be missed without a word: a tally of s6, which is more than the others have; a directory that is no directory, a link
 * that is no link, and a service that is gone when it is looked at; and who owns supervise/.
 */
it('never turns a fault into OK because something could not be read', async () => {
  const isMissed =
    /^\w+ (?:bytes tail .*\/death_tally|link |stat .*\/supervise$)|^(?:absent|vanished|wrongType) (?:l?stat|list) |^absent /;
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ whole, spoiled: lines }) => {
      const before = await replay(plugin, whole, ...ARGS);
      fc.pre(before.code !== 0);
      fc.pre(!lines.some((line, index) => line !== whole[index] && isMissed.test(line)));
      const after = await replay(plugin, lines, ...ARGS);
      expect(after.code, `${before.text}\n${after.text}`).not.toBe(0);
    }),
    { numRuns: 600 },
  );
}, 120_000);

it('never throws for any bytes in the files it reads', async () => {
  const bytes = fc.uint8Array({ maxLength: 70 });
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (status, run) => {
      const { code } = await replay(plugin, serviceHost({ directories: { '/service': { services: { web: { status, run } } } } }));
      expect([0, 1, 2, 3]).toContain(code);
    }),
    { numRuns: 200 },
  );
}); // prettier-ignore

it('lets no name break its output', async () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => !/[/\0\n\\]|^\./.test(text) && text === Buffer.from(text).toString());
  await fc.assert(
    fc.asyncProperty(name, async (text) => {
      fc.pre(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text));
      const { code, text: output } = await replay(plugin, serviceHost({ directories: { '/service': { services: { [text]: { state: 'down' } } } } }));
      expect(code, output).toBe(2);
    }),
    { numRuns: 200 },
  );
}); // prettier-ignore
