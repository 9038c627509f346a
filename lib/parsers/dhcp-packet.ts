/**
 * /var/lib/dhcpcd/IFACE.lease: what dhcpcd keeps of a lease is the server's last packet as it came from the wire
 * (dhcp_writefile in src/dhcp.c; RFC 2131 2, RFC 2132). When it came is the file's modification time.
 *
 *     offset 0 op 02, 16 yiaddr 0a 62 00 1d, 236 magic 63 82 53 63, then options: 35 01 05 | 33 04 00 00 00 78 | 3a 04 ... | ff
 *
 * Options 51 (lease time), 58 (T1) and 59 (T2) are 32 bits, big-endian; 0xffffffff is infinite. All else is skipped on purpose.
 */
import type { SavedLease } from './networkd-lease.ts';
import { FormatError } from './text.ts';

const OPTIONS_AT = 240;
const MAGIC = [0x63, 0x82, 0x53, 0x63];

/** Throws FormatError. */
export function parseDhcpPacket(bytes: Uint8Array): SavedLease {
  if (bytes.length < OPTIONS_AT)
    throw new FormatError('DHCP packet', `${bytes.length} bytes, it has at least 240`);
  if (bytes[0] !== 2) throw new FormatError('DHCP packet', 'not an answer of a server');
  if (MAGIC.some((byte, i) => bytes[236 + i] !== byte))
    throw new FormatError('DHCP packet', 'no magic cookie');
  const options = optionsOf(bytes);
  const address = [16, 17, 18, 19].map((at) => bytes[at] ?? 0).join('.');
  return {
    address,
    t1Seconds: number(options.get(58)),
    t2Seconds: number(options.get(59)),
    lifetimeSeconds: number(options.get(51)),
  };
}

/** By their number; one that goes beyond the end is left out, and all after it. */
function optionsOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = OPTIONS_AT; at < bytes.length;) {
    const code = bytes[at] ?? 255;
    if (code === 255) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (at + 2 + length > bytes.length) break;
    options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
}

function number(bytes: Uint8Array | undefined): number | null {
  if (bytes?.length !== 4) return null;
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return value === 0xffffffff ? null : value;
}
