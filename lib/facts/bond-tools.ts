/** What ethtool knows of slaves, and ip of the other end of 802.3ad bonds. */
import { run, type Ask, type Ran } from '../host/ask.ts';
import { parsePartnerMac } from '../parsers/bond-ip-link.ts';
import { parseEthtool, type EthtoolSettings } from '../parsers/ethtool-settings.ts';
import { FormatError } from '../parsers/text.ts';
import { failed, found, type Reading } from '../reading.ts';
import type { Told } from './bond-merge.ts';
import type { SysfsSlave } from './bond-sysfs.ts';
import type { Unread } from './bonds.ts';

type ToolQuestions = Readonly<Record<string, Ask<Reading<Ran>>>>;

export function toolQuestions(told: readonly Told[], slaves: ReadonlyMap<string, SysfsSlave>): ToolQuestions {
  // A device that does not tell its speed has no modes either: no process is started for it.
  const fast = [...slaves].filter(
    ([, { hasCarrier, speedMbps }]) => hasCarrier === true && speedMbps !== null,
  );
  const partnerless = told.filter(isPartnerHidden);
  return Object.fromEntries([
    ...fast.map(([name]) => [`ethtool ${name}`, run('ethtool', name)] as const),
    ...partnerless.map(
      ({ name }) => [`ip ${name}`, run('ip', '-d', '-j', 'link', 'show', 'dev', name)] as const,
    ),
  ]);
}

/** Files tell the partner to root only. */
function isPartnerHidden({ proc, sysfs }: Told): boolean {
  const told = proc?.partnerMac ?? sysfs?.partnerMac ?? null;
  return told === null && (proc?.mode ?? sysfs?.mode) === '802.3ad';
}

export interface ToolAnswers {
  /** By slave. */
  readonly settings: ReadonlyMap<string, EthtoolSettings>;
  /** By bond. */
  readonly partners: ReadonlyMap<string, string | null>;
}

/** A host without these tools is looked at without them; one that does not answer is not. */
export function toolAnswers(
  told: readonly Told[],
  answers: Readonly<Record<string, Reading<Ran> | undefined>>,
  unread: Unread[],
): ToolAnswers {
  const read = <T>(
    tool: string,
    bond: string,
    name: string,
    parse: (text: string) => T,
  ): (readonly [string, T])[] => {
    const ran = answers[`${tool} ${name}`];
    if (ran === undefined) return [];
    const parsed = parsedOutput(ran, `${tool} ${name}`, parse);
    if (parsed.ok) return [[name, parsed.value]];
    if (!['absent', 'denied', 'notRecorded', 'unparsable'].includes(parsed.why))
      unread.push({ bond, failure: parsed });
    return [];
  };
  return {
    settings: new Map(
      told.flatMap(({ name, slaves }) =>
        slaves.flatMap((slave) => read('ethtool', name, slave, parseEthtool)),
      ),
    ),
    partners: new Map(told.flatMap(({ name }) => read('ip', name, name, parsePartnerMac))),
  };
}

/** Whatever its exit status: ethtool before 5.7 ends with 1 at what only root may see, after all that counts here. */
function parsedOutput<T>(ran: Reading<Ran>, command: string, parse: (text: string) => T): Reading<T> {
  if (!ran.ok) return ran;
  try {
    return found(parse(ran.value.stdout));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', command, error.message);
  }
}
