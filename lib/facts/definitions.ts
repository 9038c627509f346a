/**
 * The definitions of a host's guests: what libvirt will start them from. Read from its files where these are open to us, else
 * from libvirt itself, whose read-only connection answers any user.
 */
import { run, type Ask, type Content, type Matches, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseDomainXml, type DomainDefinition } from '../parsers/domain-xml.ts';
import type { XenConfig } from '../parsers/xen-config.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, found, type Failure, type Reading } from '../reading.ts';
import { breathe } from './breathe.ts';
import type { ProxmoxDefinition } from './proxmox.ts';

export interface Definition {
  readonly name: string;
  readonly uuid: string | null;
  /** Where it came from: a file, or the command that printed it. */
  readonly source: string;
  /** Of a guest that is not libvirt's: what qemu is told, and nothing else. */
  readonly domain: DomainDefinition;
  /** There where Proxmox has it. */
  readonly proxmox?: ProxmoxDefinition;
  /** There where it is Xen's. */
  readonly xen?: XenConfig;
}

export interface Definitions {
  readonly found: readonly Definition[];
  /** Definitions, or whole places of them, that could not be read: each with the reason. */
  readonly unread: readonly Failure[];
}

/** Files that were asked for as `{ text: bytes('') }`. */
export type XmlFiles = Reading<Matches<{ readonly text: Ask<Reading<Content>> }>>;

const VIRSH = ['-q', '-r', '-c', 'qemu:///system'] as const;

/** Whether none of the files, and no folder of them, is closed to us. */
export function isWhole(files: XmlFiles): boolean {
  if (!files.ok) return false;
  return (
    files.value.unlisted.length === 0 &&
    files.value.found.every(({ text }) => text.ok || text.why !== 'denied')
  );
}

export async function definitionsOf(host: Host, files: XmlFiles): Promise<Definitions> {
  const parsed = await parsedDomains(files);
  const isDenied = parsed.unread.some(({ why }) => why === 'denied');
  if (!isDenied) return parsed;
  const fromVirsh = await askVirsh(host);
  return fromVirsh.ok ? fromVirsh.value : { ...parsed, unread: [...parsed.unread, fromVirsh] };
}

/** libvirt's read-only connection answers any user; one call prints all definitions one after the other. */
async function askVirsh(host: Host): Promise<Reading<Definitions>> {
  const { uuids } = await host.ask({ uuids: run('virsh', ...VIRSH, 'list', '--all', '--uuid') });
  const listed = outputOf(uuids);
  if (!listed.ok) return listed;
  const ids = listed.value.split('\n').filter((line) => /^[0-9a-f-]{36}$/.test(line));
  if (ids.length === 0) return found({ found: [], unread: [] });
  const commands = ids.map((id) => `dumpxml --inactive ${id}`).join('; ');
  const { xml } = await host.ask({ xml: run('virsh', ...VIRSH, commands) });
  const printed = outputOf(xml);
  if (!printed.ok) return printed;
  const documents = printed.value.split(/(?<=^<\/domain>)\s*$/m).filter((text) => text.trim() !== '');
  return found(
    await parseDomains(documents.map((text) => ({ source: 'virsh dumpxml --inactive', text: found(text) }))),
  );
}

function outputOf(ran: Reading<Ran>): Reading<string> {
  if (!ran.ok) return ran;
  const { status, stdout, stderr } = ran.value;
  const complaint = stderr.replaceAll('error: ', '').trim().replaceAll('\n', ', ');
  return status === 0 ? found(stdout) : failed('failed', 'virsh -r -c qemu:///system', complaint);
}

async function parsedDomains(files: XmlFiles): Promise<Definitions> {
  if (!files.ok) return { found: [], unread: [files] };
  const parsed = await parseDomains(
    files.value.found.map(({ path, text }) => ({
      source: path,
      text: text.ok ? found(decodeUtf8(text.value.bytes)) : text,
    })),
  );
  return { found: parsed.found, unread: [...files.value.unlisted, ...parsed.unread] };
}

export async function parseDomains(
  texts: readonly { readonly source: string; readonly text: Reading<string> }[],
): Promise<Definitions> {
  const domains: Definition[] = [];
  const unread: Failure[] = [];
  for (const { source, text } of texts) {
    await breathe();
    if (!text.ok) {
      // Undefined between listing and reading: no definition any more.
      if (text.why !== 'absent' && text.why !== 'vanished') unread.push(text);
      continue;
    }
    try {
      const domain = await parseDomainXml(text.value);
      domains.push({ name: domain.name, uuid: domain.uuid, source, domain });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      unread.push(failed('unparsable', source, error.message));
    }
  }
  return { found: domains, unread };
}
