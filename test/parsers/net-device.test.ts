import { describe, expect, it } from 'vitest';

import { parseNetDev, parseUevent } from '../../lib/parsers/net-device.ts';

describe('parseUevent', () => {
  // Linux 6.1, `cat /sys/class/net/NAME/uevent`.
  it.each([
    ['INTERFACE=lo\nIFINDEX=1\n', { INTERFACE: 'lo', IFINDEX: '1' }],
    ['DEVTYPE=vlan\nINTERFACE=eth0.5\nIFINDEX=7\n', { DEVTYPE: 'vlan', INTERFACE: 'eth0.5', IFINDEX: '7' }],
  ])('reads %j', (text, fields) => {
    expect(Object.fromEntries(parseUevent(text))).toEqual(fields);
  });

  // A name may hold nearly anything (dev_valid_name in net/core/dev.c), but no white space and no slash.
  it('takes what stands behind the first = for the value', () => {
    expect(parseUevent('INTERFACE=a=b\nIFINDEX=2\n').get('INTERFACE')).toBe('a=b');
  });

  it.each([
    ['nothing', ''],
    ['the event file of another device', 'MAJOR=8\nMINOR=0\nDEVNAME=sda\nDEVTYPE=disk\n'],
    ['a name that only ends so', 'XINTERFACE=eth0\nIFINDEX=2\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseUevent(text)).toThrow('uevent: no INTERFACE');
  });
});

describe('parseNetDev', () => {
  // Linux 6.1.
  const HEADING =
    'Inter-|   Receive                                                |  Transmit\n' +
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';
  const COUNTERS =
    ' 254448    2924    0    0    0     0          0         0   254448    2924    0    0    0     0       0          0\n';

  it('reads the names, whatever they are padded to', () => {
    const text = `${HEADING}    lo:${COUNTERS}  eth0:${COUNTERS}averylongname15:${COUNTERS}`;
    expect([...parseNetDev(text)]).toEqual(['lo', 'eth0', 'averylongname15']);
  });

  it.each([
    ['nothing', ''],
    ['headings alone', HEADING],
    ['garbage', 'a\nb\nc\nd'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseNetDev(text)).toThrow('devices: none, not even loopback');
  });
});
