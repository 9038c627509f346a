/**
 * What all checks found, for a person at a terminal: one aligned line each, the worst first, and a verdict below.
 *
 *     CRITICAL  bond_speed      bond0: no slave is up, look at the switch as well
 *     OK        uptime_kernel   runs 6.1.0-37-amd64, the newest installed; up 12 d
 *     -         daemontools     no services: ...
 *
 *     kvm1: CRITICAL. 1 critical, 1 ok, 1 with nothing to look at. What to do: the same with -v
 *
 * Where the machine could not be looked at, one line says so for all of them.
 */
import { headline } from '../../report/headline.ts';
import { longLines, paintFor } from '../../report/render-nagios.ts';
import type { Report } from '../../report/report.ts';
import { severity, worst, type State } from '../../report/state.ts';
import { cleanText, shortName } from '../../report/text.ts';
import type { Looked } from './checks.ts';

export interface OverviewStyle {
  readonly verbosity: number;
  readonly colour: boolean;
  /** Of the terminal; null: lines are not cut to fit. */
  readonly columns: number | null;
}

/** What there is nothing of on this machine: no fault, and no proof of health. */
export function isIdle({ findings: [first], state }: Report): boolean {
  return first?.kind === 'none' && state === 'ok';
}

export function worstFirst(reports: readonly Report[]): readonly Report[] {
  const rank = (report: Report): number => (isIdle(report) ? -1 : severity(report.state));
  return [...reports].sort((a, b) => rank(b) - rank(a));
}

const STATE_WIDTH = 'CRITICAL'.length + 2;
/** Where nothing says how much fits: what line 1 of a check may have. */
const LONGEST = 250;

export function overview(looked: Looked, style: OverviewStyle): string {
  const reports = looked.failure === null ? worstFirst(looked.reports) : forAll(looked.reports);
  const width = Math.max(0, ...reports.map((report) => shortName(report.plugin).length)) + 3;
  const room = style.columns === null ? LONGEST : Math.max(40, style.columns - STATE_WIDTH - width - 1);
  const lines = reports.flatMap((report) => {
    const name = shortName(report.plugin).padEnd(width);
    const first = `${stateWord(report, style)}${name}${headline(report, room)}`;
    return [first, ...below(report, style)];
  });
  return [...lines, '', verdict(looked, style), ''].join('\n');
}

/** All of them say the same. */
function forAll(reports: readonly Report[]): readonly Report[] {
  const [first] = reports;
  const plugin = reports.length === 1 ? first?.plugin : `all ${reports.length} checks`;
  return first === undefined ? [] : [{ ...first, plugin: plugin ?? '' }];
}

function stateWord(report: Report, { colour }: OverviewStyle): string {
  const word = isIdle(report) ? '-' : report.state.toUpperCase();
  const painted = colour && !isIdle(report) ? paintFor(true)(report.state) : word;
  return painted + ' '.repeat(STATE_WIDTH - word.length);
}

function below(report: Report, { verbosity, colour }: OverviewStyle): readonly string[] {
  if (verbosity === 0 || (verbosity === 1 && report.state === 'ok')) return [];
  return longLines(report, verbosity - 1, colour).map((line) => `    ${line}`);
}

function verdict({ place, reports, failure }: Looked, { colour, verbosity }: OverviewStyle): string {
  const busy = reports.filter((report) => !isIdle(report));
  const state = worst(reports.map((report) => report.state));
  const counts = (['critical', 'warning', 'unknown', 'ok'] as const).flatMap((one) => countOf(busy, one));
  const idle = reports.length - busy.length;
  const all = [...counts, ...(idle === 0 ? [] : [`${idle} with nothing to look at`])].join(', ');
  const more = state === 'ok' || verbosity > 0 || failure !== null ? '' : ' What to do: the same with -v';
  return `${cleanText(place)}: ${paintFor(colour)(state)}. ${all}.${more}`;
}

function countOf(reports: readonly Report[], state: State): string[] {
  const count = reports.filter((report) => report.state === state).length;
  return count === 0 ? [] : [`${count} ${state}`];
}
