/** What watching costs: how often the checks run, from their intervals, and the CPU that takes, from a measurement. */
import type { AnyPlugin } from '../plugin.ts';
import { table } from './marks.ts';

const PER_HOUR = { '1m': 60, '5m': 12, '15m': 4, '1h': 1 } as const;

/**
 * Milliseconds of CPU for one run, user and system, as `npm run bench -- --sudo` prints them; an empty script on the same node takes
 * 32 to 36. Measured as icinga-conf/icinga2/README.md says.
 */
const CPU_MS: Readonly<Record<string, number>> = {
  check_bond_speed: 35,
  check_console_log: 45,
  check_daemontools: 45,
  check_dhcp_liveness: 85,
  check_guest_migration: 110,
  check_invtsc: 40,
  check_uptime_kernel: 190,
  check_vlan_mtu: 45,
};
/** Of a check that nobody has measured yet. */
const OTHERS_MS = 100;
/** What sudo and the second process add to a run; a run over SSH, here and on the machine that is looked at. */
const MORE_MS = { sudo: 110, ssh: 175, far: 30 } as const;

const HOSTS = 100;

export function loadPage(plugins: readonly AnyPlugin[]): string {
  const perHour = plugins.reduce((sum, { interval }) => sum + PER_HOUR[interval], 0);
  const msPerHour = plugins.reduce((sum, { name, interval }) => sum + PER_HOUR[interval] * cpuMs(name), 0);
  return [
    '<!-- Generated from the declarations of the checks, do not edit. -->',
    '',
    '# What it costs',
    '',
    table(
      ['check', 'every', 'runs an hour', 'CPU of a run'],
      [
        ...plugins.map(({ name, interval }) => [
          `[${name}](../../plugins/${name}.md)`,
          interval,
          String(PER_HOUR[interval]),
          `${cpuMs(name)} ms`,
        ]),
        ['all of one hypervisor', '', String(perHour), `${(msPerHour / perHour).toFixed(0)} ms on average`],
      ],
    ),
    '',
    `That is ${perMinute(perHour)} checks a minute for one hypervisor, and ${perMinute(perHour * HOSTS)} for ${HOSTS}.`,
    '',
    table(
      ['how the checks are run', 'of one CPU'],
      [
        ['agent or NRPE, on each hypervisor', share(msPerHour)],
        ['the same with --sudo', share(msPerHour + perHour * MORE_MS.sudo)],
        ['SSH, on each hypervisor', share(perHour * MORE_MS.far)],
        [`SSH, on the satellites, for ${HOSTS} hypervisors together`, share(perHour * MORE_MS.ssh * HOSTS)],
      ],
    ),
    '',
    `Runs after a fault come in addition, one a minute for two minutes. How it was measured: [README.md](README.md).`,
    '',
  ].join('\n');
}

function cpuMs(name: string): number {
  return CPU_MS[name] ?? OTHERS_MS;
}

function share(msPerHour: number): string {
  return `${(msPerHour / 36_000).toFixed(2)} %`;
}

function perMinute(perHour: number): string {
  return (perHour / 60).toFixed(perHour < 600 ? 1 : 0);
}
