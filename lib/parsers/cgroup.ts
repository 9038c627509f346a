/**
 * /proc/PID/cgroup: where the service manager has put a process (cgroups(7), proc_cgroup_show in kernel/cgroup/cgroup.c).
 *
 *     0::/system.slice/ssh.service
 *     12:pids:/user.slice/user-1000.slice/session-3.scope
 *     1:name=systemd:/machine.slice/machine-qemu\x2d1\x2dacrux.scope/libvirt/emulator
 *     0::/system.slice/docker-4f1f...c2.scope
 *     9:memory:/lxc.payload.web/init.scope
 *
 * With version 1 there is a line for each controller, and the one of systemd tells; with version 2 only `0::`. Container engines
 * have names of their own: docker, containerd (cri-), podman (libpod), LXC, LXD, systemd-nspawn, Kubernetes. There the container, of
 * 64 digits, comes last: the pod of a file in /etc/kubernetes/manifests has a uid of 32.
 */

export interface CgroupPlace {
  /** `ssh.service`, `session-3.scope`; null: none. */
  readonly unit: string | null;
  /** The user whose own service manager runs it; null: the system's. */
  readonly user: number | null;
  /** The container in words; null: none. */
  readonly container: string | null;
}

const CONTAINERS: readonly (readonly [engine: string, pattern: RegExp])[] = [
  ['kubernetes', /\/kubepods.*([0-9a-f]{12})[0-9a-f]{52}/],
  ['podman', /\/libpod-([0-9a-f]{12})/],
  ['docker', /(?:\/docker\/|\/docker-)([0-9a-f]{12})/],
  ['containerd', /(?:cri-containerd-|nerdctl-)([0-9a-f]{12})/],
  ['lxc', /\/lxc(?:\.payload\.|\.payload\/|\/)([^/]+)/],
  ['nspawn', /\/machine\.slice\/(?:systemd-nspawn@)?([^/]+?)\.(?:service|scope)\/payload/],
];

/** Any text has some place: what says nothing is nowhere. */
export function placeOfCgroup(text: string): CgroupPlace {
  // The root is no place.
  const lines = text.split('\n').flatMap((line) => {
    const [, controller, path] = /:([^:]*):(\/.+)/.exec(line) ?? [];
    return path === undefined ? [] : [{ controller, path }];
  });
  const byController = (wanted: string): string | undefined =>
    lines.find(({ controller }) => controller === wanted)?.path;
  const path = byController('name=systemd') ?? byController('') ?? lines[0]?.path ?? '';
  const parts = path.split('/').filter((part) => /\.(?:service|scope)$/.test(part));
  const user = /\/user-([0-9]+)\.slice\//.exec(path)?.[1];
  return {
    unit:
      parts
        .at(-1)
        ?.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        ) ?? null,
    user: user === undefined ? null : Number(user),
    container: containerIn(path),
  };
}

function containerIn(path: string): string | null {
  for (const [engine, pattern] of CONTAINERS) {
    const name = pattern.exec(path)?.[1];
    if (name !== undefined) return `${engine} ${name}`;
  }
  return null;
}
