/** What opens to a check what is closed to it: lines for sudoers, a group, a package. */
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

import { head, stat, type Stat, type Want } from '../../host/ask.ts';
import type { Deadline } from '../../host/deadline.ts';
import type { Host } from '../../host/host.ts';
import { LocalHost } from '../../host/local.ts';
import { sudoersLine } from '../../host/sudo-command.ts';
import type { Reading } from '../../reading.ts';
import { shellQuote } from '../../report/text.ts';
import { notOfRoot } from './installation.ts';

const RULES = '/etc/sudoers.d/hypervisor-checks';
/** Where every distribution has it. */
const SUDO = '/usr/bin/sudo';

/** The lines of sudoers that let these checks look as root, where sudo does not allow it already. */
export async function asRoot(checks: readonly string[], host: Host, deadline: Deadline): Promise<string[]> {
  const { who, sudo, rules } = await host.ask({ sudo: stat(SUDO, { follow: true }), rules: stat(RULES) });
  if (who.uid === 0)
    return [
      '',
      'Root is refused as well: a container, a user namespace or a security module forbids it, and no rule of sudo mends that.',
    ];
  const own = process.argv[1] ?? '';
  const programs = [...checks.map(pathOf), own];
  // sudo reports to its administrator who asks for what is not allowed: where there are no rules of ours, nobody asks.
  const refused = rules.ok && sudo.ok ? await refusedBySudo(programs, deadline) : programs;
  if (refused.length === 0) return ['', `To look as root, add --sudo: sudo allows it to ${userName()}.`];
  const foreign = notOfRoot();
  return [
    '',
    ...(!sudo.ok && sudo.why === 'absent' ? ['sudo is not installed: package sudo'] : []),
    `To look as root through one fixed command line each, ${rules.ok ? 'add these to' : 'put this into'} ${RULES} (mode 0440), and add --sudo:`,
    ...refused.map((program) => `  ${sudoersUser()} ALL=(root) NOPASSWD: ${sudoersLine(program)}`),
    ...(foreign === null
      ? []
      : [
          `But first: ${foreign} is not root's alone, and who can change it would be root. Install a package.`,
        ]),
  ];
}

async function refusedBySudo(programs: readonly string[], deadline: Deadline): Promise<string[]> {
  const { openSudo } = await import('../../host/sudo.ts');
  const isAllowed = async (program: string): Promise<boolean> =>
    (await openSudo(program, new LocalHost(deadline), deadline)).ok;
  // One refusal is enough for the administrator's mailbox.
  const refused: string[] = [];
  for (const program of programs) {
    if (refused.length > 0 || !(await isAllowed(program))) refused.push(program);
  }
  return refused;
}

/** Where monitoring systems look for a check, if this one is there; else beside this program. It is the path that sudo is asked for. */
function pathOf(check: string): string {
  const program = process.argv[1] ?? '';
  const own = join(dirname(realpathSync(program)), check);
  const folders = ['/usr/lib/nagios/plugins', '/usr/lib64/nagios/plugins', dirname(program)];
  return folders.map((folder) => join(folder, check)).find((path) => leadsTo(path, own)) ?? own;
}

function leadsTo(path: string, target: string): boolean {
  try {
    return realpathSync(path) === target;
  } catch {
    return false;
  }
}

/** What helps on another machine. */
export function asRootThere(far: string | undefined): string[] {
  return far === undefined
    ? []
    : [
        '',
        'To look as root there: log in as root, or install hypervisor-checks-answer there and add --sudo (icinga-conf/sudo/README.md).',
      ];
}

/** A file that its group may read, and a folder that it may enter too, needs no root (group(5)). */
export async function byGroup(host: Host, denied: ReadonlySet<string>): Promise<readonly string[]> {
  const some = [...denied].filter((path) => !path.startsWith('/proc/') && !/[*?]/.test(path)).slice(0, 20);
  const questions: Want = Object.fromEntries(some.map((path) => [path, stat(path, { follow: true })]));
  const stats = (await host.ask(questions)) as Readonly<Record<string, Reading<Stat>>>;
  const { groups } = await host.ask({ groups: head('/etc/group', 256 * 1024) });
  const names = new Map<number, string>();
  if (groups.ok) {
    for (const line of Buffer.from(groups.value.bytes).toString().split('\n')) {
      const [name = '', , gid] = line.split(':');
      if (name !== '') names.set(Number(gid), name);
    }
  }
  const pathsOf = new Map<string, string[]>();
  for (const path of some) {
    const reading = stats[path];
    if (reading?.ok !== true) continue;
    const { type, mode, gid } = reading.value;
    const needed = type === 'directory' ? 0o050 : 0o040;
    const group = names.get(gid);
    if ((mode & needed) !== needed || group === undefined || group === 'root') continue;
    pathsOf.set(group, [...(pathsOf.get(group) ?? []), path]);
  }
  return [...pathsOf].flatMap(([group, paths]) => [
    '',
    `The group ${group} may read ${paths.join(', ')}; it counts from the next login, or the next start of what runs the checks:`,
    `  usermod -aG ${shellQuote(group)} ${shellQuote(userName())}`,
  ]);
}

/** Where each tool that a check may start comes from. */
const PACKAGES: Readonly<Record<string, readonly [debian: string, redHat: string]>> = {
  virsh: ['libvirt-clients', 'libvirt-client'],
  ip: ['iproute2', 'iproute'],
  ethtool: ['ethtool', 'ethtool'],
  journalctl: ['systemd', 'systemd'],
  'dpkg-query': ['dpkg', 'dpkg'],
  rpm: ['rpm', 'rpm'],
  xl: ['xen-utils-common', 'xen-runtime'],
  xm: ['xen-utils-common', 'xen-runtime'],
};

export function packageOf(tool: string): string {
  const [debian, redHat] = PACKAGES[tool] ?? [tool, tool];
  return debian === redHat ? `package ${debian}` : `package ${debian} (Debian) or ${redHat} (Red Hat)`;
}

/** What sudoers takes for a name; by its number where the name has characters that mean something there (sudoers(5)). */
function sudoersUser(): string {
  const name = userName();
  return /^[a-zA-Z_][\w.-]*$/.test(name) ? name : `#${process.geteuid?.() ?? 0}`;
}

/** A user without a name is one of a container. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `#${process.geteuid?.() ?? 0}`;
  }
}
