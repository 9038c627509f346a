/** check_vlan_mtu, from the devices of a host and the files on it to its output. */
import { describe, expect, it } from 'vitest';

import plugin from '../../plugins/check_vlan_mtu.ts';
import { ipJson, linkHost, type Device, type Devices, type LinkHost } from '../link-host.ts';
import { replay } from '../plugin-test.ts';

const BOND: Devices = {
  eth0: { master: 'bond0' },
  eth1: { master: 'bond0' },
  bond0: { kind: 'bond' },
};
const VLAN20: Device = { kind: 'vlan', on: 'bond0', id: 20 };
const INCIDENT: Devices = {
  ...BOND,
  vlan20: VLAN20,
  br100: { kind: 'bridge' },
  vlan100: { kind: 'vlan', on: 'vlan20', id: 100, master: 'br100' },
  vnet0: { kind: 'tun', master: 'br100' },
};
const NOVA = { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=vlan20\n' };

function withMtu(devices: Devices, mtu: Readonly<Record<string, number>>): Devices {
  return Object.fromEntries(
    Object.entries(devices).map(([name, device]) => [
      name,
      { ...device, mtu: mtu[name] ?? mtu['*'] ?? 1500 },
    ]),
  );
}

async function check(host: LinkHost | Devices, ...args: string[]) {
  const { code, text } = await replay(plugin, linkHost(isHost(host) ? host : { devices: host }), ...args);
  const [first = ''] = text.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  return { code, line: line.replace(/^VLAN_MTU /, ''), perfdata, text };
}

function isHost(host: LinkHost | Devices): host is LinkHost {
  return 'devices' in host;
}

describe('the incident', () => {
  it('names the whole chain, what it needs, and how to attach the VLAN to the lower device', async () => {
    const { code, line, perfdata, text } = await check(INCIDENT);
    expect(code).toBe(1);
    expect(line).toBe(
      'WARNING - vlan100 (1500) on vlan20 (1500) on bond0 (1500) needs 1504: full-size frames are 4 bytes too long with 2 tags. ' +
        '2 VLAN devices, 1 stacked, smallest headroom -4 bytes',
    );
    expect(perfdata).toBe('vlans=2;;;0 stacked=1;;;0 headroom=-4B');
    expect(text.split('\n').slice(2, -1)).toEqual([
      'Attach vlan100 to bond0, with one tag (what stands on a deleted device, and its addresses and routes, goes with it)',
      '  ip link delete dev vlan100',
      '  ip link add link bond0 name vlan100 mtu 1500 type vlan id 100',
      '  ip link set dev vlan100 master br100',
      '  ip link set dev vlan100 up',
      '  # or, if the tags are meant: raise the MTU at the bottom and on the switch ports (it is the MTU of untagged packets there as well)',
      '  ip link set dev bond0 mtu 1504',
    ]);
    expect(text).toContain(
      ' with 2 tags (leaves through eth0 (1500), driver igb, one tag is free, the other takes 4 bytes, ' +
        'some drivers take two tags at their MTU (igb, ixgbe, i40e, ice)',
    );
  });

  it('has its root cause first', async () => {
    const { code, line, text } = await check({ devices: INCIDENT, files: NOVA });
    expect(code).toBe(1);
    expect(line).toBe(
      'WARNING - /etc/nova/nova.conf: vlan_interface = vlan20 is itself a VLAN on bond0: tenants sit inside another VLAN, ' +
        'and 1 more: vlan100 (1500) on vlan20 (1500) on bond0 (1500) needs 1504. ' +
        '2 VLAN devices, 1 stacked, smallest headroom -4 bytes',
    );
    expect(text).toContain('Set vlan_interface in /etc/nova/nova.conf to bond0, restart nova-network');
  });

  it.each([
    ['attached to the lower device', { ...INCIDENT, vlan100: { ...INCIDENT['vlan100'], on: 'bond0' } }],
    ['with a larger MTU below', withMtu(INCIDENT, { eth0: 1504, eth1: 1504, bond0: 1504 })],
    ['with a smaller MTU on top', withMtu(INCIDENT, { vlan100: 1496, br100: 1496 })],
  ] as const)('is over when it is %s', async (_, devices) => {
    expect(await check(devices)).toMatchObject({
      code: 0,
      line: expect.stringMatching(/^OK - 2 VLAN devices/) as string,
    });
  });
});

describe('room for the tags', () => {
  const three = { ...INCIDENT, v7: { kind: 'vlan', on: 'vlan100', id: 7 } };
  it.each<[string, Devices, number, string]>([
    ['one tag at the same MTU', { ...BOND, vlan20: VLAN20 }, 0, '0'],
    ['one tag on hardware', { eth0: {}, 'eth0.5': { kind: 'vlan', on: 'eth0', id: 5 } }, 0, '0'],
    ['jumbo below 1500', withMtu(INCIDENT, { eth0: 9000, eth1: 9000, bond0: 9000, vlan20: 8000 }), 0, '1000'],
    ['1504 below 1500', withMtu(INCIDENT, { eth0: 1504, eth1: 1504, bond0: 1504 }), 0, '0'],
    ['1503 below 1500', withMtu(INCIDENT, { eth0: 1503, eth1: 1503, bond0: 1503 }), 1, '-1'],
    ['1500 below 1496', withMtu(INCIDENT, { vlan100: 1496, br100: 1496 }), 0, '0'],
    ['1500 below 1497', withMtu(INCIDENT, { vlan100: 1497, br100: 1497 }), 1, '-1'],
    ['three tags at 1504', withMtu(three, { eth0: 1504, eth1: 1504, bond0: 1504 }), 1, '-4'],
    ['three tags at 1508', withMtu(three, { eth0: 1508, eth1: 1508, bond0: 1508 }), 0, '0'],
    ['a bridge on a VLAN below', { eth0: {}, v20: { kind: 'vlan', on: 'eth0', id: 20, master: 'br0' }, br0: { kind: 'bridge' }, w5: { kind: 'vlan', on: 'br0', id: 5 } }, 1, '-4'],
    ['a bridge on a card below', { eth0: { master: 'br0' }, br0: { kind: 'bridge' }, w5: { kind: 'vlan', on: 'br0', id: 5 } }, 0, '0'],
    ['a macvlan on a VLAN below', { eth0: {}, v20: { kind: 'vlan', on: 'eth0', id: 20 }, m: { kind: 'macvlan', on: 'v20' }, w5: { kind: 'vlan', on: 'm', id: 5 } }, 1, '-4'],
    ['a team below', { eth0: { master: 'team0' }, team0: { kind: 'team' }, v20: { kind: 'vlan', on: 'team0', id: 2 }, w5: { kind: 'vlan', on: 'v20', id: 5 } }, 1, '-4'],
    ['a bond of VLANs below', { eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1, master: 'bond1' }, bond1: { kind: 'bond' }, w5: { kind: 'vlan', on: 'bond1', id: 5 } }, 1, '-4'],
    ['a dummy below', { d0: { kind: 'dummy' }, v20: { kind: 'vlan', on: 'd0', id: 20 }, w5: { kind: 'vlan', on: 'v20', id: 5 } }, 1, '-4'],
    ['a VLAN in a tunnel, which is an end of its own', { eth0: {}, v20: { kind: 'vlan', on: 'eth0', id: 20 }, vx: { kind: 'vxlan', on: 'v20', mtu: 1450 }, w5: { kind: 'vlan', on: 'vx', id: 5, mtu: 1450 } }, 0, '0'],
  ])('%s', async (_, devices, code, headroom) => {
    const result = await check(devices);
    expect(result).toMatchObject({ code });
    expect(result.perfdata).toContain(`headroom=${headroom}B`);
  }); // prettier-ignore

  it('is measured at the slave with the least of it', async () => {
    const devices = withMtu(INCIDENT, { eth0: 1504, eth1: 1502, bond0: 1504 });
    const { line, text } = await check(devices);
    expect(line).toContain('vlan100 (1500) on vlan20 (1500) on bond0 (1504) on eth1 (1502) needs 1504');
    expect(text).toContain('\n  ip link set dev eth1 mtu 1504\n');
  });

  it('of many VLANs side by side is one finding', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`t${n + 1}`, { kind: 'vlan', on: 'vlan20', id: n + 1 }]),
    );
    const { code, line, perfdata, text } = await check({ ...BOND, vlan20: VLAN20, ...many });
    expect(code).toBe(1);
    expect(line).toBe(
      'WARNING - t1 (1500) on vlan20 (1500) on bond0 (1500) needs 1504: full-size frames are 4 bytes too long with 2 tags, ' +
        'and those of 499 more on vlan20. 501 VLAN devices, 500 stacked, smallest headroom -4 bytes',
    );
    expect(perfdata).toBe('vlans=501;;;0 stacked=500;;;0 headroom=-4B');
    expect(text).toContain(
      '(also t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13 and 487 more, leaves through',
    );
    expect(text).toContain('Attach the VLAN devices to bond0, with one tag');
    expect(text).toContain('the 496 others as these');
    expect(text).toContain(
      '  # t20 cannot be attached like these: its number is taken, or others stand on it',
    );
    expect(text.match(/ip link add/g)).toHaveLength(3);
  });

  it('is told for each MTU, and for each number of tags', async () => {
    const on = (lower: string, id: number, mtu = 1500): Device => ({ kind: 'vlan', on: lower, id, mtu });
    const devices: Devices = {
      eth0: { driver: '' },
      a1: on('eth0', 1),
      b2: on('a1', 2),
      b3: on('a1', 3, 1498),
      c4: { ...on('b3', 4, 1498), protocol: '802.1ad' },
    };
    const { text } = await check(devices);
    expect(text).toContain('] b2 (1500) on a1 (1500) on eth0 (1500) needs 1504: full-size frames are 4 bytes too long with 2 tags (leaves through eth0 (1500), one tag is free, the other takes 4 bytes, ');
    expect(text).toContain('] b3 (1498) on a1 (1500) on eth0 (1500) needs 1502: full-size frames are 2 bytes too long with 2 tags (leaves');
    expect(text).toContain('] c4 (1498) on b3 (1498) on a1 (1500) on eth0 (1500) needs 1506: full-size frames are 6 bytes too long with 3 tags (leaves through eth0 (1500), c4 is 802.1ad, one tag is free, the 2 others take 8 bytes, ');
  }); // prettier-ignore

  it('is told with every VLAN on the way, and every bridge, whose ports have MTUs of their own', async () => {
    const bonded: Devices = { eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1, master: 'bond1' }, bond1: { kind: 'bond' }, w5: { kind: 'vlan', on: 'bond1', id: 5 } };
    expect((await check(bonded)).line).toContain('w5 (1500) on bond1 (1500) on v1 (1500) on eth0 (1500) needs 1504');
    const bridged: Devices = { eth0: { master: 'br0' }, br0: { kind: 'bridge' }, v20: { kind: 'vlan', on: 'br0', id: 20 }, w5: { kind: 'vlan', on: 'v20', id: 5 } };
    const { line, text } = await check(bridged);
    expect(line).toContain('w5 (1500) on v20 (1500) on br0 (1500) on eth0 (1500) needs 1504');
    expect(text).toContain('\n  ip link set dev eth0 mtu 1504\n');
  }); // prettier-ignore

  it.each<[string, Devices]>([
    ['first', { eth0: { master: 'br0' }, v20: { kind: 'vlan', on: 'eth0', id: 20, master: 'br0' } }],
    ['last', { v20: { kind: 'vlan', on: 'eth0', id: 20, master: 'br0' }, eth0: { master: 'br0' } }],
  ])('is that of the way with the most tags to a card: the short one comes %s', async (_, ports) => {
    const { line } = await check({ ...ports, br0: { kind: 'bridge' }, w5: { kind: 'vlan', on: 'br0', id: 5 } });
    expect(line).toContain('w5 (1500) on br0 (1500) on v20 (1500) on eth0 (1500) needs 1504');
  }); // prettier-ignore

  it('is asked for by thresholds as well', async () => {
    expect((await check({ ...BOND, vlan20: VLAN20 }, '-w', '8:')).line).toContain(
      '0 bytes is outside'.replace('bytes', 'B'),
    );
    expect(await check(INCIDENT, '--no-room', 'ok', '-c', '-4:')).toMatchObject({ code: 0 });
    expect(await check(INCIDENT, '--no-room', 'ok', '-c', '0:')).toMatchObject({ code: 2 });
    expect(await check(INCIDENT, '--no-room', 'critical')).toMatchObject({ code: 2 });
    // Without -w, it is 0: for each chain.
    expect(await check(INCIDENT, '-w', '-4:')).toMatchObject({
      code: 0,
      line: expect.stringContaining('Not alarmed: vlan100 (1500) on vlan20') as string,
    });
    expect(await check(INCIDENT, '-w', '-4:', '--no-room', 'critical')).toMatchObject({ code: 0 });
    expect((await check(three, '-w', '-4:')).line).toMatch(/^WARNING - v7 .* needs 1508/);
    expect((await check(INCIDENT, '-w', '-3:')).line).toMatch(/^WARNING - vlan100 .* needs 1504/);
    expect(await check(INCIDENT, '-w', '-4:', '-c', '-3:')).toMatchObject({ code: 2 });
    expect(await check(INCIDENT, '-c', '-100:')).toMatchObject({ code: 1 });
    expect(await check({ eth0: {} }, '-w', '0:')).toMatchObject({ code: 0 });
    // No frame of it leaves the host.
    const inside: Devices = { br0: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br0', id: 5 } };
    expect(await check(inside, '-w', '0:')).toMatchObject({ code: 0 });
  });
});

describe('bridges joined by a veth pair', () => {
  const veth = (a: string, bridgeOfA: string, b: string, bridgeOfB: string): Devices => ({
    [a]: { kind: 'veth', master: bridgeOfA, peer: b },
    [b]: { kind: 'veth', master: bridgeOfB, peer: a },
  });
  const JOINED: Devices = {
    eth0: {},
    v20: { kind: 'vlan', on: 'eth0', id: 20, master: 'br2' },
    br2: { kind: 'bridge' },
    ...veth('ve1', 'br1', 've2', 'br2'),
    br1: { kind: 'bridge' },
    v100: { kind: 'vlan', on: 'br1', id: 100 },
  };
  const HIDDEN = 'v100 (1500) on br1 (1500) on ve1 (1500) on ve2 (1500) on br2 (1500) on v20 (1500) on eth0 (1500) needs 1504';

  it('hide no tag: the way goes on behind the other end', async () => {
    const { code, line, text } = await check(JOINED);
    expect(code).toBe(1);
    expect(line).toBe(`WARNING - ${HIDDEN}: full-size frames are 4 bytes too long with 2 tags. 2 VLAN devices, 1 stacked, smallest headroom -4 bytes`);
    expect(text).toContain('\n  ip link set dev eth0 mtu 1504\n');
    expect(await check(withMtu(JOINED, { eth0: 1504 }))).toMatchObject({ code: 0 });
    expect(await check(JOINED, '--ignore', 'eth0')).toMatchObject({ code: 0 });
    // Nobody else tells where a veth leads.
    expect(await check({ devices: JOINED, ip: null })).toMatchObject({ code: 3 });
    const bare = { ...JOINED, ve1: { kind: 'veth' }, v100: { kind: 'vlan', on: 've1', id: 100 }, br1: {} };
    expect((await check({ ...bare, ve1: { kind: 'veth', peer: 've2' } })).line).toContain('v100 (1500) on ve1 (1500) on ve2 (1500) on br2');
  });

  it('are followed in another namespace, over more than one pair, and to what is out of sight', async () => {
    expect((await check({ devices: { eth9: {} }, netns: { blue: JOINED } }, '--netns', 'all')).line).toContain(
      HIDDEN.replace('v100 (1500)', 'v100 (1500) in blue'),
    );
    const far: Devices = { ...JOINED, ...veth('ve1', 'br1', 've2', 'br3'), br3: { kind: 'bridge' }, ...veth('ve3', 'br3', 've4', 'br2') };
    expect(await check(far)).toMatchObject({ code: 1 });
    const elsewhere: Devices = { ...JOINED, v20: { kind: 'macvlan', elsewhere: [44, 0], master: 'br2' } };
    expect(await check(elsewhere)).toMatchObject({ code: 3, line: expect.stringContaining('v100 on v20: v20 stands on device number 44') as string });
  });

  it('have the smaller MTU of a port on the way, and no other', async () => {
    const small = withMtu(JOINED, { '*': 9000, eth0: 9004, ve2: 1500 });
    expect((await check(small)).line).toContain('v100 (9000) on br1 (9000) on ve1 (9000) on ve2 (1500): ve2 passes 1500 only');
    // What a bridge forwards has to fit its ports, not the bridge.
    const narrow = withMtu({ ...JOINED, br2: { kind: 'bridge' } }, { '*': 1500, br2: 1400, eth0: 1504 });
    expect(await check(narrow)).toMatchObject({ code: 0 });
  });

  it('pass one tag above the MTU of either end of the pair', async () => {
    const three = (ve1: number, ve2: number): Devices =>
      withMtu({ ...JOINED, w7: { kind: 'vlan', on: 'v100', id: 7 } }, { '*': 1500, eth0: 1508, v20: 1504, br1: 1504, br2: 1504, ve1, ve2 });
    expect(await check(three(1504, 1504))).toMatchObject({ code: 0 });
    expect((await check(three(1500, 1504))).line).toContain('WARNING - w7 (1500) on v100 (1500) on br1 (1504) on ve1 (1500) needs 1504');
    const { line, text } = await check(three(1504, 1500));
    expect(line).toContain('WARNING - w7 (1500) on v100 (1500) on br1 (1504) on ve1 (1504) on ve2 (1500) needs 1504');
    expect(text).toContain('\n  ip link set dev ve2 mtu 1504\n');
  });

  it('hand no frame back to the bridge that it came from, and are asked about by each device anew', async () => {
    const devices: Devices = { v300: { kind: 'vlan', on: 'br2', id: 300 }, ...JOINED, eth1: { master: 'br1', mtu: 1400 } };
    const { text } = await check(devices);
    expect(text).toContain(`] ${HIDDEN}`);
    expect(text).toContain('] v300 (1500) on br2 (1500) on v20 (1500) on eth0 (1500) needs 1504');
    expect(text).toContain('] v100 (1500) on br1 (1500) on eth1 (1400): eth1 passes 1400 only, larger frames are lost there (so for v100, v300)');
    expect((await check({ ...devices, v300: {} })).text).toContain('] v100 (1500) on br1 (1500) on eth1 (1400): eth1');
  });

  it('put tenants on a VLAN where the configuration names one end of the pair', async () => {
    const devices: Devices = { ...JOINED, ve1: { kind: 'veth', peer: 've2' }, br1: {}, eth5: {}, v5: { kind: 'vlan', on: 'eth5', id: 5 }, v100: { kind: 'vlan', on: 'v5', id: 100, mtu: 1400 } };
    const files = { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=ve1\n' };
    expect((await check({ devices, files })).line).toContain('vlan_interface = ve1 is on the VLAN v20: tenants');
  });

  it('end where they are joined in a circle', async () => {
    const circle = { ...JOINED, ...veth('ve3', 'br1', 've4', 'br2'), ...veth('ve5', 'br1', 've6', 'br1') };
    expect(await check(circle)).toMatchObject({ code: 1, line: expect.stringContaining('v100 (1500) on br1') as string });
  });

  it.each<[string, Devices, string]>([
    ['a tag that is not there', { ...JOINED, eth0: { master: 'br2' }, v20: { kind: 'vlan', on: 'br2', id: 20 } }, '2 VLAN devices, none stacked, smallest headroom 0 bytes'],
    ['containers', { eth0: { master: 'br0' }, ...veth('c1', 'br0', 'c2', ''), c3: { kind: 'veth', master: 'br0', elsewhere: [7, 3] }, br0: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br0', id: 5 } }, '1 VLAN device, none stacked, smallest headroom 0 bytes'],
    ['a second pair beside the first', withMtu({ eth0: { master: 'br1' }, ...veth('ve1', 'br1', 've2', 'br2'), ...veth('ve3', 'br1', 've4', 'br2'), br1: { kind: 'bridge' }, br2: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br1', id: 5 } }, { '*': 1500, ve1: 1400, ve2: 1400, ve3: 1400, ve4: 1400 }), '1 VLAN device, none stacked, smallest headroom 0 bytes'],
    ['a second pair and no uplink', { ...veth('ve1', 'br1', 've2', 'br2'), ...veth('ve3', 'br1', 've4', 'br2'), br1: { kind: 'bridge' }, br2: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br1', id: 5 } }, '1 VLAN device, none stacked'],
    ['both ends in one bridge', withMtu({ eth0: { master: 'br1' }, ...veth('ve1', 'br1', 've2', 'br1'), br1: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br1', id: 5 } }, { '*': 1500, ve1: 1400, ve2: 1400 }), '1 VLAN device, none stacked, smallest headroom 0 bytes'],
    ['the other end in a VRF, whose devices do not send its frames', { ...veth('ve1', '', 've2', 'vrf1'), eth0: { mtu: 1400, master: 'vrf1' }, vrf1: { kind: 'vrf', mtu: 65575 }, v5: { kind: 'vlan', on: 've1', id: 5 } }, '1 VLAN device, none stacked, smallest headroom 0 bytes'],
    ['a tunnel among the ports, which has an MTU of its own', { eth0: { master: 'br0' }, eth1: {}, vx: { kind: 'vxlan', on: 'eth1', mtu: 1450, master: 'br0' }, br0: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br0', id: 5 } }, '1 VLAN device, none stacked, smallest headroom 0 bytes'],
    ['containers only', { ...veth('c1', 'br0', 'c2', ''), br0: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br0', id: 5 } }, '1 VLAN device, none stacked'],
    ['the firewall bridges of Proxmox', { eno1: { master: 'vmbr0' }, ...veth('fwpr1', 'vmbr0', 'fwln1', 'fwbr1'), tap1: { kind: 'tun', master: 'fwbr1', mtu: 1400 }, fwbr1: { kind: 'bridge' }, vmbr0: { kind: 'bridge' }, 'vmbr0.5': { kind: 'vlan', on: 'vmbr0', id: 5 } }, '1 VLAN device, none stacked, smallest headroom 0 bytes'],
  ])('are no finding with %s', async (_, devices, said) => {
    expect(await check(devices)).toMatchObject({ code: 0, line: `OK - ${said}` });
  });

  it('leave the uplink without a cable a finding', async () => {
    const devices: Devices = { eno1: { master: 'vmbr0', hasCarrier: false }, ...veth('fwpr1', 'vmbr0', 'fwln1', 'fwbr1'), tap1: { kind: 'tun', master: 'fwbr1' }, fwbr1: { kind: 'bridge' }, vmbr0: { kind: 'bridge' }, 'vmbr0.5': { kind: 'vlan', on: 'vmbr0', id: 5 } };
    expect((await check(devices)).line).toContain('vmbr0.5 on eno1: eno1 has no carrier');
    expect((await check({ ...JOINED, eth0: { hasCarrier: false } })).line).toContain('v20, v100 on eth0: eth0 has no carrier');
  });
}); // prettier-ignore

describe('what is done about it', () => {
  it('has no attaching for 802.1ad, whose two tags are meant', async () => {
    const { code, text } = await check({ ...INCIDENT, vlan20: { ...VLAN20, protocol: '802.1ad' } });
    expect(code).toBe(1);
    expect(text).toContain('vlan20 is 802.1ad');
    expect(text).not.toContain('link delete');
    expect(text).toContain('Raise the MTU at the bottom');
    expect(text).toContain('\n  ip link set dev bond0 mtu 1504\n');
  });

  it('keeps the protocol of the VLAN that is attached', async () => {
    const { text } = await check({ ...INCIDENT, vlan100: { ...INCIDENT['vlan100'], protocol: '802.1ad' } });
    expect(text).toContain('type vlan protocol 802.1ad id 100');
  });

  it('lowers the VLAN where the card takes no larger MTU', async () => {
    const { text } = await check({ ...INCIDENT, eth0: { master: 'bond0', maxMtu: 1500 } });
    expect(text).toContain(
      'give the VLAN and all that is in it the MTU 1496, since eth0 takes none above 1500',
    );
    expect(text).toContain('\n  ip link set dev vlan100 mtu 1496\n');
  });

  it('says so where the lower device has that VLAN already', async () => {
    const { text } = await check({ ...INCIDENT, 'bond0.100': { kind: 'vlan', on: 'bond0', id: 100 } });
    expect(text).toContain('# bond0 has VLAN 100 already, bond0.100: use it instead of vlan100');
    expect(text).not.toContain('link delete');
  });

  const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('  '));
  const vlan = (on: string, id: number): Device => ({ kind: 'vlan', on, id });
  const TWICE: Devices = { eth0: {}, v10: vlan('eth0', 10), v20: vlan('eth0', 20), 'v10.100': vlan('v10', 100), 'v20.100': vlan('v20', 100) };

  it('never gives the lower device a VLAN twice', async () => {
    const lines = linesOf((await check(TWICE)).text);
    expect(lines).toContain('  ip link add link eth0 name v10.100 mtu 1500 type vlan id 100');
    expect(lines).toContain('  # eth0 can have VLAN 100 once: give v20.100 another number, or use v10.100 instead of it');
    expect(lines.filter((line) => /v20\.100/.test(line))).toHaveLength(1);
    const other = linesOf((await check({ ...TWICE, 'v20.100': { ...vlan('v20', 100), protocol: '802.1ad' } })).text);
    expect(other).toContain('  ip link add link eth0 name v20.100 mtu 1500 type vlan protocol 802.1ad id 100');
  });

  it('says which of many are not as those with commands', async () => {
    const many = (on: string, from: number): Devices => Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`${on}.${n}`, vlan(on, from + n)]));
    const { text } = await check({ eth0: {}, v10: vlan('eth0', 10), v20: vlan('eth0', 20), ...many('v10', 100), ...many('v20', 105), 'eth0.110': vlan('eth0', 110) });
    expect(text).toContain('the 3 others as these');
    expect(text).toContain('  # eth0 can have VLAN 105 once: give v20.0 another number, or use v10.5 instead of it');
    expect(text).toContain('the 2 others as these');
    expect(text).toContain('  # v20.5 cannot be attached like these: its number is taken');
  });

  it('never deletes what others stand on: those first', async () => {
    const lines = linesOf((await check({ eth0: {}, v1: vlan('eth0', 1), v2: vlan('v1', 2), v3: vlan('v2', 3) })).text);
    expect(lines).toContain('  # v2 is for later: deleted, it takes v3 with it');
    expect(lines).toContain('  ip link delete dev v3');
    expect(lines).not.toContain('  ip link delete dev v2');
    const riders = { v10: vlan('v2', 10), v3: vlan('v2', 3) };
    expect(linesOf((await check({ eth0: {}, v1: vlan('eth0', 1), v2: vlan('v1', 2), ...riders })).text)).toContain('  # v2 is for later: deleted, it takes v3, v10 with it');
    const mac = await check({ eth0: {}, v1: vlan('eth0', 1), v2: vlan('v1', 2), 'm 0': { kind: 'macvlan', on: 'v2', mtu: 1400 } });
    expect(mac.text).toContain("# v2 is for later: deleted, it takes 'm 0' with it");
  });

  it('has no attaching where a bond or bridge leads to several devices', async () => {
    const { code, text } = await check({ eth0: {}, eth1: {}, v1: { ...vlan('eth0', 1), master: 'bond1' }, v2: { ...vlan('eth1', 1), master: 'bond1' }, bond1: { kind: 'bond' }, w5: vlan('bond1', 5) });
    expect(code).toBe(1);
    expect(text).not.toContain('link delete');
    expect(text).toContain('  ip link set dev eth0 mtu 1504\n  ip link set dev eth1 mtu 1504\n');
  });

  it('has no commands that are not exact: without ip, and without root, the number of the VLAN is not known', async () => {
    const { code, text } = await check({ devices: INCIDENT, ip: null, uid: 1000 });
    expect(code).toBe(1);
    expect(text).not.toContain('link add');
    expect(text).toContain('Attach vlan100 to bond0');
    expect(text).not.toContain('null');
    const many = Object.fromEntries([1, 2, 3, 4].map((id) => [`t${id}`, vlan('vlan20', id)]));
    const without = await check({ devices: { ...BOND, vlan20: VLAN20, ...many }, ip: null, uid: 1000 });
    expect(without.text).not.toContain('cannot be attached');
  });

  it('knows the number without ip as root', async () => {
    const vlanConfig =
      'VLAN Dev name\t | VLAN ID\nName-Type: X\nvlan20         | 20  | bond0\nvlan100        | 100  | vlan20\n';
    const { text } = await check({ devices: INCIDENT, ip: null, vlanConfig });
    expect(text).toContain('type vlan id 100');
  });

  it('has no attaching to a device in another namespace', async () => {
    const netns = { blue: { v30: { kind: 'vlan', elsewhere: [2, 0], id: 30 }, v31: vlan('v30', 31) } } as const;
    const { text } = await check({ devices: { eth0: {} }, netns, netnsIds: { blue: { blue: 7 } } }, '--netns', 'all');
    expect(linesOf(text)).toEqual([
      expect.stringContaining('  # or, if the tags are meant') as string,
      '  ip link set dev eth0 mtu 1504',
    ]);
  });

  it('names what would go with a device as it is called in its namespace', async () => {
    const netns = { blue: { eth0: {}, v1: vlan('eth0', 1), v2: vlan('v1', 2), v3: vlan('v2', 3) } };
    const lines = linesOf((await check({ devices: { eth9: {} }, netns }, '--netns', 'all')).text);
    expect(lines).toContain('  # v2 is for later: deleted, it takes v3 with it');
    expect(lines).toContain('  ip -n blue link set dev eth0 mtu 1504');
  });

  it('takes no other card, protocol or kind of device for the VLAN', async () => {
    const two = linesOf((await check({ ...TWICE, eth1: {}, v20: vlan('eth1', 20) })).text);
    expect(two).toContain('  ip link add link eth0 name v10.100 mtu 1500 type vlan id 100');
    expect(two).toContain('  ip link add link eth1 name v20.100 mtu 1500 type vlan id 100');
    const other: Devices = { m0: { kind: 'macvlan', on: 'bond0' }, 'bond0.100': { ...vlan('bond0', 100), protocol: '802.1ad' } };
    expect((await check({ ...INCIDENT, ...other })).text).toContain('  ip link add link bond0 name vlan100 mtu 1500 type vlan id 100');
  });

  it('has no attaching for 802.1ad on one card', async () => {
    const devices: Devices = { eth0: {}, v1: { ...vlan('eth0', 1), protocol: '802.1ad' }, v2: vlan('v1', 2) };
    expect(linesOf((await check(devices)).text)).toEqual(['  ip link set dev eth0 mtu 1504']);
  });

  it('lowers three VLANs at most, and to what the card with the least takes', async () => {
    const many = Object.fromEntries([1, 2, 3, 4].map((id) => [`t${id}`, vlan('vlan20', id)]));
    const cards: Devices = { eth0: { master: 'bond0', maxMtu: 1502 }, eth1: { master: 'bond0', maxMtu: 1500 } };
    const { text } = await check({ ...cards, bond0: { kind: 'bond' }, vlan20: VLAN20, ...many });
    expect(text).toContain('give the VLAN and all that is in it the MTU 1496, since eth1 takes none above 1500\n');
    expect(linesOf(text).filter((line) => line.includes(' mtu 1496'))).toEqual([1, 2, 3].map((id) => `  ip link set dev t${id} mtu 1496`));
    const enough = { ...INCIDENT, eth0: { master: 'bond0', maxMtu: 1504 }, eth1: { master: 'bond0', maxMtu: 1504 } };
    expect(linesOf((await check(enough)).text)).toContain('  ip link set dev bond0 mtu 1504');
  });

  it('quotes names', async () => {
    const devices: Devices = {
      'a b$': {},
      v1: { kind: 'vlan', on: 'a b$', id: 1 },
      'v2;x': { kind: 'vlan', on: 'v1', id: 2 },
    };
    const { text } = await check(devices);
    expect(text).toContain(String.raw`  ip link delete dev $'v2\x3bx'`);
    expect(text).toContain("link 'a b$' name");
  });
}); // prettier-ignore

describe('an MTU above what is below', () => {
  it('is found at one slave of a bond, and told once for all VLANs', async () => {
    const devices = withMtu(
      { ...BOND, vlan20: VLAN20, vlan30: { kind: 'vlan', on: 'bond0', id: 30 } },
      { '*': 9000, eth1: 1500 },
    );
    const { code, line, text } = await check(devices);
    expect(code).toBe(1);
    expect(line).toBe(
      'WARNING - vlan20 (9000) on bond0 (9000) on eth1 (1500): eth1 passes 1500 only, larger frames are lost there. ' +
        '2 VLAN devices, none stacked, smallest headroom -7500 bytes',
    );
    expect(text).toContain('so for vlan20, vlan30');
    expect(text).toContain('\n  ip link set dev eth1 mtu 9000\n');
    expect(await check(devices, '--mtu-above', 'ok')).toMatchObject({ code: 0 });
  });

  it('is found at the uplink of a bridge', async () => {
    const devices = withMtu(
      { eth0: { master: 'br0' }, br0: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br0', id: 5 } },
      { eth0: 1500, br0: 9000, v5: 9000 },
    );
    const { line, text } = await check(devices);
    expect(line).toContain('v5 (9000) on br0 (9000) on eth0 (1500): eth0 passes 1500 only');
    expect(text).toContain(
      '] v5 (9000) on br0 (9000) on eth0 (1500): eth0 passes 1500 only, larger frames are lost there\n',
    );
    expect(text).toContain('\nGive the smaller device the MTU of the larger one');
  });

  it('is found at a bridge that is smaller than what stands on it', async () => {
    const devices: Devices = {
      eth0: { master: 'br0' },
      br0: { kind: 'bridge', mtu: 1400 },
      m0: { kind: 'macvlan', on: 'br0' },
      v5: { kind: 'vlan', on: 'm0', id: 5 },
    };
    expect((await check(devices)).line).toContain(
      'v5 (1500) on m0 (1500) on br0 (1400): br0 passes 1400 only',
    );
    expect((await check({ ...devices, m0: {}, v5: { kind: 'vlan', on: 'br0', id: 5 } })).line).toContain(
      'v5 (1500) on br0 (1400): br0 passes 1400 only',
    );
  });

  it.each(['bond', 'team'])('is found where a %s is larger than the VLAN that is its port', async (kind) => {
    // The VLAN on it has ip asked, which alone knows teams.
    const devices: Devices = {
      eth0: { mtu: 1504 },
      v1: { kind: 'vlan', on: 'eth0', id: 1, master: 'over' },
      v2: { kind: 'vlan', on: 'v1', id: 2 },
      over: { kind, mtu: 9000 },
    };
    expect((await check(devices)).line).toContain('over (9000) on v1 (1500): v1 passes 1500 only');
  });

  it('is found where a bridge is larger than the VLAN it leaves through, and raised from the bottom up', async () => {
    const devices = withMtu(INCIDENT, { br100: 9000, vlan100: 1496 });
    const { code, line, text } = await check(devices);
    expect(code).toBe(1);
    expect(line).toContain('br100 (9000) on vlan100 (1496): vlan100 passes 1496 only');
    const raised = (output: string): string[] =>
      output.split('\n').filter((one) => one.endsWith(' mtu 9000'));
    expect(raised(text)).toEqual(
      ['bond0', 'vlan20', 'vlan100'].map((name) => `  ip link set dev ${name} mtu 9000`),
    );
    const above = withMtu(INCIDENT, { '*': 9000, vlan20: 1500, vlan100: 1496, vnet0: 1500 });
    expect(raised((await check(above)).text)).toEqual(
      ['vlan20', 'vlan100'].map((name) => `  ip link set dev ${name} mtu 9000`),
    );
    const single: Devices = {
      eth0: {},
      v1: { kind: 'vlan', on: 'eth0', id: 1 },
      v2: { kind: 'vlan', on: 'v1', id: 2, mtu: 1496, master: 'br9' },
      br9: { kind: 'bridge', mtu: 9000 },
    };
    expect(raised((await check(single)).text)).toEqual(
      ['eth0', 'v1', 'v2'].map((name) => `  ip link set dev ${name} mtu 9000`),
    );
    const inside: Devices = {
      br0: { kind: 'bridge' },
      v5: { kind: 'vlan', on: 'br0', id: 5, master: 'br9' },
      br9: { kind: 'bridge', mtu: 9000 },
    };
    expect(raised((await check(inside)).text)).toEqual(
      ['br0', 'v5'].map((name) => `  ip link set dev ${name} mtu 9000`),
    );
  });

  it.each<[string, Devices]>([
    ['taps of guests on a jumbo bridge', { eth0: { mtu: 9000, master: 'br0' }, br0: { kind: 'bridge', mtu: 9000 }, vnet0: { kind: 'tun', master: 'br0' }, veth0: { kind: 'veth', master: 'br0' }, v5: { kind: 'vlan', on: 'br0', id: 5, mtu: 9000 } }],
    ['ports of Xen guests on a jumbo bridge', { eth0: { mtu: 9000, master: 'br0' }, br0: { kind: 'bridge', mtu: 9000 }, 'vif1.0': { master: 'br0', driver: '../../bus/xen-backend/drivers/vif' }, v5: { kind: 'vlan', on: 'br0', id: 5, mtu: 9000 } }],
    ['a VRF, whose MTU means nothing', { eth0: {}, vrf1: { kind: 'vrf', mtu: 65575 }, v5: { kind: 'vlan', on: 'eth0', id: 5, master: 'vrf1' } }],
    ['a bridge that is down', { eth0: {}, br0: { kind: 'bridge', mtu: 9000, isDown: true }, v5: { kind: 'vlan', on: 'eth0', id: 5, master: 'br0' } }],
  ])('is none with %s', async (_, devices) => {
    expect(await check(devices)).toMatchObject({ code: 0 });
  }); // prettier-ignore
});

describe('devices that are down', () => {
  const v5 = (on: string): Device => ({ kind: 'vlan', on, id: 5 });
  const OFF: Device = { master: 'bond0', hasCarrier: false };

  const down = { ...INCIDENT, vlan100: { ...INCIDENT['vlan100'], isDown: true } };

  it('are looked at only if asked for', async () => {
    expect(await check(down)).toMatchObject({
      code: 0,
      line: 'OK - 1 VLAN device, none stacked, smallest headroom 0 bytes, 1 down',
    });
    expect(await check(down, '--include-down')).toMatchObject({ code: 1 });
  });

  it('below a VLAN that is up are a finding, the lowest of them once', async () => {
    const { code, line, text } = await check({ ...INCIDENT, vlan100: { ...INCIDENT['vlan100'], mtu: 1496 }, br100: { kind: 'bridge', mtu: 1496 }, vlan20: { ...VLAN20, hasCarrier: false }, bond0: { kind: 'bond', hasCarrier: false } }); // prettier-ignore
    expect(code).toBe(1);
    expect(line).toContain('WARNING - vlan20, vlan100 on bond0: bond0 has no carrier, nothing gets through');
    expect(text).toContain('Look at its cable');
    const off = await check({ eth0: { isDown: true }, v5: { kind: 'vlan', on: 'eth0', id: 5 } });
    expect(off.line).toContain('v5 on eth0: eth0 is down');
    expect(off.text).toContain('\n  ip link set dev eth0 up\n');
  });

  it.each<[string, Devices]>([
    [
      'one slave of a bond that is up',
      { ...BOND, eth1: { master: 'bond0', hasCarrier: false }, vlan20: VLAN20 },
    ],
    [
      'a bridge of guests that do not run',
      { br0: { kind: 'bridge', hasCarrier: false }, v5: { kind: 'vlan', on: 'br0', id: 5 } },
    ],
  ])('are no finding: %s', async (_, devices) => {
    expect(await check(devices)).toMatchObject({ code: 0 });
  });

  it.each<[string, Devices]>([
    ['the other slave of a bond that is up', { ...BOND, eth0: OFF, vlan20: VLAN20 }],
    // Azure takes the virtual function away for its maintenance, and the frames go the slow way.
    ['the virtual function below the card of Hyper-V', { eth0: { driver: '../../bus/vmbus/drivers/hv_netvsc' }, enP1s2: { master: 'eth0', hasCarrier: false }, v5: v5('eth0') }],
    ['VLANs that stand on each other, as no kernel has them', { v5: v5('v6'), v6: v5('v5') }],
  ])('are no finding either: %s', async (_, devices) => {
    expect(await check(devices)).toMatchObject({ code: 0 });
  });

  it('are no finding as one of two uplinks, of which the other cannot be seen', async () => {
    const devices: Devices = { eth0: { master: 'br0', hasCarrier: false }, m0: { kind: 'macvlan', elsewhere: [44, 0], master: 'br0' }, br0: { kind: 'bridge' }, v5: v5('br0') };
    expect(await check(devices, '--parent-elsewhere', 'ok')).toMatchObject({ code: 0 });
  });

  it.each<[string, Devices, string]>([
    ['a bridge that is switched off', { br0: { kind: 'bridge', isDown: true }, v5: v5('br0') }, 'br0 is down'],
    ['a bridge with an uplink', { eth0: { master: 'br0' }, br0: { kind: 'bridge', hasCarrier: false }, v5: v5('br0') }, 'br0 has no carrier'],
    ['a bond, before its slaves', { eth0: OFF, eth1: OFF, bond0: { kind: 'bond', hasCarrier: false }, v5: v5('bond0') }, 'bond0 has no carrier'],
  ])('are one: %s', async (_, devices, said) => {
    expect((await check(devices)).line).toContain(`WARNING - v5 on ${said.replace(/ .*/, '')}: ${said}, nothing gets through`);
  });

  it('are told by the carrier, which operstate follows later', async () => {
    const recording = linkHost({ devices: { eth0: { hasCarrier: false }, v5: v5('eth0') } }).join('\n');
    const late = recording.replace(/(head .*eth0.operstate\n  .)down\n/, '$1up\n');
    expect(late).not.toBe(recording);
    const { text } = await replay(plugin, late.split('\n'));
    expect(text).toContain('[WARNING] v5 on eth0: eth0 has no carrier, nothing gets through\n');
  });

  it('name three of the VLANs above them, and the others beside it', async () => {
    const on = (ids: readonly number[]): Devices => ({
      eth0: { isDown: true },
      ...Object.fromEntries(ids.map((id) => [`v${id}`, { kind: 'vlan', on: 'eth0', id }])),
    });
    const three = await check(on([1, 10, 2]));
    expect(three.text).toContain('] v1, v2, v10 on eth0: eth0 is down, nothing gets through\nSwitch on what the others stand on\n');
    const four = await check(on([1, 10, 2, 3]));
    expect(four.text).toContain('] v1, v2, v3 and 1 more on eth0: eth0 is down, nothing gets through (under v1, v2, v3, v10)\n');
    const twelve = [...Array(12).keys()];
    expect((await check(on(twelve))).text).toContain('(under v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11)\n');
    expect((await check(on([...twelve, 12]))).text).toContain('(under v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11 and 1 more)\n');
  });

  it.each([
    ['down', true],
    ['lowerlayerdown', true],
    ['notpresent', true],
    ['up', false],
    ['unknown', false],
    ['dormant', false],
  ])('are told by operstate where the carrier cannot be read: %s', async (operstate, isFault) => {
    const recording = linkHost({ devices: { eth0: {}, v5: v5('eth0') }, ip: null }).join('\n');
    const spoiled = recording
      .replace(/ok (bytes head .*eth0.carrier)\n.*\n/, 'denied $1\n')
      .replace(/(head .*eth0.operstate\n  .)up\n/, `$1${operstate}\n`);
    const { code, text } = await replay(plugin, spoiled.split('\n'));
    expect(code).toBe(isFault ? 1 : 3);
    expect(text.includes('v5 on eth0: eth0 has no carrier')).toBe(isFault);
    expect(text).toContain('/sys/class/net/eth0/carrier: permission denied');
  });

  it('are one where all slaves are, even if the bond does not notice', async () => {
    const eth = { master: 'bond0', hasCarrier: false };
    expect((await check({ eth0: eth, eth1: eth, bond0: { kind: 'bond' }, vlan20: VLAN20 })).line).toContain(
      'vlan20 on eth0: eth0 has no carrier',
    );
  });
}); // prettier-ignore

describe('configuration', () => {
  const PLAIN: Devices = { ...BOND, vlan20: VLAN20 };
  const mapping = (value: string): LinkHost => ({
    devices: PLAIN,
    files: {
      '/etc/neutron/plugins/ml2/linuxbridge_agent.ini': `[linux_bridge]\nphysical_interface_mappings = ${value}\n`,
    },
  });

  it.each<[string, LinkHost, string]>([
    ['nova', { devices: PLAIN, files: NOVA }, '/etc/nova/nova.conf: vlan_interface = vlan20 is itself a VLAN on bond0'],
    ['neutron', mapping('physnet1:vlan20'), '/etc/neutron/plugins/ml2/linuxbridge_agent.ini: physical_interface_mappings = physnet1:vlan20 is itself a VLAN on bond0'],
    ['neutron, the second of two, over lines', mapping('physnet1:bond0,\n  physnet2:vlan20'), 'physnet2:vlan20 is itself a VLAN'],
    ['flags of 2011', { devices: PLAIN, files: { '/etc/nova/nova.conf': '--vlan_interface=vlan20\n' } }, 'vlan_interface = vlan20'],
    ['a reference', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[DEFAULT]\nmine=vlan20\nvlan_interface=$mine\n' } }, 'vlan_interface = vlan20'],
    ['kolla', { devices: PLAIN, files: { '/etc/kolla/nova-compute/nova.conf': NOVA['/etc/nova/nova.conf'] } }, '/etc/kolla/nova-compute/nova.conf'],
    ['a macvlan on a VLAN', { devices: { ...PLAIN, m0: { kind: 'macvlan', on: 'vlan20' } }, files: { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=m0\n' } }, 'vlan_interface = m0 is on the VLAN vlan20'],
  ])('that puts tenants on a VLAN is a finding before the first tenant, and with room: %s', async (_, host, said) => {
    const { code, line } = await check(host);
    expect(code).toBe(1);
    expect(line).toContain(said);
    expect(line).toContain('tenants sit inside another VLAN. 1 VLAN device, none stacked');
    const roomy = { ...host, devices: withMtu(host.devices ?? {}, { '*': 1500, eth0: 9000, eth1: 9000, bond0: 9000 }) };
    expect(await check(roomy)).toMatchObject({ code: 1 });
    expect(await check(host, '--stacked-config', 'ok')).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it.each<[string, Devices]>([
    ['is itself a VLAN on vlan20', { ...PLAIN, mine: { kind: 'vlan', on: 'vlan20', id: 30, mtu: 1400 } }],
    ['is on the VLAN v30', { ...PLAIN, v30: { kind: 'vlan', on: 'vlan20', id: 30, mtu: 1400, master: 'mine' }, mine: { kind: 'bridge', mtu: 1400 } }],
    ['is on the VLAN v30', { ...PLAIN, v30: { kind: 'vlan', on: 'vlan20', id: 30, mtu: 1400, master: 'mine' }, eth5: {}, v40: { kind: 'vlan', on: 'eth5', id: 40, mtu: 1400, master: 'mine' }, mine: { kind: 'bridge', mtu: 1400 } }],
    ['is on the VLAN vlan20', { ...PLAIN, vlan20: { ...VLAN20, master: 'mine' }, eth5: { master: 'mine' }, mine: { kind: 'bridge' } }],
  ])('is repaired below the last VLAN of the way: %s', async (said, devices) => {
    const { line, text } = await check({ devices, files: { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=mine\n' } });
    expect(line).toContain(`vlan_interface = mine ${said}`);
    expect(text).toContain('Set vlan_interface in /etc/nova/nova.conf to bond0, restart nova-network, and attach the VLAN devices that are there already to bond0');
  }); // prettier-ignore

  it.each<[string, LinkHost]>([
    ['on a bond', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=bond0\n' } }],
    ['on a device that is not there', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=eth9\n' } }],
    ['commented out', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[DEFAULT]\n#vlan_interface=vlan20\n' } }],
    ['another option', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[DEFAULT]\nflat_interface=vlan20\n' } }],
    ['another group', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[other]\nvlan_interface=vlan20\n' } }],
    ['overridden by the last one', { devices: PLAIN, files: { '/etc/nova/nova.conf': '[DEFAULT]\nvlan_interface=vlan20\nvlan_interface=bond0\n' } }],
    ['overridden by a later file', { devices: PLAIN, files: { ...NOVA, '/etc/nova/nova-compute.conf': '[DEFAULT]\nvlan_interface=bond0\n' } }],
    ['in a syntax of its own, without the option', { devices: PLAIN, files: { '/etc/neutron/uwsgi.ini': 'just words\n' } }],
    ['empty', { devices: PLAIN, files: { '/etc/nova/nova.conf': '' } }],
  ])('is fine: %s', async (_, host) => {
    expect(await check(host)).toMatchObject({ code: 0, line: 'OK - 1 VLAN device, none stacked, smallest headroom 0 bytes' });
  }); // prettier-ignore

  const maps = (device: string): string =>
    `[linux_bridge]\nphysical_interface_mappings = physnet1:${device}\n`;
  const [ML2, AGENT] = [
    '/etc/neutron/plugins/ml2/ml2_conf.ini',
    '/etc/neutron/plugins/ml2/linuxbridge_agent.ini',
  ];
  const COMMON = '/etc/neutron/conf.d/common/01.conf';
  const OWN = '/etc/neutron/conf.d/neutron-linuxbridge-agent/01.conf';
  it.each<[string, LinkHost['files'], string | null]>([
    ['the agent has a file of its own', { [ML2]: maps('vlan20'), [AGENT]: maps('bond0') }, null],
    ['it has none', { [ML2]: maps('vlan20') }, ML2],
    ['its own does not set it', { [ML2]: maps('vlan20'), [AGENT]: '[linux_bridge]\n# physical_interface_mappings =\n' }, ML2],
    ['its own has nothing in it', { [ML2]: maps('vlan20'), [AGENT]: '[linux_bridge]\nphysical_interface_mappings =\n' }, null],
    ['its own file is the bad one', { [ML2]: maps('bond0'), [AGENT]: maps('vlan20'), '/etc/neutron/neutron.conf': maps('bond0') }, AGENT],
    ['a folder of RDO is read later', { [AGENT]: maps('vlan20'), [COMMON]: maps('bond0') }, null],
    ['a folder of RDO has the bad one', { [AGENT]: maps('bond0'), [COMMON]: maps('vlan20') }, COMMON],
    ['its own folder comes last', { [COMMON]: maps('bond0'), [OWN]: maps('vlan20') }, OWN],
    ['the last file of a folder counts', { [OWN]: maps('vlan20'), [OWN.replace('01', '02')]: maps('bond0') }, null],
    ['an older plugin has a file of its own', { [ML2]: maps('bond0'), '/etc/neutron/plugins/linuxbridge/linuxbridge_conf.ini': maps('vlan20') }, '/etc/neutron/plugins/linuxbridge/linuxbridge_conf.ini'],
    ['another file says what $device is', { '/etc/neutron/neutron.conf': '[DEFAULT]\ndevice = vlan20\n', [AGENT]: maps('$device') }, AGENT],
    ['a container of Kolla has its own', { [AGENT]: maps('bond0'), '/etc/kolla/neutron-linuxbridge-agent/linuxbridge_agent.ini': maps('vlan20') }, '/etc/kolla/neutron-linuxbridge-agent/linuxbridge_agent.ini'],
    ['Kolla overrides too', { '/etc/kolla/neutron-linuxbridge-agent/ml2_conf.ini': maps('vlan20'), '/etc/kolla/neutron-linuxbridge-agent/linuxbridge_agent.ini': maps('bond0') }, null],
  ])('of neutron is what its agent reads last: %s', async (_, files = {}, file) => {
    const { code, line } = await check({ devices: PLAIN, files });
    expect({ code, line }).toEqual({ code: file === null ? 0 : 1, line: expect.stringContaining(file ?? 'OK - 1 VLAN') as string });
  }); // prettier-ignore

  it('that cannot be read is no reason to keep quiet about another file', async () => {
    const files = { [ML2]: maps('vlan20'), [AGENT]: null };
    const { code, text } = await check({ devices: PLAIN, uid: 1000, files });
    expect(code).toBe(1);
    expect(text).toContain(`${AGENT}: permission denied`);
    expect(await check({ devices: PLAIN, files: { [ML2]: maps('bond0'), [AGENT]: '@@@\nphysical_interface_mappings' } })).toMatchObject({ code: 3 });
  }); // prettier-ignore

  it('that may not be read is said, and is no alarm unless asked for', async () => {
    const denied = { devices: PLAIN, uid: 1000, files: { '/etc/nova/nova.conf': null } };
    const { code, line } = await check(denied);
    expect({ code, line }).toEqual({
      code: 0,
      line: "OK - 1 VLAN device, none stacked, smallest headroom 0 bytes. Not alarmed: OpenStack's configuration not read: /etc/nova/nova.conf: permission denied",
    });
    expect(await check(denied, '--config-denied', 'unknown')).toMatchObject({ code: 3 });
    const closed = { devices: PLAIN, uid: 1000, closed: ['/etc/nova/*.conf'] };
    expect((await check(closed)).line).toContain('/etc/nova: permission denied');
  });

  it('that is not understood is UNKNOWN where it names the option, and never quoted', async () => {
    const text = '[DEFAULT]\nsecret nonsense hunter2\nvlan_interface=vlan20\n';
    const { code, text: output } = await check({ devices: PLAIN, files: { '/etc/nova/nova.conf': text } });
    expect(code).toBe(3);
    expect(output).toContain('/etc/nova/nova.conf: is not understood (line 2');
    expect(output).not.toContain('hunter2');
  });

  it('is told once where a link leads to the same file', async () => {
    const ini = '[linux_bridge]\nphysical_interface_mappings = physnet1:vlan20\n';
    const { text } = await check({ devices: PLAIN, files: { '/etc/neutron/plugin.ini': ini, '/etc/neutron/plugins/ml2/ml2_conf.ini': ini } }); // prettier-ignore
    expect(text.match(/^\[WARNING\]/gm)).toHaveLength(1);
  });
});

describe('choosing', () => {
  it.each<[string, Devices, string[], string]>([
    ['a name that nothing has', INCIDENT, ['--vlan', 'vlan999'], 'vlan999: expected and not there: no VLAN device has that name'],
    ['a device that is no VLAN', INCIDENT, ['--vlan', 'bond0'], 'bond0: expected and not there: the device is no VLAN'],
    ['one of two names', INCIDENT, ['--vlan', 'vlan20', '--vlan', 'vlan21'], 'vlan21: expected and not there'],
  ])('of %s is CRITICAL: it was expected', async (_, devices, args, said) => {
    const { code, line } = await check(devices, ...args);
    expect(code).toBe(2);
    expect(line).toContain(`CRITICAL - ${said}`);
    expect(await check(devices, ...args, '--absent', 'ok')).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it.each<[string, LinkHost, string[], number]>([
    ['a glob', { devices: BOND }, ['--vlan', 'vlan9*'], 0],
    ['a device that is down', { devices: { ...BOND, vlan20: { ...VLAN20, isDown: true } } }, ['--vlan', 'vlan20'], 0],
    ['a device in a chain that is left out', { devices: INCIDENT }, ['--vlan', 'vlan20', '--ignore', 'bond0'], 0],
    ['a device in another namespace', { devices: { eth9: {} }, netns: { blue: { eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1 } } } }, ['--vlan', 'v1', '--netns', 'all'], 0],
    ['a VLAN in one namespace and another device in the next', { devices: { eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1 } }, netns: { blue: { v1: { kind: 'dummy' } } } }, ['--vlan', 'v1', '--netns', 'all'], 0],
    ['what may be in a namespace that is closed', { uid: 1000, devices: BOND, netns: { blue: {} } }, ['--vlan', 'v1', '--netns', 'all'], 3],
    ['what may be there', { devices: BOND, procNetDev: { why: 'denied' }, ip: null }, ['--vlan', 'vlan20'], 3],
  ])('of %s is not', async (_, host, args, code) => {
    expect(await check(host, ...args)).toMatchObject({ code });
  }); // prettier-ignore

  it('of a name is one, whatever else is not known', async () => {
    const devices: Devices = { eth0: { kind: 'macvlan', elsewhere: [44, 0] }, v5: { kind: 'vlan', on: 'eth0', id: 5 } };
    expect(await check({ devices, ip: null }, '--vlan', 'v5')).toMatchObject({ code: 3 });
    expect(await check({ devices, ip: null }, '--vlan', 'v6')).toMatchObject({ code: 2 });
  }); // prettier-ignore

  it('of a name tells of namespaces where it may be', async () => {
    const host: LinkHost = { devices: BOND, netns: { blue: { eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1 } } } };
    const { code, text } = await check(host, '--vlan', 'v1');
    expect(code).toBe(2);
    expect(text).toContain('not looked into: network namespace blue (--netns)');
  }); // prettier-ignore

  it.each([
    [['--ignore', 'vlan100'], 0],
    [['--ignore', 'vlan20'], 0],
    [['--ignore', 'bond?'], 0],
    [['--ignore', 'br100'], 1],
    [['--vlan', 'vlan20'], 0],
    [['--vlan', 'vlan1*'], 1],
  ])('%j gives %i', async (args, code) => {
    expect(await check(INCIDENT, ...args)).toMatchObject({ code });
  });

  it('says that nothing was left to look at', async () => {
    expect((await check(INCIDENT, '--ignore', '*')).line).toContain(
      'no VLAN devices to look at: of 2, 0 down and 2 left out',
    );
    expect(await check(BOND)).toMatchObject({
      code: 0,
      line: 'OK - no VLAN devices: 4 network devices, none of them a VLAN',
    });
    expect(await check(BOND, '--none', 'critical')).toMatchObject({ code: 2 });
  });
});

describe('network namespaces', () => {
  const stacked: Devices = {
    eth0: {},
    v1: { kind: 'vlan', on: 'eth0', id: 1 },
    v2: { kind: 'vlan', on: 'v1', id: 2 },
  };
  const foreign: Devices = {
    v30: { kind: 'vlan', elsewhere: [2, 0], id: 30 },
    v31: { kind: 'vlan', on: 'v30', id: 31 },
  };

  it('are looked into when asked for, by name, by glob or all', async () => {
    const host: LinkHost = {
      devices: { eth9: {} },
      netns: { 'qrouter-1': stacked, 'qdhcp-2': { lo2: { kind: 'veth' } } },
    };
    for (const args of [
      ['--netns', 'all'],
      ['--netns', 'qrouter-*'],
      ['--netns', 'qrouter-1', '--netns', 'qdhcp-2'],
    ]) {
      const { code, line, text } = await check(host, ...args);
      expect({ code, args }).toEqual({ code: 1, args });
      expect(line).toContain('v2 (1500) in qrouter-1 on v1 (1500) on eth0 (1500) needs 1504');
      expect(text).toContain('  ip -n qrouter-1 link add link eth0 name v2 mtu 1500 type vlan id 2');
    }
    expect(await check(host)).toMatchObject({ code: 0 });
    expect((await check(host, '-v')).text).toContain(
      'not looked into: network namespace qrouter-1 and 1 more (--netns)',
    );
    expect((await check({ devices: stacked }, '-v')).text).not.toContain('not looked into');
  });

  it('that are not there, or closed to this user, are UNKNOWN', async () => {
    const host: LinkHost = { devices: { eth9: {} }, netns: { blue: stacked } };
    expect(await check(host, '--netns', 'red')).toMatchObject({
      code: 3,
      line: expect.stringContaining('/run/netns/red') as string,
    });
    expect(await check({ ...host, uid: 1000 }, '--netns', 'all')).toMatchObject({
      code: 3,
      line: expect.stringContaining('ip -n blue -d -j link: permission denied') as string,
    });
    expect(await check({ devices: { eth9: {} } }, '--netns', 'all')).toMatchObject({ code: 0 });
  });

  it('may hold the VLAN of a device outside', async () => {
    const host: LinkHost = {
      devices: { eth0: {} },
      netns: { blue: foreign },
      netnsIds: { blue: { blue: 7 } },
    };
    const { code, line } = await check(host, '--netns', 'all');
    expect(code).toBe(1);
    expect(line).toContain('v31 (1500) in blue on v30 (1500) on eth0 (1500) of the host needs 1504');
  });

  it('may hold the device of a VLAN outside', async () => {
    const host: LinkHost = { devices: foreign, netns: { blue: { eth0: {} } }, netnsIds: { '': { blue: 0 } } };
    expect((await check(host, '--netns', 'blue')).line).toContain(
      'on v30 (1500) on eth0 (1500) in blue needs 1504',
    );
    const { code, line } = await check(host);
    expect(code).toBe(3);
    expect(line).toContain(
      'v30: stands on device number 2 of another network namespace, how many tags are below is not known',
    );
    expect(await check(host, '--parent-elsewhere', 'ok')).toMatchObject({ code: 0 });
    expect(await check({ ...host, ip: null }, '--parent-elsewhere', 'ok')).toMatchObject({ code: 0 });
    // Who has that namespace looked into wants to know.
    const blind = ['--parent-elsewhere', 'ok', '--netns', 'blue'];
    expect(await check({ ...host, ip: null }, ...blind)).toMatchObject({ code: 3 });
    expect(await check({ ...host, ip: ipJson({ eth0: {} }) }, ...blind)).toMatchObject({ code: 3 });
  });

  it('are never mistaken for each other: a number that leads nowhere is UNKNOWN', async () => {
    const host: LinkHost = { devices: { eth0: { mtu: 1400 } }, netns: { blue: foreign } };
    expect(await check(host, '--netns', 'all')).toMatchObject({ code: 3 });
    const unnamed: LinkHost = {
      devices: { ...foreign, v30: { kind: 'vlan', elsewhere: [2, -1], id: 30 } },
      netns: { blue: { eth0: {} } },
    };
    expect(await check(unnamed, '--netns', 'all')).toMatchObject({ code: 3 });
  });

  it('without ip, know a parent outside by its name as root', async () => {
    const vlanConfig = 'VLAN Dev name\t | VLAN ID\nName-Type: X\nv30            | 30  | eth7\n';
    const { code, line } = await check({ devices: { v30: foreign['v30'] ?? {} }, ip: null, vlanConfig });
    expect(code).toBe(3);
    expect(line).toContain('v30: stands on eth7 that is not to be seen here');
  });

  it('are told by a macvlan of another one too, which does not say what it is', async () => {
    const devices: Devices = {
      eth0: { kind: 'macvlan', elsewhere: [4, 0] },
      v5: { kind: 'vlan', on: 'eth0', id: 5 },
    };
    expect(await check(devices)).toMatchObject({ code: 3 });
    const veth: Devices = {
      eth0: { kind: 'veth', elsewhere: [4, 0] },
      v5: { kind: 'vlan', on: 'eth0', id: 5 },
    };
    expect(await check(veth)).toMatchObject({ code: 0 });
  });
});

describe('what a VLAN stands on and is not to be seen', () => {
  const on = (lower: string, ...ids: readonly number[]): Devices =>
    Object.fromEntries(ids.map((id) => [`v${id}`, { kind: 'vlan', on: lower, id }]));
  const HELP = 'as root, --netns all looks into the network namespaces that have a name';

  it.each<[string, Devices, string]>([
    ['has vanished', on('gone', 5), `v5: stands on a device that is not to be seen here, how many tags are below is not known (${HELP})`],
    ['has vanished, below another', { ...on('gone', 5), ...on('v5', 6) }, `v5: stands on a device that is not to be seen here, how many tags are below is not known (so for v6 on it, ${HELP})`],
    ['has vanished, below others', { ...on('gone', 5), ...on('v5', 6, 7) }, `v5: stands on a device that is not to be seen here, how many tags are below is not known (so for v6, v7 on it, ${HELP})`],
    ['has no number', { v5: { kind: 'vlan', elsewhere: [0, 4], id: 5 } }, `v5: stands on a device of another network namespace, how many tags are below is not known (${HELP})`],
    ['is below no VLAN', { m0: { kind: 'macvlan', elsewhere: [44, 0] }, ...on('m0', 1, 2, 3, 4) }, `v1, v2, v3 and 1 more on m0: m0 stands on device number 44 of another network namespace, how many tags are below is not known (${HELP})`],
  ])('is told once for all: it %s', async (_, devices, said) => {
    const { code, text } = await check(devices);
    expect(code).toBe(3);
    expect(text).toContain(`\n[UNKNOWN] ${said}\n`);
  });
}); // prettier-ignore

describe('an MTU that ip does not tell', () => {
  const BLUE: Devices = { ...BOND, eth1: { master: 'bond0', mtu: 1400 }, v5: { kind: 'vlan', on: 'bond0', id: 5 } };
  const without = async (name: string, devices: Devices) => {
    const recording = linkHost({ devices: { eth9: {} }, netns: { blue: devices } });
    const mtu = new RegExp(`("ifname":"${name}","flags":[^\\]]*\\],)"mtu":[0-9]+,`);
    const { code, text } = await replay(plugin, recording.map((line) => line.replace(mtu, '$1')), '--netns', 'all', '-v');
    return { code, text };
  };

  it('is UNKNOWN of the VLAN and of the card, and of no other card', async () => {
    const own = await without('v5', BLUE);
    expect(own.code).toBe(3);
    expect(own.text).toContain('\n[UNKNOWN] v5: the MTU of v5 is not known\n');
    expect(own.text).not.toMatch(/headroom[ =]-?[0-9]|lost there/);
    const card = await without('eth0', { eth0: {}, v5: { kind: 'vlan', on: 'eth0', id: 5 } });
    expect(card.code).toBe(3);
    expect(card.text).toContain('\n[UNKNOWN] v5: the MTU of eth0 is not known\n');
    expect(card.text).toContain('\nv5 (1500) in blue on eth0 (MTU not known), 802.1Q 5: 1 tag, no frame leaves the host, or its way is not known\n');
    expect(card.text).not.toMatch(/headroom[ =]-?[0-9]|lost there/);
    const slave = await without('eth0', BLUE);
    expect(slave.text).toContain('\n[UNKNOWN] v5: the MTU of eth0 is not known\n');
    expect(slave.text).toContain('\nv5 (1500) in blue on bond0 (1500) on eth1 (1400), 802.1Q 5: 1 tag, headroom -100 bytes\n');
  });

  it('is no matter in the middle', async () => {
    const { code, text } = await without('bond0', BLUE);
    expect(code).toBe(1);
    expect(text).toContain('\n[WARNING] v5 (1500) in blue on bond0 (MTU not known) on eth1 (1400) in blue: eth1 passes 1400 only');
    expect(text).not.toContain('is not known\n');
  });
}); // prettier-ignore

describe('a line for each VLAN with -v', () => {
  it.each<[string, LinkHost, string]>([
    ['of one tag, whose number only ip would tell', { devices: { ...BOND, vlan20: VLAN20 } }, 'vlan20 (1500) on bond0 (1500) on eth0 (1500): 1 tag, headroom 0 bytes'],
    ['of one tag, as root', { devices: { ...BOND, vlan20: VLAN20 }, vlanConfig: 'VLAN Dev name\t | VLAN ID\nName-Type: X\nvlan20         | 20  | bond0\n' }, 'vlan20 (1500) on bond0 (1500) on eth0 (1500), VLAN 20: 1 tag, headroom 0 bytes'],
    ['of two tags, to the card with the least room', { devices: { ...INCIDENT, eth1: { master: 'bond0', mtu: 1498 } } }, 'vlan100 (1500) on vlan20 (1500) on bond0 (1500) on eth1 (1498), 802.1Q 100: 2 tags, headroom -6 bytes'],
    ['inside the host', { devices: { br0: { kind: 'bridge' }, v5: { kind: 'vlan', on: 'br0', id: 5 } } }, 'v5 (1500): 1 tag, no frame leaves the host, or its way is not known'],
    ['on a veth that leads nowhere', { devices: { c1: { kind: 'veth', peer: 'c2' }, c2: { kind: 'veth', peer: 'c1' }, v5: { kind: 'vlan', on: 'c1', id: 5 } } }, 'v5 (1500) on c1 (1500), 802.1Q 5: 1 tag, headroom 0 bytes'],
    ['in an encrypted device, which is an end', { devices: { eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1 }, s0: { kind: 'macsec', on: 'v1', mtu: 1468 }, w5: { kind: 'vlan', on: 's0', id: 5, mtu: 1468 } } }, 'w5 (1468) on s0 (1468), 802.1Q 5: 1 tag, headroom 0 bytes'],
  ])('says its way, tags and room: %s', async (_, host, said) => {
    const { text } = await check(host, '-v');
    expect(text).toContain(`\n${said}`);
  });
}); // prettier-ignore

describe('what could not be looked at', () => {
  const spoil = (from: RegExp, to: string, host: LinkHost = { devices: INCIDENT }): string[] =>
    linkHost(host).map((line) => line.replace(from, to));

  it('is UNKNOWN without sysfs and without ip', async () => {
    const { code, text } = await replay(plugin, spoil(/^ok (each .sys|run ip)/, 'denied $1'));
    expect(code).toBe(3);
    expect(text).toContain('VLAN_MTU UNKNOWN - /sys/class/net/*: permission denied');
  });

  it.each([
    'list .*vlan100',
    'bytes head .*vlan20.uevent',
    'bytes head .*vlan100.mtu',
    'bytes head .*eth0.flags',
  ])('in sysfs (%s) is asked of ip', async (what) => {
    const lines = spoil(new RegExp(`^ok (${what}$)`), 'failed $1');
    expect(lines).not.toEqual(linkHost({ devices: INCIDENT }));
    expect((await replay(plugin, lines)).code).toBe(1);
    const without = lines.map((line) => line.replace(/^ok run ip/, 'absent run ip'));
    const { text } = await replay(plugin, without);
    expect(text).toMatch(/\[UNKNOWN\] \/sys\/class\/net\//);
  });

  it.each([
    ['empty', ''],
    ['garbage', '<html>'],
    ['cut', ipJson(INCIDENT).slice(0, -10)],
    ['no array', '{}'],
    ['no devices', '[{}]'],
    ['no JSON at all, as of busybox', null],
  ])('said by ip is no matter while sysfs can be read, and UNKNOWN where not: %s', async (_, ip) => {
    expect(await check({ devices: INCIDENT, ip })).toMatchObject({ code: 1 });
    const blind = spoil(/^ok (each .sys)/, 'failed $1', { devices: INCIDENT, ip });
    expect((await replay(plugin, blind)).code).toBe(3);
  });

  it('of another namespace is not taken for it: /sys was mounted in another one than the process is in', async () => {
    const ip = ipJson({ eth0: {}, v5: { kind: 'vlan', on: 'eth0', id: 5 } });
    const host: LinkHost = { devices: INCIDENT, present: ['lo', 'eth0', 'v5'], ip };
    expect(await check(host)).toMatchObject({
      code: 0,
      line: 'OK - 1 VLAN device, none stacked, smallest headroom 0 bytes',
    });
    const { line } = await check({ ...host, ip: null });
    expect(line).toContain('needs 1504');
    expect((await check({ ...host, ip: null })).text).toContain('other devices than in /proc/net/dev');
  });

  it.each<[string, NonNullable<LinkHost['procNetDev']>, string]>([
    ['denied', { why: 'denied' }, '/proc/net/dev: permission denied'],
    ['not in time', { why: 'timedOut' }, '/proc/net/dev: did not answer in time'],
    ['empty', { text: '' }, '/proc/net/dev: is not understood (devices: none, not even loopback)'],
    ['garbage', { text: '<html>' }, '/proc/net/dev: is not understood'],
    ['cut', { text: 'Inter-|\n face |\n    lo: 0 0\n' }, 'other devices than in /proc/net/dev'],
  ])('is /proc/net/dev, %s: whose devices sysfs shows is told by ip, or not known', async (_, procNetDev, said) => {
    const plain: Devices = { ...BOND, vlan20: VLAN20 };
    expect(await check({ devices: plain, procNetDev })).toMatchObject({ code: 0 });
    expect(await check({ devices: INCIDENT, procNetDev })).toMatchObject({ code: 1 });
    const { code, line } = await check({ devices: plain, procNetDev, ip: null });
    expect(code).toBe(3);
    expect(line).toContain(said);
    // After `nsenter --net`, /sys still shows the devices of the host.
    const ip = ipJson({ eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1 }, v2: { kind: 'vlan', on: 'v1', id: 2 } });
    expect(await check({ devices: plain, procNetDev, ip })).toMatchObject({ code: 1 });
  }); // prettier-ignore

  it('is not what a copied tree lacks: there is no /proc, and nothing but sysfs to believe', async () => {
    const procNetDev = { why: 'absent' } as const;
    expect(await check({ devices: { ...BOND, vlan20: VLAN20 }, procNetDev, ip: null })).toMatchObject({
      code: 0,
    });
    expect(await check({ devices: INCIDENT, procNetDev, ip: null })).toMatchObject({ code: 1 });
    // Where there is ip, it is a running system, and ip sees what is there.
    const ip = ipJson({ eth0: {}, v1: { kind: 'vlan', on: 'eth0', id: 1 } });
    expect((await check({ devices: INCIDENT, procNetDev, ip })).line).toContain('OK - 1 VLAN device');
  });

  it.each<[string, string | null, string]>([
    ['no iproute2', null, 'ip -d -j link: is not there (no such command, only it tells where the frames of eth0 go)'],
    ['empty', '', 'ip -d -j link: is not understood (no devices, not even loopback, only it tells where the frames of eth0 go)'],
    ['garbage', '@@@', 'ip -d -j link: is not understood'],
    ['cut', '[{"ifindex":1,"ifname":"lo"},{"if', 'ip -d -j link: is not understood'],
    ['without that device', ipJson({ lo: { kind: 'loopback' } }), 'ip -d -j link: is not understood (it does not tell where the frames of eth0 go)'],
    ['without what it stands on', ipJson({ lo: { kind: 'loopback' }, eth0: { kind: 'veth' } }), 'it does not tell where the frames of eth0 go'],
  ])('is what a device that does not say it stands on, if ip does not tell either: %s', async (_, ip, said) => {
    const devices: Devices = { eth0: { kind: 'macvlan', elsewhere: [44, 0] }, v5: { kind: 'vlan', on: 'eth0', id: 5 } };
    const { code, line } = await check({ devices, ip });
    expect(code).toBe(3);
    expect(line).toContain(said);
    expect(await check({ devices, ip }, '--parent-elsewhere', 'ok')).toMatchObject({ code: 3 });
    // It is not below a VLAN here.
    expect(await check({ devices: { ...devices, v5: { kind: 'vlan', on: 'eth1', id: 5 }, eth1: {} }, ip })).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it.each<[string, Devices]>([
    ['of guests', { eth0: { master: 'br0' }, vnet0: { kind: 'tun', master: 'br0' }, br0: { kind: 'bridge' } }],
    ['that are nobody\'s', { br0: { kind: 'dummy' } }],
  ])('is not missed without ip below devices %s', async (_, devices) => {
    expect(await check({ devices: { ...devices, v5: { kind: 'vlan', on: 'br0', id: 5 } }, ip: null })).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('is no device: bonding_masters, and one that has vanished', async () => {
    const lines = linkHost({ devices: INCIDENT }).flatMap((line) =>
      line === '  match /sys/class/net/lo' ? [line, '  match /sys/class/net/bonding_masters'] : [line],
    );
    lines.push(
      ...['list', 'bytes head'].map(
        (op) => `absent ${op} /sys/class/net/bonding_masters${op === 'list' ? '' : '/mtu'}`,
      ),
    );
    expect((await replay(plugin, lines)).code).toBe(1);
  });

  it('of an old kernel without links between devices is told by numbers and masters', async () => {
    expect(await check({ devices: INCIDENT, isOldKernel: true, ip: null })).toMatchObject({
      code: 1,
      line: expect.stringContaining('vlan100 (1500) on vlan20 (1500) on bond0 (1500) needs 1504') as string,
    });
  });
});

describe('what is said about configuration', () => {
  const PLAIN: Devices = { ...BOND, vlan20: VLAN20 };
  const AGENT = '/etc/neutron/plugins/ml2/linuxbridge_agent.ini';
  const nova = (device: string) => ({ '/etc/nova/nova.conf': `[DEFAULT]\nvlan_interface=${device}\n` });

  it.each([
    ['vlan20', 'is in a VLAN'],
    ['bond0', 'is no VLAN'],
    ['eth9', 'is not there'],
  ])('has an item for each setting with -v: %s %s', async (device, said) => {
    const { text } = await check({ devices: PLAIN, files: nova(device) }, '-v');
    expect(text).toContain(`\n/etc/nova/nova.conf: vlan_interface = ${device} ${said}\n`);
  });

  it('is nothing about devices that are ignored', async () => {
    expect(await check({ devices: PLAIN, files: nova('vlan20') }, '--ignore', 'vlan20')).toMatchObject({ code: 0 });
  });

  it('shows the way from the device down to what is below its last VLAN', async () => {
    const { text } = await check({ devices: PLAIN, files: nova('vlan20') });
    expect(text).toContain('tenants sit inside another VLAN (vlan20 (1500) on bond0 (1500))\n');
    const devices: Devices = { ...PLAIN, m0: { kind: 'macvlan', on: 'vlan20' } };
    const below = await check({ devices, files: nova('m0') });
    expect(below.text).toContain('tenants sit inside another VLAN (m0 (1500) on vlan20 (1500) on bond0 (1500))\n');
  });

  it('keeps the name of the physical network in what is to be written', async () => {
    const files = { [AGENT]: '[linux_bridge]\nphysical_interface_mappings = physnet1:vlan20\n' };
    const { text } = await check({ devices: PLAIN, files });
    expect(text).toContain(`Set physical_interface_mappings in ${AGENT} to physnet1:bond0, restart neutron`);
  });

  it('counts the files that may not be read, and tells the others one by one', async () => {
    const files = { ...nova('bond0'), '/etc/nova/nova-compute.conf': null, [AGENT]: null };
    const denied = await check({ devices: PLAIN, uid: 1000, files: { '/etc/nova/nova.conf': null } });
    expect(denied.text).not.toContain('more like it');
    const { text } = await check({ devices: PLAIN, uid: 1000, files });
    expect(text).toContain("OpenStack's configuration not read: /etc/nova/nova-compute.conf: permission denied");
    expect(text).toContain('(1 more like it)');
    expect(text.match(/^\[/gm)).toHaveLength(1);
    const mixed = { '/etc/nova/nova.conf': '@@@ vlan_interface', [AGENT]: null };
    const both = await check({ devices: PLAIN, uid: 1000, files: mixed });
    expect(both.text).toContain(`OpenStack's configuration not read: ${AGENT}: permission denied`);
    expect(both.text).toMatch(/^\[UNKNOWN\] \/etc\/nova\/nova\.conf: is not understood/m);
    expect(both.text).not.toContain('more like it');
  });

  it('of a device that stands on nothing says that it is a VLAN', async () => {
    const devices: Devices = { v5: { kind: 'vlan', elsewhere: [44, 0], id: 5 } };
    const { text } = await check({ devices, files: nova('v5') });
    expect(text).toContain('vlan_interface = v5 is itself a VLAN: tenants');
    expect(text).toContain('Set vlan_interface in /etc/nova/nova.conf to the device below it, restart nova-network');
  });
}); // prettier-ignore

describe('the end of the way', () => {
  it.each(['vxlan', 'geneve', 'gretap', 'ip6gretap', 'wireguard', 'macsec', 'batadv', 'l2tpeth'])(
    'is a device that packs frames into packets of its own: %s',
    async (kind) => {
      const devices: Devices = {
        eth0: {},
        v20: { kind: 'vlan', on: 'eth0', id: 20 },
        inside: { kind, on: 'v20' },
        w5: { kind: 'vlan', on: 'inside', id: 5 },
      };
      expect(await check(devices)).toMatchObject({
        code: 0,
        line: 'OK - 2 VLAN devices, none stacked, smallest headroom 0 bytes',
      });
    },
  );

  it('is a veth that leads to no uplink, whatever its other end takes', async () => {
    const devices: Devices = {
      c1: { kind: 'veth', peer: 'c2' },
      c2: { kind: 'veth', peer: 'c1', mtu: 1400 },
      v5: { kind: 'vlan', on: 'c1', id: 5 },
    };
    expect(await check(devices)).toMatchObject({ code: 0 });
  });
});

describe('configuration that does not answer in time', () => {
  it('has the state of --timeout', async () => {
    const recording = linkHost({ devices: { eth0: {} }, files: NOVA });
    const at = recording.findIndex(
      (line) => line.startsWith('ok bytes') && line.endsWith(' /etc/nova/nova.conf'),
    );
    const next = recording.findIndex((line, i) => i > at && !line.startsWith('  '));
    expect(next).toBeGreaterThan(at);
    const late = recording.slice(at, at + 1).map((line) => line.replace(/^ok/, 'timedOut'));
    const slow = [...recording.slice(0, at), ...late, ...recording.slice(next)];
    expect(at).toBeGreaterThan(0);
    expect(await replay(plugin, slow)).toMatchObject({ code: 3 });
    expect(await replay(plugin, slow, '--timeout', '9:critical')).toMatchObject({ code: 2 });
  });
});
