/** `hypervisor-checks`: from its arguments to its output and exit code. */
import { anyMatcher } from '../../glob.ts';
import { Deadline } from '../../host/deadline.ts';
import { isUsageError, UsageError } from '../../option.ts';
import type { AnyPlugin } from '../../plugin.ts';
import { shortName } from '../../report/text.ts';
import { VERSION } from '../../version.ts';
import { acceptPlain, valuesOf } from '../arguments.ts';
import { finish, guardExit, limitTime, unknown, wantsJson, type Outcome } from '../exit.ts';
import { standSomewhere } from '../look.ts';
import { isTerminal } from '../terminal.ts';
import { ALL, LOOK, NAME, type Command, type LookValues } from './commands.ts';
import type { Work } from './checks.ts';
import { ran, recorded } from './run.ts';
import { calledOf } from './words.ts';

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
    const { command, isNamed, operand, options } = calledOf(args);
    if (options.some((option) => option === '--help' || option === '-h' || option === '-?'))
      return await help(isNamed ? command : null);
    const given = acceptPlain(options, command.options) ?? (await givenByYargs(options, command));
    // Of all options: what a command does not have cannot be given, and has its default.
    const values = valuesOf(given, ALL) as unknown as LookValues;
    if (values.version) return { text: `${NAME} ${VERSION}\n`, code: 3 };
    if (command.operand !== undefined && !command.operand.startsWith('[') && operand === null)
      throw new UsageError(`${command.name} needs a ${command.operand}`);
    if (command.options !== LOOK && command.options !== ALL)
      return await told(command.name, operand, plugins);
    const deadline = new Deadline(values.timeout.seconds);
    onDeadline(deadline);
    return await looked(command.name, operand, { plugins: chosen(plugins, values), given, values, deadline });
  } catch (error) {
    if (!isUsageError(error)) throw error;
    return unknown(NAME, `${error.message} - ${NAME} --help lists the commands`, wantsJson(args));
  }
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
  switch (name) {
    case 'doctor': {
      const { doctor } = await import('./doctor.ts');
      const { text, isHealthy } = await doctor(work);
      return { text, code: isHealthy ? 0 : 1 };
    }
    case 'record':
      return await recorded(work, operand ?? '-');
    default:
      return await ran(work);
  }
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

async function givenByYargs(args: readonly string[], { options }: Command) {
  standSomewhere();
  const { parseWithYargs } = await import('../yargs-arguments.ts');
  return parseWithYargs(args, options);
}

async function help(command: Command | null): Promise<Outcome> {
  standSomewhere();
  const { suiteHelp } = await import('./suite-help.ts');
  return { text: await suiteHelp(command), code: 3 };
}
