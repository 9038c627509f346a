/**
 * Proxmox VE's configuration of a guest, /etc/pve/qemu-server/ID.conf (qm.conf(5); parse_vm_config in PVE/QemuServer.pm), and
 * its CPU models, /etc/pve/virtual-guest/cpu-models.conf (cpu-models.conf(5)).
 *
 *     #notes of the administrator
 *     args: -cpu 'host,+invtsc'
 *     cpu: custom-fast,flags=+aes;-pcid
 *     name: acrux
 *     smbios1: uuid=4507aaf2-e0db-005c-e863-2016f2779ae8
 *
 *     [PENDING]
 *     cpu: host
 *     delete: args
 *
 *     [before-upgrade]
 *     cpu: kvm64
 *
 *     cpu-model: fast
 *         flags +invtsc;+pcid
 *         reported-model host
 *
 * - What is pending is in effect from the next start on; the sections of snapshots are not, whatever they hold.
 * - Without a name the guest is called vmID.
 * - Proxmox hands `args` to qemu behind its own arguments, so that a -cpu there is the one that counts.
 * - A value that is the type of the CPU may be written without `cputype=`.
 * - Skipped: everything that is not in the record below. No error shows what stands in the file (cipassword).
 */
import { proxmoxHardware, type ProxmoxHardware } from './proxmox-hardware.ts';
import { FormatError } from './text.ts';

export interface ProxmoxConf {
  /** Null: none is given. */
  readonly name: string | null;
  /** In lower case; null: not given. */
  readonly uuid: string | null;
  /** The value of `cpu`, whole; null: Proxmox's default model, which has no invariant TSC. */
  readonly cpu: string | null;
  /** More arguments for qemu, as they are written; '' where there are none. */
  readonly args: string;
  /** A template cannot be started. */
  readonly isTemplate: boolean;
  readonly hardware: ProxmoxHardware;
}

export interface ProxmoxCpuModel {
  /** `+invtsc`, `-pcid`. */
  readonly flags: readonly string[];
  readonly reportedModel: string | null;
}

/** Of the next start. Throws FormatError for what is no such file: empty, binary, a line that is no setting. */
export function parseProxmoxConf(text: string): ProxmoxConf {
  const { now, pending, snapshots } = sectionsOf(text);
  const settings = nextStart(now, pending);
  const uuid = /(?:^|,)uuid=([0-9a-fA-F-]{36})/.exec(settings.get('smbios1') ?? '')?.[1];
  return {
    name: settings.get('name') ?? null,
    uuid: uuid?.toLowerCase() ?? null,
    cpu: settings.get('cpu') ?? null,
    args: settings.get('args') ?? '',
    isTemplate: settings.get('template') === '1',
    hardware: proxmoxHardware(now, snapshots),
  };
}

interface Sections {
  readonly now: ReadonlyMap<string, string>;
  readonly pending: ReadonlyMap<string, string>;
  readonly snapshots: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

function sectionsOf(text: string): Sections {
  const now = new Map<string, string>();
  const pending = new Map<string, string>();
  const snapshots = new Map<string, Map<string, string>>();
  let section = now;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const heading = /^\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (heading !== undefined) {
      section = heading.toUpperCase() === 'PENDING' ? pending : new Map<string, string>();
      // `special:` ones are Proxmox's own.
      if (section !== pending && !heading.includes(':')) snapshots.set(heading, section);
      continue;
    }
    const [key, value] = settingOf(line, index + 1);
    section.set(key, value);
  }
  if (now.size === 0) throw new FormatError('the file', 'no setting in it');
  return { now, pending, snapshots };
}

function nextStart(
  now: ReadonlyMap<string, string>,
  pending: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const gone = (pending.get('delete') ?? '').split(/[,; ]/).map((key) => key.replace('!', ''));
  const kept = [...now].filter(([key]) => !gone.includes(key));
  return new Map([...kept, ...pending]);
}

function settingOf(line: string, number: number): readonly [key: string, value: string] {
  const [, key, rest = ''] = /^([A-Za-z][\w-]*):(.*)/s.exec(line) ?? [];
  const value = rest.trim();
  if (key === undefined || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value.replaceAll('\t', ' '))) {
    throw new FormatError(`line ${number}`, 'expected KEY: VALUE');
  }
  return [key, value];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** By name, without `custom-`. Throws FormatError where a line is none. */
export function parseProxmoxCpuModels(text: string): ReadonlyMap<string, ProxmoxCpuModel> {
  const models = new Map<string, Writable<ProxmoxCpuModel>>();
  let model: Writable<ProxmoxCpuModel> | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const begun = /^cpu-model:\s*(\S+)\s*$/.exec(line)?.[1];
    if (begun !== undefined) {
      model = { flags: [], reportedModel: null };
      models.set(begun, model);
      continue;
    }
    const [, key, value = ''] = /^\s+([a-z][\w-]*)(?:\s+(.*))?$/.exec(line.trimEnd()) ?? [];
    if (key === undefined || model === null) {
      throw new FormatError(`line ${index + 1}`, 'expected a property of a CPU model');
    }
    if (key === 'flags') model.flags = value.split(/[;,\s]/);
    if (key === 'reported-model') model.reportedModel = value;
  }
  return models;
}

/**
 * What Proxmox makes of it for qemu's -cpu, as far as flags go, and the arguments behind that.
 *
 * @returns null where the CPU is of a model that is not in `models`
 */
export function proxmoxQemuArgs(
  { cpu, args }: ProxmoxConf,
  models: ReadonlyMap<string, ProxmoxCpuModel>,
): readonly string[] | null {
  const parts = (cpu ?? '').split(',');
  const typed = parts.find((part) => part.startsWith('cputype='))?.slice('cputype='.length);
  const type = typed ?? parts.find((part) => !part.includes('=')) ?? '';
  const flags = parts.find((part) => part.startsWith('flags='))?.slice('flags='.length) ?? '';
  const behind = shellWords(args);
  const custom = type.startsWith('custom-') ? models.get(type.slice('custom-'.length)) : null;
  const isReplaced = behind.some((word) => /^--?cpu$/.test(word));
  if (custom === undefined) return isReplaced ? behind : null;
  const model = custom === null ? type : (custom.reportedModel ?? '');
  // A flag of the guest replaces the same of the model (get_cpu_options in PVE/QemuServer/CPUConfig.pm).
  const own = flags.split(';').filter((flag) => flag !== '');
  const inherited = (custom?.flags ?? []).filter(
    (flag) => flag !== '' && !own.some((one) => one.slice(1) === flag.slice(1)),
  );
  return ['-cpu', [model === '' ? 'kvm64' : model, ...inherited, ...own].join(','), ...behind];
}

/** Words with quotes and backslashes, as Text::ParseWords takes them apart (split_args in PVE/Tools.pm). */
export function shellWords(text: string): string[] {
  const words = text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs) ?? [];
  return words.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, double: string | undefined, single: string | undefined, escaped: string | undefined) =>
        double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? '',
    ),
  );
}
