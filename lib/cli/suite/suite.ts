/** `hypervisor-checks`: from its arguments to its output and exit code. */
import { writeSync } from 'node:fs';

import { anyMatcher } from '../../glob.ts';
import { Deadline } from '../../host/deadline.ts';
import { isUsageError, UsageError } from '../../option.ts';
import type { AnyPlugin } from '../../plugin.ts';
import { exitCode, worst, type State } from '../../report/state.ts';
import { VERSION } from '../../version.ts';
import { acceptPlain, valuesOf } from '../arguments.ts';
import { finish, guardExit, limitTime, unknown, wantsJson, type Outcome } from '../exit.ts';
import { writeRecording } from '../look.ts';
import { isTerminal } from '../terminal.ts';
import { lookWithAll, type Looked } from './checks.ts';
import { COMMANDS, LOOK, NAME, type Command, type LookValues } from './commands.ts';
import { overview } from './overview.ts';
import { Progress } from './progress.ts';
import { shortName } from '../../report/text.ts';

type Plugins = readonly AnyPlugin[];

/** Runs it on this process: arguments, standard output, exit code, signals. */
export function suite(plugins: Plugins): void {
  let stage = (): string => 'starting';
  guardExit(NAME, () => stage());
  const args = process.argv.slice(2);
  void runSuite(plugins, args, (deadline) => {
    stage = () => deadline.stage;
    limitTime(NAME, deadline, wantsJson(args));
  }).then(finish);
}

/** @param onDeadline is told the deadline as soon as it is known */
export async function runSuite(
  plugins: Plugins,
  args: readonly string[],
  onDeadline: (deadline: Deadline) => void = () => undefined,
): Promise<Outcome> {
  try {
    const { command, operand, rest } = commandOf(args);
    const given = acceptPlain(rest, command.options) ?? (await givenByYargs(rest, command));
    const values = valuesOf(given, command.options) as unknown as LookValues;
    if (values.help) return await help(command, args);
    if (values.version) return { text: `${NAME} ${VERSION}\n`, code: 3 };
    if (command.operand !== undefined && !command.operand.startsWith('[') && operand === null)
      throw new UsageError(`${command.name} needs a ${command.operand}`);
    if (command.options !== LOOK) return await told(command.name, operand, plugins);
    const deadline = new Deadline(values.timeout.seconds);
    onDeadline(deadline);
    return await looked(command.name, operand, { plugins: chosen(plugins, values), values, deadline });
  } catch (error) {
    if (!isUsageError(error)) throw error;
    return unknown(NAME, `${error.message} - ${NAME} --help lists the commands`, wantsJson(args));
  }
}

interface Work {
  readonly plugins: Plugins;
  readonly values: LookValues;
  readonly deadline: Deadline;
}

/** What can be said without looking at a machine. */
async function told(name: string, operand: string | null, plugins: Plugins): Promise<Outcome> {
  switch (name) {
    case 'explain': {
      const { explain } = await import('./explain.ts');
      return { text: explain(plugins, operand ?? '', isTerminal(1)), code: 0 };
    }
    case 'demo': {
      const { demo } = await import('./demo.ts');
      return { text: await demo(plugins, operand, isTerminal(1)), code: 0 };
    }
    case 'completion': {
      const { ownFile } = await import('./own-files.ts');
      return { text: ownFile('share/hypervisor-checks.bash'), code: 0 };
    }
    default:
      return { text: list(plugins), code: 0 };
  }
}

async function looked(name: string, operand: string | null, work: Work): Promise<Outcome> {
  if (name === 'doctor') {
    const { doctor } = await import('./doctor.ts');
    const { text, isHealthy } = await doctor(work.plugins, work.values, work.deadline);
    return { text, code: isHealthy ? 0 : 1 };
  }
  const path = name === 'record' ? (operand ?? '-') : work.values.record;
  return path === undefined ? await ran(work) : await recorded(work, path);
}

async function ran({ plugins, values, deadline }: Work): Promise<Outcome> {
  const progress = new Progress(
    plugins.length,
    isTerminal(2) && values.format !== 'json' ? tell : () => undefined,
  );
  const all = await lookWithAll(plugins, values, deadline, {
    onEnd: ({ name }) => {
      progress.ended(name);
    },
  });
  progress.clear();
  return await shown(all, values);
}

async function shown(all: Looked, values: LookValues): Promise<Outcome> {
  const state = stateOf(all);
  if (values.format === 'json') {
    const { jsonText, reportObject } = await import('../../report/render-json.ts');
    const { node, reports } = all;
    const text = jsonText({
      host: node,
      state,
      exitCode: exitCode(state),
      checks: reports.map(reportObject),
    });
    return { text, code: exitCode(state) };
  }
  const colour = isTerminal(1);
  const columns = colour ? columnsOf() : null;
  return { text: overview(all, { verbosity: values.verbose, colour, columns }), code: exitCode(state) };
}

/** What all checks saw, as one recording: each of them can be replayed from it, and all together. */
async function recorded({ plugins, values, deadline }: Work, path: string): Promise<Outcome> {
  const { mergedText, RecordingHost } = await import('../../host/replay.ts');
  const hosts: InstanceType<typeof RecordingHost>[] = [];
  const all = await lookWithAll(plugins, values, deadline, {
    watch: (host) => {
      const watched = new RecordingHost(host);
      hosts.push(watched);
      return watched;
    },
  });
  const text = mergedText(hosts, `made by ${NAME}, version ${VERSION}`);
  if (path === '-') return { text, code: exitCode(stateOf(all)) };
  const failure = writeRecording(path, text);
  if (failure !== null) return unknown(NAME, failure, false);
  return { text: `${path}: ${Buffer.byteLength(text)} bytes, known passwords are left out\n`, code: 0 };
}

function stateOf({ reports }: Looked): State {
  return worst(reports.map(({ state }) => state));
}

function list(plugins: Plugins): string {
  const width = Math.max(0, ...plugins.map(({ name }) => name.length)) + 2;
  return plugins.map(({ name, summary }) => `${name.padEnd(width)}${summary}\n`).join('');
}

function chosen(plugins: Plugins, { only, skip }: LookValues): Plugins {
  const known = plugins.map(({ name }) => name);
  for (const word of [...only, ...skip]) {
    if (!known.some((name) => names(name).some(anyMatcher([word]))))
      throw new UsageError(`"${word}" is none of ${known.join(', ')}`);
  }
  const isOnly = anyMatcher(only);
  const isSkipped = anyMatcher(skip);
  return plugins.filter(
    ({ name }) => (only.length === 0 || names(name).some(isOnly)) && !names(name).some(isSkipped),
  );
}

/** A check is known by its short name as well. */
function names(name: string): readonly string[] {
  return [name, shortName(name)];
}

interface Called {
  readonly command: Command;
  readonly operand: string | null;
  readonly rest: readonly string[];
}

function commandOf(args: readonly string[]): Called {
  const [first] = args;
  const [run] = COMMANDS;
  if (run === undefined) throw new Error('no commands');
  if (first === undefined || first.startsWith('-')) return { command: run, operand: null, rest: args };
  const command = COMMANDS.find(({ name }) => name === first);
  if (command === undefined)
    throw new UsageError(`"${first}" is none of ${COMMANDS.map(({ name }) => name).join(', ')}`);
  const [, second] = args;
  const isOperand =
    command.operand !== undefined && second !== undefined && (second === '-' || !second.startsWith('-'));
  return isOperand
    ? { command, operand: second, rest: args.slice(2) }
    : { command, operand: null, rest: args.slice(1) };
}

async function givenByYargs(args: readonly string[], { options }: Command) {
  const { parseWithYargs } = await import('../yargs-arguments.ts');
  return parseWithYargs(args, options);
}

async function help(command: Command, args: readonly string[]): Promise<Outcome> {
  const { suiteHelp } = await import('./suite-help.ts');
  return { text: await suiteHelp(args[0] === command.name ? command : null), code: 3 };
}

function tell(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody sees it.
  }
}

function columnsOf(): number | null {
  return process.stdout.columns > 0 ? process.stdout.columns : null;
}
