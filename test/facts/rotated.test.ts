import { expect, it } from 'vitest';

import { logOf } from '../../lib/facts/rotated.ts';

it.each([
  ['/a/console.log', '/a/console.log'],
  ['/a/console.log.0', '/a/console.log'],
  ['/a/web1.log.12.gz', '/a/web1.log'],
  ['/a/web1.log-20260131', '/a/web1.log'],
  ['/a/web1.log-20260131-1769817600.xz', '/a/web1.log'],
  ['/a/guest-x.log.old', '/a/guest-x.log'],
  ['/a/web.1', '/a/web'],
  // Names of guests that look like it, with a log of their own.
  ['/a/web.1.log', '/a/web.1.log'],
  ['/a/web-20260131.log', '/a/web-20260131.log'],
  ['/a/console.log.gz', '/a/console.log.gz'],
  ['/a/console.log.save', '/a/console.log.save'],
])('%s is, or was, %s', (path, log) => {
  expect(logOf(path)).toBe(log);
});
