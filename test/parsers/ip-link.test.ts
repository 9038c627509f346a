import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseIpLink } from '../../lib/parsers/ip-link.ts';
import { parseIpNetns } from '../../lib/parsers/ip-netns.ts';
import { FormatError } from '../../lib/parsers/text.ts';

const VLAN = {
  ifindex: 23,
  ifname: 'eth4.100',
  link: 'eth4',
  flags: ['BROADCAST', 'UP', 'LOWER_UP'],
  mtu: 1370,
  max_mtu: 65535,
  master: 'br9',
  operstate: 'LOWERLAYERDOWN',
  link_type: 'ether',
  linkinfo: { info_kind: 'vlan', info_data: { protocol: '802.1ad', id: 100 }, info_slave_kind: 'bridge' },
};

describe('ip -d -j link', () => {
  it('tells of a VLAN what it stands on, its number and its protocol', () => {
    expect(parseIpLink(JSON.stringify([VLAN]))).toEqual([
      {
        index: 23,
        name: 'eth4.100',
        link: 'eth4',
        linkIndex: null,
        linkNetnsId: null,
        master: 'br9',
        mtu: 1370,
        maxMtu: 65535,
        flags: ['BROADCAST', 'UP', 'LOWER_UP'],
        operstate: 'lowerlayerdown',
        linkType: 'ether',
        kind: 'vlan',
        vlan: { id: 100, protocol: '802.1ad' },
        parentBus: null,
      },
    ]);
  });

  it.each([
    ['a parent in another namespace', { link_index: 3, link_netnsid: 0 }, { linkIndex: 3, linkNetnsId: 0, link: null }],
    ['a namespace without a number', { link_index: 3, link_netnsid: -1 }, { linkIndex: 3, linkNetnsId: -1 }],
    ['a parent by its number only', { link_index: 2, master: 4 }, { linkIndex: 2, linkNetnsId: null, master: 4 }],
    ['no information', { linkinfo: {} }, { kind: null, vlan: null }],
    ['no protocol, as before 802.1ad', { linkinfo: { info_kind: 'vlan', info_data: { id: 5 } } }, { vlan: { id: 5, protocol: '802.1Q' } }],
    ['the protocol of a bridge, which is something else', { linkinfo: { info_kind: 'bridge', info_data: { vlan_protocol: '802.1ad' } } }, { kind: 'bridge', vlan: null }],
    ['what is said with no words as not said', { link: '', operstate: '', flags: ['UP', 1, null] }, { link: null, operstate: null, flags: ['UP'] }],
    ['no limit', { max_mtu: 0 }, { maxMtu: null }],
    ['hardware', { parentbus: 'pci', parentdev: '0000:01:00.0' }, { parentBus: 'pci' }],
    ['nothing but name and number', {}, { mtu: null, flags: [], operstate: null, master: null }],
  ])('knows %s', (_, fields, expected) => {
    const [link] = parseIpLink(JSON.stringify([{ ifindex: 7, ifname: 'x', ...fields }]));
    expect(link).toMatchObject(expected);
  }); // prettier-ignore

  it('leaves out the empty objects of a filter, and takes no output for no devices', () => {
    expect(parseIpLink('[{}]')).toEqual([]);
    expect(parseIpLink(`[{},{},${JSON.stringify(VLAN)}]`)).toHaveLength(1);
    expect(parseIpLink('')).toEqual([]);
    expect(parseIpLink('\n')).toEqual([]);
  });

  it.each([
    ['[', 'ip -j link: no JSON, found "["'],
    ['{}\n', 'ip -j link: no JSON array, found "{}"'],
    ['null', 'ip -j link: no JSON array, found "null"'],
    ['[1]', 'ip -j link: element 0 is no object'],
    ['[{},null]', 'ip -j link: element 1 is no object'],
    ['[[]]', 'ip -j link: element 0 is no object'],
    ['[{"ifname":"x"}]', 'element 0: no ifindex and ifname'],
    ['[{},{"ifindex":1}]', 'element 1: no ifindex and ifname'],
    ['<html>\n', 'ip -j link: no JSON, found "<html>"'],
  ])('does not take %j for it, and says why', (text, message) => {
    expect(() => parseIpLink(text)).toThrow(FormatError);
    expect(() => parseIpLink(text)).toThrow(message);
  });

  it('throws nothing but FormatError', () => {
    const json = fc.jsonValue().map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, json.map((text) => `[${text}]`)), (text) => {
        for (const parse of [parseIpLink, parseIpNetns]) {
          try {
            expect(Array.isArray(parse(text))).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        }
      }),
    ); // prettier-ignore
  });
});

describe('ip -j netns list', () => {
  it('tells names, and numbers where there are any', () => {
    expect(parseIpNetns('[{"name":"qrouter-1"},{"name":"qdhcp-2","id":0}]')).toEqual([
      { name: 'qrouter-1', id: null },
      { name: 'qdhcp-2', id: 0 },
    ]);
    expect(parseIpNetns('')).toEqual([]);
  });

  it.each([
    ['{}', 'ip -j netns: no JSON array, found "{}"'],
    ['[1]', 'ip -j netns: element 0 has no name'],
    ['[{"name":"a"},{"id":0}]', 'ip -j netns: element 1 has no name'],
  ])('does not take %s for it, and says why', (text, message) => {
    expect(() => parseIpNetns(text)).toThrow(FormatError);
    expect(() => parseIpNetns(text)).toThrow(message);
  });
});
