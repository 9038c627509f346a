/** Whether the fastest slave is the active one, and whether anything keeps it so. */
import type { Finding, Repair } from '../report/finding.ts';
import { shellQuote } from '../report/text.ts';
import { lasting, optionRepair } from './bond-repair.ts';
import type { BondHistory } from './bond-memory.ts';
import {
  fastestOf,
  hasSpeed,
  mbps,
  withSpeed,
  type BondKind,
  type BondView,
  type FastSlave,
} from './bond-view.ts';

type Said = Omit<Finding<BondKind>, 'subject'>;

const OUTAGE = 'changing the active slave costs a short outage';

export function judgeActive(view: BondView, history: BondHistory): readonly Said[] {
  // Where both have a repair it is the same, which is printed once.
  const all = [slowerActive(view) ?? onSlow(view, history), judgePrimary(view)];
  return all.filter((one) => one !== null);
}

/** A slower slave is active while a faster one is up, or about to be. */
function slowerActive(view: BondView): Said | null {
  const { bond, active, up } = view;
  const back = bond.slaves.filter(({ link }) => link === 'going back');
  const fastest = fastestOf([...up, ...back]);
  if (active === null || !hasSpeed(active) || !up.includes(active)) return null;
  if (fastest === null || fastest.speedMbps <= active.speedMbps) return null;
  const isBack = back.includes(fastest);
  const [why, repair] = isBack
    ? [`${fastest.name} has only just come back (updelay ${bond.updelayMs ?? '?'} ms)`, undefined]
    : reasonOf(view, active, fastest);
  return {
    kind: 'slower-active',
    text: `${active.name} is active at ${mbps(active.speedMbps)} while ${fastest.name} is up at ${mbps(fastest.speedMbps)}: ${why}`,
    ...(repair === undefined ? {} : { repair }),
  };
}

function reasonOf(
  { bond }: BondView,
  active: FastSlave,
  fastest: FastSlave,
): readonly [string, Repair | undefined] {
  const { primary, primaryReselect: reselect } = bond;
  if (primary === null) return ['no primary is set', primaryRepair(bond, fastest)];
  if (primary === active.name) return [`the slow ${primary} is the primary`, primaryRepair(bond, fastest)];
  if (primary !== fastest.name) {
    return [`the primary is ${primary}, which is not the fastest`, primaryRepair(bond, fastest)];
  }
  const now = `ip link set dev ${shellQuote(bond.name)} type bond active_slave ${shellQuote(fastest.name)}`;
  if (reselect === 'failure') {
    return [
      `primary_reselect=failure keeps ${active.name} until it fails (by design)`,
      {
        how: `Make ${fastest.name} active again at a good time (${OUTAGE}), with primary_reselect=always it would have come back by itself`,
        commands: [now, ...asOption(lasting(bond, 'primary_reselect', 'always'))],
      },
    ];
  }
  const rule =
    reselect === 'better'
      ? `primary_reselect=better looks at the speed only when a link changes`
      : `somebody has set the active slave by hand, or the change is under way`;
  return [rule, { how: `Make ${fastest.name} active again (${OUTAGE})`, commands: [now] }];
}

/** A change of policy, not needed to set right what is now. */
function asOption(commands: readonly string[]): readonly string[] {
  return commands.map((command) => command.replace('# and for good', '# only if that is wanted'));
}

function primaryRepair(bond: BondView['bond'], fastest: FastSlave): Repair {
  return optionRepair(
    bond,
    { primary: fastest.name },
    `Make ${fastest.name} the primary, so that the bond goes back to it (${OUTAGE})`,
  );
}

/** A faster slave is down. Its speed is what it had before it went down, as far as somebody remembers. */
function onSlow(view: BondView, { best, slowSince }: BondHistory): Said | null {
  const { bond, active, up, down } = view;
  if (active === null || !hasSpeed(active) || !up.includes(active)) return null;
  const lost = fastestOf(down.map((slave) => ({ ...slave, speedMbps: best(slave) ?? slave.speedMbps })));
  if (lost === null || lost.speedMbps <= active.speedMbps) return null;
  return {
    kind: 'on-slow',
    text:
      `runs on ${active.name} at ${mbps(active.speedMbps)} because ${withSpeed(lost)} is down` +
      (slowSince === null ? '' : `, seen since ${slowSince}`),
    detail: [wayBack(bond, lost.name, active.name)],
  };
}

/** What happens when the fast one is up again. */
function wayBack(
  { primary, primaryReselect: reselect }: BondView['bond'],
  fast: string,
  slow: string,
): string {
  if (primary !== fast) return `it stays on ${slow} when ${fast} is back: ${fast} is not the primary`;
  if (reselect === 'failure') return `it stays on ${slow} when ${fast} is back: primary_reselect=failure`;
  return `it returns to ${fast} by itself, with a short outage`;
}

/** Only active-backup: the others use all slaves for sending, whatever their primary. */
function judgePrimary({ bond, up, active, fastest }: BondView): Said | null {
  if (bond.mode !== 'active-backup' || fastest === null) return null;
  const isAsymmetric = up.filter(hasSpeed).some(({ speedMbps }) => speedMbps < fastest.speedMbps);
  const primary = bond.slaves.find(({ name }) => name === bond.primary);
  const isKept = primary !== undefined && (!hasSpeed(primary) || primary.speedMbps >= fastest.speedMbps);
  if (!isAsymmetric || isKept) return null;
  const why = primary === undefined ? 'no primary is set' : `the primary is the slow ${withSpeed(primary)}`;
  return {
    kind: 'primary',
    text: `nothing keeps the fast ${withSpeed(fastest)} active: ${why}`,
    detail: active === null ? [] : [`active now: ${active.name}`],
    repair: primaryRepair(bond, fastest),
  };
}
