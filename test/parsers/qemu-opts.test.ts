import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { lastOpt, parseQemuOpts, printQemuOpts, type QemuOpt } from '../../lib/parsers/qemu-opts.ts';

describe('the value of a qemu option', () => {
  // The first four are from libvirt's tests (qemuxml2argvdata: name-escape, disk-drive-escape); the rest follows
  // get_opt_name_value of util/qemu-option.c, and 7.2 takes -name with them that way.
  it.each<[string, string | null, QemuOpt[]]>([
    [
      'guest=foo=1,,bar=2,debug-threads=on',
      'guest',
      [
        ['guest', 'foo=1,bar=2'],
        ['debug-threads', 'on'],
      ],
    ],
    ['acrux', 'guest', [['guest', 'acrux']]],
    [
      'acrux,debug-threads=on',
      'guest',
      [
        ['guest', 'acrux'],
        ['debug-threads', 'on'],
      ],
    ],
    [
      'file=/tmp/a,,b.img,if=none',
      null,
      [
        ['file', '/tmp/a,b.img'],
        ['if', 'none'],
      ],
    ],
    ['a,,b=c', 'guest', [['guest', 'a,b=c']]],
    ['foo=1', 'guest', [['foo', '1']]],
    ['', 'guest', []],
    ['', null, []],
    [',,', 'guest', [['guest', ',']]],
    [
      ',process=x',
      'guest',
      [
        ['guest', ''],
        ['process', 'x'],
      ],
    ],
    ['a=,,', null, [['a', ',']]],
    [
      'a=,,,b=c',
      null,
      [
        ['a', ','],
        ['b', 'c'],
      ],
    ],
    ['a=,,,,b=c', null, [['a', ',,b=c']]],
    ['a=b,', null, [['a', 'b']]],
    ['a=b=c', null, [['a', 'b=c']]],
    ['=v', null, [['', 'v']]],
    [
      'server,nowait',
      null,
      [
        ['server', 'on'],
        ['wait', 'off'],
      ],
    ],
    ['nodebug-threads', 'guest', [['guest', 'nodebug-threads']]],
    [
      'x,nodebug-threads',
      'guest',
      [
        ['guest', 'x'],
        ['debug-threads', 'off'],
      ],
    ],
    [
      'a=1,b,a=2',
      null,
      [
        ['a', '1'],
        ['b', 'on'],
        ['a', '2'],
      ],
    ],
  ])('%j with the implied key %j is %j', (text, impliedKey, opts) => {
    expect(parseQemuOpts(text, impliedKey)).toEqual(opts);
  });

  it('comes back from its printed form', () => {
    const key = fc.string({ unit: 'binary' }).filter((text) => !/[=,]/.test(text));
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(',', '=', 'a') }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), fc.option(key), (opts, impliedKey) => {
        expect(parseQemuOpts(printQemuOpts(opts), impliedKey)).toEqual(opts);
      }),
    );
  });

  it('is read for any text, and reading what was read changes nothing', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(',', '=', 'n', 'o', 'x') }),
    );
    fc.assert(
      fc.property(text, (any) => {
        const opts = parseQemuOpts(any, 'implied');
        expect(parseQemuOpts(printQemuOpts(opts), 'implied')).toEqual(opts);
      }),
    );
  });

  it('has the last value of a key that is there twice', () => {
    expect(
      lastOpt(
        [
          ['a', '1'],
          ['b', '2'],
          ['a', '3'],
        ],
        'a',
      ),
    ).toBe('3');
    expect(lastOpt([['a', '1']], 'b')).toBeNull();
  });
});
