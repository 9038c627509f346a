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
    [parsers.parseBondMode, 'active-backup'],
    [parsers.parseBondMode, ''],
    [parsers.parseBondMode, 'new-mode 7\n'],
    [parsers.parseSpeed, ''],
    [parsers.parseSpeed, '10 Gb/s\n'],
    [parsers.parseDuplex, ''],
    [parsers.parseLinkState, ''],
    [parsers.parseIsSwitchedOn, '1843'],
    [parsers.parseCarrier, ''],
    [parsers.parseCount, '-5\n'],
    [parsers.parseIsInSync, ''],
    [parsers.parseBondMode, 'active-backup 1 x'],
    [parsers.parseSpeed, 'x10\n'],
    [parsers.parseSpeed, '10x'],
    [parsers.parseCount, 'x5\n'],
    [parsers.parseCount, '5x'],
    [parsers.parseIsSwitchedOn, '10x1843\n'],
    [parsers.parseIsSwitchedOn, '0x1843 x'],
    [parsers.parseCarrier, '01\n'],
    [parsers.parseCarrier, '10\n'],
    [parsers.parseDuplex, 'fuller\n'],
  ])('are an error: %o of %j', (parse, text) => {
    expect(() => parse(text)).toThrow(FormatError);
  });

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
