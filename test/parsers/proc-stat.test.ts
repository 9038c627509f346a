import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseProcStat } from '../../lib/parsers/proc-stat.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// The order of the fields is that of do_task_stat in fs/proc/array.c; flags and sizes as a KVM guest of Debian 12 has them.
const QEMU =
  '16224 (qemu-system-x86) S 1 16223 16223 0 -1 138412416 45160 0 12 0 92 41 0 0 20 0 4 0 39516 1137037312 14034\n';
const withComm = (comm: string): string => QEMU.replace('qemu-system-x86', () => comm);

describe('the state of a process', () => {
  it('is read field by field', () => {
    expect(parseProcStat(QEMU)).toEqual({
      pid: 16224,
      comm: 'qemu-system-x86',
      state: 'S',
      ppid: 1,
      flags: 138412416,
      starttimeTicks: 39516,
      vsizeBytes: 1137037312,
      kernelThread: false,
    });
  });

  it('of this process is its own', () => {
    const stat = parseProcStat(readFileSync('/proc/self/stat', 'utf8'));
    expect(stat.pid).toBe(process.pid);
    expect(stat.ppid).toBe(process.ppid);
    expect(stat.kernelThread).toBe(false);
    expect(stat.vsizeBytes).toBeGreaterThan(process.memoryUsage().rss);
  });

  it.each(['CPU 0/KVM', 'a) S 1 (b', ')', '(', '', ') R 7 7 7', 'two\nlines'])(
    'is read behind the name %j',
    (comm) => {
      expect(parseProcStat(withComm(comm))).toEqual({ ...parseProcStat(QEMU), comm });
    },
  );

  // PF_KTHREAD and PF_FORKNOEXEC of include/linux/sched.h
  it.each([
    [0x00200000, true],
    [0x00208040, true],
    [0x80200000, true],
    [0x00100000, false],
    [0x00400000, false],
    [0, false],
  ])('with the flags %d is that of a kernel thread: %s', (flags, kernelThread) => {
    expect(parseProcStat(QEMU.replace('138412416', String(flags))).kernelThread).toBe(kernelThread);
  });

  it.each([
    ['', 'no name in parentheses'],
    ['16224 (qemu S 1', 'no name in parentheses'],
    [') (', 'no name in parentheses'],
    ['1 (a) 7 8', 'field 3 is no state, found "7"'],
    ['1 (a) 7S 8', 'field 3 is no state, found "7S"'],
    ['1 (a) SS 8', 'field 3 is no state, found "SS"'],
    [QEMU.slice('16224 '.length), 'field 1 is no number, found ""'],
    [QEMU.replace('39516', '39516x'), 'field 22 is no number, found "39516x"'],
    ['1 (a) S x', 'field 9 is no number, found ""'],
    [QEMU.replace('16224', 'pid'), 'field 1 is no number, found "pid"'],
    [QEMU.replace('39516', '-1'), 'field 22 is no number, found "-1"'],
    [QEMU.slice(0, QEMU.indexOf(' 1137037312')), 'field 23 is no number, found ""'],
  ])('is not to be read from %j', (text, problem) => {
    expect(() => parseProcStat(text)).toThrow(`/proc/PID/stat: ${problem}`);
  });

  it('is read, or a format error is thrown', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(' ', '(', ')', 'S', '1', ...QEMU.split(/(?= )/)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        try {
          expect(parseProcStat(parts.join('')).pid).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
