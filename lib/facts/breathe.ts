/**
 * Lets timers and signals have their turn. Parsing is synchronous, and what is parsed may have been made by users: without a
 * pause now and then, neither the deadline nor an end by Icinga could interrupt it.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
