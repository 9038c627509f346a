import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Bond, Bonds, Slave } from '../../lib/facts/bonds.ts';
import { historyOf, remembered, toRemember } from '../../lib/rules/bond-memory.ts';

function slave(name: string, speedMbps: number | null, permanentAddress = '02:00'): Slave {
  const unknown = { isSwitchedOn: null, hasCarrier: null, duplex: null, linkFailures: null, aggregatorId: null, isActorInSync: null, isPartnerInSync: null };
  return { name, link: 'up', speedMbps, permanentAddress, actorChurn: null, partnerChurn: null, settings: null, ...unknown };
} // prettier-ignore

function bonds(epochSeconds: number): Bonds {
  return { all: [], unread: [], devices: [], epochSeconds };
}

const BOND = { name: 'bond0' } as Bond;

/** What the next run knows. */
function later(value: unknown) {
  // As it comes back from the file.
  return remembered({ epochSeconds: 0, bootId: '', value: JSON.parse(JSON.stringify(value)) as unknown });
}

describe('what is remembered', () => {
  it('is the highest speed that each slave had', () => {
    let memory = remembered(null);
    for (const speed of [1000, 10000, 100, null]) {
      memory = later(toRemember(memory, bonds(1), [slave('eth0', speed)], []));
    }
    const { best } = historyOf(BOND, memory);
    expect(best(slave('eth0', 100))).toBe(10000);
    expect(best(slave('eth1', 100))).toBeNull();
  });

  it('is nothing of a slave that has never told its speed', () => {
    expect(toRemember(remembered(null), bonds(1), [slave('eth0', null)], []).best).toEqual({});
  });

  it('is forgotten for another card in its place', () => {
    const memory = later(toRemember(remembered(null), bonds(1), [slave('eth0', 10000, '02:01')], []));
    expect(historyOf(BOND, memory).best(slave('eth0', 1000, '02:02'))).toBeNull();
  });

  it('is when a bond was first seen slow, as long as it is', () => {
    const first = later(toRemember(remembered(null), bonds(1764000000.5), [], ['bond0']));
    const second = later(toRemember(first, bonds(1764003600), [], ['bond0']));
    expect(historyOf(BOND, second).slowSince).toBe('2025-11-24 16:00 UTC');
    const third = later(toRemember(second, bonds(1764007200), [], []));
    expect(historyOf(BOND, third).slowSince).toBeNull();
  });

  it('does not grow for ever: who was not seen for longest goes first', () => {
    let memory = remembered(null);
    for (let n = 0; n < 4; n += 1) {
      const up = Array.from({ length: 300 }, (_, i) => slave(`s${n}-${i}`, 1000));
      memory = later(toRemember(memory, bonds(n), up, []));
    }
    expect(memory.best.size).toBe(1000);
    expect(historyOf(BOND, memory).best(slave('s3-0', 10))).toBe(1000);
    expect(historyOf(BOND, memory).best(slave('s0-299', 10))).toBeNull();
  });

  it.each<[unknown, number | null]>([
    [{ mbps: 10000, at: 1 }, 10000],
    [{ mbps: '10000', at: 1 }, null],
    [{ mbps: 10000, at: '1' }, null],
    [{ mbps: -1, at: 1 }, null],
    [{ mbps: 10000 }, null],
  ])('of a speed counts where it was written so: %j', (seen, mbps) => {
    expect(historyOf(BOND, later({ best: { 'eth0 02:00': seen } })).best(slave('eth0', 1))).toBe(mbps);
  });

  it.each<[number, string | null]>([
    [8.64e12, expect.stringContaining('+275760-09-13') as string],
    [8.64e12 + 1, null],
  ])('of a time is none that no clock has: %d', (since, text) => {
    expect(historyOf(BOND, later({ slow: { bond0: since } })).slowSince).toEqual(text);
  });

  it('is read from any file without complaint', () => {
    fc.assert(
      fc.property(fc.anything(), fc.jsonValue(), (any, json) => {
        for (const value of [any, json, { best: json, slow: json }, { best: { x: json }, slow: { bond0: json } }]) {
          const { best, slowSince } = historyOf(BOND, remembered({ epochSeconds: 0, bootId: '', value }));
          expect(best(slave('eth0', 1)) ?? 1).toBeGreaterThanOrEqual(0);
          expect(slowSince ?? '').not.toContain('Invalid');
        }
      }),
    );
  }); // prettier-ignore
});
