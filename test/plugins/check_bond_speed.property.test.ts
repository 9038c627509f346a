/** check_bond_speed on hosts that answer anything: it never throws, and never takes "could not look" for "looked and fine". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { BOND_MODES, LINK_STATES } from '../../lib/parsers/proc-net-bonding.ts';
import plugin from '../../plugins/check_bond_speed.ts';
import { bondHost, settings, type TestBond } from '../bond-host.ts';
import { replay } from '../plugin-test.ts';
import { spoiledOf } from '../spoiled.ts';

const MODES_OFFERED = '1000baseT/Full\n10000baseT/Full';

const slave = fc.record({
  link: fc.constantFrom(...LINK_STATES),
  speed: fc.constantFrom(null, 1000, 10000),
  duplex: fc.constantFrom('full', 'full', 'half'),
  isOff: fc.constantFrom(false, false, true),
  aggregator: fc.constantFrom(1, 1, 2),
  churn: fc.constantFrom('none', 'churned'),
  ports: fc.constantFrom([61, 61] as const, [5, 61] as const),
});

/** A bond with up to three slaves, called after it. */
const bond = fc.record({
  mode: fc.constantFrom('active-backup' as const, 'active-backup' as const, ...BOND_MODES),
  primary: fc.constantFrom(undefined, 0, 1),
  reselect: fc.constantFrom('always', 'better', 'failure'),
  active: fc.constantFrom(undefined, null, 0, 1),
  miimon: fc.constantFrom(100, 100, 0),
  isOff: fc.constantFrom(false, false, true),
  partner: fc.constantFrom(undefined, '00:00:00:00:00:00', '02:aa:00:00:00:01'),
  slaves: fc.array(slave, { maxLength: 3 }),
});

const host = fc.array(bond, { maxLength: 3 }).map((bonds) => {
  const all: Record<string, TestBond> = {};
  for (const [n, { slaves, primary, active, partner, ...rest }] of bonds.entries()) {
    const names = slaves.map((_, i) => `s${n}${i}`);
    const named = slaves.map((one, i) => {
      const name = `s${n}${i}`;
      return [name, { ...one, ethtool: settings(name, MODES_OFFERED, MODES_OFFERED) }] as const;
    });
    const first = primary === undefined ? undefined : names[primary];
    const current = active === undefined || active === null ? active : names[active];
    all[`bond${n}`] = {
      ...rest,
      ...(first === undefined ? {} : { primary: first }),
      ...(current === undefined ? {} : { active: current }),
      ...(partner === undefined ? {} : { partner }),
      slaves: Object.fromEntries(named),
    };
  }
  return bondHost({ bonds: all });
});

const spoiled = spoiledOf(host);

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines, '-v', '-w', '1000:');
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^BOND_SPEED (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 300 },
  );
});

/**
 * What may be missed without a word: what only ethtool knows, on a host without it, and the carrier or the switch of a device,
 * which an old kernel or one that is switched off does not tell.
 */
const EXCUSED = /^(?:(?:absent|denied|notRecorded) run|absent bytes head .*\/(?:carrier|flags)$)/m;

it('never turns a fault into OK because something could not be read', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ whole, spoiled: lines }) => {
      const before = await replay(plugin, whole);
      fc.pre(before.code !== 0);
      fc.pre(!lines.some((line, index) => line !== whole[index] && EXCUSED.test(line)));
      const after = await replay(plugin, lines);
      expect(after.code, after.text).not.toBe(0);
    }),
    { numRuns: 500 },
  );
});

it('never throws for files of any bytes, and never takes them for a bond', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (proc) => {
      const { code } = await replay(plugin, bondHost({ bonds: { bond0: { proc, slaves: { eth0: {}, eth1: {} } } } }));
      expect(code).toBe(3);
    }),
    { numRuns: 200 },
  );
}); // prettier-ignore

it('says OK, WARNING or CRITICAL of hosts that answer all it asks, never UNKNOWN', async () => {
  await fc.assert(
    fc.asyncProperty(host, async (lines) => {
      const { code, text } = await replay(plugin, lines);
      expect([0, 1, 2], text).toContain(code);
    }),
    { numRuns: 200 },
  );
});
