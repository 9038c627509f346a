import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseProcCmdline } from '../../lib/parsers/proc-cmdline.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the command line of a process', () => {
  it('is what this process was started with', () => {
    const { argv, rewritten, cut } = parseProcCmdline(readFileSync('/proc/self/cmdline'));
    expect(argv[0]).toMatch(/node/);
    expect({ rewritten, cut }).toEqual({ rewritten: false, cut: false });
  });

  it('keeps empty arguments and spaces', () => {
    expect(parseProcCmdline(bytes('qemu\0-append\0\0-name\0a b\0'))).toEqual({
      argv: ['qemu', '-append', '', '-name', 'a b'],
      rewritten: false,
      cut: false,
    });
  });

  it('is empty for a zombie or a kernel thread', () => {
    expect(parseProcCmdline(new Uint8Array())).toEqual({ argv: [], rewritten: false, cut: false });
  });

  it('shows what is not UTF-8 as U+FFFD and loses no argument by it', () => {
    const raw = Uint8Array.of(...bytes('qemu\0-name\0'), 0xe4, 0, ...bytes('-S\0'));
    expect(parseProcCmdline(raw).argv).toEqual(['qemu', '-name', '\ufffd', '-S']);
  });

  // get_mm_cmdline of fs/proc/base.c hands out one string where the last NUL was overwritten.
  it.each([
    ['nginx: worker process', true],
    ['nginx: worker process\0', true],
    ['qemu\0-S\0', false],
    ['/opt/my tool\0-S\0', false],
    ['qemu\0', false],
    ['qemu', false],
  ])('%j was rewritten: %s', (text, rewritten) => {
    expect(parseProcCmdline(bytes(text)).rewritten).toBe(rewritten);
  });

  it.each([
    [4095, 'x', false],
    [4096, 'x', true],
    [4096, '\0', false],
    [4097, 'x', false],
  ])('of %d bytes that end with %j was cut off: %s', (length, last, cut) => {
    expect(parseProcCmdline(bytes(`qemu\0${'x'.repeat(length - 6)}${last}`)).cut).toBe(cut);
  });

  it('is there for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
        const nuls = raw.filter((byte) => byte === 0).length;
        const open = raw.length > 0 && raw.at(-1) !== 0 ? 1 : 0;
        expect(parseProcCmdline(raw).argv).toHaveLength(nuls + open);
      }),
    );
  });
});
