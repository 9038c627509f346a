/** How processes come to execute the files that are there now. */
import type { OldProcess } from '../facts/old-code.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

/**
 * Restarting them takes the machine, everybody's session, its network, its disks, or what runs in them along. needrestart does not
 * restart most of them by itself either (override_rc in its ex/needrestart.conf); the others are what hosts of guests have.
 */
const WITH_HARM =
  /^(?:dbus(?:-broker)?|systemd-logind|user@[0-9]+|polkit|NetworkManager|networking|wpa_supplicant|display-manager|gdm3?|lightdm|sddm|docker|containerd|lxc.*|lxd.*|incus.*|lxcfs|xen.*|oxenstored|openvswitch.*|ovs.*|multipathd|iscsid|open-iscsi|corosync|pacemaker.*|pve-ha-\w+|frr|bird.*|strongswan.*|openvpn.*)\.service$/;

/** They start themselves anew and keep what they hold; a restart takes the logs and the locks of the guests away (virtlogd(8), virtlockd(8)). */
const BY_RELOAD = /^virt(?:log|lock)d\.service$/;

/** @param all processes of one service, or of none */
export function restart(all: readonly OldProcess[]): Repair | null {
  const [one] = all;
  if (one === undefined) return null;
  if (one.pid === 1 && one.program.startsWith('systemd')) {
    return { how: 'The service manager starts itself anew', commands: ['systemctl daemon-reexec'] };
  }
  const { unit, user } = one.place;
  if (unit === null || !unit.endsWith('.service') || user !== null) {
    return { how: 'End these processes and start them again, or reboot', commands: [] };
  }
  if (WITH_HARM.test(unit))
    return { how: `${unit} is not restarted without harm to others: plan it, or reboot`, commands: [] };
  if (BY_RELOAD.test(unit))
    return { how: 'Let it start itself anew', commands: [`systemctl reload ${shellQuote(unit)}`] };
  return { how: 'Restart the services', commands: [`systemctl restart ${shellQuote(unit)}`] };
}
