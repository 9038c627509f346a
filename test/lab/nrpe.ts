/** Debian's NRPE: its server with the configuration file of the package, and its client. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nagios } from './as-nagios.ts';
import { scratch, type Need } from './lab.ts';
import { freePort } from './port.ts';
import { runPlugin, spawnProcess, untilUp, type Ran } from './process.ts';

export const CLIENT = '/usr/lib/nagios/plugins/check_nrpe';
export const NRPE: readonly Need[] = ['root', 'nrpe', 'unshare', 'mount', 'perl', CLIENT];

export interface NrpeOptions {
  /** Files of /etc/nagios/nrpe.d. */
  readonly files: Readonly<Record<string, string>>;
  /** What is done as root before it starts, in a mount namespace of its own. */
  readonly prepare?: string;
  /** Lines that replace those of the package's configuration: `{ command_timeout: '2' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Nrpe {
  readonly port: number;
  /** What a monitoring system gets that asks for a command. */
  ask(command: string, ...args: readonly string[]): Promise<Ran>;
  stop(): Promise<void>;
}

/** Starts the server as root, which becomes nagios, and waits until it answers. */
export async function startNrpe({ files, prepare = ':', settings = {} }: NrpeOptions): Promise<Nrpe> {
  const folder = scratch();
  const port = await freePort();
  mkdirSync(join(folder, 'nrpe.d'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'nrpe.d', name), text);
  const changed: Record<string, string> = {
    pid_file: join(folder, 'nrpe.pid'),
    server_address: '127.0.0.1',
    server_port: String(port),
    disable_syslog: '1',
    include: '',
    include_dir: join(folder, 'nrpe.d'),
    ...settings,
  };
  const kept = readFileSync('/etc/nagios/nrpe.cfg', 'utf8')
    .split('\n')
    .filter((line) => !Object.hasOwn(changed, line.slice(0, line.indexOf('='))));
  const lines = Object.entries(changed).flatMap(([name, value]) =>
    value === '' ? [] : [`${name}=${value}`],
  );
  const config = join(folder, 'nrpe.cfg');
  writeFileSync(config, [...kept, ...lines, ''].join('\n'));
  const server = spawnProcess(['unshare', '-m', 'sh', '-c', `${prepare} && exec nrpe -c ${config} -f`], {
    keeper: true,
  });
  const ask = (command: string, ...args: readonly string[]): Promise<Ran> =>
    runPlugin([CLIENT, '-H', '127.0.0.1', '-p', String(port), ...args, '-c', command], [], nagios());
  const version = (): Promise<boolean> =>
    runPlugin([CLIENT, '-H', '127.0.0.1', '-p', String(port)]).then(({ code }) => code === 0);
  await untilUp(server, version, { seconds: 20, what: 'the server of NRPE' });
  return {
    port,
    ask,
    async stop() {
      await server.stop();
    },
  };
}
