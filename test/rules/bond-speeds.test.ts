import { expect, it } from 'vitest';

import type { Slave } from '../../lib/facts/bonds.ts';
import { judgeCapability } from '../../lib/rules/bond-speeds.ts';
import type { BondView } from '../../lib/rules/bond-view.ts';

const MODES = ['1000baseT/Full', '10000baseT/Full'];
const HOW =
  'Look at the cable, the transceiver and the settings of the switch port (negotiating anew costs a short outage of that port)';

it.each<readonly [string, number | null, string[], number | null, string[]]>([
  ['at what both ends could do', 10000, MODES, null, []],
  ['slower than both ends could do', 1000, MODES, 10000, ['both ends could do 10000 Mb/s', 'ethtool: both ends advertise a faster mode']],
  ['as fast as both ends could do, and slower than before', 1000, MODES.slice(0, 1), 10000, ['it has been at 10000 Mb/s before', 'if it is meant to be slower now: --expect $eth0=1000']],
  ['slower than before', 1000, [], 10000, ['it has been at 10000 Mb/s before', 'if it is meant to be slower now: --expect $eth0=1000']],
  ['as fast as before', 1000, [], 1000, []],
  ['faster than before', 10000, [], 1000, []],
  ['never seen before', 1000, [], null, []],
  ['at a speed that it does not tell', null, [], 10000, []],
])('a slave is said to be slower than it could be: %s', (_, speedMbps, modes, best, said) => {
  const slave = { name: '$eth0', speedMbps, settings: { advertised: modes, partner: modes } } as unknown as Slave;
  const view = { up: [slave] } as unknown as BondView;
  const of = (expected: number | null) =>
    judgeCapability(view, { best: () => best, slowSince: null }, expected === null ? [] : [{ name: '$eth0', speedMbps: expected }]);
  const [text, ...detail] = said;
  const repair = { how: HOW, commands: ["ethtool '$eth0'", "ethtool -r '$eth0'"] };
  const found = [{ kind: 'below-capability', text: `$eth0 is up at 1000 Mb/s, ${text ?? ''}`, detail, repair }];
  expect(of(null)).toEqual(said.length === 0 ? [] : found);
  // What it has been counts no more, what it could be does.
  expect(of(100)).toEqual(text?.startsWith('both') === true ? found : []);
  expect(of(1000)).toEqual([]);
}); // prettier-ignore
