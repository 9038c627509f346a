/** When an answer comes too late to be of use, and what was being done when it did. */
export class Deadline {
  readonly seconds: number;
  /** What is being waited for, for the message: `reading /mnt/nfs (nfs4)`. */
  stage = 'starting';
  readonly #endsAt: number;

  constructor(seconds: number) {
    this.seconds = seconds;
    this.#endsAt = performance.now() + seconds * 1000;
  }

  remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  passed(): boolean {
    return performance.now() >= this.#endsAt;
  }
}
