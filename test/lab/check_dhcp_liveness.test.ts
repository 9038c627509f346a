/** check_dhcp_liveness, built, on real clients and servers that talk to each other. */
import { join } from 'node:path';

import { beforeAll, beforeEach, expect, it } from 'vitest';

import { bundleAll } from '../../tools/bundle.mjs';
import { DHCP, startDhcpHost, type DhcpHost } from './dhcp.ts';
import { lab, scratch, until } from './lab.ts';

let plugin: string;

beforeAll(async () => {
  const folder = scratch();
  await bundleAll('check_dhcp_liveness', folder);
  plugin = join(folder, 'bin/check_dhcp_liveness');
});

async function check(host: DhcpHost, ...args: string[]) {
  const { code, signal, stdout, stderr } = await host.run([plugin, ...args]);
  expect({ signal, stderr }).toEqual({ signal: null, stderr: '' });
  const [first = ''] = stdout.split('\n');
  const [line = '', perfdata = ''] = first.split(' | ');
  if (process.env['SHOW'] === '1') console.log(`${code} ${stdout}`);
  return { code, line, perfdata, text: stdout };
}

lab(DHCP, 'a real dhclient', () => {
  let host: DhcpHost;
  beforeEach(async () => {
    host = await startDhcpHost();
    await host.dnsmasq();
  });

  it('is OK while it renews', async () => {
    await host.dhclient();
    expect(await check(host, '-v')).toMatchObject({ code: 0 });
  });

  it('is CRITICAL when it was killed and its lease is still valid, and OK when it is back', async () => {
    await host.dhclient();
    await host.sh('pkill -9 dhclient');
    const { code, line, text } = await check(host);
    expect(code).toBe(2);
    expect(line).toContain('v1: no DHCP client');
    expect(text).toContain('dhclient -4 -pf /run/dhclient.v1.pid');
  });
});

void until;
