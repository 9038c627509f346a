/**
 * Questions that are asked at the same time travel together: over SSH each batch costs a way there and back. What is asked
 * while a batch is on its way waits for its answer, since there is one shell.
 */
import type { Answers, LooseAnswers, Want } from './ask.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';

type Answered = LooseAnswers & { readonly now: Clock; readonly who: Identity };

interface Waiting {
  readonly want: Want;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: unknown) => void;
}

export class MergingHost implements Host {
  readonly #host: Host;
  /** By how long they want to wait before, and which look it is. */
  readonly #waiting = new Map<string, Waiting[]>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    const answered = await new Promise<Answered>((resolve, reject) => {
      const key = `${options.afterSeconds ?? 0} ${options.look ?? ''}`;
      const before = this.#waiting.get(key);
      if (before !== undefined) {
        before.push({ want, resolve, reject });
        return;
      }
      this.#waiting.set(key, [{ want, resolve, reject }]);
      // Once all that can run now has run, and asked.
      setImmediate(() => {
        this.#last = this.#last.then(() => this.#send(key, options));
      });
    });
    return answered as unknown as Answers<W> & { readonly now: Clock; readonly who: Identity };
  }

  /** Never rejects: whoever asked is told. */
  async #send(key: string, options: AskOptions): Promise<void> {
    const all = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    const named = all.flatMap(({ want }, index) =>
      Object.entries(want).map(([name, question]) => [`${index} ${name}`, question] as const),
    );
    try {
      const answered: Answered = await this.#host.ask(Object.fromEntries(named), options);
      const { now, who } = answered;
      for (const [index, { want, resolve }] of all.entries()) {
        const own = Object.keys(want).map((name) => [name, answered[`${index} ${name}`]]);
        resolve({ ...Object.fromEntries(own), now, who } as Answered);
      }
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  }
}
