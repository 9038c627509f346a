/**
 * This machine. Its files are read directly and synchronously, but for those on file systems that can hang, and those
 * of processes that hang in the kernel: these are asked of a child process that can be left behind.
 */
import { failed, found, type Reading } from '../reading.ts';
import { Answerer, placeUnder, type Files, type LooseProcesses } from './answer.ts';
import type { Answers, LooseAnswers, ProcessesQuestion, Question, Ran, RunQuestion, Want } from './ask.ts';
import { pause, type Deadline } from './deadline.ts';
import { failuresFor } from './failure-for.ts';
import { lookAt } from './file-list.ts';
import * as files from './files.ts';
import { localGuard, NeedsServer } from './guard.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import type { Mount } from './mounts.ts';
import { scanProcesses } from './process-scan.ts';
import { hangs } from './program-finder.ts';

/** Questions whose answers lie on one mount that may not answer. */
interface Errand {
  readonly mount: Mount;
  readonly questions: {
    readonly name: string;
    readonly question: Question;
    /** Where the answer goes. */
    readonly answers: Record<string, unknown>;
  }[];
}

/** Children that look at processes that hang: where a server is gone there can be hundreds, and one would not find more than another. */
const MAX_CHILDREN = 8;
const HANGS = 'the process hangs in the kernel';

export class LocalHost implements Host {
  readonly #deadline: Deadline;
  readonly #files: Files;
  readonly #answerer: Answerer;
  /** By mount point. */
  readonly #errands = new Map<string, Errand>();

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
    this.#files = guardedFiles();
    this.#answerer = new Answerer(this.#files, deadline, (...asked) => {
      this.#putOff(...asked);
    });
  }

  async ask<const W extends Want>(
    want: W,
    { afterSeconds = 0 }: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if (afterSeconds > 0) await pause(afterSeconds, this.#deadline);
    const answers: Record<string, unknown> = {};
    const slow: Promise<void>[] = [];
    for (const [name, question] of Object.entries(want)) {
      if (question.op === 'run') {
        slow.push(this.#run(question).then((ran) => void (answers[name] = ran)));
        continue;
      }
      try {
        answers[name] =
          question.op === 'processes' ? this.#processes(question, slow) : this.#answerer.answer(question);
      } catch (error) {
        this.#putOff(error, '', { [name]: question }, answers);
      }
    }
    const now = clock();
    slow.push(...this.#askServers());
    // Only those that asked for something slow wait: a promise less on the way of all others.
    if (slow.length > 0) await Promise.all(slow);
    return { ...(answers as Answers<W>), now, who: identity() };
  }

  /** What leads to a server is asked of a child, one for each mount. */
  #putOff(error: unknown, base: string, want: Want, answers: Record<string, unknown>): void {
    if (!(error instanceof NeedsServer)) throw error;
    const { mount } = error;
    const errand = this.#errands.get(mount.point) ?? { mount, questions: [] };
    this.#errands.set(mount.point, errand);
    for (const [name, question] of Object.entries(want)) {
      errand.questions.push({ name, question: base === '' ? question : placeUnder(base, question), answers });
    }
  }

  #askServers(): readonly Promise<void>[] {
    const errands = [...this.#errands.values()];
    this.#errands.clear();
    return errands.map(async ({ mount, questions }) => {
      const want = Object.fromEntries(questions.map(({ question }, i) => [String(i), question]));
      const got = isRootOfProcess(`${mount.point}/`)
        ? (await import('./root.ts')).answersInside(mount.point, want, this.#deadline)
        : await this.#askChild(want, `${mount.point} (${mount.type})`);
      for (const [i, { name, answers }] of questions.entries()) answers[name] = got[String(i)];
    });
  }

  #processes(question: ProcessesQuestion, slow: Promise<void>[]): Reading<LooseProcesses> {
    const scan = scanProcesses(this.#files, question, this.#deadline);
    if (!scan.ok) return scan;
    const processes: LooseProcesses['found'][number][] = [];
    let hanging = 0;
    for (const process of scan.value.found) {
      const base = `/proc/${process.pid}`;
      if (this.#deadline.passed()) return failed('timedOut', '/proc', `after ${processes.length} guests`);
      if (!isHanging(process.pid)) {
        const answer = { ...process, ...this.#answerer.answerAt(base, question.want) };
        if (files.readStat(base, false).ok) processes.push(answer);
      } else if (hanging++ >= MAX_CHILDREN) {
        const answers = Object.keys(question.want).map((name) => [name, failed('failed', base, HANGS)]);
        processes.push({ ...process, ...(Object.fromEntries(answers) as LooseAnswers) });
      } else {
        const part = Object.fromEntries(
          Object.entries(question.want).map(([name, asked]) => [name, placeUnder(base, asked)]),
        );
        const answer: LooseProcesses['found'][number] = { ...process };
        processes.push(answer);
        slow.push(this.#askChild(part, base).then((got) => void Object.assign(answer, got)));
      }
    }
    return found({ ...scan.value, found: processes });
  }

  async #askChild(want: Want, place: string): Promise<LooseAnswers> {
    this.#deadline.stage = `reading ${place}`;
    const { askShellChild } = await import('./sh-child.ts');
    const answers = await askShellChild(want, place, this.#deadline);
    return answers.ok ? answers.value : failuresFor(want, answers);
  }

  async #run({ tool, args }: RunQuestion): Promise<Reading<Ran>> {
    const command = [tool, ...args].join(' ');
    this.#deadline.stage = `running ${command}`;
    const { runChild } = await import('./child.ts');
    const ended = await runChild(command, tool, args, '', this.#deadline);
    return ended.ok ? found({ ...ended.value, stdout: ended.value.stdout.toString() }) : ended;
  }
}

/** What a process has for its root may be another tree than ours; `root.ts` knows how to stay in it. */
function isRootOfProcess(path: string): boolean {
  return path.includes('/root/', 6) && /^\/proc\/[0-9]+\/root\//.test(path);
}

function rootOfProcess(path: string): Mount {
  return { point: path.slice(0, path.indexOf('/root/') + 5), type: 'root of a process', needsServer: true };
}

function isHanging(pid: number): boolean {
  const stat = files.glance(`/proc/${pid}/stat`, 512);
  return stat !== null && hangs({ list: files.listDirectory, glance: files.glance }, pid, stat);
}

function guardedFiles(): Files {
  let refuse: ReturnType<typeof localGuard> | null = null;
  const guard = (path: string, follow: boolean): void => {
    // The kernel's own file systems, and most of what is asked; mounts below them are never on a server.
    if (path.startsWith('/proc/') || path.startsWith('/sys/') || path === '/proc' || path === '/sys') {
      if (isRootOfProcess(path)) throw new NeedsServer(rootOfProcess(path));
      return;
    }
    refuse ??= localGuard();
    refuse(path, follow);
  };
  return {
    bytes: (path, max, part) => (guard(path, true), files.readBytes(path, max, part)),
    lines: (path, containing, max) => (guard(path, true), files.readLines(path, containing, max)),
    list: (path) => (guard(path, true), files.listDirectory(path)),
    stat: (path, follow) => (guard(path, follow), files.readStat(path, follow)),
    look: (path) => (guard(path, false), lookAt(path)),
    link: (path) => (guard(path, false), files.readLink(path)),
    statfs: (path) => (guard(path, true), files.readStatfs(path)),
    fifo: (path) => (guard(path, true), files.probeFifo(path)),
    isPrivileged: process.geteuid?.() === 0,
    glance: files.glance,
  };
}

export function clock(): Clock {
  const uptime = Number.parseFloat(files.glance('/proc/uptime', 64) ?? '');
  return {
    epochSeconds: Date.now() / 1000,
    uptimeSeconds: Number.isNaN(uptime) ? null : uptime,
    // What does not change is only read where it is asked for.
    get bootId() {
      return files.glance('/proc/sys/kernel/random/boot_id', 64)?.trimEnd() ?? '';
    },
  };
}

export function identity(): Identity {
  return {
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    get nodeName() {
      return files.glance('/proc/sys/kernel/hostname', 256)?.trimEnd() ?? '';
    },
  };
}
