import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FormatError } from '../../lib/parsers/text.ts';
import { parseXlCfg } from '../../lib/parsers/xl-cfg.ts';
import { xenInvtsc, type XenConfig } from '../../lib/parsers/xen-config.ts';

/**
 * What `xl -N create FILE` of Xen 4.17.7 (Debian 12) made of such a file behind BEGINNING, recorded from the real xl whose calls
 * to the hypervisor (xc_physinfo, ...) were answered by a preloaded library; null: it refused the file.
 */
const BEGINNING = 'name="a"\nmemory=64\nkernel="/k"\n';
const OF_XL: readonly (readonly [string, Omit<XenConfig, 'uuid' | 'isCpuidSet' | 'hardware'> | null])[] = [
  ['', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=1', { name: 'a', isNoMigrate: true, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=1;nomigrate=0', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=0', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=0x1', { name: 'a', isNoMigrate: true, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=0x0', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["nomigrate='1'", { name: 'a', isNoMigrate: true, cpuidInvtsc: null, isTscEmulated: false }],
  ["nomigrate='0'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=2', { name: 'a', isNoMigrate: true, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=True', null],
  ['nomigrate=-1', null],
  ['nomigrate', null],
  ['nomigrate\n=1', null],
  ['nomigrate+=1', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["nomigrate=''", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["cpuid='host,invtsc=1,tm=0'", { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false }],
  ["cpuid='host,itsc=1'", { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false }],
  ["cpuid='host,invtsc=0'", { name: 'a', isNoMigrate: false, cpuidInvtsc: false, isTscEmulated: false }],
  ["cpuid='host,invtsc=x'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["cpuid='host,invtsc=k'", { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false }],
  ["cpuid='host,invtsc=s'", { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false }],
  ["cpuid='host,invtsc=2'", { name: 'a', isNoMigrate: false, cpuidInvtsc: false, isTscEmulated: false }],
  ["cpuid='host,invtsc=0x1'", { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false }],
  [
    "cpuid='host,invtsc=1,invtsc=0'",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: false, isTscEmulated: false },
  ],
  [
    "cpuid='host,invtsc=0,invtsc=1'",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false },
  ],
  ["cpuid='host, invtsc=1'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["cpuid='host:invtsc=1'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["cpuid='invtsc=1'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["cpuid='host,invtsc'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  [
    "cpuid='host,notsc=1,invtsc=1'",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false },
  ],
  ["cpuid='host,invtsc=on'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  [
    "cpuid=['0x80000007:edx=xxxxxxxxxxxxxxxxxxxxxxx1xxxxxxxx']",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false },
  ],
  [
    "cpuid=['0x80000007:edx=xxxxxxxxxxxxxxxxxxxxxxx0xxxxxxxx']",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: false, isTscEmulated: false },
  ],
  [
    "cpuid=['2147483655:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,edx=xxxxxxxxxxxxxxxxxxxxxxx1xxxxxxxx']",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false },
  ],
  [
    "cpuid=['0x80000007,0:edx=xxxxxxxxxxxxxxxxxxxxxxx1xxxxxxxx']",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: false },
  ],
  [
    "cpuid=['1:edx=xxxxxxxxxxxxxxxxxxxxxxx1xxxxxxxx']",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false },
  ],
  ["cpuid=['0x80000007:edx=1']", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["tsc_mode='always_emulate'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: true }],
  ['tsc_mode=1', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: true }],
  ["tsc_mode='1'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: true }],
  ["tsc_mode='native'", { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['tsc_mode=2', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  [
    "cpuid='host,invtsc=1';tsc_mode='always_emulate'",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: true, isTscEmulated: true },
  ],
  [
    "disk=[ 'phy:/dev/vg/a,xvda,w',\n  # second\n  'phy:/dev/vg/b,xvdb,w', ]\nnomigrate=1",
    { name: 'a', isNoMigrate: true, cpuidInvtsc: null, isTscEmulated: false },
  ],
  [
    'extra="a \\"q\\" # no"\nnomigrate=1',
    { name: 'a', isNoMigrate: true, cpuidInvtsc: null, isTscEmulated: false },
  ],
  ["extra='it''s'", null],
  ["x='''a\nb'''", null],
  ['import os', null],
  ["name='b'", { name: 'b', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["name+='b'", { name: 'ab', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ["name=['x']", null],
  [
    "uuid='4507AAF2-e0db-005c-e863-2016f2779ae8'",
    { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false },
  ],
  ['x=[[1,2],[3]]', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['x=[1 2]', null],
  ['x=[1', null],
  ["x='open", null],
  ['x = \t5 ;; y=6;', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['nomigrate=1,', null],
  ['nomigrate=[1]', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
  ['\r\nnomigrate=1\r\n', null],
  ['nomigrate=08', { name: 'a', isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false }],
];

describe('a configuration of a guest', () => {
  it.each(OF_XL)('is understood as xl does: %j', (text, expected) => {
    if (expected === null) expect(() => parseXlCfg(BEGINNING + text)).toThrow(FormatError);
    else expect(parseXlCfg(BEGINNING + text)).toMatchObject(expected);
  });

  // Hand-made after libxlu_cfg_l.l, libxlu_cfg_y.y and libxlu_cfg.c (xlu_cfg_get_long), and libxl_cpuid.c, of Xen 4.17.
  const BITS = `${'x'.repeat(23)}1${'x'.repeat(8)}`;
  it.each<[string, Partial<XenConfig>]>([
    ['#\nnomigrate=1', { isNoMigrate: true }],
    ['x=""\nnomigrate=1', { isNoMigrate: true }],
    [String.raw`x='it\'s';nomigrate=1`, { isNoMigrate: true }],
    [String.raw`name="a \"b\""`, { name: 'a "b"' }],
    ["x=[ 'a'\n, 'b' ]\nnomigrate=1", { isNoMigrate: true }],
    ['x=["]", ",", "["]\nnomigrate=1', { isNoMigrate: true }],
    [`x=${'['.repeat(16)}1${']'.repeat(16)}\nnomigrate=1`, { isNoMigrate: true }],
    ["uuid+='07AE8823'", { uuid: '07ae8823' }],
    ...['9', '90', '010', '0x10', '0XA'].map((one): [string, Partial<XenConfig>] => [`nomigrate='${one}'`, { isNoMigrate: true }]),
    ...['', '00', '018', '0x', '0x1z', 'x0x1', '5 ', ' '].map((one): [string, Partial<XenConfig>] => [`nomigrate='${one}'`, { isNoMigrate: false }]),
    ["cpuid='native,invtsc=1'", { cpuidInvtsc: null, isCpuidSet: true }],
    ["cpuid='host,invtsc=3'", { cpuidInvtsc: true }],
    [`cpuid=[\n'0x80000007:edx=${BITS}'\n]`, { cpuidInvtsc: true }],
    [`cpuid=['0x80000007:ecx=${'x'.repeat(32)}, edx=${BITS},eax=${'x'.repeat(32)}']`, { cpuidInvtsc: true }],
    [`cpuid=['0x80000007:edx=${'x'.repeat(32)}']`, { cpuidInvtsc: null }],
    [`cpuid=['0x80000007:edx=${BITS}x']`, { cpuidInvtsc: null }],
    [`cpuid=[['0x80000007:edx=${BITS}']]`, { cpuidInvtsc: null }],
    ["cpuid=['x']", { cpuidInvtsc: null }],
  ])('%j says %j', (text, expected) => {
    expect(parseXlCfg(`${BEGINNING}${text}`)).toMatchObject(expected);
  }); // prettier-ignore

  it.each([
    ['5=1', 4],
    ['x,1', 4],
    ['x[1]', 4],
    ['x=', 4],
    ["x '=' 1", 4],
    ['x=,]', 4],
    ['\0', 4],
    ['x=[\n1\n2]', 6],
    [`x=${'['.repeat(17)}1${']'.repeat(17)}`, 4],
    ["name+=['b']", 4],
    ["x=['a']\nx+='b'", 5],
  ])('%j is refused, with its line', (text, line) => {
    expect(() => parseXlCfg(BEGINNING + text)).toThrow(
      new FormatError(`line ${line}`, 'not a setting that xl would take'),
    );
  });

  it('has its uuid in lower case, or none', () => {
    expect(parseXlCfg("name='a'\nuuid='4507AAF2-E0DB-005C-E863-2016F2779AE8'").uuid).toBe(
      '4507aaf2-e0db-005c-e863-2016f2779ae8',
    );
    expect(parseXlCfg("name='a'").uuid).toBeNull();
  });

  it.each(['', '\n\n', '# nothing\n', 'memory = 64\n', "name = ''\n", '\0\0\0', 'def f():\n  pass\n'])(
    'is refused without a name, or where it is none: %j',
    (text) => {
      expect(() => parseXlCfg(text)).toThrow(FormatError);
    },
  );

  it('is refused with a word of the name that is missing', () => {
    expect(() => parseXlCfg('memory = 64\n')).toThrow(new FormatError('name', 'none is given'));
  });

  it('is refused where it was cut in the middle of a value', () => {
    const whole = 'name = "a"\ndisk = [ "phy:/dev/vg/a,xvda,w" ]\nnomigrate = 1\n';
    for (const end of [5, 9, 15, 20, 30, 42]) {
      expect(() => parseXlCfg(whole.slice(0, end)), whole.slice(0, end)).toThrow(FormatError);
    }
  });

  it('never shows in an error what stands there', () => {
    expect(() => parseXlCfg('name="a"\nvncpasswd="hunter2"x')).toThrow(
      /^line 2: not a setting that xl would take$/,
    );
  });

  it('is refused, not recursed into, where lists are in lists without end', () => {
    expect(() => parseXlCfg(`name="a"\nx=${'['.repeat(100_000)}`)).toThrow(FormatError);
  });

  it('never throws anything but FormatError', () => {
    const token = fc.constantFrom(
      'name',
      '=',
      '+=',
      '"a"',
      '[',
      ']',
      ',',
      ';',
      '\n',
      '#',
      '1',
      'cpuid',
      "'host,invtsc=1'",
      '0x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(token).map((all) => all.join(' ')),
        ),
        (text) => {
          try {
            parseXlCfg(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what keeps a guest of Xen from moving', () => {
  const config = { isNoMigrate: false, cpuidInvtsc: null, isTscEmulated: false };
  it.each([
    ['nothing', {}, ''],
    ['nomigrate', { isNoMigrate: true }, 'nomigrate=1'],
    ['nomigrate, even without the feature', { isNoMigrate: true, cpuidInvtsc: false }, 'nomigrate=1'],
    ['the feature', { cpuidInvtsc: true }, 'invtsc=1 in cpuid'],
    ['not the feature with an emulated clock', { cpuidInvtsc: true, isTscEmulated: true }, ''],
    ['not the feature when it is refused', { cpuidInvtsc: false }, ''],
  ])('is %s', (_, more, by) => {
    expect(xenInvtsc({ ...config, ...more })).toMatchObject({
      requested: by !== '',
      how: by === '' ? null : 'named',
      by,
    });
  });
});
