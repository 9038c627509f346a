/** Says on a terminal which checks are still at work, and takes it away again. */
/** Whoever is ready before has nothing to tell. */
const PATIENCE_MS = 300;

export class Progress {
  readonly #total: number;
  readonly #write: (text: string) => void;
  readonly #since = Date.now();
  #ended = 0;
  #isWritten = false;

  /** @param write to the terminal */
  constructor(total: number, write: (text: string) => void) {
    this.#total = total;
    this.#write = write;
  }

  /** @param name of the check that has just ended */
  ended(name: string): void {
    this.#ended += 1;
    if (Date.now() - this.#since < PATIENCE_MS) return;
    this.#isWritten = true;
    this.#write(`\r\x1b[K${this.#ended} of ${this.#total} checks: ${name}`);
  }

  clear(): void {
    if (this.#isWritten) this.#write('\r\x1b[K');
  }
}
