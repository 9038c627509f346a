/**
 * The guests of a Xen host: those that run, from xl or the older xm, and what they are created from. Asked only where
 * the kernel says that it runs on Xen; whether it is the domain that may ask is told by /proc/xen/capabilities.
 */
import { bytes, each, head, run, type Content, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import type { XenConfig } from '../parsers/xen-config.ts';
import { parseXlCfg } from '../parsers/xl-cfg.ts';
import { parseXlList, parseXlListLong, type XenDomain } from '../parsers/xl-list.ts';
import { parseXmList } from '../parsers/xm-list.ts';
import { failed, found, mapReading, type Failure, type Reading } from '../reading.ts';
import type { Definition, Definitions } from './definitions.ts';
import { withoutXml } from './proxmox.ts';

export interface XenGuest extends XenDomain {
  readonly name: string;
  readonly tool: 'xl' | 'xm';
  /** What it was created with; a failure where the tool does not tell. */
  readonly config: Reading<XenConfig>;
}

export interface XenHost {
  /** The failure where the guests could not be listed. */
  readonly guests: Reading<readonly XenGuest[]>;
  /** Null: not asked for. */
  readonly definitions: Definitions | null;
}

const CONFIGURATIONS = ['/etc/xen/*.cfg', '/etc/xen/auto/*'] as const;
const MAX_CFG_BYTES = 256 * 1024;

/** Null: a guest of Xen's, which is no host. */
export async function gatherXen(host: Host, withDefinitions: boolean): Promise<Reading<XenHost | null>> {
  const [own, auto] = CONFIGURATIONS;
  const asked = await host.ask({
    capabilities: head('/proc/xen/capabilities', 256),
    table: run('xl', 'list'),
    long: run('xl', 'list', '-l'),
    ...(withDefinitions
      ? {
          own: each(own, { text: bytes('', MAX_CFG_BYTES) }),
          auto: each(auto, { text: bytes('', MAX_CFG_BYTES) }),
        }
      : {}),
  });
  const capabilities = asked.capabilities.ok ? decodeUtf8(asked.capabilities.value.bytes) : null;
  if (capabilities !== null && !capabilities.includes('control_d')) return found(null);
  const isNoXl = !asked.table.ok && asked.table.why === 'absent';
  const guests = isNoXl ? await askXm(host) : guestsOfXl(asked.table, asked.long);
  // Without tools and without a word of the kernel that it may control others, it is a guest.
  if (!guests.ok && guests.why === 'absent' && capabilities === null) return found(null);
  const definitions =
    asked.own === undefined ? null : definitionsOf([...matchesOf(asked.own), ...matchesOf(asked.auto)]);
  return found({ guests, definitions });
}

async function askXm(host: Host): Promise<Reading<readonly XenGuest[]>> {
  const { table } = await host.ask({ table: run('xm', 'list') });
  const domains = parsed(table, 'xm list', parseXmList);
  if (!domains.ok)
    return domains.why === 'absent' ? { ...domains, path: 'xl list', detail: 'neither xl nor xm' } : domains;
  const config = failed('failed', 'xm list', 'xm does not tell what a guest was created with');
  return found(guestsAmong(domains.value, 'xm', () => config));
}

function guestsOfXl(table: Reading<Ran>, long: Reading<Ran>): Reading<readonly XenGuest[]> {
  const domains = parsed(table, 'xl list', parseXlList);
  if (!domains.ok) return domains;
  const configs = parsed(long, 'xl list -l', parseXlListLong);
  const unknown = failed('failed', 'xl list -l', 'libxl does not know what it was created with');
  return found(
    guestsAmong(domains.value, 'xl', (domid) => {
      if (!configs.ok) return configs;
      const config = configs.value.get(domid);
      return config === undefined ? unknown : found(config);
    }),
  );
}

/** The six signs of each domain, by domid. */
export function statesOf(table: Reading<Ran>): Reading<ReadonlyMap<number, string>> {
  const domains = parsed(table, 'xl list', parseXlList);
  return mapReading(domains, (all) => new Map(all.map(({ domid, state }) => [domid, state])));
}

function guestsAmong(
  domains: readonly XenDomain[],
  tool: 'xl' | 'xm',
  configOf: (domid: number) => Reading<XenConfig>,
): readonly XenGuest[] {
  return domains.flatMap((domain) => {
    // Domain-0 is the host; what is dying, or gone but for its memory, is no guest any more.
    if (domain.domid === 0 || domain.state.endsWith('d')) return [];
    return [
      { ...domain, name: domain.name ?? `domain ${domain.domid}`, tool, config: configOf(domain.domid) },
    ];
  });
}

function parsed<T>(ran: Reading<Ran>, command: string, parse: (text: string) => T): Reading<T> {
  if (!ran.ok) return ran;
  const { status, stdout, stderr } = ran.value;
  if (status !== 0) {
    const [complaint = ''] = stderr.trim().split('\n');
    return failed(/permission denied/i.test(stderr) ? 'denied' : 'failed', command, complaint);
  }
  try {
    return found(parse(stdout));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', command, error.message);
  }
}

interface Cfg {
  readonly path: string;
  readonly text: Reading<Content>;
}

type Matched = Reading<{ readonly found: readonly Cfg[]; readonly unlisted: readonly Failure[] }>;

function matchesOf(matched: Matched | undefined): readonly (Cfg | Failure)[] {
  if (matched === undefined) return [];
  return matched.ok ? [...matched.value.unlisted, ...matched.value.found] : [matched];
}

/** A guest that is to start with the host is linked from /etc/xen/auto, and so found twice. */
function definitionsOf(files: readonly (Cfg | Failure)[]): Definitions {
  const byName = new Map<string, Definition>();
  const unread: Failure[] = [];
  for (const file of files) {
    if ('why' in file) {
      unread.push(file);
      continue;
    }
    const { path, text } = file;
    if (!text.ok) {
      // A folder below /etc/xen/auto, or a link to a file that was removed.
      if (!['absent', 'vanished', 'wrongType'].includes(text.why)) unread.push(text);
      continue;
    }
    try {
      const xen = parseXlCfg(decodeUtf8(text.value.bytes));
      const { name, uuid, hardware } = xen;
      if (byName.has(name)) continue;
      byName.set(name, {
        name,
        uuid,
        source: path,
        domain: withoutXml(name, 'xen', uuid, [], hardware),
        xen,
      });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      unread.push(failed('unparsable', path, error.message));
    }
  }
  return { found: [...byName.values()], unread };
}
