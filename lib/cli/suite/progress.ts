/** Says on a terminal which checks are still at work, and takes it away again. */
import { writeSync } from 'node:fs';

/** Whoever is ready before has nothing to tell. */
const PATIENCE_MS = 300;

export class Progress {
  readonly #total: number;
  readonly #isShown: boolean;
  readonly #since = Date.now();
  #ended = 0;
  #isWritten = false;

  constructor(total: number, isShown: boolean) {
    this.#total = total;
    this.#isShown = isShown;
  }

  /** @param name of the check that has just ended */
  ended(name: string): void {
    this.#ended += 1;
    if (Date.now() - this.#since >= PATIENCE_MS)
      this.#write(`\r\x1b[K${this.#ended} of ${this.#total} checks: ${name}`);
  }

  clear(): void {
    if (this.#isWritten) this.#write('\r\x1b[K');
  }

  #write(text: string): void {
    if (!this.#isShown) return;
    this.#isWritten = true;
    try {
      writeSync(2, text);
    } catch {
      // Nobody sees it.
    }
  }
}
