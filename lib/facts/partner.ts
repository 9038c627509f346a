/** Another host that is to take guests of this one: what it is able to, and what it has already. */
import { head, list, run, type Content, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import type { OpenMachine } from '../plugin.ts';
import { parseCpuModels, parseMachineTypes, type CpuModel } from '../parsers/libvirt-capabilities.ts';
import { parseCpuinfo, type CpuInfo } from '../parsers/proc-cpuinfo.ts';
import { parseMeminfo, type MemInfo } from '../parsers/proc-meminfo.ts';
import { parseXlInfo } from '../parsers/xl-info.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { gatherGuests, type Guests } from './guests.ts';
import { linesOf, type MigrationHost } from './migration.ts';
import { gatherStorage, type Storage } from './storage.ts';
import { gatherTwins, type Twin } from './twins.ts';

export interface Partner {
  /** As it was given on the command line, without the user. */
  readonly name: string;
  readonly guests: Guests;
  /** The disks of our guests, looked for there. */
  readonly storage: Storage;
  readonly cpu: Reading<CpuInfo>;
  readonly memory: Reading<MemInfo>;
  /** Network devices, bridges among them. */
  readonly devices: Reading<readonly string[]>;
  /** Networks of libvirt's that are up. */
  readonly networks: Reading<readonly string[]>;
  readonly machines: Reading<ReadonlySet<string>>;
  readonly models: Reading<ReadonlyMap<string, CpuModel>>;
  readonly twins: readonly Twin[];
}

export interface PartnerLook {
  readonly name: string;
  /** The failure where it could not be reached. */
  readonly look: Reading<Partner>;
}

const VIRSH = ['-q', '-r', '-c', 'qemu:///system'] as const;

export async function gatherPartners(
  destinations: readonly string[],
  own: Host,
  here: MigrationHost,
  open: OpenMachine,
): Promise<readonly PartnerLook[]> {
  const opened = await Promise.all(
    [...new Set(destinations)].map(async (destination): Promise<Opened> => {
      const name = destination.replace(/^.*@/, '');
      const host = await open(destination);
      if (!host.ok) return { name, look: host, host: null };
      const [{ now }, { now: far }] = await Promise.all([own.ask({}), host.value.ask({})]);
      // Compared with itself, a host would have each of its guests running twice.
      if (now.bootId !== '' && now.bootId === far.bootId)
        return { name, look: failed('failed', name, 'it is this host itself'), host: null };
      return { name, look: found(await gatherPartner(name, host.value, here)), host: host.value };
    }),
  );
  const reached = opened.flatMap(({ look, host }) =>
    look.ok && host !== null ? [{ partner: look.value, host, guests: look.value.guests }] : [],
  );
  const twins = await gatherTwins({ host: own, guests: here.guests }, reached);
  const twinsOf = (partner: Partner): readonly Twin[] =>
    twins[reached.findIndex((one) => one.partner === partner)] ?? [];
  return opened.map(({ name, look }) => ({
    name,
    look: look.ok ? found({ ...look.value, twins: twinsOf(look.value) }) : look,
  }));
}

interface Opened extends PartnerLook {
  readonly host: Host | null;
}

async function gatherPartner(name: string, host: Host, here: MigrationHost): Promise<Partner> {
  const [guests, storage, answers] = await Promise.all([
    gatherGuests(host, true),
    gatherStorage(host, [...here.storage.places.keys()]),
    host.ask({
      cpuinfo: head('/proc/cpuinfo', 16 * 1024),
      meminfo: head('/proc/meminfo', 16 * 1024),
      devices: list('/sys/class/net'),
      capabilities: run('virsh', ...VIRSH, 'capabilities'),
      models: run('virsh', ...VIRSH, 'domcapabilities'),
      networks: run('virsh', ...VIRSH, 'net-list', '--name'),
      ...(here.guests.isXen === true ? { xen: run('xl', 'info') } : {}),
    }),
  ]);
  return {
    name,
    guests,
    storage,
    cpu: await parsed(answers.cpuinfo, '/proc/cpuinfo', parseCpuinfo),
    memory:
      guests.isXen === true && answers.xen !== undefined
        ? await printed(answers.xen, 'xl info', parseXlInfo)
        : await parsed(answers.meminfo, '/proc/meminfo', parseMeminfo),
    devices: answers.devices,
    networks: linesOf(answers.networks),
    machines: await printed(answers.capabilities, 'virsh capabilities', parseMachineTypes),
    models: await printed(answers.models, 'virsh domcapabilities', parseCpuModels),
    twins: [],
  };
}

async function parsed<T>(
  read: Reading<Content>,
  path: string,
  parse: (text: string) => T | Promise<T>,
): Promise<Reading<T>> {
  if (!read.ok) return read;
  try {
    return found(await parse(decodeUtf8(read.value.bytes)));
  } catch (error) {
    return notUnderstood(path, error);
  }
}

async function printed<T>(
  ran: Reading<Ran>,
  command: string,
  parse: (text: string) => T | Promise<T>,
): Promise<Reading<T>> {
  if (!ran.ok) return ran;
  const { status, stdout, stderr } = ran.value;
  if (status !== 0)
    return failed('failed', command, stderr.replaceAll('error: ', '').trim().replaceAll('\n', ', '));
  try {
    return found(await parse(stdout));
  } catch (error) {
    return notUnderstood(command, error);
  }
}

function notUnderstood(path: string, error: unknown): Failure {
  if (!(error instanceof FormatError)) throw error;
  return failed('unparsable', path, error.message);
}
