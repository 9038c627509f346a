/** 802.3ad: whether the slaves really are one aggregate, as far as any user may see it. */
import type { Finding } from '../report/finding.ts';
import { aggregatorsOf, hasSpeed, namesOf, withSpeed, type BondKind, type BondView } from './bond-view.ts';

const NOBODY = '00:00:00:00:00:00';

/** One finding, its cause first: without a partner, and at unequal speeds, slaves cannot share an aggregator. */
export function judgeLacp({ bond, up }: BondView): Omit<Finding<BondKind>, 'subject'> | null {
  if (bond.mode !== '802.3ad' || up.length === 0) return null;
  const problems = [
    ...(bond.partnerMac === NOBODY ? [`the other end does not speak LACP (partner ${NOBODY})`] : []),
    ...unequalSpeeds(up),
    ...differentAggregators(up),
    ...churned(up),
  ];
  const [text, ...detail] = problems;
  if (text === undefined) return null;
  return {
    kind: 'lacp',
    text,
    detail,
    repair: {
      how: 'Look at the switch: all ports in one active LACP channel group, on one switch or one stack, at one speed',
      commands: [],
    },
  };
}

function unequalSpeeds(up: BondView['up']): readonly string[] {
  const speeds = new Set(up.filter(hasSpeed).map(({ speedMbps }) => speedMbps));
  return speeds.size > 1 ? [`slaves of unequal speed: ${up.map(withSpeed).join(', ')}`] : [];
}

/** Only one aggregator is used, the others are idle. */
function differentAggregators(up: BondView['up']): readonly string[] {
  const all = aggregatorsOf(up);
  if (all.length < 2) return [];
  const groups = all.map(([id, slaves]) => `${namesOf(slaves)} in ${id ?? 'none'}`);
  return [`slaves in different aggregators, only one is used: ${groups.join(', ')}`];
}

/**
 * Out of sync for a minute, and still. ad_churn_machine() of bond_3ad.c decides once, when its timer runs out, and at least up
 * to Linux 6.18 does not take it back when the port gets in sync later, unless the other end has been silent in between: the
 * ports of an idle aggregator that takes over are churned for ever.
 */
function churned(up: BondView['up']): readonly string[] {
  const bad = up.filter(
    ({ actorChurn, partnerChurn, isActorInSync, isPartnerInSync }) =>
      (actorChurn === 'churned' && isActorInSync !== true) ||
      (partnerChurn === 'churned' && isPartnerInSync !== true),
  );
  return bad.length === 0 ? [] : [`LACP does not settle (churned): ${namesOf(bad)}`];
}
