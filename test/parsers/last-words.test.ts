import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseLastWords } from '../../lib/parsers/last-words.ts';

const of = (...argv: string[]): readonly string[] =>
  parseLastWords(Buffer.from(argv.map((word) => `${word}\0`).join('')));

describe('the last words of a scanner', () => {
  it('of svscan are kept by readproctitle', () => {
    // As it stands in /proc of Debian 12, daemontools 0.76.
    const full = '...run: access denied\nsupervise: fatal: unable to start norun/run: file does not exist\n';
    expect(of('readproctitle', 'service', 'errors:', full)).toEqual([
      'supervise: fatal: unable to start norun/run: file does not exist',
    ]);
    expect(of('/usr/bin/readproctitle', 'service', 'errors:', '......svscan: warning: a\nb\n')).toEqual([
      'svscan: warning: a',
      'b',
    ]);
    expect(of('readproctitle', 'service', 'errors:', '.'.repeat(400))).toEqual([]);
  });

  it('of runsvdir are kept by itself', () => {
    const full = 'log:  noexec: fatal: unable to start ./run: access denied\nrunsv norun: fatal: no\n';
    expect(of('runsvdir', '-P', '/service', full)).toEqual(['runsv norun: fatal: no']);
    expect(of('runsvdir', '-P', '/service')).toEqual([]);
    expect(of('runsvdir', '-P', '/service', 'log: ........')).toEqual([]);
    const fresh = 'log: ......runsv web: fatal: unable to open log\n  at line....3 \n';
    expect(of('runsvdir', '-P', '/service', fresh)).toEqual([
      'runsv web: fatal: unable to open log',
      'at line....3',
    ]);
  });

  it('are not in other command lines', () => {
    expect(of('svscan', '/service')).toEqual([]);
    expect(of('sh', '-c', 'sleep 1\necho log: a\n')).toEqual([]);
    expect(of('readproctitle.sh', 'service', 'errors:', '....a\nb\n')).toEqual([]);
    expect(of('readproctitle')).toEqual([]);
    expect(of()).toEqual([]);
  });

  it('are lines of text, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const words = parseLastWords(Buffer.concat([Buffer.from('readproctitle\0'), bytes]));
        expect(words.every((line) => line !== '' && !line.includes('\n'))).toBe(true);
      }),
    );
  });
}); // prettier-ignore
