import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { conclude } from '../../lib/report/conclude.ts';
import { parseRange } from '../../lib/report/range.ts';
import { longLines, renderNagios } from '../../lib/report/render-nagios.ts';
import { byteLength, shellQuote } from '../../lib/report/text.ts';
import { readByAll } from '../readers/all.ts';
import { throughNrpe } from '../readers/nrpe.ts';
import { anyName } from './arbitraries.ts';
import { anyEvidence, lost, PLUGIN, report } from './reports.ts';

const PLAIN = { verbosity: 0, colour: false };

/** Of the line, what stands before the performance data. */
function headOf(output: string): string {
  return output.replace(/( \|.*)?\n[^]*$/, '');
}

describe('the output', () => {
  const repair = (name: string) => ({
    how: 'Start the guest again.',
    commands: [`virsh start ${name}`],
  });

  it('of a healthy check is one line', () => {
    expect(renderNagios(report({}), PLAIN)).toBe('GUESTS OK - 1 guest | guests=1;;;0\n');
  });

  it('without numbers has no bar', () => {
    expect(renderNagios(report({ measurements: [] }), PLAIN)).toBe('GUESTS OK - 1 guest\n');
  });

  it('names the worst first, then the others, then the counts, and below what to do', () => {
    const findings = [
      { kind: 'slow', subject: 'castor', text: 'is slow', detail: ['load 40', '2 processors'] },
      lost('vm-10', 'is lost', { repair: repair('vm-10') }),
      lost('vm-2', 'is lost since 3 days, expected to run', { repair: repair('vm-2') }),
      { kind: 'odd', subject: 'deneb', text: 'is odd', repair: repair('deneb') },
    ];
    expect(
      renderNagios(report({ findings, summary: '4 guests, 2 lost' }, { warning: parseRange('10') }), PLAIN),
    ).toBe(
      [
        'GUESTS CRITICAL - vm-2: is lost since 3 days, expected to run, and 2 more: vm-10, castor. 4 guests, 2 lost' +
          ' | guests=1;10;;0',
        '[CRITICAL] vm-2: is lost since 3 days, expected to run',
        '[CRITICAL] vm-10: is lost',
        '[WARNING] castor: is slow (load 40, 2 processors)',
        '[OK] deneb: is odd',
        'Start the guest again.',
        '  virsh start vm-2',
        '  virsh start vm-10',
        '',
      ].join('\n'),
    );
  });

  it('prints the same steps once, and all steps of different ones', () => {
    const both = { how: 'Restart.', commands: ['stop', 'start'] };
    const findings = [
      lost('a', 'x', { repair: both }),
      lost('b', 'x', { repair: both }),
      lost('c', 'x', { repair: { how: 'Restart.', commands: ['stop', 'wait'] } }),
    ];
    expect(renderNagios(report({ findings }), PLAIN)).toContain(
      '\nRestart.\n  stop\n  start\n  stop\n  wait\n',
    );
  });

  it('mentions what was found and is not alarmed about', () => {
    const odd = (subject: string) => ({ kind: 'odd', subject, text: 'is odd', repair: repair(subject) });
    expect(renderNagios(report({ findings: [odd('b'), odd('a'), odd('c')] }), PLAIN)).toBe(
      'GUESTS OK - 1 guest. Not alarmed: a: is odd, and 2 more: b, c | guests=1;;;0\n' +
        '[OK] a: is odd\n[OK] b: is odd\n[OK] c: is odd\n',
    );
  });

  it('says first that there is nothing, where there is nothing', () => {
    const none = { none: 'no guests run here', items: [], measurements: [] };
    expect(headOf(renderNagios(report({ ...none, summary: '0 guests' }), PLAIN))).toBe(
      'GUESTS OK - no guests run here. 0 guests',
    );
    expect(headOf(renderNagios(report({ ...none, summary: '' }, { noneState: 'warning' }), PLAIN))).toBe(
      'GUESTS WARNING - no guests run here',
    );
  });

  it('has items from -v on and the trace from -vv on', () => {
    const odd = { kind: 'odd', subject: 'a', text: 'is odd', repair: repair('a') };
    const all = report({ findings: [odd] }, { trace: ['read /proc'] });
    const below = (verbosity: number) =>
      renderNagios(all, { ...PLAIN, verbosity })
        .split('\n')
        .slice(1, -1);
    expect(below(0)).toEqual(['[OK] a: is odd']);
    expect(below(1)).toEqual(['[OK] a: is odd', 'Start the guest again.', '  virsh start a', 'acrux: fine']);
    expect(below(2)).toEqual([...below(1), 'read /proc']);
    expect(below(3)).toEqual(below(2));
  });

  it('is coloured at the words of the states alone', () => {
    const all = report({
      findings: [lost('WARNING'), { kind: 'slow', subject: 'CRITICAL', text: 'is slow' }],
    });
    const coloured = renderNagios(all, { ...PLAIN, colour: true });
    expect(coloured).toContain('GUESTS \x1b[31mCRITICAL\x1b[0m - WARNING: is lost');
    expect(coloured).toContain('[\x1b[33mWARNING\x1b[0m] CRITICAL: is slow');
    const state = (warning: string) =>
      renderNagios(report({ none: 'none' }, { noneState: warning === 'OK' ? 'ok' : 'unknown' }), {
        ...PLAIN,
        colour: true,
      });
    expect(state('OK')).toContain('GUESTS \x1b[32mOK\x1b[0m - none');
    expect(state('UNKNOWN')).toContain('GUESTS \x1b[35mUNKNOWN\x1b[0m - none');
    expect(coloured.replace(/\x1b\[[0-9]+m/g, '')).toBe(renderNagios(all, PLAIN));
  });

  it('keeps the number of others and the counts when the worst has much to say', () => {
    const findings = [lost('acrux', 'x'.repeat(500)), lost('b'), lost('c')];
    const head = headOf(renderNagios(report({ findings }), PLAIN));
    expect(head).toMatch(/^GUESTS CRITICAL - acrux: x+…, and 2 more\. 1 guest$/);
    expect(byteLength(head)).toBe(250);
  });

  it('names as many others as fit', () => {
    const findings = Array.from({ length: 200 }, (_, i) => lost(`instance-${i}`));
    const head = headOf(renderNagios(report({ findings }), PLAIN));
    expect(head).toMatch(/instance-0: is lost, and 199 more: instance-1, instance-2, .*, \.\.\. 1 guest$/);
    expect(byteLength(head)).toBeGreaterThan(230);
    expect(byteLength(head)).toBeLessThanOrEqual(250);
  });

  it('is cut at a line end and says how many lines are missing', () => {
    const findings = Array.from({ length: 500 }, (_, i) => lost(`vm-${i}`, 'is lost since yesterday'));
    const lines = renderNagios(report({ findings }), { ...PLAIN, maxBytes: 2000 })
      .split('\n')
      .slice(1, -1);
    const shown = lines.length - 1;
    expect(lines.slice(0, shown)).toEqual(
      findings.slice(0, shown).map(({ subject }) => `[CRITICAL] ${subject}: is lost since yesterday`),
    );
    expect(lines.at(-1)).toBe(`... ${500 - shown} more lines`);
  });

  it('gives numbers the room before the long output, and says how many did not fit', () => {
    const measurements = Array.from({ length: 300 }, (_, i) => ({
      metric: 'size',
      item: `vm-${i}`,
      value: i,
    }));
    const output = renderNagios(report({ measurements, findings: [lost('a')] }), {
      ...PLAIN,
      maxBytes: 2000,
    });
    const { problems, performance } = readByAll(output);
    expect(problems).toEqual([]);
    expect(performance.map(({ value }) => value)).toEqual(performance.map((_, i) => i));
    expect(performance.length).toBeGreaterThan(80);
    expect(output).toMatch(new RegExp(`\n${300 - performance.length} more measurements did not fit\n$`));
    expect(byteLength(output)).toBeGreaterThan(1900);
  });

  it('says how many lines are missing where just that fits', () => {
    const findings = Array.from({ length: 3 }, (_, i) => lost(`v${i}`));
    const all = report({ findings, measurements: [] });
    const whole = `${headOf(renderNagios(all, PLAIN))}\n... 3 more lines\n`;
    expect(renderNagios(all, { ...PLAIN, maxBytes: byteLength(whole) })).toBe(whole);
    expect(renderNagios(all, { ...PLAIN, maxBytes: byteLength(whole) - 1 })).not.toContain('...');
  });

  it('uses the limit up to the last byte and no further', () => {
    const measurements = Array.from({ length: 40 }, (_, i) => ({ metric: 'size', item: `v${i}`, value: i }));
    const findings = Array.from({ length: 20 }, (_, i) => lost(`v${i}`));
    const slack = Array.from({ length: 1500 }, (_, i) => {
      const maxBytes = 200 + i;
      const output = renderNagios(report({ measurements, findings }), { ...PLAIN, maxBytes });
      const missing = 40 - readByAll(output).performance.length;
      if (missing > 0) expect(output).toContain(`\n${missing} more measurements did not fit\n`);
      return maxBytes - byteLength(output);
    });
    expect(Math.min(...slack)).toBe(0);
  });

  it('is whole where it fits to the byte, and one byte less is not', () => {
    for (const count of [1, 2, 9]) {
      const findings = Array.from({ length: count }, (_, i) => lost(`v${i}`));
      for (const measurements of [[], [{ metric: 'size', item: 'v', value: 1 }]]) {
        const all = report({ findings, measurements });
        const whole = renderNagios(all, PLAIN);
        const bytes = byteLength(whole);
        expect(renderNagios(all, { ...PLAIN, maxBytes: bytes })).toBe(whole);
        expect(renderNagios(all, { ...PLAIN, maxBytes: bytes - 1 })).not.toBe(whole);
      }
    }
    const numbers = report({ measurements: [{ metric: 'size', item: 'v', value: 1 }] });
    const line = 'GUESTS OK - 1 guest | v_size=1B;;;0\n';
    expect(renderNagios(numbers, { ...PLAIN, maxBytes: line.length })).toBe(line);
    expect(renderNagios(numbers, { ...PLAIN, maxBytes: line.length - 1 })).not.toContain('|');
  });

  it('has as many numbers as there is room for', () => {
    const measurements = Array.from({ length: 99 }, (_, i) => ({
      metric: 'size',
      item: `v${100 + i}`,
      value: 1,
    }));
    const item = ' v100_size=1B;;;0'.length;
    for (let maxBytes = 300; maxBytes < 300 + item; maxBytes += 1) {
      const output = renderNagios(report({ measurements }), { ...PLAIN, maxBytes });
      expect(output).toMatch(/\n[1-9][0-9] more measurements did not fit\n$/);
      expect(maxBytes - byteLength(output)).toBeLessThan(item);
    }
  });

  it('has 8192 bytes where nothing else is said, a line of it 1000, and line 1 without numbers 250', () => {
    const findings = Array.from({ length: 9 }, (_, i) => lost(`v${i}`, 'x'.repeat(2000)));
    const output = renderNagios(report({ findings }), PLAIN);
    expect(output).toBe(renderNagios(report({ findings }), { ...PLAIN, maxBytes: 8192 }));
    expect(output.split('\n').map(byteLength).slice(1, -2)).toEqual(Array(7).fill(1000));
    expect(byteLength(headOf(output))).toBe(250);
  });

  it('is called as the check without its prefix', () => {
    const plugin = { ...PLUGIN, name: 'my_check_guests' };
    expect(renderNagios(report({}, { plugin }), PLAIN)).toMatch(/^MY_CHECK_GUESTS OK/);
  });

  it('is whole with 8192 bytes, and with one more it is not', () => {
    const of = (last: number) =>
      report({ items: [...Array.from({ length: 8 }, () => 'x'.repeat(900)), 'y'.repeat(last)] });
    const whole = (last: number) => renderNagios(of(last), { ...PLAIN, verbosity: 1, maxBytes: 100_000 });
    const last = 8192 - byteLength(whole(0));
    expect(byteLength(whole(last - 1))).toBe(8192);
    expect(renderNagios(of(last - 1), { ...PLAIN, verbosity: 1 })).toBe(whole(last - 1));
    const cut = renderNagios(of(last), { ...PLAIN, verbosity: 1 });
    expect(cut).toMatch(/\n\.\.\. [12] more lines\n$/);
    expect(longLines(of(last - 1), 1, false)).toHaveLength(9);
  });

  it('is one line that ends within few bytes, or says nothing at all after the dash', () => {
    const short = report({ measurements: [] });
    expect(renderNagios(short, { ...PLAIN, maxBytes: 20 })).toBe('GUESTS OK - 1 guest\n');
    expect(renderNagios(short, { ...PLAIN, maxBytes: 19 })).toBe('GUESTS OK - 1 g…\n');
    expect(renderNagios(report({ measurements: [], summary: '' }), PLAIN)).toBe('GUESTS OK -\n');
  });

  it('leaves half of the room to the findings where the commands need more', () => {
    const findings = Array.from({ length: 400 }, (_, i) => {
      return lost(`v${100 + i}`, 'x', {
        repair: { how: 'Start it.', commands: [`virsh start v${100 + i}`] },
      });
    });
    const lines = renderNagios(report({ findings }), PLAIN).split('\n');
    const bytes = lines
      .filter((line) => line.startsWith('['))
      .reduce((sum, line) => sum + byteLength(line) + 1, 0);
    expect(bytes).toBeGreaterThan(3800);
    expect(bytes).toBeLessThan(4100);
  });

  it('has no blank lines, and none that end in blanks', () => {
    const all = report({ items: ['a  ', ' \t', '', 'b'] });
    expect(renderNagios(all, { ...PLAIN, verbosity: 1 })).toBe('GUESTS OK - 1 guest | guests=1;;;0\na\nb\n');
  });

  it('begins its lines with a word', () => {
    const findings = [lost('a', 'is lost', { repair: { how: '  Start it.', commands: ['start a'] } })];
    expect(renderNagios(report({ findings, items: ['\ta: lost'] }), { ...PLAIN, verbosity: 1 })).toContain(
      '\n[CRITICAL] a: is lost\nStart it.\n  start a\na: lost\n',
    );
  });

  it('does not name the worst twice', () => {
    const findings = [lost('a'), lost('a', 'is slow, too'), lost('b')];
    expect(headOf(renderNagios(report({ findings }), PLAIN))).toBe(
      'GUESTS CRITICAL - a: is lost, and 2 more: b. 1 guest',
    );
  });

  it('has no half commands', () => {
    const command = `echo ${'x'.repeat(3000)}`;
    const findings = [lost('a', 'y'.repeat(3000), { repair: { how: 'Look.', commands: [command] } })];
    expect(renderNagios(report({ findings }), PLAIN)).toContain(`\nLook.\n  ${command}\n`);
    expect(renderNagios(report({ findings }), { ...PLAIN, maxBytes: 3000 })).toMatch(
      /\nLook\.\n\.\.\. 1 more lines\n$/,
    );
  });

  it('has commands for the worst of each kind even where there is no room for all findings', () => {
    const repairing = (i: number, how: string) =>
      lost(`guest-${i}`, 'x'.repeat(150), { repair: { how, commands: [`virsh start guest-${i}`] } });
    const findings = Array.from({ length: 320 }, (_, i) => repairing(i, i < 300 ? 'Start it.' : 'Wake it.'));
    const output = renderNagios(report({ findings }), PLAIN);
    for (const text of [
      'guest-0:',
      'Start it.\n  virsh start guest-0\n',
      'Wake it.\n  virsh start guest-300\n',
    ])
      expect(output).toContain(text);
    expect(output.match(/ more lines$/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(byteLength(output)).toBeLessThanOrEqual(8192);
    expect(byteLength(output)).toBeGreaterThan(7000);
  });

  it('holds every name in a command as it was quoted', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const command = `virsh start ${shellQuote(name)}`;
        const findings = [lost(name, 'x', { repair: { how: 'Start it.', commands: [command] } })];
        expect(renderNagios(report({ findings }), PLAIN)).toContain(`\n  ${command}\n`);
      }),
    );
  });
});

describe('any output', () => {
  const verbosity = fc.nat(3);

  it('is read by all consumers alike, and every number arrives', () => {
    fc.assert(
      fc.property(anyEvidence, verbosity, (all, level) => {
        const concluded = conclude(all);
        const { problems, performance } = readByAll(
          renderNagios(concluded, { verbosity: level, colour: false }),
        );
        expect(problems).toEqual([]);
        expect(performance).toEqual(concluded.performance);
      }),
      { numRuns: 1000 },
    );
  });

  it('fits, whatever the limit and however much there is to say', () => {
    fc.assert(
      fc.property(
        anyEvidence,
        verbosity,
        fc.nat(300),
        fc.integer({ min: 1, max: 4000 }),
        fc.boolean(),
        (all, level, times, maxBytes, colour) => {
          const one = conclude(all);
          const many = {
            ...one,
            findings: Array.from({ length: times }, () => one.findings).flat(),
            performance: Array.from({ length: times }, () => one.performance).flat(),
          };
          const output = renderNagios(many, { verbosity: level, colour, maxBytes });
          expect(byteLength(output)).toBeLessThanOrEqual(maxBytes);
          expect(output.endsWith('\n')).toBe(true);
          // Below that not even the text of line 1 fits.
          if (maxBytes >= 300 && !colour) expect(readByAll(output).problems).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that has to pass NRPE of protocol 2 does so whole', () => {
    fc.assert(
      fc.property(anyEvidence, (all) => {
        const output = renderNagios(conclude(all), { verbosity: 3, colour: false, maxBytes: 1023 });
        expect(throughNrpe(output, 2)).toBe(output);
      }),
    );
  });
});

describe('a check whose answer is a list', () => {
  const slow = (subject: string, text: string) => ({ kind: 'slow', subject, text });
  const line = (findings: Parameters<typeof report>[0]['findings'] = []): string =>
    headOf(
      renderNagios(report({ findings, summary: '1 of 3 can move', isList: true, measurements: [] }), PLAIN),
    ).trimEnd();

  it('begins with the counts, and says all of each subject together', () => {
    const findings = [slow('acrux', 'invtsc'), slow('dubhe', 'a disk'), slow('acrux', 'an ISO')];
    expect(line(findings)).toBe('GUESTS WARNING - 1 of 3 can move. acrux: invtsc and an ISO, dubhe: a disk');
  });

  it('begins with what is critical all the same', () => {
    expect(line([slow('acrux', 'invtsc'), lost('dubhe', 'is lost')])).toBe(
      'GUESTS CRITICAL - dubhe: is lost, and 1 more: acrux. 1 of 3 can move',
    );
  });

  it('says as many as fit, and how many more there are', () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      slow(`vm-${index}`, `local disk /srv/guests/${index}.img`),
    );
    const said = line(many);
    expect(byteLength(said)).toBeLessThanOrEqual(250);
    expect(said).toMatch(
      /^GUESTS WARNING - 1 of 3 can move\. vm-0: local disk .*, and 1[0-9] more: vm-[0-9]+, /,
    );
    expect(line([])).toBe('GUESTS OK - 1 of 3 can move');
  });
});
