/** The services of a hypervisor in Icinga 2: one file to include, one variable of the host to set. */
import { optionsOf } from '../cli/command-line.ts';
import type { AnyPlugin } from '../plugin.ts';
import { commandName } from './icinga2.ts';

/**
 * What is the same for all checks of a host: `vars.hypervisor_sudo = true` sets `vars.invtsc_sudo` and so on, where the host
 * does not have that itself. Not a default of the command, `vars.invtsc_sudo = "$hypervisor_sudo$"`: what is set nowhere is
 * left out here, but reaches an agent as an empty string (Icinga 2.13.6).
 */
const SHARED = ['sudo', 'state-dir', 'identity', 'ssh-config'];

/** All commands in one file to include. */
export function includes(plugins: readonly AnyPlugin[]): string {
  return [
    '// Generated from the declarations of the checks, do not edit. Includes every command, and the services of all hosts that',
    '// have vars.hypervisor, see services.conf.',
    ...plugins.map((plugin) => `include "${commandName(plugin)}.conf"`),
    'include "services.conf"',
    '',
  ].join('\n');
}

export function services(plugins: readonly AnyPlugin[]): string {
  return [HEAD, ...plugins.map(service)].join('\n');
}

const HEAD = `// Generated from the declarations of the checks, do not edit. What to watch on a host, and how it is reached:
//
//   object Host "jill" {
//     import "generic-host"
//     address = "192.0.2.7"
//     vars.hypervisor = "agent"                  // or "ssh", "nrpe", "local"
//     vars.hypervisor_without = [ "vlan_mtu" ]   // leave checks out
//     vars.hypervisor_sudo = true                // look as root, needs icinga-conf/sudo
//     vars.bond_speed_warning = "10000:"         // options of the checks, for this host
//   }
//
// For all checks of a host: hypervisor_sudo, hypervisor_state_dir, and with ssh hypervisor_identity and
// hypervisor_ssh_config. With nrpe the host's own command lines decide, and hypervisor_sudo chooses those with --sudo.
//
// agent: Icinga 2 runs on the host, as an endpoint called like the host. ssh: nothing runs there, the command endpoint
// logs in. nrpe: the host has icinga-conf/nrpe/hypervisor-checks.cfg. local: the machine that runs Icinga itself.

template Service "hypervisor-check" {
	max_check_attempts = 3
	retry_interval = 1m
	// Above the checks' own time limit (--timeout, 8 s) they always answer for themselves.
	check_timeout = 30s
}
`;

function service(plugin: AnyPlugin): string {
  const command = commandName(plugin);
  return `apply Service "${command}" {
	import "hypervisor-check"
	check_interval = ${plugin.interval}

${shared(plugin)}
	if (host.vars.hypervisor == "ssh") {
		check_command = "${command}_ssh"
	} else if (host.vars.hypervisor == "nrpe") {
		check_command = "nrpe"
${nrpeCommand(plugin)}
	} else {
		check_command = "${command}"
		if (host.vars.hypervisor == "agent") {
			command_endpoint = host.name
		}
	}

	assign where host.vars.hypervisor in [ "agent", "ssh", "nrpe", "local" ]
	ignore where host.vars.hypervisor_without && "${command}" in host.vars.hypervisor_without
}
`;
}

/** The line with --sudo is there for checks that see more as root. */
function nrpeCommand({ name, access }: AnyPlugin): string {
  const plain = `\t\tvars.nrpe_command = "${name}"`;
  if (access.root === '') return plain;
  return `${plain}\n\t\tif (host.vars.hypervisor_sudo) {\n\t\t\tvars.nrpe_command = "${name}_sudo"\n\t\t}`;
}

function shared(plugin: AnyPlugin): string {
  const names = new Set(optionsOf(plugin).map(({ name }) => name));
  const options = SHARED.filter((name) => names.has(name)).map((name) => name.replaceAll('-', '_'));
  const [own, common] = [
    `host.vars["${commandName(plugin)}_" + option]`,
    'host.vars["hypervisor_" + option]',
  ];
  return `\tfor (option in [ ${options.map((name) => `"${name}"`).join(', ')} ]) {
\t\tif (${common} != null && ${own} == null) {
\t\t\tvars["${commandName(plugin)}_" + option] = ${common}
\t\t}
\t}
`;
}
