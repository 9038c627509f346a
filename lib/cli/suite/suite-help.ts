/** The help of `hypervisor-checks` and of each of its commands. */
import type { Option } from '../../option.ts';
import { explained } from '../../option.ts';
import { COMMANDS, NAME, type Command } from './commands.ts';

export async function suiteHelp(command: Command | null): Promise<string> {
  const { yargs } = await import('../../vendor/yargs.ts');
  const [run] = COMMANDS;
  const shown = command ?? run;
  const parser = yargs([]).scriptName(NAME).locale('en').help(false).version(false).wrap(90);
  parser.usage(
    command === null
      ? `$0 [COMMAND] [OPTIONS] - all checks of this host in one command\n\nExit codes are those of the worst check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.`
      : `$0 ${usage(command)} - ${command.does}`,
  );
  if (command === null) for (const one of COMMANDS) parser.command(usage(one), one.does);
  for (const [name, option] of Object.entries(shown.options)) {
    parser.option(name, {
      describe: described(option),
      ...(option.short === undefined ? {} : { alias: option.short }),
    });
  }
  return `${await parser.getHelp()}\n`;
}

function usage({ name, operand }: Command): string {
  return operand === undefined ? name : `${name} ${operand}`;
}

function described(option: Option): string {
  const text = explained(option);
  return option.type === 'value' || option.type === 'repeated' ? `${option.placeholder}: ${text}` : text;
}
