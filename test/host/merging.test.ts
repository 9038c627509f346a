import { expect, it } from 'vitest';

import { bytes, list, type Answers, type Want } from '../../lib/host/ask.ts';
import type { AskOptions, Clock, Host, Identity } from '../../lib/host/host.ts';
import { MergingHost } from '../../lib/host/merging.ts';

/** Answers each question with itself, one batch at a time. */
class Echo implements Host {
  readonly batches: string[][] = [];
  #isBusy = false;

  async ask<const W extends Want>(
    want: W,
    { afterSeconds = 0 }: AskOptions = {},
  ): Promise<Answers<W> & { readonly now: Clock; readonly who: Identity }> {
    if (this.#isBusy) throw new Error('asked while it answers');
    this.#isBusy = true;
    const questions = Object.values(want);
    this.batches.push([
      ...(afterSeconds > 0 ? ['later'] : []),
      ...questions.map((one) => JSON.stringify(one)),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.#isBusy = false;
    if (questions.some((one) => 'path' in one && one.path === '/lost')) throw new Error('lost');
    const now = { epochSeconds: this.batches.length, uptimeSeconds: null, bootId: '' };
    return { ...want, now, who: { uid: 0, gid: 0, nodeName: 'far' } } as never;
  }
}

it('sends what is asked at the same time together, and gives each asker its own answers', async () => {
  const host = new Echo();
  const far = new MergingHost(host);
  const [one, two] = await Promise.all([
    far.ask({ a: bytes('/one'), b: list('/x') }),
    (async () => (await Promise.resolve(), await far.ask({ a: bytes('/two') })))(),
  ]);
  expect(host.batches).toHaveLength(1);
  expect(one).toMatchObject({ a: bytes('/one'), b: list('/x'), now: { epochSeconds: 1 } });
  expect(Object.keys(one).sort()).toEqual(['a', 'b', 'now', 'who']);
  expect(two).toMatchObject({ a: bytes('/two'), who: { nodeName: 'far' } });
});

it('never asks while an answer is on its way, a second look neither', async () => {
  const host = new Echo();
  const far = new MergingHost(host);
  const first = far.ask({ a: bytes('/one') });
  await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all([
    first,
    far.ask({ a: bytes('/two') }),
    far.ask({ a: bytes('/three') }, { afterSeconds: 1 }),
  ]);
  expect(host.batches).toHaveLength(3);
  expect(host.batches.filter(([kind]) => kind === 'later')).toHaveLength(1);
});

it('tells all who asked that it was lost, and goes on with what is asked later', async () => {
  const far = new MergingHost(new Echo());
  const both = await Promise.allSettled([far.ask({ a: bytes('/lost') }), far.ask({ a: bytes('/two') })]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await far.ask({ a: bytes('/two') })).toMatchObject({ a: bytes('/two') });
});
