/** Slaves that are slower than they could be, than they were, or than somebody expects. */
import type { Bonds, Slave } from '../facts/bonds.ts';
import { speedOfMode } from '../parsers/ethtool-settings.ts';
import type { Finding } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import type { Expectation } from './bond-expect.ts';
import type { BondHistory } from './bond-memory.ts';
import { mbps, viewOf, type BondKind, type BondView } from './bond-view.ts';

type Said = Omit<Finding<BondKind>, 'subject'>;

/** A port that came back slow, unless it is just as fast as somebody has said. */
export function judgeCapability(
  { up }: BondView,
  { best }: BondHistory,
  expected: readonly Expectation[],
): readonly Said[] {
  return up.flatMap((slave): Said[] => {
    const { name, speedMbps } = slave;
    const wanted = expected.filter((one) => one.name === name);
    if (speedMbps === null || wanted.some((one) => one.speedMbps === speedMbps)) return [];
    const could = commonSpeed(slave);
    // What it has been counts no more where somebody has said how fast it should be.
    const was = wanted.length > 0 ? 0 : (best(slave) ?? 0);
    if (Math.max(could, was) <= speedMbps) return [];
    const isOffered = could > speedMbps;
    return [
      {
        kind: 'below-capability',
        text: `${name} is up at ${mbps(speedMbps)}, ${isOffered ? `both ends could do ${mbps(could)}` : `it has been at ${mbps(was)} before`}`,
        detail: isOffered
          ? ['ethtool: both ends advertise a faster mode']
          : [`if it is meant to be slower now: --expect ${name}=${speedMbps}`],
        repair: {
          how: 'Look at the cable, the transceiver and the settings of the switch port (negotiating anew costs a short outage of that port)',
          commands: [`ethtool ${shellQuote(name)}`, `ethtool -r ${shellQuote(name)}`],
        },
      },
    ];
  });
}

/** The fastest mode that both ends advertise, Mb/s; 0 where that is not known. */
function commonSpeed({ settings }: Slave): number {
  const { advertised, partner } = settings ?? { advertised: null, partner: null };
  const common = (advertised ?? []).filter((mode) => partner?.includes(mode) === true);
  return Math.max(0, ...common.map(speedOfMode));
}

export function judgeDuplex({ up }: BondView): readonly Said[] {
  return up.flatMap(({ name, duplex, speedMbps }): Said[] =>
    duplex !== 'half'
      ? []
      : [
          {
            kind: 'half-duplex',
            text: `${name} runs half duplex at ${mbps(speedMbps)}: one end is set by hand, or the cable is bad`,
            repair: {
              how: 'Let both ends negotiate (a short outage of that port)',
              commands: [`ethtool -s ${shellQuote(name)} autoneg on`],
            },
          },
        ],
  );
}

/** What `--expect` and `--bond` name and is not as they say. */
export function judgeExpected(
  { all, unread, devices }: Bonds,
  expected: readonly Expectation[],
  wanted: readonly string[],
): readonly Finding<BondKind>[] {
  const slavesUnknown = all.filter((bond) => !bond.areSlavesKnown).map(({ name }) => name);
  const isListed = !unread.some(({ bond }) => bond === '');
  const absent = (name: string, what: string): Finding<BondKind>[] => {
    const isDevice = devices?.includes(name) === true;
    const text = `expected and not there: ${isDevice ? `the device is no ${what}` : `no ${what}${what === 'bond' ? '' : ','} has that name`}`;
    // Where not all could be listed, that is said, and it may be there.
    return isListed ? [{ kind: 'absent', subject: name, text }] : [];
  };
  const speeds = expected.flatMap(({ name, speedMbps }): Finding<BondKind>[] => {
    const bond = all.find((one) => one.name === name);
    if (bond !== undefined) return [...judgeSpeed(name, viewOf(bond).speedMbps, isDead(bond), speedMbps)];
    const slave = all.flatMap(({ slaves }) => slaves).find((one) => one.name === name);
    if (slave === undefined)
      return slavesUnknown.length === 0
        ? absent(name, 'bond, and no slave of one that is looked at')
        : [
            {
              kind: 'unseen',
              subject: name,
              text: `${slavesUnknown.join(', ')} may have it as a slave, not all slaves are known`,
            },
          ];
    const isDown = all.some((one) => viewOf(one).down.includes(slave));
    return [...judgeSpeed(name, isDown ? null : slave.speedMbps, isDown, speedMbps)];
  });
  const names = wanted.filter((name) => !all.some((one) => one.name === name));
  return [...names.flatMap((name) => absent(name, 'bond')), ...speeds];
}

function isDead(bond: Bonds['all'][number]): boolean {
  const { down } = viewOf(bond);
  return (
    bond.isUp === false ||
    bond.isSwitchedOn === false ||
    (bond.slaves.length > 0 && down.length === bond.slaves.length)
  );
}

function judgeSpeed(
  subject: string,
  speedMbps: number | null,
  isDown: boolean,
  wanted: number,
): readonly Finding<BondKind>[] {
  if (isDown) return [{ kind: 'expected-speed', subject, text: `is down, expected ${mbps(wanted)}` }];
  if (speedMbps === null) {
    return [{ kind: 'unseen', subject, text: `its speed is not known, expected ${mbps(wanted)}` }];
  }
  if (speedMbps >= wanted) return [];
  return [{ kind: 'expected-speed', subject, text: `is at ${mbps(speedMbps)}, expected ${mbps(wanted)}` }];
}
