/**
 * One host for several checks at once: what several of them ask is asked once, and what they ask at the same time goes in
 * one batch. Only for one look of a few seconds: answers are kept for as long as the object lives.
 */
import type { Answers, Question, Want } from './ask.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';

type Told = { readonly now: Clock; readonly who: Identity };

/** Questions that wait for the next batch. */
interface Batch {
  readonly want: Record<string, Question>;
  readonly answers: Promise<Readonly<Record<string, unknown>> & Told>;
}

export class SharedHost implements Host {
  readonly #host: Host;
  /** By question: the batch that it was or will be asked in. */
  readonly #asked = new Map<string, Batch>();
  /** By how long they wait before. */
  readonly #open = new Map<number, Batch>();
  /** Batches go one after the other: not every host can be asked twice at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
  }

  async ask<const W extends Want>(
    want: W,
    { afterSeconds = 0 }: AskOptions = {},
  ): Promise<Answers<W> & Told> {
    const answers: Record<string, unknown> = {};
    let told: Told | null = null;
    const parts = Object.entries(want).map(([name, question]) => {
      const key = JSON.stringify(question);
      return { name, key, batch: this.#batchFor(key, question, afterSeconds) };
    });
    for (const { name, key, batch } of parts) {
      const got = await batch.answers;
      answers[name] = got[key];
      told ??= { now: got.now, who: got.who };
    }
    told ??= await this.#host.ask({});
    return { ...(answers as Answers<W>), now: told.now, who: told.who };
  }

  #batchFor(key: string, question: Question, afterSeconds: number): Batch {
    // A second look is there to see something new.
    const before = afterSeconds > 0 ? undefined : this.#asked.get(key);
    if (before !== undefined) return before;
    const batch = this.#open.get(afterSeconds) ?? this.#newBatch(afterSeconds);
    batch.want[key] = question;
    if (afterSeconds === 0) this.#asked.set(key, batch);
    return batch;
  }

  #newBatch(afterSeconds: number): Batch {
    const want: Record<string, Question> = {};
    const answers = this.#last.then(() => {
      this.#open.delete(afterSeconds);
      return this.#host.ask(want, { afterSeconds });
    });
    this.#last = answers.catch(() => undefined);
    const batch = { want, answers };
    this.#open.set(afterSeconds, batch);
    return batch;
  }
}
