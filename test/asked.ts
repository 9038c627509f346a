/** What a check asks of the hosts in a recording. */
import { valuesOf } from '../lib/cli/arguments.ts';
import { tableOf } from '../lib/cli/command-line.ts';
import type { Answers, Ask, Want } from '../lib/host/ask.ts';
import type { AskOptions, Clock, Host, Identity } from '../lib/host/host.ts';
import { MergingHost } from '../lib/host/merging.ts';
import { openMachines } from '../lib/host/recordings.ts';
import { failed, found } from '../lib/reading.ts';
import { plugins } from '../plugins/index.ts';

/** A host that keeps what it was asked. */
export class Asked implements Host {
  /** How many times one went there for a first look. */
  batches = 0;
  /** Files whose contents were asked for, with a glob for each match and `*` for each process. */
  readonly files: string[] = [];
  /** Tool and arguments. */
  readonly commands: (readonly string[])[] = [];
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async ask<const W extends Want>(
    want: W,
    options: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    // A second look is one more: it is made only when the first calls for it. Who asks nothing is answered without going there,
    // once somebody was.
    if ((options.afterSeconds ?? 0) === 0 && Object.keys(want).length > 0) this.batches += 1;
    for (const question of Object.values(want)) this.#note(question, '');
    return await this.#host.ask(want, options);
  }

  #note(question: Ask<unknown>, folder: string): void {
    const below = (path: string): string =>
      path === '' ? folder : folder === '' ? path : `${folder}/${path}`;
    const noteAll = (want: Want, at: string): void => {
      for (const one of Object.values(want)) this.#note(one, at);
    };
    switch (question.op) {
      case 'bytes':
      case 'lines':
        this.files.push(below(question.path));
        return;
      case 'run':
        this.commands.push([question.tool, ...question.args]);
        return;
      case 'each':
        noteAll(question.want, below(question.glob));
        return;
      case 'processes':
        noteAll(question.want, '/proc/*');
        return;
      case 'list':
      case 'stat':
      case 'link':
      case 'statfs':
      case 'fifo':
      case 'files':
    }
  }
}

/** The hosts of a recording, after the check has looked at them with its defaults: its own is the first. */
export async function askedIn(name: string, recording: string): Promise<readonly Asked[]> {
  const plugin = (await plugins[name]?.())?.default;
  const { first, others } = openMachines(recording, name);
  if (!first.ok || plugin === undefined) throw new Error(`${name}: ${first.ok ? 'no check' : first.detail}`);
  const own = new Asked(first.value);
  const asked = [own];
  const options = { ...valuesOf(new Map(), tableOf(plugin)), partner: [...others.keys()] };
  await plugin.gather(new MergingHost(own), options as never, (destination) => {
    const other = others.get(destination);
    if (other?.ok !== true) return Promise.resolve(failed('unreachable', destination, 'not recorded'));
    const one = new Asked(other.value);
    asked.push(one);
    return Promise.resolve(found(new MergingHost(one)));
  });
  return asked;
}
