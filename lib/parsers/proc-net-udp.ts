/**
 * /proc/net/udp and /proc/net/udp6: the UDP sockets of a network namespace (udp4_format_sock in net/ipv4/udp.c); those of the
 * namespace of a process in /proc/PID/net/udp, for any user.
 *
 *        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 *      3996: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2028889 2 00000000e2467b49 0
 *
 * Ports are hexadecimal; addresses are words in the byte order of the machine and skipped on purpose. Empty but for its
 * heading where there are no sockets. A socket of AF_PACKET, which clients use before they have an address, is not in it.
 */
import { FormatError } from './text.ts';

export interface UdpSocket {
  readonly port: number;
  /** `socket:[INODE]` is where the file descriptor of its process points. */
  readonly inode: number;
}

/** Throws FormatError. */
export function parseProcNetUdp(text: string): readonly UdpSocket[] {
  const [heading = '', ...lines] = text.split('\n');
  if (!heading.includes(' sl  local_address')) throw new FormatError('/proc/net/udp', 'no heading', heading);
  return lines.flatMap((line) => {
    if (line === '') return [];
    const fields = line.trim().split(/\s+/);
    const port = /^[0-9A-F]{8,32}:([0-9A-F]{4})$/.exec(fields[1] ?? '')?.[1];
    const inode = fields[9] ?? '';
    if (port === undefined || !/^[0-9]{1,20}$/.test(inode))
      throw new FormatError('/proc/net/udp', 'no socket', line.trim());
    return [{ port: Number.parseInt(port, 16), inode: Number(inode) }];
  });
}
