/**
 * The devices that OpenStack's services are told to put the VLANs of tenants on: `vlan_interface` of nova-network, and
 * `physical_interface_mappings` of neutron's linuxbridge agent (`physnet1:bond0,physnet2:bond1`).
 */
import { bytes, each, type Answers, type Match, type Matches } from '../host/ask.ts';
import { osloList, osloValue, parseOsloConfig, type OsloConfig } from '../parsers/oslo-config.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, type Failure, type Reading } from '../reading.ts';

export interface TenantInterface {
  readonly file: string;
  /** The service whose file it is, as its daemon is called. */
  readonly service: 'nova-network' | 'neutron-linuxbridge-agent';
  readonly option: string;
  /** The name of the physical network; null for nova, which has one. */
  readonly physnet: string | null;
  readonly device: string;
}

export interface TenantInterfaces {
  readonly found: readonly TenantInterface[];
  /** Files, or folders of them, that are there and could not be read. */
  readonly unread: readonly Failure[];
}

/** The full sample of nova.conf has half a megabyte. */
const MAX_BYTES = 4 * 1024 * 1024;
const TEXT = { text: bytes('', MAX_BYTES) };

/** Files of the packages, of Kolla's containers, and of Quantum, as neutron was called before 2013. */
export const TENANT_INTERFACE_QUESTIONS = {
  nova: each('/etc/nova/*.conf', TEXT),
  novaDirs: each('/etc/nova/*.conf.d/*.conf', TEXT),
  kollaNova: each('/etc/kolla/nova-*/nova.conf', TEXT),
  plugins: each('/etc/neutron/plugins/*/*.ini', TEXT),
  neutron: each('/etc/neutron/*.ini', TEXT),
  neutronConf: each('/etc/neutron/*.conf', TEXT),
  kollaNeutron: each('/etc/kolla/neutron-*/*.ini', TEXT),
  quantum: each('/etc/quantum/plugins/*/*.ini', TEXT),
};

type Texts = Reading<Matches<typeof TEXT>>;

export function tenantInterfaces(answers: Answers<typeof TENANT_INTERFACE_QUESTIONS>): TenantInterfaces {
  const { nova, novaDirs, kollaNova, plugins, neutron, neutronConf, kollaNeutron, quantum } = answers;
  const unread: Failure[] = [];
  const texts = (...readings: readonly Texts[]): readonly File[] => filesOf(readings, unread);
  // The service reads nova.conf first; what is set in a later file counts.
  const novaFiles = [...texts(nova, novaDirs)].sort((a, b) => rank(a.path) - rank(b.path));
  const found = [
    ...novaInterface(novaFiles, unread),
    ...texts(kollaNova).flatMap((file) => novaInterface([file], unread)),
    ...texts(plugins, neutron, neutronConf, kollaNeutron, quantum).flatMap((file) => mappings(file, unread)),
  ];
  // plugin.ini is a link to the file of the plugin in use.
  const isFirst = (one: TenantInterface, index: number): boolean =>
    found.findIndex(
      (other) => other.physnet === one.physnet && other.device === one.device && other.option === one.option,
    ) === index;
  return { found: found.filter(isFirst), unread };
}

interface File {
  readonly path: string;
  readonly text: string;
}

function filesOf(readings: readonly Texts[], unread: Failure[]): readonly File[] {
  return readings.flatMap((reading) => {
    if (!reading.ok) {
      unread.push(reading);
      return [];
    }
    unread.push(...reading.value.unlisted);
    return reading.value.found.flatMap((match) => fileOf(match, unread));
  });
}

function fileOf({ path, text }: Match<typeof TEXT>, unread: Failure[]): File | readonly File[] {
  if (text.ok) return { path, text: decodeUtf8(text.value.bytes) };
  // A link to nothing, a folder with the name of a file.
  if (text.why !== 'absent' && text.why !== 'vanished' && text.why !== 'wrongType') unread.push(text);
  return [];
}

function rank(path: string): number {
  return path.endsWith('/nova.conf') ? 0 : path.includes('.conf.d/') ? 2 : 1;
}

const VLAN_INTERFACE = 'vlan_interface';
const MAPPINGS = 'physical_interface_mappings';

function novaInterface(files: readonly File[], unread: Failure[]): readonly TenantInterface[] {
  const parsed = files.map((file) => ({ file, config: parsedFile(file, VLAN_INTERFACE, unread) }));
  const device = osloValue(parsed.map(({ config }) => config), 'DEFAULT', VLAN_INTERFACE); // prettier-ignore
  const setBy = parsed.findLast(({ config }) => osloValue([config], 'DEFAULT', VLAN_INTERFACE) !== null);
  if (device === null || device === '' || setBy === undefined) return [];
  const { path } = setBy.file;
  return [{ file: path, service: 'nova-network', option: VLAN_INTERFACE, physnet: null, device }];
}

function mappings(file: File, unread: Failure[]): readonly TenantInterface[] {
  const config = parsedFile(file, MAPPINGS, unread);
  // The group is [linux_bridge] since 2012, and its name may be in capital letters.
  const value = osloValue([config], 'linux_bridge', MAPPINGS);
  return osloList(value ?? '').flatMap((mapping) => {
    const colon = mapping.indexOf(':');
    const [physnet, device] = [mapping.slice(0, colon).trim(), mapping.slice(colon + 1).trim()];
    if (colon < 0 || device === '') return [];
    return [{ file: file.path, service: 'neutron-linuxbridge-agent', option: MAPPINGS, physnet, device }];
  });
}

/** Other files stand in the same folders, with a syntax of their own: only one that names the option must be understood. */
function parsedFile({ path, text }: File, option: string, unread: Failure[]): OsloConfig {
  try {
    return parseOsloConfig(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (text.includes(option)) unread.push(failed('unparsable', path, error.message));
    return new Map();
  }
}
