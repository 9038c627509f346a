import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FormatError } from '../../lib/parsers/text.ts';
import { parseXlList, parseXlListLong } from '../../lib/parsers/xl-list.ts';
import { parseXmList } from '../../lib/parsers/xm-list.ts';
import { XL_LIST, xlListLong } from '../xen-host.ts';

function refuses(parse: (text: string) => unknown, text: string): void {
  expect(() => parse(text), JSON.stringify(text)).toThrow(FormatError);
}

describe('xl list', () => {
  it('is read as the real xl prints it', () => {
    expect(parseXlList(XL_LIST)).toEqual([
      { domid: 0, name: 'Domain-0', state: 'r-----', memoryMib: 1024, vcpus: 2, cpuSeconds: 1234.5 },
      { domid: 1, name: 'acrux', state: '-b----', memoryMib: 1024, vcpus: 2, cpuSeconds: 2469 },
      { domid: 2, name: 'dubhe', state: '-b----', memoryMib: 1024, vcpus: 2, cpuSeconds: 3703.5 },
    ]);
  });

  // The format of a row in tools/xl/xl_info.c: "%-40s %5d %5lu %5d     %c%c%c%c%c%c  %8.1f".
  it.each([
    ['a long name', `${'n'.repeat(60)} 12345 99999999   128     ------  99999999.9`, 'n'.repeat(60), '------'],
    ['a name with blanks and figures', 'web 7 8                                      3   512     1     ---sc-       0.0', 'web 7 8', '---sc-'],
    ['one that is gone', '(null)                                       4     0     1     --ps-d      10.1', null, '--ps-d'],
    ['a soft reset', 'a                                            4     0     1     ---sS-      10.1', 'a', '---sS-'],
  ])('has %s', (_, row, name, state) => {
    expect(parseXlList(XL_LIST + row + '\n').at(-1)).toMatchObject({ name, state });
  }); // prettier-ignore

  it('is refused where it is empty, cut, or something else', () => {
    for (const text of ['', '\n', 'xl: command not found\n', XL_LIST.split('\n')[0] ?? ''])
      refuses(parseXlList, text);
    for (let end = 0; end < XL_LIST.length; end += 1) {
      const isWhole = XL_LIST[end - 1] === '\n' && end > 70;
      if (!isWhole) refuses(parseXlList, XL_LIST.slice(0, end));
    }
  });

  it('never throws anything but FormatError', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((rest) => XL_LIST + rest),
    );
    for (const parse of [parseXlList, parseXmList, parseXlListLong]) {
      fc.assert(
        fc.property(text, (any) => {
          try {
            parse(any);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        }),
      );
    }
  });
});

describe('xl list -l', () => {
  it('tells what each domain was created with', () => {
    const text = xlListLong({ 1: { disable_migrate: 'True' }, 2: { cpuid: 1 }, 3: { cpuid: 0 }, 4: { tsc_mode: 'always_emulate' } });
    const configs = parseXlListLong(text);
    expect([...configs.values()].map(({ isNoMigrate, cpuidInvtsc, isTscEmulated }) => [isNoMigrate, cpuidInvtsc, isTscEmulated])).toEqual([
      [true, null, false], [false, true, false], [false, false, false], [false, null, true],
    ]);
    expect(configs.get(1)).toMatchObject({ name: 'g1', uuid: '07ae8823-eaba-4d1b-b52e-000000000001' });
  }); // prettier-ignore

  it('had cpuid as a bare list to 4.17', () => {
    // libxl_cpuid_policy_list_gen_json in tools/libs/light/libxl_cpuid.c of 4.17.
    const old = xlListLong({ 1: { cpuid: 1 } }).replace(
      /"cpuid":\{"cpuid":(\[.*?\]),"msr":\[\]\}/,
      '"cpuid":$1',
    );
    expect(old).toContain('"cpuid":[{');
    expect(parseXlListLong(old).get(1)?.cpuidInvtsc).toBe(true);
  });

  it('may be empty, where libxl knows no configuration', () => {
    // Printed so by xl 4.17 where the configuration of no domain could be had.
    expect(parseXlListLong('[\n\n]\n').size).toBe(0);
  });

  it.each([
    '', '{}', 'null', '[', '[{}]', '[{"domid":1}]', '[{"domid":1,"config":[]}]', '[{"domid":1,"config":{"c_info":{}}}]',
    '(domain\n\t(domid 1)\n\t(create_info)\n)\n',
    xlListLong({ 1: {} }).slice(0, -3),
    xlListLong({ 1: { disable_migrate: 'perhaps' } }),
    xlListLong({ 1: { cpuid: 1 } }).replace(/x{23}/, 'x'),
  ])('is refused where it is something else: %j', (text) => {
    refuses(parseXlListLong, text);
  }); // prettier-ignore
});

describe('xm list', () => {
  const heading = 'Name                                        ID   Mem VCPUs      State   Time(s)\n';
  const own = 'Domain-0                                     0   750     4     r-----  11794.3\n';

  // Hand-made after xl.1 of Xen 4.2 and xm_brief_list in tools/python/xen/xm/main.py of Xen 4.1.
  it('leaves out what xend manages and does not run', () => {
    const text = `${heading}${own}acrux                                        6   300     1     -b----     10.6\nalcor                                            1024     1                12.3\n`;
    expect(parseXmList(text).map(({ name, domid }) => [name, domid])).toEqual([
      ['Domain-0', 0],
      ['acrux', 6],
    ]);
    expect(parseXmList(text.replace('  Mem ', '  Mem(MiB) '))).toHaveLength(2);
  });

  it('is refused where it is empty, cut, or something else', () => {
    for (const text of ['', heading, heading + own.slice(0, -1), own, `${heading}${own}what is this\n`])
      refuses(parseXmList, text);
  });
});
