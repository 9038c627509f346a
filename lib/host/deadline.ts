/** When an answer comes too late to be of use, and what was being done when it did. */
export class Deadline {
  readonly seconds: number;
  /** What is being waited for, for the message: `reading /mnt/nfs (nfs4)`. */
  stage = 'starting';
  readonly #endsAtMs: number;

  constructor(seconds: number) {
    this.seconds = seconds;
    this.#endsAtMs = nowMs() + seconds * 1000;
  }

  remainingMs(): number {
    return Math.max(0, this.#endsAtMs - nowMs());
  }

  passed(): boolean {
    return nowMs() >= this.#endsAtMs;
  }
}

/** A clock that nobody sets (uv_hrtime); `performance` would be loaded for it, 1.5 ms. */
function nowMs(): number {
  return process.uptime() * 1000;
}

export function pause(seconds: number, deadline: Deadline): Promise<void> {
  deadline.stage = `waiting ${seconds} s for a second look`;
  return new Promise((resolve) => setTimeout(resolve, Math.min(seconds * 1000, deadline.remainingMs())));
}
