/** VLAN devices whose tags do not fit the MTU of what they stand on: small packets pass, large ones vanish. */
import { gatherLinks, LINK_QUESTIONS } from '../lib/facts/gather-links.ts';
import { keyOf, nearestFinder, type Link, type Links } from '../lib/facts/links.ts';
import { TENANT_INTERFACE_QUESTIONS, tenantInterfaces } from '../lib/facts/tenant-interfaces.ts';
import { anyMatcher } from '../lib/glob.ts';
import { flag, names } from '../lib/option.ts';
import { definePlugin } from '../lib/plugin.ts';
import { inWords } from '../lib/reading.ts';
import { naturalCompare } from '../lib/report/natural.ts';
import { judgeTenantInterfaces } from '../lib/rules/tenant-interfaces.ts';
import { itemOf, judgeVlans, vlanOf, type Vlan } from '../lib/rules/vlan-mtu.ts';
import { judgeExpected, notLookedAt } from '../lib/rules/vlan-expected.ts';
import { pathsIn } from '../lib/rules/vlan-paths.ts';

export default definePlugin({
  name: 'check_vlan_mtu',
  summary: 'finds VLAN devices stacked on VLANs whose tags the network cards below have no room for',
  description: [
    'A network card passes frames of its MTU with one VLAN tag. A VLAN device that stands on another VLAN device sends ' +
      'two, and Linux takes nothing off its MTU for that: full-size packets leave 4 bytes too long and vanish at the card ' +
      'or the switch, while small ones pass. Ping and login work, everything that sends much hangs.',
    'The check follows each VLAN device down to the cards, through VLANs, bonds, teams, bridges, veth pairs and macvlans. With T tags ' +
      'on the way and the MTU M of the VLAN device, every card needs an MTU of M + 4 * (T - 1); what is left of it is the ' +
      'headroom. One tag at the same MTU is as it should be. It also reads which devices nova and neutron put the VLANs ' +
      'of tenants on: one that is a VLAN itself is where the trouble begins.',
  ],
  options: {
    vlan: names('look only at these VLAN devices, name or glob; a name that is not there is a finding'),
    ignore: names(
      'leave out the chains with this device in them, where two tags are known to pass; name or glob',
    ),
    netns: names('look into this network namespace as well, name or glob, or all (as root)'),
    'include-down': flag('look at VLAN devices that are down as well'),
  },
  kinds: {
    'no-room': {
      state: 'warning',
      meaning:
        'the tags of a VLAN device do not fit the MTU of what it stands on (headroom below 0, or outside the range of -w)',
    },
    'mtu-above': {
      state: 'warning',
      meaning:
        'a device below a VLAN, such as one slave of a bond or an uplink of a bridge, has a smaller MTU than it',
    },
    'stacked-config': {
      state: 'warning',
      meaning: 'nova or neutron is told to put the VLANs of tenants on a device that is itself a VLAN',
    },
    'parent-down': {
      state: 'warning',
      meaning: 'a VLAN is up, and what it stands on is down or has no carrier',
    },
    'parent-elsewhere': {
      state: 'unknown',
      meaning: 'what a VLAN stands on is missing, or in a network namespace that was not looked into',
    },
    absent: {
      state: 'critical',
      meaning: 'a VLAN device given to --vlan by its whole name is not there (one that is down is)',
    },
    'config-denied': {
      state: 'ok',
      meaning: 'the configuration of nova or neutron cannot be read by this user',
    },
  },
  metrics: {
    vlans: { unit: '', meaning: 'VLAN devices', min: 0 },
    stacked: { unit: '', meaning: 'of these, those with more than one tag on their way', min: 0 },
    headroom: { unit: 'B', meaning: 'smallest headroom, what is left of an MTU below after all tags' },
  },
  main: 'headroom',
  looksFor: 'VLAN devices',
  interval: '5m',
  access: {
    unprivileged: 'all devices of its own network namespace (sysfs)',
    root: 'nova.conf and the files of neutron where others may not read them, and other network namespaces (--netns)',
    elsewhere: '--netns all',
    reads: ['/proc/net/dev', '/proc/net/vlan/config', '/sys/class/net/*/*'],
    // OpenStack's files hold the passwords of databases and message brokers.
    secrets: [
      '/etc/nova/*.conf',
      '/etc/nova/*.conf.d/*.conf',
      '/etc/kolla/nova-*/nova.conf',
      '/etc/kolla/neutron-*/*.ini',
      '/etc/neutron/*.ini',
      '/etc/neutron/*.conf',
      '/etc/neutron/conf.d/common/*.conf',
      '/etc/neutron/conf.d/neutron-linuxbridge-agent/*.conf',
      '/etc/neutron/plugins/*/*.ini',
      '/etc/quantum/plugins/*/*.ini',
    ],
    runs: ['ip -d -j link', 'ip -j netns list', 'ip -n * -d -j link', 'ip -n * -j netns list'],
  },
  examples: [
    { args: '', does: 'all VLAN devices, and the configuration of OpenStack' },
    {
      args: '--netns all',
      does: 'also those of all named network namespaces, qrouter-* and qdhcp-* among them',
    },
    {
      args: '--ignore bond0',
      does: 'leave out what leaves through bond0, whose cards and switch take two tags',
    },
    { args: '-w -4:', does: 'two tags are known to pass everywhere, three are not' },
    {
      args: '--stacked-config ok -c 0:',
      does: 'tenants in a VLAN are meant; CRITICAL without room for their tags',
    },
    { args: '-v', does: 'one line for each VLAN device, with its chain' },
  ],

  async gather(host, options) {
    const first = await host.ask({ ...LINK_QUESTIONS, ...TENANT_INTERFACE_QUESTIONS });
    return {
      links: await gatherLinks(host, first, options.netns),
      tenants: tenantInterfaces(first),
    };
  },

  judge({ links, tenants }, options) {
    const paths = pathsIn(links.all);
    const isIgnored = anyMatcher(options.ignore);
    const all = [...links.all.values()].filter(({ kind }) => kind === 'vlan');
    const chosen = chosenOf(all, links, options.vlan, options.ignore);
    const vlans = chosen
      .filter(({ isUp }) => isUp !== false || options['include-down'])
      .map((link) => vlanOf(link, paths))
      .sort((a, b) => naturalCompare(keyOf(a.link.netns, a.link.name), keyOf(b.link.netns, b.link.name)));
    const config = judgeTenantInterfaces(tenants, links, paths, isIgnored);
    const findings = [
      ...judgeVlans(vlans, links, paths),
      ...config.findings,
      ...judgeExpected(options.vlan, links),
      ...[...links.unread, ...links.unclear].map((failure) => ({
        kind: 'unseen' as const,
        subject: '',
        text: inWords(failure),
        timedOut: failure.why === 'timedOut',
      })),
    ];
    const rooms = vlans.flatMap(({ headroom }) => headroom ?? []);
    const smallest = rooms.length === 0 ? null : rooms.reduce((least, room) => Math.min(least, room));
    const stacked = vlans.filter(({ tags }) => tags > 1).length;
    const isNothing = vlans.length === 0 && links.unread.length === 0;
    const down = chosen.length - vlans.length;
    const isKnown = !findings.some(({ kind }) => kind === 'unseen' || kind === 'parent-elsewhere');
    return {
      findings,
      summary: isNothing ? '' : summaryOf(vlans, stacked, smallest, down),
      measurements: [
        { metric: 'vlans', value: vlans.length },
        { metric: 'stacked', value: stacked },
        // Where no frame leaves the host there is nothing to measure, and no reason for a threshold to complain.
        ...(smallest === null && isKnown ? [] : [{ metric: 'headroom' as const, value: smallest }]),
      ],
      items: [...vlans.map(itemOf), ...config.items, ...notLookedAt(links)],
      ...(isNothing ? { none: nothing(links, all.length, down) } : {}),
    };
  },
});

/** A chain is left out where any device of it is named. */
function chosenOf(
  vlans: readonly Link[],
  { all }: Links,
  only: readonly string[],
  ignore: readonly string[],
): readonly Link[] {
  const isWanted = only.length === 0 ? () => true : anyMatcher(only);
  const isIgnored = anyMatcher(ignore);
  const ignoredBelow = ignore.length === 0 ? () => null : nearestFinder(all, ({ name }) => isIgnored(name));
  return vlans.filter((link) => isWanted(link.name) && ignoredBelow(link) === null);
}

function summaryOf(vlans: readonly Vlan[], stacked: number, headroom: number | null, down: number): string {
  const count = vlans.length === 1 ? '1 VLAN device' : `${vlans.length} VLAN devices`;
  const room = headroom === null ? '' : `, smallest headroom ${headroom} bytes`;
  return `${count}, ${stacked === 0 ? 'none' : stacked} stacked${room}${down === 0 ? '' : `, ${down} down`}`;
}

function nothing({ all }: Links, vlans: number, down: number): string {
  if (vlans === 0) return `no VLAN devices: ${all.size} network devices, none of them a VLAN`;
  return `no VLAN devices to look at: of ${vlans}, ${down} down and ${vlans - down} left out`;
}
