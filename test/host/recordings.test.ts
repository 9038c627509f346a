import { describe, expect, it } from 'vitest';

import { bytes, list } from '../../lib/host/ask.ts';
import type { Host } from '../../lib/host/host.ts';
import { openMachines, withMachines } from '../../lib/host/recordings.ts';
import { openRecording, RecordingHost } from '../../lib/host/replay.ts';
import { failed, type Failure } from '../../lib/reading.ts';

const text = (node: string, content: string): string =>
  [
    'hypervisor-checks recording 1',
    'look 1',
    'clock 1764000000 uptime=5 boot=b',
    `who uid=0 gid=0 node=${node}`,
    'ok bytes head /etc/hostname',
    ...content.split('\n').map((line) => `  |${line}`),
    'end',
    '',
  ].join('\n');

async function recorded(node: string, content: string): Promise<RecordingHost> {
  const opened = openRecording(text(node, content), 'test');
  if (!opened.ok) throw new Error('not a recording');
  const host = new RecordingHost(opened.value);
  await host.ask({ name: bytes('/etc/hostname') });
  return host;
}

async function nameOf(host: Host): Promise<string> {
  const { name } = await host.ask({ name: bytes('/etc/hostname') });
  return name.ok ? Buffer.from(name.value.bytes).toString() : name.why;
}

const OTHERS = async () =>
  new Map<string, RecordingHost | Failure>([
    ['root@jill:22', await recorded('jill', 'jill\nmachine forged\nend\nunreachable x')],
    ['jack', failed('unreachable', 'jack', 'connection refused,\nreally')],
    ['last one', await recorded('last', 'the last')],
  ]);

describe('a recording of several machines', () => {
  it('gives each of them back, and why one could not be reached', async () => {
    const first = (await recorded('jane', 'jane')).text('a comment');
    const { first: host, others } = openMachines(withMachines(first, await OTHERS()), 'test');
    expect(host.ok && (await nameOf(host.value))).toBe('jane\n');
    expect([...others.keys()]).toEqual(['root@jill:22', 'jack', 'last one']);
    const [jill, jack, last] = [...others.values()];
    expect(jill?.ok === true && (await nameOf(jill.value))).toBe(
      'jill\nmachine forged\nend\nunreachable x\n',
    );
    expect(jack).toEqual(failed('unreachable', 'jack', 'connection refused,\nreally'));
    expect(last?.ok === true && (await nameOf(last.value))).toBe('the last\n');
  });

  it('is that of one where there is one', async () => {
    const one = (await recorded('jane', 'jane')).text('');
    expect(withMachines(one, new Map())).toBe(one);
    const { first, others } = openMachines(one, 'test');
    expect(first.ok).toBe(true);
    expect(others.size).toBe(0);
  });

  it('knows what was not asked of each', async () => {
    const all = withMachines((await recorded('jane', 'jane')).text(''), await OTHERS());
    const jill = openMachines(all, 'test').others.get('root@jill:22');
    if (jill?.ok !== true) throw new Error('jill is not there');
    const { names } = await jill.value.ask({ names: list('/etc') });
    expect(names).toMatchObject({ ok: false, why: 'notRecorded' });
  });

  it('is not read when it is cut off, wherever', async () => {
    const lines = withMachines((await recorded('jane', 'jane')).text(''), await OTHERS()).trimEnd().split('\n');
    for (let length = 0; length < lines.length; length += 1) {
      const { first, others } = openMachines(lines.slice(0, length).join('\n'), 'test');
      const all = [first, ...others.values()];
      expect(all.some((one) => !one.ok && one.why === 'unparsable'), `${length} lines`).toBe(true);
    }
  }); // prettier-ignore
});
