import fc from 'fast-check';
import { expect, it } from 'vitest';

import { parseLogrotate } from '../../lib/parsers/logrotate.ts';

// Debian's libvirt-daemon-system 9.0.0-4, /etc/logrotate.d/libvirtd.qemu
const LIBVIRT = `/var/log/libvirt/qemu/*.log {
        weekly
        missingok
        rotate 4
        compress
        delaycompress
        copytruncate
}
`;

it.each([
  [LIBVIRT, [{ globs: ['/var/log/libvirt/qemu/*.log'], copies: true }]],
  ['/a "/b c.log"\n/d\n{\n  daily\n}\n', [{ globs: ['/a', '/b c.log', '/d'], copies: false }]],
  ['weekly\ncompress\n# /x {\n/a {\n}\n', [{ globs: ['/a'], copies: false }]],
  ['/a {\n  postrotate\n    kill -HUP { } /b {\n  endscript\n  copy\n}\n', [{ globs: ['/a'], copies: true }]],
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
