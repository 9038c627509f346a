/**
 * How a machine is reached over SSH: the words after --host and what ssh_config(5) says of it. No command of the configuration is
 * ever run: `Match exec` never matches, and a ProxyCommand is refused.
 *
 * Longer than usual: one function a keyword would be shorter, and the whole of it harder to hold against the manual page.
 */
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

import { globMatcher, isGlob } from '../glob.ts';
import { listDirectory, readBytes, readStat } from './files.ts';
import { knownName } from './known-names.ts';
import { Unreachable } from './unreachable.ts';

export interface SshSettings {
  /** As it was called on the command line, without user and port: for messages. */
  readonly called: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** Private keys, in the order of trying; those that are not there count only where they were named. */
  readonly identities: readonly Identity[];
  /** Of the agent's keys, only those of `identities`. */
  readonly identitiesOnly: boolean;
  /** The agent's socket; null without one. */
  readonly agent: string | null;
  /** What the machine is called in known_hosts. */
  readonly knownAs: string;
  readonly knownHostsFiles: readonly string[];
  /** `[user@]host[:port]`, from here on outwards. */
  readonly jumps: readonly string[];
  readonly family: 4 | 6 | null;
}

export interface Identity {
  readonly file: string;
  readonly isNamed: boolean;
}

export interface SshChoice {
  /** Instead of ~/.ssh/config and /etc/ssh/ssh_config. */
  readonly config: string | undefined;
  /** Before those of the configuration. */
  readonly identity: string | undefined;
}

export interface Destination {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** `[user@]host[:port]`, with an IPv6 address in brackets where a port follows; null for anything else. */
export function parseDestination(text: string): Destination | null {
  // A name of a host has 253 characters at most (RFC 1035), one of a user 255 (LOGIN_NAME_MAX); longer ones take the expression seconds.
  if (text.length > 600) return null;
  const match = /^(?:([^@\s]+)@)?(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s@:[\]]+)|([0-9A-Fa-f:.]*:[0-9A-Fa-f:.%\w]*:[0-9A-Fa-f:.%\w]*))(?::([0-9]{1,5}))?$/.exec(
    text,
  ); // prettier-ignore
  if (match === null) return null;
  const [, user, bracketed, plain, v6, port] = match;
  const host = bracketed ?? plain ?? v6 ?? '';
  if (host.startsWith('-') || (port !== undefined && (Number(port) < 1 || Number(port) > 65535))) return null;
  return { user, host, port: port === undefined ? undefined : Number(port) };
}

export async function settingsOf(destination: Destination, choice: SshChoice): Promise<SshSettings> {
  const { SSHConfig } = await import('../vendor/ssh-config.ts');
  const me = whoAmI();
  const files =
    choice.config === undefined ? [join(me.home, '.ssh/config'), '/etc/ssh/ssh_config'] : [choice.config];
  const lines = files.flatMap((file) => linesOf(file, file === choice.config, me, 0));
  const computed = understood(() => {
    const asked = {
      Host: destination.host,
      ...(destination.user === undefined ? {} : { User: destination.user }),
    };
    const parsed = SSHConfig.parse(lines.join('\n'));
    return new Config(parsed.compute(asked, { ignoreCase: true, matchExec: false }));
  });
  if (computed.word('proxycommand', 'none') !== 'none' && computed.word('proxyjump', 'none') === 'none') {
    throw new Unreachable(
      destination.host,
      'the SSH configuration has a ProxyCommand for it, and no command is run from there: use ProxyJump',
    );
  }
  if (computed.word('revokedhostkeys', 'none') !== 'none') {
    throw new Unreachable(
      destination.host,
      'the SSH configuration has RevokedHostKeys for it, which is not understood here: mark the keys @revoked in known_hosts',
    );
  }
  return settled(destination, choice, computed, me);
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Unreachable('', `the SSH configuration is not understood: ${String(error)}`);
  }
}

interface Me {
  readonly name: string;
  readonly home: string;
}

/** As ssh does: the home directory of the password file, whatever $HOME says. */
function whoAmI(): Me {
  try {
    const { username, homedir } = userInfo();
    return { name: username, home: homedir };
  } catch {
    // A user id without a name, as in a container.
    return { name: 'root', home: '/nonexistent' };
  }
}

function settled(destination: Destination, choice: SshChoice, config: Config, me: Me): SshSettings {
  const called = destination.host;
  const hostName = config.word('hostname', called).replaceAll('%h', called).replaceAll('%%', '%');
  const port = destination.port ?? Number(config.word('port', '22'));
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Unreachable(called, `its Port in the SSH configuration is none: ${config.word('port', '')}`);
  const user = destination.user ?? config.word('user', me.name);
  const path = (text: string): string =>
    expandPath(text, me, { h: hostName, n: called, p: String(port), r: user, u: me.name, d: me.home });
  const named = [
    ...(choice.identity === undefined ? [] : [choice.identity]),
    ...config.words('identityfile'),
  ];
  const defaults = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(me.home, '.ssh', name));
  const identities =
    named.length > 0
      ? named.filter((file) => file !== 'none').map((file) => ({ file: path(file), isNamed: true }))
      : defaults.map((file) => ({ file, isNamed: false }));
  const alias = config.word('hostkeyalias', '');
  return {
    called,
    hostName,
    port,
    user,
    identities,
    identitiesOnly: isYes(config.word('identitiesonly', 'no')),
    agent: agentOf(config.word('identityagent', 'SSH_AUTH_SOCK'), path),
    knownAs: alias === '' ? knownName(hostName, port) : alias.toLowerCase(),
    knownHostsFiles: [
      ...config.words('userknownhostsfile', '~/.ssh/known_hosts', '~/.ssh/known_hosts2'),
      ...config.words('globalknownhostsfile', '/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'),
    ]
      .filter((file) => file !== 'none' && file !== '/dev/null')
      .map(path),
    jumps: jumpsOf(config.word('proxyjump', 'none')),
    family: familyOf(config.word('addressfamily', 'any')),
  };
}

function isYes(word: string): boolean {
  return /^(?:yes|true)$/i.test(word);
}

function familyOf(word: string): 4 | 6 | null {
  return word === 'inet' ? 4 : word === 'inet6' ? 6 : null;
}

function jumpsOf(word: string): readonly string[] {
  return word === 'none' || word === '' ? [] : word.split(',').map((jump) => jump.replace(/^ssh:\/\//, ''));
}

function agentOf(word: string, path: (text: string) => string): string | null {
  if (word === 'none') return null;
  const variable = word === 'SSH_AUTH_SOCK' ? word : word.startsWith('$') ? word.slice(1) : null;
  const socket = variable === null ? path(word) : (process.env[variable] ?? '');
  return socket === '' ? null : socket;
}

/** `~` and the tokens of ssh_config(5), TOKENS. */
function expandPath(text: string, me: Me, tokens: Readonly<Record<string, string>>): string {
  const home = text === '~' || text.startsWith('~/') ? me.home + text.slice(1) : text;
  return home
    .replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)))
    .replace(/\$\{(\w+)\}/g, (_, name: string) => process.env[name] ?? '');
}

/** What the configuration says, keywords in lower case. */
class Config {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: unknown) {
    this.#values = values as Readonly<Record<string, unknown>>;
  }

  words(keyword: string, ...otherwise: readonly string[]): readonly string[] {
    const value = this.#values[keyword];
    if (typeof value === 'string') return [unquoted(value)];
    return Array.isArray(value) ? value.map((word) => unquoted(String(word))) : otherwise;
  }

  word(keyword: string, otherwise: string): string {
    return this.words(keyword)[0] ?? otherwise;
  }
}

function unquoted(word: string): string {
  return /^".*"$/.test(word) ? word.slice(1, -1) : word;
}

const MAX_CONFIG_BYTES = 1024 * 1024;
/** As ssh has it, readconf.c: READCONF_MAX_DEPTH. */
const MAX_DEPTH = 16;

const OUTSIDE = 'Match all';

/** The lines of a configuration with what it includes in place of the Include. */
function linesOf(file: string, isNamed: boolean, me: Me, depth: number): string[] {
  const reading = readBytes(file, MAX_CONFIG_BYTES, 'whole');
  if (!reading.ok) {
    if (reading.why === 'absent' && !isNamed) return [];
    throw new Unreachable('', `the SSH configuration ${file} cannot be read (${reading.why})`);
  }
  refuseOthersFile(file);
  // A file, and what stands behind an Include, begins outside of any section.
  let section = OUTSIDE;
  const lines = [section];
  for (const line of Buffer.from(reading.value.bytes).toString().split(/\r?\n/)) {
    const include = /^\s*Include(?:\s+|\s*=\s*)(.*)$/i.exec(line);
    // It would look up names with a command, nslookup.
    if (/^\s*CanonicalizeHostname\b/i.test(line)) continue;
    if (/^\s*(?:Host|Match)\b/i.test(line)) section = line;
    if (include === null) lines.push(line);
    else if (depth < MAX_DEPTH) {
      const files = included(include[1] ?? '', file, me);
      lines.push(...files.flatMap((one) => linesOf(one, false, me, depth + 1)), section);
    }
  }
  return lines;
}

/** What somebody else can write would choose our keys and our way; ssh refuses it too (readconf.c, check_perm). */
function refuseOthersFile(file: string): void {
  const stat = readStat(file, true);
  const uid = process.getuid?.() ?? 0;
  if (!stat.ok || ((stat.value.uid === 0 || stat.value.uid === uid) && (stat.value.mode & 0o022) === 0))
    return;
  throw new Unreachable(
    '',
    `the SSH configuration ${file} can be written by others: chmod go-w and chown it`,
  );
}

function included(words: string, from: string, me: Me): readonly string[] {
  const base = from.startsWith('/etc/ssh/') ? '/etc/ssh' : join(me.home, '.ssh');
  return [...words.matchAll(/"([^"]*)"|(\S+)/g)].flatMap(([, quoted, plain]) => {
    const word = expandPath(quoted ?? plain ?? '', me, { d: me.home, u: me.name });
    const path = word.startsWith('/') ? word : join(base, word);
    return expandGlob(path);
  });
}

/** Only the last part may be a glob: `config.d/*.conf` is what is written in practice. */
function expandGlob(path: string): readonly string[] {
  const folder = dirname(path);
  const last = path.slice(folder.length + (folder === '/' ? 0 : 1));
  if (!isGlob(last)) return [path];
  const names = listDirectory(folder);
  if (!names.ok) return [];
  const matches = globMatcher(last);
  return names.value
    .filter((name) => matches(name) && name.startsWith('.') === last.startsWith('.'))
    .map((name) => join(folder, name));
}
