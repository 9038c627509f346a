/** The guests that Proxmox is to start next time, of /etc/pve/qemu-server: a file system of its own, open to root and www-data. */
import { NO_HARDWARE, type GuestHardware } from '../parsers/guest-hardware.ts';
import type { Ask, Content, Matches } from '../host/ask.ts';
import type { DomainDefinition } from '../parsers/domain-xml.ts';
import {
  parseProxmoxConf,
  parseProxmoxCpuModels,
  proxmoxQemuArgs,
  type ProxmoxConf,
  type ProxmoxCpuModel,
} from '../parsers/proxmox-conf.ts';
import { parseProxmoxStorage, type ProxmoxStorage } from '../parsers/proxmox-storage.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import { PROXMOX_STORAGE } from './other-guests.ts';
import type { Definition, Definitions } from './definitions.ts';

export const PROXMOX_CPU_MODELS = '/etc/pve/virtual-guest/cpu-models.conf';

/** How Proxmox has it, beside what qemu is told. */
export interface ProxmoxDefinition extends ProxmoxConf {
  readonly id: number;
}

type Files = Reading<Matches<{ readonly text: Ask<Reading<Content>> }>>;

export async function proxmoxDefinitions(files: Files, models: Reading<Content>): Promise<Definitions> {
  // A host that was recorded before this was asked has no Proxmox.
  if (!files.ok) return { found: [], unread: files.why === 'notRecorded' ? [] : [files] };
  const definitions: Definition[] = [];
  const unread: Failure[] = [...files.value.unlisted];
  const known = modelsOf(models);
  for (const { path, text } of files.value.found) {
    await breathe();
    const one = text.ok ? definitionOf(path, text.value, known) : text;
    if (one === null || ('why' in one && (one.why === 'absent' || one.why === 'vanished'))) continue;
    if ('why' in one) unread.push(one);
    else definitions.push(one);
  }
  return { found: definitions, unread };
}

export function proxmoxStorages(file: Reading<Content>): Reading<ReadonlyMap<string, ProxmoxStorage>> {
  // Without the file there is `local`.
  if (!file.ok) return file.why === 'absent' ? found(parseProxmoxStorage('')) : file;
  try {
    return found(parseProxmoxStorage(decodeUtf8(file.value.bytes)));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', PROXMOX_STORAGE, error.message);
  }
}

function modelsOf(file: Reading<Content>): Reading<ReadonlyMap<string, ProxmoxCpuModel>> {
  if (!file.ok) return file.why === 'absent' ? found(new Map()) : file;
  try {
    return found(parseProxmoxCpuModels(decodeUtf8(file.value.bytes)));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', PROXMOX_CPU_MODELS, error.message);
  }
}

/** Null: a template, which does not start. */
function definitionOf(
  path: string,
  { bytes }: Content,
  models: Reading<ReadonlyMap<string, ProxmoxCpuModel>>,
): Definition | Failure | null {
  const id = /\/([0-9]{1,15})\.conf$/.exec(path)?.[1];
  // The names of Proxmox's own files are numbers; what else is there, it does not read.
  if (id === undefined) return null;
  try {
    const conf = parseProxmoxConf(decodeUtf8(bytes));
    if (conf.isTemplate) return null;
    const qemuArgs = proxmoxQemuArgs(conf, models.ok ? models.value : new Map());
    if (qemuArgs === null) {
      return models.ok ? failed('unparsable', path, `its CPU model is not in ${PROXMOX_CPU_MODELS}`) : models;
    }
    const name = conf.name ?? `vm${id}`;
    const domain = withoutXml(name, 'kvm', conf.uuid, qemuArgs, NO_HARDWARE);
    return { name, uuid: conf.uuid, source: path, domain, proxmox: { ...conf, id: Number(id) } };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', path, error.message);
  }
}

/** A definition that libvirt has no part in. */
export function withoutXml(
  name: string,
  type: string,
  uuid: string | null,
  qemuArgs: readonly string[],
  hardware: GuestHardware,
): DomainDefinition {
  return {
    type,
    name,
    uuid,
    id: null,
    statusPid: null,
    state: null,
    arch: null,
    cpu: null,
    tscTimerHz: null,
    qemuArgs,
    emulator: null,
    consoles: [],
    hardware,
  };
}
