import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parsePartnerMac } from '../../lib/parsers/bond-ip-link.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// iproute2 6.1 on Linux 6.1, as an unprivileged user; abridged.
const LACP =
  '[{"ifindex":12,"ifname":"lacp0","flags":["BROADCAST","MULTICAST","MASTER","UP","LOWER_UP"],"mtu":1500,"linkinfo":' +
  '{"info_kind":"bond","info_data":{"mode":"802.3ad","miimon":100,"ad_lacp_rate":"fast","ad_select":"stable","ad_info":' +
  '{"aggregator":1,"num_ports":2,"actor_key":15,"partner_key":15,"partner_mac":"b2:9f:35:19:9a:13"}}}}]';

describe('ip -d -j link show dev BOND', () => {
  it('tells the other end of an 802.3ad bond', () => {
    expect(parsePartnerMac(LACP)).toBe('b2:9f:35:19:9a:13');
  });

  it.each([
    ...['{}', LACP.slice(0, -40)].map((text) => [text, 'ip -j link: no JSON']),
    ...['', '[]', '[{}]', '[{"ifname":"bond0"}]', '[{"linkinfo":{"info_kind":"vlan"}}]'].map((text) => [text, 'ip -j link: has no linkinfo of a bond']),
  ])('is no answer: %s', (text, problem) => {
    expect(() => parsePartnerMac(text)).toThrow(FormatError);
    expect(() => parsePartnerMac(text)).toThrow(problem);
  }); // prettier-ignore

  it.each(['[{"ifname":"bond0","linkinfo":{"info_kind":"bond","info_data":{"mode":"active-backup"}}}]'])(
    'tells none: %s',
    (text) => {
      expect(parsePartnerMac(text)).toBeNull();
    },
  ); // prettier-ignore

  it('throws nothing but FormatError', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(text, (any) => {
        try {
          parsePartnerMac(any);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
