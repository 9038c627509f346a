/** What the host's configuration says about DHCP clients, and the files that name their processes. */
import { bytes, each, head, type AnswerOf, type Content } from '../host/ask.ts';
import { parseIfcfg, parseInterfaces } from '../parsers/dhcp-interfaces.ts';
import { parseNmDevice, type NmDevice } from '../parsers/nm-device.ts';
import { decodeUtf8 } from '../parsers/text.ts';
import { valueOr, type Failure, type Reading } from '../reading.ts';
import type { ClientPidFile, DhcpConfig } from './dhcp.ts';

const TEXT = { text: head('', 64 * 1024) };
const PID = { text: head('', 64) };

export const CONFIG_QUESTIONS = {
  interfaces: bytes('/etc/network/interfaces'),
  interfacesD: each('/etc/network/interfaces.d/*', TEXT),
  ifcfg: each('/etc/sysconfig/network-scripts/ifcfg-*', TEXT),
  nmDevices: each('/run/NetworkManager/devices/*', TEXT),
  clientPids: each('/run/dhclient*.pid', PID),
  clientPidsNm: each('/run/NetworkManager/dhclient*.pid', PID),
  clientPidsUdhcpc: each('/run/udhcpc*.pid', PID),
  clientPidsDhcpcd: each('/run/dhcpcd/*.pid', PID),
  clientPidsDhcpcdOld: each('/run/dhcpcd*.pid', PID),
};

export type ConfigAnswers = {
  readonly [K in keyof typeof CONFIG_QUESTIONS]: AnswerOf<(typeof CONFIG_QUESTIONS)[K]>;
};

/**
 * What cannot be read of these adds nothing: they say more of an interface than its lease and its address do, only where neither
 * is left.
 */
export function configsOf(answers: ConfigAnswers): readonly DhcpConfig[] {
  const files: { path: string; text: Reading<Content> }[] = [
    { path: '/etc/network/interfaces', text: answers.interfaces },
    ...(answers.interfacesD.ok ? answers.interfacesD.value.found : []),
  ];
  return [
    ...files.flatMap(({ path, text }) =>
      parseInterfaces(textOf(text)).map(({ name, family }) => ({ interfaceName: name, family, path })),
    ),
    ...(answers.ifcfg.ok ? answers.ifcfg.value.found : []).flatMap(({ path, text }): DhcpConfig[] => {
      const name = parseIfcfg(textOf(text), path.slice(path.lastIndexOf('/') + 1));
      return name === null ? [] : [{ interfaceName: name, family: 4, path }];
    }),
  ];
}

export function nmDevicesOf({ nmDevices }: ConfigAnswers): ReadonlyMap<number, NmDevice> {
  const files = nmDevices.ok ? nmDevices.value.found : [];
  return new Map(
    files.map(({ path, text }) => [
      Number(path.slice(path.lastIndexOf('/') + 1)),
      parseNmDevice(textOf(text)),
    ]),
  );
}

function pidAnswers(answers: ConfigAnswers): readonly ConfigAnswers['clientPids'][] {
  const { clientPids, clientPidsNm, clientPidsUdhcpc, clientPidsDhcpcd, clientPidsDhcpcdOld } = answers;
  return [clientPids, clientPidsNm, clientPidsUdhcpc, clientPidsDhcpcd, clientPidsDhcpcdOld];
}

/** What is there and cannot be read: it may name a client that has died, of which nothing else tells. */
export function unreadPidFiles(answers: ConfigAnswers): readonly Failure[] {
  const failures = pidAnswers(answers).flatMap((files): readonly Failure[] => {
    if (!files.ok) return [files];
    return [...files.value.unlisted, ...files.value.found.flatMap(({ text }) => (text.ok ? [] : [text]))];
  });
  return failures.filter(({ why }) => why !== 'absent' && why !== 'vanished');
}

/** Without the states of their processes. */
export function pidFilesOf(answers: ConfigAnswers): readonly Omit<ClientPidFile, 'state'>[] {
  return pidAnswers(answers).flatMap((files) =>
    (files.ok ? files.value.found : []).flatMap(({ path, text }): Omit<ClientPidFile, 'state'>[] => {
      const pid = /^\s*([1-9][0-9]{0,9})\s*$/.exec(textOf(text))?.[1];
      const name = /\/(dhclient|udhcpc|dhcpcd)(6?)(?:[.-]([^/]+?))?\.pid$/.exec(path);
      const inDhcpcd = /^\/run\/dhcpcd\/([^/]+?)(?:-[46])?\.pid$/.exec(path)?.[1];
      if (pid === undefined || (name === null && inDhcpcd === undefined)) return [];
      const client = inDhcpcd === undefined ? (name?.[1] as ClientPidFile['client']) : 'dhcpcd';
      const family = client === 'dhcpcd' ? null : name?.[2] === '6' ? 6 : 4;
      return [{ path, client, interfaceName: inDhcpcd ?? name?.[3] ?? '', family, pid: Number(pid) }];
    }),
  );
}

function textOf(text: Reading<Content>): string {
  const content = valueOr(text, null);
  return content === null ? '' : decodeUtf8(content.bytes);
}
