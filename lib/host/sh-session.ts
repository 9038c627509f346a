/** A talk with `program.sh` over any two pipes: one batch after the other, each answered whole or not at all. */
import type { Readable, Writable } from 'node:stream';

import { failed, found, type Reading } from '../reading.ts';
import type { Want } from './ask.ts';
import type { Deadline } from './deadline.ts';
import { decodeBatch, type Decoded } from './sh-answers.ts';
import { encodeBatch, encodeOpening, makeSecret } from './sh-request.ts';

/** A shell that runs the program, or is about to. */
export interface Shell {
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
  /** Resolves when there is nothing more to come: why, in words (`it ended with status 127`). */
  readonly ended: Promise<string>;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_QUOTE = 200;

export class ShellSession {
  readonly #shell: Shell;
  readonly #place: string;
  readonly #secret = makeSecret();
  #output: Buffer[] = [];
  #errors: Buffer[] = [];
  #bytes = 0;
  #end: string | null = null;
  #isOpen = false;
  #changed: () => void = () => undefined;

  /** @param place what is being looked at, for failures: `jill` */
  constructor(shell: Shell, place: string) {
    this.#shell = shell;
    this.#place = place;
    const keep = (into: () => Buffer[]) => (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes <= MAX_ANSWER_BYTES) into().push(chunk);
      this.#changed();
    };
    shell.output.on(
      'data',
      keep(() => this.#output),
    );
    shell.errors.on(
      'data',
      keep(() => this.#errors),
    );
    // What was to be written to a shell that has gone is told by its end.
    shell.input.on('error', () => undefined);
    void shell.ended.then((why) => {
      this.#end = why;
      this.#changed();
    });
  }

  async ask(want: Want, deadline: Deadline): Promise<Reading<Decoded>> {
    const before = this.#ended();
    if (before !== null) return failed('failed', this.#place, before);
    [this.#output, this.#errors, this.#bytes] = [[], [], 0];
    this.#shell.input.write((this.#isOpen ? '' : encodeOpening(this.#secret)) + encodeBatch(want));
    this.#isOpen = true;
    await this.#until(deadline);
    if (this.#bytes > MAX_ANSWER_BYTES)
      return failed('tooBig', this.#place, `more than ${MAX_ANSWER_BYTES} bytes`);
    if (!this.#isAnswered()) {
      const why = this.#ended();
      const said = this.#quote();
      if (why === null) return failed('timedOut', this.#place, said);
      return failed('failed', this.#place, said === '' ? why : `${why}: ${said}`);
    }
    const [output, errors] = [Buffer.concat(this.#output), Buffer.concat(this.#errors).toString()];
    const decoded = decodeBatch(want, output, errors, this.#secret);
    return decoded === null
      ? failed('unparsable', this.#place, 'its shell answered something else')
      : found(decoded);
  }

  /** Why there is nothing more to come; null while there may be. */
  #ended(): string | null {
    return this.#end;
  }

  /** Both streams carry the last line of the answer. */
  #isAnswered(): boolean {
    const end = `\n#${this.#secret.nonce} done\n`;
    return [this.#output, this.#errors].every((chunks) => tailOf(chunks, end.length) === end);
  }

  async #until(deadline: Deadline): Promise<void> {
    const timer = setTimeout(() => this.#changed(), deadline.remainingMs() + 1);
    const isOver = (): boolean => deadline.passed();
    while (!isOver() && this.#ended() === null && this.#bytes <= MAX_ANSWER_BYTES && !this.#isAnswered()) {
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
    clearTimeout(timer);
  }

  /** What it said instead of an answer, which often says why. */
  #quote(): string {
    const said = Buffer.concat([...this.#errors, ...this.#output].slice(0, 8)).toString();
    const lines = said.split('\n').filter((line) => !line.startsWith(`#${this.#secret.nonce}`));
    const text = lines.map((line) => line.trim()).filter((line) => line !== '').join(', '); // prettier-ignore
    return text === '' ? '' : `"${text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}...` : text}"`;
  }
}

function tailOf(chunks: readonly Buffer[], length: number): string {
  let tail = Buffer.alloc(0);
  for (let index = chunks.length - 1; index >= 0 && tail.length < length; index -= 1) {
    tail = Buffer.concat([chunks[index] ?? tail, tail]);
  }
  return tail.subarray(Math.max(0, tail.length - length)).toString('latin1');
}
