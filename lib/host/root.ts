/**
 * Another tree's /proc, /sys, /etc, /var: a mounted image, a container's root, a fixture. No command is run: it would speak of
 * this machine.
 */
import { resolve } from 'node:path';

import { failed, found, type Reading } from '../reading.ts';
import { Answerer, type Files } from './answer.ts';
import type { Answers, LooseAnswers, Want } from './ask.ts';
import { pause, type Deadline } from './deadline.ts';
import { failureOfError } from './errno.ts';
import * as files from './files.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import { identity } from './local.ts';
import { serverMountOf } from './guard.ts';
import { filesUnder, treeAt, type Tree } from './tree.ts';

/** The host under `directory`, or why there is none. */
export function openRoot(directory: string, deadline: Deadline): Reading<Host> {
  try {
    const mount = serverMountOf(resolve(directory));
    if (mount !== null)
      return failed('failed', directory, `under --root, ${mount.type} file systems are not read`);
    const fds = files.readStat('/proc/self/fd', true);
    if (!fds.ok) return failed('failed', '/proc', 'under --root, this machine needs its own');
    const listed = files.listDirectory(directory);
    if (!listed.ok) return listed;
    const tree = treeAt(directory);
    return tree.ok ? found(new RootHost(tree.value, deadline)) : tree;
  } catch (error) {
    return failureOfError(directory, error);
  }
}

/**
 * Answers below /proc/PID/root, inside of what the process has for its root: of a link there this machine's kernel would look for
 * the target from our root on, so that any user, in a user namespace, could lead us to a file of root's.
 *
 * @param want questions whose paths begin with `directory`
 */
export function answersInside(directory: string, want: Want, deadline: Deadline): LooseAnswers {
  const tree = treeAt(directory);
  try {
    const answerer = new Answerer(filesUnder(tree, directory), deadline);
    return Object.fromEntries(
      Object.entries(want).map(([name, question]) => [
        name,
        question.op === 'run' ? undefined : answerer.answer(question),
      ]),
    );
  } finally {
    if (tree.ok) tree.value.close();
  }
}

class RootHost implements Host {
  readonly #deadline: Deadline;
  readonly #files: Files;
  readonly #answerer: Answerer;

  constructor(tree: Tree, deadline: Deadline) {
    this.#deadline = deadline;
    this.#files = filesUnder(found(tree), '');
    this.#answerer = new Answerer(this.#files, deadline);
  }

  async ask<const W extends Want>(
    want: W,
    { afterSeconds = 0 }: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if (afterSeconds > 0) await pause(afterSeconds, this.#deadline);
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(want)) {
      answers[name] =
        question.op === 'run'
          ? failed('absent', [question.tool, ...question.args].join(' '), 'no command is run under --root')
          : this.#answerer.answer(question);
    }
    return { ...(answers as Answers<W>), now: this.#clock(), who: this.#identity() };
  }

  #clock(): Clock {
    const uptime = Number.parseFloat(this.#files.glance('/proc/uptime', 64) ?? '');
    return {
      epochSeconds: Date.now() / 1000,
      uptimeSeconds: Number.isNaN(uptime) ? null : uptime,
      bootId: this.#files.glance('/proc/sys/kernel/random/boot_id', 64)?.trimEnd() ?? '',
    };
  }

  #identity(): Identity {
    const name =
      this.#files.glance('/proc/sys/kernel/hostname', 256) ?? this.#files.glance('/etc/hostname', 256) ?? '';
    return { ...identity(), nodeName: name.trimEnd() };
  }
}
