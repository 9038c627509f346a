import { describe, expect, it } from 'vitest';

import { readByAll } from './all.ts';

describe('all readers together', () => {
  it('agree about the form that this suite prints', () => {
    const output =
      'BOND OK - 2 bonds | bonds=2;5;10:;0 bond0_speed=1000;;@~:5 t=0.5s\n[OK] bond1: has one slave\n';
    expect(readByAll(output)).toEqual({
      problems: [],
      performance: [
        {
          label: 'bonds',
          value: 2,
          unit: '',
          warning: { start: 0, end: 5, inside: false },
          critical: { start: 10, end: Infinity, inside: false },
          min: 0,
        },
        { label: 'bond0_speed', value: 1000, unit: '', critical: { start: -Infinity, end: 5, inside: true } },
        { label: 't', value: 0.5, unit: 's' },
      ],
    });
  });

  it.each(
    [
      ['OK', 'it does not end in a line break'],
      ['OK\n\n', 'there is white space at its beginning or end'],
      [' OK\n', 'there is white space at its beginning or end'],
      ['OK\n\nmore\n', 'there is a blank line'],
      ['OK\r\nmore\n', 'there is a control character'],
      ['OK\x1b[1m\n', 'there is a control character'],
      ['OK \u202e\n', 'there is an invisible character'],
      ['OK \ud800\n', 'it is not well-formed Unicode'],
      ['O\0K\n', 'NRPE does not carry all of it'],
      [`OK\n${'x'.repeat(8192)}\n`, 'it is longer than 8192 bytes'],
      [`OK\n${'x'.repeat(65_535)}\n`, 'NRPE does not carry all of it'],
      ['OK <none>\n', 'Icinga DB Web takes it for HTML'],
      ['OK C:\\new\n', 'Icinga DB Web reads a written \\n or \\t as a break'],
      ['OK | a=1 | b=2\n', 'there is more than one |'],
      ['OK\nlong | a=1\n', 'there is a | after line 1'],
      ['OK\nlong | a=1\nmore\n', 'Nagios and Icinga 2 read different texts'],
      ['3 | 4\n', 'Icinga 2 reads another text'],
      ['a;b\n', 'Nagios and Icinga 2 read different texts'],
      ['| a=1\n', 'line 1 says nothing'],
      ['OK | a=1  b=2\n', 'Icinga 2 stores other items than were printed'],
      ["OK | 'a b'=1\n", "'a is not label=value[unit];warning;critical;min;max"],
      ['OK | a=1 a=2\n', 'a label is there twice'],
      ['OK | 0=1\n', 'Icinga DB Web shows another number of items'],
      ['OK | a::b=1 c=2\n', 'Icinga 2 renames c to a::c'],
      ['OK | a=1rpm\n', 'Icinga 2 does not know the unit rpm'],
      ['OK | a=1m\n', 'the unit m is not the same to all'],
      ['OK | a=1packets\n', 'Icinga DB Web does not understand a=1packets'],
      ['OK | a=U\n', 'a=U is not label=value[unit];warning;critical;min;max'],
      ['OK | a=1,5\n', 'a=1,5 is not label=value[unit];warning;critical;min;max'],
      ['OK | a=1;20:10\n', 'a=1;20:10 is not label=value[unit];warning;critical;min;max'],
      ['OK | a=1;;;;5;\n', 'a=1;;;;5; is not label=value[unit];warning;critical;min;max'],
      ['OK | a=1;;;1.2.3\n', 'Icinga 2 refuses a=1;;;1.2.3: 1.2.3 is no number'],
    ].map(([output = '', problem = '']) => ({ output, problem })),
  )('complain: $problem', ({ output, problem }) => {
    expect(readByAll(output).problems).toContain(problem);
  });
});
