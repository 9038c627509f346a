/**
 * One host for several checks at once: what several of them ask is asked once. Only for one look of a few seconds: answers
 * are kept for as long as the object lives.
 */
import type { Answers, LooseAnswers, Question, Want } from './ask.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import { MergingHost } from './merging.ts';

interface Told {
  readonly now: Clock;
  readonly who: Identity;
}

export class SharedHost implements Host {
  readonly #host: Host;
  /** By question; each answer stands under the same key. */
  readonly #asked = new Map<string, Promise<LooseAnswers & Told>>();

  constructor(host: Host) {
    this.#host = new MergingHost(host);
  }

  async ask<const W extends Want>(want: W, options: AskOptions = {}): Promise<Answers<W> & Told> {
    // A second look is there to see something new.
    if ((options.afterSeconds ?? 0) > 0) return await this.#host.ask(want, options);
    const keys = Object.entries(want).map(
      ([name, question]) => [name, JSON.stringify(question), question] as const,
    );
    const fresh: Record<string, Question> = {};
    for (const [, key, question] of keys) if (!this.#asked.has(key)) fresh[key] = question;
    const asked = this.#host.ask(fresh) as Promise<LooseAnswers & Told>;
    for (const key of Object.keys(fresh)) this.#asked.set(key, asked);
    const { now, who } = await asked;
    const answers: Record<string, unknown> = {};
    for (const [name, key] of keys) answers[name] = (await this.#asked.get(key))?.[key];
    return { ...(answers as Answers<W>), now, who };
  }
}
