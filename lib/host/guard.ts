/** Sees to it that nothing is touched that may not answer: a blocked system call of ours could not be timed out. */
import { mountOf, needsServer, readMounts, type Mount } from './mounts.ts';
import { Resolver } from './resolve.ts';

/** Thrown before a file system is touched that may not answer. */
export class NeedsServer extends Error {
  readonly mount: Mount;

  constructor(mount: Mount) {
    super(mount.point);
    this.mount = mount;
  }
}

/** A resolver of paths below `top` that throws NeedsServer instead of touching such a file system. */
export function guardedResolver(top: string): Resolver {
  const mounts = readMounts();
  return new Resolver(top, (real) => {
    const mount = mountOf(real, mounts);
    if (mount !== null && needsServer(mount)) throw new NeedsServer(mount);
  });
}

/** The mount that a path leads to, links followed, if it is one that may not answer. */
export function serverMountOf(path: string): Mount | null {
  try {
    guardedResolver('').resolve(path, true);
    return null;
  } catch (error) {
    if (error instanceof NeedsServer) return error.mount;
    throw error;
  }
}
