import { expect, it } from 'vitest';

import { redact, redactOutput } from '../../lib/host/redact.ts';
import { parseProxmoxConf } from '../../lib/parsers/proxmox-conf.ts';
import { parseProxmoxStorage } from '../../lib/parsers/proxmox-storage.ts';
import { parseXlCfg } from '../../lib/parsers/xl-cfg.ts';
import { parseXlListLong } from '../../lib/parsers/xl-list.ts';
import { xlListLong } from '../xen-host.ts';

const clean = (path: string, text: string): string => Buffer.from(redact(path, Buffer.from(text))).toString();

it('no password of a console is recorded from xl', () => {
  const text = xlListLong({ 1: { disable_migrate: 'True' } });
  expect(text).toContain('hunter2');
  expect(redactOutput(text)).not.toContain('hunter2');
  expect(parseXlListLong(redactOutput(text))).toEqual(parseXlListLong(text));
});

it('no password is recorded from a configuration of Xen, which stays one', () => {
  const text = `name = "a" # hunter2
vncpasswd = "hunter2"; spicepasswd='hun"ter2'
vfb = [ 'type=vnc,vncunused=1,vncpasswd=hunter2' ]
nomigrate = 1
`;
  const kept = clean('/etc/xen/a.cfg', text);
  expect(kept).not.toMatch(/hun"?ter2/);
  expect(parseXlCfg(kept)).toEqual(parseXlCfg(text));
});

it('no password is recorded from a configuration of Proxmox, which stays one', () => {
  const text = `#the password is hunter2
args: -cpu host,+invtsc -vnc :1,password=hunter2
cipassword: hunter2
name: a
smbios1: uuid=4507aaf2-e0db-005c-e863-2016f2779ae8
`;
  const kept = clean('/etc/pve/qemu-server/100.conf', text);
  expect(kept).not.toContain('hunter2');
  expect(parseProxmoxConf(kept)).toMatchObject({ name: 'a', uuid: '4507aaf2-e0db-005c-e863-2016f2779ae8' });
  expect(parseProxmoxConf(kept).args).toContain('+invtsc');
});

it('no key of a plug-in is recorded from the storages of Proxmox, which stay what they are', () => {
  const text = `zfs: san
\tiscsiprovider freenas
\tfreenas_password hunter2
\ttruenas_api_token hunter2 and more
\tshared 1
\tnodes jill,kaya
`;
  const kept = clean('/etc/pve/storage.cfg', text);
  expect(kept).not.toContain('hunter2');
  expect(kept).toContain('\tiscsiprovider freenas\n');
  expect(parseProxmoxStorage(kept)).toEqual(parseProxmoxStorage(text));
});
