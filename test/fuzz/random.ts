/** Numbers that only look random: the same seed, the same numbers, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to `below`, without it. Mulberry32: 32 bits of state are enough for a fuzzer, and it is fast. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  /** One of them; they are not none. */
  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  /** Once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }
}
