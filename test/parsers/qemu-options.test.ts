import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { walkQemuOptions } from '../../lib/parsers/qemu-options.ts';
import { lab } from '../lab/lab.ts';
import { runPlugin } from '../lab/process.ts';
import { inPairs, ORACLE } from './qemu-oracle.ts';

const walked = (...args: string[]): string[] =>
  walkQemuOptions(['qemu', ...args]).map(({ name, value }) => (value === null ? name : `${name}: ${value}`));

describe('the options of a qemu command line', () => {
  it.each<[string[], string[]]>([
    [
      ['-S', '-name', 'a'],
      ['S', 'name: a'],
    ],
    [
      ['--name', 'a', '--enable-kvm'],
      ['name: a', 'enable-kvm'],
    ],
    [
      ['-name', '-cpu', '-S'],
      ['name: -cpu', 'S'],
    ],
    [
      ['-append', '-cpu host,+invtsc', '-S'],
      ['append: -cpu host,+invtsc', 'S'],
    ],
    [
      ['-append', '', '-S'],
      ['append: ', 'S'],
    ],
    [['disk.img', '-S'], ['S']],
    [['my-disk', '-S'], ['S']],
    [
      ['-preconfig', 'disk.img', '-S'],
      ['preconfig', 'S'],
    ],
    [
      ['-S', 'disk.img', '-cpu', 'max'],
      ['S', 'cpu: max'],
    ],
    [['-cpu'], ['cpu: ']],
    [['-', '--', '-S'], ['S']],
    [['-object', '{"qom-type":"secret"}'], ['object: {"qom-type":"secret"}']],
  ])('%j are %j', (args, options) => {
    expect(walked(...args)).toEqual(options);
  });

  it('that nobody knows yet take what follows, unless that is an option', () => {
    expect(walked('-future', 'value', '-cpu', 'max')).toEqual(['future: value', 'cpu: max']);
    expect(walked('-future', '-cpu', 'max')).toEqual(['future', 'cpu: max']);
    expect(walked('-future')).toEqual(['future']);
  });

  it('are read from any arguments', () => {
    const arg = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('-S', '-cpu', '--name', '-', '--', ''),
    );
    fc.assert(
      fc.property(fc.array(arg), (args) => {
        expect(walkQemuOptions(args).length).toBeLessThanOrEqual(args.length);
      }),
    );
  });
});

lab(ORACLE, 'the installed qemu', () => {
  it('has the options that are known, each with or without a value', async () => {
    const { stdout } = await runPlugin('qemu-system-x86_64', ['-help']);
    const options = new Set([...stdout.matchAll(/^--?([a-zA-Z][\w-]*)/gm)].map(([, name = '']) => name));
    expect(options.size).toBeGreaterThan(90);
    // qemu looks at all names before it does anything: it complains about the first that it does not know.
    const differing = await inPairs([...options], async (name) => {
      const { stderr } = await runPlugin('qemu-system-x86_64', [`-${name}`, '-no-such', '-nor-such']);
      const takesValue = stderr.includes('-nor-such: invalid option');
      expect(stderr).toContain(takesValue ? '-nor-such: invalid option' : '-no-such: invalid option');
      const isRead = ['plain', '-no-such'].every((next) => {
        const [option] = walkQemuOptions(['qemu', `-${name}`, next]);
        return (option?.value ?? null) === (takesValue ? next : null);
      });
      return isRead ? [] : [name];
    });
    expect(differing.flat()).toEqual([]);
  });
});
