/** What is mounted where, in words of the kernel: against what stat(2) says on this machine. */
import { readFileSync, statSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mountAbove, parseMountinfo } from '../../lib/parsers/mountinfo.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('/proc/self/mountinfo', () => {
  it('tells each mount with its number, point, type and source', () => {
    const text =
      '25 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n90 25 0:58 / /srv/a\\0401 rw shared:3 master:1 - nfs4 filer:/x rw\n91 25 259:512 / /big rw - xfs /dev/nvme0n1p512 rw\n92 25 0:59 / /none rw - tmpfs  rw\n';
    expect(parseMountinfo(text)).toEqual([
      { device: 0x801, point: '/', type: 'ext4', source: '/dev/sda1' },
      { device: 58, point: '/srv/a 1', type: 'nfs4', source: 'filer:/x' },
      // 0x210300 is what stat(2) gives for 259:512 (makedev(3) of glibc packs it so).
      { device: 0x210300, point: '/big', type: 'xfs', source: '/dev/nvme0n1p512' },
      { device: 59, point: '/none', type: 'tmpfs', source: '' },
    ]);
  });

  it('of this machine has the numbers that stat(2) has', () => {
    const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
    const seen = ['/', '/proc', '/sys', '/dev'].filter((point) => mounts.some((one) => one.point === point));
    expect(seen.length).toBeGreaterThan(1);
    for (const point of seen) expect(mountAbove(point, mounts)?.device, point).toBe(statSync(point).dev);
  });

  const ROOT = '25 1 8:1 / / rw - ext4 /dev/sda1 rw\n';
  it.each([
    ['', 'mountinfo: nothing is mounted'],
    ['\n', 'mountinfo: nothing is mounted'],
    [`${ROOT}26 25 8:2 / /a\n`, 'mountinfo, line 2: not a mount, found "26 25 8:2 / /a"'],
    ['25 1 x / / rw - ext4 /dev/sda1 rw\n', 'mountinfo, line 1: not a mount'],
    ['25 1 x8:1 / / rw - ext4 /dev/sda1 rw\n', 'mountinfo, line 1: not a mount'],
    ['25 1 8:1x / / rw - ext4 /dev/sda1 rw\n', 'mountinfo, line 1: not a mount'],
    ['25 1 8:1 / - ext4 /dev/sda1 rw\n', 'mountinfo, line 1: not a mount'],
    // Cut off: show_mountinfo ends each line with the options of the file system, of which there is always one.
    [`${ROOT}26 25 8:2 / /a rw - ext4 /dev/sd`, 'mountinfo, line 2: not a mount'],
    ['garbage', 'mountinfo, line 1: not a mount, found "garbage"'],
  ])('is refused: %j', (text, message) => {
    expect(() => parseMountinfo(text)).toThrow(FormatError);
    expect(() => parseMountinfo(text)).toThrow(message);
  });

  it('never throws anything but FormatError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseMountinfo(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});

describe('the mount above a path', () => {
  const part = fc.constantFrom('a', 'b', 'ab');
  const point = fc.array(part, { maxLength: 3 }).map((all) => `/${all.join('/')}`);
  it('is the longest point that leads to it, the last of several', () => {
    fc.assert(
      fc.property(fc.array(point), point, (points, path) => {
        const mounts = points.map((one, device) => ({ device, point: one, type: 'x', source: '' }));
        const above = mountAbove(path, mounts);
        const parts = path.split('/').filter((one) => one !== '');
        const parents = [...parts.map((_, up) => `/${parts.slice(0, parts.length - up).join('/')}`), '/'];
        const expected = parents.find((one) => points.includes(one));
        expect(above?.point).toBe(expected);
        if (expected !== undefined) expect(above?.device).toBe(points.lastIndexOf(expected));
      }),
    );
  });
});
