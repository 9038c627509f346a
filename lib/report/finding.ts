import type { State } from './state.ts';

/**
 * One thing that a check has to say about one subject. `judge` says which kind of thing it is; which state that
 * means is the administrator's choice (`--<kind> STATE`) and is added by `conclude`.
 */
export interface Finding<Kind extends string = string> {
  readonly kind: Kind;
  /** What it is about: a guest, bond, service, file. May be empty for the check as a whole. */
  readonly subject: string;
  /** One clause for line 1: what is the case, its value, what was expected. Without the subject. */
  readonly text: string;
  /** Evidence and circumstances, for the long output: one short clause each. */
  readonly detail?: readonly string[];
  readonly repair?: Repair;
  /**
   * Its value of the main metric, where it is that value alone that makes it a finding: a range given with --warning says
   * instead which values are fine.
   */
  readonly value?: number;
  /** Among findings of one state the heavier comes first; those without, or of the same, go by name. */
  readonly weight?: number;
  /** The reading that failed, where the finding is "could not look". */
  readonly timedOut?: boolean;
}

/** What to do about it. The same `how` of several findings is printed once, with all their commands. */
export interface Repair {
  /** A sentence for people: what the commands do, and what they cost. */
  readonly how: string;
  /** Commands to copy; every name in them shell-quoted (`shellQuote`). */
  readonly commands: readonly string[];
}

/** A finding with the state that this run's options give it. */
export interface JudgedFinding extends Finding {
  readonly state: State;
}

/** A kind of finding, as a plugin declares it: it becomes the option `--<kind> STATE`. */
export interface Kind {
  readonly state: State;
  /** What is the case when it is found; for help and documentation. */
  readonly meaning: string;
  /** True: the state is a promise of the check and no option can change it. */
  readonly fixed?: boolean;
}
