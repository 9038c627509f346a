/** A plugin from its arguments to its output and exit code. */
import { Deadline } from '../host/deadline.ts';
import { isUnreachable } from '../host/unreachable.ts';
import { isUsageError } from '../option.ts';
import type { AnyPlugin } from '../plugin.ts';
import { inWords } from '../reading.ts';
import { renderNagios } from '../report/render-nagios.ts';
import type { Report } from '../report/report.ts';
import { exitCode } from '../report/state.ts';
import { VERSION } from '../version.ts';
import { acceptPlain, valuesOf, type Given } from './arguments.ts';
import { tableOf, type OptionTable } from './command-line.ts';
import { ended, finish, guardExit, limitTime, unknown, wantsJson, type Outcome } from './exit.ts';
import { judgementOn, reportOf, withUnseen, type Values } from './judge.ts';
import { isTerminal } from './terminal.ts';
import { observed, openPlace, standSomewhere, writeRecording } from './look.ts';

/** Runs the plugin on this process: arguments, standard output, exit code, signals. */
export function main(plugin: AnyPlugin): void {
  let stage = (): string => 'starting';
  guardExit(plugin.name, () => stage());
  const args = process.argv.slice(2);
  void run(plugin, args, (deadline) => {
    stage = () => deadline.stage;
    limitTime(plugin.name, deadline, wantsJson(args));
  }).then(finish);
}

/** @param onDeadline is told the deadline as soon as it is known */
export async function run(
  plugin: AnyPlugin,
  args: readonly string[],
  onDeadline: (deadline: Deadline) => void = () => undefined,
): Promise<Outcome> {
  const table = tableOf(plugin);
  try {
    const special = await informational(plugin, args, table);
    if (special !== null) return special;
    const given = acceptPlain(args, table) ?? (await givenByYargs(args, table));
    const values = valuesOf(given, table) as Values;
    if (values.help) return await helpOf(plugin);
    if (values.version) return { text: `${plugin.name} ${VERSION} (hypervisor-checks)\n`, code: 3 };
    const deadline = new Deadline(values.timeout.seconds);
    onDeadline(deadline);
    return await check(plugin, values, given, deadline);
  } catch (error) {
    if (isUsageError(error)) {
      const cause = `${error.message} - ${plugin.name} --help lists the options`;
      return unknown(plugin.name, cause, wantsJson(args));
    }
    throw error;
  }
}

async function givenByYargs(args: readonly string[], table: OptionTable): Promise<Given> {
  standSomewhere();
  const { parseWithYargs } = await import('./yargs-arguments.ts');
  return parseWithYargs(args, table);
}

/** What is asked for whatever else stands there: help, version, words for the shell's completion. */
async function informational(
  plugin: AnyPlugin,
  args: readonly string[],
  table: OptionTable,
): Promise<Outcome | null> {
  if (args.some((argument) => argument === '--help' || argument === '-h' || argument === '-?'))
    return helpOf(plugin);
  if (args[0] === '--get-yargs-completions') {
    const { completions } = await import('./yargs-arguments.ts');
    return { text: await completions(args.slice(1), table), code: 0 };
  }
  return null;
}

async function helpOf(plugin: AnyPlugin): Promise<Outcome> {
  standSomewhere();
  const { helpPage } = await import('./help.ts');
  return { text: await helpPage(plugin), code: 3 };
}

async function check(plugin: AnyPlugin, values: Values, given: Given, deadline: Deadline): Promise<Outcome> {
  try {
    return await look(plugin, values, given, deadline);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return ended(plugin.name, values.unreachable, error.message, values.format === 'json');
  }
}

async function look(plugin: AnyPlugin, values: Values, given: Given, deadline: Deadline): Promise<Outcome> {
  const opened = await openPlace(values, deadline);
  if (!opened.ok) return unknown(plugin.name, inWords(opened), values.format === 'json');
  const { host, open, recording, trace } = await observed(opened.value, values, {
    given,
    access: plugin.access,
  });
  const judgement = await judgementOn(plugin, values, { host, open }, deadline);
  if (recording === null || values.record === undefined) {
    const report = reportOf(plugin, values, judgement, trace());
    return { text: await render(report, values), code: exitCode(report.state) };
  }
  const command = [plugin.name, ...[...given.keys()].map((name) => `--${name}`)].join(' ');
  const text = recording(`made by ${command}, version ${VERSION}`);
  const failure = values.record === '-' ? null : writeRecording(values.record, text);
  // That it could not be written hides nothing of what was found.
  const noted = failure === null ? judgement : withUnseen(judgement, failure);
  const report = reportOf(plugin, values, noted, trace());
  return { text: values.record === '-' ? text : await render(report, values), code: exitCode(report.state) };
}

async function render(report: Report, values: Values): Promise<string> {
  if (values.format === 'json') {
    const { renderJson } = await import('../report/render-json.ts');
    return renderJson(report);
  }
  return renderNagios(report, { verbosity: values.verbose, colour: isTerminal(1) });
}
