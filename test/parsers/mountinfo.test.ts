/** What is mounted where, in words of the kernel: against what stat(2) says on this machine. */
import { readFileSync, statSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mountAbove, parseMountinfo } from '../../lib/parsers/mountinfo.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('/proc/self/mountinfo', () => {
  it('tells each mount with its number, point, type and source', () => {
    const text =
      '25 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n90 25 0:58 / /srv/a\\040b rw shared:3 master:1 - nfs4 filer:/x rw\n91 25 259:300 / /big rw - xfs /dev/nvme0n1p300 rw\n';
    expect(parseMountinfo(text)).toEqual([
      { device: 0x801, point: '/', type: 'ext4', source: '/dev/sda1' },
      { device: 58, point: '/srv/a b', type: 'nfs4', source: 'filer:/x' },
      { device: (259 << 8) + (300 & 0xff) + 2 ** 20, point: '/big', type: 'xfs', source: '/dev/nvme0n1p300' },
    ]);
  });

  it('of this machine has the numbers that stat(2) has', () => {
    const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
    const seen = ['/', '/proc', '/sys', '/dev'].filter((point) => mounts.some((one) => one.point === point));
    expect(seen.length).toBeGreaterThan(1);
    for (const point of seen) expect(mountAbove(point, mounts)?.device, point).toBe(statSync(point).dev);
  });

  it.each(['', '\n', '25 1 8:1 / /\n', '25 1 x / / rw - ext4 /dev/sda1 rw\n', 'garbage'])(
    'is refused: %j',
    (text) => {
      expect(() => parseMountinfo(text)).toThrow(FormatError);
    },
  );

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
