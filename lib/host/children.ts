/** The process groups of all children that live. */

const KEY = Symbol.for('hypervisor-checks.children');

/** Kept at the process: what is loaded late is a file of its own in the build, and must know the same children. */
export function liveGroups(): Set<number> {
  const holder = process as unknown as Record<symbol, Set<number> | undefined>;
  return (holder[KEY] ??= new Set());
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Ends all children at once, with all that they started; for the moment before our own end. */
export function killChildren(): void {
  for (const pid of liveGroups()) killGroup(pid);
  liveGroups().clear();
}
