/** What watching costs: how often the checks run, from their intervals, and the CPU that takes, from a measurement. */
import type { AnyPlugin } from '../plugin.ts';

const PER_HOUR = { '1m': 60, '5m': 12, '15m': 4, '1h': 1 } as const;

/**
 * Milliseconds of CPU for one run, user and system. Measured as icinga-conf/icinga2/README.md says, on the slowest of the
 * checks that were there: 37 to 60 ms by itself, of which an empty script on the same node takes 32 to 36; over SSH 141 to
 * 174 ms where the check runs and 24 to 29 ms on the machine that is looked at.
 */
const CPU_MS = { local: 60, ssh: 175, far: 30 } as const;

const HOSTS = 100;

export function loadPage(plugins: readonly AnyPlugin[]): string {
  const perHour = plugins.reduce((sum, { interval }) => sum + PER_HOUR[interval], 0);
  const share = (ms: number, hosts = 1): string => `${((perHour * hosts * ms) / 36_000).toFixed(2)} %`;
  return [
    '<!-- Generated from the declarations of the checks, do not edit. -->',
    '',
    '# What it costs',
    '',
    '| check | every | runs an hour |',
    '| --- | --- | --- |',
    ...plugins.map(
      ({ name, interval }) => `| [${name}](../../plugins/${name}.md) | ${interval} | ${PER_HOUR[interval]} |`,
    ),
    `| all of one hypervisor | | ${perHour} |`,
    '',
    `That is ${perMinute(perHour)} checks a minute for one hypervisor, and ${perMinute(perHour * HOSTS)} for ${HOSTS}.`,
    '',
    '| how | CPU of a run | of one CPU |',
    '| --- | --- | --- |',
    `| agent or NRPE, on each hypervisor | ${CPU_MS.local} ms | ${share(CPU_MS.local)} |`,
    `| SSH, on each hypervisor | ${CPU_MS.far} ms | ${share(CPU_MS.far)} |`,
    `| SSH, on the satellites, for ${HOSTS} hypervisors together | ${CPU_MS.ssh} ms | ${share(CPU_MS.ssh, HOSTS)} |`,
    '',
    `Runs after a fault come in addition, one a minute for two minutes. How it was measured: [README.md](README.md).`,
    '',
  ].join('\n');
}

function perMinute(perHour: number): string {
  return (perHour / 60).toFixed(perHour < 600 ? 1 : 0);
}
