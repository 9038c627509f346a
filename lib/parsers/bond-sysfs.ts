/**
 * The small files of a bond and of its slaves in sysfs (drivers/net/bonding/bond_sysfs.c and bond_sysfs_slave.c,
 * net/core/net-sysfs.c; Documentation/ABI/testing/sysfs-class-net).
 *
 *     /sys/class/net/bond0/bonding/mode              active-backup 1
 *     /sys/class/net/bond0/bonding/slaves            eth0 eth1
 *     /sys/class/net/bond0/bonding/primary           eth0           nothing at all where none is set
 *     /sys/class/net/eth0/bonding_slave/mii_status   going back
 *     /sys/class/net/eth0/speed                      10000          -1 where it is not known
 *     /sys/class/net/eth0/bonding_slave/ad_actor_oper_port_state    63   N/A outside of 802.3ad, and without an aggregator
 *
 * Of a device that is switched off, `speed`, `duplex` and `carrier` cannot be read at all (EINVAL).
 */
import { knownSpeed } from './bond-fields.ts';
import { BOND_MODES, LINK_STATES, type BondMode, type LinkState } from './proc-net-bonding.ts';
import { FormatError } from './text.ts';

/** `active-backup 1`. Throws FormatError. */
export function parseBondMode(text: string): BondMode {
  const mode = BOND_MODES[Number(/ ([0-6])\n?$/.exec(text)?.[1])];
  if (mode === undefined) throw new FormatError('mode', 'no mode of the bonding driver', text);
  return mode;
}

/** The first word of `failure 2`; null: nothing there. */
export function parseWord(text: string): string | null {
  const [word = ''] = text.split(/\s/);
  return word === '' ? null : word;
}

/** Null: there are more than fit into the file, which then ends with `++more++`. */
export function parseSlaves(text: string): readonly string[] | null {
  const names = text.split(/\s/).filter((name) => name !== '');
  return names.includes('++more++') ? null : names;
}

/** Mb/s; null: the device does not know. Throws FormatError. */
export function parseSpeed(text: string): number | null {
  if (!/^-?[0-9]{1,10}\n?$/.test(text)) throw new FormatError('speed', 'no number', text);
  return knownSpeed(Number(text));
}

/** Throws FormatError. */
export function parseCount(text: string): number {
  if (!/^[0-9]{1,10}\n?$/.test(text)) throw new FormatError('sysfs', 'no number', text);
  return Number(text);
}

/** Throws FormatError. */
export function parseLinkState(text: string): LinkState {
  const link = LINK_STATES.find((state) => state === text.trim());
  if (link === undefined) throw new FormatError('mii_status', 'no state of a link', text);
  return link;
}

/** Null: the device does not know. Throws FormatError. */
export function parseDuplex(text: string): 'full' | 'half' | null {
  const word = text.trim();
  if (word === 'full' || word === 'half') return word;
  if (word === 'unknown') return null;
  throw new FormatError('duplex', 'no duplex', text);
}

/** IFF_UP of the flags, `0x1843`. Throws FormatError. */
export function parseIsSwitchedOn(text: string): boolean {
  const [, hex] = /^0x([0-9a-f]{1,8})\n?$/i.exec(text) ?? [];
  if (hex === undefined) throw new FormatError('flags', 'no hexadecimal number', text);
  return (Number.parseInt(hex, 16) & 1) === 1;
}

/** Throws FormatError. */
export function parseCarrier(text: string): boolean {
  if (!/^[01]\n?$/.test(text)) throw new FormatError('carrier', 'neither 0 nor 1', text);
  return text.startsWith('1');
}

/** AD_STATE_SYNCHRONIZATION (bond_3ad.c) of the state of an LACP port; null: it has none. Throws FormatError. */
export function parseIsInSync(text: string): boolean | null {
  return text.trim() === 'N/A' ? null : (parseCount(text) & 8) !== 0;
}
