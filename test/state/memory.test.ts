import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { run } from '../../lib/cli/run.ts';
import { definePlugin, type AnyPlugin } from '../../lib/plugin.ts';
import { MemoryFile } from '../../lib/state/memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MEMORY = { epochSeconds: 1764000000, bootId: 'b', value: { speeds: [1, 2] } };

describe('a memory', () => {
  it('is what was written last', () => {
    const file = new MemoryFile(join(folder, 'new'), 'check_x', 'kvm1', []);
    expect(file.read()).toBeNull();
    expect(file.write(MEMORY)).toBeNull();
    expect(file.read()).toEqual(MEMORY);
    expect(readdirSync(join(folder, 'new'))).toHaveLength(1);
  });

  it('is not shared by hosts, checks, or choices of things', () => {
    const paths = [
      new MemoryFile(folder, 'check_x', 'a', []),
      new MemoryFile(folder, 'check_x', 'b', []),
      new MemoryFile(folder, 'check_y', 'a', []),
      new MemoryFile(folder, 'check_x', 'a', ['bond0']),
      new MemoryFile(folder, 'check_x', '../../etc/a', []),
    ].map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path.slice(folder.length + 1)).not.toContain('/');
  });

  it.each(['', '{', '[]', 'null', '{"epochSeconds":"1","bootId":"b"}', '{"epochSeconds":1}'])(
    'that is none of ours is none: %j',
    (text) => {
      const file = new MemoryFile(folder, 'check_broken', 'kvm1', [text]);
      writeFileSync(file.path, text);
      expect(file.read()).toBeNull();
      expect(file.write(MEMORY)).toBeNull();
      expect(file.read()).toEqual(MEMORY);
    },
  );

  it('does not follow a link to another file, and does not write through one', () => {
    const file = new MemoryFile(folder, 'check_link', 'kvm1', []);
    const target = join(folder, 'target');
    writeFileSync(target, JSON.stringify(MEMORY));
    symlinkSync(target, file.path);
    expect(file.read()).toBeNull();
    expect(file.write({ ...MEMORY, value: 'new' })).toBeNull();
    expect(file.read()).toEqual({ ...MEMORY, value: 'new' });
  });

  it('that cannot be kept is said, and leaves nothing behind', () => {
    const file = new MemoryFile(join(folder, 'target', 'below a file'), 'check_x', 'kvm1', []);
    expect(file.write(MEMORY)).toMatchObject({ ok: false, why: 'failed' });
  });
});

/** Counts its runs. */
const counter: AnyPlugin = definePlugin({
  name: 'check_counter',
  summary: 'counts its runs',
  description: ['Counts.'],
  options: {},
  kinds: {},
  metrics: { runs: { unit: '', meaning: 'runs' } },
  main: 'runs',
  looksFor: 'runs',
  interval: '5m',
  access: { unprivileged: 'all', root: '', reads: [], secrets: [], runs: [] },
  examples: [],
  remembers: true,
  gather: (host) => host.ask({}),
  judge(_facts, _options, memory) {
    const runs = Number(memory?.value ?? 0) + 1;
    return {
      findings: [],
      summary: `${runs} runs`,
      measurements: [{ metric: 'runs' as const, value: runs }],
      items: [],
      remember: runs,
    };
  },
});

describe('--state-dir', () => {
  it('gives the judge what it wanted to remember', async () => {
    const args = ['--state-dir', join(folder, 'runs')];
    expect((await run(counter, args)).text).toContain('1 runs');
    expect((await run(counter, args)).text).toContain('2 runs');
    expect((await run(counter, [])).text).toContain('1 runs');
  });

  it('keeps recordings and other trees apart from this machine', async () => {
    const recording = join(folder, 'recording');
    writeFileSync(recording, 'hypervisor-checks recording 1\nlook 1\nclock 1\nwho uid=0 gid=0\nend\n');
    for (const place of [[], ['--root', '/'], ['--root', '/proc/self/root'], ['--replay', recording]]) {
      const args = ['--state-dir', join(folder, 'places'), ...place];
      expect((await run(counter, args)).text).toContain('1 runs');
      expect((await run(counter, args)).text).toContain('2 runs');
    }
  });

  it('that cannot be written makes the check UNKNOWN, with the path', async () => {
    const { code, text } = await run(counter, ['--state-dir', '/proc/nothing']);
    expect(code).toBe(3);
    expect(text).toContain('/proc/nothing/check_counter@');
    expect(existsSync('/proc/nothing')).toBe(false);
  });

  it('is an option of those that remember only', async () => {
    const { default: invtsc } = await import('../../plugins/check_invtsc.ts');
    expect(await run(invtsc, ['--state-dir', folder])).toMatchObject({ code: 3 });
  });
});
