/** `hypervisor-checks doctor`: what the checks could not see on this machine as this user, and what mends it. */
import type { Entry } from '../../host/recording.ts';
import { unescapeText } from '../../host/recording.ts';
import { hiddenProcesses } from '../../facts/hidden-processes.ts';
import { head } from '../../host/ask.ts';
import { RecordingHost } from '../../host/replay.ts';
import type { Report } from '../../report/report.ts';
import { cleanText } from '../../report/text.ts';
import { lookWithAll, type Work } from './checks.ts';
import { installation } from './installation.ts';
import { asRoot, asRootThere, byGroup, packageOf, userName } from './mending.ts';

export interface Examined {
  readonly text: string;
  /** Whether there is anything to mend. */
  readonly isHealthy: boolean;
}

/** What one check could not see. */
interface Part {
  readonly check: string;
  readonly lines: readonly string[];
  readonly denied: readonly string[];
  /** Whether root would see more. */
  readonly isForRoot: boolean;
}

export async function doctor(work: Work): Promise<Examined> {
  const seen = new Map<string, RecordingHost>();
  const { reports, host, failure } = await lookWithAll(work, (host, plugin) => {
    const watched = new RecordingHost(host);
    seen.set(plugin.name, watched);
    return watched;
  });
  if (host === null) return { text: `${cleanText(failure ?? '')}\n`, isHealthy: false };
  const { init, who } = await host.ask({ init: head('/proc/1/comm', 16) });
  const isHidden = hiddenProcesses(init, 1, who)?.why === 'denied';
  const parts = reports.map((report) =>
    examined(report, seen.get(report.plugin)?.looks.flatMap((look) => look.entries) ?? [], isHidden),
  );
  const ill = parts.filter(({ lines }) => lines.length > 0);
  const forRoot = ill.filter(({ isForRoot }) => isForRoot).map(({ check }) => check);
  const { host: far, root, replay } = work.values;
  // Nothing else is known of the users and groups of another tree, and of a recording.
  const isHere = far === undefined && root === undefined && replay === undefined;
  const mended =
    forRoot.length === 0
      ? []
      : isHere
        ? [
            ...(await asRoot(forRoot, host, work.deadline)),
            ...(await byGroup(host, new Set(ill.flatMap(({ denied }) => denied)))),
          ]
        : asRootThere(far);
  const own = installation();
  const lines = [
    ...ill.flatMap(({ check, lines: unseen }) => [`${check}:`, ...unseen.map((line) => `  ${line}`)]),
    healthy(parts.length - ill.length, ill.length, isHere),
    ...mended,
    ...own,
  ];
  return { text: `${lines.join('\n')}\n`, isHealthy: ill.length === 0 && own.length === 0 };
}

function healthy(count: number, others: number, isHere: boolean): string {
  const as = isHere ? `, as ${userName()}` : '';
  if (others === 0) return `Every check can see all that it looks for${as}.`;
  return count === 0
    ? ''
    : `The other ${count === 1 ? 'check sees' : `${count} checks see`} all that they look for${as}.`;
}

/** @param isHidden whether /proc shows the own processes only: what asks for all of them is told so by nobody */
function examined(report: Report, entries: readonly Entry[], isHidden: boolean): Part {
  const isPartial = isHidden && entries.some(({ key }) => key.startsWith('processes '));
  const denied = [...new Set([...entries.flatMap(deniedPaths), ...(isPartial ? ['/proc'] : [])])];
  const missing = [...new Set(entries.flatMap(toolOf))];
  const isKnown = (said: string): boolean =>
    denied.some((path) => said === path || said.startsWith(`${path}: permission denied`));
  const unseen = report.findings.filter(
    ({ kind, subject, text }) => kind === 'unseen' && !isKnown(subject) && !isKnown(text),
  );
  const lines = [
    ...grouped(denied).map((path) =>
      path === '/proc' ? '/proc hides the processes of other users' : `${path} may not be read`,
    ),
    ...missing.map((tool) => `${tool} is not installed: ${packageOf(tool)}`),
    ...unseen.map(({ subject, text }) => `cannot tell: ${subject === '' ? text : `${subject}: ${text}`}`),
  ];
  const isForRoot =
    denied.length > 0 || unseen.some(({ text, repair }) => `${text} ${repair?.how ?? ''}`.includes('--sudo'));
  return { check: report.plugin, lines: [...new Set(lines.map(cleanText))], denied, isForRoot };
}

/** The key of an entry is its operation and its path, for `lines` with what they contain between the two. */
function deniedPaths({ key, outcome, lines }: Entry): readonly string[] {
  const [operation = '', ...words] = key.split(' ');
  if (operation === 'run') return [];
  const unlisted = lines.flatMap((line) => /^unlisted denied (.*)$/.exec(line)?.[1] ?? []);
  const path = operation === 'processes' ? '/proc' : words.slice(operation === 'lines' ? 1 : 0).join(' ');
  return (outcome === 'denied' ? [path] : unlisted).map(unescapeText);
}

/** Of many processes or guests one line: numbers in /proc are `*`, and of long lists the first. */
function grouped(paths: readonly string[]): readonly string[] {
  const all = [...new Set(paths.map((path) => path.replace(/^\/proc\/[0-9]+\//, '/proc/*/')))];
  const MANY = 8;
  return all.length <= MANY ? all : [...all.slice(0, MANY), `and ${all.length - MANY} more paths`];
}

function toolOf({ key, outcome }: Entry): readonly string[] {
  const [op, tool] = key.split(' ');
  return op === 'run' && outcome === 'absent' && tool !== undefined ? [tool] : [];
}
