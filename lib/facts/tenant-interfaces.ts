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
  neutronCommon: each('/etc/neutron/conf.d/common/*.conf', TEXT),
  neutronAgent: each('/etc/neutron/conf.d/neutron-linuxbridge-agent/*.conf', TEXT),
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
  const folders = texts(answers.neutronCommon, answers.neutronAgent);
  const found = [
    ...novaInterface(novaFiles, unread),
    ...texts(kollaNova).flatMap((file) => novaInterface([file], unread)),
    ...mappings([...texts(neutronConf, neutron, plugins), ...folders], unread),
    ...byFolder(texts(kollaNeutron)).flatMap((files) => mappings(files, unread)),
    ...mappings(texts(quantum), unread),
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

/**
 * The mappings of the one file that counts. The agent is started with neutron.conf, with linuxbridge_agent.ini as the last file
 * since 2016, and by RDO with two folders on top (neutron-linuxbridge-agent.service in RDO's neutron-distgit; .init of Debian's
 * neutron, whose ml2_conf.ini comes before; neutron-linuxbridge-agent.json.j2 of kolla-ansible): what is read later counts
 * (oslo.config). What it was started with before differs, and each of those files is taken for the one.
 */
function mappings(files: readonly File[], unread: Failure[]): readonly TenantInterface[] {
  const parsed = files.map((file) => ({ file, config: parsedFile(file, MAPPINGS, unread) }));
  // The group is [linux_bridge] since 2012, and its name may be in capital letters.
  const setBy = parsed.filter(({ config }) => osloValue([config], 'linux_bridge', MAPPINGS) !== null);
  const highest = setBy.reduce((most, { file }) => Math.max(most, order(file.path)), 0);
  const last = setBy.filter(({ file }) => order(file.path) === highest);
  const counting = highest === ALTERNATIVE ? last : last.slice(-1);
  // What a value names with `$` may stand in any of the files.
  const others = [...parsed].sort((a, b) => order(a.file.path) - order(b.file.path));
  return counting.flatMap(({ file, config }) => {
    const configs = [...others.map((one) => one.config), config];
    return mappingsOf(file.path, osloValue(configs, 'linux_bridge', MAPPINGS) ?? '');
  });
}

function mappingsOf(file: string, value: string): readonly TenantInterface[] {
  return osloList(value).flatMap((mapping) => {
    const colon = mapping.indexOf(':');
    const [physnet, device] = [mapping.slice(0, colon).trim(), mapping.slice(colon + 1).trim()];
    if (colon < 0 || device === '') return [];
    return [{ file, service: 'neutron-linuxbridge-agent', option: MAPPINGS, physnet, device }];
  });
}

const ALTERNATIVE = 1;

/** The larger, the later the agent reads it. */
function order(path: string): number {
  if (path.includes('/conf.d/common/')) return 3;
  if (path.includes('/conf.d/')) return 4;
  if (path.endsWith('/linuxbridge_agent.ini')) return 2;
  return path.endsWith('/neutron.conf') ? 0 : ALTERNATIVE;
}

/** Each container has a folder of its own. */
function byFolder(files: readonly File[]): readonly (readonly File[])[] {
  const folders = new Map<string, File[]>();
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/'));
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders.values()];
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
