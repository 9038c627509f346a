/**
 * This machine as root sees it, while the check itself stays who it is: the same program runs once behind sudo with one fixed
 * command line and prints a recording, and the check judges that. What root was not asked, since no option reaches
 * it, the check asks for itself.
 */
import { failed, type Failure, type Reading } from '../reading.ts';
import type { Answers, Want } from './ask.ts';
import { runChild } from './child.ts';
import type { Deadline } from './deadline.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import { openRecording } from './replay.ts';
import { FIRST_LINE } from './recording.ts';
import { ROOT_ARGUMENTS, sudoersLine } from './sudo-command.ts';

/** @param program the path of the running check; @param own this machine as its own user sees it */
export async function openSudo(program: string, own: Host, deadline: Deadline): Promise<Reading<Host>> {
  const command = ['-n', program, ...ROOT_ARGUMENTS];
  deadline.stage = `waiting for sudo ${command.join(' ')}`;
  const ended = await runChild('sudo', 'sudo', command, '', deadline);
  if (!ended.ok) return ended;
  const { stdout, stderr, status } = ended.value;
  const text = stdout.toString();
  if (!text.startsWith(FIRST_LINE)) {
    const said = [stderr, text].map((one) => one.trim()).filter((one) => one !== '').join(' '); // prettier-ignore
    const why = said === '' ? `exit status ${status}` : said.slice(0, 300);
    return failed('denied', 'sudo', `${why} - sudoers has to allow: ${sudoersLine(program)}`);
  }
  const root = openRecording(text, 'the recording behind sudo');
  return root.ok ? { ok: true, value: new SudoHost(root.value, own) } : root;
}

class SudoHost implements Host {
  readonly #root: Host;
  readonly #own: Host;

  constructor(root: Host, own: Host) {
    this.#root = root;
    this.#own = own;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    const answered = await this.#root.ask(want, options);
    const missing = Object.keys(want).filter((name) =>
      isMissing((answered as Record<string, unknown>)[name]),
    );
    if (missing.length === 0) return answered;
    const rest: Want = Object.fromEntries(
      missing.map((name) => [name, want[name] as NonNullable<W[string]>]),
    );
    const own: Readonly<Record<string, unknown>> = await this.#own.ask(rest, options);
    const completed = missing.map((name) => [
      name,
      complete((answered as Readonly<Record<string, unknown>>)[name], own[name]),
    ]);
    return {
      ...answered,
      ...(Object.fromEntries(completed) as object),
      now: answered.now,
      who: answered.who,
    };
  }
}

/** Whether the recording lacks the answer, or a part of it. */
function isMissing(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return false;
  if (isNotRecorded(answer)) return true;
  return Object.values(answer).some(isMissing);
}

function isNotRecorded(answer: object): answer is Failure {
  return (answer as { readonly why?: unknown }).why === 'notRecorded';
}

/** What root saw, with what it did not tell as the caller sees it. */
function complete(root: unknown, own: unknown): unknown {
  if (typeof root !== 'object' || root === null || !isMissing(root)) return root;
  if (isNotRecorded(root)) return isSeen(own) ? own : failed('denied', root.path, KEPT_BACK);
  if (Array.isArray(root)) {
    const owns: readonly unknown[] = Array.isArray(own) ? own : [];
    const byName = new Map(owns.map((one) => [nameOf(one), one]));
    return root.map((one: unknown) => complete(one, byName.get(nameOf(one))));
  }
  const parts = (own ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(root).map(([name, part]) => [name, complete(part, parts[name])]));
}

const KEPT_BACK = 'root tells nothing of files that are not declared, or that another user can replace';

function isSeen(own: unknown): boolean {
  return own !== undefined && (own as { readonly why?: unknown }).why !== 'denied';
}

/** Of a match, a process. */
function nameOf(one: unknown): unknown {
  const { path, pid } = one as { readonly path?: unknown; readonly pid?: unknown };
  return path ?? pid;
}
