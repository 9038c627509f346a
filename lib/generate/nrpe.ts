/** The commands of a hypervisor for NRPE, whose server takes no arguments on Debian: each line is a whole command. */
import type { AnyPlugin } from '../plugin.ts';

const FOLDER = '/usr/lib/nagios/plugins';

/** Characters that the server refuses in arguments (nrpe.c, NASTY_METACHARS); `!` ends an argument at the caller's. */
export const NOT_IN_ARGUMENTS = /[|`&><'"[\]{};!\r\n]/;

export function nrpeCommands(plugins: readonly AnyPlugin[]): string {
  return [
    '# Generated from the declarations of the checks, do not edit. For /etc/nagios/nrpe.d (Debian) or /etc/nrpe.d (Red Hat,',
    `# with ${FOLDER.replace('lib', 'lib64')}). Options of your own: copy the line to another file in that folder, the last one counts.`,
    '# Checks that see more as root have a second line with --sudo: it needs icinga-conf/sudo.',
    ...plugins.flatMap(({ name, access }) => [
      '',
      `command[${name}]=${FOLDER}/${name}`,
      ...(access.root === '' ? [] : [`command[${name}_sudo]=${FOLDER}/${name} --sudo`]),
    ]),
    '',
    '# Only for a server that is built to take arguments (dont_blame_nrpe=1, not on Debian), and then without any of',
    '# | ` & > < \' " [ ] { } ; ! in them. Who may call it can then choose files that the check reads and writes.',
    ...plugins.map(({ name }) => `#command[${name}_args]=${FOLDER}/${name} -w $ARG1$ -c $ARG2$`),
    '',
  ].join('\n');
}
