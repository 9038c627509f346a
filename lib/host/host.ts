import type { Answers, Want } from './ask.ts';

/** The host's own clock, never ours. */
export interface Clock {
  /** Seconds since 1970, with fraction. */
  readonly epochSeconds: number;
  /** /proc/uptime; null where it cannot be read. */
  readonly uptimeSeconds: number | null;
  /** /proc/sys/kernel/random/boot_id: changes with each boot; '' where it cannot be read. */
  readonly bootId: string;
}

/** As whom the host is looked at. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** The node name of the machine that is looked at. */
  readonly nodeName: string;
}

export interface AskOptions {
  /** Wait so long before this batch: a second look at something that should have moved on. */
  readonly afterSeconds?: number;
  /**
   * Which look of the one who asks this is, from 0, where several share a host: a recording answers from that one. Without it
   * the host counts the second looks itself.
   */
  readonly look?: number;
}

export interface Host {
  /**
   * Answers a batch of questions, all of them, in one go. Never rejects for something about the host: what could not
   * be answered is a failed reading, after the deadline `timedOut`.
   */
  ask<const W extends Want>(
    want: W,
    options?: AskOptions,
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }>;
}
