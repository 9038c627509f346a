/** check_dhcp_liveness on hosts that answer anything: it never throws, and never takes "could not look" for "looked and fine". */
import fc from 'fast-check';
import { expect, it } from 'vitest';

import plugin from '../../plugins/check_dhcp_liveness.ts';
import { device, dhcpHost, NOW, type DhcpHost } from '../dhcp-host.ts';
import { replay } from '../plugin-test.ts';
import { spoiledOf } from '../spoiled.ts';

const FILE = '/var/lib/dhcp/dhclient.eth0.leases';

function date(at: number): string {
  const time = new Date(at * 1000);
  return `${time.getUTCDay()} ${time.toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')}`;
}

interface Shape {
  readonly client: 'none' | 'running' | 'stopped' | 'foreign';
  readonly age: number;
  readonly address: string | null;
  readonly left: number | null;
  readonly server: 'none' | 'running' | 'stopped' | 'silent';
  readonly network: boolean;
  readonly gap: number;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  client: fc.constantFrom('none', 'running', 'stopped', 'foreign'),
  age: fc.constantFrom(10, 1900, 3200, 4000, 9_000_000, -7200),
  address: fc.constantFrom('10.0.0.5', '10.0.0.6', null),
  left: fc.constantFrom(100, null),
  server: fc.constantFrom('none', 'running', 'stopped', 'silent'),
  network: fc.boolean(),
  gap: fc.constantFrom(0, 5, 60),
});

function hostOf({ client, age, address, left, server, network, gap }: Shape): DhcpHost {
  const at = (after: number): string => date(NOW - age + after);
  const lease = `lease {\n interface "eth0";\n fixed-address 10.0.0.5;\n option dhcp-lease-time 3600;\n renew ${at(1800)};\n rebind ${at(3150)};\n expire ${at(3600)};\n}\n`;
  const log = [3, 2, 1, 0].map((n) => ['REQUEST', 'ACK'].map((word) => `${new Date((NOW - n * gap) * 1000).toISOString().slice(0, 19)}+00:00 h dnsmasq-dhcp[200]: DHCP${word}(br0) 10.0.0.9 52:54:00:00:00:01\n`).join('')).join('');
  return {
    processes: {
      ...(client === 'none' ? {} : { 100: { argv: ['dhclient', '-lf', FILE, 'eth0'], state: client === 'stopped' ? 'T' : 'S', netns: client === 'foreign' ? 'net:[5]' : 'net:[1]' } }),
      ...(server === 'none' ? {} : { 200: { argv: ['dnsmasq', '-C', '/dev/null', '-F', '10.0.0.2,10.0.0.9,2m', '-x', '/run/libvirt/network/n.pid', '--leasefile-ro', '-8', '/var/log/dnsmasq.log'], state: server === 'stopped' ? 'T' : 'S', ports: server === 'silent' ? [] : [67] } }),
    },
    files: {
      [FILE]: lease,
      '/var/log/dnsmasq.log': log,
      '/proc/net/fib_trie': `Local:\n${address === null ? '' : `  |-- ${address}\n     /32 host LOCAL\n`}`,
      ...(network ? { '/run/libvirt/network/n.xml': "<network><name>n</name><ip address='10.0.0.1'><dhcp/></ip></network>" } : {}),
    },
    ip: JSON.stringify([device('eth0', 2, address === null ? [] : [[address, left]])]),
  };
} // prettier-ignore

/** Building a host is asynchronous, and a recording can be spoiled only when it is there: all of them are made first. */
const shapes = fc.sample(shape, { numRuns: 150, seed: 4 });
const recordings = await Promise.all(shapes.map((one) => dhcpHost(hostOf(one))));
const spoiled = spoiledOf(fc.constantFrom(...recordings));

it('never throws, whatever the host answers, and its output survives every consumer', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ spoiled: lines }) => {
      const { code, text } = await replay(plugin, lines, '-v');
      expect([0, 1, 2, 3]).toContain(code);
      expect(text).toMatch(/^DHCP_LIVENESS (OK|WARNING|CRITICAL|UNKNOWN) - \S/);
    }),
    { numRuns: 100 },
  );
});

/**
 * What may be missed without a word: what is gone when it is looked at (a process that ended, a file that was removed), and what
 * adds to something else that is read: configuration, pid files, executables, the state files of NetworkManager.
 */
const HARMLESS =
  /^(?:absent|vanished) |(?:\/etc\/(?:network|sysconfig|dnsmasq)|\.pid$|\/pid$|\/exe$|\/fd|\/run\/NetworkManager|\/status$|\/cgroup$|\/ns\/|\/sys\/class\/net|\/self\/)/;

it('never turns a fault into OK because something could not be read', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async ({ whole, spoiled: lines }) => {
      const changed = lines.filter((line, i) => line !== whole[i] && line !== '# gone');
      fc.pre(!changed.some((line) => HARMLESS.test(line)));
      const before = await replay(plugin, whole);
      fc.pre(before.code !== 0);
      const after = await replay(plugin, lines);
      expect(after.code, `${before.text}\n${after.text}\n${changed.join('\n')}`).not.toBe(0);
    }),
    { numRuns: 200, maxSkipsPerRun: 1000 },
  );
});

it('never throws for any bytes in the files it reads', async () => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all));
  await fc.assert(
    fc.asyncProperty(bytes, fc.string(), async (content, ip) => {
      const files = Object.fromEntries(
        [
          FILE,
          '/run/systemd/netif/leases/2',
          '/var/lib/dhcpcd/eth0.lease',
          '/var/log/dnsmasq.log',
          '/run/libvirt/network/n.xml',
          '/etc/network/interfaces',
          '/proc/net/fib_trie',
          '/proc/100/stat',
          '/proc/200/net/udp',
        ].map((path) => [path, content]),
      );
      const host = hostOf({ client: 'running', age: 10, address: '10.0.0.5', left: 100, server: 'running', network: false, gap: 60 });
      const { code } = await replay(plugin, await dhcpHost({ ...host, ip, files }));
      expect([2, 3]).toContain(code);
    }),
    { numRuns: 60 },
  );
}); // prettier-ignore
