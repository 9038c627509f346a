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
  /** What netplan made for NetworkManager: `netplan-bond0.nmconnection`. */
  connections: list('/run/NetworkManager/system-connections'),
  /** What ifupdown has set up: `bond0=bond0`. */
  ifstate: head('/run/network/ifstate', 64 * 1024),
  /** ifupdown2, which keeps its state elsewhere. */
  ifreload: stat('/usr/sbin/ifreload', { follow: true }),
  interfaces: stat('/etc/network/interfaces', { follow: true }),
};

interface CommonAnswers {
  readonly redhat: Reading<readonly string[]>;
  readonly suse: Reading<readonly string[]>;
  readonly connections: Reading<readonly string[]>;
  readonly ifstate: Reading<Content>;
  readonly ifreload: Reading<Stat>;
  readonly interfaces: Reading<Stat>;
}

/** Asked of bonds and slaves by their ifindex: what the two daemons say of them (src/network/networkd-link.c, src/core/nm-config.c). */
export function daemonQuestions(
  indexes: ReadonlyMap<string, number | null>,
): Readonly<Record<string, Ask<Reading<Content>>>> {
  return Object.fromEntries(
    [...indexes].flatMap(([name, index]) =>
      index === null
        ? []
        : [
            [`networkd ${name}`, head(`/run/systemd/netif/links/${index}`, 4096)],
            [`nm ${name}`, head(`/run/NetworkManager/devices/${index}`, 4096)],
          ],
    ),
  );
}

/** Those of daemonQuestions among them. */
export type ConfigAnswers = CommonAnswers &
  Readonly<Record<`${'networkd' | 'nm'} ${string}`, Reading<Content> | undefined>>;

export function bondConfig(bond: string, slaves: readonly string[], answers: ConfigAnswers): BondConfig {
  const file = `ifcfg-${bond}`;
  // First, because NetworkManager used to keep its connections in these files.
  if (answers.redhat.ok && answers.redhat.value.includes(file)) {
    return { system: 'ifcfg', path: `/etc/sysconfig/network-scripts/${file}` };
  }
  if (answers.suse.ok && answers.suse.value.includes(file)) {
    return { system: 'suse', path: `/etc/sysconfig/network/${file}` };
  }
  const networkFile = networkFileOf(bond, answers);
  // netplan writes configuration for the two daemons, with its name in that of the files.
  const isByNetplan =
    networkFile?.includes('/10-netplan-') === true ||
    (answers.connections.ok && answers.connections.value.includes(`netplan-${bond}.nmconnection`));
  if (isByNetplan) return { system: 'netplan' };
  const uuid = connectionOf(bond, answers);
  if (uuid !== null) return { system: 'networkmanager', uuid };
  if (networkFile !== null) {
    const files = slaves.flatMap((name) => {
      const path = networkFileOf(name, answers);
      return path === null ? [] : [[name, path] as const];
    });
    return { system: 'networkd', slaveFiles: new Map(files) };
  }
  const isUpByIfupdown = text(answers.ifstate).split('\n').includes(`${bond}=${bond}`);
  return isUpByIfupdown || (answers.ifreload.ok && answers.interfaces.ok)
    ? { system: 'ifupdown' }
    : { system: 'unknown' };
}

function networkFileOf(name: string, answers: ConfigAnswers): string | null {
  return /^NETWORK_FILE=(.+)$/m.exec(text(answers[`networkd ${name}`]))?.[1] ?? null;
}

/** Null where NetworkManager leaves the device alone. */
function connectionOf(name: string, answers: ConfigAnswers): string | null {
  const state = text(answers[`nm ${name}`]);
  if (/^managed=(?:false|0)$/m.test(state)) return null;
  return /^connection-uuid=([0-9a-f-]{36})$/m.exec(state)?.[1] ?? null;
}

function text(reading: Reading<Content> | undefined): string {
  return reading?.ok === true ? decodeUtf8(reading.value.bytes) : '';
}
