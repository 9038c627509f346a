/** Sees to it that nothing is touched that may not answer: a blocked system call of ours could not be timed out. */
import { mountAbove } from '../parsers/mountinfo.ts';
import { mountsThatMatter, type Mount } from './mounts.ts';
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
  return resolverAmong(top, mountsThatMatter());
}

/** The same below the root of a process in another mount namespace; `top` is a handle of it. */
export function containerResolver(top: string, pid: string): Resolver {
  const mounts = mountsThatMatter(pid).map((mount) => ({
    ...mount,
    point: mount.point === '/' ? top : `${top}${mount.point}`,
  }));
  return resolverAmong(top, mounts);
}

function resolverAmong(top: string, mounts: readonly Mount[]): Resolver {
  return new Resolver(top, (real) => {
    const mount = mountAbove(real, mounts);
    if (mount?.needsServer === true) throw new NeedsServer(mount);
  });
}

/** Throws NeedsServer where a path of this machine leads, its last link followed or not, to such a file system. */
export function localGuard(): (path: string, follow: boolean) => void {
  const mounts = mountsThatMatter();
  if (mounts.length === 0) return () => undefined;
  const resolver = resolverAmong('', mounts);
  return (path, follow) => void resolver.resolve(path, follow);
}

/** The mount that a path leads to, links followed, if it is one that may not answer. */
export function serverMountOf(path: string): Mount | null {
  try {
    localGuard()(path, true);
    return null;
  } catch (error) {
    if (error instanceof NeedsServer) return error.mount;
    throw error;
  }
}
