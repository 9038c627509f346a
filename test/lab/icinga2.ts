/** One real Icinga 2 with folders of its own: it runs a plugin as it does in production, and tells what it made of it. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, freePort, NODE, type Api } from './icinga2-api.ts';
import { scratch, until, type Need } from './lab.ts';
import { runPlugin, spawnProcess, untilUp } from './process.ts';

export const ICINGA: readonly Need[] = ['root', 'icinga2', 'openssl', 'perl', 'chown'];

/** The parts of Icinga's check result (lib/icinga/checkresult.ti) that say how a plugin was run and understood. */
export interface CheckResult {
  /** Of a service 0 to 3, as the exit status says; of a host 0 or 1. */
  readonly state: number;
  readonly exit_status: number;
  /** Without the performance data. */
  readonly output: string;
  /** One string a value, as Icinga has normalised it. */
  readonly performance_data: readonly string[];
  /** The arguments that it really ran. */
  readonly command: readonly string[];
  /** Seconds since 1970. */
  readonly execution_start: number;
  readonly execution_end: number;
}

export interface Icinga {
  /** Runs the check of `host!service` (or `host`) now and waits for its result. */
  check(object: string, options?: { seconds?: number }): Promise<CheckResult>;
  stop(): Promise<void>;
}

const USER = 'nagios';

/**
 * Starts Icinga 2 with the objects of `config` (CheckCommands, hosts, services). Nothing is checked until `check` asks
 * for it. Plugins run as the user nagios: they and the folders above them must be open to it. A wrong configuration
 * throws with Icinga's own text.
 *
 * @param pluginDir the constant PluginContribDir, and PluginDir as well
 */
export async function startIcinga({
  config,
  pluginDir,
}: {
  config: string;
  pluginDir: string;
}): Promise<Icinga> {
  const folder = join(scratch(), 'icinga2');
  const [defines, data] = prepareFolders(folder);
  const ca = await makeCertificate(data);
  const api: Api = { port: await freePort(), password: randomBytes(12).toString('hex'), ca };
  const main = join(folder, 'etc', 'icinga2.conf');
  writeFileSync(join(folder, 'etc', 'objects.conf'), config);
  writeFileSync(main, mainConfig(folder, pluginDir, api));
  await succeed(['chown', '-R', `${USER}:${USER}`, folder]);

  const daemon = spawnProcess(['icinga2', 'daemon', '-c', main, ...defines], {
    keeper: true,
    graceSeconds: 15,
  });
  const up = (): Promise<boolean> =>
    call(api, 'GET', '/v1/status/IcingaApplication').then(Boolean, () => false);
  await untilUp(daemon, up, { seconds: 60, what: 'Icinga answers on its API' });
  return {
    check: (object, { seconds = 40 } = {}) => check(api, object, seconds),
    async stop() {
      await daemon.stop();
    },
  };
}

/** The -D arguments that move every folder, and the one of the data. */
function prepareFolders(folder: string): [readonly string[], string] {
  const places = {
    ConfigDir: join(folder, 'etc'),
    DataDir: join(folder, 'data'),
    CacheDir: join(folder, 'cache'),
    LogDir: join(folder, 'log'),
    SpoolDir: join(folder, 'spool'),
    InitRunDir: join(folder, 'run'),
  };
  const inner = ['certs', 'api/log', 'api/zones', 'api/zones-stage', 'api/packages'];
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true });
  for (const name of inner) mkdirSync(join(places.DataDir, name), { recursive: true });
  const defines = Object.entries(places).flatMap(([name, path]) => ['-D', `${name}=${path}`]);
  return [defines, places.DataDir];
}

/**
 * A certificate that signs itself, where the ApiListener looks for the node's and for the authority's; its text. `icinga2
 * pki` would make one as well, but always with two RSA keys of 4096 bits, which takes from 2 to 20 seconds.
 */
async function makeCertificate(data: string): Promise<string> {
  const own = join(data, 'certs', NODE);
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${own}.key`,
  ];
  const names = ['-subj', `/CN=${NODE}`, '-addext', `subjectAltName=DNS:${NODE}`];
  await succeed(['openssl', 'req', '-x509', ...key, ...names, '-days', '30', '-out', `${own}.crt`]);
  copyFileSync(`${own}.crt`, join(data, 'certs', 'ca.crt'));
  return readFileSync(`${own}.crt`, 'utf8');
}

// With enable_*_checks = false the checker runs only what is forced (CheckerComponent::CheckThreadProc in
// lib/checker/checkercomponent.cpp), so that no result comes from a check that a test did not ask for.
function mainConfig(folder: string, pluginDir: string, { port, password }: Api): string {
  return `
const NodeName = "${NODE}"
const ZoneName = "${NODE}"
const TicketSalt = ""
const PluginDir = "${pluginDir}"
const PluginContribDir = "${pluginDir}"
include <itl>
include <plugins>
object IcingaApplication "app" {
  enable_host_checks = false
  enable_service_checks = false
}
object Endpoint NodeName { }
object Zone ZoneName { endpoints = [ NodeName ] }
object CheckerComponent "checker" { }
object ApiListener "api" {
  bind_host = "127.0.0.1"
  bind_port = ${port}
}
object ApiUser "${NODE}" {
  password = "${password}"
  permissions = [ "*" ]
}
include "${join(folder, 'etc', 'objects.conf')}"
`;
}

async function check(api: Api, object: string, seconds: number): Promise<CheckResult> {
  const type = object.includes('!') ? 'Service' : 'Host';
  const asked = Date.now() / 1000;
  await call(api, 'POST', '/v1/actions/reschedule-check', {
    type,
    [type.toLowerCase()]: object,
    force: true,
  });
  const path = `/v1/objects/${type.toLowerCase()}s/${encodeURIComponent(object)}?attrs=last_check_result`;
  return await until(
    async () => {
      const answer = (await call(api, 'GET', path)) as ObjectsAnswer;
      const result = answer.results[0]?.attrs.last_check_result ?? null;
      return result !== null && result.execution_start >= asked ? result : null;
    },
    { seconds, what: `a result of the check ${object}` },
  );
}

interface ObjectsAnswer {
  readonly results: readonly { readonly attrs: { readonly last_check_result: CheckResult | null } }[];
}

async function succeed(argv: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runPlugin(argv);
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${stdout}${stderr}`);
}
