import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseLibvirtConf } from '../../lib/parsers/libvirt-conf.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('a configuration file of libvirt', () => {
  // The comments are those of libvirt 9.0's virtlogd.conf and qemu.conf.
  it.each([
    ['#max_size = 2097152\n', []],
    ['max_size = 0\nmax_backups=5 # more\n', [['max_size', 0], ['max_backups', 5]]],
    ['log_outputs="3:syslog:virtlogd"\n', [['log_outputs', '3:syslog:virtlogd']]],
    ["stdio_handler = 'file'", [['stdio_handler', 'file']]],
    ['user = """root\n"quoted" """\nmax_size = 7', [['user', 'root\n"quoted" '], ['max_size', 7]]],
    ['cgroup_controllers = [ "cpu", "devices", # all\n  "]" ]\nmax_size = 1\n', [['cgroup_controllers', null], ['max_size', 1]]],
    ['a = []\nb = [ "", \'\' ]\nc = [ #\n\'x]\' ]\nd = 1', [['a', null], ['b', null], ['c', null], ['d', 1]]],
    // As virtlogd 9.0 does: the other way round it refuses the file, for a number that is none.
    ['max_size = 5000\nmax_size = "x"\nmax_size = [ 1 ]\n', [['max_size', 5000]]],
    ['x = [ 1 ]\nx = 2', [['x', null]]],
    ['max_size = 5000; max_backups = 3;\n', [['max_size', 5000], ['max_backups', 3]]],
    ['#\n# x = 1\n#\ny = 2', [['y', 2]]],
    ['a = ""\nb = \'\'\nc = """"""\nd = 1', [['a', ''], ['b', ''], ['c', ''], ['d', 1]]],
    ['x = -1\ny = +5\nz = -0', [['x', -1], ['y', 5], ['z', 0]]],
    ['x = "a # b"', [['x', 'a # b']]],
    ['', []],
  ] as const)('%j says %j', (text, pairs) => {
    expect([...parseLibvirtConf(text)]).toEqual(pairs);
  }); // prettier-ignore

  it.each([
    ['max_size = 2M', 'line 1: expected a number, a string or a list, found "2M"'],
    ['max_size', 'line 1: expected NAME = VALUE, found "max_size"'],
    ['a = 1\n\nmax_size =', 'line 3: expected a number, a string or a list, found ""'],
    ['x = "open\ny = 1\n', 'line 1: expected a number, a string or a list, found ""open"'],
    ['x = [ "a"', 'line 1: expected a number, a string or a list, found "[ "a""'],
    ['a = 1\n= 3\nb = 2\n', 'line 2: expected NAME = VALUE, found "= 3"'],
    ['\n= 3', 'line 2: expected NAME = VALUE, found "= 3"'],
    ['x = yes', 'line 1: expected a number, a string or a list, found "yes"'],
  ])('is not %j: says line and reason', (text, message) => {
    expect(() => parseLibvirtConf(text)).toThrow(FormatError);
    expect(() => parseLibvirtConf(text)).toThrow(message);
  });

  it('is parsed, or refused with a FormatError, whatever it holds', () => {
    const parts = ['max_size', ' = ', '3', '"', "'", '[', ']', '#', '\n', '"""', ',', 'x', ' '];
    const likely = fc.array(fc.constantFrom(...parts)).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), likely), (text) => {
        try {
          parseLibvirtConf(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
