/** All plugins, sorted by name, loaded when asked for. The only list of them. */
import type { AnyPlugin } from '../lib/plugin.ts';

export const plugins: Readonly<Record<string, () => Promise<{ readonly default: AnyPlugin }>>> = {
  check_bond_speed: () => import('./check_bond_speed.ts'),
  check_console_log: () => import('./check_console_log.ts'),
  check_daemontools: () => import('./check_daemontools.ts'),
  check_dhcp_liveness: () => import('./check_dhcp_liveness.ts'),
  check_guest_migration: () => import('./check_guest_migration.ts'),
  check_invtsc: () => import('./check_invtsc.ts'),
  check_uptime_kernel: () => import('./check_uptime_kernel.ts'),
  check_vlan_mtu: () => import('./check_vlan_mtu.ts'),
};
