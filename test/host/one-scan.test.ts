import { describe, expect, it } from 'vitest';

import { head, link, list, processes, type ProcessesQuestion, type Want } from '../../lib/host/ask.ts';
import { OneScan } from '../../lib/host/one-scan.ts';
import { failed, found, type Reading } from '../../lib/reading.ts';
import { anyMatcher } from '../../lib/glob.ts';

const RUNNING = ['qemu-kvm', 'virtlogd', 'dnsmasq', 'kvm'];

/** Answers searches from RUNNING, and notes what was asked. */
function machine(isClosed = false) {
  const asked: Want[] = [];
  const search = ({ programs }: ProcessesQuestion): Reading<unknown> => {
    if (isClosed) return failed('denied', '/proc');
    const isAsked = anyMatcher(programs);
    const all = RUNNING.map((program, pid) => ({ pid, program, cmdline: found(program) }));
    return found({ found: all.filter(({ program }) => isAsked(program)), scanned: 9, undecided: [7] });
  };
  const host = new OneScan({
    ask: (want: Want) => {
      asked.push(want);
      const answers = Object.entries(want).map(([name, question]) => [
        name,
        question.op === 'processes' ? search(question) : found([name]),
      ]);
      return Promise.resolve({ ...Object.fromEntries(answers), now: 1, who: 2 });
    },
  });
  return { host, asked };
}

const WANT = { cmdline: head('cmdline', 10) };
const names = (reading: Reading<{ readonly found: readonly { readonly program: string }[] }>): unknown =>
  reading.ok ? reading.value.found.map(({ program }) => program) : reading.why;

describe('searches for processes', () => {
  it('that want the same are one, and each is told of its own programs', async () => {
    const { host, asked } = machine();
    const { guests, more, folder } = await host.ask({
      guests: processes(['qemu-*', 'kvm'], WANT),
      more: processes(['kvm', 'virtlogd'], WANT),
      folder: list('/a'),
    });
    expect([names(guests), names(more)]).toEqual([
      ['qemu-kvm', 'kvm'],
      ['virtlogd', 'kvm'],
    ]);
    expect(folder).toEqual(found(['folder']));
    expect(guests).toMatchObject({ value: { scanned: 9, undecided: [7] } });
    const [batch = {}] = asked;
    const [search, ...others] = Object.values(batch).filter(({ op }) => op === 'processes');
    expect(search).toMatchObject({ programs: ['qemu-*', 'kvm', 'virtlogd'], minThreads: 1 });
    expect(others).toEqual([]);
    // The same answer, not an equal one: what is made of it is made once.
    if (!guests.ok || !more.ok) throw new Error('not found');
    expect(guests.value.found[1]).toBe(more.value.found[1]);
  });

  it('that want something else, or count threads, stay apart', async () => {
    const { host, asked } = machine();
    await host.ask({
      a: processes(['kvm'], WANT),
      b: processes(['kvm'], { exe: link('exe') }),
      c: processes(['kvm'], WANT, { minThreads: 2 }),
    });
    expect(Object.values(asked[0] ?? {})).toHaveLength(3);
  });

  it('fail together, and are none where none was asked for', async () => {
    const { host } = machine(true);
    const both = await host.ask({ a: processes(['kvm'], WANT), b: processes(['dnsmasq'], WANT) });
    expect([names(both.a), names(both.b)]).toEqual(['denied', 'denied']);
    const { host: open, asked } = machine();
    expect((await open.ask({})).now).toBe(1);
    expect(asked).toEqual([{}]);
  });
});
