import type { Answers, Ask } from '../host/ask.ts';
import type { Clock, Host, Identity } from '../host/host.ts';

/** A batch of which the questions are only known at run time: each is added, and its answer fetched when it was sent. */
export class Batch {
  readonly #want: Record<string, Ask<unknown>> = {};
  #answers: Answers<Record<string, Ask<unknown>>> | null = null;
  #count = 0;

  /** How to get the answer once the batch was sent. */
  add<T>(question: Ask<T>): () => T {
    const name = String(this.#count++);
    this.#want[name] = question;
    return () => {
      if (this.#answers === null) throw new Error('the batch was not sent');
      return this.#answers[name] as T;
    };
  }

  /** Nothing is asked where nothing was added. */
  async send(host: Host): Promise<{ readonly now: Clock; readonly who: Identity } | null> {
    if (this.#count === 0) {
      this.#answers = {};
      return null;
    }
    const { now, who, ...answers } = await host.ask(this.#want);
    this.#answers = answers;
    return { now, who };
  }
}
