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
    ['a statement of nothing', `;\n${RECORDED}`],
    ['an empty string', RECORDED.replace('option routers', 'option host-name "";\noption routers')],
    ['strings of one mark', RECORDED.replace('option routers', 'option a "}";\noption b "{";\noption c ";";\noption routers')],
    ['names in quotes', RECORDED.replace('expire', '"fixed-address" 9.9.9.9;\nexpire')],
    ['a block without an interface', `${RECORDED}lease {\n fixed-address 9.9.9.9;\n}\n`],
    ['a lease without a block', `lease;\n${RECORDED}`],
    ['a string that is not ended', `${RECORDED}lease {\n interface "v1;\n fixed-address 9.9.9.9;\n}\n`],
    ['a last statement that is not ended', RECORDED.replace('.29', '.28').replace(';\n}', '\n}').replace('expire', 'x;\nexpire') + RECORDED],
    ['local dates', RECORDED.replace(/renew .*;/, `renew epoch ${AT}; # Sat Nov 21 13:08:18 2026`)],
  ])('is found: %s', (_, text) => {
    expect(parseDhclientLeases(text)).toMatchObject([{ interfaceName: 'v1', address: '10.98.0.29', renewAt: AT }]);
  }); // prettier-ignore

  it('is one for each interface', () => {
    const two = parseDhclientLeases(RECORDED + RECORDED.replace('"v1"', '"v2"'));
    expect(two.map(({ interfaceName }) => interfaceName)).toEqual(['v1', 'v2']);
    const three = parseDhclientLeases(RECORDED + RECORDED.replace('"v1"', '"v2"') + RECORDED);
    expect(three.map(({ interfaceName }) => interfaceName)).toEqual(['v2', 'v1']);
  });

  it.each([
    ['v\\061', 'v1'],
    ['v\\501', 'vA'],
    ['v\\8', 'v8'],
    ['v\\"1', 'v"1'],
    ['v\\\\1', 'v\\1'],
    ['v\\n1', 'v\n1'],
    ['v\\r\\t\\b1', 'v\r\t\b1'],
  ])('has the escapes of its strings taken back: %j', (quoted, interfaceName) => {
    const text = RECORDED.replace('"v1"', () => `"${quoted}"`);
    expect(parseDhclientLeases(text)).toMatchObject([{ interfaceName }]);
  });

  it.each([
    ['option dhcp-lease-time x120;', null],
    ['option dhcp-lease-time 120x;', null],
    ['option dhcp-lease-time 12345678901;', null],
    ['unset dhcp-lease-time 120;', null],
    ['option dhcp-lease-time 4294967294;', 4294967294],
    ['option dhcp-lease-time 4294967295;', null],
  ])('with %j lasts %j seconds', (option, leaseSeconds) => {
    const text = RECORDED.replace('option dhcp-lease-time 120;', option);
    expect(parseDhclientLeases(text)).toMatchObject([{ leaseSeconds }]);
  });

  it('says nothing of a time that is not there', () => {
    const text = RECORDED.replace(/renew .*;/, '');
    expect(parseDhclientLeases(text)).toMatchObject([
      { renewAt: null, rebindAt: AT + 96, isReleased: false },
    ]);
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

  it.each(['renew', 'rebind', 'expire'])('is not released where %s alone is another time, nor where all are never', (name) => {
    const released = RECORDED.replace(/(renew|rebind|expire) .*;/g, '$1 6 2026/11/21 12:08:20;');
    const other = released.replace(new RegExp(`${name} .*;`), `${name} 6 2026/11/21 12:08:21;`);
    expect(parseDhclientLeases(other)).toMatchObject([{ isReleased: false }]);
    expect(parseDhclientLeases(released.replace(/6 2026.*;/g, 'never;'))).toMatchObject([{ isReleased: false }]);
  }); // prettier-ignore
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
    expect(parseDhclientLeases(SIX.replace('iaaddr 2001:db8::1', 'iaaddr'))).toMatchObject([{ address: null }]);
    expect(parseDhclientLeases(SIX.replace('ia-na', 'ia-pd').replace('iaaddr', 'iaprefix'))).toMatchObject([{ address: null }]);
  }); // prettier-ignore
});

describe('a lease of IPv6, as far as it is told,', () => {
  it.each([
    ['starts 1612345678;\n    renew', 'renew', null, 1612349678],
    ['renew 1000', 'renew 0', null, 1612349678],
    ['renew 1000', 'renew 4294967295', null, 1612349678],
    ['renew 1000', 'renew 1000x', null, 1612349678],
    ['renew 1000', 'renew x1000', null, 1612349678],
    ['renew 1000', 'renew 4294967294', 1612345678 + 4294967294, 1612349678],
    ['renew 1000;', '', null, 1612349678],
    // The address that lives longest, wherever it stands; of two that end together the first.
    ['iaaddr 2001', 'iaaddr 2001:db8::9 {starts 1612345679; max-life 3998;}\n iaaddr 2001', 1612346678, 1612349678],
    ['  }\n  option', 'iaaddr 2001:db8::9 {starts 1612345678; max-life 3999;}\n  }\n  option', 1612346678, 1612349678],
    ['  }\n  option', 'iaaddr 2001:db8::9 {starts 1612345679; max-life 3999;}\n  }\n  option', 1612346678, 1612349678],
    ['  }\n  option', 'iaaddr 2001:db8::9;\n other 2001:db8::9 {starts 1712345679; max-life 3999;}\n  }\n  option', 1612346678, 1612349678],
    ['  }\n  option', 'iaaddr 2001:db8::9 {max-life 9999;}\n iaaddr 2001:db8::9 {starts 1712345678;}\n  }\n  option', 1612346678, 1612349678],
  ])('with %j as %j', (from, to, renewAt, expiresAt) => {
    expect(SIX).toContain(from);
    expect(parseDhclientLeases(SIX.replace(from, to))).toMatchObject([{ address: '2001:db8::1', renewAt, expiresAt }]);
  }); // prettier-ignore

  it('is the longer one of two', () => {
    const longer = 'iaaddr 2001:db8::9 {starts 1612345678; max-life 5000;}\n  }\n  option';
    expect(parseDhclientLeases(SIX.replace('  }\n  option', longer))).toMatchObject([{ address: '2001:db8::9', leaseSeconds: 5000 }]);
  }); // prettier-ignore

  it.each([
    ['without an interface', 'interface "eth0";', ''],
    ['without an association', 'ia-na', 'ia-other'],
    ['with another one', 'ia-na', 'other-ia-na'],
    ['with one of a longer name', 'ia-na', 'ia-nap'],
    ['of another kind', 'lease6', 'failover'],
    ['without a life', 'max-life 4000;', ''],
    ['without a start', 'starts 1612345678;\n      preferred', 'preferred'],
    ['without an address', 'iaaddr', 'iaother'],
    ['with another address', 'iaaddr', 'viaaddr'],
    ['with an address of a longer name', 'iaaddr', 'iaaddress'],
  ])('is none: %s', (_, from, to) => {
    expect(SIX).toContain(from);
    expect(parseDhclientLeases(SIX.replace(from, to))).toEqual([]);
  });
});

it('blocks stand in each other up to 16 deep', () => {
  expect(parseDhclientLeases('lease {'.repeat(16) + '}'.repeat(16))).toEqual([]);
  expect(() => parseDhclientLeases('lease {'.repeat(17) + '}'.repeat(17))).toThrow(FormatError);
});

it.each(['', ' \n', '#\n', '# only a comment\n', 'lease {', 'default-duid "x";\n'])(
  'no lease is none: %j',
  (text) => {
    expect(parseDhclientLeases(text)).toEqual([]);
  },
);

it.each([
  '\0\0',
  `${RECORDED}\0`,
  'no lease at all;',
  'garbage',
  'a lease',
  'leasehold',
  'a-lease {}',
  'leases {}',
  ...[
    '66 2026/11/21 12:08:18',
    '6 2026/11/21 12:08:18 x',
    '6 2026/11/21 12:008:18',
    '6 2026/11/21 12:08:018',
    '6 999999/11/21 12:08:18',
    'epoch 5x',
    'x epoch 5',
  ].map((date) => RECORDED.replace(/expire .*;/, `expire ${date};`)),
  '}',
  'lease { a { b }}}',
  RECORDED.replace('2026/11/21', 'soon'),
  'lease {'.repeat(50),
])('refuses %j', (text) => {
  expect(() => parseDhclientLeases(text)).toThrow(FormatError);
});

it.each([
  ['\0', 'dhclient.leases: holds NUL bytes, it is no text'],
  ['no lease at all;', 'dhclient.leases: it begins with no lease'],
  ['}', 'dhclient.leases: a "}" that closes nothing'],
  ['lease {'.repeat(17), 'dhclient.leases: more than 16 blocks in each other'],
  [RECORDED.replace('6 2026/11/21 12:08:18', 'soon'), 'dhclient.leases, renew: no date, found "soon"'],
  [RECORDED.replace('6 2026/11/21 12:10:14', '6 999999/11/21 12:08:18'), 'dhclient.leases, expire: no date, found "6 999999/11/21 12:08:18"'],
])('says what is wrong with %j', (text, problem) => {
  expect(() => parseDhclientLeases(text)).toThrow(problem);
}); // prettier-ignore

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
