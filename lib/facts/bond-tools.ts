/** What ethtool knows of slaves, and ip of the other end of 802.3ad bonds. */
import { run, type Ask, type Ran } from '../host/ask.ts';
import { parsePartnerMac } from '../parsers/bond-ip-link.ts';
import { parseEthtool, type EthtoolSettings } from '../parsers/ethtool-settings.ts';
import { FormatError } from '../parsers/text.ts';
import { failed, found, type Reading } from '../reading.ts';
import type { Told } from './bond-merge.ts';
import type { SysfsSlave } from './bond-sysfs.ts';
import type { Unread } from './bonds.ts';

const LAST_SIGNAL = 64;

type ToolQuestions = Readonly<Record<string, Ask<Reading<Ran>>>>;

export function toolQuestions(told: readonly Told[], slaves: ReadonlyMap<string, SysfsSlave>): ToolQuestions {
  // A device that does not tell its speed has no modes either: no process is started for it.
  const fast = [...slaves].filter(
    ([, { hasCarrier, speedMbps }]) => hasCarrier === true && speedMbps !== null,
  );
  const partnerless = told.filter(isPartnerHidden);
  return Object.fromEntries([
    ...fast.map(([name]) => [`ethtool ${name}`, run('ethtool', name)] as const),
    ...partnerless.map(({ name }) => [`ip ${name}`, run('ip', ...IP, name)] as const),
  ]);
}

const IP = ['-d', '-j', 'link', 'show', 'dev'];

const COMMANDS = {
  ethtool: (name: string) => `ethtool ${name}`,
  ip: (name: string) => ['ip', ...IP, name].join(' '),
};

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

/** A host without these tools is looked at without them; one that does not answer, or not in full, is not. */
export function toolAnswers(
  told: readonly Told[],
  answers: Readonly<Record<string, Reading<Ran> | undefined>>,
  unread: Unread[],
): ToolAnswers {
  const read = <T>(
    tool: keyof typeof COMMANDS,
    bond: string,
    name: string,
    parse: (text: string) => T,
  ): (readonly [string, T])[] => {
    const ran = answers[`${tool} ${name}`];
    if (ran === undefined) return [];
    const parsed = parsedOutput(ran, COMMANDS[tool](name), parse);
    if (parsed.ok) return [[name, parsed.value]];
    if (!['absent', 'denied', 'notRecorded'].includes(parsed.why)) unread.push({ bond, failure: parsed });
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

/**
 * With an error and without an answer a tool has said nothing, as if it were not there: `ip` of before 4.13 does not know `-j`
 * (status 255), ethtool has "No data available" (75). An answer counts whatever the status: ethtool before 5.7 ends with 1 at
 * what only root may see, after all that counts here.
 */
function parsedOutput<T>(ran: Reading<Ran>, command: string, parse: (text: string) => T): Reading<T> {
  if (!ran.ok) return ran;
  const { status, stdout } = ran.value;
  if (status > 128 && status <= 128 + LAST_SIGNAL) {
    return failed('failed', command, `ended by signal ${status - 128}`);
  }
  if (status !== 0 && ['', 'No data available'].includes(stdout.trim())) return failed('absent', command);
  try {
    return found(parse(stdout));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return failed('unparsable', command, error.message);
  }
}
