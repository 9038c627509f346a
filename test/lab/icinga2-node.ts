/** A node of Icinga 2 with folders of its own: alone, or with others in zones. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Authority } from './authority.ts';
import { call, type Api } from './icinga2-api.ts';
import { scratch, until, type Need } from './lab.ts';
import { runPlugin, spawnProcess, untilUp } from './process.ts';

export const ICINGA: readonly Need[] = ['root', 'icinga2', 'openssl', 'perl', 'chown', 'unshare'];

/** The parts of Icinga's check result (lib/icinga/checkresult.ti) that say how a plugin was run and understood. */
export interface CheckResult {
  /** Of a service 0 to 3, as the exit status says; of a host 0 or 1. */
  readonly state: number;
  readonly exit_status: number;
  /** Without the performance data. */
  readonly output: string;
  /** One string a value, as Icinga has normalised it. */
  readonly performance_data: readonly string[];
  /** The arguments that it really ran; of another node null. */
  readonly command: readonly string[] | null;
  /** The node that ran it. */
  readonly check_source: string;
  /** The node that said when. */
  readonly scheduling_source?: string;
  /** Seconds since 1970. */
  readonly execution_start: number;
  readonly execution_end: number;
}

export interface NodeOptions {
  /** Its name, and the common name of its certificate. */
  readonly name: string;
  readonly authority: Authority;
  /** Of this machine; by default 127.0.0.1. */
  readonly address?: string;
  readonly port: number;
  /** What is done as root before it starts, in a mount namespace of its own. */
  readonly prepare?: string;
  /** Endpoints and zones, lines of configuration. */
  readonly zones: string;
  /** True: it takes configuration and commands from its parent zone, as `icinga2 node setup` sets up an agent. */
  readonly obeys?: boolean;
  /** Files below the folder of configuration; those in `zones.d` are read by Icinga, `objects.conf` is included. */
  readonly files: Readonly<Record<string, string>>;
  /** PluginDir, of Icinga's own definitions, and PluginContribDir. */
  readonly pluginDir: string;
  readonly contribDir: string;
}

export interface IcingaNode {
  /**
   * Runs the check of `host!service` (or `host`) now and waits for its result.
   *
   * @param options.by the nodes that schedule it, where that is not this one: what another tells them is ignored in the first minute
   * of their life (ClusterEvents::NextCheckChangedAPIHandler)
   */
  check(object: string, options?: { by?: readonly IcingaNode[]; seconds?: number }): Promise<CheckResult>;
  force(object: string): Promise<void>;
  /** What the API answers to a GET. */
  get(path: string): Promise<unknown>;
  log(): string;
  stop(): Promise<void>;
}

const USER = 'nagios';
/**
 * Starts a node and waits until it answers. Nothing is checked until `check` asks for it. Plugins run as the user nagios: they
 * and the folders above them must be open to it. A wrong configuration throws with Icinga's own text.
 */
export async function startNode(options: NodeOptions): Promise<IcingaNode> {
  const { name, authority, address = '127.0.0.1', port, files, prepare = ':' } = options;
  const folder = join(scratch(), 'icinga2');
  const [defines, data] = prepareFolders(folder);
  await authority.sign(name, join(data, 'certs'));
  const password = randomBytes(12).toString('hex');
  const api: Api = { node: name, address, port, password, ca: authority.certificate };
  const main = join(folder, 'etc', 'icinga2.conf');
  const all = {
    ...files,
    'icinga2.conf': mainConfig({ address, ...options }, password, join(folder, 'etc')),
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, 'etc', path)), { recursive: true });
    writeFileSync(join(folder, 'etc', path), text);
  }
  const { stderr } = await runPlugin(['chown', '-R', `${USER}:${USER}`, folder]);
  if (stderr !== '') throw new Error(stderr);

  const start = ['unshare', '-m', 'sh', '-c', `${prepare} && exec icinga2 daemon "$@"`, 'sh'];
  const daemon = spawnProcess([...start, '-c', main, ...defines], { keeper: true, graceSeconds: 15 });
  const up = (): Promise<boolean> =>
    call(api, 'GET', '/v1/status/IcingaApplication').then(Boolean, () => false);
  await untilUp(daemon, up, { seconds: 60, what: 'Icinga answers on its API' });
  const node: IcingaNode = {
    force: (object) => force(api, object),
    async check(object, { by = [node], seconds = 40 } = {}) {
      const asked = Date.now() / 1000;
      for (const scheduler of by) await scheduler.force(object);
      return await result(api, object, asked, seconds);
    },
    get: (path) => call(api, 'GET', path),
    log: () => daemon.output(),
    async stop() {
      await daemon.stop();
    },
  };
  return node;
}

/** The -D arguments that move every folder, and the one of the data. */
function prepareFolders(folder: string): [readonly string[], string] {
  const places = {
    ConfigDir: join(folder, 'etc'),
    ZonesDir: join(folder, 'etc/zones.d'),
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

// With enable_*_checks = false the checker runs only what is forced (CheckerComponent::CheckThreadProc in
// lib/checker/checkercomponent.cpp), so that no result comes from a check that a test did not ask for. The whole template
// library is included, as the package does it: Icinga refuses a name that is there twice.
function mainConfig(options: NodeOptions & { address: string }, password: string, etc: string): string {
  const { name, address, port, zones, obeys = false, pluginDir, contribDir } = options;
  return `
const NodeName = "${name}"
const ZoneName = "${name}"
const TicketSalt = ""
const PluginDir = "${pluginDir}"
const PluginContribDir = "${contribDir}"
const ManubulonPluginDir = "${contribDir}"
include <itl>
include <plugins>
include <plugins-contrib>
include <manubulon>
include <windows-plugins>
include <nscp>
object IcingaApplication "app" {
  enable_host_checks = false
  enable_service_checks = false
}
${zones}
object CheckerComponent "checker" { }
object ApiListener "api" {
  bind_host = "${address}"
  bind_port = ${port}
  accept_config = ${obeys}
  accept_commands = ${obeys}
}
object ApiUser "${name}" {
  password = "${password}"
  permissions = [ "*" ]
}
include "${join(etc, 'objects.conf')}"
`;
}

async function force(api: Api, object: string): Promise<void> {
  const type = typeOf(object);
  const filter = { type, [type.toLowerCase()]: object };
  await call(api, 'POST', '/v1/actions/reschedule-check', { ...filter, force: true });
}

/** @param since seconds since 1970 */
async function result(api: Api, object: string, since: number, seconds: number): Promise<CheckResult> {
  const path = `/v1/objects/${typeOf(object).toLowerCase()}s/${encodeURIComponent(object)}?attrs=last_check_result`;
  return await until(
    async () => {
      const answer = (await call(api, 'GET', path)) as ObjectsAnswer<{
        last_check_result: CheckResult | null;
      }>;
      const result = answer.results[0]?.attrs.last_check_result ?? null;
      return result !== null && result.execution_start >= since ? result : null;
    },
    { seconds, everyMs: 50, what: `a result of the check ${object}` },
  );
}

function typeOf(object: string): 'Service' | 'Host' {
  return object.includes('!') ? 'Service' : 'Host';
}

/** Waits until another endpoint is connected to the node. */
export async function untilConnected(node: IcingaNode, endpoint: string): Promise<void> {
  const path = `/v1/objects/endpoints/${endpoint}?attrs=connected`;
  await until(
    async () => ((await node.get(path)) as ObjectsAnswer<{ connected: boolean }>).results[0]?.attrs.connected,
    { seconds: 40, what: () => `${endpoint} to connect\n${node.log()}` },
  );
}

interface ObjectsAnswer<Attributes> {
  readonly results: readonly { readonly attrs: Attributes }[];
}
