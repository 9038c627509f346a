/**
 * The guests of a host: those that run, from their processes, and those that libvirt has definitions of.
 *
 * The process is the witness of what runs now, the definition of what will run after the next start. libvirt's own
 * record of a running guest (/run/libvirt/qemu/NAME.xml, root only) stands in where a command line cannot tell.
 */
import { bytes, each, head, processes, run, type Content, type Matches, type Ran } from '../host/ask.ts';
import type { Host, Identity } from '../host/host.ts';
import { parseDomainXml, type DomainDefinition } from '../parsers/domain-xml.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { parseQemuArgv, QEMU_PROGRAMS, type QemuCommandLine } from '../parsers/qemu-argv.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';

export interface RunningGuest {
  readonly pid: number;
  readonly name: string;
  readonly uuid: string | null;
  /** What its process was started with; the failure where that could not be read or does not tell. */
  readonly commandLine: Reading<QemuCommandLine>;
  /** libvirt's record of it, null where there is none or it may not be read. */
  readonly live: DomainDefinition | null;
}

export interface Definition {
  readonly name: string;
  readonly uuid: string | null;
  /** Where it came from: a file, or the command that printed it. */
  readonly source: string;
  readonly domain: DomainDefinition;
}

export interface Definitions {
  readonly found: readonly Definition[];
  /** Definitions, or whole places of them, that could not be read: each with the reason. */
  readonly unread: readonly Failure[];
}

export interface Guests {
  readonly running: readonly RunningGuest[];
  /** Processes that are qemu and could not be told to be a guest or none. */
  readonly unknown: readonly Failure[];
  /** How many processes were looked at; the failure where none could be. */
  readonly scanned: Reading<number>;
  /** Processes that could not be told to be qemu or not. */
  readonly undecided: readonly number[];
  /** Set where other users' processes are hidden from us: then "no guests" means nothing. */
  readonly hidden: Failure | null;
  /** Null: not asked for. */
  readonly definitions: Definitions | null;
  /** Whether the host's CPU has an invariant TSC to give; null where that could not be read, or no guest gets that CPU. */
  readonly hostHasInvariantTsc: boolean | null;
  readonly who: Identity;
}

/** A definition can hold a lot of metadata, but not this much. */
const MAX_XML_BYTES = 4 * 1024 * 1024;
/** Linux allows an argument list of 2 MiB with the usual stack limit of 8 MiB (execve(2)); 6 MiB at the most. */
const MAX_CMDLINE_BYTES = 6 * 1024 * 1024;
const DEFINITIONS = '/etc/libvirt/qemu/*.xml';
const VIRSH = ['-q', '-r', '-c', 'qemu:///system'] as const;

export async function gatherGuests(host: Host, withDefinitions: boolean): Promise<Guests> {
  const first = await host.ask({
    processes: processes(QEMU_PROGRAMS, { cmdline: head('cmdline', MAX_CMDLINE_BYTES) }),
    init: head('/proc/1/comm', 64),
    live: each('/run/libvirt/qemu/*.xml', { text: bytes('', MAX_XML_BYTES) }),
    ...(withDefinitions ? { definitions: each(DEFINITIONS, { text: bytes('', MAX_XML_BYTES) }) } : {}),
  });
  const live = await parsedDomains(first.live);
  const scan = first.processes;
  const running: RunningGuest[] = [];
  const unknown: Failure[] = [];
  for (const { pid, program, cmdline } of scan.ok ? scan.value.found : []) {
    const record = live.found.find(({ domain }) => domain.statusPid === pid)?.domain ?? null;
    const guest = runningGuest(pid, program, cmdline, record);
    if (guest === null) continue;
    if ('ok' in guest) unknown.push(guest);
    else running.push(guest);
  }
  return {
    running,
    unknown,
    scanned: scan.ok ? found(scan.value.scanned) : scan,
    undecided: scan.ok ? scan.value.undecided : [],
    hidden: hiddenProcesses(first.init),
    definitions: first.definitions === undefined ? null : await definitionsOf(host, first.definitions),
    hostHasInvariantTsc: await hasInvariantTsc(host, running),
    who: first.who,
  };
}

/** Null: no guest of this host (a capability probe of libvirt's, a device model of Xen's, another program). */
function runningGuest(
  pid: number,
  program: string,
  cmdline: Reading<Content>,
  live: DomainDefinition | null,
): RunningGuest | Failure | null {
  const path = `/proc/${pid}/cmdline`;
  const read = commandLineOf(cmdline, path, program);
  if (!read.ok) {
    // A zombie, or a process that ended while it was read.
    if (read.why === 'vanished' || read.why === 'absent') return null;
    if (live === null) return { ...read, path: `${path} (qemu)` };
    return { pid, name: live.name, uuid: live.uuid, commandLine: read, live };
  }
  if (read.value.kind !== 'guest') return null;
  const { name, uuid } = read.value;
  return {
    pid,
    name: name ?? live?.name ?? `pid ${pid}`,
    uuid: uuid ?? live?.uuid ?? null,
    commandLine: read,
    live,
  };
}

function commandLineOf(cmdline: Reading<Content>, path: string, program: string): Reading<QemuCommandLine> {
  if (!cmdline.ok) return cmdline;
  const { argv, cut, rewritten } = parseProcCmdline(cmdline.value.bytes);
  if (argv.length === 0) return failed('vanished', path, 'no command line');
  if (rewritten) return failed('unparsable', path, 'the process has rewritten it');
  // Its first word is what somebody called it; what it runs is known from its executable.
  const line = parseQemuArgv([program, ...argv.slice(1)]);
  // What is behind the cut may contradict what is before it: the last -cpu wins.
  if (cut || cmdline.value.cut) return failed('tooBig', path, 'cut off, its end is not known');
  return found(line);
}

/** With hidepid, not even the first process can be looked at by those who are not meant to (proc(5)). */
function hiddenProcesses(init: Reading<Content>): Failure | null {
  if (init.ok || init.why === 'notRecorded' || init.why === 'timedOut') return null;
  return failed('denied', '/proc', 'the processes of other users are hidden by its mount option hidepid');
}

/**
 * x86: `nonstop_tsc` among the flags is CPUID 8000_0007H EDX bit 8 (arch/x86/kernel/cpu/common.c). Asked only where a guest
 * gets the CPU of the host: for each processor that is printed, the kernel measures its frequency first.
 */
async function hasInvariantTsc(host: Host, running: readonly RunningGuest[]): Promise<boolean | null> {
  const isPassedThrough = running.some(
    ({ commandLine }) => commandLine.ok && /^(?:host|max)\b/.test(commandLine.value.cpu ?? ''),
  );
  if (!isPassedThrough) return null;
  const { cpuinfo } = await host.ask({ cpuinfo: head('/proc/cpuinfo', 8 * 1024) });
  if (!cpuinfo.ok) return null;
  const flags = /^flags\s*:(.*)$/m.exec(decodeUtf8(cpuinfo.value.bytes))?.[1];
  return flags === undefined ? null : flags.split(' ').includes('nonstop_tsc');
}

async function definitionsOf(
  host: Host,
  files: Reading<Matches<{ text: ReturnType<typeof bytes> }>>,
): Promise<Definitions> {
  const parsed = await parsedDomains(files);
  const isDenied = parsed.unread.some(({ why }) => why === 'denied');
  if (!isDenied) return parsed;
  const fromVirsh = await askVirsh(host);
  return fromVirsh.ok ? fromVirsh.value : { ...parsed, unread: [...parsed.unread, fromVirsh] };
}

/** libvirt's read-only connection answers any user; one call prints all definitions one after the other. */
async function askVirsh(host: Host): Promise<Reading<Definitions>> {
  const { uuids } = await host.ask({ uuids: run('virsh', ...VIRSH, 'list', '--all', '--uuid') });
  const listed = outputOf(uuids);
  if (!listed.ok) return listed;
  const ids = listed.value.split('\n').filter((line) => /^[0-9a-f-]{36}$/.test(line));
  if (ids.length === 0) return found({ found: [], unread: [] });
  const commands = ids.map((id) => `dumpxml --inactive ${id}`).join('; ');
  const { xml } = await host.ask({ xml: run('virsh', ...VIRSH, commands) });
  const printed = outputOf(xml);
  if (!printed.ok) return printed;
  const documents = printed.value.split(/(?<=^<\/domain>)\s*$/m).filter((text) => text.trim() !== '');
  return found(
    await parseDomains(documents.map((text) => ({ source: 'virsh dumpxml --inactive', text: found(text) }))),
  );
}

function outputOf(ran: Reading<Ran>): Reading<string> {
  if (!ran.ok) return ran;
  const { status, stdout, stderr } = ran.value;
  const complaint = stderr.replaceAll('error: ', '').trim().replaceAll('\n', ', ');
  return status === 0 ? found(stdout) : failed('failed', 'virsh -r -c qemu:///system', complaint);
}

async function parsedDomains(
  files: Reading<Matches<{ text: ReturnType<typeof bytes> }>>,
): Promise<Definitions> {
  if (!files.ok) return { found: [], unread: [files] };
  const parsed = await parseDomains(
    files.value.found.map(({ path, text }) => ({
      source: path,
      text: text.ok ? found(decodeUtf8(text.value.bytes)) : text,
    })),
  );
  return { found: parsed.found, unread: [...files.value.unlisted, ...parsed.unread] };
}

async function parseDomains(
  texts: readonly { readonly source: string; readonly text: Reading<string> }[],
): Promise<Definitions> {
  const domains: Definition[] = [];
  const unread: Failure[] = [];
  for (const { source, text } of texts) {
    if (!text.ok) {
      // Undefined between listing and reading: no definition any more.
      if (text.why !== 'absent' && text.why !== 'vanished') unread.push(text);
      continue;
    }
    try {
      const domain = await parseDomainXml(text.value);
      domains.push({ name: domain.name, uuid: domain.uuid, source, domain });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      unread.push(failed('unparsable', source, error.message));
    }
  }
  return { found: domains, unread };
}
