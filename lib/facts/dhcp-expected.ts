/** Which networks of this host should have a DHCP server: those of libvirt, neutron, nova-network, and of dnsmasq itself. */
import { bytes, each, head, stat, type AnswerOf, type Content, type Stat } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseLibvirtNetwork, type LibvirtNetwork } from '../parsers/libvirt-network.ts';
import { decodeUtf8, FormatError } from '../parsers/text.ts';
import { failed, valueOr, type Failure, type Reading } from '../reading.ts';
import type { ExpectedServer } from './dhcp-servers.ts';

const XML = { text: bytes('', 1024 * 1024) };
const PID = { text: head('', 64) };

export const EXPECTED_QUESTIONS = {
  libvirtActive: each('/run/libvirt/network/*.xml', XML),
  libvirtAutostart: each('/etc/libvirt/qemu/networks/autostart/*.xml', XML),
  libvirtPids: each('/run/libvirt/network/*.pid', PID),
  neutronPids: each('/var/lib/neutron/dhcp/*/pid', PID),
  novaPids: each('/var/lib/nova/networks/nova-*.pid', PID),
  dnsmasqPids: each('/run/dnsmasq/*.pid', PID),
  dnsmasqPidsOld: each('/run/dnsmasq*.pid', PID),
  systemConfig: head('/etc/dnsmasq.conf', 1024 * 1024),
  systemConfigs: each('/etc/dnsmasq.d/*', { text: head('', 256 * 1024) }),
};

export type ExpectedAnswers = {
  readonly [K in keyof typeof EXPECTED_QUESTIONS]: AnswerOf<(typeof EXPECTED_QUESTIONS)[K]>;
};

/** Without the states of their processes. */
export type Expectation = Omit<ExpectedServer, 'state'>;

export async function expectations(
  host: Host,
  answers: ExpectedAnswers,
): Promise<{ readonly all: readonly Expectation[]; readonly unread: readonly Failure[] }> {
  const unread: Failure[] = [];
  const libvirt = await libvirtNetworks(answers, unread);
  for (const files of [answers.neutronPids, answers.novaPids])
    unread.push(...(files.ok ? files.value.unlisted : [files]));
  return {
    all: [...libvirt, ...neutron(answers), ...(await nova(host, answers, unread)), ...ofTheSystem(answers)],
    unread,
  };
}

async function libvirtNetworks(answers: ExpectedAnswers, unread: Failure[]): Promise<readonly Expectation[]> {
  const pids = pidsByPath(answers.libvirtPids);
  const networks = new Map<string, { readonly network: LibvirtNetwork; readonly because: string }>();
  for (const [files, because] of [
    [answers.libvirtActive, 'the network is active'],
    [answers.libvirtAutostart, 'the network is to be started with the host'],
  ] as const) {
    unread.push(...(files.ok ? files.value.unlisted : [files]));
    for (const { path, text } of files.ok ? files.value.found : []) {
      const network = await parsedNetwork(path, text);
      if ('why' in network) {
        if (network.why !== 'absent' && network.why !== 'vanished') unread.push(network);
      } else if (!networks.has(network.name))
        networks.set(network.name, { network, because: `${because} (${path})` });
    }
  }
  return [...networks.values()]
    .filter(({ network }) => network.servesDhcp)
    .map(({ network: { name }, because }) => {
      const pidFile = `/run/libvirt/network/${name}.pid`;
      return { name, owner: 'libvirt', because, pidFile, pid: pids.get(pidFile) ?? null };
    });
}

async function parsedNetwork(path: string, text: Reading<Content>): Promise<LibvirtNetwork | Failure> {
  if (!text.ok) return text;
  try {
    return await parseLibvirtNetwork(decodeUtf8(text.value.bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', path, error.message);
  }
}

/** neutron removes the folder of a network that it does not serve here any more (disable of its dhcp agent's linux driver). */
function neutron({ neutronPids }: ExpectedAnswers): readonly Expectation[] {
  return [...pidsByPath(neutronPids)].map(([pidFile, pid]) => ({
    name: pidFile.split('/').at(-2) ?? '',
    owner: 'neutron',
    because: `neutron's agent has started it (${pidFile})`,
    pidFile,
    pid,
  }));
}

/** The pid file outlives the network; its bridge does not. */
async function nova(
  host: Host,
  { novaPids }: ExpectedAnswers,
  unread: Failure[],
): Promise<readonly Expectation[]> {
  const pids = [...pidsByPath(novaPids)];
  if (pids.length === 0) return [];
  const questions = pids.map(([path]) => [path, stat(`/sys/class/net/${bridgeOf(path)}/bridge`)] as const);
  const bridges: Readonly<Record<string, unknown>> = await host.ask(Object.fromEntries(questions));
  return pids.flatMap(([pidFile, pid]): Expectation[] => {
    const name = bridgeOf(pidFile);
    const bridge = bridges[pidFile] as Reading<Stat>;
    if (!bridge.ok) {
      if (bridge.why !== 'absent' && bridge.why !== 'vanished') unread.push(bridge);
      return [];
    }
    return [
      {
        name,
        owner: 'nova',
        because: `nova-network has started it (${pidFile}) and the bridge is there`,
        pidFile,
        pid,
      },
    ];
  });
}

function bridgeOf(pidFile: string): string {
  return /\/nova-([^/]+)\.pid$/.exec(pidFile)?.[1] ?? '';
}

/** /run is empty after the start of the host, and a service that is stopped removes its pid file: who is named there has died. */
function ofTheSystem({
  dnsmasqPids,
  dnsmasqPidsOld,
  systemConfig,
  systemConfigs,
}: ExpectedAnswers): readonly Expectation[] {
  const texts = [
    systemConfig,
    ...(systemConfigs.ok ? systemConfigs.value.found.map(({ text }) => text) : []),
  ];
  const servesDhcp = texts.some((text) => {
    const content = valueOr(text, null);
    return content !== null && /^\s*dhcp-range\s*=/m.test(decodeUtf8(content.bytes));
  });
  if (!servesDhcp) return [];
  return [...pidsByPath(dnsmasqPids), ...pidsByPath(dnsmasqPidsOld)].map(([pidFile, pid]) => ({
    name: 'dnsmasq',
    owner: 'dnsmasq',
    because: `it was started (${pidFile}) and its configuration has a dhcp-range`,
    pidFile,
    pid,
  }));
}

function pidsByPath(files: ExpectedAnswers['neutronPids']): ReadonlyMap<string, number | null> {
  return new Map(
    (files.ok ? files.value.found : []).map(({ path, text }) => {
      const content = valueOr(text, null);
      const pid = content === null ? null : /^\s*([1-9][0-9]{0,9})\s*$/.exec(decodeUtf8(content.bytes))?.[1];
      return [path, pid === null || pid === undefined ? null : Number(pid)];
    }),
  );
}
