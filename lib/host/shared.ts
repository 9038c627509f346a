/**
 * One host for several checks at once: what several of them ask is asked once. Only for one look of a few seconds: answers
 * are kept for as long as the object lives.
 */
import type { Answers, LooseAnswers, Question, Want } from './ask.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import { MergingHost } from './merging.ts';

export { OneScan } from './one-scan.ts';

interface Told {
  readonly now: Clock;
  readonly who: Identity;
}

export class SharedHost {
  readonly #host: Host;
  /** By question, of first looks; each answer stands under the same key. */
  readonly #asked = new Map<string, Promise<LooseAnswers & Told>>();

  constructor(host: Host) {
    this.#host = new MergingHost(host);
  }

  /** For one check: its second look is not that of another, who may still be at the first. */
  forOne(): Host {
    let look = 0;
    return {
      ask: async (want, { afterSeconds = 0 } = {}) => {
        if (afterSeconds > 0) look += 1;
        return await this.#ask(want, { afterSeconds, look });
      },
    };
  }

  async #ask<const W extends Want>(
    want: W,
    { afterSeconds, look }: Required<AskOptions>,
  ): Promise<Answers<W> & Told> {
    const keys = Object.entries(want).map(
      ([name, question]) => [name, JSON.stringify(question), question] as const,
    );
    const fresh: Record<string, Question> = {};
    // A later look is there to see something new.
    for (const [, key, question] of keys) if (look > 0 || !this.#asked.has(key)) fresh[key] = question;
    const asked = this.#host.ask(fresh, { afterSeconds, look }) as Promise<LooseAnswers & Told>;
    if (look === 0) for (const key of Object.keys(fresh)) this.#asked.set(key, asked);
    const sources = keys.map(([name, key]) => ({
      name,
      key,
      from: look === 0 ? (this.#asked.get(key) ?? asked) : asked,
    }));
    const { now, who } = await asked;
    const answers: Record<string, unknown> = {};
    for (const { name, key, from } of sources) answers[name] = (await from)[key];
    return { ...(answers as Answers<W>), now, who };
  }
}
