/**
 * Searches for processes of which the same is asked are one search, for the programs of all of them: several checks look for
 * guests, and one of them for two programs more.
 */
import { anyMatcher } from '../glob.ts';
import { found, type Reading } from '../reading.ts';
import type { LooseProcesses } from './answer.ts';
import type { Answers, LooseAnswers, ProcessesQuestion, Question, Want } from './ask.ts';
import type { AskOptions, Clock, Host, Identity } from './host.ts';

type Told = { readonly now: Clock; readonly who: Identity };

export class OneScan implements Host {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async ask<const W extends Want>(want: W, options: AskOptions = {}): Promise<Answers<W> & Told> {
    const asked: Record<string, Question> = {};
    const searches: { readonly name: string; readonly key: string; readonly programs: readonly string[] }[] =
      [];
    for (const [name, question] of Object.entries(want)) {
      if (question.op !== 'processes') {
        asked[name] = question;
        continue;
      }
      const key = `processes ${question.minThreads} ${JSON.stringify(question.want)}`;
      searches.push({ name, key, programs: question.programs });
      asked[key] = joined(asked[key] as ProcessesQuestion | undefined, question);
    }
    const answered = (await this.#host.ask(asked, options)) as LooseAnswers & Told;
    const answers: Record<string, unknown> = { ...answered };
    for (const { name, key, programs } of searches)
      answers[name] = partOf(answered[key] as Reading<LooseProcesses>, programs);
    return answers as Answers<W> & Told;
  }
}

function joined(before: ProcessesQuestion | undefined, question: ProcessesQuestion): ProcessesQuestion {
  if (before === undefined) return question;
  return { ...question, programs: [...new Set([...before.programs, ...question.programs])] };
}

function partOf(all: Reading<LooseProcesses>, programs: readonly string[]): Reading<LooseProcesses> {
  if (!all.ok) return all;
  const isAsked = anyMatcher(programs);
  return found({ ...all.value, found: all.value.found.filter(({ program }) => isAsked(program)) });
}
