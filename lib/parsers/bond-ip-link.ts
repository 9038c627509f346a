/**
 * What `ip -d -j link show dev BOND` says of an 802.3ad bond (bond_fill_info in drivers/net/bonding/bond_netlink.c, iproute2's
 * ip/iplink_bond.c), of which only the address of the other end is read here.
 *
 *     [{"ifname":"bond0","linkinfo":{"info_kind":"bond","info_data":{"mode":"802.3ad","ad_select":"stable",
 *       "ad_info":{"aggregator":1,"num_ports":2,"actor_key":15,"partner_key":15,"partner_mac":"b2:9f:35:19:9a:13"}}}}]
 *
 * Unlike /proc and sysfs, which keep it for CAP_NET_ADMIN, it is told to any user. `ad_info` is missing where there is no active
 * aggregator; `linkinfo` is there for every bond, so that an answer without it is none.
 */
import { parseArray, recordOf } from './ip-link.ts';
import { FormatError } from './text.ts';

/** Null: not told, as of a bond without an active aggregator. Throws FormatError. */
export function parsePartnerMac(text: string): string | null {
  const infos = parseArray(text, 'ip -j link').map((one) => recordOf(recordOf(one)?.['linkinfo']));
  const info = infos.find((one) => one?.['info_kind'] === 'bond');
  if (info === undefined) throw new FormatError('ip -j link', 'has no linkinfo of a bond');
  const data = recordOf(info?.['info_data']);
  const mac = recordOf(data?.['ad_info'])?.['partner_mac'];
  return typeof mac === 'string' ? mac : null;
}
