/**
 * Asks a host for its bonds: who there is and what the bonding driver says, then what each slave says, then what ethtool says
 * and who has set them up. /proc and sysfs tell nearly the same; each is there for where the other cannot be read.
 */
import type { Ran } from '../host/ask.ts';
import type { Host } from '../host/host.ts';
import { failed, type Reading } from '../reading.ts';
import { bondConfig, CONFIG_QUESTIONS, daemonQuestions, type ConfigAnswers } from './bond-config.ts';
import { bondOf, FIRST, NOTHING, toldBonds, type Devices, type Last, type Told } from './bond-merge.ts';
import {
  bondQuestions,
  slaveQuestions,
  sysfsSlave,
  type DeviceAnswers,
  type DeviceQuestions,
  type SysfsSlave,
} from './bond-sysfs.ts';
import { toolAnswers, toolQuestions } from './bond-tools.ts';
import type { Bonds, Unread } from './bonds.ts';

/** @param isChosen which bonds to look at */
export async function gatherBonds(host: Host, isChosen: (name: string) => boolean): Promise<Bonds> {
  const first = await host.ask(FIRST);
  const unread: Unread[] = [];
  const told = toldBonds(first, unread).filter(({ name }) => isChosen(name));
  const devices = await askDevices(host, told, unread);
  const last = await askLast(host, told, devices, unread);
  const all = told.map((one) => bondOf(one, devices, last));
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
      ...slaves.map((slave) => {
        const inProc = proc?.slaves.find((one) => one.name === slave);
        const isChurned = [inProc?.actorChurn, inProc?.partnerChurn].includes('churned');
        return slaveQuestions(slave, inProc !== undefined, isChurned);
      }),
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

/** What only the tools and the systems that set up bonds know. */
async function askLast(host: Host, told: readonly Told[], devices: Devices, unread: Unread[]): Promise<Last> {
  if (told.length === 0) return NOTHING;
  const tools = toolQuestions(told, devices.slaves);
  const indexes = new Map([...devices.bonds, ...devices.slaves].map(([name, { index }]) => [name, index]));
  const answers: Readonly<Record<string, unknown>> = await host.ask({
    ...CONFIG_QUESTIONS,
    ...daemonQuestions(indexes),
    ...tools,
  });
  return {
    ...toolAnswers(told, answers as Readonly<Record<string, Reading<Ran> | undefined>>, unread),
    configs: new Map(
      told.map(({ name, slaves }) => [name, bondConfig(name, slaves, answers as unknown as ConfigAnswers)]),
    ),
  };
}
