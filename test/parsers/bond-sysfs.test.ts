import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import * as parsers from '../../lib/parsers/bond-sysfs.ts';
import { FormatError } from '../../lib/parsers/text.ts';

describe('the files of a bond in sysfs', () => {
  it.each([
    ['mode', parsers.parseBondMode, 'balance-rr 0\n', 'balance-rr'],
    ['mode', parsers.parseBondMode, '802.3ad 4\n', '802.3ad'],
    ['mode, without its end of line', parsers.parseBondMode, 'active-backup 1', 'active-backup'],
    ['speed, without its end of line', parsers.parseSpeed, '1000', 1000],
    ['count, without its end of line', parsers.parseCount, '7', 7],
    ['flags, without their end of line', parsers.parseIsSwitchedOn, '0x1003', true],
    ['flags, in capitals', parsers.parseIsSwitchedOn, '0X100A\n', false],
    ['carrier', parsers.parseCarrier, '1\n', true],
    ['carrier, without its end of line', parsers.parseCarrier, '0', false],
    ['duplex', parsers.parseDuplex, 'full\n', 'full'],
    ['ad_actor_oper_port_state, in sync alone', parsers.parseIsInSync, '8\n', true],
    ['primary', parsers.parseWord, 'eth0\n', 'eth0'],
    ['primary, none', parsers.parseWord, '', null],
    ['primary_reselect', parsers.parseWord, 'failure 2\n', 'failure'],
    ['slaves', parsers.parseSlaves, 'eth1 eth0\n', ['eth1', 'eth0']],
    ['slaves, none', parsers.parseSlaves, '\n', []],
    ['slaves, more than fit', parsers.parseSlaves, 'eth1 ++more++ \n', null],
    ['speed', parsers.parseSpeed, '10000\n', 10000],
    ['speed, unknown', parsers.parseSpeed, '-1\n', null],
    ['speed, unknown to an old kernel', parsers.parseSpeed, '65535\n', null],
    ['speed, unknown to another', parsers.parseSpeed, '4294967295\n', null],
    ['speed, the slowest', parsers.parseSpeed, '1\n', 1],
    ['speed, none', parsers.parseSpeed, '0\n', null],
    ['duplex', parsers.parseDuplex, 'half\n', 'half'],
    ['duplex, unknown', parsers.parseDuplex, 'unknown\n', null],
    ['mii_status', parsers.parseLinkState, 'going back\n', 'going back'],
    ['flags', parsers.parseIsSwitchedOn, '0x1843\n', true],
    ['flags', parsers.parseIsSwitchedOn, '0x1802\n', false],
    ['carrier', parsers.parseCarrier, '0\n', false],
    ['miimon', parsers.parseCount, '100\n', 100],
    ['ad_actor_oper_port_state, in use', parsers.parseIsInSync, '63\n', true],
    ['ad_partner_oper_port_state, alone', parsers.parseIsInSync, '7\n', false],
    ['ad_partner_oper_port_state, of another mode', parsers.parseIsInSync, 'N/A\n', null],
  ])('%s', (_, parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['mode: no mode of the bonding driver', parsers.parseBondMode, ['active-backup', '', 'new-mode 7\n', 'active-backup 1 x']],
    ['speed: no number', parsers.parseSpeed, ['', '10 Gb/s\n', 'x10\n', '10x']],
    ['duplex: no duplex', parsers.parseDuplex, ['', 'fuller\n']],
    ['mii_status: no state of a link', parsers.parseLinkState, ['', 'upwards\n']],
    ['flags: no hexadecimal number', parsers.parseIsSwitchedOn, ['1843', '10x1843\n', '0x1843 x']],
    ['carrier: neither 0 nor 1', parsers.parseCarrier, ['', '01\n', '10\n']],
    ['sysfs: no number', parsers.parseCount, ['-5\n', 'x5\n', '5x']],
    ['sysfs: no number', parsers.parseIsInSync, ['']],
  ])('are an error: %s', (problem, parse, texts) => {
    for (const text of texts) {
      expect(() => parse(text)).toThrow(FormatError);
      expect(() => parse(text)).toThrow(`${problem}, found "${text.replace('\n', '\\u{a}')}"`);
    }
  }); // prettier-ignore

  it('throw nothing but FormatError', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(parsers)), fc.string({ unit: 'binary' }), (parse, text) => {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  }); // prettier-ignore
});
