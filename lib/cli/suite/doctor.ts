/**
 * `hypervisor-checks doctor`: what the checks could not see on this machine as this user, and what mends it: a line for sudoers, a
 * group, a package.
 */
import { userInfo } from 'node:os';

import { head, stat, type Stat, type Want } from '../../host/ask.ts';
import type { Host } from '../../host/host.ts';
import { ROOT_ARGUMENTS } from '../../host/sudo-command.ts';
import type { Deadline } from '../../host/deadline.ts';
import type { Entry } from '../../host/recording.ts';
import { RecordingHost } from '../../host/replay.ts';
import type { AnyPlugin } from '../../plugin.ts';
import type { Reading } from '../../reading.ts';
import type { Report } from '../../report/report.ts';
import { cleanText, shellQuote } from '../../report/text.ts';
import { lookWithAll } from './checks.ts';
import { NAME, type LookValues } from './commands.ts';
import { installation } from './installation.ts';

export interface Examined {
  readonly text: string;
  /** Whether there is anything to mend. */
  readonly isHealthy: boolean;
}

export async function doctor(
  plugins: readonly AnyPlugin[],
  values: LookValues,
  deadline: Deadline,
): Promise<Examined> {
  const seen = new Map<string, RecordingHost>();
  const { reports, host } = await lookWithAll(plugins, values, deadline, {
    watch: (host, plugin) => {
      const watched = new RecordingHost(host);
      seen.set(plugin.name, watched);
      return watched;
    },
  });
  const parts = reports.map((report) => {
    const entries = seen.get(report.plugin)?.looks.flatMap((look) => look.entries) ?? [];
    return examined(report, entries);
  });
  const ill = parts.filter((part) => part.length > 1);
  const own = installation();
  // What mends it is told for this user on this machine only.
  const isHere = values.host === undefined && values.root === undefined && values.replay === undefined;
  const isRoot = process.geteuid?.() === 0;
  const denied = [...seen.values()].flatMap(({ looks }) =>
    looks.flatMap(({ entries }) => entries.flatMap(deniedPaths)),
  );
  const needRoot = reports.filter((_, i) => parts[i]?.some((line) => line.includes(DENIED)) === true);
  const lines = [
    ...(ill.length === 0
      ? [`Every check can see all that it looks for${isHere ? `, as ${userName()}` : ''}.`]
      : ill.flat()),
    ...(needRoot.length > 0 && isHere && !isRoot ? sudoLines(needRoot) : []),
    ...(host !== null && isHere && !isRoot ? await groupLines(host, [...new Set(denied)]) : []),
    ...own,
  ];
  return { text: `${lines.join('\n')}\n`, isHealthy: ill.length === 0 && own.length === 0 };
}

const DENIED = 'may not be read';

/** The check's name, and a line for each thing that it could not see. */
function examined(report: Report, entries: readonly Entry[]): string[] {
  const missing = entries.flatMap(toolOf);
  const lines = [
    ...grouped(entries.flatMap(deniedPaths)).map((path) => `${path} ${DENIED}`),
    ...[...new Set(missing)].map((tool) => `${tool} is not installed: ${packageOf(tool)}`),
    ...report.findings.flatMap(({ kind, subject, text }) =>
      kind === 'unseen' ? [`cannot tell: ${subject === '' ? text : `${subject}: ${text}`}`] : [],
    ),
  ];
  return [`${report.plugin}:`, ...[...new Set(lines)].map((line) => `  ${cleanText(line)}`)];
}

function deniedPaths({ key, outcome, lines }: Entry): readonly string[] {
  if (key.startsWith('run ')) return [];
  const unlisted = lines.flatMap((line) => /^unlisted denied (.*)$/.exec(line)?.[1] ?? []);
  return outcome === 'denied' ? [key.slice(key.lastIndexOf(' ') + 1)] : unlisted;
}

/** Of many processes or guests one line: numbers in /proc are `*`, and of long lists the first. */
function grouped(paths: readonly string[]): readonly string[] {
  const all = [...new Set(paths.map((path) => path.replace(/^\/proc\/[0-9]+\//, '/proc/*/')))];
  const MANY = 8;
  return all.length <= MANY ? all : [...all.slice(0, MANY), `and ${all.length - MANY} more paths`];
}

function toolOf({ key, outcome }: Entry): readonly string[] {
  const [op, tool] = key.split(' ');
  return op === 'run' && outcome === 'absent' && tool !== undefined ? [tool] : [];
}

/** Where each tool that a check may start comes from. */
const PACKAGES: Readonly<Record<string, readonly [debian: string, redHat: string]>> = {
  virsh: ['libvirt-clients', 'libvirt-client'],
  ip: ['iproute2', 'iproute'],
  ethtool: ['ethtool', 'ethtool'],
  journalctl: ['systemd', 'systemd'],
  'dpkg-query': ['dpkg', 'dpkg'],
  rpm: ['rpm', 'rpm'],
  xl: ['xen-utils', 'xen-runtime'],
  xm: ['xen-utils', 'xen-runtime'],
};

function packageOf(tool: string): string {
  const [debian, redHat] = PACKAGES[tool] ?? [tool, tool];
  return debian === redHat ? `package ${debian}` : `package ${debian} (Debian) or ${redHat} (Red Hat)`;
}

function sudoLines(reports: readonly Report[]): string[] {
  const folder = '/usr/lib/nagios/plugins';
  return [
    '',
    'To look as root through one fixed command line each, put this into /etc/sudoers.d/hypervisor-checks (mode 0440) and add --sudo:',
    ...[...reports.map(({ plugin }) => `${folder}/${plugin}`), `/usr/bin/${NAME}`].map(
      (program) => `  ${userName()} ALL=(root) NOPASSWD: ${program} ${ROOT_ARGUMENTS.join(' ')}`,
    ),
  ];
}

/** A file that its group may read needs no root (group(5)). */
async function groupLines(host: Host, paths: readonly string[]): Promise<readonly string[]> {
  const some = paths.filter((path) => !path.startsWith('/proc/') && !path.includes('*')).slice(0, 20);
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
  const useful = new Set<string>();
  for (const path of some) {
    const reading = stats[path];
    if (reading?.ok !== true || (reading.value.mode & 0o040) === 0) continue;
    const group = names.get(reading.value.gid);
    if (group !== undefined && group !== 'root') useful.add(group);
  }
  return [...useful].map(
    (group) =>
      `Part of it may be read by the group ${group}: usermod -aG ${shellQuote(group)} ${shellQuote(userName())}`,
  );
}

/** A user without a name is one of a container. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `#${process.geteuid?.() ?? 0}`;
  }
}
