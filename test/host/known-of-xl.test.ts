/** What xl tells of guests leaves a host without the texts that could be secrets: the part of program.sh that sees to it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseXlListLong } from '../../lib/parsers/xl-list.ts';

const top = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [program = ''] =
  /^known_of_xl\(\) \{$.*?^\}$/ms.exec(readFileSync(join(top, 'lib/host/program.sh'), 'utf8')) ?? [];

/** Real: what `xl -N create` of Xen 4.17.7 printed of a guest with everything, where `xl list -l` has it. */
const LONG = readFileSync(join(top, 'test/fixtures/xl-list-long.txt'), 'utf8');

function known(text: string, shell: readonly string[] = ['sh']): string {
  const [file = '', ...args] = shell;
  return execFileSync(file, [...args, '-c', `N=0123abcd\n${program}\nknown_of_xl`], {
    input: text,
    encoding: 'utf8',
  });
}

it.each([[['dash']], [['bash']], [['busybox', 'sh']]])('the same guest is seen behind it: %j', (shell) => {
  expect(parseXlListLong(LONG).get(1)?.hardware.disks).toHaveLength(5);
  expect(parseXlListLong(known(LONG, shell))).toEqual(parseXlListLong(LONG));
});

it('passwords do not come through, of consoles, of Ceph, of the kernel that is booted', () => {
  expect(LONG).toMatch(/hunter2[^]*hunter3|hunter3[^]*hunter2/);
  const secret = LONG.replace('rbd:pool/img:id=admin', 'rbd:pool/img:id=admin:key=AQD4711==');
  const through = known(secret);
  expect(through).not.toMatch(/hunter|AQD4711/);
  expect(through).toContain('rbd:pool/img:id=admin:key=***');
});

it('the lines of the program itself pass, so that how xl ended is known', () => {
  expect(known('[\n]\n\n#0123abcd ran 3 0\n')).toBe('[\n]\n\n#0123abcd ran 3 0\n');
});

describe('whatever stands in a text', () => {
  const KNOWN = [
    'name',
    'uuid',
    'pdev_path',
    'script',
    'bridge',
    'path',
    'tag',
    'backend_domname',
    'usbdevice',
  ];
  const secret = 'S3CRET';
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('"name": "', '\\", "name": "x', '#0123abcd ', '": [', '],', '\n"uuid": "', '"extra": ['),
  );
  // Controls, quotes and backslashes are escaped by libxl (yajl_gen_string) as JSON.stringify does.
  it('it stays a text, and only known ones are shown', { timeout: 60_000 }, () => {
    const keys = fc.constantFrom(...KNOWN, 'passwd', 'cmdline', 'kernel', 'keymap');
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, text, text), { maxLength: 20 }), (all) => {
        const values = all.map(([key, before, after]) => ({ [key]: `${before}${secret}${after}`, list: [`${before}${secret}`] })); // prettier-ignore
        const shown = JSON.parse(known(`${JSON.stringify(values, null, 4)}\n`)) as Record<string, unknown>[];
        for (const [index, one] of shown.entries()) {
          const [key = ''] = all[index] ?? [];
          expect(one['list']).toEqual(['***']);
          if (!KNOWN.includes(key)) expect(one[key]).toBe('***');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('what is no line of JSON is dropped', () => {
    expect(known('password: hunter2\n{\n  "name": "a"\n}\nlibxl: hunter2\n')).toBe('{\n  "name": "a"\n}\n');
  });
});
