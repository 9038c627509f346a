/**
 * What `ip -d -j link show dev BOND` says of an 802.3ad bond (bond_fill_info in drivers/net/bonding/bond_netlink.c, iproute2's
 * ip/iplink_bond.c), of which only the address of the other end is read here.
 *
 *     [{"ifname":"bond0","linkinfo":{"info_kind":"bond","info_data":{"mode":"802.3ad","ad_select":"stable",
 *       "ad_info":{"aggregator":1,"num_ports":2,"actor_key":15,"partner_key":15,"partner_mac":"b2:9f:35:19:9a:13"}}}}]
 *
 * Unlike /proc and sysfs, which keep it for CAP_NET_ADMIN, it is told to any user.
 */
import { parseArray, recordOf } from './ip-link.ts';

/** Null: not told, as of a bond without an active aggregator. Throws FormatError. */
export function parsePartnerMac(text: string): string | null {
  const [link] = parseArray(text, 'ip -j link').filter((one) => recordOf(one)?.['linkinfo'] !== undefined);
  const data = recordOf(recordOf(recordOf(link)?.['linkinfo'])?.['info_data']);
  const mac = recordOf(data?.['ad_info'])?.['partner_mac'];
  return typeof mac === 'string' ? mac : null;
}
