import { writeSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Progress } from '../../../lib/cli/suite/progress.ts';

vi.mock('node:fs', () => ({ writeSync: vi.fn() }));

const written = (): readonly unknown[] => vi.mocked(writeSync).mock.calls.map(([, text]) => text);

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.mocked(writeSync).mockClear();
});

describe('the progress', () => {
  it('is shown where it takes a while, and wiped away', () => {
    const progress = new Progress(3, true);
    progress.ended('check_a');
    expect(written()).toEqual([]);
    vi.advanceTimersByTime(1000);
    progress.ended('check_b');
    expect(written()).toEqual(['\r\x1b[K2 of 3 checks: check_b']);
    progress.clear();
    expect(written().at(-1)).toBe('\r\x1b[K');
  });

  it('is not shown where it was quick, nor where nobody sees it', () => {
    const quick = new Progress(1, true);
    quick.ended('check_a');
    quick.clear();
    const unseen = new Progress(1, false);
    vi.advanceTimersByTime(1000);
    unseen.ended('check_a');
    unseen.clear();
    expect(written()).toEqual([]);
  });
});
