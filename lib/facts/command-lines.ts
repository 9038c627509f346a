/** The command line of a guest's process, as qemu reads it. */
import type { Content } from '../host/ask.ts';
import { parseProcCmdline } from '../parsers/proc-cmdline.ts';
import { parseQemuArgv, type QemuCommandLine } from '../parsers/qemu-argv.ts';
import { failed, found, type Reading } from '../reading.ts';

/** Several checks of one process are given the same answers: thousands of command lines, each of them kilobytes, are parsed once. */
const parsed = new WeakMap<Reading<Content>, Reading<QemuCommandLine>>();

/** @param program what the process runs, from its executable */
export function commandLineOf(
  cmdline: Reading<Content>,
  path: string,
  program: string,
): Reading<QemuCommandLine> {
  const known = parsed.get(cmdline);
  if (known !== undefined) return known;
  const line = parsedCommandLine(cmdline, path, program);
  parsed.set(cmdline, line);
  return line;
}

function parsedCommandLine(
  cmdline: Reading<Content>,
  path: string,
  program: string,
): Reading<QemuCommandLine> {
  if (!cmdline.ok) return cmdline;
  const { argv, cut, rewritten } = parseProcCmdline(cmdline.value.bytes);
  if (argv.length === 0) return failed('vanished', path, 'no command line');
  if (rewritten) return failed('unparsable', path, 'the process has rewritten it');
  // Its first word is what somebody called it; what it runs is known from its executable.
  const line = parseQemuArgv([program, ...argv.slice(1)]);
  // What is behind the cut may contradict what is before it: the last -cpu wins.
  if (cut || cmdline.value.cut) return failed('tooBig', path, 'cut off, its end is not known');
  return found(line);
}
