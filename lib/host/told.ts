/**
 * What root tells whoever may call it through sudo. A check follows what processes and files name, and any user can start a
 * process called dnsmasq whose configuration is said to be /etc/shadow: so contents are told only of files that the check has
 * declared, where no other user can have put something else in their place. Names, sizes and owners are told of any file.
 */
import { anyMatcher } from '../glob.ts';
import type { Access } from '../plugin.ts';
import { readLink, readStat } from './files.ts';
import { unescapeText, type Entry } from './recording.ts';
import { isOsloConfig } from './redact-oslo.ts';
import { ROOT_ARGUMENTS } from './sudo-command.ts';

type Given = ReadonlyMap<string, readonly string[]>;

/**
 * Which entries of a recording may be told; what is left out the caller asks for with rights of his own.
 *
 * @param given the options as they were given: what sudo allows is one command line, and any other recording is for whoever makes it
 */
export function toldOf(given: Given, { reads, secrets, searches = [] }: Access): (entry: Entry) => boolean {
  const words = [...given].flatMap(([name, values]) => [`--${name}`, ...values]);
  if (words.join(' ') !== ROOT_ARGUMENTS.join(' ')) return () => true;
  const isListed = anyMatcher([...reads, ...secrets]);
  const searched = searches.map(({ path, containing }) => ({ isPath: anyMatcher([path]), containing }));
  return ({ key, outcome }) => {
    const [op = '', ...rest] = key.split(' ');
    if (outcome !== 'ok' || (op !== 'bytes' && op !== 'lines')) return true;
    const containing = op === 'lines' ? unescapeText(rest.shift() ?? '') : null;
    const path = unescapeText(rest.join(' '));
    const isDeclared =
      isListed(path) || searched.some((one) => one.containing === containing && one.isPath(path));
    return isDeclared && !/\/(?:\.{0,2}\/|\.{1,2}$)/.test(path) && isPlacedByRoot(path);
  };
}

/** The kernel's own files are what their names say; a process's files are, where it could not arrange them as it likes. */
function isPlacedByRoot(path: string): boolean {
  const inside = /^(\/proc\/[^/]+)\/root\//.exec(path)?.[1];
  // Any user may make a user namespace, and show any file of the machine under any name in a mount namespace of his own.
  if (inside !== undefined) return userNamespace(inside) === userNamespace('/proc/self');
  if (/^\/(?:proc|sys)\//.test(path)) return true;
  // Their directories belong to the services, and the values that are told of them are names of devices.
  if (isOsloConfig(path)) return true;
  const file = readStat(path, false);
  return file.ok && file.value.type !== 'link' && isRootsOwn(path.slice(0, path.lastIndexOf('/')));
}

function userNamespace(process: string): string {
  const link = readLink(`${process}/ns/user`);
  return link.ok ? link.value : process;
}

/** All directories on the way: who owns one of them can put a link in place of what lies in it. */
function isRootsOwn(directory: string): boolean {
  const stat = readStat(`${directory}/.`, true);
  if (!stat.ok || stat.value.uid !== 0) return false;
  return directory === '' || isRootsOwn(directory.slice(0, directory.lastIndexOf('/')));
}
