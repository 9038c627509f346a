/**
 * Which system sets up a bond on this host, so that a repair can be made to last. Told by the names of files and by what the
 * systems write down about their work; their configuration itself may hold passwords and is not read.
 */
import { head, list, stat, type Ask, type Content, type Stat } from '../host/ask.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import type { Reading } from '../reading.ts';

export type BondConfig =
  /** Red Hat: BONDING_OPTS of the file. */
  | { readonly system: 'ifcfg'; readonly path: string }
  /** SUSE: BONDING_MODULE_OPTS of the file. */
  | { readonly system: 'suse'; readonly path: string }
  | { readonly system: 'netplan' }
  /** `uuid` of the connection. */
  | { readonly system: 'networkmanager'; readonly uuid: string }
  /** The .network file of each slave, as far as it is known. */
  | { readonly system: 'networkd'; readonly slaveFiles: ReadonlyMap<string, string> }
  | { readonly system: 'ifupdown' }
  | { readonly system: 'unknown' };

/** Asked once for all bonds. */
export const CONFIG_QUESTIONS = {
  redhat: list('/etc/sysconfig/network-scripts'),
  suse: list('/etc/sysconfig/network'),
  /** What ifupdown has set up: `bond0=bond0`. */
  ifstate: head('/run/network/ifstate', 64 * 1024),
  /** ifupdown2, which keeps its state elsewhere. */
  ifreload: stat('/usr/sbin/ifreload', { follow: true }),
  interfaces: stat('/etc/network/interfaces', { follow: true }),
};

export interface ConfigAnswers {
  readonly redhat: Reading<readonly string[]>;
  readonly suse: Reading<readonly string[]>;
  readonly ifstate: Reading<Content>;
  readonly ifreload: Reading<Stat>;
  readonly interfaces: Reading<Stat>;
}

type Asked = Ask<Reading<Content>>;

/** Asked of a bond or slave by its ifindex: what the two daemons say of it (src/network/networkd-link.c, src/core/nm-config.c). */
export function daemonQuestions(index: number): { readonly networkd: Asked; readonly nm: Asked } {
  return {
    networkd: head(`/run/systemd/netif/links/${index}`, 4096),
    nm: head(`/run/NetworkManager/devices/${index}`, 4096),
  };
}

/** What the daemons say of one device. */
export interface DaemonAnswers {
  readonly networkd: Reading<Content>;
  readonly nm: Reading<Content>;
}

export function bondConfig(
  bond: string,
  answers: ConfigAnswers,
  own: DaemonAnswers | null,
  slaves: ReadonlyMap<string, DaemonAnswers>,
): BondConfig {
  const file = `ifcfg-${bond}`;
  // First, because NetworkManager used to keep its connections in these files.
  if (answers.redhat.ok && answers.redhat.value.includes(file)) {
    return { system: 'ifcfg', path: `/etc/sysconfig/network-scripts/${file}` };
  }
  if (answers.suse.ok && answers.suse.value.includes(file))
    return { system: 'suse', path: `/etc/sysconfig/network/${file}` };
  const networkFile = networkFileOf(own);
  // netplan writes configuration for networkd, with its name in that of the files.
  if (networkFile?.includes('/10-netplan-') === true) return { system: 'netplan' };
  const uuid = connectionOf(own);
  if (uuid !== null) return { system: 'networkmanager', uuid };
  if (networkFile !== null) {
    const files = [...slaves].flatMap(([name, daemons]) => {
      const path = networkFileOf(daemons);
      return path === null ? [] : [[name, path] as const];
    });
    return { system: 'networkd', slaveFiles: new Map(files) };
  }
  const isUpByIfupdown = text(answers.ifstate).split('\n').includes(`${bond}=${bond}`);
  return isUpByIfupdown || (answers.ifreload.ok && answers.interfaces.ok)
    ? { system: 'ifupdown' }
    : { system: 'unknown' };
}

function networkFileOf(daemons: DaemonAnswers | null): string | null {
  return /^NETWORK_FILE=(.+)$/m.exec(text(daemons?.networkd))?.[1] ?? null;
}

/** Null where NetworkManager leaves the device alone. */
function connectionOf(daemons: DaemonAnswers | null): string | null {
  const state = text(daemons?.nm);
  if (/^managed=(?:false|0)$/m.test(state)) return null;
  return /^connection-uuid=([0-9a-f-]{36})$/m.exec(state)?.[1] ?? null;
}

function text(reading: Reading<Content> | undefined): string {
  return reading?.ok === true ? decodeUtf8(reading.value.bytes) : '';
}
