/** What an administrator allows with sudo: one fixed command line for each check, and one for all over SSH. */
import { NAME as SUITE } from '../cli/suite/commands.ts';
import { sudoersLine } from '../host/sudo-command.ts';
import type { AnyPlugin } from '../plugin.ts';

/** Where Debian and Red Hat keep plugins. */
const FOLDERS = ['/usr/lib/nagios/plugins', '/usr/lib64/nagios/plugins'];

export function sudoers(plugins: readonly AnyPlugin[]): string {
  return [
    '# Generated from the declarations of the checks, do not edit. For /etc/sudoers.d/hypervisor-checks (mode 0440).',
    '# Who runs the checks with --sudo: nagios under Icinga and NRPE on Debian, nrpe or icinga on Red Hat.',
    'User_Alias HYPERVISOR_CHECKS = nagios',
    '# The arguments are part of what is allowed: no option and no path can be chosen by who calls.',
    ...FOLDERS.flatMap((folder) =>
      plugins.map(({ name }) => `HYPERVISOR_CHECKS ALL=(root) NOPASSWD: ${sudoersLine(`${folder}/${name}`)}`),
    ),
    '# All of them in one command.',
    `HYPERVISOR_CHECKS ALL=(root) NOPASSWD: ${sudoersLine(`/usr/bin/${SUITE}`)}`,
    '# From other machines, --host HOST --sudo: the user who logs in over SSH.',
    'HYPERVISOR_CHECKS ALL=(root) NOPASSWD: /usr/local/sbin/hypervisor-checks-answer ""',
    '',
  ].join('\n');
}
