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
  #waiting: Waiting[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if ((options.afterSeconds ?? 0) > 0) return await this.#inTurn(() => this.#host.ask(want, options));
    const answered = await new Promise<Answered>((resolve, reject) => {
      this.#waiting.push({ want, resolve, reject });
      // Once all that can run now has run, and asked.
      if (this.#waiting.length === 1) setImmediate(() => void this.#inTurn(() => this.#send()));
    });
    return answered as unknown as Answers<W> & { readonly now: Clock; readonly who: Identity };
  }

  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  async #send(): Promise<void> {
    const all = this.#waiting;
    this.#waiting = [];
    const named = all.flatMap(({ want }, index) =>
      Object.entries(want).map(([name, question]) => [`${index} ${name}`, question] as const),
    );
    try {
      const answered: Answered = await this.#host.ask(Object.fromEntries(named));
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
