/**
 * The globs of names and paths that options and questions use: `*` any number of characters, `?` exactly one, neither
 * a `/`; everything else is itself. A pattern that a shell on another machine reads must mean the same here.
 */
export function globMatcher(glob: string): (text: string) => boolean {
  if (!isGlob(glob)) return (text) => text === glob;
  // Nearly every name of a process differs here already, and this comparison is the engine's own.
  const beginning = fixedBeginning(glob);
  return (text) => text.startsWith(beginning) && matches(glob, text);
}

/** What each match begins with. No expression, as below. */
export function fixedBeginning(glob: string): string {
  let end = 0;
  while (end < glob.length && glob[end] !== '*' && glob[end] !== '?') end++;
  return glob.slice(0, end);
}

export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Whether any of the globs matches. */
export function anyMatcher(globs: readonly string[]): (text: string) => boolean {
  const matchers = globs.map(globMatcher);
  return (text) => matchers.some((isMatch) => isMatch(text));
}

/**
 * Greedy with one step back: where a character does not fit, the last `*` takes one more. By hand, because compiling a
 * dozen regular expressions costs a millisecond at every start of a check.
 */
function matches(glob: string, text: string): boolean {
  let star = -1;
  let taken = 0;
  let at = 0;
  let index = 0;
  while (index < text.length) {
    const wanted = glob[at];
    if (wanted === '*') {
      star = at++;
      taken = index;
    } else if (wanted === text[index] || (wanted === '?' && text[index] !== '/')) {
      at += 1;
      index += 1;
    } else if (star >= 0 && text[taken] !== '/') {
      at = star + 1;
      index = ++taken;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}
