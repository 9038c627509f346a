import type { JudgedFinding } from './finding.ts';
import type { Performance } from './metric.ts';
import type { State } from './state.ts';

/** All that a check has to say at the end of a run; what the renderers print. */
export interface Report {
  /** The plugin's name, `check_invtsc`. */
  readonly plugin: string;
  readonly state: State;
  /** Worst first, then by subject. */
  readonly findings: readonly JudgedFinding[];
  /** The counts, for the end of line 1: "24 guests, 3 with invtsc". */
  readonly summary: string;
  /** True: line 1 is the summary and the findings behind it, unless one is critical. */
  readonly isList?: boolean;
  /** Lines that are shown from -v on: one item each, healthy ones too. */
  readonly items: readonly string[];
  /** Lines that are shown from -vv on: what was read and run; from -vvv on with timings. */
  readonly trace: readonly string[];
  /** Finite numbers, and labels that are fit to be printed, each only once. */
  readonly performance: readonly Performance[];
}
