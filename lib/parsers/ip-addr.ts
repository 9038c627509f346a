/**
 * `ip -j addr`: the network devices of a namespace with their addresses (iproute2, ip/ipaddress.c, print_addrinfo).
 *
 *     [{"ifindex":2,"ifname":"v1","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"operstate":"UP","address":"3a:90:...",
 *       "addr_info":[{"family":"inet","local":"10.98.0.29","prefixlen":24,"scope":"global","dynamic":true,"label":"v1",
 *       "valid_life_time":118,"preferred_life_time":118}]}]
 *
 * `dynamic` is there, and true, for an address that has a lifetime: the kernel's IFA_F_PERMANENT is not set. 4294967295 is for
 * ever. Of IPv4 only DHCP clients give lifetimes; of IPv6 the kernel does too, after router advertisements.
 */
import { parseArray, recordOf } from './ip-link.ts';
import { FormatError, integerOf } from './text.ts';

export interface IpAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefixLength: number;
  /** global, link, host, site */
  readonly scope: string;
  /** Seconds that the kernel will keep it; null: for ever. */
  readonly validSeconds: number | null;
}

export interface IpDevice {
  readonly index: number;
  readonly name: string;
  readonly flags: readonly string[];
  readonly addresses: readonly IpAddress[];
}

const FOREVER = 0xffffffff;

/** In the order of the output. Throws FormatError. */
export function parseIpAddr(text: string): readonly IpDevice[] {
  return parseArray(text, 'ip -j addr').flatMap((item, nth) => {
    const fields = recordOf(item);
    if (fields === null) throw new FormatError('ip -j addr', `element ${nth} is no object`);
    // What a filter left out, in some versions.
    if (Object.keys(fields).length === 0) return [];
    const { ifname: name, flags, addr_info: addresses } = fields;
    const index = integerOf(fields['ifindex']);
    if (index === null || typeof name !== 'string')
      throw new FormatError('ip -j addr', `element ${nth} has no ifindex or ifname`);
    return [
      {
        index,
        name,
        flags: Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : [],
        addresses: (Array.isArray(addresses) ? addresses : []).flatMap(addressOf),
      },
    ];
  });
}

function addressOf(item: unknown): readonly IpAddress[] {
  const fields = recordOf(item);
  const { family, local, prefixlen, scope, valid_life_time } = fields ?? {};
  const valid = integerOf(valid_life_time);
  if ((family !== 'inet' && family !== 'inet6') || typeof local !== 'string') return [];
  return [
    {
      family: family === 'inet' ? 4 : 6,
      address: local,
      prefixLength: integerOf(prefixlen) ?? (family === 'inet' ? 32 : 128),
      scope: typeof scope === 'string' ? scope : '',
      validSeconds: valid === FOREVER ? null : valid,
    },
  ];
}
