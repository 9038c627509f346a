/** Says on a terminal what is being done, while it takes a while, and takes it away again. */
import type { Deadline } from '../../host/deadline.ts';
import { cleanText, cutText } from '../../report/text.ts';

/** Whoever is ready before has nothing to tell. */
const PATIENCE_MS = 300;
/** A line that is broken into two cannot be taken away. */
const WIDTH = 78;
const WIPED = '\r\x1b[K';

export class Progress {
  readonly #total: number;
  readonly #deadline: Deadline;
  readonly #write: ((text: string) => void) | null;
  readonly #timer: NodeJS.Timeout | null;
  #ended = 0;
  #said = '';

  /** @param write to the terminal; null: there is none */
  constructor(total: number, deadline: Deadline, write: ((text: string) => void) | null) {
    this.#total = total;
    this.#deadline = deadline;
    this.#write = write;
    this.#timer = write === null ? null : setInterval(() => this.#say(), PATIENCE_MS).unref();
  }

  /** One check more. */
  ended(): void {
    this.#ended += 1;
  }

  clear(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#said !== '') this.#write?.(WIPED);
  }

  #say(): void {
    const said = cutText(
      cleanText(`${this.#ended} of ${this.#total} checks have ended, ${this.#deadline.stage}`),
      WIDTH,
    );
    if (said !== this.#said) this.#write?.(WIPED + said);
    this.#said = said;
  }
}
