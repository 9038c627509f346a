import { expect, it } from 'vitest';

import { entriesOf } from '../../lib/host/entries.ts';
import { redact, redactOutput } from '../../lib/host/redact.ts';
import { parseDnsmasqLog } from '../../lib/parsers/dnsmasq-log.ts';
import { parseIfcfg, parseInterfaces } from '../../lib/parsers/dhcp-interfaces.ts';

const clean = (path: string, text: string): string => Buffer.from(redact(path, Buffer.from(text))).toString();

it('no key of a wireless network and no command is recorded from /etc/network/interfaces, which stays one', () => {
  const text = `# hunter2
auto wlan0 eth0
iface wlan0 inet dhcp
    wpa-ssid home
    wpa-psk hunter2 \\
        hunter2
    wireless-key s:hunter2
    up pppd password hunter2
iface eth0 \\
  inet dhcp
`;
  for (const path of ['/etc/network/interfaces', '/etc/network/interfaces.d/wlan0']) {
    const kept = clean(path, text);
    expect(kept).not.toContain('hunter2');
    expect(kept).toContain('    wpa-psk ***\n***\n');
    expect(parseInterfaces(kept)).toEqual(parseInterfaces(text));
    expect(parseInterfaces(kept)).toHaveLength(2);
  }
});

it('no key is recorded from an ifcfg file, which stays one', () => {
  const text =
    'DEVICE=eth0\nBOOTPROTO=dhcp\nKEY1=s:hunter2\nWPA_PSK="hunter2"\nIEEE_8021X_PASSWORD=hunter2\n';
  const kept = clean('/etc/sysconfig/network-scripts/ifcfg-eth0', text);
  expect(kept).not.toContain('hunter2');
  expect(parseIfcfg(kept, 'ifcfg-eth0')).toBe('eth0');
});

it('no password is recorded from the configuration of libvirt', () => {
  const text = '#vnc_password = "hunter2"\nspice_password="hunter2"\nstdio_handler = "file"\n';
  const kept = clean('/etc/libvirt/qemu.conf', text);
  expect(kept).toBe('#vnc_password = "***"\nspice_password= "***"\nstdio_handler = "file"\n');
});

it('of a log only what DHCP servers say is recorded, and when the rest was said', () => {
  const text = `Nov 21 12:07:45 kvm1 dnsmasq-dhcp[13]: DHCPACK(v0) 10.98.0.29 3a:90:8e:f1:92:2a
Nov 21 12:07:46 kvm1 sudo: nagios : COMMAND=/usr/bin/mysql -phunter2
2026-11-21T12:07:47.123456+00:00 kvm1 app[1]: password hunter2
hunter2 without a stamp
`;
  const kept = clean('/var/log/syslog', text);
  expect(kept).not.toContain('hunter2');
  expect(kept).toContain('\nNov 21 12:07:46 ***\n');
  expect(parseDnsmasqLog(kept, 2026)).toEqual(parseDnsmasqLog(text, 2026));
});

it('no password is recorded from the arguments of a kernel, of files and of lines of them', () => {
  const options =
    'linux /vmlinuz-6.1 root=/dev/sda1 rd.iscsi.password=hunter2 netroot=iscsi:me:hunter2@10.0.0.1::::iqn quiet';
  const want = '/boot/grub/grub.cfg';
  const question = { op: 'lines', path: want, containing: 'vmlinuz-', max: 9999 } as const;
  const [entry] = entriesOf({ lines: question }, { lines: { ok: true, value: [options, options] } });
  for (const text of [clean('/boot/loader/entries/a.conf', options), ...(entry?.lines ?? [])]) {
    expect(text).not.toContain('hunter2');
    expect(text).toMatch(/^linux \/vmlinuz-6\.1 root=\/dev\/sda1 .* quiet$/);
  }
  expect(entry?.lines).toHaveLength(2);
  expect(entriesOf({ lines: question }, { lines: { ok: true, value: [] } })[0]?.lines).toEqual([]);
  expect(redactOutput(`<os><cmdline>${options}</cmdline></os>`)).not.toContain('hunter2');
});

it('no password is recorded from what management tools note in a definition, and no cookie', () => {
  const xml = `<metadata><cockpit_machines:data xmlns:cockpit_machines="https://x"><cockpit_machines:root_password>hunter2</cockpit_machines:root_password></cockpit_machines:data></metadata>
<cookies><cookie name='session'>hunter2</cookie></cookies><name>kept</name>`;
  expect(clean('/etc/libvirt/qemu/a.xml', xml)).not.toContain('hunter2');
  expect(redactOutput(xml)).toContain('<name>kept</name>');
});
