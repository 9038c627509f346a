/** check_vlan_mtu on hosts of any shape that answer anything: it never throws, and never takes "could not look" for "looked and fine". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import plugin from '../../plugins/check_vlan_mtu.ts';
import { linkHost, type Device, type LinkHost } from '../link-host.ts';
import { replay } from '../plugin-test.ts';
import { spoiledOf } from '../spoiled.ts';

const mtu = fc.constantFrom(1400, 1496, 1500, 1504, 9000);
const kind = fc.constantFrom(
  '',
  'vlan',
  'vlan',
  'vlan',
  'bond',
  'bridge',
  'bridge',
  'macvlan',
  'tun',
  'veth',
  'veth',
);

/** Up to ten devices; each stands on one before it, or is the port of one after it; two veths in a row are a pair. */
const host: fc.Arbitrary<LinkHost> = fc
  .tuple(
    fc.array(fc.record({ kind, mtu, below: fc.nat(), isPort: fc.boolean(), isDown: fc.boolean() }), { maxLength: 10 }),
    fc.option(fc.nat(7), { nil: undefined }),
  )
  .map(([list, tenants]) => {
    const devices: Record<string, Device> = {};
    const veths = list.flatMap((one, index) => (one.kind === 'veth' ? [index] : []));
    for (const [index, one] of list.entries()) {
      const standsOn = one.kind === 'vlan' || one.kind === 'macvlan';
      if (standsOn && index === 0) continue;
      const master = list.findIndex((other, n) => n > index && (other.kind === 'bond' || other.kind === 'bridge'));
      const on = Object.keys(devices)[one.below % Math.max(1, Object.keys(devices).length)];
      const peer = veths[veths.indexOf(index) ^ 1];
      devices[`d${index}`] = {
        kind: one.kind,
        mtu: one.mtu,
        id: index,
        isDown: one.isDown && one.below % 4 === 0,
        ...(!standsOn ? {} : on === undefined ? { elsewhere: [44, 0] } : { on }),
        ...(one.kind === 'veth' && peer !== undefined ? { peer: `d${peer}` } : {}),
        ...(one.isPort && master > 0 ? { master: `d${master}` } : {}),
      };
    }
    const files = tenants === undefined ? {} : { '/etc/nova/nova.conf': `[DEFAULT]\nvlan_interface=d${tenants}\n` };
    return { devices, files };
  }); // prettier-ignore

const spoiled = spoiledOf(host.map((one) => linkHost(one)));

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines, '--netns', 'all', '-v');
      expect([0, 1, 3]).toContain(code);
      expect(text).toMatch(/^VLAN_MTU (OK|WARNING|UNKNOWN) - \S/);
    }),
    { numRuns: 200 },
  );
});

/**
 * What may be missed without a word: a configuration file that is gone when it is read, and the carrier of a device, which
 * every device that is off refuses to tell. A file that is denied is OK by the administrator's choice, UNKNOWN here.
 */
it('never turns a fault into OK because something could not be read', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ whole, spoiled: lines }) => {
      const before = await replay(plugin, whole, '--config-denied', 'unknown');
      fc.pre(before.code !== 0);
      fc.pre(!lines.some((line) => /^(absent|vanished|wrongType) bytes whole \/etc/.test(line)));
      const after = await replay(plugin, lines, '--config-denied', 'unknown');
      expect(after.code, `${before.text}\n${after.text}`).not.toBe(0);
    }),
    { numRuns: 500 },
  );
});

it('never throws for any bytes in the files it reads', async () => {
  const hosts = fc.record({ text: fc.string({ unit: 'binary' }), ip: fc.string(), vlanConfig: fc.string() });
  await fc.assert(
    fc.asyncProperty(hosts, async ({ text, ip, vlanConfig }) => {
      const devices: LinkHost['devices'] = { eth0: {}, v1: { kind: 'vlan', on: 'eth0' }, v2: { kind: 'vlan', on: 'v1' } };
      const lines = linkHost({ devices, ip, vlanConfig, files: { '/etc/nova/nova.conf': `vlan_interface${text}` } });
      const { code } = await replay(plugin, lines);
      expect(code).toBe(1);
    }),
    { numRuns: 100 },
  );
}); // prettier-ignore

it('ends where a recording lets devices stand on each other in a circle', async () => {
  const circle: LinkHost = { devices: { v1: { kind: 'vlan', on: 'v3' }, v2: { kind: 'vlan', on: 'v1' }, v3: { kind: 'vlan', on: 'v2' } } };
  const { code } = await replay(plugin, linkHost(circle));
  expect([0, 1, 3]).toContain(code);
}); // prettier-ignore
