/**
 * Configuration that says which interfaces are set up by DHCP when the host starts.
 *
 *     auto eth0                                    /etc/network/interfaces, and files in interfaces.d (interfaces(5))
 *     iface eth0 inet dhcp
 *
 *     DEVICE=eth0                                  /etc/sysconfig/network-scripts/ifcfg-eth0 (sysconfig.txt of initscripts)
 *     BOOTPROTO=dhcp
 *     ONBOOT=yes
 *
 * Only what is started with the host counts: `auto` and `allow-auto`, ONBOOT not `no`; `allow-hotplug` may never come. Mappings,
 * patterns, templates and `source` lines of other places are skipped on purpose: they are not needed to have no false alarms.
 */

/** Names of the interfaces of the family that is `inet dhcp` or `inet6 dhcp`. Total: any text is a configuration. */
export function parseInterfaces(text: string): readonly { readonly name: string; readonly family: 4 | 6 }[] {
  const automatic = new Set<string>();
  const found: { name: string; family: 4 | 6 }[] = [];
  for (const line of text.replace(/\\\n/g, '').split('\n')) {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    if (keyword === 'auto' || keyword === 'allow-auto') for (const word of words) automatic.add(word);
    if (keyword !== 'iface' || words[2] !== 'dhcp') continue;
    const [name = '', family] = words;
    if (family === 'inet' || family === 'inet6') found.push({ name, family: family === 'inet' ? 4 : 6 });
  }
  return found.filter(({ name }) => automatic.has(name));
}

/** Copies of editors and rpm, which nobody reads (utils_should_ignore_file of NetworkManager's ifcfg-rh plugin). */
const LEFT_BEHIND = /(?:~|\.(?:bak|orig|rej|rpmnew|rpmorig|rpmsave))$/;

/** The interface that an ifcfg file sets up by DHCP at the start of the host, or null. Total. */
export function parseIfcfg(text: string, fileName: string): string | null {
  if (LEFT_BEHIND.test(fileName)) return null;
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^\s*([A-Z0-9_]+)=["']?([^"'#]+)/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value.trim());
  }
  if (/^(?:no?|f|false|0)$/i.test(values.get('ONBOOT') ?? '')) return null;
  if (!/^(?:dhcp|bootp)$/i.test(values.get('BOOTPROTO') ?? '')) return null;
  return values.get('DEVICE') ?? fileName.replace('ifcfg-', '');
}
