/** Asks a host for its own DHCP clients, their leases, and the addresses that are really there. */
import { bytes, head, run, stat, type AnswerOf, type Content } from '../host/ask.ts';
import type { Clock, Host } from '../host/host.ts';
import { parseClientCommand } from '../parsers/dhcp-client-argv.ts';
import { parseFibTrie } from '../parsers/fib-trie.ts';
import { parseIpAddr, type IpDevice } from '../parsers/ip-addr.ts';
import { parseProcNetUdp } from '../parsers/proc-net-udp.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { found, type Failure, type Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import {
  configsOf,
  CONFIG_QUESTIONS,
  nmDevicesOf,
  pidFilesOf,
  unreadPidFiles,
  type ConfigAnswers,
} from './dhcp-configs.ts';
import { LEASE_QUESTIONS, leasesOf, type LeaseAnswers, type LeaseFile } from './dhcp-lease-files.ts';
import { ageOf, type DhcpProcess } from './dhcp-processes.ts';
import type { ClientFacts, ClientPidFile, DhcpClient } from './dhcp.ts';
import { parsedOutput } from './links-ip.ts';
import { parsedText } from './parsed.ts';

const CLIENT_PORT = 68;
const MAX_LEASES_BYTES = 1024 * 1024;

export const CLIENT_QUESTIONS = {
  ...LEASE_QUESTIONS,
  ...CONFIG_QUESTIONS,
  addresses: run('ip', '-j', 'addr'),
  fibTrie: bytes('/proc/net/fib_trie', 4 * 1024 * 1024),
  ownUdp: bytes('/proc/net/udp', 1024 * 1024),
};

export type ClientAnswers = LeaseAnswers &
  ConfigAnswers & {
    readonly addresses: AnswerOf<typeof CLIENT_QUESTIONS.addresses>;
    readonly fibTrie: Reading<Content>;
    readonly ownUdp: Reading<Content>;
  };

export async function gatherClients(
  host: Host,
  answers: ClientAnswers & { readonly now: Clock },
  processes: readonly DhcpProcess[],
): Promise<ClientFacts> {
  const { now } = answers;
  const clients = clientsOf(processes, now.uptimeSeconds);
  const more = await askMore(host, clients, pidFilesOf(answers));
  await breathe();
  const devices = parsedOutput(answers.addresses, 'ip -j addr', parseIpAddr);
  const list: readonly IpDevice[] = devices.ok ? devices.value : [];
  const nameOfIndex = (index: number): string | null => list.find((one) => one.index === index)?.name ?? null;
  const nmDevices = nmDevicesOf(answers);
  const { leases, unread } = leasesOf(answers, more.files, nameOfIndex, nmDevices);
  const own = ownAddresses(devices, answers.fibTrie);
  return {
    clients,
    leases,
    pidFiles: more.pidFiles,
    configs: configsOf(answers),
    nmDevices,
    devices,
    ownAddresses: own.ok ? own.value : null,
    hasClientSocket: hasSocket(answers.ownUdp),
    unread: [...unread, ...unreadPidFiles(answers), ...(own.ok ? [] : [own])],
    epochSeconds: now.epochSeconds,
    bootedAt: now.uptimeSeconds === null ? null : now.epochSeconds - now.uptimeSeconds,
  };
}

function clientsOf(processes: readonly DhcpProcess[], uptimeSeconds: number | null): readonly DhcpClient[] {
  return processes.flatMap((process): DhcpClient[] => {
    const command = process.isOwn ? parseClientCommand(process.program, process.argv) : null;
    if (command === null) return [];
    const { pid, stat: status } = process;
    return [{ ...command, pid, state: status?.state ?? '', ageSeconds: ageOf(process, uptimeSeconds) }];
  });
}

/** What only the first answers tell the names of: the lease files of command lines, and the processes of pid files. */
async function askMore(
  host: Host,
  clients: readonly DhcpClient[],
  pidFiles: readonly Omit<ClientPidFile, 'state'>[],
): Promise<{ files: readonly LeaseFile[]; pidFiles: readonly ClientPidFile[] }> {
  const paths = [
    ...new Set(clients.flatMap(({ leaseFile }) => (leaseFile?.startsWith('/') === true ? [leaseFile] : []))),
  ];
  if (paths.length === 0 && pidFiles.length === 0) return { files: [], pidFiles: [] };
  const answers: Readonly<Record<string, unknown>> = await host.ask({
    ...Object.fromEntries(
      paths.flatMap((path) => [
        [`text ${path}`, bytes(path, MAX_LEASES_BYTES)],
        [`stat ${path}`, stat(path, { follow: true })],
      ]),
    ),
    ...Object.fromEntries(pidFiles.map(({ pid }) => [`pid ${pid}`, head(`/proc/${pid}/stat`, 4096)])),
  });
  const stateOf = (pid: number): string => {
    const reading = answers[`pid ${pid}`] as Reading<Content>;
    const text = reading.ok ? decodeUtf8(reading.value.bytes) : '';
    return text.charAt(text.lastIndexOf(')') + 2);
  };
  return {
    files: paths.map((path) => ({
      path,
      text: answers[`text ${path}`] as LeaseFile['text'],
      stat: answers[`stat ${path}`] as LeaseFile['stat'],
    })),
    pidFiles: pidFiles.map((file) => ({ ...file, state: stateOf(file.pid) })),
  };
}

/** An ip that is too old for -j (before iproute2 4.13), and that of busybox, say so. */
function isWithoutJson({ why, detail }: Failure): boolean {
  return why === 'absent' || /unknown|invalid|unrecognized/i.test(detail);
}

/** From ip; where it is missing or too old, from the kernel's table, which does not know devices. */
function ownAddresses(
  devices: Reading<readonly IpDevice[]>,
  fibTrie: Reading<Content>,
): Reading<ReadonlySet<string>> {
  if (devices.ok) {
    const all = devices.value.flatMap(({ addresses }) => addresses.map(({ address }) => address));
    return found(new Set(all));
  }
  if (!isWithoutJson(devices)) return devices;
  return parsedText(fibTrie, '/proc/net/fib_trie', (text) => new Set(parseFibTrie(text)));
}

function hasSocket(udp: Reading<Content>): boolean | null {
  const sockets = parsedText(udp, '/proc/net/udp', parseProcNetUdp);
  return sockets.ok ? sockets.value.some(({ port }) => port === CLIENT_PORT) : null;
}
