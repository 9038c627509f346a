/**
 * Another machine over SSH: nothing has to be installed there but sshd and a POSIX shell. One connection, one channel, and on it
 * `program.sh`, which answers one batch of questions after the other.
 */
import type { Client, ClientChannel } from '../vendor/ssh2.ts';

import type { Answers, Want } from './ask.ts';
import { pause, type Deadline } from './deadline.ts';
import { failuresFor } from './failure-for.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import program from './program.sh';
import { ShellSession, type Shell } from './sh-session.ts';
import { connect, inTime } from './ssh-connect.ts';
import { parseDestination, settingsOf, type SshChoice } from './ssh-settings.ts';
import { Unreachable } from './unreachable.ts';

/** The command that stands for root there; the administrator has installed it, see icinga-conf/sudo/README.md. */
export const ROOT_COMMAND = 'sudo -n hypervisor-checks-answer';

export interface SshOptions extends SshChoice {
  /** Ask as root there, through the one command that is allowed. */
  readonly sudo: boolean;
}

/** @throws Unreachable */
export async function openSsh(destination: string, options: SshOptions, deadline: Deadline): Promise<Host> {
  const parsed = parseDestination(destination);
  if (parsed === null) throw new Unreachable(destination, 'is not [user@]host[:port]');
  const settings = await settingsOf(parsed, options);
  const client = await connect(settings, options, deadline);
  deadline.stage = `starting a shell on ${settings.called}`;
  const command = options.sudo ? ROOT_COMMAND : loader(deadline.seconds);
  const started = startShell(client, command, settings.called);
  const shell = await inTime(started, deadline, settings.called, 'it lets us in and starts no shell');
  if (!options.sudo) shell.input.write(PROGRAM);
  return new SshHost(new ShellSession(shell, settings.called), settings.called, options.sudo, deadline);
}

/**
 * Starts the program, whose text comes first on its standard input: as a command line it would have to be quoted for a login
 * shell that nobody knows. This one means the same to sh, bash, zsh, fish and csh: single quotes, and in them no
 * quote, backslash or exclamation mark. `timeout`, where there is one, ends what a lost connection leaves behind.
 */
function loader(seconds: number): string {
  const script = [
    'P=;E=$(echo;echo x);E=${E%x}',
    `while IFS= read -r L;do case $L in "${END_OF_TEXT}")break;;esac;P=$P$L$E;done`,
    `if timeout 5 true 2>/dev/null;then exec timeout ${Math.ceil(seconds) + 5} /bin/sh -c "$P";fi`,
    'exec /bin/sh -c "$P"',
  ];
  return `exec /bin/sh -c '${script.join(';')}'`;
}

const END_OF_TEXT = '#end of the text';

/** Comments would only be carried along. */
const PROGRAM = `${program.replace(/^ *#.*\n/gm, '')}${END_OF_TEXT}\n`;

class SshHost implements Host {
  readonly #session: ShellSession;
  readonly #called: string;
  readonly #isSudo: boolean;
  readonly #deadline: Deadline;
  #last: { readonly now: Clock; readonly who: Identity } | null = null;

  constructor(session: ShellSession, called: string, isSudo: boolean, deadline: Deadline) {
    this.#session = session;
    this.#called = called;
    this.#isSudo = isSudo;
    this.#deadline = deadline;
  }

  async ask<const W extends Want>(
    want: W,
    { afterSeconds = 0 }: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if (afterSeconds > 0) await pause(afterSeconds, this.#deadline);
    // Who asks nothing wants the clock; the way there and back is not worth it twice.
    else if (this.#last !== null && Object.keys(want).length === 0)
      return { ...({} as Answers<W>), ...this.#last };
    this.#deadline.stage = `waiting for the answers of ${this.#called}`;
    const answered = await this.#session.ask(want, this.#deadline);
    if (answered.ok) {
      const { answers, now, who } = answered.value;
      this.#last = { now, who };
      return { ...(answers as Answers<W>), now, who };
    }
    // Nothing was seen yet: there is nothing to judge.
    if (this.#last === null) throw new Unreachable(this.#called, this.#why(answered.why, answered.detail));
    return { ...(failuresFor(want, answered) as Answers<W>), ...this.#last };
  }

  #why(why: string, detail: string): string {
    const said = detail === '' ? '' : ` (${detail})`;
    if (why === 'timedOut') return `its shell did not answer within ${this.#deadline.seconds} s${said}`;
    if (this.#isSudo && /sudo/.test(detail))
      return `sudo refuses there${said}: install hypervisor-checks-answer and allow it with sudo, icinga-conf/sudo/README.md says how`;
    return `its shell gave no answer${said}`;
  }
}

function startShell(client: Client, command: string, called: string): Promise<Shell> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined)
        reject(new Unreachable(called, `it runs no command for us (${error.message})`));
      else resolve(shellOn(client, channel));
    });
  });
}

function shellOn(client: Client, channel: ClientChannel): Shell {
  const ended = new Promise<string>((resolve) => {
    let why = 'it was closed';
    channel.on('exit', (status: number | null, signal?: string) => {
      why = status === null ? `it was ended by ${signal ?? 'a signal'}` : `it ended with status ${status}`;
    });
    // What it said before its end may arrive after the news of it.
    channel.on('close', () => resolve(why));
    client.on('error', (error) => resolve(`the connection was lost, ${error.message}`));
    client.on('close', () => resolve('the connection was lost'));
  });
  return { input: channel, output: channel, errors: channel.stderr, ended };
}
