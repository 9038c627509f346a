import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseProcNetVlan } from '../../lib/parsers/proc-net-vlan.ts';
import { FormatError } from '../../lib/parsers/text.ts';

const HEAD = 'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n';

/** As vlandev_seq_show prints it: "%-15s| %d  | %s\n". */
function line(name: string, id: number, parent: string): string {
  return `${name.padEnd(15)}| ${id}  | ${parent}\n`;
}

describe('/proc/net/vlan/config', () => {
  it('has a line for each VLAN device', () => {
    expect(parseProcNetVlan(HEAD + line('eth0.5', 5, 'eth0') + line('vlan200', 200, 'bond0.100'))).toEqual([
      { name: 'eth0.5', id: 5, parent: 'eth0' },
      { name: 'vlan200', id: 200, parent: 'bond0.100' },
    ]);
    expect(parseProcNetVlan(HEAD)).toEqual([]);
  });

  it('leaves no blank before the bar for a name of 15 characters', () => {
    expect(parseProcNetVlan(`${HEAD}enp0s31f6.1000x| 5  | enp0s31f6\n`)).toEqual([
      { name: 'enp0s31f6.1000x', id: 5, parent: 'enp0s31f6' },
    ]);
  });

  it('gives back what the kernel printed, for any names that it allows', () => {
    const name = fc.stringMatching(/^[^\s/:]{1,15}$/).filter((text) => !text.includes('| '));
    fc.assert(
      fc.property(fc.array(fc.record({ name, id: fc.nat(4094), parent: name })), (lines) => {
        const text = HEAD + lines.map((one) => line(one.name, one.id, one.parent)).join('');
        expect(parseProcNetVlan(text)).toEqual(lines);
      }),
    );
  });

  it.each([
    ['empty', ''],
    ['another file', 'Inter-|   Receive\n face |bytes\n'],
    ['without its first line', HEAD.replace('VLAN', 'LAN')],
    ['without its second line', HEAD.replace('Name-Type', 'Type')],
  ])('is refused: %s', (_, text) => {
    const place = '/proc/net/vlan/config';
    const first = text.split('\n')[0];
    expect(() => parseProcNetVlan(text)).toThrow(
      new FormatError(place, 'does not begin with its two lines of headings', first),
    );
  });

  it.each([
    ['cut', 'eth0.5         | 5 '],
    ['without a number', 'eth0.5         | x  | eth0'],
    ['without a name', '               | 5  | eth0'],
    ['with nothing before the bar', '| 5  | eth0'],
    ['that begins with a blank', ' eth0.5        | 5  | eth0'],
    ['without the device below', 'eth0.5         | 5  | '],
    ['with two devices below', 'eth0.5         | 5  | eth0 eth1'],
    ['with another width', 'eth0.5         | 5   | eth0'],
  ])('is refused for a line %s', (_, bad) => {
    expect(() => parseProcNetVlan(`${HEAD}${line('eth0.4', 4, 'eth0')}${bad}\n`)).toThrow(
      new FormatError('/proc/net/vlan/config', 'line 4 is no VLAN device', bad),
    );
  });

  it('throws nothing but FormatError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseProcNetVlan(HEAD + text);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
