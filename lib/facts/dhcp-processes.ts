/** The processes of DHCP clients and servers, and which of them are this host's own. */
import { head, link, processes, type AnswerOf, type Content } from '../host/ask.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { parseProcStat, type ProcStat } from '../parsers/proc-stat.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { failed, valueOr, type Failure, type Reading } from '../reading.ts';
import { parsedText } from './parsed.ts';

const KIB = 1024;
const TICKS_PER_SECOND = 100;

/** udhcpc is a link to busybox: as root, busybox is what is seen to run. */
export const CLIENT_PROGRAMS = [
  'dhclient',
  'dhclient-*',
  'dhcpcd*',
  'udhcpc',
  'busybox*',
  'NetworkManager',
  'systemd-networkd',
];

export const PROCESS_QUESTIONS = {
  dhcpProcesses: processes([...CLIENT_PROGRAMS, 'dnsmasq'], {
    cmdline: head('cmdline', 256 * KIB),
    stat: head('stat', 4 * KIB),
    status: head('status', 8 * KIB),
    cgroup: head('cgroup', 16 * KIB),
    netns: link('ns/net'),
    mountns: link('ns/mnt'),
    executable: link('exe'),
  }),
  ownNetns: link('/proc/self/ns/net'),
  ownMountns: link('/proc/self/ns/mnt'),
  ownStatus: head('/proc/self/status', 8 * KIB),
  ownCgroup: head('/proc/self/cgroup', 16 * KIB),
  init: head('/proc/1/comm', 64),
};

export type ProcessAnswers = {
  readonly [K in keyof typeof PROCESS_QUESTIONS]: AnswerOf<(typeof PROCESS_QUESTIONS)[K]>;
};

export interface DhcpProcess {
  readonly pid: number;
  readonly program: string;
  readonly argv: readonly string[];
  readonly stat: ProcStat | null;
  /** In the network namespace that is looked at, and in no container. */
  readonly isOwn: boolean;
  /** `net:[4026531840]`; null where this user may not see it. */
  readonly netns: string | null;
  /** Its files are others than those of the same path here. */
  readonly hasOwnFiles: boolean;
  /** As the kernel has it, with ` (deleted)`; null where this user may not see it. */
  readonly executable: string | null;
}

export interface DhcpProcesses {
  readonly all: readonly DhcpProcess[];
  readonly unread: readonly Failure[];
  readonly scanned: number;
}

export function dhcpProcesses(answers: ProcessAnswers): DhcpProcesses {
  const { dhcpProcesses: scan, init, ownNetns, ownMountns } = answers;
  if (!scan.ok) return { all: [], unread: [scan], scanned: 0 };
  const unread: Failure[] = [];
  if (!init.ok && init.why !== 'notRecorded') {
    const detail = 'the processes of other users are hidden by its mount option hidepid';
    unread.push(init.why === 'timedOut' ? init : failed('denied', '/proc', detail));
  }
  for (const pid of scan.value.undecided)
    unread.push(failed('denied', `/proc/${pid}`, 'it cannot be told what runs there'));
  const own = placeOf(answers.ownStatus, answers.ownCgroup);
  const all = scan.value.found.flatMap((process): DhcpProcess[] => {
    const { pid, program, cmdline, stat, netns, mountns, executable } = process;
    if (!cmdline.ok) {
      if (cmdline.why !== 'vanished' && cmdline.why !== 'absent') unread.push(cmdline);
      return [];
    }
    const { argv } = parseProcCmdline(cmdline.value.bytes);
    if (argv.length === 0) return [];
    // Whether it is stopped is not known then.
    if (!stat.ok && stat.why !== 'vanished' && stat.why !== 'absent') unread.push(stat);
    const isHere = netns.ok && ownNetns.ok ? netns.value === ownNetns.value : null;
    return [
      {
        pid,
        program,
        argv,
        stat: valueOr(parsedText(stat, `/proc/${pid}/stat`, parseProcStat), null),
        isOwn: isHere ?? isSamePlace(own, placeOf(process.status, process.cgroup)),
        netns: netns.ok ? netns.value : null,
        hasOwnFiles: mountns.ok && ownMountns.ok && mountns.value !== ownMountns.value,
        executable: executable.ok ? executable.value : null,
      },
    ];
  });
  return { all, unread, scanned: scan.value.scanned };
}

/** Seconds since the process was started. */
export function ageOf({ stat }: DhcpProcess, uptimeSeconds: number | null): number | null {
  return stat === null || uptimeSeconds === null
    ? null
    : uptimeSeconds - stat.starttimeTicks / TICKS_PER_SECOND;
}

/** What any user may see of where a process runs. */
interface Place {
  /** In how many process namespaces it has a number; null where not even that can be read. */
  readonly pidNamespaces: number | null;
  readonly isInContainer: boolean;
}

/** The control groups that container managers make (docker, podman, cri-o, kubernetes, lxc, systemd-nspawn). */
const CONTAINER = /(?:docker|libpod|crio|kubepods|lxc|machine-|\/machine\/)/;

function placeOf(status: Reading<Content>, cgroup: Reading<Content>): Place {
  const line = status.ok ? /^NSpid:\s*([0-9\s]*?)$/m.exec(decodeUtf8(status.value.bytes))?.[1] : undefined;
  return {
    pidNamespaces: line === undefined ? null : line.trim().split(/\s+/).length,
    isInContainer: cgroup.ok && CONTAINER.test(decodeUtf8(cgroup.value.bytes)),
  };
}

/** Only for users who may not see the namespaces of others: a process further in than we are runs in a container. */
function isSamePlace(own: Place, other: Place): boolean {
  const isDeeper =
    own.pidNamespaces !== null && other.pidNamespaces !== null && other.pidNamespaces > own.pidNamespaces;
  return !isDeeper && !(other.isInContainer && !own.isInContainer);
}
