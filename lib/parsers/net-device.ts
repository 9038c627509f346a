/**
 * What the kernel says of each network device: its event file (netdev_uevent in net/core/net-sysfs.c), and the list of all
 * (dev_seq_show in net/core/net-procfs.c).
 *
 *     /sys/class/net/eth0.5/uevent    DEVTYPE=vlan         a device that tells no kind has no such line
 *                                     INTERFACE=eth0.5
 *                                     IFINDEX=7
 *     /proc/net/dev                   Inter-|   Receive                            |  Transmit
 *                                      face |bytes    packets errs drop fifo frame ...
 *                                         lo:  254448    2924    0    0    0     0 ...
 *
 * No regular expressions: for a handful of lines, making them takes longer than the rest of the check.
 */
import { FormatError } from './text.ts';

/** The fields by name. Throws FormatError where it is not that of a network device. */
export function parseUevent(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) fields.set(line.slice(0, equals), line.slice(equals + 1));
  }
  if (!fields.has('INTERFACE')) throw new FormatError('uevent', 'no INTERFACE', text);
  return fields;
}

/** The names. Throws FormatError where there are none: every network namespace has a loopback device. */
export function parseNetDev(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) names.add(line.slice(0, colon).trimStart());
  }
  if (names.size === 0) throw new FormatError('devices', 'none, not even loopback');
  return names;
}
