/**
 * `ip -d -j link`: all network devices of a network namespace (iproute2, ip/ipaddress.c, print_linkinfo).
 *
 *     [{"ifindex":4,"ifname":"bond0","flags":["BROADCAST","MULTICAST","MASTER","UP","LOWER_UP"],"mtu":1500,
 *       "operstate":"UP","link_type":"ether","max_mtu":65535,"linkinfo":{"info_kind":"bond","info_data":{...}}},
 *      {"ifindex":6,"link":"bond0","ifname":"vlan20","mtu":1500,"master":"br20","linkinfo":{"info_kind":"vlan",
 *       "info_data":{"protocol":"802.1Q","id":20,"flags":["REORDER_HDR"]},"info_slave_kind":"bridge"}}]
 *
 * What a device stands on is `link`, a name; where that is in another namespace, `link_index` and `link_netnsid` (-1: that
 * namespace has no id here). A name that iproute2 could not look up is `if4`. Devices that a filter left out are `{}`, in
 * some versions. `protocol` came with 802.1ad (Linux 3.10), without it a VLAN is 802.1Q; `vlan_protocol` of a bridge is
 * something else. `parentbus` and `parentdev` (Linux 5.14) are there for hardware only. Addresses, queues, offloads and
 * the data of kinds other than vlan are skipped on purpose.
 */
import { FormatError, integerOf } from './text.ts';

export interface IpLink {
  readonly index: number;
  readonly name: string;
  /** The device that it stands on, or whose other end it is (veth), in the same namespace. */
  readonly link: string | null;
  /** The same by its number, where the name is not known. */
  readonly linkIndex: number | null;
  /** The namespace of `linkIndex`, -1 one without an id; null: this one. */
  readonly linkNetnsId: number | null;
  readonly master: string | number | null;
  readonly mtu: number | null;
  /** Null: not said, or without a limit. */
  readonly maxMtu: number | null;
  readonly flags: readonly string[];
  /** In small letters, as sysfs has it: up, down, lowerlayerdown, unknown, ... */
  readonly operstate: string | null;
  /** ether, loopback, ... */
  readonly linkType: string | null;
  /** vlan, bond, bridge, veth, tun, ...; null for hardware, and for loopback. */
  readonly kind: string | null;
  readonly vlan: { readonly id: number | null; readonly protocol: string } | null;
  /** The bus of the hardware that it belongs to: pci, virtio, usb, xen-backend (a port of a guest), ... */
  readonly parentBus: string | null;
}

/** In the order of the output; none where it is empty. Throws FormatError. */
export function parseIpLink(text: string): readonly IpLink[] {
  return parseArray(text, 'ip -j link').flatMap((item, index) => {
    const fields = recordOf(item);
    if (fields === null) throw new FormatError('ip -j link', `element ${index} is no object`);
    return Object.keys(fields).length === 0 ? [] : linkOf(fields, `element ${index}`);
  });
}

/** What `ip -j` prints; nothing at all where there is nothing to print. Throws FormatError. */
export function parseArray(text: string, what: string): readonly unknown[] {
  if (text.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormatError(what, 'no JSON', text.trim());
  }
  if (!Array.isArray(value)) throw new FormatError(what, 'no JSON array', text.trim());
  return value;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

export function recordOf(value: unknown): JsonRecord | null {
  return typeof value === 'object' && !Array.isArray(value) ? (value as JsonRecord | null) : null;
}

function linkOf(fields: JsonRecord, place: string): IpLink {
  const index = integerOf(fields['ifindex']);
  const name = string(fields['ifname']);
  if (index === null || name === null) throw new FormatError(place, 'no ifindex and ifname');
  const info = recordOf(fields['linkinfo']);
  const kind = string(info?.['info_kind']);
  const maxMtu = integerOf(fields['max_mtu']);
  const flags = fields['flags'];
  return {
    index,
    name,
    link: string(fields['link']),
    linkIndex: integerOf(fields['link_index']),
    linkNetnsId: integerOf(fields['link_netnsid']),
    master: string(fields['master']) ?? integerOf(fields['master']),
    mtu: integerOf(fields['mtu']),
    maxMtu: maxMtu === 0 ? null : maxMtu,
    flags: Array.isArray(flags) ? flags.filter((flag) => typeof flag === 'string') : [],
    operstate: string(fields['operstate'])?.toLowerCase() ?? null,
    linkType: string(fields['link_type']),
    kind,
    vlan: kind === 'vlan' ? vlanOf(recordOf(info?.['info_data'])) : null,
    parentBus: string(fields['parentbus']),
  };
}

function vlanOf(data: JsonRecord | null): IpLink['vlan'] {
  return { id: integerOf(data?.['id']), protocol: string(data?.['protocol']) ?? '802.1Q' };
}

function string(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
