/**
 * The incidents that the checks come from, each with a recording before and one after the repair. The recordings are those of the
 * tests (test/recordings); the build puts them beside the program.
 */
export interface Scene {
  readonly name: string;
  readonly check: string;
  /** What happened, for somebody who was not there. */
  readonly story: string;
  /** Recordings below test/recordings/CHECK, without `.txt`. */
  readonly before: string;
  readonly after: string;
  readonly args?: readonly string[];
  /** What was done between the two. */
  readonly repair: string;
}

export const SCENES: readonly Scene[] = [
  {
    name: 'invtsc',
    check: 'check_invtsc',
    story:
      'Guests are moved off a host every night before it reboots. One evening virsh migrate refuses: "domain has CPU feature: ' +
      'invtsc". An installer had written the feature into definitions for a year.',
    before: 'incident',
    after: 'repaired',
    repair: 'the feature is taken out of the definitions, the guests are shut down and started again',
  },
  {
    name: 'slow-slave',
    check: 'check_bond_speed',
    story:
      'A bond of a 10 Gb/s and a 1 Gb/s port, to save a second fast one. After a failure of the switch it stays on the slow port: ' +
      'nothing tells it to come back.',
    before: 'never-primary',
    after: 'healthy',
    repair: 'the fast port is made the primary one',
  },
  {
    name: 'valentine',
    check: 'check_bond_speed',
    story:
      'A guest sends spanning-tree packets, both switches shut their ports, and node after node loses its bond.',
    before: 'both-down',
    after: 'healthy',
    repair: 'the ports are enabled again, and guests may no longer send such packets',
  },
  {
    name: 'double-vlan',
    check: 'check_vlan_mtu',
    story:
      'On a compute node ls works and ps aux freezes the session: packets of 1500 bytes leave with two VLAN tags and are 4 bytes too ' +
      'long.',
    before: 'incident',
    after: 'repaired',
    repair: 'nova.conf names the bond and no longer a VLAN on it',
  },
  {
    name: 'the-issue',
    check: 'check_dhcp_liveness',
    story:
      'An instance loses its network. The DHCP server answers each request, the client hears none of the answers, and asks again ' +
      'and again.',
    before: 'deaf',
    after: 'healthy',
    repair: 'the rule that dropped the answers is removed',
  },
  {
    name: 'console-log',
    check: 'check_console_log',
    story:
      'A guest writes errors for ever. Each look at its console carries 5.5 GB through the message broker, which dies, twice.',
    before: 'incident',
    after: 'repaired',
    repair: 'the log is emptied',
  },
  {
    name: 'daemontools',
    check: 'check_daemontools',
    args: ['--directory', '/service'],
    story:
      'Services run under daemontools for years. One day svscan is gone: what ends now stays down, and nobody notices.',
    before: 'daemontools-lost',
    after: 'daemontools-healthy',
    repair: 'svscan runs again',
  },
  {
    name: 'kernel',
    check: 'check_uptime_kernel',
    story:
      'A hole in the kernel is in the news, its update was installed at night, and everybody takes the host for safe. Three weeks ' +
      'later it still runs the kernel that it was booted with.',
    before: 'waiting',
    after: 'rebooted',
    repair: 'the host is rebooted',
  },
];
