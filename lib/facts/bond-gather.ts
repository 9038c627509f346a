/**
 * Asks a host for its bonds: who there is and what the bonding driver says, then what each slave says, then what ethtool says
 * and who has set them up. /proc and sysfs tell nearly the same; each is there for where the other cannot be read.
 */
import { run, type Ask, type Content, type Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { parseEthtool, type EthtoolSettings } from '../parsers/ethtool-settings.ts';
import { FormatError } from '../parsers/text.ts';
import { failed, type Reading } from '../reading.ts';
import { bondConfig, CONFIG_QUESTIONS, daemonQuestions, type DaemonAnswers } from './bond-config.ts';
import { bondOf, FIRST, toldBonds, type Devices, type Told } from './bond-merge.ts';
import {
  bondQuestions,
  slaveQuestions,
  sysfsSlave,
  type DeviceAnswers,
  type DeviceQuestions,
  type SysfsSlave,
} from './bond-sysfs.ts';
import type { Bond, Bonds, Unread } from './bonds.ts';

/** @param isChosen which bonds to look at */
export async function gatherBonds(host: Host, isChosen: (name: string) => boolean): Promise<Bonds> {
  const first = await host.ask(FIRST);
  const unread: Unread[] = [];
  const told = toldBonds(first, unread).filter(({ name }) => isChosen(name));
  const devices = await askDevices(host, told, unread);
  const { settings, configs } = await askLast(host, told, devices);
  const all = told.map((one) => bondOf(one, devices, settings, configs.get(one.name)));
  return {
    all,
    unread: unread.filter(({ bond }) => bond === '' || isChosen(bond)),
    devices: first.devices.ok ? first.devices.value : null,
    epochSeconds: first.now.epochSeconds,
  };
}

async function askDevices(host: Host, told: readonly Told[], unread: Unread[]): Promise<Devices> {
  const questions: DeviceQuestions = Object.assign(
    {},
    ...told.flatMap(({ name, proc, slaves }) => [
      bondQuestions(name),
      ...slaves.map((slave) =>
        slaveQuestions(slave, proc?.slaves.some((one) => one.name === slave) ?? false),
      ),
    ]),
  ) as DeviceQuestions;
  if (told.length === 0) return { bonds: new Map(), slaves: new Map() };
  const answers: Readonly<Record<string, unknown>> = await host.ask(questions);
  const values = ({ name: bond, sysfs }: Told, name: string): readonly [string, SysfsSlave] => {
    const value = sysfsSlave(name, answers as DeviceAnswers);
    for (const failure of value.failures) unread.push({ bond, failure });
    if (sysfs !== null && value.isGone) {
      unread.push({ bond, failure: failed('vanished', `/sys/class/net/${name}`) });
    }
    return [name, value];
  };
  return {
    bonds: new Map(told.map((one) => values(one, one.name))),
    slaves: new Map(told.flatMap((one) => one.slaves.map((slave) => values(one, slave)))),
  };
}

interface Last {
  readonly settings: ReadonlyMap<string, EthtoolSettings>;
  readonly configs: ReadonlyMap<string, Bond['config']>;
}

async function askLast(host: Host, told: readonly Told[], { bonds, slaves }: Devices): Promise<Last> {
  if (told.length === 0) return { settings: new Map(), configs: new Map() };
  const questions: Record<string, Ask<unknown>> = { ...CONFIG_QUESTIONS };
  // A device that does not tell its speed has no modes either: no process is started for it.
  const asked = [...slaves].filter(
    ([, { hasCarrier, speedMbps }]) => hasCarrier === true && speedMbps !== null,
  );
  for (const [name] of asked) questions[`ethtool ${name}`] = run('ethtool', name);
  for (const [name, { index }] of [...bonds, ...slaves]) {
    if (index === null) continue;
    const { networkd, nm } = daemonQuestions(index);
    questions[`networkd ${name}`] = networkd;
    questions[`nm ${name}`] = nm;
  }
  const answers: Readonly<Record<string, unknown>> = await host.ask(questions);
  const daemons = (name: string): DaemonAnswers | null => {
    const [networkd, nm] = [answers[`networkd ${name}`], answers[`nm ${name}`]];
    if (networkd === undefined || nm === undefined) return null;
    return { networkd: networkd as Reading<Content>, nm: nm as Reading<Content> };
  };
  return {
    settings: new Map(
      asked.flatMap(([name]) => settingsOf(name, answers[`ethtool ${name}`] as Reading<Ran>)),
    ),
    configs: new Map(
      told.map((one) => {
        const ofSlaves = one.slaves.flatMap((name) => {
          const answer = daemons(name);
          return answer === null ? [] : [[name, answer] as const];
        });
        const common = answers as unknown as Parameters<typeof bondConfig>[1];
        return [one.name, bondConfig(one.name, common, daemons(one.name), new Map(ofSlaves))];
      }),
    ),
  };
}

/** Whatever its exit status: some versions fail at what only root may see, after all that counts here. */
function settingsOf(name: string, ran: Reading<Ran>): readonly (readonly [string, EthtoolSettings])[] {
  try {
    return ran.ok ? [[name, parseEthtool(ran.value.stdout)]] : [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}
