/**
 * A guest's definition as libvirt writes it: /etc/libvirt/qemu/NAME.xml, `virsh dumpxml`, and inside the record of a
 * running guest, /run/libvirt/qemu/NAME.xml (src/conf/domain_conf.c, virDomainDefFormat and virDomainObjFormat).
 *
 *     <domain type='kvm'><name>acrux</name><cpu mode='custom'><feature policy='require' name='invtsc'/></cpu>...</domain>
 *     <domstatus state='running' reason='booted' pid='15433'>...<domain type='kvm' id='1'>...</domain></domstatus>
 *
 * Host capabilities name the same features and are refused. Metadata of other programs (nova:name) is skipped: only what
 * stands at its own place is read. Disks and networks are not read yet.
 */
import { FormatError } from './text.ts';

export interface DomainDefinition {
  readonly type: string;
  readonly name: string;
  readonly uuid: string | null;
  /** Number of the running guest; null in a definition. */
  readonly id: number | null;
  /** From libvirt's record of a running guest. */
  readonly statusPid: number | null;
  readonly state: string | null;
  readonly cpu: DomainCpu | null;
  /** <timer name='tsc' frequency='...'/>, in Hz; null without one. */
  readonly tscTimerHz: number | null;
  /** Arguments handed to qemu as they are (qemu:commandline), after libvirt's own. */
  readonly qemuArgs: readonly string[];
  readonly emulator: string | null;
  readonly consoles: readonly DomainConsole[];
}

export interface DomainCpu {
  /** custom, host-model, host-passthrough, maximum; null where it is not said. */
  readonly mode: string | null;
  readonly model: string | null;
  /** The attribute `migratable` (libvirt 6.5); null where it is not said. */
  readonly migratable: boolean | null;
  /** `policy` is `require` where none is written. */
  readonly features: readonly { readonly name: string; readonly policy: string }[];
}

export interface DomainConsole {
  readonly device: 'serial' | 'console';
  readonly type: string;
  readonly sourcePath: string | null;
  /** The file that virtlogd writes. */
  readonly logPath: string | null;
}

/** Longer than any definition that libvirt has written. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

interface Element {
  readonly [name: string]: unknown;
}

/** Throws FormatError for anything that is not one well-formed domain. */
export async function parseDomainXml(text: string): Promise<DomainDefinition> {
  if (text.length > MAX_CHARACTERS) throw new FormatError(`more than ${MAX_CHARACTERS} characters`);
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new FormatError('a definition has no DOCTYPE');
  const { XMLParser, XMLValidator } = await import('../vendor/fast-xml-parser.ts');
  const root = wellFormed(
    text,
    (xml) => XMLValidator.validate(xml),
    (xml) => {
      const parser = new XMLParser({
        ignoreAttributes: false,
        attributeNamePrefix: '@',
        parseTagValue: false,
        parseAttributeValue: false,
        ignoreDeclaration: true,
        isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
      });
      return parser.parse(xml) as Element;
    },
  );
  const status = only(root, 'domstatus');
  const domain = only(status ?? root, 'domain');
  if (domain === null) throw new FormatError('no <domain>', Object.keys(root).join(' '));
  return definitionOf(domain, status);
}

function wellFormed(
  text: string,
  validate: (xml: string) => unknown,
  parse: (xml: string) => Element,
): Element {
  try {
    const verdict = validate(text);
    if (verdict !== true) {
      const { err } = verdict as { readonly err: { readonly msg: string; readonly line: number } };
      throw new FormatError(`not well-formed in line ${err.line}`, err.msg);
    }
    return parse(text);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError('not well-formed', error instanceof Error ? error.message : '');
  }
}

function definitionOf(domain: Element, status: Element | null): DomainDefinition {
  const name = textOf(domain, 'name');
  if (name === null) throw new FormatError('a domain without a name');
  const devices = only(domain, 'devices');
  const clock = only(domain, 'clock');
  return {
    type: attribute(domain, 'type') ?? '',
    name,
    uuid: textOf(domain, 'uuid'),
    id: numberOf(attribute(domain, 'id')),
    statusPid: numberOf(status === null ? null : attribute(status, 'pid')),
    state: status === null ? null : attribute(status, 'state'),
    cpu: cpuOf(only(domain, 'cpu')),
    tscTimerHz: clock === null ? null : tscTimerOf(clock),
    qemuArgs: qemuArgsOf(domain),
    emulator: devices === null ? null : textOf(devices, 'emulator'),
    consoles: devices === null ? [] : [...consolesOf(devices, 'serial'), ...consolesOf(devices, 'console')],
  };
}

function cpuOf(cpu: Element | null): DomainCpu | null {
  if (cpu === null) return null;
  const migratable = attribute(cpu, 'migratable');
  return {
    mode: attribute(cpu, 'mode'),
    model: textOf(cpu, 'model'),
    migratable: migratable === null ? null : /^(?:on|yes)$/.test(migratable),
    features: all(cpu, 'feature').flatMap((feature) => {
      const name = attribute(feature, 'name');
      return name === null ? [] : [{ name, policy: attribute(feature, 'policy') ?? 'require' }];
    }),
  };
}

function tscTimerOf(clock: Element): number | null {
  const timer = all(clock, 'timer').find((one) => attribute(one, 'name') === 'tsc');
  const frequency = timer === undefined ? null : numberOf(attribute(timer, 'frequency'));
  return frequency === null || frequency === 0 ? null : frequency;
}

/** The prefix of the namespace is the writer's choice. */
function qemuArgsOf(domain: Element): readonly string[] {
  const key = Object.keys(domain).find((one) => /(?:^|:)commandline$/.test(one));
  const commandline = key === undefined ? null : only(domain, key);
  if (commandline === null) return [];
  const arg = Object.keys(commandline).find((one) => /(?:^|:)arg$/.test(one));
  return arg === undefined ? [] : all(commandline, arg).flatMap((one) => attribute(one, 'value') ?? []);
}

function consolesOf(devices: Element, device: DomainConsole['device']): readonly DomainConsole[] {
  return all(devices, device).map((one) => {
    const source = only(one, 'source');
    const log = only(one, 'log');
    return {
      device,
      type: attribute(one, 'type') ?? '',
      sourcePath: source === null ? null : attribute(source, 'path'),
      logPath: log === null ? null : attribute(log, 'file'),
    };
  });
}

function all(element: Element, name: string): readonly Element[] {
  const children = element[name];
  if (!Array.isArray(children)) return [];
  return children.map((child: unknown) =>
    typeof child === 'object' && child !== null ? (child as Element) : { '#text': child },
  );
}

/** The first of that name. */
function only(element: Element, name: string): Element | null {
  return all(element, name)[0] ?? null;
}

function textOf(element: Element, name: string): string | null {
  const text = only(element, name)?.['#text'];
  return typeof text === 'string' && text !== '' ? text : null;
}

function attribute(element: Element, name: string): string | null {
  const value = element[`@${name}`];
  return typeof value === 'string' ? value : null;
}

function numberOf(text: string | null): number | null {
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}
