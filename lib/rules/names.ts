import { anyMatcher } from '../glob.ts';

/** Which names the options `only` and `without` choose: all, where `only` is empty. */
export function chosen(only: readonly string[], without: readonly string[]): (name: string) => boolean {
  const isWanted = only.length === 0 ? () => true : anyMatcher(only);
  const isIgnored = anyMatcher(without);
  return (name) => isWanted(name) && !isIgnored(name);
}
