/** A real sshd on loopback, with keys of its own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { findProgram, scratch, until, type Need } from './lab.ts';
import { freePort } from './port.ts';
import { spawnProcess, type Running } from './process.ts';

export const SSHD: readonly Need[] = ['root', 'sshd', 'ssh-keygen', 'unshare', 'mount'];

export interface SshdOptions {
  /** Lines of sshd_config(5). */
  readonly config?: readonly string[];
  /** What is done as root before it starts, in a mount namespace of its own: bind another /etc/passwd. */
  readonly prepare?: string;
  /** True: processes of its own too, and a /proc that shows only these. */
  readonly ownProcesses?: boolean;
  /** The host keys' types; default ed25519. */
  readonly keyTypes?: readonly string[];
}

export interface Sshd {
  readonly port: number;
  readonly folder: string;
  /** The private key that is let in, and the one with the passphrase `secret`. */
  readonly identity: string;
  readonly encrypted: string;
  /** The public host keys: `ssh-ed25519 AAAA...`. */
  readonly hostKeys: readonly string[];
  readonly running: Running;
  /** A configuration file that calls it `far`, with a known_hosts file that knows it; more lines for that host. */
  configuration(...lines: readonly string[]): string;
}

export async function startSshd({
  config = [],
  prepare = ':',
  ownProcesses = false,
  keyTypes = ['ed25519'],
}: SshdOptions = {}): Promise<Sshd> {
  const folder = scratch();
  mkdirSync('/run/sshd', { recursive: true });
  const keys = keyTypes.map((type) => makeKey(join(folder, `host_${type}`), type));
  const identity = join(folder, 'identity');
  const encrypted = join(folder, 'encrypted');
  writeFileSync(
    join(folder, 'authorized'),
    `${makeKey(identity, 'ed25519')}\n${makeKey(encrypted, 'ed25519', 'secret')}\n`,
  );
  const port = await freePort();
  writeFileSync(
    join(folder, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...keyTypes.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
      `PidFile ${join(folder, 'pid')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PasswordAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'LogLevel VERBOSE',
      ...config,
      '',
    ].join('\n'),
  );
  const sshd = findProgram('sshd') ?? 'sshd';
  const command = `${prepare} && exec ${sshd} -D -e -f ${join(folder, 'sshd_config')}`;
  const running = spawnProcess([
    'unshare',
    '-m',
    ...(ownProcesses ? ['-p', '-f', '--kill-child', '--mount-proc'] : []),
    'sh',
    '-c',
    command,
  ]);
  await until(() => answers(port), { seconds: 10, what: () => `sshd\n${running.output()}` });
  const known = join(folder, 'known_hosts');
  writeFileSync(known, keys.map((key) => `[127.0.0.1]:${port} ${key}\n`).join(''));
  let count = 0;
  return {
    port,
    folder,
    identity,
    encrypted,
    hostKeys: keys,
    running,
    configuration(...lines) {
      const file = join(folder, `config${count++}`);
      const text = [
        ...lines,
        'HostName 127.0.0.1',
        `Port ${port}`,
        'User root',
        `UserKnownHostsFile ${known}`,
        `IdentityFile ${identity}`,
        'IdentitiesOnly yes',
      ];
      writeFileSync(file, `Host far\n${text.map((line) => `  ${line}\n`).join('')}`, { mode: 0o600 });
      return file;
    },
  };
}

/** Makes a key pair; the public half as known_hosts has it. */
export function makeKey(file: string, type: string, passphrase = ''): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-f', file]);
  chmodSync(file, 0o600);
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
