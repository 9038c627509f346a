/** What is done with all that the checks found: one page, one object, or one recording. */
import type { RecordingHost } from '../../host/replay.ts';
import { exitCode, worst, type State } from '../../report/state.ts';
import { VERSION } from '../../version.ts';
import { unknown, type Outcome } from '../exit.ts';
import { writeRecording } from '../look.ts';
import { columnsOf, isTerminal } from '../terminal.ts';
import { lookWithAll, type Looked, type Work } from './checks.ts';
import { NAME, type LookValues } from './commands.ts';
import { overview } from './overview.ts';

export async function ran(work: Work): Promise<Outcome> {
  const { values } = work;
  if (values.record === undefined) return await shown(await lookWithAll(work), values, null);
  const { all, text } = await watched(work);
  if (values.record === '-') return { text, code: exitCode(stateOf(all)) };
  // That it could not be written hides nothing of what was found.
  return await shown(all, values, writeRecording(values.record, text));
}

/** What all checks saw, as one recording: each of them can be replayed from it, and all together. */
export async function recorded(work: Work, path: string): Promise<Outcome> {
  const { all, text } = await watched(work);
  if (path === '-') return { text, code: exitCode(stateOf(all)) };
  const failure = writeRecording(path, text);
  if (failure !== null) return unknown(NAME, failure, false);
  return { text: `${path}: ${Buffer.byteLength(text)} bytes, known passwords are left out\n`, code: 0 };
}

async function watched(work: Work): Promise<{ readonly all: Looked; readonly text: string }> {
  const { mergedText, RecordingHost } = await import('../../host/replay.ts');
  const { toldOf } = await import('../../host/told.ts');
  const hosts: RecordingHost[] = [];
  const all = await lookWithAll(work, (host, { access }) => {
    const watched = new RecordingHost(host, toldOf(work.given, access));
    hosts.push(watched);
    return watched;
  });
  return { all, text: mergedText(hosts, `made by ${NAME}, version ${VERSION}`) };
}

/** @param failure why the recording could not be written, null where it was, or none was wanted */
async function shown(all: Looked, values: LookValues, failure: string | null): Promise<Outcome> {
  const states = failure === null ? [stateOf(all)] : [stateOf(all), 'unknown' as const];
  const code = exitCode(worst(states));
  if (values.format === 'json') {
    const { jsonText, reportObject } = await import('../../report/render-json.ts');
    const { node, reports } = all;
    const checks = reports.map(reportObject);
    const more = failure === null ? {} : { failure };
    return { text: jsonText({ host: node, state: worst(states), exitCode: code, checks, ...more }), code };
  }
  const style = { verbosity: values.verbose, colour: isTerminal(1), columns: columnsOf() };
  const said = failure === null ? '' : `${failure}\n`;
  return { text: overview(all, style) + said, code };
}

function stateOf({ reports }: Looked): State {
  return worst(reports.map(({ state }) => state));
}
