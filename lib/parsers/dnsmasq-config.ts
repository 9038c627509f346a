/**
 * What dnsmasq was told, on its command line and in its configuration files: the same long options in both (option.c, dnsmasq(8)).
 *
 *     dhcp-range=set:red,10.98.0.10,10.98.0.50,2m
 *     dhcp-option=option:T1,3
 *     --dhcp-leasefile=/var/lib/neutron/dhcp/UUID/leases --pid-file=... -F 10.0.0.10,10.0.0.50
 *
 * Only options that tell where and how DHCP is served are kept. Files may name more files (conf-file, conf-dir). A
 * line of a file is one option, `#` begins a comment after white space.
 */
import { parseDhcpRange, parseLeaseTime, type DhcpRange } from './dnsmasq-range.ts';
import { FormatError } from './text.ts';

export interface DnsmasqOptions {
  readonly ranges: readonly DhcpRange[];
  /** Null: not said. '' means none. */
  readonly pidFile: string | null;
  readonly leaseFile: string | null;
  readonly isLeaseFileReadOnly: boolean;
  /** A path, `-` for its standard error, or a facility of syslog; null: syslog. */
  readonly logFacility: string | null;
  readonly isQuiet: boolean;
  readonly interfaces: readonly string[];
  /** T1 that clients are given, where an option says so; the smallest. Null: half of the lease. */
  readonly renewalSeconds: number | null;
  /** Lease times of single hosts. */
  readonly hostSeconds: readonly number[];
  readonly usesOtherPort: boolean;
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

type Pair = readonly [option: string, value: string];

const SHORT: Readonly<Record<string, string>> = {
  F: 'dhcp-range', x: 'pid-file', l: 'dhcp-leasefile', '9': 'leasefile-ro', '8': 'log-facility', i: 'interface',
  O: 'dhcp-option', G: 'dhcp-host', C: 'conf-file', '7': 'conf-dir',
}; // prettier-ignore
const VALUED = new Set([
  ...Object.values(SHORT).filter((name) => name !== 'leasefile-ro'),
  'dhcp-option-force',
]);
/** As long options they have a value only behind `=`. */
const OPTIONAL = new Set(['pid-file', 'dhcp-leasefile', 'conf-file']);

/** Without its first word. Total: what is not understood is none of these options. */
export function dnsmasqArguments(args: readonly string[]): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const option = optionOf(args[i] ?? '');
    if (option === null) continue;
    const takesNext = VALUED.has(option.name) && option.value === null;
    if (takesNext) i += 1;
    pairs.push([option.name, option.value ?? (takesNext ? (args[i] ?? '') : '')]);
  }
  return pairs;
}

/** `value` null: it is the next word, where the option has one. */
function optionOf(arg: string): { readonly name: string; readonly value: string | null } | null {
  const [, long, , inline] = /^--([a-z0-9-]+)(=([\s\S]*))?$/.exec(arg) ?? [];
  if (long !== undefined) return { name: long, value: inline ?? (OPTIONAL.has(long) ? '' : null) };
  const [, letter = '', rest = ''] = /^-([A-Za-z0-9])([\s\S]*)/.exec(arg) ?? [];
  const name = SHORT[letter];
  return name === undefined ? null : { name, value: rest === '' ? null : rest };
}

/** The options of a file. Throws FormatError for what is no text. */
export function dnsmasqFile(text: string): readonly Pair[] {
  if (text.includes('\0')) throw new FormatError('dnsmasq configuration', 'holds NUL bytes, it is no text');
  return text.split('\n').flatMap((line): Pair[] => {
    const [, name, value = ''] =
      /^\s*([a-z0-9-]+)\s*(?:=\s*(.*))?$/.exec(line.replace(/(^|\s)#.*/, '')) ?? [];
    return name === undefined ? [] : [[name, value.trim().replace(/^"(.*)"$/, '$1')]];
  });
}

export function dnsmasqOptions(pairs: readonly Pair[]): DnsmasqOptions {
  const all = (name: string): readonly string[] =>
    pairs.flatMap(([one, value]) => (one === name ? [value] : []));
  const last = (name: string): string | null => all(name).at(-1) ?? null;
  const renewals = [...all('dhcp-option'), ...all('dhcp-option-force')].flatMap(
    (text) => renewalOf(text) ?? [],
  );
  return {
    ranges: all('dhcp-range').flatMap((text) => parseDhcpRange(text) ?? []),
    pidFile: last('pid-file'),
    leaseFile: last('dhcp-leasefile') ?? last('dhcp-lease'),
    isLeaseFileReadOnly: all('leasefile-ro').length > 0,
    logFacility: last('log-facility'),
    isQuiet: all('quiet-dhcp').length > 0,
    interfaces: all('interface').flatMap((text) => text.split(',')),
    renewalSeconds: renewals.length === 0 ? null : Math.min(...renewals),
    hostSeconds: all('dhcp-host').flatMap((text) =>
      text.split(',').flatMap((one) => parseLeaseTime(one.trim()) ?? []),
    ),
    usesOtherPort: all('dhcp-alternate-port').length > 0,
    files: all('conf-file').map((text) => text.trim()),
    folders: all('conf-dir'),
  };
}

/** `option:T1,3`, `58,1m`, with tags before; null: another option. */
function renewalOf(text: string): number | null {
  const words = text.split(',').map((one) => one.trim());
  const at = words.findIndex((one) => /^(?:option:T1|58)$/.test(one));
  return at < 0 ? null : parseLeaseTime(words[at + 1] ?? '');
}

/** The files of a conf-dir option, `FOLDER,.bak,*.conf`: an extension is left out, with a star only those are read. */
export function confDirFilter(option: string): {
  readonly folder: string;
  readonly takes: (name: string) => boolean;
} {
  const [folder = '', ...rules] = option.split(',');
  const only = rules.flatMap((rule) => (rule.startsWith('*') ? [rule.slice(1)] : []));
  const without = rules.filter((rule) => rule !== '' && !rule.startsWith('*'));
  return {
    folder: folder.replace(/(?<!\/)\/+$/, ''),
    takes: (name) =>
      !/^[.#]|~$|#$/.test(name) &&
      !without.some((end) => name.endsWith(end)) &&
      (only.length === 0 || only.some((end) => name.endsWith(end))),
  };
}
