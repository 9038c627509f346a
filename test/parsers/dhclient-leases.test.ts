import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDhclientLeases } from '../../lib/parsers/dhclient-leases.ts';
import { FormatError } from '../../lib/parsers/text.ts';

// Recorded from dhclient 4.4.3-P1 of Debian 12.
const RECORDED = `lease {
  interface "v1";
  fixed-address 10.98.0.29;
  option subnet-mask 255.255.255.0;
  option dhcp-lease-time 120;
  option routers 10.98.0.1;
  option dhcp-message-type 5;
  option dhcp-server-identifier 10.98.0.1;
  option dhcp-renewal-time 3;
  option dhcp-rebinding-time 100;
  option broadcast-address 10.98.0.255;
  renew 6 2026/11/21 12:08:18;
  rebind 6 2026/11/21 12:09:54;
  expire 6 2026/11/21 12:10:14;
}
`;
const AT = Date.UTC(2026, 10, 21, 12, 8, 18) / 1000;

describe('a lease of IPv4', () => {
  it('is read as it was recorded', () => {
    expect(parseDhclientLeases(RECORDED)).toEqual([
      {
        family: 4,
        interfaceName: 'v1',
        address: '10.98.0.29',
        renewAt: AT,
        rebindAt: AT + 96,
        expiresAt: AT + 116,
        leaseSeconds: 120,
        isReleased: false,
      },
    ]);
  });

  it.each([
    ['the last block of an interface', RECORDED.replace('.29', '.11') + RECORDED],
    ['the last whole block', `${RECORDED}lease {\n interface "v1";\n fixed-address 10.`],
    ['a last block cut within a string', `${RECORDED}lease {\n interface "v1`],
    ['everything on one line', RECORDED.replaceAll('\n', ' ')],
    ['comments', `# made by\n${RECORDED.replaceAll(';\n', '; # } lease {\n')}`],
    ['what looks like a lease in a string', RECORDED.replace('option routers', 'option x "a; } lease { interface \\"v9\\"; fixed-address 1.2.3.4; \\042";\noption routers')],
    ['a DUID before it', `default-duid "\\000\\004N&+>\\315";\n${RECORDED}`],
    ['local dates', RECORDED.replace(/renew .*;/, `renew epoch ${AT}; # Sat Nov 21 13:08:18 2026`)],
  ])('is found: %s', (_, text) => {
    expect(parseDhclientLeases(text)).toMatchObject([{ interfaceName: 'v1', address: '10.98.0.29', renewAt: AT }]);
  }); // prettier-ignore

  it('is one for each interface', () => {
    const two = parseDhclientLeases(RECORDED + RECORDED.replace('"v1"', '"v2"'));
    expect(two.map(({ interfaceName }) => interfaceName)).toEqual(['v1', 'v2']);
  });

  it.each([
    ['never', RECORDED.replace(/(renew|rebind|expire) .*;/g, '$1 never;')],
    ['in 2156', RECORDED.replace('lease-time 120', 'lease-time 4294967295')],
  ])('is infinite: %s', (_, text) => {
    expect(parseDhclientLeases(text)).toMatchObject([{ renewAt: null, expiresAt: null }]);
  });

  it('is released where its times are one', () => {
    const text = RECORDED.replace(/(renew|rebind|expire) .*;/g, '$1 6 2026/11/21 12:08:20;');
    expect(parseDhclientLeases(text)).toMatchObject([{ isReleased: true }]);
  });
});

// Hand-made after client/dhclient.c, write_client6_lease.
const SIX = `default-duid "\\000\\001";
lease6 {
  interface "eth0";
  ia-na aa:bb:cc:dd {
    starts 1612345678;
    renew 1000;
    rebind 2000;
    iaaddr 2001:db8::1 {
      starts 1612345678;
      preferred-life 3000;
      max-life 4000;
    }
  }
  option dhcp6.client-id 0:1:0:1;
}
`;

describe('a lease of IPv6', () => {
  it('counts from its start', () => {
    expect(parseDhclientLeases(SIX)).toMatchObject([
      { family: 6, address: '2001:db8::1', renewAt: 1612346678, rebindAt: 1612347678, expiresAt: 1612349678, leaseSeconds: 4000, isReleased: false },
    ]);
  }); // prettier-ignore

  it('may be released, infinite, or a prefix', () => {
    expect(parseDhclientLeases(SIX.replace('  option', '  released;\n  option'))).toMatchObject([{ isReleased: true }]);
    expect(parseDhclientLeases(SIX.replace('4000', '4294967295'))).toMatchObject([{ expiresAt: null }]);
    expect(parseDhclientLeases(SIX.replace('ia-na', 'ia-pd').replace('iaaddr', 'iaprefix'))).toMatchObject([{ address: null }]);
  }); // prettier-ignore
});

it.each(['', '# only a comment\n', 'lease {', 'default-duid "x";\n'])('no lease is none: %j', (text) => {
  expect(parseDhclientLeases(text)).toEqual([]);
});

it.each([
  '\0\0',
  'no lease at all;',
  '}',
  'lease { a { b }}}',
  RECORDED.replace('2026/11/21', 'soon'),
  'lease {'.repeat(50),
])('refuses %j', (text) => {
  expect(() => parseDhclientLeases(text)).toThrow(FormatError);
});

it('never throws anything but FormatError', () => {
  const word = fc.constantFrom('lease', 'lease6', '{', '}', ';', ' ', '"', '\\', '#', '\n', 'interface', '"eth0"', 'renew', 'never', 'ia-na', 'starts', '1', 'option'); // prettier-ignore
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((all) => all.join(' ')),
      ),
      (text) => {
        try {
          parseDhclientLeases(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
  );
});
