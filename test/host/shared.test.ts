import { describe, expect, it } from 'vitest';

import { head, list, type Want } from '../../lib/host/ask.ts';
import type { AskOptions, Host } from '../../lib/host/host.ts';
import { mergedText, openRecording, RecordingHost } from '../../lib/host/replay.ts';
import { SharedHost } from '../../lib/host/shared.ts';
import { found } from '../../lib/reading.ts';

/** Answers each question with how often it was asked so far, and notes the batches. */
function counting() {
  const batches: string[][] = [];
  const asked = new Map<string, number>();
  let busy = 0;
  const host = {
    async ask(want: Want, { afterSeconds = 0 }: AskOptions = {}) {
      expect(busy++, 'batches at a time').toBe(0);
      await new Promise((resolve) => setImmediate(resolve));
      busy--;
      const answers: Record<string, unknown> = {};
      batches.push(Object.values(want).map((question) => `${afterSeconds} ${JSON.stringify(question)}`));
      for (const [name, question] of Object.entries(want)) {
        const key = JSON.stringify(question);
        asked.set(key, (asked.get(key) ?? 0) + 1);
        answers[name] = found([String(asked.get(key))]);
      }
      const now = { epochSeconds: batches.length, uptimeSeconds: null, bootId: '' };
      return { ...answers, now, who: { uid: 0, gid: 0, nodeName: 'kvm1' } };
    },
  } as unknown as Host;
  return { host, batches };
}

const A = list('/a');
const B = list('/b');
const C = list('/c');

describe('a shared host', () => {
  it('asks what several ask at once in one batch, and the same only once', async () => {
    const { host, batches } = counting();
    const shared = new SharedHost(host).forOne();
    const [one, two] = await Promise.all([shared.ask({ a: A, b: B }), shared.ask({ x: B, y: C })]);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toHaveLength(3);
    expect(one.b).toEqual(two.x);
    expect(one.who.nodeName).toBe('kvm1');
  });

  it('asks what was asked before no second time, and the rest in the next batch', async () => {
    const { host, batches } = counting();
    const shared = new SharedHost(host).forOne();
    await shared.ask({ a: A });
    const again = await shared.ask({ a: A, c: C });
    expect(again.a).toEqual(found(['1']));
    expect(batches.map((batch) => batch.length)).toEqual([1, 1]);
  });

  it('looks again for whoever asks for a second look, and only for him', async () => {
    const { host, batches } = counting();
    const shared = new SharedHost(host);
    const [one, two, three] = [shared.forOne(), shared.forOne(), shared.forOne()];
    await one.ask({ a: A });
    const [second, other] = await Promise.all([
      one.ask({ a: A }, { afterSeconds: 1 }),
      two.ask({ b: B }, { afterSeconds: 1 }),
    ]);
    expect(second.a).toEqual(found(['2']));
    expect(other.b).toEqual(found(['1']));
    expect(batches[1]).toEqual([expect.stringMatching(/^1 .*\/a/), expect.stringMatching(/^1 .*\/b/)]);
    // What belongs to a second look is not taken from a first one; who looks for the first time is told what was seen then.
    expect((await one.ask({ a: A })).a).toEqual(found(['3']));
    expect((await three.ask({ a: A })).a).toEqual(found(['1']));
  });

  it('replays to each check the look that it is at, whoever else is further on', async () => {
    const recorder = new RecordingHost(counting().host);
    await recorder.ask({ a: A, b: B });
    await recorder.ask({ a: A }, { afterSeconds: 1 });
    const recording = openRecording(recorder.text(''), 'two looks');
    if (!recording.ok) throw new Error(recording.detail);
    const shared = new SharedHost(recording.value);
    const [one, two] = [shared.forOne(), shared.forOne()];
    await one.ask({ a: A });
    expect((await one.ask({ a: A }, { afterSeconds: 1 })).a).toEqual(found(['2']));
    expect((await two.ask({ b: B })).b).toEqual(found(['1']));
    expect((await two.ask({ a: A }, { afterSeconds: 1 })).a).toEqual(found(['2']));
  });

  it('answers a batch without questions', async () => {
    const { host } = counting();
    expect((await new SharedHost(host).forOne().ask({})).who.nodeName).toBe('kvm1');
  });

  it('tells everybody who asked when a host breaks, and goes on', async () => {
    const { host } = counting();
    let isBroken = true;
    const shared = new SharedHost({
      ask: (want: Want) => (isBroken ? Promise.reject(new Error('broken')) : host.ask(want)),
    } as unknown as Host).forOne();
    const both = await Promise.allSettled([shared.ask({ a: A }), shared.ask({ b: B })]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect((await shared.ask({ c: C })).c).toEqual(found(['1']));
  });
});

describe('what several checks saw', () => {
  const text = (bytes: string) => found({ bytes: Buffer.from(bytes), cut: false });
  const answering = (answers: Readonly<Record<string, unknown>>): Host =>
    ({
      ask: (want: Want) =>
        Promise.resolve({
          ...Object.fromEntries(Object.keys(want).map((name) => [name, answers[name]])),
          now: { epochSeconds: 5, uptimeSeconds: 1, bootId: 'b' },
          who: { uid: 0, gid: 0, nodeName: 'kvm1' },
        }),
    }) as unknown as Host;

  it('is one recording that each of them can be replayed from', async () => {
    const one = new RecordingHost(answering({ motd: text('hello\n'), again: text('later\n') }));
    const two = new RecordingHost(
      answering({ motd: { ...text('he'), value: { bytes: Buffer.from('he'), cut: true } }, a: found(['x']) }),
    );
    await two.ask({ motd: head('/etc/motd', 2), a: A });
    await one.ask({ motd: head('/etc/motd', 100) });
    await one.ask({ again: head('/etc/motd', 100) }, { afterSeconds: 1 });
    const merged = openRecording(mergedText([two, one], 'both'), 'merged');
    if (!merged.ok) throw new Error(merged.detail);
    const first = await merged.value.ask({ all: head('/etc/motd', 100), part: head('/etc/motd', 2), a: A });
    // Of two that read the same file, the one that read more of it is kept: it serves both.
    expect(first.all).toEqual(text('hello\n'));
    expect(first.part).toMatchObject({ value: { cut: true } });
    expect(first.a).toEqual(found(['x']));
    const second = await merged.value.ask({ again: head('/etc/motd', 100) }, { afterSeconds: 1 });
    expect(second.again).toEqual(text('later\n'));
  });
});
