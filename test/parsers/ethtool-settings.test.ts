import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseEthtool, speedOfMode } from '../../lib/parsers/ethtool-settings.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// Hand-made after dump_link_caps() of ethtool.c (5.4), a 10GBASE-T port on a switch port of 1 Gb/s.
const COPPER = `Settings for eth0:
\tSupported ports: [ TP ]
\tSupported link modes:   100baseT/Full
\t                        1000baseT/Full
\t                        10000baseT/Full
\tSupported pause frame use: Symmetric
\tSupports auto-negotiation: Yes
\tSupported FEC modes: Not reported
\tAdvertised link modes:  100baseT/Full
\t                        1000baseT/Full
\t                        10000baseT/Full
\tAdvertised pause frame use: Symmetric
\tAdvertised auto-negotiation: Yes
\tAdvertised FEC modes: Not reported
\tLink partner advertised link modes:  100baseT/Half 100baseT/Full
\t                                     1000baseT/Full
\tLink partner advertised pause frame use: Symmetric
\tLink partner advertised auto-negotiation: Yes
\tSpeed: 1000Mb/s
\tDuplex: Full
\tPort: Twisted Pair
\tPHYAD: 0
\tTransceiver: internal
\tAuto-negotiation: on
\tMDI-X: Unknown
        Current message level: 0x00000007 (7)
                               drv probe link
\tLink detected: yes
`;

// A tap in User Mode Linux, ethtool 6.1, as recorded in test/recordings/check_bond_speed.
const TAP = `Settings for tap0:
\tSupported ports: [  ]
\tSupported link modes:   Not reported
\tSupported pause frame use: No
\tSupports auto-negotiation: No
\tSupported FEC modes: Not reported
\tAdvertised link modes:  Not reported
\tAdvertised pause frame use: No
\tAdvertised auto-negotiation: No
\tAdvertised FEC modes: Not reported
\tSpeed: 10000Mb/s
\tDuplex: Full
\tAuto-negotiation: off
\tPort: Twisted Pair
\tPHYAD: 0
\tTransceiver: internal
\tMDI-X: Unknown
        Current message level: 0x00000000 (0)

\tLink detected: yes
`;

describe('ethtool NAME', () => {
  it('tells the modes of both ends, several to a line', () => {
    const modes = ['100baseT/Full', '1000baseT/Full', '10000baseT/Full'];
    expect(parseEthtool(COPPER)).toEqual({
      advertised: modes,
      partner: ['100baseT/Half', '100baseT/Full', '1000baseT/Full'],
    });
  });

  it('tells none of virtual devices', () => {
    expect(parseEthtool(TAP)).toEqual({ advertised: null, partner: null });
  });

  it('has the speed of a mode in its name', () => {
    const modes = [
      '10baseT/Half',
      '2500baseX/Full',
      '10000baseR_FEC',
      '100000baseKR4/Full',
      'none',
      'x10baseT',
    ];
    expect(modes.map(speedOfMode)).toEqual([10, 2500, 10000, 100000, 0, 0]);
  });

  it.each([COPPER, TAP])('is an error where it is cut', (text) => {
    const speed = text.indexOf('Speed: ') + 'Speed: '.length;
    for (let end = 0; end < speed; end += 1) {
      expect(() => parseEthtool(text.slice(0, end))).toThrow(FormatError);
    }
    // What is read is complete here.
    for (let end = speed; end < text.length; end += 1) {
      expect(parseEthtool(text.slice(0, end))).toEqual(parseEthtool(text));
    }
  });

  it('is the link alone where the user may ask for nothing else', () => {
    expect(parseEthtool('Settings for lo:\n\tLink detected: yes\n')).toEqual({
      advertised: null,
      partner: null,
    });
  });

  it.each([
    ['', 'no settings'],
    ['netlink error: No such device\n', 'no settings'],
    ['No data available\n', 'no settings'],
    [`netlink error: Operation not permitted\n${COPPER}`, 'no settings'],
    [COPPER.replace('eth0', ''), 'no settings'],
    [COPPER.replace('Settings', 'Limits'), 'no settings'],
    [COPPER.replace('\tSpeed', '\tPort\tSpeed').replace(/\tLink detected.*/, ''), 'it is cut off'],
  ])('is an error: %j', (text, message) => {
    expect(() => parseEthtool(text)).toThrow(FormatError);
    expect(() => parseEthtool(text)).toThrow(/^ethtool: (?:no settings, found "|has no "Speed" and no "Link detected", )/);
    expect(() => parseEthtool(text)).toThrow(message);
  }); // prettier-ignore

  it('throws nothing but FormatError', () => {
    const lines = COPPER.split('\n');
    const text = fc.array(fc.oneof(fc.constantFrom(...lines), fc.string())).map((some) => some.join('\n'));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (any) => {
        try {
          parseEthtool(any);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
