import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyMatcher, globMatcher, isGlob } from '../lib/glob.ts';

describe('a glob', () => {
  it.each([
    ['acrux', 'acrux', true],
    ['acrux', 'acruxx', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['*', 'a/b', false],
    ['web-*', 'web-1', true],
    ['web-*', 'web', false],
    ['*-1', 'web-1', true],
    ['*-1', 'web-1-2', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'abcbc', true],
    ['a*b*c', 'abcb', false],
    ['web-?', 'web-1', true],
    ['web-?', 'web-', false],
    ['web-?', 'web-12', false],
    ['?', '/', false],
    ['**', 'x', true],
    ['qemu-*-system-*', 'qemu-virtiofs-system-x86_64', true],
    ['qemu-*-system-*', 'qemu-system-x86_64', false],
    ['a.b', 'axb', false],
    ['[a]*', '[a]bc', true],
    ['$(x)', '$(x)', true],
  ])('%s matches %s: %s', (glob, text, isMatch) => {
    expect(globMatcher(glob)(text)).toBe(isMatch);
  });

  it('means what the regular expression of the same meaning means', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/', '.'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (glob, text) => {
        const source = glob.replace(/[.]/g, '\\.').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]');
        expect(globMatcher(glob)(text)).toBe(new RegExp(`^${source}$`, 's').test(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('is known by its wildcards, and one of several is enough', () => {
    expect([isGlob('a'), isGlob('a*'), isGlob('a?')]).toEqual([false, true, true]);
    expect(anyMatcher(['x', 'a*'])('abc')).toBe(true);
    expect(anyMatcher([])('abc')).toBe(false);
  });
});
