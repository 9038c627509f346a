import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { acceptPlain, valuesOf, type Given } from '../../lib/cli/arguments.ts';
import { tableOf } from '../../lib/cli/command-line.ts';
import { parseWithYargs } from '../../lib/cli/yargs-arguments.ts';
import { flag, names, range, rangeIn, state } from '../../lib/option.ts';
import { examplePlugin } from '../example-plugin.ts';

const table = tableOf(examplePlugin);

async function parse(...args: string[]): Promise<Readonly<Record<string, unknown>>> {
  const given = acceptPlain(args, table) ?? (await parseWithYargs(args, table));
  return valuesOf(given, table);
}

/** Words as people and Icinga write them, good and bad. */
const word = fc.oneof(
  fc.constantFrom(
    '-w', '-c', '--warning', '--critical', '-t', '-v', '-vv', '-vvv', '-vvvv', '-V', '--verbose', '--quick', '-q', '--only',
    '--too-big', '--none', '--format', '-w5', '-w=5', '-vw', '-v=3', '-v3', '--quick=x', '--warning=-10:10', '--only=a=b',
    '--only=', '--nope', '-x', '--', '-', '', '10', '-10:10', '-5', '-5x', '-1:2', '-.5', '~:10', '@1:2', 'a b', "'q'", '"q"', '--only=\'x\'',
    'ok', 'critical', 'json', 'true', 'false', '3', '--no-quick', '--__proto__', '--constructor', '--toString=1', '1e3',
  ),
  fc.string({ maxLength: 5 }),
  fc.string({ maxLength: 4 }).map((text) => `--only=${text}`),
); // prettier-ignore

describe('the acceptor of plain forms', () => {
  it('reads what it accepts exactly as yargs does', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (args) => {
        const plain = acceptPlain(args, table);
        if (plain === null) return;
        accepted += 1;
        const slow: Given = await parseWithYargs(args, table);
        expect(new Map(plain)).toEqual(new Map(slow));
      }),
      { numRuns: 6000 },
    );
    // A property that is never met proves nothing.
    expect(accepted).toBeGreaterThan(300);
  });

  it.each([
    [['-w', '-10:10']],
    [['--warning', '10']],
    [['--warning=-10:10', '-v', '-vv']],
    [['--only', 'a', '--only', 'b', '--quick']],
    [[]],
  ])('accepts what Icinga writes: %j', (args) => {
    expect(acceptPlain(args, table)).not.toBeNull();
  });
});

describe('a command line', () => {
  it('has a default for every option', async () => {
    expect(await parse()).toMatchObject({
      quick: false,
      only: [],
      warning: undefined,
      'too-big': 'warning',
      none: 'ok',
      timeout: { seconds: 8, state: 'unknown' },
      format: 'nagios',
      verbose: 0,
      help: false,
    });
  });

  it('takes a range that begins with a dash', async () => {
    const range = { start: -10, end: 10, inside: false };
    for (const args of [['-w', '-10:10'], ['-w-10:10'], ['--warning', '-10:10'], ['--warning=-10:10']]) {
      expect(await parse(...args)).toMatchObject({ warning: range });
    }
  });

  it('has thresholds with units and defaults where the plugin says so', () => {
    const sized = { ...examplePlugin, thresholds: { unit: 'B', warning: '1KiB' } } as const;
    const values = (...args: string[]) =>
      valuesOf(acceptPlain(args, tableOf(sized)) ?? new Map(), tableOf(sized));
    expect(values()).toMatchObject({ warning: { start: 0, end: 1024 }, critical: undefined });
    expect(values('-w', '~:', '-c', '2MiB')).toMatchObject({
      warning: { end: Infinity },
      critical: { end: 2097152 },
    });
    expect(() => values('-c', '2M')).toThrow('--critical: "2M" is not a range: ');
  });

  it('takes lists by repetition, and states in any case', async () => {
    expect(await parse('--only', 'a', '--only', '-1', '--too-big', 'CRITICAL')).toMatchObject({
      only: ['a', '-1'],
      'too-big': 'critical',
    });
  });

  it('counts -v, three at most', async () => {
    expect(await parse('-v')).toMatchObject({ verbose: 1 });
    expect(await parse('-v', '-v')).toMatchObject({ verbose: 2 });
    expect(await parse('-vvvvv')).toMatchObject({ verbose: 3 });
  });

  it('takes a state for the timeout', async () => {
    expect(await parse('-t', '2.5:critical')).toMatchObject({ timeout: { seconds: 2.5, state: 'critical' } });
  });

  it.each([
    [['--wraning', '5'], '"wraning" is not an option, did you mean --warning?'],
    [['--zzz'], '"zzz" is not an option'],
    [['bond0'], '"bond0" is not an option'],
    [['--only', 'a', 'b'], '"b" is not an option'],
    [['-w'], '-w needs a value'],
    [['-w', '--quick'], '-w needs a value'],
    [['--warning='], '--warning needs a value, "" is empty'],
    [['--only', ''], '--only needs a value, "" is empty'],
    [['-w', '1', '--warning', '2'], '--warning was given 2 times, it takes one value'],
    [['-v=3'], '-v takes no value, as in "-v=3"'],
    [['-v3'], '-v takes no value, as in "-v3"'],
    [['--verbose=3'], '--verbose takes no value'],
    [['--quick=true'], '--quick takes no value'],
    [['-v', 'true'], '-v takes no value, as in "true"'],
    [['--', '-w', '1'], '"--" has no meaning here'],
    [['--no-quick'], '"no-quick" is not an option'],
    [['--too-big', 'red'], '--too-big: "red" is not a state, write one of ok, unknown, warning, critical'],
    [['--format', 'xml'], '--format: "xml" is not a format'],
    [['-t', '0'], '--timeout: "0" is not SECONDS'],
    [['-t', 'soon'], '--timeout: "soon" is not SECONDS'],
    [['-w', 'abc'], '--warning: '],
    [['-w', '-10'], '--warning: '],
  ])('with an error names its cause: %j', async (args, cause) => {
    await expect(parse(...args)).rejects.toThrow(cause);
  });
});

describe('option makers', () => {
  it('give an option the type that its values have', () => {
    expect(flag('x').type).toBe('flag');
    expect(names('x').parse('a')).toBe('a');
    expect(state('x', 'ok').byDefault).toBe('ok');
    expect(range('x').placeholder).toBe('RANGE');
    expect(rangeIn('s', 'x').parse('2h:')).toEqual({ start: 7200, end: Infinity, inside: false });
  });
});
