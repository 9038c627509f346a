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
 * have names of their own: docker, containerd (cri-), podman (libpod), LXC, LXD, systemd-nspawn, Kubernetes.
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
  ['kubernetes', /(?:^|\/)kubepods[^/]*\/.*?([0-9a-f]{12})[0-9a-f]{20,}/],
  ['podman', /\/libpod-([0-9a-f]{12})/],
  ['docker', /(?:\/docker\/|\/docker-)([0-9a-f]{12})/],
  ['containerd', /(?:cri-containerd-|nerdctl-)([0-9a-f]{12})/],
  ['lxc', /\/lxc(?:\.payload\.|\.payload\/|\/)([^/]+)/],
  ['nspawn', /\/machine\.slice\/(?:systemd-nspawn@)?([^/]+?)\.(?:service|scope)\/payload/],
];

/** Any text has some place: what says nothing is nowhere. */
export function placeOfCgroup(text: string): CgroupPlace {
  const lines = text.split('\n').map((line) => /^[0-9]+:([^:]*):(\/.*)$/.exec(line));
  const byController = (wanted: RegExp): string | undefined =>
    lines.find((line) => line !== null && wanted.test(line[1] ?? '') && line[2] !== '/')?.[2];
  const path = byController(/^name=systemd$/) ?? byController(/^$/) ?? byController(/./) ?? '/';
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
