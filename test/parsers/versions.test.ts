/** The orders of versions, each against the real tool of its distribution. */
import { execFileSync, spawnSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareDpkgVersions } from '../../lib/parsers/dpkg-version.ts';
import { compareRpmVersions, rpmvercmp } from '../../lib/parsers/rpm-version.ts';
import { lab } from '../lab/lab.ts';

const piece = fc.constantFrom('0', '1', '07', '10', '9', 'a', 'b', 'el9', 'rc1', '.', '+', '~', 'deb11u1');
const body = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
/** Versions that dpkg takes: they begin with a number. */
const debian = fc
  .tuple(fc.constantFrom('', '0:', '1:', '2:'), body, fc.option(body))
  .map(([epoch, upstream, revision]) => `${epoch}1${upstream}${revision === null ? '' : `-${revision}`}`);

const REAL_DEBIAN = [
  '4.9.144-3', '4.9.144-3.1', '4.9.144-3+deb9u1', '6.1.90-1', '6.1.90-1~bpo11+1', '6.1.140-1', '6.1.99-1', '6.12.38-1',
  '6.12.38-1+b1', '6.12~rc7-1~exp1', '5.15.0-107.117', '5.15.0-107.117~20.04.1', '5.15.0-99.109', '6.8.12-9', '6.8.4-3', '1:1.0',
]; // prettier-ignore

function sign(number: number): number {
  return Math.sign(number) + 0;
}

lab(['dpkg'], 'the order of Debian', () => {
  const real = (a: string, b: string): number => {
    const holds = (op: string): boolean => spawnSync('dpkg', ['--compare-versions', a, op, b]).status === 0;
    return holds('lt') ? -1 : holds('gt') ? 1 : 0;
  };

  it('is the one of dpkg for versions of kernels', () => {
    for (const a of REAL_DEBIAN)
      for (const b of REAL_DEBIAN) {
        if (a >= b) continue;
        expect([a, b, sign(compareDpkgVersions(a, b))]).toEqual([a, b, real(a, b)]);
      }
  });

  it('is the one of dpkg for any version', () => {
    fc.assert(
      fc.property(debian, debian, (a, b) => {
        expect(sign(compareDpkgVersions(a, b))).toBe(real(a, b));
      }),
      { numRuns: 150 },
    );
  });
});

const REAL_RPM = [
  '3.10.0-957.el7', '3.10.0-1062.el7', '4.18.0-553.el8_10', '4.18.0-553.5.1.el8_10', '5.14.0-70.el9', '5.14.0-427.el9',
  '5.14.0-427.13.1.el9_4', '6.4.0-150600.23.25.1', '6.4.0-150600.23.7.3', '6.9.3-arch1-1', '6.9.10-arch1-1', '6.10-rc1', '6.10~rc1-1',
  '1.0^', '1.0', '1.0^git1', '1.0.1', '1.0~rc1^git1', '1.0~rc1',
]; // prettier-ignore

lab(['rpm'], 'the order of rpm', () => {
  /** One process for all pairs; Lua is part of rpm. */
  const real = (pairs: readonly (readonly [string, string])[]): number[] => {
    const calls = pairs.map(([a, b]) => `print(rpm.vercmp('${a}','${b}')..' ')`).join('');
    const text = execFileSync('rpm', ['--eval', `%{lua:${calls}}`], { encoding: 'utf8' });
    return text.trim().split(/\s+/).map(Number);
  };

  it('is the one of rpm for versions of kernels', () => {
    const pairs = REAL_RPM.flatMap((a) => REAL_RPM.map((b) => [a, b] as const));
    // rpm.vercmp compares what stands between the hyphens (rpm 4.18: as version and release).
    expect(pairs.map(([a, b]) => sign(compareRpmVersions(a, b)))).toEqual(real(pairs));
  });

  it('is the one of rpm for any version', () => {
    const word = fc
      .array(fc.constantFrom('0', '1', '07', '10', 'a', 'b', 'el9', '.', '_', '~', '^'), {
        minLength: 1,
        maxLength: 7,
      })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 40, maxLength: 60 }), (pairs) => {
        expect(pairs.map(([a, b]) => sign(rpmvercmp(a, b)))).toEqual(real(pairs));
      }),
      { numRuns: 30 },
    );
  });
});

describe('every order', () => {
  const text = fc.string({
    unit: fc.constantFrom('0', '1', 'a', '-', '.', '~', '^', ':', '+', 'é', ' '),
    maxLength: 9,
  });
  it.each([
    ['of Debian', compareDpkgVersions],
    ['of rpm', compareRpmVersions],
  ])('%s has a place for any text', (_, compare) => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(sign(compare(a, b))).toBe(sign(-compare(b, a)));
        expect(sign(compare(a, a))).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  // Each list is as dpkg 1.21 and rpm 4.18 order it.
  it.each([
    ['of Debian', compareDpkgVersions, ['1.0~~-9', '1.0~rc1-1', '1.0', '1.0-1~bpo12+1', '1.0-1', '1.0-1+b1', '1.0-1.1', '1.0-2', '1.0-10', '1.0a-1', '1.0+b-1', '1.0.1', '1.0.9', '1.0.10', '1.1-1', '1.2-1-1', '1.10', '1:0.9-1', '2:0.1']],
    ['of rpm', compareRpmVersions, ['1.0~rc1-9', '1.0-1~a', '1.0-1', '1.0-1^git1', '1.0-1.el9', '1.0-1.fc39', '1.0-1.1', '1.0-2', '1.0-10', '1.0^git1-1', '1.0Z-1', '1.0a-1', '1.0b-1', '1.0.1-1', '1.0.9-1', '1.0.10-1', '1.1-1', '1.10-1']],
  ])('%s has a place for each of its own', (_, compare, versions) => {
    for (const [i, a] of versions.entries()) for (const [j, b] of versions.entries()) expect([a, b, sign(compare(a, b))]).toEqual([a, b, sign(i - j)]);
  }); // prettier-ignore

  it('takes what is not written for nothing', () => {
    for (const [a, b] of [['1.0', '1.0-0'], ['1.0', '0:1.0'], ['1.0-1', '1.00-01']] as const) expect(sign(compareDpkgVersions(a, b))).toBe(0);
    for (const [a, b] of [['1.0', '1.0-'], ['1.0', '1_0'], ['1.01-1', '1.1-01']] as const) expect(sign(compareRpmVersions(a, b))).toBe(0);
  }); // prettier-ignore

  it('puts 10 behind 9, and a rebuild behind what it rebuilds', () => {
    expect(compareDpkgVersions('5.10.1-1', '5.9.1-1')).toBeGreaterThan(0);
    expect(compareDpkgVersions('6.1.90-1~bpo11+1', '6.1.90-1')).toBeLessThan(0);
    expect(compareRpmVersions('5.14.0-427.el9', '5.14.0-70.el9')).toBeGreaterThan(0);
  });
});
