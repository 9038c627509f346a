import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseLogrotate } from '../../lib/parsers/logrotate.ts';

// Debian's libvirt-daemon-system 9.0.0-4, /etc/logrotate.d/libvirtd.qemu
const LIBVIRT = `/var/log/libvirt/qemu/*.log {
        # The QEMU driver is configured to use virtlogd by
        # default, which will perform log rollover.
        # This logrotate config is still installed for cases
        # where the user has switched off virtlogd.
        #
        # If virtlogd is active, ensure that size here is
        # larger than 'max_size' in the virtlogd config
        # so that logrotate becomes a no-op
        size 2097153
        missingok
        rotate 4
        compress
        delaycompress
        copytruncate
}
`;

const RENAMES = { empties: false, largerThanBytes: null };

it.each([
  [LIBVIRT, [{ globs: ['/var/log/libvirt/qemu/*.log'], empties: true, largerThanBytes: 2097153 }]],
  ['/a "/b c.log"\n/d\n{\n  daily\n}\n', [{ globs: ['/a', '/b c.log', '/d'], ...RENAMES }]],
  ['weekly\ncompress\n# /x {\n/a {\n}\n', [{ globs: ['/a'], ...RENAMES }]],
  // A copy of it does not make the log smaller.
  ['/a {\n  postrotate\n    kill -HUP { } /b {\n  endscript\n  copy\n}\n', [{ globs: ['/a'], ...RENAMES }]],
  [
    '/a {\n  size=100k\n}\n/b {\n  daily\n  minsize 1M\n}\n/c {\n  size 2G\n  maxsize 1\n}\n',
    [
      { globs: ['/a'], empties: false, largerThanBytes: 102400 },
      { globs: ['/b'], empties: false, largerThanBytes: 1048576 },
      { globs: ['/c'], empties: false, largerThanBytes: 2147483648 },
    ],
  ],
  // What stands in a script is no setting, nor the end of one.
  ...['prerotate', 'postrotate', 'firstaction', 'lastaction', 'preremove'].map((word): [string, object[]] => [
    `/a {\n  ${word}\n}\ncopytruncate\n  endscript\n  size 5\n}\n`,
    [{ globs: ['/a'], empties: false, largerThanBytes: 5 }],
  ]),
  [
    '/a {\n  xprerotate\n  prerotatex\n  copytruncate\n}\n',
    [{ globs: ['/a'], empties: true, largerThanBytes: null }],
  ],
  [
    '/a {\n  size 5\n} # end\n"/b c" {\n  copytruncate\n}\n',
    [
      { globs: ['/a'], empties: false, largerThanBytes: 5 },
      { globs: ['/b c'], empties: true, largerThanBytes: null },
    ],
  ],
  ['/a\n{\n  copytruncate\n}\n', [{ globs: ['/a'], empties: true, largerThanBytes: null }]],
  [
    '/a b {\n}\n/c\n}\n',
    [
      { globs: ['/a'], ...RENAMES },
      { globs: ['/c'], ...RENAMES },
    ],
  ],
  [
    '/a {\n  size  \t5k\n  size 6kB\n  size7\n  xsize 8\n}\n',
    [{ globs: ['/a'], empties: false, largerThanBytes: 5120 }],
  ],
  // logrotate 3.21 takes a name in either quotes, and keeps the other ones in it.
  [
    `'/a b.log' "/it's" /c {\n  copytruncate\n}\n'/d"' {\n}\n`,
    [
      { globs: ['/a b.log', "/it's", '/c'], empties: true, largerThanBytes: null },
      { globs: ['/d"'], ...RENAMES },
    ],
  ],
  ['"" "/b c" {\n}\n', [{ globs: ['/b c'], ...RENAMES }]],
  ["'' '/b c' {\n}\n", [{ globs: ['/b c'], ...RENAMES }]],
  ['/a\n# see /x {\n{\n  copytruncate\n}\n', [{ globs: ['/a'], empties: true, largerThanBytes: null }]],
  ['/a {\n  daily', []],
  ['', []],
])('%j is the rules %j', (text, rules) => {
  expect(parseLogrotate(text)).toEqual(rules);
});

it('never throws, and no rule is without a path', () => {
  const line = fc.oneof(
    fc.constantFrom('/a {', '/a', '{', '}', '  copytruncate', 'postrotate', 'endscript'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const { globs } of parseLogrotate(lines.join('\n'))) {
        expect(globs.length).toBeGreaterThan(0);
        for (const glob of globs) expect(glob).toMatch(/^\//);
      }
    }),
  );
});
