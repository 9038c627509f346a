import { describe, expect, it } from 'vitest';

import { clause, headline } from '../../lib/report/headline.ts';
import type { Report } from '../../lib/report/report.ts';
import { byteLength } from '../../lib/report/text.ts';
import { lost, report } from './reports.ts';

describe('line 1 as a list', () => {
  const slow = (subject: string, text: string) => ({ kind: 'slow', subject, text });
  const findings = [
    slow('a', 'its disk'),
    slow('b', ' its memory '),
    slow('c', 'its disk'),
    slow('a ', 'its card'),
    slow('', 'the whole'),
  ];
  const all = report({ findings, summary: ' 3 of 4 can move\n', isList: true });

  it.each([
    [81, '3 of 4 can move. a: its disk and its card, b: its memory, c: its disk, the whole'],
    [80, '3 of 4 can move. a: its disk and its card, b: its memory, and 2 more: c'],
    [71, '3 of 4 can move. a: its disk and its card, b: its memory, and 2 more: c'],
    [70, '3 of 4 can move. a: its disk and its card, b: its memory, and 2 more'],
    [68, '3 of 4 can move. a: its disk and its card, b: its memory, and 2 more'],
    [67, '3 of 4 can move. a: its disk and its card, and 3 more: b, c'],
    [53, '3 of 4 can move. a: its disk and its card, and 3 more'],
    [52, '3 of 4 can move. a: its disk and its …, and 3 more'],
    [33, '3 of 4 can move. a…, and 3 more'],
  ])('says each subject once, and as many as fit into %i bytes', (maxBytes, line) => {
    expect(headline(all, maxBytes)).toBe(line);
  });

  it.each([2, 9, 10, 11, 12, 101])('of %i subjects uses the room to the last byte', (count) => {
    const many = Array.from({ length: count }, (_, i) => slow(`v${i}`, 'x'.repeat(60)));
    const line = headline(report({ findings: many, summary: '0 can move', isList: true }), 60);
    expect(line).toMatch(new RegExp(`^0 can move\\. v0: x+…, and ${count - 1} more$`));
    expect(byteLength(line)).toBe(60);
  });

  it('gives its only entry all the room', () => {
    const one = report({ findings: [slow('a', 'its disk')], summary: '3 of 4 can move', isList: true });
    expect(headline(one, 28)).toBe('3 of 4 can move. a: its disk');
    expect(headline(one, 27)).toBe('3 of 4 can move. a: its …');
  });

  it.each([
    ['there is nothing to list under', { summary: '' }, 'a: is slow, and 1 more: b'],
    ['something is critical', { findings: [lost('b')] }, 'b: is lost. 1 guest'],
    ['the check says so', { isList: false }, 'a: is slow, and 1 more: b. 1 guest'],
  ])('is none where %s', (_, other, line) => {
    const both = [slow('a', 'is slow'), slow('b', 'is slow')];
    expect(headline(report({ findings: both, isList: true, ...other }), 200)).toBe(line);
  });
});

describe('line 1', () => {
  const four = report({ findings: ['a', 'b', 'cc', 'd'].map((name) => lost(name)), summary: '4 guests' });

  it.each([
    [43, 'a: is lost, and 3 more: b, ... 4 guests'],
    [42, 'a: is lost, and 3 more: b, ... 4 guests'],
    [44, 'a: is lost, and 3 more: b, cc, d. 4 guests'],
    [39, 'a: is lost, and 3 more. 4 guests'],
    [32, 'a: is lost, and 3 more. 4 guests'],
    [31, 'a: is …, and 3 more. 4 guests'],
  ])('names as many others as fit into %i bytes', (maxBytes, line) => {
    expect(headline(four, maxBytes)).toBe(line);
  });

  it('names nobody twice, and nobody without a name', () => {
    const findings = [lost('a'), lost('b'), lost('b '), lost('a\t', 'is lost again'), lost('')];
    expect(headline(report({ findings }), 200)).toBe('a: is lost, and 4 more: b. 1 guest');
    expect(headline(report({ findings: [lost('a'), lost(' a')] }), 200)).toBe(
      'a: is lost, and 1 more. 1 guest',
    );
  });

  it('gives the counts 90 bytes', () => {
    const at = (summary: string): string => headline(report({ findings: [lost('a')], summary }), 250);
    expect(at('x'.repeat(90))).toBe(`a: is lost. ${'x'.repeat(90)}`);
    expect(at('x'.repeat(91))).toBe(`a: is lost. ${'x'.repeat(87)}…`);
  });

  it('ends with one dot where the text has its own', () => {
    expect(headline(report({ findings: [lost('a', 'is lost.')] }), 200)).toBe('a: is lost. 1 guest');
  });

  it('mentions what is not alarmed about in the room that is left', () => {
    const findings = ['a', 'b', 'c'].map((subject) => ({ kind: 'odd', subject, text: 'is odd' }));
    const odd: Report = report({ findings });
    expect(headline(odd, 51)).toBe('1 guest. Not alarmed: a: is odd, and 2 more: b, c');
    expect(headline(odd, 50)).toBe('1 guest. Not alarmed: a: is odd, and 2 more');
    expect(headline(report({ findings, summary: '' }), 200)).toBe('a: is odd, and 2 more: b, c');
    expect(headline(report({ summary: ' fine ' }), 200)).toBe('fine');
  });

  it('says a finding without blanks around it', () => {
    expect(clause({ ...lost('', ' x '), state: 'ok' })).toBe('x');
  });
});
