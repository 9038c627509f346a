/**
 * A plugin is a value: its declaration, a `gather` that asks a host, and a `judge` that decides. Importing one does
 * nothing. Command line, exit code, output, Icinga definition, manual page and documentation are made from it.
 */
import type { Host } from './host/host.ts';
import type { Options, OptionValues } from './option.ts';
import type { Reading } from './reading.ts';
import type { Finding, Kind } from './report/finding.ts';
import type { Measurement, Metric } from './report/metric.ts';
import type { BaseUnit } from './report/units.ts';

export type Kinds = Readonly<Record<string, Kind>>;
export type Metrics = Readonly<Record<string, Metric>>;

export interface Example {
  /** Arguments as typed after the plugin's name. */
  readonly args: string;
  readonly does: string;
}

export interface Declaration<O extends Options, K extends Kinds, M extends Metrics> {
  /** `check_...`, as the binary is called. */
  readonly name: string;
  /** One sentence: what it finds. */
  readonly summary: string;
  /** The page of the help: paragraphs for someone who meets the problem for the first time. */
  readonly description: readonly string[];
  readonly options: O;
  /** The kinds of findings; each becomes `--<kind> STATE`. */
  readonly kinds: K;
  readonly metrics: M;
  /** The metric that -w and -c are ranges on. */
  readonly main: keyof M & string;
  /** How -w and -c are written and what they are where they are not given; without it plain numbers, that never alert. */
  readonly thresholds?: Thresholds;
  /** What there may be nothing of on a healthy machine, for `--none`: "guests". */
  readonly looksFor: string;
  readonly access: Access;
  readonly examples: readonly Example[];
  /** How often it is worth looking, as Icinga writes it: what can break at any moment, and what changes with an update. */
  readonly interval: '1m' | '5m' | '15m' | '1h';
  /** True: the check uses what it remembers of earlier runs, and has the option --state-dir. */
  readonly remembers?: boolean;
}

export interface Thresholds {
  /** The unit of the main metric, where the bounds may be written with units of its kind, such as 1GiB or 180d. */
  readonly unit?: BaseUnit;
  /** Ranges, as they would be typed. `~:` switches one off. */
  readonly warning?: string;
  readonly critical?: string;
}

/** What the check needs to see everything. */
export interface Access {
  /** What it can say without being root. */
  readonly unprivileged: string;
  /** What it can say as root only; '' where that is nothing more. */
  readonly root: string;
  /** Options that name a place which the check does not look at by itself and only root may be able to read; for the help. */
  readonly elsewhere?: string;
  /**
   * Files whose contents it reads, as globs in which `*` stands for one part of a path: what the program behind sudo may
   * give away of those that only root can read. None of them holds a secret.
   */
  readonly reads: readonly string[];
  /**
   * Files of which it reads the lines with a literal text only, and which may hold secrets elsewhere: root gives away these lines,
   * and nothing else of them.
   */
  readonly searches?: readonly { readonly path: string; readonly containing: string }[];
  /** Files that it reads where it may, and that root does not give away: there are passwords in them. */
  readonly secrets: readonly string[];
  /** Commands that it may run, words as they are; `*` is one name. */
  readonly runs: readonly string[];
}

/** What `judge` makes of the facts. */
export interface Judgement<K extends string = string, M extends string = string> {
  readonly findings: readonly Finding<K | 'unseen'>[];
  /** The counts, for the end of line 1. */
  readonly summary: string;
  readonly measurements: readonly Measurement<M>[];
  /**
   * True: line 1 is the summary and then what is said of each, for a check whose answer is a list; critical findings come first
   * all the same.
   */
  readonly isList?: boolean;
  /** One line an item, healthy ones too; shown with -v. */
  readonly items: readonly string[];
  /** What to know at the next run, any JSON; with --state-dir it comes back as `memory`. */
  readonly remember?: unknown;
  /** Set where there was nothing to judge: what was looked for and where. Becomes the finding of `--none`. */
  readonly none?: string;
}

export interface Plugin<
  O extends Options = Options,
  K extends Kinds = Kinds,
  M extends Metrics = Metrics,
  Facts = unknown,
> extends Declaration<O, K, M> {
  /**
   * Asks the host; never throws for something that is so on the host.
   *
   * @param open other machines, for a check that compares; the reading is a failure where one cannot be reached
   */
  gather(host: Host, options: OptionValues<O>, open: OpenMachine): Promise<Facts>;
  /**
   * Decides; pure, synchronous, total.
   *
   * @param memory what the last run wanted to remember; null without --state-dir, at the first run, and where it is lost
   */
  judge(
    facts: Facts,
    options: OptionValues<O>,
    memory: Memory | null,
  ): Judgement<keyof K & string, keyof M & string>;
}

/** Another machine over SSH, `[user@]host[:port]`; in a recording the one that was called so. */
export type OpenMachine = (destination: string) => Promise<Reading<Host>>;

/** What an earlier run left for this one. */
export interface Memory {
  /** When it was written: the host's clock, seconds since 1970. */
  readonly epochSeconds: number;
  /** The boot it was written in; a counter of another boot counts from zero again. */
  readonly bootId: string;
  /** What the judge returned as `remember`. From a file: check its shape before use. */
  readonly value: unknown;
}

/** Only gives the declaration its types: what it returns is what it was given. */
export function definePlugin<const O extends Options, const K extends Kinds, const M extends Metrics, Facts>(
  plugin: Plugin<O, K, M, Facts>,
): Plugin<O, K, M, Facts> {
  return plugin;
}

/** A plugin of any kind, for code that handles all of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- facts and options are the plugin's own affair
export type AnyPlugin = Plugin<any, Kinds, Metrics, any>;
