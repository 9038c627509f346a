/** The one command line that sudo has to allow: the check records what it sees as root, with its defaults, and prints it. */
export const ROOT_ARGUMENTS = ['--record', '-', '--timeout', '6'] as const;

/** What sudoers has to allow for the check at `path`. */
export function sudoersLine(path: string): string {
  return [path, ...ROOT_ARGUMENTS].join(' ');
}
