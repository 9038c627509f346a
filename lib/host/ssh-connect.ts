/** Connections: the machine itself, or through the machines before it. No machine is trusted that known_hosts does not know. */
import type { Client, ClientChannel, ConnectConfig } from '../vendor/ssh2.ts';

import type { Deadline } from './deadline.ts';
import { distrust, knownKeys, preferredAlgorithms } from './host-keys.ts';
import { waysIn } from './ssh-auth.ts';
import { parseDestination, settingsOf, type SshChoice, type SshSettings } from './ssh-settings.ts';
import { Unreachable } from './unreachable.ts';

/** As ssh has it: a way that leads through itself would never end. */
const MAX_JUMPS = 8;

export async function connect(
  settings: SshSettings,
  choice: SshChoice,
  deadline: Deadline,
  depth = 0,
): Promise<Client> {
  let jump: Client | null = null;
  if (depth > MAX_JUMPS) throw new Unreachable(settings.called, 'ProxyJump leads through too many machines');
  for (const [index, word] of settings.jumps.entries()) {
    const destination = parseDestination(word);
    if (destination === null)
      throw new Unreachable(settings.called, `ProxyJump is not [user@]host[:port]: ${word}`);
    const hop = await settingsOf(destination, { ...choice, identity: undefined });
    // Only the first is reached on its own ways; the words after it say the rest.
    const way = index === 0 ? hop : { ...hop, jumps: [] };
    const channel: ClientChannel | null = jump === null ? null : await forward(jump, way, deadline);
    jump = await reach(way, choice, deadline, depth, channel);
  }
  const channel = jump === null ? null : await forward(jump, settings, deadline);
  return await reach({ ...settings, jumps: [] }, choice, deadline, depth, channel);
}

async function reach(
  settings: SshSettings,
  choice: SshChoice,
  deadline: Deadline,
  depth: number,
  channel: ClientChannel | null,
): Promise<Client> {
  if (settings.jumps.length > 0) return await connect(settings, choice, deadline, depth + 1);
  return await handshake(settings, deadline, channel);
}

async function forward(
  jump: Client,
  { called, hostName, port }: SshSettings,
  deadline: Deadline,
): Promise<ClientChannel> {
  deadline.stage = `waiting for the way to ${called}`;
  const opened = new Promise<ClientChannel>((resolve, reject) => {
    jump.forwardOut('127.0.0.1', 0, hostName, port, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(new Unreachable(called, `the machine before it does not lead to it (${error.message})`));
    });
  });
  return await inTime(opened, deadline, called, 'the machine before it says nothing of the way to it');
}

/** @throws Unreachable when the time is over: a server may accept what it is asked for, and never do it */
export async function inTime<T>(
  promise: Promise<T>,
  deadline: Deadline,
  called: string,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const cause = `${what} within ${deadline.seconds} s`;
    timer = setTimeout(() => reject(new Unreachable(called, cause)), deadline.remainingMs());
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function handshake(
  settings: SshSettings,
  deadline: Deadline,
  channel: ClientChannel | null,
): Promise<Client> {
  const { called, hostName, port, user, family } = settings;
  const { ssh2 } = await import('../vendor/ssh2.ts');
  const known = knownKeys(settings.knownAs, settings.knownHostsFiles);
  const ways = waysIn(ssh2, settings);
  deadline.stage = `connecting to ${called} port ${port}`;
  let distrusted: string | null = null;
  let isAnswered = channel !== null;
  const config: ConnectConfig = {
    ...(channel === null ? { host: hostName, port } : { sock: channel }),
    ...(family === 4 ? { forceIPv4: true } : family === 6 ? { forceIPv6: true } : {}),
    username: user,
    // Ours, so that it is told apart from other ends.
    readyTimeout: 0,
    algorithms: { serverHostKey: [...preferredAlgorithms(known)] as never },
    hostVerifier: (key: Buffer): boolean => {
      distrusted = distrust(known, key);
      return distrusted === null;
    },
    authHandler: [...ways.methods],
  };
  return await new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const fail = (cause: string): void => {
      clearTimeout(timer);
      reject(new Unreachable(called, cause));
      client.destroy();
    };
    const timer = setTimeout(() => {
      const waited = `within ${deadline.seconds} s`;
      fail(
        isAnswered
          ? `was reached, and SSH was not ready ${waited}`
          : `port ${port} does not answer ${waited}`,
      );
    }, deadline.remainingMs());
    client.on('connect', () => (isAnswered = true));
    client.on('ready', () => {
      clearTimeout(timer);
      resolve(client);
    });
    client.on('error', (error) => fail(distrusted ?? inPlainWords(error, settings, ways.said)));
    client.on('close', () => fail(CLOSED));
    client.connect(config);
  });
}

const CLOSED = 'the connection was closed before SSH was ready';

/** What ssh2 and the system say, as what it means for this machine. */
function inPlainWords(
  error: Error & { readonly level?: string; readonly code?: unknown },
  { called, hostName, port, user }: SshSettings,
  said: readonly string[],
): string {
  const name = hostName === called ? '' : ` (${hostName})`;
  switch (error.code) {
    case 'ENOTFOUND':
      return `there is no such name${name}`;
    case 'EAI_AGAIN':
      return `the name${name} cannot be looked up now (DNS does not answer)`;
    case 'ECONNREFUSED':
      return `connection refused, nothing listens on port ${port}${name}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to it${name}`;
    case 'ETIMEDOUT':
      return `port ${port} does not answer${name}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${CLOSED} (${error.code})`;
    default:
  }
  // What ssh2 says of an end without a word.
  if (error.message === 'Connection lost before handshake') return CLOSED;
  switch (error.level) {
    case 'client-authentication':
      return `authentication failed as ${user}: ${said.join(', ')}`;
    case 'handshake':
    case 'protocol':
      return `SSH could not be agreed on: ${error.message}`;
    default:
      return error.message;
  }
}
