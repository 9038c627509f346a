/**
 * The globs of names and paths that options and questions use: `*` any number of characters, `?` exactly one, neither
 * a `/`; everything else is itself. A pattern that a shell on another machine reads must mean the same here.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  if (!isGlob(glob)) return (text) => text === glob;
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  const pattern = new RegExp(`^${source}$`, 'su');
  return (text) => pattern.test(text);
}

export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Whether any of the globs matches. */
export function anyMatcher(globs: readonly string[]): (text: string) => boolean {
  const matchers = globs.map(globMatcher);
  return (text) => matchers.some((matches) => matches(text));
}
