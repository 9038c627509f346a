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
    ['cgroup_controllers = [ "cpu", "devices", # all\n  "]" ]\nmax_size = 1\n', [['max_size', 1]]],
    ['max_size = 1\nmax_size = 2\n', [['max_size', 2]]],
    ['x = -1', [['x', -1]]],
    ['x = "a # b"', [['x', 'a # b']]],
    ['', []],
  ] as const)('%j says %j', (text, pairs) => {
    expect([...parseLibvirtConf(text)]).toEqual(pairs);
  }); // prettier-ignore

  it.each(['max_size = 2M', 'max_size', 'max_size =', 'x = "open', 'x = [ "a"', '= 3', 'x = yes'])(
    'is not %j',
    (text) => {
      expect(() => parseLibvirtConf(text)).toThrow(FormatError);
    },
  );

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
