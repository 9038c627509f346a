/** Asks `program.sh` in a child process of this machine. */
import { failed, found, type Reading } from '../reading.ts';
import type { LooseAnswers, Want } from './ask.ts';
import { runChild } from './child.ts';
import type { Deadline } from './deadline.ts';
import program from './program.sh';
import { decodeBatch } from './sh-answers.ts';
import { encodeBatch, encodeOpening, makeSecret } from './sh-request.ts';

/** `place` says in failures what was being looked at; `shell` is the shell's own command line. */
export async function askShellChild(
  want: Want,
  place: string,
  deadline: Deadline,
  shell: readonly [string, ...string[]] = ['/bin/sh'],
): Promise<Reading<LooseAnswers>> {
  const secret = makeSecret();
  const [file, ...args] = shell;
  const input = encodeOpening(secret) + encodeBatch(want);
  const ended = await runChild(place, file, [...args, '-c', program], input, deadline);
  if (!ended.ok) return ended;
  const decoded = decodeBatch(want, ended.value.stdout, ended.value.stderr, secret);
  return decoded === null
    ? failed('failed', place, `the shell answered something else, exit status ${ended.value.status}`)
    : found(decoded.answers);
}
