import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { redact } from '../../lib/host/redact.ts';
import { osloList, osloValue, parseOsloConfig } from '../../lib/parsers/oslo-config.ts';

const clean = (text: string, path = '/etc/nova/nova.conf'): string =>
  Buffer.from(redact(path, Buffer.from(text))).toString();

describe('a recorded configuration of OpenStack', () => {
  it('says which devices are used, and no secret', () => {
    const text = `# admin password is hunter1
[DEFAULT]
transport_url = rabbit://nova:hunter2@rabbit:5672/
my_iface=bond0
vlan_interface = $my_iface
flat_interface: eth1
[database]
connection = mysql+pymysql://nova:hunter3@db/nova?charset=utf8
    &password=hunter4
metadata_proxy_shared_secret=hunter5
hunter6
[linux_bridge]
physical_interface_mappings = physnet1:bond0,
    physnet2:\${other.bond}
bond = bond1
`;
    const recorded = clean(text);
    expect(recorded).not.toContain('hunter');
    expect(recorded).toBe(`# ***
[DEFAULT]
transport_url = ***
my_iface=bond0
vlan_interface = $my_iface
flat_interface: eth1
[database]
connection = ***
    ***
metadata_proxy_shared_secret=***
***
[linux_bridge]
physical_interface_mappings = physnet1:bond0,
    physnet2:\${other.bond}
bond = bond1
`);
  });

  it.each(['/etc/neutron/plugin.ini', '/etc/kolla/nova-compute/nova.conf', '/etc/quantum/plugins/l/l.ini'])(
    'is recognised by its place: %s',
    (path) => {
      expect(clean('password = hunter', path)).toBe('password = ***');
    },
  );

  it('is nothing else', () => {
    expect(clean('vlan = x', '/etc/other/x.conf')).toBe('vlan = x');
  });

  it('names the same devices as before, and is as legal or illegal as before', () => {
    const name = fc.constantFrom('vlan_interface', 'my_ip', 'a', 'physical_interface_mappings', 'connection');
    const value = fc.oneof(fc.constantFrom('$a', '${my_ip}', '$$', 'bond0', 'x:y, z', ''), fc.string());
    const line = fc.oneof(
      fc.tuple(name, fc.constantFrom('=', ' = ', ':'), value).map((parts) => parts.join('')),
      fc.constantFrom(
        '',
        '[DEFAULT]',
        '[linux_bridge]',
        '[',
        '# vlan_interface = x',
        '  goes on',
        'nothing',
        '[]',
      ),
      fc.string(),
    );
    const devices = (text: string): unknown => {
      try {
        const config = [parseOsloConfig(text)];
        return [
          osloValue(config, 'DEFAULT', 'vlan_interface'),
          osloList(osloValue(config, 'linux_bridge', 'physical_interface_mappings') ?? ''),
        ];
      } catch {
        return 'illegal';
      }
    };
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n');
        expect(devices(clean(text))).toEqual(devices(Buffer.from(text).toString()));
      }),
      { numRuns: 2000 },
    );
  });
});
