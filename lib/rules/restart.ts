/** How processes come to execute the files that are there now. */
import type { OldProcess } from '../facts/old-code.ts';
import type { Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';

/**
 * Restarting them takes the machine, everybody's session, its network, its disks, or what runs in them along. needrestart does not
 * restart most of them by itself either (override_rc in its ex/needrestart.conf); the others are what hosts of guests have.
 */
const WITH_HARM =
  /^(?:dbus(?:-broker)?|systemd-logind|user@[0-9]+|polkit|NetworkManager|networking|wpa_supplicant|display-manager|gdm3?|lightdm|sddm|docker|containerd|lxc.*|lxd.*|incus.*|xen.*|oxenstored|openvswitch.*|ovs-vswitchd|ovsdb-server|multipathd|iscsid|open-iscsi|corosync|pacemaker.*|pve-ha-[cl]rm|frr|bird.*|strongswan.*|openvpn.*)$/;

/** They start themselves anew and keep what they hold; a restart takes the logs and the locks of the guests away (virtlogd(8), virtlockd(8)). */
const BY_RELOAD = ['virtlogd.service', 'virtlockd.service'];

const ENDING = '.service';

/** @param one any process of the service */
export function restart({ pid, program, place: { unit, user } }: OldProcess): Repair {
  if (pid === 1 && program === 'systemd') {
    return { how: 'The service manager starts itself anew', commands: ['systemctl daemon-reexec'] };
  }
  if (unit === null || !unit.endsWith(ENDING) || user !== null) {
    return { how: 'End these processes and start them again, or reboot', commands: [] };
  }
  if (WITH_HARM.test(unit.slice(0, -ENDING.length)))
    return { how: `${unit} is not restarted without harm to others: plan it, or reboot`, commands: [] };
  if (BY_RELOAD.includes(unit))
    return { how: 'Let it start itself anew', commands: [`systemctl reload ${shellQuote(unit)}`] };
  return { how: 'Restart the services', commands: [`systemctl restart ${shellQuote(unit)}`] };
}
