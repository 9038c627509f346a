/**
 * A network of libvirt: /etc/libvirt/qemu/networks/NAME.xml, and in /run/libvirt/network/NAME.xml while it is active
 * (virNetworkDefFormat, virNetworkObjFormat in src/conf).
 *
 *     <network><name>default</name><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'>
 *       <dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip></network>
 *
 * The one in /run stands in a `networkstatus`. libvirt starts dnsmasq for a network with an address, and it serves DHCP where
 * there is a `dhcp` element. All else is skipped on purpose.
 */
import { FormatError } from './text.ts';
import { parseXml } from './xml.ts';

export interface LibvirtNetwork {
  readonly name: string;
  /** '' where it has none. */
  readonly bridge: string;
  readonly servesDhcp: boolean;
}

/** Throws FormatError. */
export async function parseLibvirtNetwork(text: string): Promise<LibvirtNetwork> {
  const root = await parseXml(text);
  const network = root.name === 'networkstatus' ? root.children('network')[0] : root;
  const name = network?.children('name')[0]?.text.trim() ?? '';
  if (network?.name !== 'network' || name === '')
    throw new FormatError('network of libvirt', 'no network with a name');
  return {
    name,
    bridge: network.children('bridge')[0]?.attribute('name') ?? '',
    servesDhcp: network.children('ip').some((ip) => ip.children('dhcp').length > 0),
  };
}
