/**
 * The guests of a host: those that run, from their processes, and those that libvirt or Proxmox has definitions of. On a Xen
 * host, where most guests are no processes, those that xl tells.
 *
 * The process is the witness of what runs now, the definition of what will run after the next start. libvirt's own
 * record of a running guest (/run/libvirt/qemu/NAME.xml, root only) stands in where a command line cannot tell.
 */
import { bytes, each, head, processes, type Ask, type Content, type Process } from '../host/ask.ts';
import type { Host, Identity } from '../host/host.ts';
import type { DomainDefinition } from '../parsers/domain-xml.ts';
import { QEMU_PROGRAMS, type QemuCommandLine } from '../parsers/qemu-argv.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { found, mapReading, type Failure, type Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import { commandLineOf } from './command-lines.ts';
import { definitionsOf, isWhole, parseDomains, type Definitions, type XmlFiles } from './definitions.ts';
import { askInvariantTsc, isPassedThrough, isUsed } from './host-tsc.ts';
import { hiddenProcesses } from './hidden-processes.ts';
import {
  askProxmox,
  askXen,
  guestsOfXen,
  HYPERVISOR_TYPE,
  merged,
  PROXMOX_CONFIGURATIONS,
} from './other-guests.ts';
import type { XenGuest } from './xen.ts';

export interface RunningGuest {
  /** 0: a guest of Xen's, which is no process of the host. */
  readonly pid: number;
  readonly name: string;
  readonly uuid: string | null;
  /** What its process was started with; the failure where that could not be read or does not tell. */
  readonly commandLine: Reading<QemuCommandLine>;
  /** libvirt's record of it, null where there is none or it may not be read. */
  readonly live: DomainDefinition | null;
  /** There where it is a guest of Xen's: its command line is `absent` then. */
  readonly xen?: XenGuest;
}

export interface Guests {
  readonly running: readonly RunningGuest[];
  /** The processes of the programs that were asked for besides. */
  readonly others: readonly { readonly pid: number; readonly program: string }[];
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
  /** True: a Xen host. */
  readonly isXen?: true;
}

/** A definition can hold a lot of metadata, but not this much. */
const MAX_XML_BYTES = 4 * 1024 * 1024;
/** libvirt's command lines have up to 10 KiB; a user's process that is called like qemu may have megabytes. */
const MAX_CMDLINE_BYTES = 256 * 1024;
/**
 * That much of command lines is parsed without a pause: what many users' processes hold takes 0.3 ms a KiB, and the first pause
 * half a millisecond, which a host with a handful of guests need not pay.
 */
const BYTES_AT_ONCE = 64 * 1024;
/** The main loop and at least one for RCU (call_rcu_thread in util/rcu.c, 2.3 of 2015) or a virtual CPU under KVM (cpus.c). */
const QEMU_THREADS = { minThreads: 2 };
/** A configuration of Proxmox's has a section for each snapshot. */
const MAX_CONF_BYTES = 1024 * 1024;
const DEFINITIONS = '/etc/libvirt/qemu/*.xml';

/**
 * @param also base names of programs that are no guests, to be found in the same search
 */
export async function gatherGuests(
  host: Host,
  withDefinitions: boolean,
  also: readonly string[] = [],
): Promise<Guests> {
  const first = await host.ask({
    processes: processes(
      [...QEMU_PROGRAMS, ...also],
      { cmdline: head('cmdline', MAX_CMDLINE_BYTES) },
      QEMU_THREADS,
    ),
    init: head('/proc/1/comm', 64),
    live: each('/run/libvirt/qemu/*.xml', { text: bytes('', MAX_XML_BYTES) }),
    hypervisor: head(HYPERVISOR_TYPE, 64),
    ...(withDefinitions
      ? {
          definitions: each(DEFINITIONS, { text: bytes('', MAX_XML_BYTES) }),
          proxmox: each(PROXMOX_CONFIGURATIONS, { text: bytes('', MAX_CONF_BYTES) }),
        }
      : {}),
  });
  const scan = first.processes;
  const { running, unknown, others } = await toldApart(scan.ok ? scan.value.found : [], first.live, also);
  // Together, for a host that is far away.
  const isClosed = first.definitions !== undefined && !isWhole(first.definitions);
  const [xen, ofLibvirt, ofProxmox, early] = await Promise.all([
    askXen(host, first.hypervisor, withDefinitions),
    first.definitions === undefined ? null : definitionsOf(host, first.definitions),
    askProxmox(host, first.proxmox),
    isClosed || running.some(isPassedThrough) ? askInvariantTsc(host) : undefined,
  ]);
  const { guests: ofXen, failures, definitions: definitionsOfXen, isXen } = guestsOfXen(xen);
  running.push(...ofXen);
  unknown.push(...failures);
  const definitions = merged([ofLibvirt, ofProxmox, definitionsOfXen]);
  return {
    running,
    others,
    unknown,
    ...(isXen ? { isXen: true } : {}),
    scanned: scan.ok ? found(scan.value.scanned) : scan,
    undecided: scan.ok ? scan.value.undecided : [],
    hidden: hiddenProcesses(first.init, scan.ok ? scan.value.scanned : 0, first.who),
    definitions,
    hostHasInvariantTsc: isUsed(running, definitions) ? await (early ?? askInvariantTsc(host)) : null,
    who: first.who,
  };
}

/** Guests, processes that should be guests and do not tell which, and what else was looked for. */
async function toldApart(
  found: readonly Process<{ readonly cmdline: Ask<Reading<Content>> }>[],
  live: XmlFiles,
  also: readonly string[],
) {
  const running: RunningGuest[] = [];
  const unknown: Failure[] = [];
  const others: Guests['others'][number][] = [];
  let bytesAtOnce = 0;
  for (const { pid, program, cmdline } of found) {
    bytesAtOnce += cmdline.ok ? cmdline.value.bytes.length : 0;
    if (bytesAtOnce > BYTES_AT_ONCE) {
      await breathe();
      bytesAtOnce = 0;
    }
    if (also.includes(program)) {
      others.push({ pid, program });
      continue;
    }
    const guest = runningGuest(pid, program, cmdline, await liveRecordOf(pid, live));
    if (guest === null) continue;
    if ('ok' in guest) unknown.push(guest);
    else running.push(guest);
  }
  return { running, unknown, others };
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

/** What libvirt has written of the guest with that process; a record that cannot be read or understood is none. */
async function liveRecordOf(pid: number, files: XmlFiles): Promise<DomainDefinition | null> {
  const mine = new RegExp(`<domstatus [^>]*pid='${pid}'`);
  for (const { text } of files.ok ? files.value.found : []) {
    // The record names its process in its first lines: all others need not be parsed.
    const isMine = text.ok && mine.test(decodeUtf8(text.value.bytes.subarray(0, 2048)));
    const parsed = isMine
      ? await parseDomains([{ source: 'live', text: mapReading(text, ({ bytes: b }) => decodeUtf8(b)) }])
      : null;
    const domain = parsed?.found[0]?.domain;
    if (domain?.statusPid === pid) return domain;
  }
  return null;
}
