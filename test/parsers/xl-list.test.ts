import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FormatError } from '../../lib/parsers/text.ts';
import { parseXlList, parseXlListLong } from '../../lib/parsers/xl-list.ts';
import { parseXmList } from '../../lib/parsers/xm-list.ts';
import { XL_LIST, xlListLong } from '../xen-host.ts';

function refuses(parse: (text: string) => unknown, text: string, problem: string | RegExp = /./): void {
  expect(() => parse(text), JSON.stringify(text)).toThrow(FormatError);
  expect(() => parse(text), JSON.stringify(text)).toThrow(problem);
}

/** Rows that are none: each lacks a column or a blank, or has something at its end. */
const NO_ROWS = [
  'acrux   12   34   -b----   68.7',
  'acrux  1  512 -b---- 68.7',
  'vm7  512  1  -b----  68.7',
  'acrux  1  512  1-b----  68.7',
  'acrux  1  512  1  -b----68.7',
  'acrux  1  512  1  -b----  .7',
  'acrux  1  512  1  -b----  68.',
  'acrux  1  512  1  -b----  68.7 x',
  'acrux  1  512  1  -b---x  68.7',
  'xl: command not found',
];
const HEADING = 'line 1: expected the heading Name ID Mem VCPUs State Time(s), found';

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
    ['one whose end has no known reason', 'a                                            4     0     1     ---s?-      10.1', 'a', '---s?-'],
    ['one without a name', '                                             4     0     1     ------      10.1', '', '------'],
    ['a soft reset', 'a                                            4     0     1     ---sS-      10.1', 'a', '---sS-'],
  ])('has %s', (_, row, name, state) => {
    expect(parseXlList(XL_LIST + row + '\n').at(-1)).toMatchObject({ name, state });
  }); // prettier-ignore

  it('is refused where it is empty, cut, or something else', () => {
    const [heading = '', own = ''] = XL_LIST.split('\n');
    for (const text of ['', '\n', `${own}\n${own}\n`, `x${XL_LIST}`, XL_LIST.replace('Time(s)', 'Time(s) x')]) refuses(parseXlList, text, HEADING);
    // A row of blanks is read in no more than a moment.
    refuses(parseXlList, `${heading}\n${own}\n${' '.repeat(300_000)}\n`, 'line 3: not a row of a domain');
    refuses(parseXlList, heading, 'its end: the last line is not whole');
    refuses(parseXlList, `${heading}\n`, 'line 2: no domain, not even Domain-0');
    for (const row of NO_ROWS) refuses(parseXlList, `${heading}\n${own}\n${row}\n`, `line 3: not a row of a domain, found "${row}"`);
    for (let end = 0; end < XL_LIST.length; end += 1) {
      const isWhole = XL_LIST[end - 1] === '\n' && end > 70;
      if (!isWhole) refuses(parseXlList, XL_LIST.slice(0, end));
    }
  }); // prettier-ignore

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

  // libxl_defbool_to_string and libxl_cpuid_policy_list_gen_json in tools/libs/light; only bit 8 of EDX in that one leaf counts.
  it('says nothing of what is as it comes, and nothing by another leaf or register', () => {
    const of = (...entries: object[]) => xlListLong({ 1: { cpuid: 1 } }).replace(/\[\{"leaf".*?\]/, JSON.stringify(entries));
    const edx = `${'x'.repeat(23)}1${'x'.repeat(8)}`;
    const said = (text: string) => {
      const { isNoMigrate, cpuidInvtsc, isCpuidSet } = parseXlListLong(text).get(1) ?? {};
      return [isNoMigrate, cpuidInvtsc, isCpuidSet];
    };
    for (const word of ['False', '<default>']) expect(said(xlListLong({ 1: { disable_migrate: word } }))).toEqual([false, null, false]);
    for (const entry of [{ leaf: 1, edx }, { leaf: 1, edx: '1' }, { leaf: 2147483655, ecx: edx }, { leaf: 2147483655, edx: 'x'.repeat(32) }]) expect(said(of(entry))).toEqual([false, null, true]);
    expect(said(of({ leaf: 2147483655, edx }))).toEqual([false, true, true]);
    expect(said(xlListLong({ 1: { cpuid: 1 } }).replace(/"cpuid":\{.*?\]\}/, '"cpuid":null'))).toEqual([false, null, false]);
    expect(parseXlListLong(xlListLong({ 1: {} }).replace('"name":"g1",', '')).get(1)?.name).toBe('');
  }); // prettier-ignore

  it('may be empty, where libxl knows no configuration', () => {
    // Printed so by xl 4.17 where the configuration of no domain could be had.
    expect(parseXlListLong('[\n\n]\n').size).toBe(0);
  });

  it.each([
    ['', 'the output: not JSON, found ""'],
    ['[', 'the output: not JSON, found "["'],
    ['(domain\n\t(domid 1)\n\t(create_info)\n)\n', String.raw`the output: not JSON, found "(domain\u{a}`],
    [xlListLong({ 1: {} }).slice(0, -3), 'the output: not JSON, found "[{"domid"'],
    ['{}', 'the output: expected a list'],
    ['null', 'the output: expected a list'],
    ['[1]', 'domain 1: expected an object'],
    ['[{}]', 'domain 1: no domid'],
    ['[{"domid":"1","config":{"c_info":{},"b_info":{}}}]', 'domain 1: no domid'],
    [`[${xlListLong({ 1: {} }).slice(1, -2)},{}]`, 'domain 2: no domid'],
    ['[{"domid":1}]', 'domain 1, config: expected an object'],
    ['[{"domid":1,"config":[]}]', 'domain 1, config: expected an object'],
    ['[{"domid":1,"config":{}}]', 'domain 1, c_info: expected an object'],
    ['[{"domid":1,"config":{"c_info":{}}}]', 'domain 1, b_info: expected an object'],
    [xlListLong({ 1: { disable_migrate: 'perhaps' } }), 'domain 1, disable_migrate: expected True or False'],
    [xlListLong({ 1: { cpuid: 1 } }).replace(/x{23}/, 'x'), 'domain 1, cpuid: expected 32 signs of edx'],
    [xlListLong({ 1: { cpuid: 1 } }).replace(/"edx":"[x1]*"/, '"edx":null'), 'domain 1, cpuid: expected 32 signs of edx'],
    [xlListLong({ 1: { cpuid: 1 } }).replace(/"cpuid":\{.*?\]\}/, '"cpuid":[1]'), 'domain 1, cpuid: expected an object'],
  ])('is refused where it is something else: %j', (text, problem) => {
    refuses(parseXlListLong, text, problem);
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
    const paused = `${text}mizar                                            1024    16     ------     12.3\n`;
    expect(parseXmList(paused)).toEqual(parseXmList(text));
  });

  it('has the rows of xl list', () => {
    expect(parseXmList(XL_LIST)).toEqual(parseXlList(XL_LIST));
  });

  it('is refused where it is empty, cut, or something else', () => {
    refuses(parseXmList, own + own, HEADING);
    refuses(parseXmList, heading, 'line 2: no domain, not even Domain-0');
    for (const text of ['', own]) refuses(parseXmList, text);
    refuses(parseXmList, heading + own.slice(0, -1), 'its end: the last line is not whole');
    const halted = ['alcor 1024 1', 'al cor 1024 1 12.3', 'alcor 1024 1 12.3 x', 'alcor 1024 1 -b---- 12.3', ' alcor 1024 1 12.3', 'alcor  12  12.3', '   1024   1   12.3', 'alcor1024 1 12.3', 'alcor 1024 1 ------12.3', 'alcor 1024 1 .3'];
    for (const row of [...NO_ROWS, ...halted]) refuses(parseXmList, `${heading}${own}${row}\n`, `line 3: not a row of a domain, found "${row}"`);
  }); // prettier-ignore
});
