/**
 * dhclient.leases: the leases that ISC's dhclient has obtained (client/dhclient.c, write_client_lease; dhclient.leases(5)).
 *
 *     lease {
 *       interface "eth0";
 *       fixed-address 10.98.0.29;
 *       option dhcp-lease-time 120;
 *       renew 6 2026/11/21 12:08:18;
 *       rebind 6 2026/11/21 12:09:54;
 *       expire 6 2026/11/21 12:10:14;
 *     }
 *
 * - A log: a block is added at each answer, old ones stay until the file is rewritten. The last block of an interface holds.
 * - Dates are UTC, the day of the week first; with `db-time-format local` they are `epoch 1795227653; # ...`; `never` is infinite,
 *   as is a lease time of 4294967295, which some servers make a date in 2156 of.
 * - `dhclient -r` writes a last block whose three dates are the moment of the release (seen with 4.4.3-P1).
 * - `lease6` has numbers only: `starts` in seconds since 1970, the rest relative to it; `released;` says that it is over.
 * - Options other than the lease time, scripts, names of servers and boot files are skipped on purpose.
 */
import { dhclientStatements, type Statement } from './dhclient-tokens.ts';
import { FormatError } from './text.ts';

export interface DhcpLease {
  readonly family: 4 | 6;
  readonly interfaceName: string;
  /** Null: a block without one, of a delegated prefix for example. */
  readonly address: string | null;
  /** Seconds since 1970; null: never, or not said. */
  readonly renewAt: number | null;
  readonly rebindAt: number | null;
  /** Seconds since 1970; null: it never expires. */
  readonly expiresAt: number | null;
  /** Null: not said, or infinite. */
  readonly leaseSeconds: number | null;
  /** Given back on purpose (dhclient -r). */
  readonly isReleased: boolean;
}

const INFINITE_SECONDS = 0xffffffff;

/** The last whole block of each interface and family, in the order of the file. Throws FormatError. */
export function parseDhclientLeases(text: string): readonly DhcpLease[] {
  const leases = new Map<string, DhcpLease>();
  const statements = dhclientStatements(text);
  const known = /^(?:lease6?|default-duid|server-duid|failover|authoring-byte-order|db-time-format)$/;
  const [first] = statements;
  if (first === undefined ? !isUnfinished(text) : !known.test(first.words[0]?.text ?? ''))
    throw new FormatError('dhclient.leases', 'it begins with no lease');
  for (const { words, block } of statements) {
    const kind = words[0]?.text;
    if (block === null || (kind !== 'lease' && kind !== 'lease6')) continue;
    const lease = kind === 'lease' ? lease4(block) : lease6(block);
    if (lease === null) continue;
    const key = `${lease.family} ${lease.interfaceName}`;
    leases.delete(key);
    leases.set(key, lease);
  }
  return [...leases.values()];
}

/** The first block is being written, or there are only comments, or nothing. */
function isUnfinished(text: string): boolean {
  return /^(?:lease6?\b|$)/.test(text.replace(/#[^\n]*/g, '').trimStart());
}

function lease4(block: readonly Statement[]): DhcpLease | null {
  const interfaceName = valueOf(block, 'interface');
  if (interfaceName === null) return null;
  const [renewAt, rebindAt, expiresAt] = [
    timeOf(block, 'renew'),
    timeOf(block, 'rebind'),
    timeOf(block, 'expire'),
  ];
  const seconds = optionOf(block, 'dhcp-lease-time');
  const isInfinite = seconds === INFINITE_SECONDS;
  return {
    family: 4,
    interfaceName,
    address: valueOf(block, 'fixed-address'),
    renewAt: isInfinite ? null : renewAt,
    rebindAt: isInfinite ? null : rebindAt,
    expiresAt: isInfinite ? null : expiresAt,
    leaseSeconds: isInfinite ? null : seconds,
    isReleased: expiresAt !== null && renewAt === expiresAt && rebindAt === expiresAt,
  };
}

/** The address that lives longest; renewal and rebinding are those of the association that holds it. */
function lease6(block: readonly Statement[]): DhcpLease | null {
  const interfaceName = valueOf(block, 'interface');
  const association =
    block.find(({ words }) => /^ia-(?:na|ta|pd)$/.test(words[0]?.text ?? ''))?.block ?? null;
  if (interfaceName === null || association === null) return null;
  const starts = numberOf(association, 'starts');
  const after = (seconds: number | null): number | null =>
    starts === null || seconds === null || seconds === 0 || seconds >= INFINITE_SECONDS
      ? null
      : starts + seconds;
  const addresses = association.flatMap(({ words, block: inner }) => {
    if (inner === null || !/^ia(?:addr|prefix)$/.test(words[0]?.text ?? '')) return [];
    const from = numberOf(inner, 'starts');
    const life = numberOf(inner, 'max-life');
    if (from === null || life === null) return [];
    return [{ address: words[0]?.text === 'iaaddr' ? (words[1]?.text ?? null) : null, from, life }];
  });
  const longest = addresses.reduce<(typeof addresses)[number] | null>(
    (best, one) => (best === null || one.from + one.life > best.from + best.life ? one : best),
    null,
  );
  if (longest === null) return null;
  const isInfinite = longest.life >= INFINITE_SECONDS;
  return {
    family: 6,
    interfaceName,
    address: longest.address,
    renewAt: after(numberOf(association, 'renew')),
    rebindAt: after(numberOf(association, 'rebind')),
    expiresAt: isInfinite ? null : longest.from + longest.life,
    leaseSeconds: isInfinite ? null : longest.life,
    isReleased: block.some(({ words }) => words[0]?.text === 'released'),
  };
}

function wordsOf(block: readonly Statement[], name: string): readonly string[] | null {
  const found = block.findLast(({ words }) => words[0]?.isString === false && words[0].text === name);
  return found === undefined ? null : found.words.slice(1).map(({ text }) => text);
}

function valueOf(block: readonly Statement[], name: string): string | null {
  return wordsOf(block, name)?.[0] ?? null;
}

function numberOf(block: readonly Statement[], name: string): number | null {
  const text = valueOf(block, name) ?? '';
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function optionOf(block: readonly Statement[], name: string): number | null {
  const found = block.findLast(({ words }) => words[0]?.text === 'option' && words[1]?.text === name);
  const text = found?.words[2]?.text ?? '';
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : null;
}

/** Seconds since 1970; null: never, or not there. Throws FormatError for what is no date. */
function timeOf(block: readonly Statement[], name: string): number | null {
  const words = wordsOf(block, name);
  if (words === null || words[0] === 'never') return null;
  const text = words.join(' ');
  const epoch = /^epoch ([0-9]{1,15})$/.exec(text);
  if (epoch !== null) return Number(epoch[1]);
  const date = /^[0-6] ([0-9]{4,6})\/([0-9]{1,2})\/([0-9]{1,2}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2})$/.exec(
    text,
  );
  if (date === null) throw new FormatError(`dhclient.leases, ${name}`, 'no date', text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = date.slice(1).map(Number);
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Number.isNaN(milliseconds)) throw new FormatError(`dhclient.leases, ${name}`, 'no date', text);
  return milliseconds / 1000;
}
