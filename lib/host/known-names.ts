/** How known_hosts calls machines: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
import { createHmac } from 'node:crypto';

import { globMatcher } from '../glob.ts';

/** How a machine is called in known_hosts: `jill`, `[jill]:2222`; in lower case, as ssh compares. */
export function knownName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether the first field of a line means the machine called `name` (of `knownName`). */
export function meansHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return isHashOf(hosts, name);
  let isMeant = false;
  for (const pattern of hosts.split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!matchesPattern(isNegated ? pattern.slice(1) : pattern, name)) continue;
    // match_hostname() of OpenSSH: one negated pattern that matches decides, wherever it stands.
    if (isNegated) return false;
    isMeant = true;
  }
  return isMeant;
}

function isHashOf(field: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = field.split('|');
  if (version !== '1' || salt === '') return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` and `?` are the only special characters, and `*` matches dots and brackets too. */
function matchesPattern(pattern: string, name: string): boolean {
  return globMatcher(pattern.toLowerCase())(name);
}
