/**
 * libvirt's definition of a guest (virDomainDefFormat in src/conf/domain_conf.c, https://libvirt.org/formatdomain.html):
 * /etc/libvirt/qemu/NAME.xml for the next start, `virsh dumpxml`; and its record of a running guest,
 * /run/libvirt/qemu/NAME.xml, where the definition is inside of <domstatus> (virDomainObjFormat).
 *
 *     <domstatus state='running' reason='booted' pid='15433'>
 *       <domain type='kvm' id='1'>
 *         <name>acrux</name>
 *         <cpu mode='custom' match='exact'><model>SandyBridge</model><feature policy='require' name='invtsc'/></cpu>
 *         <clock offset='utc'><timer name='tsc' frequency='3504000000'/></clock>
 *
 * - Other tools put elements of their own below <metadata>, with names like <nova:name>; only /domain/name is the name.
 * - The mode `host-model` of a definition is `custom` with its model written out while the guest runs.
 * - libvirt 6.5 recorded migratable='off' for running guests of older versions that are migratable (fixed in 6.6).
 * - Capabilities of a host also have <cpu> and <feature>: they are refused, as is every root but these two.
 * - Disks, networks and devices are in domain-hardware.ts. Skipped: everything that is not in the record below.
 */
import { domainHardware } from './domain-hardware.ts';
import type { GuestHardware } from './guest-hardware.ts';
import { FormatError } from './text.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface DomainDefinition {
  /** The kind of hypervisor: `kvm`, `qemu`, `xen`, ... */
  readonly type: string;
  readonly name: string;
  /** In lower case; null: a definition that libvirt has not seen yet. */
  readonly uuid: string | null;
  /** libvirt's number of a running guest; null: it does not run, or this is not a live definition. */
  readonly id: number | null;
  /** The process of a running guest, from a <domstatus>; null elsewhere. */
  readonly statusPid: number | null;
  /** `running`, `paused`, ... from a <domstatus>; null elsewhere. */
  readonly state: string | null;
  /** `x86_64`, ...; null: not given. */
  readonly arch: string | null;
  /** Null: none is defined, the guest gets the default. */
  readonly cpu: DomainCpu | null;
  /** The frequency given to the timer `tsc`; null: none, or 0. */
  readonly tscTimerHz: number | null;
  /** Arguments handed to qemu behind its own (qemu:commandline). */
  readonly qemuArgs: readonly string[];
  readonly emulator: string | null;
  readonly consoles: readonly DomainConsole[];
  readonly hardware: GuestHardware;
}

export interface DomainCpu {
  /** `custom`, `host-model`, `host-passthrough`, `maximum`; null: only a topology or the like is given. */
  readonly mode: string | null;
  readonly model: string | null;
  readonly check: string | null;
  /** Null: not given; qemu's default is true. */
  readonly migratable: boolean | null;
  readonly features: readonly DomainCpuFeature[];
}

export interface DomainCpuFeature {
  readonly name: string;
  /** `force`, `require`, `optional`, `disable`, `forbid`. */
  readonly policy: string;
}

/** <serial> or <console>; a serial port and the console on it both appear, with the same paths. */
export interface DomainConsole {
  readonly device: 'serial' | 'console';
  /** `pty`, `file`, `unix`, `tcp`, ... */
  readonly type: string;
  /** Of the type `file`: what the guest prints is there. */
  readonly sourcePath: string | null;
  /** The copy of it that virtlogd writes. */
  readonly logPath: string | null;
}

const QEMU_NAMESPACE = 'http://libvirt.org/schemas/domain/qemu/1.0';

/** Rejects with FormatError for everything that is no definition of one guest. */
export async function parseDomainXml(text: string): Promise<DomainDefinition> {
  const root = await parseXml(text);
  if (root.name === 'domain') return definitionOf(root, null);
  if (root.name !== 'domstatus') {
    throw new FormatError('XML', 'expected <domain> or <domstatus>', `<${root.name}>`);
  }
  const [domain, ...more] = root.children('domain');
  if (domain === undefined || more.length > 0)
    throw new FormatError('<domstatus>', 'not exactly one <domain>');
  return definitionOf(domain, root);
}

function definitionOf(domain: XmlElement, status: XmlElement | null): DomainDefinition {
  const type = domain.attribute('type');
  if (type === '') throw new FormatError('<domain>', 'no type');
  const name = textAt(domain, 'name');
  if (name === null) throw new FormatError('<domain>', 'no name');
  const cpu = domain.children('cpu')[0];
  return {
    type,
    name,
    uuid: textAt(domain, 'uuid')?.trim().toLowerCase() ?? null,
    id: positive(domain.attribute('id')),
    statusPid: positive(status?.attribute('pid') ?? ''),
    state: orNull(status?.attribute('state') ?? ''),
    arch: orNull(at(domain, 'os', 'type')[0]?.attribute('arch') ?? ''),
    cpu: cpu === undefined ? null : cpuOf(cpu),
    tscTimerHz: tscTimerOf(domain),
    qemuArgs: qemuArgsOf(domain, status),
    emulator: orNull(at(domain, 'devices', 'emulator')[0]?.text.trim() ?? ''),
    consoles: (['serial', 'console'] as const).flatMap((device) =>
      at(domain, 'devices', device).map((element) => consoleOf(device, element)),
    ),
    hardware: domainHardware(domain),
  };
}

function cpuOf(cpu: XmlElement): DomainCpu {
  const model = textAt(cpu, 'model')?.trim() ?? null;
  const migratable = cpu.attribute('migratable');
  return {
    mode: orNull(cpu.attribute('mode')) ?? (model === null ? null : 'custom'),
    model,
    check: orNull(cpu.attribute('check')),
    migratable: ['on', 'yes'].includes(migratable) ? true : ['off', 'no'].includes(migratable) ? false : null,
    features: cpu.children('feature').map((feature) => ({
      name: feature.attribute('name'),
      policy: orNull(feature.attribute('policy')) ?? 'require',
    })),
  };
}

function tscTimerOf(domain: XmlElement): number | null {
  const frequencies = at(domain, 'clock', 'timer')
    .filter((timer) => timer.attribute('name') === 'tsc')
    .map((timer) => positive(timer.attribute('frequency')));
  return frequencies.find((frequency) => frequency !== null) ?? null;
}

/** Any prefix, or none, can stand for qemu's namespace; libvirt's own output has `qemu`, declared at <domain>. */
function qemuArgsOf(domain: XmlElement, status: XmlElement | null): string[] {
  const outer = status === null ? [domain] : [domain, status];
  const ofQemu = (parents: readonly XmlElement[], local: string): (readonly XmlElement[])[] =>
    (parents[0]?.childNames ?? [])
      .filter((name) => name.slice(name.indexOf(':') + 1) === local)
      .flatMap((name) => parents[0]?.children(name) ?? [])
      .map((element) => [element, ...parents])
      .filter((scopes) => namespaceIn(scopes) === QEMU_NAMESPACE);
  return ofQemu(outer, 'commandline')
    .flatMap((scopes) => ofQemu(scopes, 'arg'))
    .map(([arg]) => arg?.attribute('value') ?? '');
}

/** The namespace of the first element, of which the others are the ancestors. */
function namespaceIn(scopes: readonly XmlElement[]): string | undefined {
  const name = scopes[0]?.name ?? '';
  const prefix = name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
  return scopes.map(({ namespaces }) => namespaces.get(prefix)).find((uri) => uri !== undefined);
}

function consoleOf(device: DomainConsole['device'], element: XmlElement): DomainConsole {
  const paths = (child: string, key: string): string | null =>
    element
      .children(child)
      .map((one) => one.attribute(key))
      .find((path) => path !== '') ?? null;
  return {
    device,
    type: element.attribute('type'),
    sourcePath: paths('source', 'path'),
    logPath: paths('log', 'file'),
  };
}

function at(element: XmlElement, first: string, second: string): readonly XmlElement[] {
  return element.children(first).flatMap((child) => child.children(second));
}

/** Null: no such element, or nothing in it. */
function textAt(element: XmlElement, child: string): string | null {
  return orNull(element.children(child)[0]?.text ?? '');
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

function positive(text: string): number | null {
  return /^[0-9]{1,19}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
