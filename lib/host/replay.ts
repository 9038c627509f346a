/** A host that was recorded earlier, perhaps elsewhere; and the wrapper that records one. */
import { found, type Reading } from '../reading.ts';
import type { Answers, Want } from './ask.ts';
import { Entries, entriesOf } from './entries.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';
import { parseRecording, printRecording, type Entry, type Look } from './recording.ts';

export function openRecording(text: string, path: string): Reading<Host> {
  const looks = parseRecording(text, path);
  return looks.ok ? found(new ReplayHost(looks.value)) : looks;
}

/** Time passes as it did when it was recorded: nobody waits. */
class ReplayHost implements Host {
  readonly #looks: readonly { readonly look: Look; readonly entries: Entries }[];
  #current = 0;

  constructor(looks: readonly Look[]) {
    this.#looks = looks.map((look, index) => ({
      look,
      entries: new Entries(look.entries, `look ${index + 1}`),
    }));
  }

  ask<const W extends Want>(
    want: W,
    { afterSeconds = 0, look: wanted }: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if (wanted === undefined && afterSeconds > 0) this.#current += 1;
    const last = this.#looks.at(-1);
    const { look, entries } = this.#looks[wanted ?? this.#current] ??
      // A second look that was not recorded: its clock goes on, its questions have no answers.
      { look: { ...last?.look, entries: [] } as unknown as Look, entries: new Entries([], 'a second look') };
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(want)) answers[name] = entries.answer(question);
    return Promise.resolve({ ...(answers as Answers<W>), now: look.now, who: look.who });
  }
}

export class RecordingHost implements Host {
  readonly #host: Host;
  readonly #isTold: (entry: Entry) => boolean;
  readonly #looks: (Look & { entries: Look['entries'] })[] = [];

  /** @param isTold what else is left out of the recording, as if it had not been asked for */
  constructor(host: Host, isTold: (entry: Entry) => boolean = () => true) {
    this.#host = host;
    this.#isTold = isTold;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    const answered = await this.#host.ask(want, options);
    // Of a recording that is recorded again: what it does not hold, the new one does not hold either.
    const entries = entriesOf(want, answered).filter(
      (entry) => entry.outcome !== 'notRecorded' && this.#isTold(entry),
    );
    const look = this.#looks.at(-1);
    const afterSeconds = options.afterSeconds ?? 0;
    if (look === undefined || afterSeconds > 0) {
      this.#looks.push({ afterSeconds, now: answered.now, who: answered.who, entries });
    } else {
      look.entries = [...look.entries, ...entries];
    }
    return answered;
  }

  text(comment: string): string {
    return printRecording(this.#looks, comment);
  }

  get looks(): readonly Look[] {
    return this.#looks;
  }
}

/** What several checks saw of one host, as one recording that each of them can be replayed from. */
export function mergedText(hosts: readonly RecordingHost[], comment: string): string {
  const count = Math.max(0, ...hosts.map(({ looks }) => looks.length));
  const merged = Array.from({ length: count }, (_, index) =>
    mergedLook(hosts.flatMap(({ looks }) => looks[index] ?? [])),
  );
  return printRecording(merged, comment);
}

/** The same question is answered once; of two that read the same file the one that read more of it. */
function mergedLook(looks: readonly Look[]): Look {
  const byKey = new Map<string, Entry>();
  for (const entry of looks.flatMap(({ entries }) => entries)) {
    const before = byKey.get(entry.key);
    if (before === undefined || hasMore(entry, before)) byKey.set(entry.key, entry);
  }
  const [first] = looks;
  return { ...(first as Look), entries: [...byKey.values()] };
}

/** A note ends in `+` where the answer was cut. */
function hasMore(entry: Entry, before: Entry): boolean {
  const isCut = entry.note.endsWith('+');
  return isCut === before.note.endsWith('+') ? entry.lines.length > before.lines.length : !isCut;
}

/** Notes what was asked and what came of it, for -vv, and how long each batch took, for -vvv. */
export class TracingHost implements Host {
  readonly #host: Host;
  readonly #withTimes: boolean;
  readonly lines: string[];

  constructor(host: Host, withTimes: boolean, lines: string[]) {
    this.#host = host;
    this.#withTimes = withTimes;
    this.lines = lines;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    const before = performance.now();
    const answered = await this.#host.ask(want, options);
    const ms = performance.now() - before;
    const { uid, nodeName } = answered.who;
    const time = this.#withTimes ? ` in ${ms.toFixed(1)} ms` : '';
    this.lines.push(`asked ${nodeName} as uid ${uid}${time}:`);
    for (const entry of entriesOf(want, answered)) {
      const outcome =
        entry.outcome === 'ok' ? 'ok' : `${entry.outcome} ${entry.lines[0]?.slice(1) ?? ''}`.trimEnd();
      this.lines.push(`  ${entry.key}: ${outcome}`);
    }
    return answered;
  }
}
